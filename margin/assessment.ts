import type { PriceRange } from './inputs.ts';

/**
 * The judgement of one position at one instant. USD amounts are fixed point 1e30.
 * Costs are positive when the trader owes them.
 */
export interface MarginAssessment {
  /**
   * As the venue's liquidation test computes it, and exactly
   * collateralUsd + unrealizedPnlUsd + priceImpactUsd − totalCostRaw × collateralPrice.min.
   */
  readonly equityUsd: bigint;
  /** Equity below which (or at which: the venue decides) liquidation is allowed. */
  readonly maintenanceMarginUsd: bigint;
  /** Size × index price used. */
  readonly notionalUsd: bigint;
  readonly collateralUsd: bigint;
  /** equity ÷ notional; null when there is no notional. */
  readonly marginRatio: number | null;
  /** equity ÷ maintenance margin; 1 is the threshold. Null when the requirement is 0. */
  readonly healthFactor: number | null;
  readonly isLiquidatable: boolean;
  /** Which test failed, in the venue's words; '' when none. */
  readonly liquidationReason: string;
  /**
   * Index price (USD 1e30 per base unit) where the test flips, all else frozen: liquidatable at it,
   * not one unit to the safe side. Null if no price does.
   */
  readonly liquidationPrice: bigint | null;
  /** side × ln(price / liquidationPrice): positive = safe; null without a liquidation price. */
  readonly distance: number | null;
  readonly unrealizedPnlUsd: bigint;
  readonly uncappedPnlUsd: bigint;
  readonly priceImpactUsd: bigint;
  /** Before it is rounded to whole collateral units; the other two are the rounded amounts in USD. */
  readonly borrowFeeUsd: bigint;
  readonly fundingUsd: bigint;
  readonly positionFeeUsd: bigint;
  /** The same costs in collateral base units, as the contract rounds them. */
  readonly borrowFeeRaw: bigint;
  readonly fundingFeeRaw: bigint;
  readonly positionFeeRaw: bigint;
  readonly totalCostRaw: bigint;
  readonly minCollateralUsd: bigint;
  readonly minCollateralUsdForLeverage: bigint;
  readonly indexPrice: PriceRange;
  readonly collateralPrice: PriceRange;
}
