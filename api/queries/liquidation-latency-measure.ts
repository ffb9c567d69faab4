import type { Breach, Check } from './liquidation-latency-breach.ts';
import type { LiquidationCase } from './liquidation-latency-cases.ts';
import { scaledOvershoot } from './overshoot.ts';

/** A logarithm as an integer: 10^12 = 1. */
const LOG_UNIT = 1_000_000_000_000n;

/** One breach in numbers. */
export interface MeasuredBreach {
  readonly breach: Breach<LiquidationCase>;
  readonly at: LiquidationCase['at'];
  readonly isImmediate: boolean;
  readonly delaySeconds: number;
  readonly delaySecondsMost: number | null;
  readonly delayBlocks: number;
  readonly breachToFlagSeconds: number | null;
  readonly flagToLiquidationSeconds: number | null;
  readonly observedDelaySeconds: number | null;
  readonly observedDelaySecondsMost: number | null;
  readonly breachPrice: bigint;
  readonly triggerPrice: bigint;
  readonly overshootAtBreach: number | null;
  readonly overshoot: number | null;
  readonly scaled: number | null;
  readonly sigmaPerSecond: number | null;
  readonly seconds: number;
  readonly delayCostRatio: number;
  readonly delayCostUsd: bigint;
}

/** @param volatilities per √second, by block of the last safe price. */
export function measure(
  one: Breach<LiquidationCase>,
  volatilities: ReadonlyMap<number, number>,
): MeasuredBreach {
  const { found, safe, breach, anchor } = one;
  const { row, at, flag } = found;
  const isLong = row.is_long;
  const bound = ({ min, max }: { readonly min: bigint; readonly max: bigint }) =>
    isLong ? min : max;
  const breachPrice = bound(breach.assessment.indexPrice);
  const used = isLong ? row.index_price_min : row.index_price_max;
  // Where a liquidation's log has no price of its own, the one in force at the anchor.
  const triggerPrice = used > 0n ? used : bound(anchor.assessment.indexPrice);
  const sigmaPerSecond = (safe && volatilities.get(safe.block)) ?? null;
  const seconds = secondsBetween(safe, breach);
  const overshootAtBreach = negative(breach.assessment.distance);
  const adverse = Math.log(Number(breachPrice) / Number(triggerPrice));
  const isImmediate = breach.block === at.block;
  const delayCostRatio = isImmediate ? 0 : (isLong ? adverse : -adverse) || 0;
  const since = (time: number | null | undefined) =>
    time === null || time === undefined ? null : at.timestamp - time;
  return {
    breach: one,
    at,
    isImmediate,
    delaySeconds: at.timestamp - breach.timestamp,
    delaySecondsMost: since(safe?.timestamp),
    delayBlocks: at.block - breach.block,
    breachToFlagSeconds: flag && flag.timestamp - breach.timestamp,
    flagToLiquidationSeconds: flag && at.timestamp - flag.timestamp,
    observedDelaySeconds: since(breach.observedAt),
    observedDelaySecondsMost: since(safe?.observedAt),
    breachPrice,
    triggerPrice,
    overshootAtBreach,
    overshoot: negative(anchor.assessment.distance),
    scaled:
      overshootAtBreach === null
        ? null
        : scaledOvershoot(overshootAtBreach, sigmaPerSecond, seconds),
    sigmaPerSecond,
    seconds,
    delayCostRatio,
    delayCostUsd:
      (breach.assessment.notionalUsd * BigInt(Math.round(delayCostRatio * Number(LOG_UNIT)))) /
      LOG_UNIT,
  };
}

function negative(value: number | null): number | null {
  return value === null ? null : -value || 0;
}

/** Between the observations of the two prices, where their logs say so; else between their blocks. */
function secondsBetween(safe: Check | null, breach: Check): number {
  if (safe === null) return 0;
  const observed = (breach.observedAt ?? 0) - (safe.observedAt ?? 0);
  const isObserved = breach.observedAt !== null && safe.observedAt !== null && observed > 0;
  return isObserved ? observed : breach.timestamp - safe.timestamp;
}
