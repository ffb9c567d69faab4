import type { EventPlace } from '../../../schema/events/place.ts';
import type {
  FeeEvent,
  OrderEvent,
  OrderEventType,
  PositionEvent,
  PositionEventType,
} from '../../../schema/events/position.ts';
import type { EventFields } from './event-fields.ts';

/**
 * Positions, fees and orders: contracts/position/PositionEventUtils.sol, order/OrderEventUtils.sol
 * and gas/GasUtils.sol. Optional keys are those that came or went between releases.
 */

/** Order.OrderType.Liquidation: necessary and sufficient for a liquidation. */
const LIQUIDATION_ORDER = 7;

function positionBody(fields: EventFields) {
  return {
    kind: 'position' as const,
    positionKey: fields.bytes32('positionKey'),
    account: fields.address('account'),
    market: fields.address('market'),
    collateralToken: fields.address('collateralToken'),
    isLong: fields.bool('isLong'),
    orderKey: fields.bytes32('orderKey'),
    orderType: fields.small('orderType'),
    sizeUsd: fields.uint('sizeInUsd'),
    sizeBase: fields.uint('sizeInTokens'),
    collateralRaw: fields.uint('collateralAmount'),
    executionPrice: fields.uint('executionPrice'),
    indexPriceMin: fields.uint('indexTokenPrice.min'),
    indexPriceMax: fields.uint('indexTokenPrice.max'),
    collateralPriceMin: fields.uint('collateralTokenPrice.min'),
    collateralPriceMax: fields.uint('collateralTokenPrice.max'),
  };
}

/** The impact of an increase is pending since v2.2 and was applied at once before. */
export function positionIncrease(fields: EventFields, place: EventPlace): PositionEvent {
  const body = positionBody(fields);
  const sizeDeltaUsd = fields.uint('sizeDeltaUsd');
  let type: PositionEventType = 'PositionIncreased';
  if (sizeDeltaUsd === 0n) type = 'MarginAdded';
  else if (sizeDeltaUsd === body.sizeUsd) type = 'PositionOpened';
  return {
    ...place,
    ...body,
    type,
    sizeDeltaUsd,
    sizeDeltaBase: fields.uint('sizeDeltaInTokens'),
    collateralDeltaRaw: fields.int('collateralDeltaAmount'),
    realizedPnlUsd: 0n,
    priceImpactUsd: fields.intUnderAnyName('pendingPriceImpactUsd', 'priceImpactUsd'),
    details: fields.details(),
  };
}

function decreaseType(orderType: number, sizeUsd: bigint, sizeDeltaUsd: bigint): PositionEventType {
  if (orderType === LIQUIDATION_ORDER) return 'PositionLiquidated';
  if (sizeUsd === 0n) return 'PositionClosed';
  return sizeDeltaUsd === 0n ? 'MarginRemoved' : 'PositionDecreased';
}

export function positionDecrease(fields: EventFields, place: EventPlace): PositionEvent {
  const body = positionBody(fields);
  const sizeDeltaUsd = fields.uint('sizeDeltaUsd');
  return {
    ...place,
    ...body,
    type: decreaseType(body.orderType, body.sizeUsd, sizeDeltaUsd),
    sizeDeltaUsd: -sizeDeltaUsd,
    sizeDeltaBase: -fields.uint('sizeDeltaInTokens'),
    collateralDeltaRaw: -fields.uint('collateralDeltaAmount'),
    realizedPnlUsd: fields.int('basePnlUsd'),
    priceImpactUsd: fields.int('priceImpactUsd'),
    details: fields.details(),
  };
}

const NO_FEES = {
  kind: 'fee' as const,
  positionKey: '',
  market: '',
  collateralToken: '',
  collateralPriceMin: 0n,
  positionFeeRaw: 0n,
  borrowFeeRaw: 0n,
  borrowFeeUsd: 0n,
  fundingFeeRaw: 0n,
  liquidationFeeRaw: 0n,
  totalCostRaw: 0n,
  remainingCostUsd: 0n,
  step: '',
};

/** Fees taken (`FeesCharged`), or due when an insolvent close stopped early (`FeesDue`). */
export function positionFees(
  type: 'FeesCharged' | 'FeesDue',
  fields: EventFields,
  place: EventPlace,
): FeeEvent {
  return {
    ...place,
    ...NO_FEES,
    type,
    positionKey: fields.optionalBytes32('positionKey') ?? '',
    orderKey: fields.bytes32('orderKey'),
    market: fields.address('market'),
    collateralToken: fields.address('collateralToken'),
    collateralPriceMin: fields.uint('collateralTokenPrice.min'),
    positionFeeRaw: fields.uint('positionFeeAmount'),
    borrowFeeRaw: fields.uint('borrowingFeeAmount'),
    borrowFeeUsd: fields.uint('borrowingFeeUsd'),
    fundingFeeRaw: fields.uint('fundingFeeAmount'),
    // absent where there is none
    liquidationFeeRaw: fields.optionalUint('liquidationFeeAmount') ?? 0n,
    totalCostRaw: fields.uint('totalCostAmount'),
    details: fields.details(),
  };
}

