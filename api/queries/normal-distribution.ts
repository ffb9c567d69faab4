const SQRT_PI = Math.sqrt(Math.PI);
/** Below it the series, from it on the continued fraction: where both need about as many terms. */
const SERIES_UNTIL = 2.2;
const FRACTION_TERMS = 50;

/**
 * Φ(x), the probability that a standard normal variable is at most x; relative error below 1e−12 down to
 * x = −37, where it is 1e−300.
 */
export function normalCdf(x: number): number {
  return errorFunctionComplement(-x / Math.SQRT2) / 2;
}

/**
 * erfc(x) = 1 − erf(x). Abramowitz and Stegun, 7.1.6 (a series of positive terms: nothing cancels) and 7.1.14 (a
 * continued fraction, so that small tails keep their digits).
 */
export function errorFunctionComplement(x: number): number {
  if (x < 0) return 2 - errorFunctionComplement(-x);
  return x < SERIES_UNTIL ? 1 - errorFunctionSeries(x) : complementFraction(x);
}

function errorFunctionSeries(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; term > sum * Number.EPSILON; n += 1) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / SQRT_PI) * Math.exp(-x * x) * sum;
}

function complementFraction(x: number): number {
  const density = Math.exp(-x * x);
  if (density === 0) return 0;
  let below = x;
  for (let n = FRACTION_TERMS; n >= 1; n -= 1) below = x + n / 2 / below;
  return density / (SQRT_PI * below);
}
