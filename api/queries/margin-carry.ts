import type { JudgedInstant } from '../../margin/attribution.ts';
import type { VenueRules } from '../../margin/venue-rules.ts';
import { CorruptDataError } from '../../schema/errors.ts';
import { formatFixed, pricePerWhole, USD_DECIMALS } from '../../schema/units.ts';
import type { MarginCarryAnswer } from './answers.ts';

/**
 * What time alone does to a position (analytics B8, B9): prices, market state, parameters, size and
 * collateral stand still, funding and borrowing run on by the rules of the venue.
 */
export interface MarginCarry {
  /** USD 1e30 an hour that the surplus M − R loses at this instant; negative: it grows. */
  readonly usdPerHour: bigint;
  /** dP*\/dt: units of the index feed an hour; null where no price liquidates. */
  readonly priceDriftPerHour: bigint | null;
  /**
   * First second after the instant at which the venue would liquidate; 0: it would now. Null where the
   * carry does not use the surplus up, or not within HORIZON_SECONDS.
   */
  readonly secondsToLiquidation: number | null;
}

const HOUR = 3_600n;
/** Ten years: a countdown beyond it says nothing. */
export const HORIZON_SECONDS = 10 * 365 * 86_400;
/** Half the span of the difference quotient where a venue accrues by the second. */
const HALF_HOUR = 1_800;
/** Newton's steps: one where accrual is linear, a few where the funding rate itself drifts. */
const MAX_STEPS = 40;

export const CARRY_CAVEAT =
  'Carry: prices, market state, parameters, size and collateral are frozen; only time passes.';
const BLOCK_CAVEAT = 'Borrowing that grows by block, not by time, is not in the carry.';
/** Venues a part of whose fees needs a block number, which has no time yet. */
const ACCRUING_BY_BLOCK = new Set(['gtrade']);

export function carryCaveats(venue: string): string[] {
  return ACCRUING_BY_BLOCK.has(venue) ? [CARRY_CAVEAT, BLOCK_CAVEAT] : [CARRY_CAVEAT];
}

/**
 * The rates are derivatives by the three-point quotient f'(t) = (−3 f(t) + 4 f(t+h) − f(t+2h)) ÷ 2h, which
 * is exact for what is linear or quadratic in time, as every venue's accrual is (a funding rate with a
 * velocity). h is one interval where a venue accrues in steps, so that the steps are averaged.
 * @returns null where the future cannot be judged
 */
export function carryOf(rules: VenueRules, instant: JudgedInstant): MarginCarry | null {
  const { input, assessment } = instant;
  const step = rules.accrualSeconds?.(input.parameters) ?? HALF_HOUR;
  const after = (seconds: number) =>
    rules.assess({ ...input, timestamp: input.timestamp + seconds });
  try {
    const [one, two] = [after(step), after(2 * step)];
    const perHour = (now: bigint, next: bigint, last: bigint): bigint =>
      ((4n * next - 3n * now - last) * HOUR) / BigInt(2 * step);
    const rate = perHour(surplusOf(assessment), surplusOf(one), surplusOf(two));
    const levels = [assessment, one, two].flatMap((at) => at.liquidationPrice ?? []);
    const [now, next, last] = levels;
    const hasLevels = now !== undefined && next !== undefined && last !== undefined;
    return {
      usdPerHour: -rate,
      priceDriftPerHour: hasLevels ? perHour(now, next, last) : null,
      secondsToLiquidation: countdown(rules, instant, step),
    };
  } catch (error) {
    if (!(error instanceof CorruptDataError)) throw error;
    return null;
  }
}

function surplusOf(assessment: { equityUsd: bigint; maintenanceMarginUsd: bigint }): bigint {
  return assessment.equityUsd - assessment.maintenanceMarginUsd;
}

/**
 * Newton's method on the surplus from the safe side, then halving between the last safe and the first
 * liquidatable second known, all by the venue's own test.
 */
function countdown(rules: VenueRules, instant: JudgedInstant, step: number): number | null {
  const { input } = instant;
  if (instant.assessment.isLiquidatable) return 0;
  const judge = (seconds: number) =>
    rules.assess({ ...input, timestamp: input.timestamp + seconds });
  let safe = 0;
  let surplus = surplusOf(instant.assessment);
  for (let steps = 0; steps < MAX_STEPS; steps += 1) {
    const [next, last] = [judge(safe + step), judge(safe + 2 * step)];
    const lost = 3n * surplus - 4n * surplusOf(next) + surplusOf(last);
    if (lost <= 0n) return null;
    const seconds = (surplus * BigInt(2 * step)) / lost;
    if (seconds > BigInt(HORIZON_SECONDS - safe)) return null;
    const tried = safe + Math.max(1, Number(seconds));
    const then = judge(tried);
    if (then.isLiquidatable) return firstBetween(safe, tried, judge);
    safe = tried;
    surplus = surplusOf(then);
  }
  return null;
}

/** Smallest liquidatable second in (safe, lost]: near `lost` first, where a linear accrual has it. */
function firstBetween(
  safe: number,
  lost: number,
  judge: (seconds: number) => { readonly isLiquidatable: boolean },
): number {
  let [low, high] = [safe, lost];
  for (let back = 1; high - back > low; back *= 2) {
    if (!judge(high - back).isLiquidatable) {
      low = high - back;
      break;
    }
    high -= back;
  }
  while (high - low > 1) {
    const middle = low + Math.floor((high - low) / 2);
    if (judge(middle).isLiquidatable) high = middle;
    else low = middle;
  }
  return high;
}

/** A carry in the words of the API. */
export function toCarryAnswer(
  carry: MarginCarry | null,
  priceDecimals: number | null,
): MarginCarryAnswer | null {
  if (carry === null) return null;
  const { priceDriftPerHour: drift } = carry;
  return {
    usdPerHour: formatFixed(carry.usdPerHour, USD_DECIMALS),
    priceDriftPerHour:
      drift === null || priceDecimals === null
        ? null
        : formatFixed(pricePerWhole(drift, priceDecimals), USD_DECIMALS),
    secondsToLiquidation: carry.secondsToLiquidation,
  };
}
