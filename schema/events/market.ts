import type { Details, EventPlace } from './place.ts';

export const MARKET_EVENT_TYPES = [
  'MarketListed', // details: indexToken, longToken, shortToken
  'PoolAmountChanged', // token
  'SwapImpactPoolChanged', // token
  'ImpactPoolChanged',
  'LentImpactPoolChanged',
  'PendingImpactChanged', // sum over positions of impact not yet settled
  'OpenInterestUsdChanged', // token = collateral, isLong
  'OpenInterestBaseChanged', // token = collateral, isLong
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

/** A change of one market's state; `value` is the state after, `delta` the signed change. */
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
