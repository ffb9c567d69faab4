import type { AgeOfInformation } from './age-of-information.ts';
import type { HistogramBin, LatencyStat, OracleMetric, SurvivalPoint } from './answers.ts';
import type {
  BoundCheck,
  Delivery,
  QuantileInterval,
  SampleStatistics,
  WriteCauses,
} from './oracle-answers.ts';
import { CountedSample, type Counts, type RankedSample, rankInterval } from './order-statistics.ts';

/** Upper bounds of the histogram's bins in seconds; the last bin is open. */
const BIN_BOUNDS = [0, 1, 3, 5, 9, 16, 31, 46, 61, 121, 301, 601, 3601] as const;

const PERCENTILES = [
  ['p50', 0.5],
  ['p90', 0.9],
  ['p95', 0.95],
  ['p99', 0.99],
  ['p999', 0.999],
] as const;

/** Ratios are counted in units of 1e-7, a thousandth of a basis point. */
const QUANTA_PER_RATIO = 1e7;

const UNITS: Readonly<Record<OracleMetric, string>> = {
  DELIVERY_DELAY: 'seconds',
  UPDATE_INTERVAL: 'seconds',
  AGE: 'seconds',
  DEVIATION_AT_UPDATE: 'log-return',
  CONFIDENCE_RATIO: 'ratio',
  MIN_MAX_SPREAD: 'ratio',
};

export interface CountedStat {
  readonly metric: Exclude<OracleMetric, 'AGE'>;
  readonly delivery: Delivery;
  /** Seconds, or units of 1e-7. */
  readonly distribution: Counts | RankedSample;
  readonly bound?: BoundCheck | null;
  readonly causes?: WriteCauses | null;
}

const PULL_INTERVAL_NOTE =
  'Pull oracle: the interval measures how often somebody trades, not a heartbeat.';
const CLOCK_NOTE = 'Both clocks count whole seconds: ±1 s.';

type Percentiles = Pick<LatencyStat, 'p50' | 'p90' | 'p95' | 'p99' | 'p999'>;

/** A percentile stands only on at least 10 ÷ (1 − p) samples; below that it is null, with a caveat. */
export function isSupported(n: number, p: number): boolean {
  return n >= Math.round(10 / (1 - p));
}

/** Percentiles that stand, and what to say of the others. */
function percentilesOf(n: number, quantile: (p: number) => number) {
  const known = PERCENTILES.filter(([, p]) => isSupported(n, p));
  const hidden = PERCENTILES.filter(([, p]) => !isSupported(n, p)).map(([name]) => name);
  const none: Percentiles = { p50: null, p90: null, p95: null, p99: null, p999: null };
  const values = Object.fromEntries(known.map(([name, p]) => [name, quantile(p)]));
  return {
    percentiles: { ...none, ...values },
    levels: known.map(([, p]) => p),
    caveats: hidden.length > 0 ? [`Too few samples (${n}) for ${hidden.join(', ')}.`] : [],
  };
}

/** Exact statistics of samples that the engine has counted by value. */
export function toLatencyStat(counted: CountedStat): LatencyStat {
  const { metric, delivery, distribution } = counted;
  const { caveats, ...statistics } = sampleStatistics(distribution, UNITS[metric]);
  const notes = [...caveats];
  if (metric === 'UPDATE_INTERVAL' && delivery === 'PULL') notes.push(PULL_INTERVAL_NOTE);
  if (metric === 'DELIVERY_DELAY') notes.push(CLOCK_NOTE);
  return {
    metric,
    label: metric === 'UPDATE_INTERVAL' ? delivery : null,
    ...statistics,
    bound: counted.bound ?? null,
    causes: counted.causes ?? null,
    caveats: notes,
  };
}

/** Samples counted in seconds, or for any other unit in 1e-7 of it. */
export function sampleStatistics(
  distribution: Counts | RankedSample,
  unit: string,
): SampleStatistics {
  const scale = unit === 'seconds' ? 1 : QUANTA_PER_RATIO;
  const sample = new CountedSample(distribution);
  const { percentiles, levels, caveats } = percentilesOf(
    sample.n,
    (p) => sample.quantile(p) / scale,
  );
  return {
    unit,
    n: sample.n,
    negativeCount: sample.negativeCount,
    mean: sample.mean === null ? null : sample.mean / scale,
    ...percentiles,
    max: sample.max === null ? null : sample.max / scale,
    intervals: levels.flatMap((p) => quantileInterval(sample, p, scale)),
    caveats,
  };
}

function quantileInterval(sample: CountedSample, p: number, scale: number): QuantileInterval[] {
  const ranks = rankInterval(sample.n, p);
  if (!ranks) return [];
  return [
    {
      p,
      lower: sample.at(ranks.lower) / scale,
      upper: sample.at(ranks.upper) / scale,
      lowerRank: ranks.lower,
      upperRank: ranks.upper,
      coverage: ranks.coverage,
    },
  ];
}

export function toAgeStat(age: AgeOfInformation): LatencyStat {
  const { percentiles, caveats } = percentilesOf(age.n, age.quantile);
  return {
    metric: 'AGE',
    unit: UNITS.AGE,
    label: null,
    n: age.n,
    negativeCount: age.negativeCount,
    mean: age.mean,
    ...percentiles,
    max: age.max,
    intervals: [],
    bound: null,
    causes: null,
    caveats,
  };
}

/** Histogram of whole-second delays: how often each delay came. */
export function toHistogram(distribution: Counts): HistogramBin[] {
  const delays = [...distribution.keys()].sort((a, b) => a - b);
  const least = Math.min(0, delays[0] ?? 0);
  const most = Math.max(0, delays.at(-1) ?? 0);
  const bounds = [least, ...BIN_BOUNDS.filter((bound) => bound > least && bound <= most), most + 1];
  return bounds.slice(0, -1).map((lower, index) => {
    const upper = bounds[index + 1] ?? lower;
    let count = 0;
    for (const [delay, times] of distribution) if (delay >= lower && delay < upper) count += times;
    return { lower, upper, count };
  });
}

/** Share of samples above each delay that occurred, falling to 0. */
export function toSurvival(distribution: Counts): SurvivalPoint[] {
  const sorted = [...distribution].sort(([a], [b]) => a - b);
  const total = sorted.reduce((sum, [, times]) => sum + times, 0);
  let above = total;
  return sorted.map(([seconds, times]) => {
    above -= times;
    return { seconds, share: above / total };
  });
}
