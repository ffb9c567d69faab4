import type { EventPlace } from '../../../schema/events/place.ts';
import type { OrderEvent, OrderEventType } from '../../../schema/events/position.ts';
import type { ContractLog } from '../abi/contract-logs.ts';
import type { EventArgs } from '../abi/event-decoder.ts';
import type { priceRequested } from './events.ts';
import { keyOf, secondsOf } from './trade.ts';

interface Order {
  readonly orderId: bigint;
  readonly trader: string;
  readonly pairIndex: number | bigint;
  readonly tradeId?: bigint;
  readonly index?: number | bigint;
  readonly orderType?: number;
  readonly closePercentage?: number;
  readonly removeAmount?: bigint;
}

/** IOstiumTradingCallbacks.CancelReason; later versions only added to its end. */
const CANCEL_REASONS = [
  'NONE',
  'PAUSED',
  'MARKET_CLOSED',
  'SLIPPAGE',
  'TP_REACHED',
  'SL_REACHED',
  'EXPOSURE_LIMITS',
  'PRICE_IMPACT',
  'MAX_LEVERAGE',
  'NO_TRADE',
  'UNDER_LIQUIDATION',
  'NOT_HIT',
  'GAIN_LOSS',
  'DAY_TRADE_NOT_ALLOWED',
  'CLOSE_DAY_TRADE_NOT_ALLOWED',
];

function orderEvent(place: EventPlace, type: OrderEventType, orderId: bigint): OrderEvent {
  return {
    ...place,
    kind: 'order',
    type,
    orderKey: keyOf(orderId),
    account: '',
    market: '',
    orderType: null,
    secondaryOrderType: null,
    sizeDeltaUsd: 0n,
    requestedAt: null,
    reason: '',
    details: {},
  };
}

const OPTIONAL = ['tradeId', 'index', 'closePercentage', 'removeAmount'] as const;

function described(place: EventPlace, type: OrderEventType, order: Order): OrderEvent {
  const details = Object.fromEntries(
    OPTIONAL.flatMap((name) => (order[name] === undefined ? [] : [[name, String(order[name])]])),
  );
  return {
    ...orderEvent(place, type, order.orderId),
    account: order.trader,
    market: String(order.pairIndex),
    orderType: order.orderType ?? null,
    details,
  };
}

export function orderRequested({ args, place }: ContractLog<Order>): OrderEvent {
  return described(place, 'OrderCreated', args);
}

/** `cancelReason` (or, for collateral, `reason`) by number; a later number stays one. */
export function orderCancelled(
  log: ContractLog<Order & { readonly cancelReason?: number; readonly reason?: number | string }>,
): OrderEvent {
  const reason = log.args.cancelReason ?? log.args.reason ?? '';
  const named = typeof reason === 'number' ? (CANCEL_REASONS[reason] ?? String(reason)) : reason;
  return { ...described(log.place, 'OrderCancelled', log.args), reason: named };
}

/** The time a price is asked for: the price that answers was valid then. */
export function priceWanted({
  args,
  place,
}: ContractLog<EventArgs<typeof priceRequested>>): OrderEvent {
  return {
    ...orderEvent(place, 'OrderUpdated', args.orderId),
    requestedAt: secondsOf(args.timestamp),
    details: { feed: args.feed },
  };
}
