import { z } from 'zod';
import { formatFixed, rescale, USD_DECIMALS } from '../../schema/units.ts';
import type { Bucket } from './answers.ts';
import { shareOf } from './level-errors.ts';
import type { ScoreScope } from './map-score-cases.ts';
import { count, integer, loadQuery, type Reader } from './stored-query.ts';

const fateQuery = loadQuery(
  'mass-fate',
  z.object({
    lead: count,
    steps: count,
    liquidated: integer,
    rescued: integer,
    closed: integer,
    moved: integer,
    standing: integer,
    liquidated_count: count,
    rescued_count: count,
    closed_count: count,
    moved_count: count,
    standing_count: count,
  }),
);

export const FATES = ['LIQUIDATED', 'RESCUED', 'CLOSED', 'MOVED', 'STANDING'] as const;
export type Fate = (typeof FATES)[number];

/** Into so many spans the window is cut, so that steps are joined with levels of their time only. */
const SPANS = 60;
const LEAST_SPAN_SECONDS = 3_600;

/** What became of a part of the mass; a position counts once a step, where most can be said of it. */
export interface FatePart extends Bucket {
  readonly fate: Fate;
  /** Of the whole; null where the price went through nothing. */
  readonly share: number | null;
}

/** What became of all mass that the price went through, over all steps of a lead. */
export interface MassFate {
  /** Whole steps of the lead in the window that had a price in them and one before. */
  readonly steps: number;
  /** The sum of the parts, exactly. */
  readonly whole: Bucket;
  /** All five, in the order of FATES. */
  readonly parts: readonly FatePart[];
}

/** By lead; a lead without a step is missing. */
export async function readMassFates(
  reader: Reader,
  scope: ScoreScope,
): Promise<ReadonlyMap<number, MassFate>> {
  const { market, window, indexToken } = scope;
  const rows = await fateQuery.run(reader, {
    chainId: market.source.chainId,
    venue: market.venue,
    market: market.market,
    feedVenue: scope.feed.venue,
    feedToken: scope.feed.token,
    toBlock: scope.asOf.block,
    fromTime: window.from,
    toTime: window.to,
    leads: [...window.leads],
    spanSeconds: Math.max(LEAST_SPAN_SECONDS, Math.ceil((window.to - window.from) / SPANS)),
    binSeconds: window.leads.reduce(greatestCommonDivisor),
    priceUnit: 10 ** -indexToken.priceDecimals,
    side: scope.side ?? '',
  });
  const decimals = indexToken.decimals + indexToken.priceDecimals;
  return new Map(rows.map((row) => [row.lead, toFate(row, decimals)]));
}

function toFate(
  row: Awaited<ReturnType<typeof fateQuery.run>>[number],
  decimals: number,
): MassFate {
  const amounts: Readonly<Record<Fate, readonly [bigint, number]>> = {
    LIQUIDATED: [row.liquidated, row.liquidated_count],
    RESCUED: [row.rescued, row.rescued_count],
    CLOSED: [row.closed, row.closed_count],
    MOVED: [row.moved, row.moved_count],
    STANDING: [row.standing, row.standing_count],
  };
  const parts = FATES.map((fate) => {
    const [mass, positions] = amounts[fate];
    return { fate, usd: rescale(mass, decimals, USD_DECIMALS), count: positions };
  });
  // Of what is shown, so that the parts are the whole to the last digit.
  const whole = parts.reduce((sum, { usd }) => sum + usd, 0n);
  return {
    steps: row.steps,
    whole: {
      valueUsd: formatFixed(whole, USD_DECIMALS),
      count: parts.reduce((sum, part) => sum + part.count, 0),
    },
    parts: parts.map(({ fate, usd, count: positions }) => ({
      fate,
      valueUsd: formatFixed(usd, USD_DECIMALS),
      count: positions,
      share: shareOf(usd, whole),
    })),
  };
}

function greatestCommonDivisor(left: number, right: number): number {
  return right === 0 ? left : greatestCommonDivisor(right, left % right);
}