export function insolventClose(fields: EventFields, place: EventPlace): FeeEvent {
  return {
    ...place,
    ...NO_FEES,
    type: 'InsolventClosed',
    orderKey: fields.bytes32('orderKey'),
    remainingCostUsd: fields.uint('remainingCostUsd'),
    step: fields.optionalText('step'),
    details: fields.details(),
  };
}

/** `fundingFeeRaw` is what was paid in the collateral token; `details.expectedAmount` what was due. */
export function fundingShortfall(fields: EventFields, place: EventPlace): FeeEvent {
  return {
    ...place,
    ...NO_FEES,
    type: 'FundingShortfall',
    orderKey: '',
    market: fields.address('market'),
    collateralToken: fields.address('token'),
    fundingFeeRaw: fields.uint('amountPaidInCollateralToken'),
    details: fields.details(),
  };
}

export function collateralUsedForExecutionFee(fields: EventFields, place: EventPlace): FeeEvent {
  return {
    ...place,
    ...NO_FEES,
    type: 'CollateralUsedForExecutionFee',
    orderKey: fields.bytes32('key'),
    collateralToken: fields.address('feeToken'),
    totalCostRaw: fields.uint('positionCollateralAmountUsed'),
    details: fields.details(),
  };
}

function orderEvent(
  type: OrderEventType,
  place: EventPlace,
  body: Partial<OrderEvent> & Pick<OrderEvent, 'details'>,
): OrderEvent {
  return {
    ...place,
    kind: 'order',
    type,
    orderKey: '',
    account: '',
    market: '',
    orderType: null,
    secondaryOrderType: null,
    sizeDeltaUsd: 0n,
    requestedAt: null,
    reason: '',
    ...body,
  };
}

/** `sizeDeltaUsd` is saturated where the order says 2^256-1, "all of it"; exact in `details`. */
export function orderCreated(fields: EventFields, place: EventPlace): OrderEvent {
  return orderEvent('OrderCreated', place, {
    orderKey: fields.bytes32('key'),
    account: fields.address('account'),
    market: fields.address('market'),
    orderType: fields.small('orderType'),
    sizeDeltaUsd: fields.saturatedUint('sizeDeltaUsd'),
    requestedAt: fields.optionalSeconds('updatedAtTime'),
    details: fields.details(),
  });
}

export function orderUpdated(fields: EventFields, place: EventPlace): OrderEvent {
  return orderEvent('OrderUpdated', place, {
    orderKey: fields.bytes32('key'),
    account: fields.optionalAddress('account') ?? '',
    sizeDeltaUsd: fields.saturatedUint('sizeDeltaUsd'),
    requestedAt: fields.optionalSeconds('updatedAtTime'),
    details: fields.details(),
  });
}

/** `sizeDeltaUsd` is the new one; the one before stays in `details.sizeDeltaUsd`. */
export function orderSizeDeltaAutoUpdated(fields: EventFields, place: EventPlace): OrderEvent {
  return orderEvent('OrderSizeDeltaAutoUpdated', place, {
    orderKey: fields.bytes32('key'),
    sizeDeltaUsd: fields.saturatedUint('nextSizeDeltaUsd'),
    details: fields.details(),
  });
}

export function orderCollateralDeltaAutoUpdated(
  fields: EventFields,
  place: EventPlace,
): OrderEvent {
  return orderEvent('OrderCollateralDeltaAutoUpdated', place, {
    orderKey: fields.bytes32('key'),
    details: fields.details(),
  });
}

/** Executed, cancelled or frozen: the first releases named no account. */
export function orderEnded(
  type: 'OrderExecuted' | 'OrderCancelled' | 'OrderFrozen',
  fields: EventFields,
  place: EventPlace,
): OrderEvent {
  return orderEvent(type, place, {
    orderKey: fields.bytes32('key'),
    account: fields.optionalAddress('account') ?? '',
    secondaryOrderType: fields.optionalSmall('secondaryOrderType'),
    reason: fields.optionalText('reason'),
    details: fields.details(),
  });
}

/** Native wei in `details.executionFeeAmount` or `details.refundFeeAmount`; no order key in the log. */
export function executionFee(
  type: 'KeeperFeePaid' | 'ExecutionFeeRefunded',
  fields: EventFields,
  place: EventPlace,
): OrderEvent {
  const account = fields.address(type === 'KeeperFeePaid' ? 'keeper' : 'receiver');
  return orderEvent(type, place, { account, details: fields.details() });
}
