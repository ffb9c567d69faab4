import type { AbiEvent } from 'viem';
import type { Details } from '../../../schema/events/place.ts';
import type { ContractLog, ContractTransaction } from '../abi/contract-logs.ts';
import type { EventArgs } from '../abi/event-decoder.ts';
import type { PositionMemory } from '../position-memory.ts';
import { detailsOf } from './details.ts';
import * as events from './execution-events.ts';
import { resolveTrade, type TradeRef, tradeRef } from './reindexed.ts';
import { keyOf, ORDER, type Trade } from './trade.ts';

/** An *Executed event, whatever its version. Units: the contract's raw integers. */
export interface Execution {
  readonly user: string;
  /** Null where a cancelled order's log cannot be read without doubt (see reindexed.ts). */
  readonly ref: TradeRef | null;
  readonly collateralIndex: number | null;
  /** Key of the order, not of the trade. */
  readonly orderKey: string;
  /** PendingOrderType. */
  readonly orderType: number;
  /** 0 = executed; else nothing happened. */
  readonly cancelReason: number;
  /** Market and trigger orders: the trade, as it was before a close. */
  readonly trade: Trade | null;
  /** 1e10; 0 where not logged. */
  readonly executionPrice: bigint;
  /** The oracle's price, 1e10; 0 where not logged. */
  readonly oraclePrice: bigint;
  /** Executed at the order's own trigger price, which is then logged as the oracle's. */
  readonly isExact: boolean;
  /** 1e8; 0 where not logged. */
  readonly collateralPriceUsd: bigint;
  /** Collateral base units, at the execution price and before fees; 0 on increases. */
  readonly realizedPnlRaw: bigint;
  /** Size before and its change, collateral base units; partial orders only. */
  readonly resize: { readonly existing: bigint; readonly delta: bigint } | null;
  readonly details: Details;
}

/** percentProfit: 1e10 = 1 %. */
const PERCENT_ONE = 10n ** 12n;
const OMITTED = ['t', 'orderId', 'user', 'trader', 'index', 'pairIndex', 'long'];

type Reader = (log: ContractLog, memory: PositionMemory) => Execution;
const READERS = new Map<AbiEvent, Reader>();

function reads<const Event extends AbiEvent>(
  event: Event,
  read: (args: EventArgs<Event>, log: ContractLog, memory: PositionMemory) => Execution,
): void {
  READERS.set(event, (log, memory) => read(log.args as EventArgs<Event>, log, memory));
}

/** Null when the log is not an *Executed event. */
export function executionOf(log: ContractLog, memory: PositionMemory): Execution | null {
  return READERS.get(log.decoder.event)?.(log, memory) ?? null;
}

/** Executions of the transaction in log order, those after `logIndex` only; cancelled ones left out. */
export function executionsAfter(
  transaction: ContractTransaction,
  logIndex: number,
  memory: PositionMemory,
): readonly Execution[] {
  return transaction.logs
    .filter((log) => log.place.logIndex > logIndex)
    .map((log) => executionOf(log, memory))
    .filter((execution): execution is Execution => execution?.cancelReason === 0);
}

interface ClosingArgs {
  readonly t: Trade;
  readonly orderId: { readonly user: string; readonly index: number };
  readonly percentProfit: bigint;
  readonly collateralPriceUsd: bigint;
}

function ofTrade(
  args: ClosingArgs,
  orderType: number,
  prices: {
    readonly executionPrice: bigint;
    readonly oraclePrice: bigint;
    readonly isExact?: boolean;
  },
): Execution {
  const { t, orderId, percentProfit, collateralPriceUsd } = args;
  return {
    user: t.user,
    ref: { index: t.index, pairIndex: t.pairIndex },
    collateralIndex: t.collateralIndex,
    orderKey: keyOf(orderId.user, orderId.index),
    orderType,
    cancelReason: 0,
    trade: t,
    isExact: false,
    collateralPriceUsd,
    realizedPnlRaw: isOpening(orderType) ? 0n : (t.collateralAmount * percentProfit) / PERCENT_ONE,
    resize: null,
    details: detailsOf(args, OMITTED),
    ...prices,
  };
}

/** Whether an order of that type makes a new position. */
export function isOpening(orderType: number): boolean {
  return (
    orderType === ORDER.marketOpen || orderType === ORDER.limitOpen || orderType === ORDER.stopOpen
  );
}

const marketType = (open: boolean) => (open ? ORDER.marketOpen : ORDER.marketClose);

// v8 logs the price after spread and impact only.
reads(events.marketExecutedV8, (args) =>
  ofTrade(args, marketType(args.open), { executionPrice: args.price, oraclePrice: 0n }),
);
reads(events.limitExecutedV8, (args) =>
  ofTrade(args, args.orderType, { executionPrice: args.price, oraclePrice: 0n }),
);
// v9.2: an opened trade holds its price; of a close, marketPrice is the nearest that the log tells.
reads(events.marketExecutedV92, (args) =>
  ofTrade(args, marketType(args.open), {
    executionPrice: args.open ? args.t.openPrice : args.marketPrice,
    oraclePrice: args.oraclePrice,
  }),
);
reads(events.limitExecutedV92, (args) =>
  ofTrade(args, args.orderType, {
    executionPrice: isOpening(args.orderType) ? args.t.openPrice : args.marketPrice,
    oraclePrice: args.oraclePrice,
    isExact: args.exactExecution,
  }),
);
reads(events.marketExecutedV10, (args) =>
  ofTrade(args, marketType(args.open), {
    executionPrice: args.priceImpact.priceAfterImpact,
    oraclePrice: args.oraclePrice,
  }),
);
reads(events.limitExecutedV10, (args) =>
  ofTrade(args, args.orderType, {
    executionPrice: args.priceImpact.priceAfterImpact || args.marketPrice,
    oraclePrice: args.oraclePrice,
    isExact: args.exactExecution,
  }),
);

