/**
 * Fixed-point arithmetic on bigints as GMX-style contracts round it. A factor is 1e30 = 1.
 * Every division names its rounding; "magnitude" means away from or toward zero on |value|.
 * Facts: gmx-synthetics contracts/utils/Precision.sol and Calc.sol, and the 60.18-digit power of
 * prb-math 2.4 that Precision.applyExponentFactor calls.
 */
export const FACTOR_ONE = 10n ** 30n;
const FACTOR_TO_WEI = 10n ** 12n;
const WEI = 10n ** 18n;
const HALF_WEI = WEI / 2n;

export type Rounding = 'down' | 'up';

export function absolute(value: bigint): bigint {
  return value < 0n ? -value : value;
}

export function smaller(a: bigint, b: bigint): bigint {
  if (a < b) return a;
  return b;
}

export function larger(a: bigint, b: bigint): bigint {
  if (a > b) return a;
  return b;
}

/** |a − b|. */
export function difference(a: bigint, b: bigint): bigint {
  return a > b ? a - b : b - a;
}

/**
 * value × numerator ÷ denominator, the magnitude rounded; the sign of the product is kept.
 * @throws RangeError when the denominator is not positive.
 */
export function mulDiv(
  value: bigint,
  numerator: bigint,
  denominator: bigint,
  magnitude: Rounding = 'down',
): bigint {
  return divide(value * numerator, denominator, magnitude);
}

/** value ÷ divisor with the magnitude rounded. @throws RangeError when the divisor is not positive. */
export function divide(value: bigint, divisor: bigint, magnitude: Rounding): bigint {
  if (divisor <= 0n) throw new RangeError(`not a positive divisor: ${divisor}`);
  const quotient = value / divisor; // BigInt division truncates: the magnitude is rounded down
  if (magnitude === 'down' || quotient * divisor === value) return quotient;
  return value < 0n ? quotient - 1n : quotient + 1n;
}

/** value × factor, factor 1e30 = 1, magnitude rounded down. */
export function applyFactor(value: bigint, factor: bigint): bigint {
  return (value * factor) / FACTOR_ONE;
}

/** value ÷ divisor as a factor, magnitude rounded down; 0 for a value of 0 whatever the divisor. */
export function toFactor(value: bigint, divisor: bigint): bigint {
  return value === 0n ? 0n : mulDiv(value, FACTOR_ONE, divisor);
}

/** The value with its magnitude moved into [min, max]; 0 counts as positive. */
export function boundMagnitude(value: bigint, min: bigint, max: bigint): bigint {
  const bounded = smaller(larger(absolute(value), min), max);
  return value < 0n ? -bounded : bounded;
}

/**
 * value ^ exponent, both 1e30 = 1, as the contract computes it: 0 below one; the value itself for
 * an exponent of one; else through 18-digit logarithms, with their error.
 */
export function applyExponentFactor(value: bigint, exponent: bigint): bigint {
  if (value < FACTOR_ONE) return 0n;
  if (exponent === FACTOR_ONE) return value;
  return powerWei(value / FACTOR_TO_WEI, exponent / FACTOR_TO_WEI) * FACTOR_TO_WEI;
}

/** base ^ exponent in 18-digit fixed point, base ≥ 1: 2 ^ (log2(base) × exponent). */
function powerWei(base: bigint, exponent: bigint): bigint {
  const product = logarithmBase2Wei(base) * exponent;
  const rounded = product / WEI + (product % WEI >= HALF_WEI ? 1n : 0n);
  return exponentialBase2Wei(rounded);
}

/** log2 in 18-digit fixed point by repeated squaring, truncating at each step. Needs base ≥ 1. */
function logarithmBase2Wei(base: bigint): bigint {
  const wholeBits = (base / WEI).toString(2).length - 1;
  let logarithm = BigInt(wholeBits) * WEI;
  let mantissa = base >> BigInt(wholeBits);
  if (mantissa === WEI) return logarithm;
  for (let weight = HALF_WEI; weight > 0n; weight >>= 1n) {
    mantissa = (mantissa * mantissa) / WEI;
    if (mantissa >= 2n * WEI) {
      logarithm += weight;
      mantissa >>= 1n;
    }
  }
  return logarithm;
}

const FRACTION_BITS = 64;
/** round(2^(2^-i) × 2^64) for i = 1 … 64: the multiplier of each fraction bit, highest first. */
const BINARY_ROOTS = binaryRootsOfTwo();

function binaryRootsOfTwo(): readonly bigint[] {
  const guardBits = 256n;
  const roots: bigint[] = [];
  let root = 2n << guardBits;
  for (let i = 0; i < FRACTION_BITS; i += 1) {
    root = integerSquareRoot(root << guardBits);
    roots.push(((root >> (guardBits - 65n)) + 1n) >> 1n);
  }
  return roots;
}

/** Largest integer whose square is ≤ value. Needs value ≥ 0. */
export function integerSquareRoot(value: bigint): bigint {
  if (value < 2n) return value;
  let guess = 1n << BigInt((value.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (guess + value / guess) >> 1n;
    if (next >= guess) return guess;
    guess = next;
  }
}

/** 2^x in 18-digit fixed point through 64 fraction bits. @throws RangeError from 2^192 on, like the contract. */
function exponentialBase2Wei(x: bigint): bigint {
  if (x >= 192n * WEI) throw new RangeError(`power too large: 2^${x / WEI}`);
  const binary = (x << 64n) / WEI;
  const fraction = (binary & 0xffffffffffffffffn).toString(2).padStart(FRACTION_BITS, '0');
  let result = 1n << 191n;
  for (let i = 0; i < FRACTION_BITS; i += 1) {
    if (fraction.charCodeAt(i) === 49) result = (result * (BINARY_ROOTS[i] ?? 0n)) >> 64n;
  }
  return (result * WEI) >> (191n - (binary >> 64n));
}
