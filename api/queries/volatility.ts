import { z } from 'zod';
import type { Feed } from '../../margin/inputs.ts';
import type { PointVolatility, VolatilityWindow } from './answers.ts';
import { count, double, loadQuery, type Reader } from './stored-query.ts';

const sumsQuery = loadQuery(
  'volatility-sums',
  z.object({
    after_instant: count,
    first_second: count,
    last_second: count,
    decayed_sum: double,
  }),
);

const TAU_SECONDS: Readonly<Record<VolatilityWindow, number>> = {
  TEN_MINUTES: 600,
  ONE_HOUR: 3_600,
  ONE_DAY: 86_400,
};
const YEAR_SECONDS = 365 * 86_400;
/** e^−40 is below the precision of a double: what is older changes no digit. */
const LOOK_BACK = 40;
/** Least share of the weights of an endless past that must have been seen. */
const LEAST_WEIGHT = 0.5;

/** How a distance is put in units of volatility (analytics B7, L3). */
export interface VolatilityModel {
  readonly window: VolatilityWindow;
  /** T of z = d ÷ (σ √T). */
  readonly horizonSeconds: number;
}

export const DEFAULT_VOLATILITY: VolatilityModel = {
  window: 'ONE_HOUR',
  horizonSeconds: 86_400,
};

export function volatilityCaveat({ window, horizonSeconds }: VolatilityModel): string {
  return (
    `Volatility: EWMA of squared log returns of the index feed, tau ${TAU_SECONDS[window]} s, from updates before ` +
    `the second of the point; distanceInSigmas over ${horizonSeconds} s supposes that it stays as it is.`
  );
}

/** Variance a second at an instant; null before enough of the feed was seen. */
export type VarianceAt = (timestamp: number) => number | null;

/**
 * v ← a v + (1 − a) r² ÷ dt, a = e^(−dt/τ), at each second with updates, as of each instant: only updates
 * of earlier seconds count, so that no instant sees the future, nor half of a second. v is divided by the
 * weight that what was seen has, so that it does not start at 0; null below LEAST_WEIGHT.
 */
export async function readVariances(
  reader: Reader,
  request: {
    readonly chainId: number;
    readonly feed: Feed;
    readonly toBlock: number;
    readonly window: VolatilityWindow;
    /** Unix seconds, any order. */
    readonly instants: readonly number[];
  },
): Promise<VarianceAt> {
  const instants = [...new Set(request.instants)].sort((a, b) => a - b);
  const [first, last] = [instants[0], instants.at(-1)];
  if (first === undefined || last === undefined) return () => null;
  const tau = TAU_SECONDS[request.window];
  const rows = await sumsQuery.run(reader, {
    chainId: request.chainId,
    venue: request.feed.venue,
    token: request.feed.token,
    toBlock: request.toBlock,
    fromTime: Math.max(0, first - LOOK_BACK * tau),
    toTime: last,
    instants: [0, ...instants],
    tau,
  });
  return variancesOf(rows, instants, tau);
}

/** Sums of the terms between instants; `after_instant` is the instant at or before them, 0 for none. */
interface DecayedSum {
  readonly after_instant: number;
  readonly first_second: number;
  readonly last_second: number;
  readonly decayed_sum: number;
}

function variancesOf(
  sums: readonly DecayedSum[],
  instants: readonly number[],
  tau: number,
): VarianceAt {
  const variances = new Map<number, number | null>();
  const byStart = new Map(sums.map((sum) => [sum.after_instant, sum]));
  let variance = 0;
  let seen: { readonly from: number; readonly to: number } | null = null;
  for (const [index, instant] of instants.entries()) {
    const sum = byStart.get(instants[index - 1] ?? 0);
    if (sum) {
      const before: { readonly from: number; readonly to: number } = seen ?? {
        from: sum.first_second,
        to: sum.last_second,
      };
      variance = variance * Math.exp((before.to - sum.last_second) / tau) + sum.decayed_sum;
      seen = { from: before.from, to: sum.last_second };
    }
    const weight = seen === null ? 0 : -Math.expm1((seen.from - seen.to) / tau);
    variances.set(instant, weight < LEAST_WEIGHT ? null : variance / weight);
  }
  return (timestamp) => variances.get(timestamp) ?? null;
}

/** z = d ÷ (σ √T); null where the volatility is unknown. Without movement no z, whatever the distance. */
export function toPointVolatility(
  variance: number | null,
  distance: number | null,
  { horizonSeconds }: VolatilityModel,
): PointVolatility | null {
  if (variance === null) return null;
  const sigma = Math.sqrt(variance * horizonSeconds);
  return {
    annualized: Math.sqrt(variance * YEAR_SECONDS),
    distanceInSigmas: distance === null || sigma === 0 ? null : distance / sigma,
  };
}
