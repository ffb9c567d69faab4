/**
 * 18-digit fixed point as the contracts compute it: every product and quotient is truncated toward
 * zero at once. Facts: Synthetixio/synthetix 1609d156 contracts/SafeDecimalMath.sol and
 * SignedSafeDecimalMath.sol (multiplyDecimal, divideDecimal).
 */
export const UNIT = 10n ** 18n;

export function multiplyDecimal(x: bigint, y: bigint): bigint {
  return (x * y) / UNIT;
}

export function divideDecimal(x: bigint, y: bigint): bigint {
  return (x * UNIT) / y;
}

/** sUSD as USD 1e30, exact. */
export function usdOf(amount: bigint): bigint {
  return amount * 10n ** 12n;
}
