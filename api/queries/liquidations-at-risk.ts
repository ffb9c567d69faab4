import type { Side } from './answers.ts';
import { extremeMove, type PriceWalk, survivalBetween } from './first-passage.ts';

/** What is liquidated once the price has come this far. */
export interface RiskLevel {
  /** In logarithms, toward the danger of its side; 0 or below: liquidated whatever happens. */
  readonly distance: number;
  /** USD 1e30. */
  readonly valueUsd: bigint;
}

/** Mass up to each distance, rising: `reached[i]` once the price has come to `distances[i]`. */
interface Staircase {
  readonly distances: readonly number[];
  readonly reached: readonly bigint[];
  /** Already liquidated at a distance of 0. */
  readonly base: bigint;
  readonly isStepped: boolean;
}

/** Where a side has more levels than these, they are put on so many steps, each at the nearer edge of its step. */
const MAX_STEPS = 500;
/** Levels that the price comes to with less than this are never reached. */
const NEVER = 1e-12;

/** The move that one side's liquidations at risk rest on, and what lies within it. */
export interface SideAtRisk {
  /** The price moves farther with a probability of 1 − confidence. */
  readonly move: number;
  readonly valueUsd: bigint;
  readonly count: number;
}

/**
 * Quantile of what one side loses up to the horizon: all levels up to the move that the price exceeds with a
 * probability of 1 − confidence. Exact, as the mass only grows with the move (analytics D2).
 */
export function sideAtRisk(
  side: Side,
  levels: readonly RiskLevel[],
  walk: PriceWalk,
  confidence: number,
): SideAtRisk {
  const move = extremeMove(side, 1 - confidence, walk);
  const within = levels.filter(({ distance }) => distance <= move);
  return { move, valueUsd: sumOf(within), count: within.length };
}

/** What both sides lose together, at a confidence. */
export interface BothAtRisk {
  readonly valueUsd: bigint;
  /** Levels were put on steps of σ√T ÷ 70: the value is from above. */
  readonly isStepped: boolean;
}

/**
 * Quantile of what both sides lose together: the least value that the sum stays at or below with a probability of
 * `confidence` or more. The price seldom goes far down and far up within one horizon, so it is not the sum of the
 * two quantiles; the joint law of minimum and maximum decides.
 */
export function bothAtRisk(
  levels: Readonly<Record<Side, readonly RiskLevel[]>>,
  walk: PriceWalk,
  confidence: number,
): BothAtRisk {
  const longs = staircaseOf('LONG', levels.LONG, walk);
  const shorts = staircaseOf('SHORT', levels.SHORT, walk);
  let low = -1n;
  let high = (longs.reached.at(-1) ?? 0n) + (shorts.reached.at(-1) ?? 0n);
  // Only sums of a step of each side occur: what has none of them in it needs no look at the law.
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    const sum = largestSum(longs, shorts, middle);
    if (sum > low && chanceOfAtMost(sum, longs, shorts, walk) >= confidence) high = sum;
    else low = middle;
  }
  return {
    valueUsd: longs.base + shorts.base + high,
    isStepped: longs.isStepped || shorts.isStepped,
  };
}

function staircaseOf(side: Side, levels: readonly RiskLevel[], walk: PriceWalk): Staircase {
  const farthest = extremeMove(side, NEVER, walk);
  const near = levels.filter(({ distance }) => distance <= farthest);
  const isStepped = near.length > MAX_STEPS;
  const width = farthest / MAX_STEPS;
  const steps = new Map<number, bigint>();
  let base = 0n;
  for (const { distance, valueUsd } of near) {
    const at = isStepped ? Math.floor(distance / width) * width : distance;
    if (at <= 0) base += valueUsd;
    else steps.set(at, (steps.get(at) ?? 0n) + valueUsd);
  }
  const distances = [...steps.keys()].sort((a, b) => a - b);
  let sum = 0n;
  const reached = distances.map((distance) => {
    sum += steps.get(distance) ?? 0n;
    return sum;
  });
  return { distances, reached, base, isStepped };
}

/** Largest sum of what has been reached on both sides (nothing counts) at or below a bound of 0 or more. */
function largestSum(longs: Staircase, shorts: Staircase, bound: bigint): bigint {
  let largest = 0n;
  let shortStep = shorts.reached.length;
  for (const long of [0n, ...longs.reached]) {
    if (long > bound) break;
    shortStep = stepsAtMost(shorts, bound - long, shortStep);
    const sum = long + (shorts.reached[shortStep - 1] ?? 0n);
    if (sum > largest) largest = sum;
  }
  return largest;
}

/**
 * P(mass beyond the base ≤ most). While the minimum lies between two levels of longs, the maximum must stay below a level
 * of shorts; the chance of both is a difference of two corridors. Stretches with the same bound are one.
 */
function chanceOfAtMost(
  most: bigint,
  longs: Staircase,
  shorts: Staircase,
  walk: PriceWalk,
): number {
  const stretches: { from: number; readonly up: number }[] = [];
  let end = Number.POSITIVE_INFINITY;
  let shortStep = shorts.reached.length;
  for (const [step, long] of [0n, ...longs.reached].entries()) {
    const from = longs.distances[step - 1] ?? 0;
    if (long > most) {
      end = from;
      break;
    }
    shortStep = stepsAtMost(shorts, most - long, shortStep);
    const up = shorts.distances[shortStep] ?? Number.POSITIVE_INFINITY;
    if (stretches.at(-1)?.up !== up) stretches.push({ from, up });
  }
  return stretches.reduce((chance, { from, up }, at) => {
    const to = stretches[at + 1]?.from ?? end;
    return chance + survivalBetween(to, up, walk) - survivalBetween(from, up, walk);
  }, 0);
}

/** How many steps have at most this mass, looked for downward from `from`. */
function stepsAtMost({ reached }: Staircase, most: bigint, from: number): number {
  let steps = from;
  while (steps > 0 && (reached[steps - 1] ?? 0n) > most) steps -= 1;
  return steps;
}

function sumOf(levels: readonly RiskLevel[]): bigint {
  return levels.reduce((sum, { valueUsd }) => sum + valueUsd, 0n);
}
