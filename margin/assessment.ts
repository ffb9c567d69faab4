import type { PriceRange } from './inputs.ts';

/**
 * The judgement of one position at one instant. USD amounts are fixed point 1e30, exact: a venue
 * with fewer decimals is scaled up. Costs are positive when the trader owes them.
 *
 * `equityUsd = collateralUsd + unrealizedPnlUsd + priceImpactUsd − totalCostUsd`, to the last unit.
 */
export interface MarginAssessment {
  /** As the venue's liquidation test computes it; negative where the venue would floor it at 0. */
  readonly equityUsd: bigint;
  /** Equity below which (or at which: the venue decides) liquidation is allowed. */
  readonly maintenanceMarginUsd: bigint;
  /** The notional that the venue's own test uses: at entry or at the mark. */
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
   * Index price (with the index feed's decimals) where the test flips, all else frozen: liquidatable
   * at it, not one unit to the safe side. Null if no price does.
   */
  readonly liquidationPrice: bigint | null;
  /** side × ln(price / liquidationPrice): positive = safe; null without a liquidation price. */
  readonly distance: number | null;
  /** As counted in the equity. */
  readonly unrealizedPnlUsd: bigint;
  /** Before caps and floors of the venue. */
  readonly uncappedPnlUsd: bigint;
  /** Impact, spread or premium of closing, as counted in the equity; negative = a cost. */
  readonly priceImpactUsd: bigint;
  readonly borrowFeeUsd: bigint;
  /** Positive when the position pays. */
  readonly fundingUsd: bigint;
  /** Fees of closing that the venue's test counts. */
  readonly positionFeeUsd: bigint;
  /** Everything subtracted: borrowing, funding, fees, with the venue's rounding. */
  readonly totalCostUsd: bigint;
  /** The index price used, with the index feed's decimals. */
  readonly indexPrice: PriceRange;
  /** USD 1e30 per collateral base unit: `collateralRaw × min` is the collateral's USD value. */
  readonly collateralPrice: PriceRange;
}

/** The judgement of a position that is not open: it owes and risks nothing. */
export const NOTHING_OPEN = {
  equityUsd: 0n,
  maintenanceMarginUsd: 0n,
  notionalUsd: 0n,
  collateralUsd: 0n,
  marginRatio: null,
  healthFactor: null,
  isLiquidatable: false,
  liquidationReason: '',
  liquidationPrice: null,
  distance: null,
  unrealizedPnlUsd: 0n,
  uncappedPnlUsd: 0n,
  priceImpactUsd: 0n,
  borrowFeeUsd: 0n,
  fundingUsd: 0n,
  positionFeeUsd: 0n,
  totalCostUsd: 0n,
} as const satisfies Omit<MarginAssessment, 'indexPrice' | 'collateralPrice'>;

/** Nearest double; null without a divisor. */
export function ratio(value: bigint, divisor: bigint): number | null {
  return divisor === 0n ? null : Number(value) / Number(divisor);
}

/** side × ln(price ÷ flip): positive is safe. Null without a flip price, or at a price of 0. */
export function logDistance(isLong: boolean, price: bigint, flip: bigint | null): number | null {
  if (flip === null || flip <= 0n || price <= 0n) return null;
  const logarithm = Math.log(Number(price) / Number(flip));
  return isLong ? logarithm : -logarithm;
}
