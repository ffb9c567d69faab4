import { z } from 'zod';
import type { Feed } from '../../margin/inputs.ts';
import { UsageError } from '../../schema/errors.ts';
import { MAX_SCORE_LEADS, MAX_SCORE_STEPS } from '../limits.ts';
import { isoTime } from './provenance.ts';
import type { BlockRef, Source } from './source-directory.ts';
import { count, integer, loadQuery, type Reader } from './stored-query.ts';

const spanQuery = loadQuery(
  'map-score-span',
  z.object({
    first_time: count,
    low_price: integer,
    high_price: integer,
    low_before: integer,
    high_before: integer,
  }),
);

/** 1 min, 5 min, 15 min, 1 h, 4 h, 24 h. */
export const DEFAULT_LEADS = [60, 300, 900, 3_600, 14_400, 86_400] as const;
/** Without `from`: so much before the end. */
const DEFAULT_WINDOW_SECONDS = 30 * 86_400;
const LONGEST_LEAD_SECONDS = 30 * 86_400;

/** What is graded: liquidations and steps in [from, to), unix seconds. */
export interface ScoreWindow {
  readonly from: number;
  readonly to: number;
  /** Seconds, rising, each once. */
  readonly leads: readonly number[];
}

/** The index feed of a market up to a block. */
export interface ScoredFeed {
  readonly source: Source;
  readonly feed: Feed;
  readonly asOf: BlockRef;
}

/**
 * The window as asked for, ending at the as-of block; without a start the last 30 days, from the first
 * price on.
 * @throws UsageError where it is empty, has no price, or has too many leads or steps.
 */
export async function planScoreWindow(
  reader: Reader,
  scored: ScoredFeed,
  asked: {
    readonly from?: number | null | undefined;
    readonly to?: number | null | undefined;
    readonly leads?: readonly number[] | null | undefined;
  },
): Promise<ScoreWindow> {
  const leads = checkedLeads(asked.leads ?? DEFAULT_LEADS);
  const to = Math.min(asked.to ?? Number.POSITIVE_INFINITY, scored.asOf.timestamp + 1);
  const first = (await readSpan(reader, scored, 0, to)).first_time;
  if (first === 0) {
    throw new UsageError('The index token has no price by then.', {
      facts: { token: scored.feed.token, block: scored.asOf.block, to: isoTime(to) },
    });
  }
  const from = asked.from ?? Math.max(first, to - DEFAULT_WINDOW_SECONDS);
  if (from >= to) {
    throw new UsageError('The window is empty or lies after what is indexed.', {
      facts: { from: isoTime(from), to: isoTime(to), indexedTo: isoTime(scored.asOf.timestamp) },
    });
  }
  const steps = leads.reduce((sum, lead) => sum + Math.floor((to - from) / lead), 0);
  if (steps > MAX_SCORE_STEPS) {
    throw new UsageError('That asks for too many steps: the window is cut by each lead.', {
      facts: { steps, limit: MAX_SCORE_STEPS },
      remedy: 'Ask for a shorter window or longer leads.',
    });
  }
  return { from, to, leads };
}

function checkedLeads(asked: readonly number[]): number[] {
  const leads = [...new Set(asked)].sort((a, b) => a - b);
  const longest = leads.at(-1) ?? 0;
  if (leads.length === 0 || leads.length > MAX_SCORE_LEADS || longest > LONGEST_LEAD_SECONDS) {
    throw new UsageError('The leads are out of bounds.', {
      facts: {
        leads: leads.length,
        mostLeads: MAX_SCORE_LEADS,
        longest,
        longestAllowed: LONGEST_LEAD_SECONDS,
      },
      remedy: 'Ask for one lead or more, none of them longer than 30 days.',
    });
  }
  return leads;
}

/** Lowest and highest price that was in force at any time of [from, to), in the feed's own decimals. */
export async function priceExtremes(
  reader: Reader,
  scored: ScoredFeed,
  from: number,
  to: number,
): Promise<{ readonly low: bigint; readonly high: bigint } | null> {
  const span = await readSpan(reader, scored, Math.max(0, from), to);
  const lows = [span.low_price, span.low_before].filter((price) => price > 0n);
  const highs = [span.high_price, span.high_before].filter((price) => price > 0n);
  const [low] = lows.sort(byValue);
  const high = highs.sort(byValue).at(-1);
  return low === undefined || high === undefined ? null : { low, high };
}

async function readSpan(reader: Reader, scored: ScoredFeed, fromTime: number, toTime: number) {
  const [span] = await spanQuery.run(reader, {
    chainId: scored.source.chainId,
    feedVenue: scored.feed.venue,
    feedToken: scored.feed.token,
    toBlock: scored.asOf.block,
    fromTime,
    toTime,
  });
  return span ?? { first_time: 0, low_price: 0n, high_price: 0n, low_before: 0n, high_before: 0n };
}

export function byValue(left: bigint, right: bigint): number {
  return left < right ? -1 : Number(left > right);
}
