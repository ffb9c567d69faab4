import type { Counts } from './order-statistics.ts';

/**
 * How old the newest price was, as a sawtooth: it starts at an age when a block brings a price, grows
 * second by second, and ends at another when the next one comes. Each start and end by its age, counted.
 */
export interface AgeTeeth {
  readonly starts: Counts;
  readonly ends: Counts;
}

export interface AgeOfInformation {
  /** Prices that were the newest for some time. */
  readonly n: number;
  readonly negativeCount: number;
  /** Σ(D·W + W²/2) ÷ ΣW; null where no price stood for any time. */
  readonly mean: number | null;
  readonly max: number | null;
  /** The age at or below which the newest price was for a share p of the time. */
  quantile(p: number): number;
}

/**
 * Age of information (analytics E3) from delay D and time W that each price was the newest: closed form,
 * weighted by time. As D·W + W²/2 = ((D + W)² − D²) ÷ 2, the counts of starts and ends tell it all.
 */
export function ageOfInformation({ starts, ends }: AgeTeeth): AgeOfInformation {
  const seconds = sumOf(ends, (age) => age) - sumOf(starts, (age) => age);
  const area = (sumOf(ends, (age) => age ** 2) - sumOf(starts, (age) => age ** 2)) / 2;
  const n = sumOf(starts, () => 1);
  const slopes = slopesOf({ starts, ends });
  return {
    n,
    negativeCount: sumOf(starts, (age) => (age < 0 ? 1 : 0)),
    mean: seconds > 0 ? area / seconds : null,
    max: slopes.at(-1)?.[0] ?? null,
    quantile: (p) => ageAfter(slopes, p * seconds),
  };
}

function sumOf(counts: Counts, measure: (age: number) => number): number {
  let sum = 0;
  for (const [age, times] of counts) sum += measure(age) * times;
  return sum;
}

/** At each age, how many teeth begin to pass through it, less those that end there; by age. */
function slopesOf({ starts, ends }: AgeTeeth): [age: number, change: number][] {
  const slopes = new Map(starts);
  for (const [age, times] of ends) slopes.set(age, (slopes.get(age) ?? 0) - times);
  return [...slopes].sort(([a], [b]) => a - b);
}

/** Age with `target` seconds spent at or below it: a walk along a piecewise linear function. */
function ageAfter(slopes: readonly [age: number, change: number][], target: number): number {
  let age = slopes[0]?.[0] ?? 0;
  let slope = 0;
  let spent = 0;
  for (const [next, change] of slopes) {
    const gained = slope * (next - age);
    if (slope > 0 && spent + gained >= target) return age + (target - spent) / slope;
    spent += gained;
    age = next;
    slope += change;
  }
  return age;
}
