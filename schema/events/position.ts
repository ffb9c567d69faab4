import type { Details, EventPlace } from './place.ts';

export const POSITION_EVENT_TYPES = [
  'PositionOpened', // first size of a life
  'PositionIncreased',
  'MarginAdded', // collateral in, size unchanged
  'MarginRemoved', // collateral out, size unchanged
  'PositionDecreased', // partial close
  'PositionClosed', // whole size, by the owner, a trigger order, or ADL
  'PositionLiquidated', // by the liquidation rule; size 0 after it, but for venues that do it in parts
] as const;
export type PositionEventType = (typeof POSITION_EVENT_TYPES)[number];

/**
 * A change of one position. `…Usd` are USD 1e30, scaled up exactly where the venue has fewer decimals.
 * `…Base` are base units of the index (`indexDecimals` of the market's listing; 0 where the venue counts
 * sizes in USD only and names no entry price). `collateral…Raw` are base units of the collateral token, or
 * USD 1e30 where the venue's rules say `collateralUnit: 'USD'`. Index and execution prices have the index
 * feed's decimals; collateral prices are USD 1e30 per collateral unit, so that raw × price is USD.
 * `size…`, `collateralRaw` are the state *after* the event; `…Delta…` are signed changes that lead to it
 * from the state before. `sizeUsd` is the notional at entry; where the venue rebases a position to the price
 * of each change (Synthetix Perps V2) that of the last change, so that a delta is more than what was traded.
 * A price that the venue does not log is 0.
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
  /** + is paid by the trader. All `…Raw` in the units of the position's `collateralRaw`. */
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
  'PositionFlagged', // marked for liquidation (Synthetix): orderKey = position key
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
