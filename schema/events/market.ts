import type { Details, EventPlace } from './place.ts';

export const MARKET_EVENT_TYPES = [
  'MarketListed', // details: indexToken, longToken, shortToken
  'PoolAmountChanged', // token
  'ReservedAmountChanged', // token; what of the pool is set aside to pay profits
  'SwapImpactPoolChanged', // token
  'ImpactPoolChanged',
  'LentImpactPoolChanged',
  'PendingImpactChanged', // sum over positions of impact not yet settled
  'OpenInterestUsdChanged', // token = collateral, isLong
  'OpenInterestBaseChanged', // token = collateral, isLong
  'SkewChanged', // value = long minus short base units, as the protocol counts it
  'CollateralSumChanged', // token = collateral, isLong
  'BorrowingFactorAccrued', // isLong; value = cumulative factor
  'BorrowingRateChanged', // factor per second; isLong where known
  'FundingRateChanged', // factor per second
  'FundingPerSizeAccrued', // token = collateral, isLong
  'ClaimableFundingPerSizeAccrued', // token = collateral, isLong
  'ClaimableFundingChanged', // token; details.account
  'VirtualInventoryChanged',
  'PoolValueUpdated',
  'AdlStateChanged', // isLong; value = pnl to pool factor; details.shouldEnableAdl, maxPnlFactor
] as const;
export type MarketEventType = (typeof MARKET_EVENT_TYPES)[number];

/**
 * A change of one market's state; `value` is the state after, `delta` the signed change.
 *
 * A `MarketListed` that comes from a manifest or a committed list names things in `details`: `name`,
 * `symbol`, `source`; for the roles index, long and short `<role>Token`, `<role>Symbol`,
 * `<role>Decimals`; `indexPriceDecimals` (decimals of index prices per whole unit), `indexVenue` (whose
 * adapter prices the index; the venue's own where it is left out); and for venues with other collateral
 * the equally long lists `collateralTokens`, `collateralSymbols`, `collateralDecimals`.
 */
export interface MarketEvent extends EventPlace {
  readonly kind: 'market';
  readonly type: MarketEventType;
  readonly market: string;
  readonly token: string; // '' where the event has none
  readonly isLong: boolean | null;
  readonly delta: bigint | null;
  readonly value: bigint | null;
  readonly details: Details;
}
