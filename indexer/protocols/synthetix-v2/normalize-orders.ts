import type { OrderEvent } from '../../../schema/events/position.ts';
import { type ContractLog, siblings } from '../abi/contract-logs.ts';
import type { EventArgs } from '../abi/event-decoder.ts';
import { magnitude, valueUsd } from './amounts.ts';
import {
  type delayedOrderRemoved,
  type delayedOrderRemoved2022,
  type delayedOrderSubmitted,
  type delayedOrderSubmitted2022,
  type positionFlagged,
  type positionFlagged2023,
  positionModified,
  positionModified2022,
} from './events.ts';
import { checkWidths } from './stored-widths.ts';
import { detailsOf, positionKeyOf } from './venue-context.ts';

/** IPerpsV2MarketBaseTypes.OrderType. */
export const ATOMIC_ORDER = 0;
const DELAYED_ORDER = 1;
const OFFCHAIN_ORDER = 2;

export function orderTypeOf(isOffchain: boolean): number {
  return isOffchain ? OFFCHAIN_ORDER : DELAYED_ORDER;
}

type RemovedLog = ContractLog<
  EventArgs<typeof delayedOrderRemoved> | EventArgs<typeof delayedOrderRemoved2022>
>;
type SubmittedLog = ContractLog<
  EventArgs<typeof delayedOrderSubmitted> | EventArgs<typeof delayedOrderSubmitted2022>
>;
type FlaggedLog = ContractLog<
  EventArgs<typeof positionFlagged> | EventArgs<typeof positionFlagged2023>
>;
type ModifiedLog = ContractLog<
  EventArgs<typeof positionModified> | EventArgs<typeof positionModified2022>
>;

/**
 * An account has at most one order in a market: the position's key is the order's too.
 * `sizeDeltaUsd` is at the fill price of the moment, which the contract settles the margin at.
 */
export function orderSubmitted(log: SubmittedLog): OrderEvent {
  const { args } = log;
  const settled = lastModified(log);
  return {
    ...orderOf(log),
    type: 'OrderCreated',
    orderType: orderTypeOf(args.isOffchain),
    sizeDeltaUsd: settled ? valueUsd(magnitude(args.sizeDelta), settled.args.lastPrice) : 0n,
    requestedAt: 'intentionTime' in args ? Number(args.intentionTime) : null,
  };
}

/** Executed where the trade of its size stands right before it, cancelled otherwise. */
export function orderRemoved(log: RemovedLog): OrderEvent {
  const { args } = log;
  const trade = lastModified(log);
  const isExecuted = trade !== null && trade.args.tradeSize === args.sizeDelta;
  return {
    ...orderOf(log),
    type: isExecuted ? 'OrderExecuted' : 'OrderCancelled',
    orderType: 'isOffchain' in args ? orderTypeOf(args.isOffchain) : null,
    sizeDeltaUsd: isExecuted ? valueUsd(magnitude(args.sizeDelta), trade.args.lastPrice) : 0n,
  };
}

/** Whether the order was removed because this trade executed it. */
export function executesOrder(trade: ModifiedLog, order: RemovedLog): boolean {
  return (
    order.args.sizeDelta === trade.args.tradeSize &&
    lastModified(order)?.place.logIndex === trade.place.logIndex
  );
}

/** A flagged position can only be liquidated any more. The flagger is paid at the liquidation. */
export function flagged(log: FlaggedLog): OrderEvent {
  return {
    ...orderOf(log),
    type: 'PositionFlagged',
    requestedAt: Number(log.args.timestamp),
  };
}

/** The last change of the log's account in its market before the log, in the same transaction. */
function lastModified({
  transaction,
  address,
  args,
  place,
}: SubmittedLog | RemovedLog): ModifiedLog | null {
  const changes: readonly ModifiedLog[] = [
    ...siblings(transaction, positionModified),
    ...siblings(transaction, positionModified2022),
  ];
  const earlier = changes.filter(
    (log) =>
      log.address === address &&
      log.args.account === args.account &&
      log.place.logIndex < place.logIndex,
  );
  const last = earlier.at(-1) ?? null;
  if (last) checkWidths(last.args);
  return last;
}

function orderOf(log: SubmittedLog | RemovedLog | FlaggedLog): OrderEvent {
  const { args, address, place } = log;
  return {
    ...place,
    kind: 'order',
    type: 'OrderCreated',
    orderKey: positionKeyOf(address, args.account),
    account: args.account,
    market: address,
    orderType: null,
    secondaryOrderType: null,
    sizeDeltaUsd: 0n,
    requestedAt: null,
    reason: '',
    details: detailsOf(args),
  };
}
