import {
  MEAN_OVERSHOOT,
  OVERSHOOT_QUANTILES,
  type OvershootQuantile,
  scaledOvershoot,
} from './overshoot.ts';

/**
 * DELAY: liquidation − first price on chain that breached, in seconds, blocks, or prices in between.
 * OBSERVED_DELAY: the same from the time at which that price was observed; with OBSERVED_DELAY_MOST (from
 * the last safe price's observation) it encloses the delay since the real breach.
 */
export type LatencyMeasure =
  | 'DELAY'
  | 'DELAY_BLOCKS'
  | 'DELAY_UPDATES'
  | 'DELAY_MOST'
  | 'BREACH_TO_FLAG'
  | 'FLAG_TO_LIQUIDATION'
  | 'OBSERVED_DELAY'
  | 'OBSERVED_DELAY_MOST';

/** Exact percentiles, linear between order statistics; null below 10 ÷ (1 − p) samples. */
export interface DelayStat {
  readonly measure: LatencyMeasure;
  readonly unit: 'seconds' | 'blocks' | 'updates';
  readonly n: number;
  readonly mean: number | null;
  readonly min: number | null;
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly max: number | null;
}

/** Overshoot of one breach, with what it may be compared with. */
export interface OvershootSample {
  /** side × ln(liquidation price ÷ price) at the first breaching price. */
  readonly overshoot: number;
  readonly sigmaPerSecond: number | null;
  /** Between the last safe price and the first breaching one. */
  readonly seconds: number;
}

export interface OvershootQuantileStat {
  readonly p: number;
  /** Of overshoot ÷ σ√dt, for a price that moves at random and is looked at every dt. */
  readonly expected: number;
  /** Null below 10 ÷ (1 − p) samples. */
  readonly observed: number | null;
  /** Share of samples at or below `expected`: p, where the model holds. */
  readonly shareWithin: number | null;
}

export interface OvershootSummary {
  /** Breaches by a price, with a volatility and time between the two prices. */
  readonly n: number;
  readonly meanOvershoot: number | null;
  /** Mean of overshoot ÷ σ√dt. */
  readonly meanScaled: number | null;
  readonly expectedMean: number;
  readonly quantiles: readonly OvershootQuantileStat[];
}

/** Percentile by linear interpolation (R-7, as numpy). `sorted` rising, not empty. */
export function percentileOf(sorted: readonly number[], p: number): number {
  const place = (sorted.length - 1) * p;
  const low = sorted[Math.floor(place)] ?? 0;
  const high = sorted[Math.ceil(place)] ?? low;
  return low + (high - low) * (place - Math.floor(place));
}

const isSupported = (n: number, p: number): boolean => n >= Math.round(10 / (1 - p));

export function toDelayStat(
  measure: LatencyMeasure,
  unit: DelayStat['unit'],
  values: readonly number[],
): DelayStat {
  const sorted = [...values].sort((a, b) => a - b);
  const n = sorted.length;
  const at = (p: number) => (isSupported(n, p) ? percentileOf(sorted, p) : null);
  return {
    measure,
    unit,
    n,
    mean: meanOf(sorted),
    min: sorted[0] ?? null,
    p50: at(0.5),
    p90: at(0.9),
    p95: at(0.95),
    p99: at(0.99),
    max: sorted.at(-1) ?? null,
  };
}

export function meanOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, one) => sum + one, 0) / values.length;
}

/** Overshoots against what chance alone would make of the time between two prices (analytics F3). */
export function summarizeOvershoots(samples: readonly OvershootSample[]): OvershootSummary {
  const kept = samples.flatMap(({ overshoot, sigmaPerSecond, seconds }) => {
    const scaled = scaledOvershoot(overshoot, sigmaPerSecond, seconds);
    return scaled === null ? [] : [{ overshoot, scaled }];
  });
  const scaled = kept.map((one) => one.scaled).sort((a, b) => a - b);
  return {
    n: scaled.length,
    meanOvershoot: meanOf(kept.map((one) => one.overshoot)),
    meanScaled: meanOf(scaled),
    expectedMean: MEAN_OVERSHOOT,
    quantiles: OVERSHOOT_QUANTILES.map((quantile) => toQuantileStat(quantile, scaled)),
  };
}

function toQuantileStat(
  { p, value }: OvershootQuantile,
  scaled: readonly number[],
): OvershootQuantileStat {
  const within = scaled.filter((one) => one <= value).length;
  return {
    p,
    expected: value,
    observed: isSupported(scaled.length, p) ? percentileOf(scaled, p) : null,
    shareWithin: scaled.length === 0 ? null : within / scaled.length,
  };
}
