import type { AbiEvent } from 'viem';
import type { Details } from '../../../schema/events/place.ts';
import type { ContractLog, ContractTransaction } from '../abi/contract-logs.ts';
import type { EventArgs } from '../abi/event-decoder.ts';
import * as fees from './fee-events.ts';
import { keyOf } from './trade.ts';
import * as trades from './trade-events.ts';

/**
 * What several logs of a transaction store of one trade beside its size: accumulators at its last
 * settlement and the amounts realized on it. Each is an absolute value, so the last one holds.
 */
interface Stored {
  readonly key: string;
  readonly details: Details;
}

type Reader = (log: ContractLog) => Stored;
const READERS = new Map<AbiEvent, Reader>();

function stores<const Event extends AbiEvent>(
  event: Event,
  read: (args: EventArgs<Event>, log: ContractLog) => Stored,
): void {
  READERS.set(event, (log) => read(log.args as EventArgs<Event>, log));
}

interface OfTrade {
  readonly trader: string;
  readonly index: number;
}

function stored({ trader, index }: OfTrade, values: Record<string, bigint | number>): Stored {
  const details = Object.entries(values).map(([name, value]) => [name, String(value)]);
  return { key: keyOf(trader, index), details: Object.fromEntries(details) };
}

for (const event of [
  fees.borrowingInitialAccFeesStoredV8,
  fees.borrowingInitialAccFeesStoredV9,
  fees.borrowingInitialAccFeesStoredV10,
] as const) {
  stores(event, (args, { place }) =>
    stored(args, {
      initialPairAccFee: args.initialPairAccFee,
      initialGroupAccFee: args.initialGroupAccFee,
      initialAccBlock: place.blockNumber,
    }),
  );
}
stores(fees.tradeInitialAccFeesStored, (args) =>
  stored(args, {
    initialAccFundingFeeP: args.newInitialAccFundingFeeP,
    initialAccBorrowingFeeP: args.newInitialAccBorrowingFeeP,
  }),
);
stores(fees.holdingFeesChargedOnTrade, (args) =>
  stored(args, {
    realizedPnlCollateral: args.newRealizedPnlCollateral,
    realizedTradingFeesCollateral: args.newRealizedTradingFeesCollateral,
  }),
);
stores(fees.holdingFeesRealizedOnTrade, (args) =>
  stored(args, { realizedPnlCollateral: args.newRealizedPnlCollateral }),
);
stores(fees.tradingFeesRealized, (args) =>
  stored(args, {
    realizedTradingFeesCollateral: args.newRealizedFeesCollateral,
    realizedPnlCollateral: args.newRealizedPnlCollateral,
  }),
);
stores(fees.pnlRealizedOnOpenTrade, (args) =>
  stored(args, { realizedPnlCollateral: args.newRealizedPnlCollateral }),
);
stores(fees.tradeNegativePnlManuallyRealized, (args) =>
  stored(args, {
    manuallyRealizedNegativePnlCollateral: args.newManuallyRealizedNegativePnlCollateral,
  }),
);
stores(fees.tradePositivePnlWithdrawn, (args) =>
  stored(args, { pnlWithdrawnCollateral: args.pnlWithdrawnCollateral }),
);
stores(fees.tradeFeesDataDownscaled, (args) => {
  const { realizedPnlCollateral, realizedTradingFeesCollateral } = args.newTradeFeesData;
  return stored(args, { realizedPnlCollateral, realizedTradingFeesCollateral });
});

/** Every value that the transaction's logs store of the trade, the last one of each name. */
export function storedDetails(transaction: ContractTransaction, key: string): Details {
  const found = transaction.logs.map((log) => READERS.get(log.decoder.event)?.(log));
  const ours = found.filter((one) => one?.key === key).map((one) => one?.details ?? {});
  return Object.assign({}, ...ours) as Details;
}

/** Trade key the log stores something of; null for any other log. */
export function storedKey(log: ContractLog): string | null {
  return READERS.get(log.decoder.event)?.(log).key ?? null;
}

/** Whether it is the last log of its transaction that stores something of that trade. */
export function isLastStored(log: ContractLog, key: string): boolean {
  const last = log.transaction.logs.findLast((other) => storedKey(other) === key);
  return last?.place.logIndex === log.place.logIndex;
}

/** Keys of the trades whose size, collateral or existence a log of the transaction states. */
export function changedKeys({ logs }: ContractTransaction): ReadonlySet<string> {
  return new Set(logs.map(changedKey).filter((key) => key !== null));
}

const BY_ID: ReadonlySet<AbiEvent> = new Set<AbiEvent>([
  trades.tradeClosedV8,
  trades.tradeCollateralUpdatedV8,
  trades.tradePositionUpdatedV9,
  trades.tradePositionUpdatedV92First,
]);
const BY_USER: ReadonlySet<AbiEvent> = new Set<AbiEvent>([
  trades.tradeClosedV92,
  trades.tradeCollateralUpdatedV92,
  trades.tradePositionUpdatedV92,
  trades.tradePositionUpdatedV10,
]);

interface Named {
  readonly user: string;
  readonly index: number;
}

function changedKey(log: ContractLog): string | null {
  const args = log.args as { trade?: Named; tradeId?: Named } & Named;
  const { event } = log.decoder;
  if (event.name === 'TradeStored' && args.trade) return keyOf(args.trade.user, args.trade.index);
  if (BY_ID.has(event) && args.tradeId) return keyOf(args.tradeId.user, args.tradeId.index);
  return BY_USER.has(event) ? keyOf(args.user, args.index) : null;
}
