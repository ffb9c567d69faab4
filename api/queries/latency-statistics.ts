import type { HistogramBin, LatencyStat, OracleMetric, SurvivalPoint } from './answers.ts';

/** Upper bounds of the histogram's bins in seconds; the last bin is open. */
const BIN_BOUNDS = [0, 1, 3, 5, 9, 16, 31, 46, 61, 121, 301, 601, 3601] as const;

const PERCENTILES = [
  ['p50', 0.5],
  ['p90', 0.9],
  ['p95', 0.95],
  ['p99', 0.99],
  ['p999', 0.999],
] as const;

export interface RawStat {
  /** UPDATE_INTERVAL only: how the group's prices came on chain. */
  readonly delivery?: 'PUSH' | 'PULL' | 'MIXED';
  readonly metric: OracleMetric;
  readonly n: number;
  readonly negativeCount: number;
  readonly mean: number;
  /** At 0.5, 0.9, 0.95, 0.99, 0.999. */
  readonly percentiles: readonly number[];
  readonly max: number;
}

const INTERVAL_NOTES = {
  PULL: 'Pull oracle: the interval measures how often somebody trades, not a heartbeat.',
  PUSH: null,
  MIXED: 'Push and pull feeds together: the interval is neither a heartbeat nor a demand.',
} as const;
const CLOCK_NOTE = 'Both clocks count whole seconds: ±1 s.';

/** A percentile stands only on at least 10 ÷ (1 − p) samples; below that it is null, with a caveat. */
export function toLatencyStat(raw: RawStat): LatencyStat {
  const hidden: string[] = [];
  const value = (index: number): number | null => {
    const [name, p] = PERCENTILES[index] ?? ['', 0];
    if (raw.n >= Math.round(10 / (1 - p))) return raw.percentiles[index] ?? null;
    hidden.push(name);
    return null;
  };
  const [p50, p90, p95, p99, p999] = [value(0), value(1), value(2), value(3), value(4)];
  const caveats = hidden.length > 0 ? [`Too few samples (${raw.n}) for ${hidden.join(', ')}.`] : [];
  const note = raw.delivery ? INTERVAL_NOTES[raw.delivery] : null;
  if (note !== null) caveats.push(note);
  if (raw.metric === 'DELIVERY_DELAY') caveats.push(CLOCK_NOTE);
  return {
    metric: raw.metric,
    unit: raw.metric === 'DEVIATION_AT_UPDATE' ? 'log-return' : 'seconds',
    label: raw.delivery ?? null,
    n: raw.n,
    negativeCount: raw.negativeCount,
    mean: raw.n > 0 ? raw.mean : null,
    p50: p50 ?? null,
    p90: p90 ?? null,
    p95: p95 ?? null,
    p99: p99 ?? null,
    p999: p999 ?? null,
    max: raw.n > 0 ? raw.max : null,
    caveats,
  };
}

/** Histogram of whole-second delays: how often each delay came. */
export function toHistogram(distribution: ReadonlyMap<number, number>): HistogramBin[] {
  const delays = [...distribution.keys()];
  const least = Math.min(0, ...delays);
  const most = Math.max(0, ...delays);
  const bounds = [least, ...BIN_BOUNDS.filter((bound) => bound > least && bound <= most), most + 1];
  return bounds.slice(0, -1).map((lower, index) => {
    const upper = bounds[index + 1] ?? lower;
    let count = 0;
    for (const [delay, times] of distribution) if (delay >= lower && delay < upper) count += times;
    return { lower, upper, count };
  });
}

/** Share of samples above each delay that occurred, falling to 0. */
export function toSurvival(distribution: ReadonlyMap<number, number>): SurvivalPoint[] {
  const sorted = [...distribution].sort(([a], [b]) => a - b);
  const total = sorted.reduce((sum, [, times]) => sum + times, 0);
  let above = total;
  return sorted.map(([seconds, times]) => {
    above -= times;
    return { seconds, share: above / total };
  });
}

/** Time for which a price was the newest: its age ran from `delay` to `delay + width`, `times` times. */
export interface AgeStretch {
  readonly delay: number;
  readonly width: number;
  readonly times: number;
}

/**
 * Age of the newest price over time (analytics E3), time-weighted and exact: the mean is
 * Σ(D·W + W²/2) ÷ ΣW, a percentile the age below which the price was for that share of the time.
 */
export function ageStatistics(stretches: readonly AgeStretch[]): RawStat {
  let time = 0;
  let area = 0;
  let n = 0;
  let max = 0;
  let negativeCount = 0;
  for (const { delay, width, times } of stretches) {
    time += width * times;
    area += (delay * width + width ** 2 / 2) * times;
    n += times;
    max = Math.max(max, delay + width);
    if (delay < 0) negativeCount += times;
  }
  return {
    metric: 'AGE',
    n,
    negativeCount,
    mean: time > 0 ? area / time : 0,
    percentiles: PERCENTILES.map(([, p]) => ageQuantile(stretches, p * time)),
    max,
  };
}

/** Age x with `target` seconds spent at or below it: a walk over the slopes of a piecewise line. */
function ageQuantile(stretches: readonly AgeStretch[], target: number): number {
  const slopes = new Map<number, number>();
  for (const { delay, width, times } of stretches) {
    slopes.set(delay, (slopes.get(delay) ?? 0) + times);
    slopes.set(delay + width, (slopes.get(delay + width) ?? 0) - times);
  }
  const sorted = [...slopes].sort(([a], [b]) => a - b);
  let age = sorted[0]?.[0] ?? 0;
  let slope = 0;
  let spent = 0;
  for (const [next, change] of sorted) {
    const gained = slope * (next - age);
    if (slope > 0 && spent + gained >= target) return age + (target - spent) / slope;
    spent += gained;
    age = next;
    slope += change;
  }
  return age;
}
