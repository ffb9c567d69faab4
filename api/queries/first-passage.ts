import type { Side } from './answers.ts';
import { normalCdf } from './normal-distribution.ts';
import { MEAN_OVERSHOOT } from './overshoot.ts';

/**
 * What a price is expected to do on average. MARTINGALE: the price stays, so its logarithm falls by σ²T ÷ 2.
 * ZERO_LOG_DRIFT: the logarithm stays, so the price rises by as much.
 */
export type DriftConvention = 'MARTINGALE' | 'ZERO_LOG_DRIFT';

/** A price whose logarithm is a Brownian motion, over one horizon. */
export interface PriceWalk {
  /** Standard deviation of the logarithm at the horizon, σ√T. */
  readonly deviation: number;
  readonly drift: DriftConvention;
}

/**
 * Probability that the price comes as far as `distance` (in logarithms, toward the side's danger: down for longs) at
 * any instant up to the horizon: Φ((−d + νs) ÷ s) + e^(2νd ÷ s) Φ((−d − νs) ÷ s), s = σ√T, ν the drift toward the level
 * in deviations (analytics L1). 1 at a distance of 0 or below.
 */
export function hitProbability(side: Side, distance: number, walk: PriceWalk): number {
  const { deviation: s } = walk;
  if (distance <= 0) return 1;
  if (s <= 0) return 0;
  const slope = side === 'LONG' ? -slopeOf(walk.drift) : slopeOf(walk.drift);
  const direct = normalCdf(-distance / s + slope * s);
  const reflected = normalCdf(-distance / s - slope * s);
  const sum = direct + (reflected === 0 ? 0 : Math.exp(2 * slope * distance) * reflected);
  return Math.min(1, sum);
}

/** Drift of the logarithm over its variance. */
function slopeOf(drift: DriftConvention): number {
  return drift === 'MARTINGALE' ? -0.5 : 0;
}

/**
 * How far a level must be moved away where the price is only looked at every `checkSeconds`: 0.5826 σ√dt
 * (Broadie, Glasserman and Kou 1997; analytics L2). A price looked at always moves none.
 */
export function barrierShift(sigmaPerSecond: number, checkSeconds: number): number {
  return MEAN_OVERSHOOT * sigmaPerSecond * Math.sqrt(checkSeconds);
}

/** Halvings until the interval has no double between its ends. */
const HALVINGS = 100;

/**
 * The move (in logarithms, toward the side's danger) that the price exceeds up to the horizon with exactly the
 * probability `tail`: the quantile of its running minimum, for shorts of its maximum.
 */
export function extremeMove(side: Side, tail: number, walk: PriceWalk): number {
  if (walk.deviation <= 0) return 0;
  let near = 0;
  let far = walk.deviation;
  while (hitProbability(side, far, walk) > tail) far *= 2;
  for (let halving = 0; halving < HALVINGS; halving += 1) {
    const middle = (near + far) / 2;
    if (hitProbability(side, middle, walk) > tail) near = middle;
    else far = middle;
  }
  return far;
}

/** A corridor narrower than this many deviations is kept to with a probability below 1e−13. */
const NARROW = 0.4;
/** So many deviations off a normal has less than 1e−18 of its mass. */
const FAR_DEVIATIONS = 9;

/**
 * Probability that the price stays above −`down` and below `up` (distances in logarithms; Infinity: no bound on that
 * side) all the way to the horizon, by the images of both bounds.
 */
export function survivalBetween(down: number, up: number, walk: PriceWalk): number {
  if (down <= 0 || up <= 0) return 0;
  if (up === Number.POSITIVE_INFINITY) {
    return down === up ? 1 : 1 - hitProbability('LONG', down, walk);
  }
  if (down === Number.POSITIVE_INFINITY) return 1 - hitProbability('SHORT', up, walk);
  const { deviation: s } = walk;
  if (s <= 0) return 1;
  const width = down + up;
  if (width < NARROW * s) return 0;
  const slope = slopeOf(walk.drift);
  const images = Math.ceil((FAR_DEVIATIONS * s) / (2 * width) + 0.5);
  let sum = 0;
  for (let image = -images; image <= images; image += 1) {
    const own = 2 * image * width;
    sum += imageMass(own, { down, up, s, slope }) - imageMass(own + 2 * up, { down, up, s, slope });
  }
  return Math.min(1, Math.max(0, sum));
}

/** e^(μc) times the mass that a normal of mean c + μs² has between the bounds. */
function imageMass(
  centre: number,
  terms: { readonly down: number; readonly up: number; readonly s: number; readonly slope: number },
): number {
  const { down, up, s, slope } = terms;
  const middle = centre + slope * s * s;
  const low = (-down - middle) / s;
  const high = (up - middle) / s;
  if (low > FAR_DEVIATIONS || high < -FAR_DEVIATIONS) return 0;
  // The difference of the smaller tails keeps the digits.
  const mass = low > 0 ? normalCdf(-low) - normalCdf(-high) : normalCdf(high) - normalCdf(low);
  return mass === 0 ? 0 : Math.exp(slope * centre) * mass;
}
