import { larger } from '../../fixed-point.ts';
import type { Requirement } from './liquidation.ts';
import type { GmxV1Position } from './position-state.ts';
import { BASIS_POINTS } from './venue-inputs.ts';

type Judged = Pick<GmxV1Position, 'size' | 'collateral' | 'averagePrice' | 'isLong'>;

/**
 * The keeper's price (30 decimals, before the spread) at which the test flips, fees and funding as they
 * are: liquidatable at it, not one unit to the safe side. PnL is a straight line in the price and the
 * requirement does not depend on it, so that every step below is exact: an inequality between integers
 * solved with the rounding of the contract. The tests ask the predicate on both sides.
 * @returns null where no price liquidates, or every price does.
 */
export function liquidationPrice(
  position: Judged,
  requirement: Requirement,
  spreadBasisPoints: bigint,
): bigint | null {
  if (position.isLong) {
    const vaultPrice = highestUnsafe(position, requirement);
    // floor(p × (1 − spread)) ≤ vaultPrice
    const price =
      ceilDivide((vaultPrice + 1n) * BASIS_POINTS, BASIS_POINTS - spreadBasisPoints) - 1n;
    return vaultPrice < 0n || price < 1n ? null : price;
  }
  const vaultPrice = lowestUnsafe(position, requirement);
  // floor(p × (1 + spread)) ≥ vaultPrice
  const price = ceilDivide(vaultPrice * BASIS_POINTS, BASIS_POINTS + spreadBasisPoints);
  return price <= 1n ? null : price;
}

/** The Vault price up to which a long is liquidatable. */
function highestUnsafe(
  { size, collateral, averagePrice }: Judged,
  requirement: Requirement,
): bigint {
  const missing = requirement.thresholdUsd - collateral;
  if (missing > 0n) {
    // profit < needed
    return (
      averagePrice + ceilDivide(profitNeeded(missing, size, requirement) * averagePrice, size) - 1n
    );
  }
  // loss > spare
  return averagePrice - ceilDivide((1n - missing) * averagePrice, size);
}

/** The Vault price from which on a short is liquidatable. */
function lowestUnsafe(
  { size, collateral, averagePrice }: Judged,
  requirement: Requirement,
): bigint {
  const missing = requirement.thresholdUsd - collateral;
  if (missing > 0n) {
    return (
      averagePrice - ceilDivide(profitNeeded(missing, size, requirement) * averagePrice, size) + 1n
    );
  }
  return averagePrice + ceilDivide((1n - missing) * averagePrice, size);
}

/** The least profit that counts and fills the gap: one within the minimal profit counts as none. */
function profitNeeded(
  missing: bigint,
  size: bigint,
  { minProfitBasisPoints }: Requirement,
): bigint {
  return larger(missing, (size * minProfitBasisPoints) / BASIS_POINTS + 1n);
}

/** Rounded up. Needs value ≥ 0 or truncation toward zero, which is up for negative values. */
function ceilDivide(value: bigint, divisor: bigint): bigint {
  return value > 0n ? (value + divisor - 1n) / divisor : value / divisor;
}
