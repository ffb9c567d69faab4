import type { Bucket, Decimal, Side } from './answers.ts';
import { hitProbability, type PriceWalk } from './first-passage.ts';
import type { EquityAtLevel, Exposure } from './liquidation-risk-exposures.ts';
import { type RiskLevel, sideAtRisk } from './liquidations-at-risk.ts';
import { usdText } from './margin-point.ts';
import { expectedExcessLoss } from './overshoot-law.ts';
import { type SizeClass, sizeClassAt, sizeClassOf } from './size-classes.ts';

/** Probabilities are cut to 12 digits, so that expected values are exact sums. */
const SHARE_ONE = 1_000_000_000_000n;
/** Debts are known to a millionth of a dollar. */
const MICRO_USD = 10n ** 24n;
/** What is liquidated with less than this adds no such debt. */
const NEGLIGIBLE = 1e-9;
const ONE_USD = 10n ** 30n;

/** Expected over the horizon: Σ notional × probability, and Σ probability. */
export interface Expected {
  readonly valueUsd: Decimal;
  readonly count: number;
}

export interface SideRisk {
  readonly side: Side;
  readonly expected: Expected;
  readonly atRisk: Bucket;
  /** Move of the price, in percent, that is exceeded with a probability of 1 − confidence. */
  readonly movePercent: number;
}

/** What liquidations would cost others: never part of the sums of liquidations. */
export interface BadDebtRisk {
  readonly side: Side;
  readonly expectedUsd: Decimal;
  /** Expected debt of the positions that are at risk, were all of them liquidated. */
  readonly atRiskUsd: Decimal;
}

export interface ClassRisk extends SizeClass {
  readonly side: Side;
  /** Positions with a liquidation price; value at it. */
  readonly open: Bucket;
  readonly expected: Expected;
  readonly atRisk: Bucket;
}

/** A position with what the model says of it. */
export interface Judged {
  readonly exposure: Exposure;
  /** Of a liquidation within the horizon, to 12 digits. */
  readonly probability: number;
  /** USD 1e30. */
  readonly expectedUsd: bigint;
  /** Within the move of its side that is exceeded with a probability of 1 − confidence. */
  readonly isAtRisk: boolean;
}

export interface SideTerms {
  readonly walk: PriceWalk;
  /** Added to every distance, as the price is only looked at now and then. */
  readonly shift: number;
  readonly confidence: number;
}

/** One side's positions with its row of the answer. */
export interface JudgedSide {
  readonly side: Side;
  readonly judged: readonly Judged[];
  readonly levels: readonly RiskLevel[];
  readonly risk: SideRisk;
}

/** Judges the positions of one side (analytics D1 and D2 of the side). */
export function judgeSide(
  side: Side,
  exposures: readonly Exposure[],
  { walk, shift, confidence }: SideTerms,
): JudgedSide {
  const own = exposures.filter((exposure) => exposure.side === side);
  const levels = own.map((exposure) => ({
    distance: exposure.distance <= 0 ? 0 : exposure.distance + shift,
    valueUsd: exposure.notionalUsd,
  }));
  const quantile = sideAtRisk(side, levels, walk, confidence);
  const judged = own.map((exposure, at): Judged => {
    const distance = levels[at]?.distance ?? 0;
    const share = BigInt(Math.round(hitProbability(side, distance, walk) * Number(SHARE_ONE)));
    return {
      exposure,
      probability: Number(share) / Number(SHARE_ONE),
      expectedUsd: (exposure.notionalUsd * share) / SHARE_ONE,
      isAtRisk: distance <= quantile.move,
    };
  });
  const seenMove = Math.max(0, quantile.move - shift);
  return {
    side,
    judged,
    levels,
    risk: {
      side,
      expected: expectedOf(judged),
      atRisk: atRiskOf(judged),
      movePercent: Math.expm1(side === 'LONG' ? -seenMove : seenMove) * 100,
    },
  };
}

export function expectedOf(judged: readonly Judged[]): Expected {
  return {
    valueUsd: usdText(judged.reduce((sum, { expectedUsd }) => sum + expectedUsd, 0n)),
    count: judged.reduce((sum, { probability }) => sum + probability, 0),
  };
}

function atRiskOf(judged: readonly Judged[]): Bucket {
  return bucketOf(judged.filter(({ isAtRisk }) => isAtRisk));
}

export function bucketOf(judged: readonly Pick<Judged, 'exposure'>[]): Bucket {
  const valueUsd = judged.reduce((sum, { exposure }) => sum + exposure.notionalUsd, 0n);
  return { valueUsd: usdText(valueUsd), count: judged.length };
}

/** Rows of one side by size class, only those with a position; they sum to the side. */
export function classRisks({ side, judged }: JudgedSide, bounds: readonly number[]): ClassRisk[] {
  return [0, ...bounds].flatMap((_, index): ClassRisk[] => {
    const own = judged.filter(({ exposure }) => sizeClassOf(bounds, exposure.sizeUsd) === index);
    if (own.length === 0) return [];
    return [
      {
        side,
        ...sizeClassAt(bounds, index),
        open: bucketOf(own),
        expected: expectedOf(own),
        atRisk: atRiskOf(own),
      },
    ];
  });
}

/**
 * Expected debt of one side: Σ p × E[max(0, loss beyond the level − (equity there − penalty))] (analytics D3).
 */
export function badDebtOf({ side, judged }: JudgedSide, terms: DebtTerms): BadDebtRisk {
  let expected = 0n;
  let atRisk = 0n;
  for (const { exposure, probability, isAtRisk } of judged) {
    if (probability < NEGLIGIBLE && !isAtRisk) continue;
    const debt = exposure.atLevel ? debtOf(exposure, exposure.atLevel(), terms) : 0;
    expected += toMicro(debt * probability);
    if (isAtRisk) atRisk += toMicro(debt);
  }
  return {
    side,
    expectedUsd: usdText(expected * MICRO_USD),
    atRiskUsd: usdText(atRisk * MICRO_USD),
  };
}

interface DebtTerms {
  /** σ√dt between two looks at the price. */
  readonly deviation: number;
  readonly penaltyRatio: number;
}

/** USD that a position owes on average, once it is liquidated at the first price beyond its level. */
function debtOf(
  exposure: Exposure,
  { equityUsd, slopeUsd }: EquityAtLevel,
  { deviation, penaltyRatio }: DebtTerms,
): number {
  const penaltyUsd = (Number(exposure.notionalUsd) / Number(ONE_USD)) * penaltyRatio;
  return expectedExcessLoss({
    isLong: exposure.side === 'LONG',
    exposure: Number(slopeUsd) / Number(ONE_USD),
    cushion: Number(equityUsd) / Number(ONE_USD) - penaltyUsd,
    deviation,
  });
}

function toMicro(usd: number): bigint {
  return BigInt(Math.round(usd * 1e6));
}
