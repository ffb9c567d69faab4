import type { AbiEvent } from 'viem';
import { type ContractLog, siblings } from '../abi/contract-logs.ts';
import { DecodeError } from '../abi/decode-error.ts';
import type { EventArgs } from '../abi/event-decoder.ts';
import {
  closePosition,
  collectMarginFees,
  decreasePosition,
  executeDecreaseOrder,
  executeDecreasePosition,
  increasePosition,
  liquidatePosition,
  updatePnl,
  updatePositionV1,
  updatePositionV2,
} from './events.ts';

/**
 * How the logs of one transaction belong together. The Vault writes them in a fixed order
 * (Vault.sol increasePosition, _decreasePosition, liquidatePosition): CollectMarginFees, UpdatePnl for
 * a decrease, Increase- or DecreasePosition, and as the very next log UpdatePosition or ClosePosition.
 */
export type IncreaseLog = ContractLog<EventArgs<typeof increasePosition>>;
export type DecreaseLog = ContractLog<EventArgs<typeof decreasePosition>>;
export type LiquidateLog = ContractLog<EventArgs<typeof liquidatePosition>>;
export type CloseLog = ContractLog<EventArgs<typeof closePosition>>;
export type FeesLog = ContractLog<EventArgs<typeof collectMarginFees>>;
export type UpdateLog = ContractLog<EventArgs<typeof updatePositionV1>>;

const isOneOf = (log: ContractLog, events: readonly AbiEvent[]) =>
  events.includes(log.decoder.event);

/** The log of the transaction at `offset` places of the block from this one. */
function neighbour(log: ContractLog, offset: number): ContractLog | undefined {
  const wanted = log.place.logIndex + offset;
  return log.transaction.logs.find((other) => other.place.logIndex === wanted);
}

/** The change that an UpdatePosition or ClosePosition is the outcome of. */
export function changeBefore(log: CloseLog | UpdateLog): IncreaseLog | DecreaseLog {
  const before = neighbour(log, -1);
  const isChange = before && isOneOf(before, [increasePosition, decreasePosition]);
  const change = before as IncreaseLog | DecreaseLog | undefined;
  if (!isChange || change?.args.key !== log.args.key) {
    throw new DecodeError(`${log.name} without a change of the same position just before it`);
  }
  return change;
}

export function isIncrease(change: IncreaseLog | DecreaseLog): boolean {
  return change.decoder.event === increasePosition;
}

/**
 * An Increase- or DecreasePosition gives no event of its own: its outcome, the very next log, does.
 * @throws DecodeError when the next log is not its outcome.
 */
export function onlyWithOutcome(change: IncreaseLog | DecreaseLog): null {
  const next = neighbour(change, 1);
  const outcome = next as CloseLog | undefined;
  const isOutcome = next && isOneOf(next, [updatePositionV1, updatePositionV2, closePosition]);
  if (!isOutcome || outcome?.args.key !== change.args.key) {
    throw new DecodeError(`${change.name} without the position's new state just after it`);
  }
  return null;
}

/** Fees of a change: the last CollectMarginFees before it. */
export function feesBefore(change: IncreaseLog | DecreaseLog | LiquidateLog): FeesLog {
  const fees = siblings(change.transaction, collectMarginFees).findLast(
    (log) => log.place.logIndex < change.place.logIndex,
  );
  if (fees?.args.token !== change.args.collateralToken) {
    throw new DecodeError(`${change.name} without CollectMarginFees before it`);
  }
  return fees;
}

/** The change that fees were collected for: the first one after them. */
export function changeAfter(fees: FeesLog): IncreaseLog | DecreaseLog | LiquidateLog {
  const change = fees.transaction.logs.find(
    (log) =>
      log.place.logIndex > fees.place.logIndex &&
      isOneOf(log, [increasePosition, decreasePosition, liquidatePosition]),
  ) as IncreaseLog | DecreaseLog | LiquidateLog | undefined;
  if (change?.args.collateralToken !== fees.args.token) {
    throw new DecodeError('CollectMarginFees without a change of a position after it');
  }
  return change;
}

/** Signed realised PnL of a decrease, from the last UpdatePnl of the position before it. */
export function realizedPnlOf(decrease: DecreaseLog): bigint {
  const pnl = siblings(decrease.transaction, updatePnl).findLast(
    (log) => log.place.logIndex < decrease.place.logIndex && log.args.key === decrease.args.key,
  );
  if (!pnl) throw new DecodeError('DecreasePosition without UpdatePnl before it');
  return pnl.args.hasProfit ? pnl.args.delta : -pnl.args.delta;
}

/** Who closed a whole position. */
export type ClosedBy = 'OWNER' | 'ORDER' | 'PLUGIN' | 'LIQUIDATOR' | 'UNKNOWN';

/**
 * A liquidation for excess leverage (state 2) looks like a close: no LiquidatePosition. It is one when
 * somebody else than the owner sent the transaction and no router or order book says that the owner
 * had asked for it. `Vault.liquidatePosition` asks for no collateral back (the whole is paid out
 * anyway), so that a close that does is none. Without the sender it cannot be told.
 *
 * What stays open: an owner that is a contract and closes through `Router` or `PositionManager`
 * directly is not the sender either.
 */
export function closedBy(decrease: DecreaseLog): ClosedBy {
  if (wasOrdered(decrease)) return 'ORDER';
  const { sender } = decrease.transaction;
  if (sender === '') return 'UNKNOWN';
  if (sender === decrease.args.account) return 'OWNER';
  return decrease.args.collateralDelta === 0n ? 'LIQUIDATOR' : 'PLUGIN';
}

function wasOrdered({ transaction, args }: DecreaseLog): boolean {
  const orders = [
    ...siblings(transaction, executeDecreasePosition),
    ...siblings(transaction, executeDecreaseOrder),
  ];
  return orders.some(
    (order) =>
      order.args.account === args.account &&
      order.args.indexToken === args.indexToken &&
      order.args.isLong === args.isLong &&
      order.args.sizeDelta === args.sizeDelta,
  );
}
