/** How often each whole number came, e.g. delays in seconds: a sample of any size in little room. */
export type Counts = ReadonlyMap<number, number>;

/** A sample of which only some ranks will be asked: values in rising order, and how many samples lie at or below each. */
export interface RankedSample {
  readonly n: number;
  readonly sum: number;
  readonly negativeCount: number;
  readonly max: number;
  readonly values: readonly number[];
  readonly upTo: readonly number[];
}

/** A sample counted by value, asked by rank. Exact: nothing is binned or interpolated but by R-7. */
export class CountedSample {
  readonly n: number;
  readonly mean: number | null;
  readonly max: number | null;
  readonly negativeCount: number;
  readonly #values: readonly number[];
  /** Samples at or below the value of the same place. */
  readonly #upTo: readonly number[];

  constructor(sample: Counts | RankedSample) {
    const ranked = 'upTo' in sample ? sample : rankedSample(sample);
    this.n = ranked.n;
    this.mean = ranked.n > 0 ? ranked.sum / ranked.n : null;
    this.max = ranked.n > 0 ? ranked.max : null;
    this.negativeCount = ranked.negativeCount;
    this.#values = ranked.values;
    this.#upTo = ranked.upTo;
  }

  /** The value of a rank: 1 = the smallest, n = the largest; ranks beyond mean the nearest. */
  at(rank: number): number {
    let low = 0;
    let high = this.#upTo.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#upTo[middle] ?? 0) >= rank) high = middle;
      else low = middle + 1;
    }
    return this.#values[low] ?? Number.NaN;
  }

  /** Linear between order statistics, as numpy and ClickHouse's quantileExactInclusive. */
  quantile(p: number): number {
    const place = (this.n - 1) * p;
    const below = Math.floor(place);
    const value = this.at(below + 1);
    return place === below ? value : value + (place - below) * (this.at(below + 2) - value);
  }
}

function rankedSample(counts: Counts): RankedSample {
  const sorted = [...counts].sort(([a], [b]) => a - b);
  let n = 0;
  let sum = 0;
  let negativeCount = 0;
  const upTo: number[] = [];
  for (const [value, times] of sorted) {
    n += times;
    sum += value * times;
    if (value < 0) negativeCount += times;
    upTo.push(n);
  }
  const values = sorted.map(([value]) => value);
  return { n, sum, negativeCount, max: values.at(-1) ?? 0, values, upTo };
}

/** Ranks of two order statistics between which the quantile lies with at least this probability. */
export interface RankInterval {
  readonly lower: number;
  readonly upper: number;
  /** P(lower ≤ B < upper), B ~ Bin(n, p): exact, whatever the samples are distributed like. */
  readonly coverage: number;
}

const CONFIDENCE = 0.95;

/**
 * Distribution-free confidence interval of the p-quantile of n independent samples, equal-tailed: at
 * most 2.5 % on each side. Null where the sample is too small to have one.
 * @example rankInterval(1000, 0.99) // { lower: 983, upper: 997, coverage: 0.976 }
 */
export function rankInterval(n: number, p: number): RankInterval | null {
  const { first, weights } = binomialWeights(n, p);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const tail = ((1 - CONFIDENCE) / 2) * total;
  let lower = first;
  let below = 0;
  // `below` is P(B < lower): the next rank still leaves at most one tail below it.
  while (below + (weights[lower - first] ?? 0) <= tail) {
    below += weights[lower - first] ?? 0;
    lower += 1;
  }
  let upper = first + weights.length;
  let above = 0;
  while (above + (weights[upper - 1 - first] ?? 0) <= tail) {
    upper -= 1;
    above += weights[upper - first] ?? 0;
  }
  if (lower < 1 || upper > n) return null;
  return { lower, upper, coverage: 1 - (below + above) / total };
}

/** Below this share of the largest weight nothing is left that a tail of 2.5 % could feel. */
const NEGLIGIBLE = 1e-18;

/** Bin(n, p) up to a factor, around its mode: from `first` on, as far as it matters. */
function binomialWeights(n: number, p: number): { first: number; weights: number[] } {
  const odds = p / (1 - p);
  const mode = Math.min(n, Math.floor((n + 1) * p));
  const down: number[] = [];
  let first = mode;
  for (let weight = 1; first > 0; first -= 1) {
    weight *= first / ((n - first + 1) * odds);
    if (weight < NEGLIGIBLE) break;
    down.push(weight);
  }
  const weights = [...down.reverse(), 1];
  for (let k = mode, weight = 1; k < n; k += 1) {
    weight *= ((n - k) / (k + 1)) * odds;
    if (weight < NEGLIGIBLE) break;
    weights.push(weight);
  }
  return { first, weights };
}
