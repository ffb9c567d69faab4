import { z } from 'zod';
import { CorruptDataError } from '../schema/errors.ts';
import type { MarginAssessment } from './assessment.ts';
import { type BandQuantiles, bandQuantiles } from './margin-quantiles.ts';
import { decodeState, encodeState } from './state-codec.ts';

/** Health below which positions are counted: liquidatable, and three steps before. */
export const HEALTH_THRESHOLDS = [1, 1.1, 1.25, 1.5] as const;

/** What a spread needs of one judged position. */
export interface JudgedMargin
  extends Pick<
    MarginAssessment,
    'notionalUsd' | 'marginRatio' | 'healthFactor' | 'isLiquidatable' | 'liquidationPrice'
  > {
  readonly positionKey: string;
  readonly isLong: boolean;
}

/** Some positions together. */
export interface SpreadShare {
  /** USD 1e30, as the venue's test counts it. */
  readonly notionalUsd: bigint;
  readonly count: number;
}

export interface MarginBand {
  /** Each position counts 1. */
  readonly byCount: BandQuantiles;
  /** Each position counts its notional at that instant. */
  readonly byNotional: BandQuantiles;
}

export interface ShareUnder extends SpreadShare {
  /** Positions with a health factor below it. */
  readonly health: number;
}

export interface ClosestMargin {
  readonly positionKey: string;
  readonly isLong: boolean;
  readonly healthFactor: number;
  readonly marginRatio: number | null;
  /** USD 1e30. */
  readonly notionalUsd: bigint;
  /** With the decimals of the index feed. */
  readonly liquidationPrice: bigint | null;
}

/** How the margins of some open positions are spread at one instant. */
export interface MarginSpread {
  /** Every open position that could be judged. */
  readonly open: SpreadShare;
  /** Open, but a price or parameter that its rules need is unknown. */
  readonly unjudged: number;
  readonly liquidatable: SpreadShare;
  /** Over the positions that have the ratio; so are the next. */
  readonly marginRatio: MarginBand;
  readonly healthFactor: MarginBand;
  /** One share for each of HEALTH_THRESHOLDS. */
  readonly under: readonly ShareUnder[];
  /** The least health; of equals the first by position key. */
  readonly closest: ClosestMargin | null;
}

/** Depends on nothing but the positions: their order does not matter. */
export function marginSpread(judged: readonly JudgedMargin[], unjudged: number): MarginSpread {
  return {
    open: shareOf(judged),
    unjudged,
    liquidatable: shareOf(judged.filter(({ isLiquidatable }) => isLiquidatable)),
    marginRatio: bandOf(judged, ({ marginRatio }) => marginRatio),
    healthFactor: bandOf(judged, ({ healthFactor }) => healthFactor),
    under: HEALTH_THRESHOLDS.map((health) => ({
      health,
      ...shareOf(judged.filter((one) => one.healthFactor !== null && one.healthFactor < health)),
    })),
    closest: closestOf(judged),
  };
}

function shareOf(judged: readonly JudgedMargin[]): SpreadShare {
  return {
    notionalUsd: judged.reduce((sum, one) => sum + one.notionalUsd, 0n),
    count: judged.length,
  };
}

function bandOf(
  judged: readonly JudgedMargin[],
  measure: (one: JudgedMargin) => number | null,
): MarginBand {
  const known = judged.flatMap((one) => {
    const value = measure(one);
    return value === null ? [] : [{ value, weight: one.notionalUsd }];
  });
  return {
    byCount: bandQuantiles(known.map(({ value }) => ({ value, weight: 1n }))),
    byNotional: bandQuantiles(known),
  };
}

function closestOf(judged: readonly JudgedMargin[]): ClosestMargin | null {
  let closest: ClosestMargin | null = null;
  for (const { positionKey, isLong, healthFactor, ...rest } of judged) {
    if (healthFactor === null) continue;
    const isCloser =
      closest === null ||
      healthFactor < closest.healthFactor ||
      (healthFactor === closest.healthFactor && positionKey < closest.positionKey);
    if (!isCloser) continue;
    const { marginRatio, notionalUsd, liquidationPrice } = rest;
    closest = { positionKey, isLong, healthFactor, marginRatio, notionalUsd, liquidationPrice };
  }
  return closest;
}

const ratio = z.number().nullable();
const quantiles = z.strictObject({
  min: ratio,
  p5: ratio,
  p25: ratio,
  p50: ratio,
  p75: ratio,
  p95: ratio,
});
const band = z.strictObject({ byCount: quantiles, byNotional: quantiles });
const share = { notionalUsd: z.bigint(), count: z.int().nonnegative() };

const spreadSchema = z.strictObject({
  open: z.strictObject(share),
  unjudged: z.int().nonnegative(),
  liquidatable: z.strictObject(share),
  marginRatio: band,
  healthFactor: band,
  under: z.array(z.strictObject({ health: z.number(), ...share })),
  closest: z
    .strictObject({
      positionKey: z.string(),
      isLong: z.boolean(),
      healthFactor: z.number(),
      marginRatio: ratio,
      notionalUsd: z.bigint(),
      liquidationPrice: z.bigint().nullable(),
    })
    .nullable(),
});

/** As stored: canonical, and every number comes back as it was. */
export function marginSpreadText(spread: MarginSpread): string {
  return encodeState(spread);
}

/** Inverse of `marginSpreadText`. @throws CorruptDataError on any other text. */
export function parseMarginSpread(text: string): MarginSpread {
  try {
    return spreadSchema.parse(decodeState<unknown>(text));
  } catch (cause) {
    throw new CorruptDataError('A stored spread of margins cannot be read.', {
      facts: { text: text.slice(0, 200) },
      remedy: 'Make the derived rows again: `bulkhead rebuild`.',
      cause,
    });
  }
}
