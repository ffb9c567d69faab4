import type { EventPlace } from '../../../schema/events/place.ts';
import type { OrderEvent, OrderEventType } from '../../../schema/events/position.ts';
import type { ContractLog } from '../abi/contract-logs.ts';
import type { EventArgs } from '../abi/event-decoder.ts';
import type { limitOrderInitiated, marketCloseCanceled } from './events.ts';
import { leveraged, orderKeyOf, secondsOf, USD_PER_UNIT } from './trade.ts';

interface OrderFacts {
  readonly orderId: bigint;
  readonly trader: string;
  readonly pairIndex: bigint;
}

function orderEvent(
  place: EventPlace,
  type: OrderEventType,
  { orderId, trader, pairIndex }: OrderFacts,
  rest: Partial<OrderEvent> = {},
): OrderEvent {
  return {
    ...place,
    kind: 'order',
    type,
    orderKey: orderKeyOf(orderId),
    account: trader,
    market: pairIndex.toString(),
    orderType: null,
    secondaryOrderType: null,
    sizeDeltaUsd: 0n,
    requestedAt: null,
    reason: '',
    details: {},
    ...rest,
  };
}

/** What all versions of MarketOrderInitiated say; the later fields came with later versions. */
interface MarketRequest extends OrderFacts {
  readonly open: boolean;
  readonly timestamp: bigint;
  readonly isBuy?: boolean;
  readonly isPnl?: boolean;
  readonly initialPosToken?: bigint;
  readonly leverage?: bigint;
}

/** The request; `timestamp` is the block's time, when it was made. */
export function marketRequested({ args, place }: ContractLog<MarketRequest>): OrderEvent {
  const { open, timestamp, isBuy, isPnl, initialPosToken, leverage } = args;
  const size =
    initialPosToken === undefined || leverage === undefined
      ? 0n
      : leveraged(initialPosToken, leverage) * USD_PER_UNIT;
  return orderEvent(place, 'OrderCreated', args, {
    sizeDeltaUsd: open ? size : -size,
    requestedAt: secondsOf(timestamp),
    details: {
      open,
      ...(isBuy === undefined ? {} : { isBuy }),
      ...(isPnl === undefined ? {} : { isPnl }),
      ...(initialPosToken === undefined ? {} : { initialPosToken: initialPosToken.toString() }),
      ...(leverage === undefined ? {} : { leverage: leverage.toString() }),
    },
  });
}

/** A resting order, stop or liquidation is asked for. */
export function limitRequested({
  args,
  place,
}: ContractLog<EventArgs<typeof limitOrderInitiated>>): OrderEvent {
  return orderEvent(place, 'OrderCreated', args, {
    requestedAt: secondsOf(args.timestamp),
    details: { isTriggered: true },
  });
}

export function openCancelled({ args, place }: ContractLog<OrderFacts>): OrderEvent {
  return orderEvent(place, 'OrderCancelled', args, { details: { open: true } });
}

/**
 * The contract of the public source takes a fee from the trade's collateral here, whose amount no log
 * states: it is counted at the next event that does state the collateral.
 */
export function closeCancelled({
  args,
  place,
}: ContractLog<EventArgs<typeof marketCloseCanceled>>): OrderEvent {
  return orderEvent(place, 'OrderCancelled', args, {
    details: { open: false, index: args.index.toString() },
  });
}
