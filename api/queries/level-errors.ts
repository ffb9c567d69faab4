import { isSupported } from './latency-statistics.ts';
import { CountedSample } from './order-statistics.ts';

/** What was known of a position some time before it was liquidated. */
export type KnownPlacement =
  /** At this price. */
  | 'LEVEL'
  /** No price would have liquidated it. */
  | 'NONE'
  /** A price or parameter that its rules need was missing. */
  | 'UNKNOWN'
  /** It was not open yet. */
  | 'OPENED_SINCE';

/** A liquidation, and what the map said of that position before. */
export interface GradedLiquidation {
  readonly isLong: boolean;
  /** Closed size at the trigger price, USD 1e30. */
  readonly notionalUsd: bigint;
  readonly triggerPrice: bigint;
  readonly placement: KnownPlacement;
  /** In the units of `triggerPrice`; only read with a LEVEL. */
  readonly levelPrice: bigint;
}

export interface Amount {
  readonly valueUsd: bigint;
  readonly count: number;
}

/** Distribution of the signed error, bps: positive = executed beyond the level. */
export interface LevelErrors {
  readonly n: number;
  readonly mean: number | null;
  readonly min: number | null;
  readonly p1: number | null;
  readonly p10: number | null;
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p99: number | null;
  readonly max: number | null;
}

export interface Recall extends Amount {
  readonly withinBps: number;
  /** Of all that was liquidated; null where nothing was. */
  readonly share: number | null;
  /** Of what was open at the lead; null where nothing was. */
  readonly shareOfOpen: number | null;
}

/** Distances within which a level counts as known, bps. */
export const RECALL_WITHIN_BPS = [5, 10, 25, 50, 100, 200] as const;

/** 1e4 × s × ln(P* ÷ P_trigger), s = +1 long, −1 short. */
export function levelErrorBps(one: GradedLiquidation): number {
  const beyond = 1e4 * Math.log(Number(one.levelPrice) / Number(one.triggerPrice));
  if (beyond === 0) return 0;
  return one.isLong ? beyond : -beyond;
}

/** Exact percentiles of the errors; null below 10 ÷ (1 − p) of them (10 ÷ p for the low ones). */
export function levelErrors(errors: readonly number[]): LevelErrors {
  const counts = new Map<number, number>();
  for (const error of errors) counts.set(error, (counts.get(error) ?? 0) + 1);
  const sample = new CountedSample(counts);
  const quantile = (p: number) =>
    isSupported(sample.n, Math.max(p, 1 - p)) ? sample.quantile(p) : null;
  return {
    n: sample.n,
    mean: sample.mean,
    min: sample.n === 0 ? null : sample.at(1),
    p1: quantile(0.01),
    p10: quantile(0.1),
    p50: quantile(0.5),
    p90: quantile(0.9),
    p99: quantile(0.99),
    max: sample.max,
  };
}

/** Notional and count per placement: the four sum to all of them. */
export function amountsByPlacement(
  liquidations: readonly GradedLiquidation[],
): Readonly<Record<KnownPlacement, Amount>> {
  const of = (placement: KnownPlacement) =>
    sum(liquidations.filter((one) => one.placement === placement));
  return {
    LEVEL: of('LEVEL'),
    NONE: of('NONE'),
    UNKNOWN: of('UNKNOWN'),
    OPENED_SINCE: of('OPENED_SINCE'),
  };
}

/** How much of what was liquidated had a level within each distance of its trigger price. */
export function recalls(liquidations: readonly GradedLiquidation[]): Recall[] {
  const whole = sum(liquidations);
  const open = sum(liquidations.filter(({ placement }) => placement !== 'OPENED_SINCE'));
  const levelled = liquidations
    .filter(({ placement }) => placement === 'LEVEL')
    .map((one) => ({ ...one, error: Math.abs(levelErrorBps(one)) }));
  return RECALL_WITHIN_BPS.map((withinBps) => {
    const within = sum(levelled.filter(({ error }) => error <= withinBps));
    return {
      withinBps,
      ...within,
      share: shareOf(within.valueUsd, whole.valueUsd),
      shareOfOpen: shareOf(within.valueUsd, open.valueUsd),
    };
  });
}

export function sum(liquidations: readonly Pick<GradedLiquidation, 'notionalUsd'>[]): Amount {
  return {
    valueUsd: liquidations.reduce((total, { notionalUsd }) => total + notionalUsd, 0n),
    count: liquidations.length,
  };
}

/** Exact at 0 and 1; null of nothing. */
export function shareOf(part: bigint, whole: bigint): number | null {
  return whole === 0n ? null : Number(part) / Number(whole);
}
