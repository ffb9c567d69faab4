import type { OrderEvent, OrderEventType } from '../../../schema/events/position.ts';
import type { ContractLog } from '../abi/contract-logs.ts';
import { detailsOf } from './details.ts';
import type { Execution } from './executions.ts';
import { keyOf } from './trade.ts';

interface Order {
  readonly key: string;
  readonly account: string;
  readonly market: string;
  readonly orderType: number | null;
  readonly reason?: string;
}

function orderEvent(log: ContractLog, type: OrderEventType, order: Order): OrderEvent {
  return {
    ...log.place,
    kind: 'order',
    type,
    orderKey: order.key,
    account: order.account,
    market: order.market,
    orderType: order.orderType,
    secondaryOrderType: null,
    sizeDeltaUsd: 0n,
    requestedAt: null,
    reason: order.reason ?? '',
    details: detailsOf(log.args as object, ['t', 'user', 'trader']),
  };
}

interface Requested {
  readonly orderId: { readonly user: string; readonly index: number };
  readonly trader?: string;
  readonly pairIndex?: number | bigint;
}

export function orderOfRequest(
  log: ContractLog,
  type: OrderEventType,
  args: Requested,
  rest: { readonly orderType: number | null; readonly cancelReason?: number },
): OrderEvent {
  return orderEvent(log, type, {
    key: keyOf(args.orderId.user, args.orderId.index),
    account: args.trader ?? args.orderId.user,
    market: args.pairIndex === undefined ? '' : String(args.pairIndex),
    orderType: rest.orderType,
    ...(rest.cancelReason === undefined ? {} : { reason: `cancelReason ${rest.cancelReason}` }),
  });
}

/** A resting limit or stop order, named by its place among the user's trades. */
export function restingOrderChanged(
  log: ContractLog,
  type: OrderEventType,
  args: { readonly trader: string; readonly pairIndex: number; readonly index: number },
): OrderEvent {
  return orderEvent(log, type, {
    key: keyOf(args.trader, args.index),
    account: args.trader,
    market: String(args.pairIndex),
    orderType: null,
  });
}

export function executedOrder(log: ContractLog, execution: Execution): OrderEvent {
  const { orderKey, user, ref, orderType, cancelReason } = execution;
  return orderEvent(log, cancelReason === 0 ? 'OrderExecuted' : 'OrderCancelled', {
    key: orderKey,
    account: user,
    market: ref === null ? '' : String(ref.pairIndex),
    orderType,
    ...(cancelReason === 0 ? {} : { reason: `cancelReason ${cancelReason}` }),
  });
}
