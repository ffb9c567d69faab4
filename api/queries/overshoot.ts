import { z } from 'zod';
import { count, double, loadQuery, type Reader } from './stored-query.ts';

const volatilityQuery = loadQuery(
  'overshoot-volatility',
  z.object({ block_number: count, variance_per_second: double, ticks: count }),
);

/**
 * Where a price that is looked at every dt seconds first stands beyond a level, it has passed it by
 * 0.5826 σ√dt on average (−ζ(½) ÷ √(2π); Broadie, Glasserman and Kou 1997), in logarithms.
 */
export const MEAN_OVERSHOOT = 0.5826;

/** Quantiles of overshoot ÷ σ√dt, from 337,114 simulated crossings. */
export const OVERSHOOT_QUANTILES = [
  { p: 0.5, value: 0.449 },
  { p: 0.9, value: 1.28 },
  { p: 0.95, value: 1.577 },
  { p: 0.99, value: 2.185 },
  { p: 0.999, value: 2.921 },
] as const;

export type OvershootQuantile = (typeof OVERSHOOT_QUANTILES)[number];

/** 365 days: how volatilities are quoted. */
export const SECONDS_PER_YEAR = 31_536_000;

/** Farther back the weight of a return is below 10^−8. */
const WEIGHTLESS_TAUS = 20;

/** Overshoot ÷ σ√dt; null where nothing could move in between. */
export function scaledOvershoot(
  overshoot: number,
  sigmaPerSecond: number | null,
  seconds: number,
): number | null {
  if (sigmaPerSecond === null || sigmaPerSecond <= 0 || seconds <= 0) return null;
  return overshoot / (sigmaPerSecond * Math.sqrt(seconds));
}

/**
 * Smallest maintenance ratio with which a liquidation at the first price beyond its level leaves a debt
 * with a probability of at most 1 − p: penalty ÷ notional + (theta +) z_p σ√dt. With `theta`, the
 * deviation that triggers a feed's update, dt is the delivery delay.
 */
export function requiredBuffer(terms: {
  readonly penaltyRatio: number;
  readonly sigmaPerSecond: number;
  readonly seconds: number;
  readonly quantile: number;
  readonly theta?: number;
}): number {
  const { penaltyRatio, sigmaPerSecond, seconds, quantile, theta = 0 } = terms;
  return penaltyRatio + theta + quantile * sigmaPerSecond * Math.sqrt(seconds);
}

/**
 * Volatility of a feed (natural log, per √second) as of each block, exponentially weighted with time
 * constant `tauSeconds`. Blocks with fewer than `MIN_TICKS` prices behind them are left out.
 */
export async function volatilitiesAt(
  reader: Reader,
  request: {
    readonly chainId: number;
    /** `venue:token`. */
    readonly indexFeed: string;
    readonly blocks: readonly number[];
    /** Unix seconds of the earliest of the blocks. */
    readonly earliest: number;
    readonly tauSeconds: number;
  },
): Promise<Map<number, number>> {
  const { chainId, indexFeed, earliest, tauSeconds } = request;
  const blocks = [...new Set(request.blocks)];
  if (blocks.length === 0) return new Map();
  const rows = await volatilityQuery.run(reader, {
    chainId,
    indexFeed,
    blocks,
    tau: tauSeconds,
    sinceTime: Math.max(0, Math.floor(earliest - WEIGHTLESS_TAUS * tauSeconds)),
  });
  return new Map(
    rows
      .filter(({ ticks }) => ticks >= MIN_TICKS)
      .map((row) => [row.block_number, Math.sqrt(row.variance_per_second)]),
  );
}

/** Ten returns tell a volatility to about a quarter of itself. */
const MIN_TICKS = 11;
