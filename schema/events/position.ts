import type { Details, EventPlace } from './place.ts';

export const POSITION_EVENT_TYPES = [
  'PositionOpened', // first size of a life
  'PositionIncreased',
  'MarginAdded', // collateral in, size unchanged
  'MarginRemoved', // collateral out, size unchanged
  'PositionDecreased', // partial close
  'PositionClosed', // whole size, by the owner, a trigger order, or ADL
  'PositionLiquidated', // whole size, by the liquidation rule
] as const;
export type PositionEventType = (typeof POSITION_EVENT_TYPES)[number];

/**
 * A change of one position. Sizes, collateral and prices follow the venue's units
 * (GMX V2: USD 1e30; base and collateral in token base units; prices USD 1e30 per base unit).
 * `size…`, `collateralRaw` are the state *after* the event; `…Delta…` are signed changes.
 */
export interface PositionEvent extends EventPlace {
  readonly kind: 'position';
  readonly type: PositionEventType;
  readonly positionKey: string;
  readonly account: string;
  readonly market: string;
  readonly collateralToken: string;
  readonly isLong: boolean;
  readonly orderKey: string;
  /** Venue's own order type number, null where the venue has none. */
  readonly orderType: number | null;
  readonly sizeUsd: bigint;
  readonly sizeBase: bigint;
  readonly collateralRaw: bigint;
  readonly sizeDeltaUsd: bigint;
  readonly sizeDeltaBase: bigint;
  readonly collateralDeltaRaw: bigint;
  readonly executionPrice: bigint;
  readonly indexPriceMin: bigint;
  readonly indexPriceMax: bigint;
  readonly collateralPriceMin: bigint;
  readonly collateralPriceMax: bigint;
  /** Realized PnL before fees and impact; 0 on increases. */
  readonly realizedPnlUsd: bigint;
  readonly priceImpactUsd: bigint;
  readonly details: Details;
}

export const FEE_EVENT_TYPES = [
  'FeesCharged', // fees really taken
  'FeesDue', // fees that were due when an insolvent close stopped early
  'InsolventClosed', // a cost could not be paid in full: bad debt
  'FundingShortfall', // funding fee not paid in full
  'CollateralUsedForExecutionFee',
] as const;
export type FeeEventType = (typeof FEE_EVENT_TYPES)[number];

/** What a position change cost. Joined to its PositionEvent by `orderKey` within the transaction. */
export interface FeeEvent extends EventPlace {
  readonly kind: 'fee';
  readonly type: FeeEventType;
  /** '' where the log carries none (InsolventClosed has the order key only). */
  readonly positionKey: string;
  readonly orderKey: string;
  readonly market: string;
  readonly collateralToken: string;
  readonly collateralPriceMin: bigint;
  /** + is paid by the trader. All `…Raw` in collateral base units. */
  readonly positionFeeRaw: bigint;
  readonly borrowFeeRaw: bigint;
  readonly borrowFeeUsd: bigint;
  readonly fundingFeeRaw: bigint;
  readonly liquidationFeeRaw: bigint;
  readonly totalCostRaw: bigint;
  /** InsolventClosed: what remained unpaid. */
  readonly remainingCostUsd: bigint;
  /** InsolventClosed: the cost that could not be paid ('pnl', 'fees', 'impact', ...); else ''. */
  readonly step: string;
  readonly details: Details;
}

export const ORDER_EVENT_TYPES = [
  'OrderCreated',
  'OrderUpdated',
  'OrderSizeDeltaAutoUpdated',
  'OrderCollateralDeltaAutoUpdated',
  'OrderExecuted',
  'OrderCancelled',
  'OrderFrozen',
  'KeeperFeePaid',
  'ExecutionFeeRefunded',
] as const;
export type OrderEventType = (typeof ORDER_EVENT_TYPES)[number];

/** Life of an order: the request behind a position change. */
export interface OrderEvent extends EventPlace {
  readonly kind: 'order';
  readonly type: OrderEventType;
  readonly orderKey: string;
  readonly account: string;
  readonly market: string;
  readonly orderType: number | null;
  /** GMX V2: 1 = auto-deleveraging, 0 = none; only on OrderExecuted. */
  readonly secondaryOrderType: number | null;
  readonly sizeDeltaUsd: bigint;
  /** Time the request was last changed, unix seconds; null where not given. */
  readonly requestedAt: number | null;
  readonly reason: string;
  readonly details: Details;
}