interface UpdateArgs {
  readonly orderId: { readonly user: string; readonly index: number };
  readonly cancelReason: number;
  readonly collateralIndex?: number;
  readonly trader: string;
  readonly pairIndex: bigint;
  readonly index: bigint;
  readonly collateralPriceUsd?: bigint;
}

function ofUpdate(
  args: UpdateArgs,
  orderType: number,
  known: Partial<Execution> & Pick<Execution, 'oraclePrice'>,
): Execution {
  return {
    user: args.trader,
    ref: 'ref' in known ? null : tradeRef(args.pairIndex, args.index),
    collateralIndex: args.collateralIndex ?? null,
    orderKey: keyOf(args.orderId.user, args.orderId.index),
    orderType,
    cancelReason: args.cancelReason,
    trade: null,
    executionPrice: known.oraclePrice,
    isExact: false,
    collateralPriceUsd: args.collateralPriceUsd ?? 0n,
    realizedPnlRaw: 0n,
    resize: null,
    details: detailsOf(args, OMITTED),
    ...known,
  };
}

/** Reads (pairIndex, index) of the two events that were indexed anew under one topic 0. */
function reindexed(args: UpdateArgs, log: ContractLog, memory: PositionMemory): TradeRef | null {
  const values = { topic: args.pairIndex, word: args.index };
  return resolveTrade(args.trader, values, log.transaction, memory);
}

reads(events.leverageUpdateExecutedV9Early, (args) =>
  ofUpdate(args, ORDER.updateLeverage, { oraclePrice: args.marketPrice }),
);
reads(events.leverageUpdateExecutedV9, (args, log, memory) =>
  ofUpdate(args, ORDER.updateLeverage, {
    oraclePrice: args.marketPrice,
    ref: reindexed(args, log, memory),
  }),
);
reads(events.leverageUpdateExecutedV10, (args) =>
  ofUpdate(args, ORDER.updateLeverage, { oraclePrice: args.oraclePrice }),
);

interface Resize {
  readonly existingPositionSizeCollateral: bigint;
  readonly positionSizeCollateralDelta: bigint;
}
const resizeOf = ({ existingPositionSizeCollateral, positionSizeCollateralDelta }: Resize) => ({
  existing: existingPositionSizeCollateral,
  delta: positionSizeCollateralDelta,
});

reads(events.positionSizeIncreaseExecutedV9, (args) =>
  ofUpdate(args, ORDER.partialOpen, {
    oraclePrice: args.marketPrice,
    executionPrice: args.values.priceAfterImpact,
    resize: resizeOf(args.values),
  }),
);
reads(events.positionSizeIncreaseExecutedV92First, (args, log, memory) =>
  ofUpdate(args, ORDER.partialOpen, {
    oraclePrice: args.marketPrice,
    executionPrice: args.values.priceAfterImpact,
    resize: resizeOf(args.values),
    ref: reindexed(args, log, memory),
  }),
);
reads(events.positionSizeIncreaseExecutedV92, (args) =>
  ofUpdate(args, ORDER.partialOpen, {
    oraclePrice: args.oraclePrice,
    executionPrice: args.values.priceAfterImpact,
    resize: resizeOf(args.values),
  }),
);
reads(events.positionSizeIncreaseExecutedV10, (args) =>
  ofUpdate(args, ORDER.partialOpen, {
    oraclePrice: args.oraclePrice,
    executionPrice: args.values.priceImpact.priceAfterImpact,
    resize: resizeOf(args.values),
  }),
);

/** Pnl of the closed part, as DecreasePositionSizeUtils.prepareValues takes it: in proportion. */
function partialPnl(values: Resize & { readonly existingPnlCollateral: bigint }): bigint {
  const { existing, delta } = resizeOf(values);
  return existing === 0n ? 0n : (values.existingPnlCollateral * delta) / existing;
}

reads(events.positionSizeDecreaseExecutedV9, (args) =>
  ofUpdate(args, ORDER.partialClose, {
    oraclePrice: args.marketPrice,
    realizedPnlRaw: partialPnl(args.values),
    resize: resizeOf(args.values),
  }),
);
reads(events.positionSizeDecreaseExecutedV92First, (args) =>
  ofUpdate(args, ORDER.partialClose, {
    oraclePrice: args.marketPrice,
    executionPrice: args.values.priceAfterImpact,
    realizedPnlRaw: partialPnl(args.values),
    resize: resizeOf(args.values),
  }),
);
reads(events.positionSizeDecreaseExecutedV92, (args) =>
  ofUpdate(args, ORDER.partialClose, {
    oraclePrice: args.oraclePrice,
    executionPrice: args.values.priceAfterImpact,
    realizedPnlRaw: partialPnl(args.values),
    resize: resizeOf(args.values),
  }),
);
reads(events.positionSizeDecreaseExecutedV10, (args) =>
  ofUpdate(args, ORDER.partialClose, {
    oraclePrice: args.oraclePrice,
    executionPrice: args.values.priceImpact.priceAfterImpact,
    realizedPnlRaw: args.values.partialRawPnlCollateral,
    resize: resizeOf(args.values),
  }),
);
