/** A value and how much it counts. */
export interface Weighted {
  readonly value: number;
  readonly weight: bigint;
}

/** Shares of a band in percent, rising; 0 is the least value. */
const PERCENTS = [0, 5, 25, 50, 75, 95] as const;

export interface BandQuantiles {
  readonly min: number | null;
  readonly p5: number | null;
  readonly p25: number | null;
  readonly p50: number | null;
  readonly p75: number | null;
  readonly p95: number | null;
}

/**
 * Quantiles by weight: pX is the least value such that the values at or below it have X % of the weight
 * or more (the inverse of the distribution; nothing is put between two values, so each is one that a position
 * has). Weights are exact. All null without weight.
 */
export function bandQuantiles(values: readonly Weighted[]): BandQuantiles {
  const sorted = values.filter(({ weight }) => weight > 0n).sort((a, b) => a.value - b.value);
  const total = sorted.reduce((sum, { weight }) => sum + weight, 0n);
  const found: (number | null)[] = [];
  let [below, next] = [0n, 0];
  for (const percent of PERCENTS) {
    while (next < sorted.length && (next === 0 || below * 100n < total * BigInt(percent))) {
      below += sorted[next]?.weight ?? 0n;
      next += 1;
    }
    found.push(sorted[next - 1]?.value ?? null);
  }
  const [min = null, p5 = null, p25 = null, p50 = null, p75 = null, p95 = null] = found;
  return { min, p5, p25, p50, p75, p95 };
}
