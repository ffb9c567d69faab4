import { z } from 'zod';
import type { MarginAssessment } from '../../margin/assessment.ts';
import { type Feed, feedKey, type PriceRange } from '../../margin/inputs.ts';
import { CorruptDataError } from '../../schema/errors.ts';
import { CooperativePause } from './cooperative-pause.ts';
import type { BreachCase, HeldState, Place } from './liquidation-latency-cases.ts';
import type { MarketRef } from './market-ref.ts';
import {
  feedKeys,
  lastAtOrBefore,
  type MarketTimeline,
  readMarketTimeline,
} from './market-timeline.ts';
import { count, integer, loadQuery, type Reader, text } from './stored-query.ts';

const instantsQuery = loadQuery(
  'liquidation-latency-instants',
  z.object({
    block_number: count,
    block_time: count,
    observed_at: count.nullable(),
    ordinal: count,
  }),
);

const anchorPricesQuery = loadQuery(
  'event-prices',
  z.object({
    feed: text,
    min_price: integer,
    max_price: integer,
    block_number: count,
    log_index: count,
  }),
);

/** A block in which a feed of the market got a price. */
export interface PriceInstant {
  readonly block: number;
  readonly timestamp: number;
  /** Unix seconds; null where its log does not say. */
  readonly observedAt: number | null;
  /** Number of such blocks up to it, from the first one that was read. */
  readonly ordinal: number;
}

/** What made the position liquidatable: a price, its owner's own change of it, or time (fees, rules). */
export type BreachCause = 'PRICE' | 'OWNER' | 'ACCRUAL';

/** A judged instant. */
export interface Check {
  readonly block: number;
  readonly timestamp: number;
  readonly observedAt: number | null;
  readonly assessment: MarginAssessment;
}

/**
 * Where a position became liquidatable for the last time before its anchor. Only what the chain
 * has is judged, so the breach itself lies after `safe` and at or before `breach`.
 */
export interface Breach<Case extends BreachCase> {
  readonly found: Case;
  /** Last instant at which the rules called it safe; null when it was liquidatable since it opened. */
  readonly safe: Check | null;
  /** First instant after it at which they did not. */
  readonly breach: Check;
  readonly cause: BreachCause;
  /** The judgement at the anchor. */
  readonly anchor: Check;
  /** Blocks with a new price after the breach, up to the liquidation. */
  readonly updates: number;
}

export interface BreachReport<Case extends BreachCase> {
  readonly breaches: readonly Breach<Case>[];
  /** Not liquidatable by our rules at the anchor: of liquidations there must be none. */
  readonly unexplained: readonly Case[];
  /** Could not be judged, by reason. */
  readonly unknown: ReadonlyMap<string, number>;
  readonly timeline: MarketTimeline;
  readonly readPublishedParameters: boolean;
}

/** How many prices back the last safe one is looked for, in turns. */
const DEPTHS = [8, 128, 2_048, 32_768] as const;

/** Looks for the breach of each case, going back from its anchor price by price. */
export async function findBreaches<Case extends BreachCase>(
  reader: Reader,
  market: MarketRef,
  cases: readonly Case[],
): Promise<BreachReport<Case>> {
  const head = Math.max(0, ...cases.map(({ at }) => at.block));
  const known = await readMarketTimeline(reader, { ...market, blocks: [head] });
  const report = new Findings<Case>(known);
  let pending = cases;
  for (const depth of DEPTHS) {
    if (pending.length === 0 || known.feeds.length === 0) break;
    const instants = await readInstants(reader, market, known.feeds, { cases: pending, depth });
    const walks = pending.map((found) => new Walk(found, instants, depth));
    const timeline = await readMarketTimeline(reader, {
      ...market,
      blocks: walks.flatMap((walk) => walk.blocks),
    });
    const pricesIn = await readAnchorPrices(reader, market, known.feeds, pending);
    await judgeAll(walks, timeline, pricesIn, report);
    report.take(timeline);
    const isLast = depth === DEPTHS.at(-1);
    pending = walks.filter((walk) => !report.settle(walk, isLast)).map(({ found }) => found);
  }
  return report;
}

/** The instants at which one case is judged in a turn: prices and its own changes, then the anchor. */
class Walk<Case extends BreachCase> {
  readonly found: Case;
  /** Rising, all before the anchor's block; where the anchor is a block's end, that one too. */
  readonly candidates: readonly PriceInstant[];
  /** Whether the candidates reach back to where the position opened. */
  readonly isWhole: boolean;
  readonly instants: readonly PriceInstant[];
  readonly checks = new Map<number, Check>();
  anchor: Check | null = null;
  /** Why it cannot be judged. */
  fault: string | null = null;
  isOwnersDoing = false;

  constructor(found: Case, instants: readonly PriceInstant[], depth: number) {
    this.found = found;
    this.instants = instants;
    const [{ block: opened }] = found.states;
    const { anchor } = found;
    const before = instants.filter(({ block }) => block >= opened && block < anchor.block);
    const prices = before.slice(-depth);
    // The window of an anchor may be cut in the middle of the list that all cases share.
    this.isWhole = before.length < depth;
    const since = this.isWhole ? opened : (prices[0]?.block ?? anchor.block);
    const own = found.states
      .filter(({ block }) => block >= since && block < anchor.block)
      .map(({ block, timestamp }) => ({ block, timestamp, observedAt: null, ordinal: 0 }));
    const end = found.isAtBlockEnd ? [endOf(anchor, instants)] : [];
    const byBlock = new Map([...own, ...prices, ...end].map((instant) => [instant.block, instant]));
    this.candidates = [...byBlock.values()].sort((a, b) => a.block - b.block);
  }

  get blocks(): number[] {
    const { anchor } = this.found;
    return [...this.candidates.map(({ block }) => block), anchor.block - 1, anchor.block];
  }

  stateAt(block: number): HeldState | null {
    return lastAtOrBefore(this.found.states, block);
  }
}

class Findings<Case extends BreachCase> implements BreachReport<Case> {
  readonly breaches: Breach<Case>[] = [];
  readonly unexplained: Case[] = [];
  readonly unknown = new Map<string, number>();
  readonly timeline: MarketTimeline;
  readPublishedParameters = false;

  constructor(timeline: MarketTimeline) {
    this.timeline = timeline;
  }

  take(timeline: MarketTimeline): void {
    this.readPublishedParameters ||= timeline.readPublishedParameters();
  }

  /** @returns false when the walk must go farther back. */
  settle(walk: Walk<Case>, isLast: boolean): boolean {
    const { anchor, found } = walk;
    if (walk.fault !== null || anchor === null) {
      const reason = walk.fault ?? 'no price';
      this.unknown.set(reason, (this.unknown.get(reason) ?? 0) + 1);
      return true;
    }
    if (!anchor.assessment.isLiquidatable) {
      this.unexplained.push(found);
      return true;
    }
    const judged = [
      ...walk.candidates.flatMap(({ block }) => walk.checks.get(block) ?? []),
      anchor,
    ];
    const lastSafe = judged.findLastIndex(({ assessment }) => !assessment.isLiquidatable);
    if (lastSafe < 0 && !walk.isWhole && !isLast) return false;
    const breach = judged[lastSafe + 1] ?? anchor;
    this.breaches.push({
      found,
      safe: judged[lastSafe] ?? null,
      breach,
      anchor,
      cause: causeOf(walk, breach),
      updates:
        breach.block === found.at.block
          ? 0
          : ordinalAt(walk.instants, found.at.block) - ordinalAt(walk.instants, breach.block),
    });
    return true;
  }
}

function causeOf(walk: Walk<BreachCase>, breach: Check): BreachCause {
  if (walk.isOwnersDoing) return 'OWNER';
  return walk.instants.some(({ block }) => block === breach.block) ? 'PRICE' : 'ACCRUAL';
}

function ordinalAt(instants: readonly PriceInstant[], block: number): number {
  return lastAtOrBefore(instants, block)?.ordinal ?? 0;
}

/** The end of a block as an instant, with the price of the block if there is one. */
function endOf({ block, timestamp }: Place, instants: readonly PriceInstant[]): PriceInstant {
  const posted = instants.find((one) => one.block === block);
  return posted ?? { block, timestamp, observedAt: null, ordinal: ordinalAt(instants, block) };
}

type PricesIn = (place: Place) => ReadonlyMap<string, PriceRange>;

/** Judges every walk at every candidate, in rising blocks: parameters are cheapest so. */
async function judgeAll<Case extends BreachCase>(
  walks: readonly Walk<Case>[],
  timeline: MarketTimeline,
  pricesIn: PricesIn,
  report: Findings<Case>,
): Promise<void> {
  const pause = new CooperativePause();
  const jobs = walks.flatMap((walk) => [
    ...walk.candidates.map((instant) => ({ walk, block: instant.block, instant })),
    ...(walk.found.isAtBlockEnd ? [] : [{ walk, block: walk.found.anchor.block, instant: null }]),
  ]);
  jobs.sort((a, b) => a.block - b.block);
  for (const { walk, block, instant } of jobs) {
    await pause.breathe();
    try {
      if (instant) walk.checks.set(instant.block, judge(walk, instant, timeline));
      else walk.anchor = judgeAnchor(walk.found, walk.instants, timeline, pricesIn);
    } catch (error) {
      if (!(error instanceof CorruptDataError)) throw error;
      // An early instant without its price or parameter ends the way back; the anchor must be judged.
      const isAnchor = !instant || (walk.found.isAtBlockEnd && block === walk.found.anchor.block);
      if (isAnchor) walk.fault = error.message;
    }
  }
  for (const walk of walks) {
    if (walk.found.isAtBlockEnd) walk.anchor = walk.checks.get(walk.found.anchor.block) ?? null;
  }
  report.take(timeline);
}

function judge(walk: Walk<BreachCase>, instant: PriceInstant, timeline: MarketTimeline): Check {
  const { block, timestamp, observedAt } = instant;
  const held = walk.stateAt(block);
  const [opened] = walk.found.states;
  const assess = (state: unknown) =>
    timeline.rules.assess({
      position: state,
      market: timeline.marketAt(block)?.state,
      parameters: timeline.parametersAt(block),
      prices: timeline.pricesAt(block),
      timestamp,
      block,
    });
  const assessment = assess((held ?? opened).state);
  if (!assessment.isLiquidatable) walk.isOwnersDoing = false;
  else if (held && held.block === block) {
    const before = walk.found.states.findLast((state) => state.block < block);
    const wasSafe = walk.candidates.findLast((one) => one.block < block);
    const isFirst = !wasSafe || walk.checks.get(wasSafe.block)?.assessment.isLiquidatable === false;
    if (isFirst) walk.isOwnersDoing = !before || !assess(before.state).isLiquidatable;
  }
  return { block, timestamp, observedAt, assessment };
}

/** As the venue saw it: the state before the event, at the prices posted up to its log. */
function judgeAnchor(
  found: BreachCase,
  instants: readonly PriceInstant[],
  timeline: MarketTimeline,
  pricesIn: PricesIn,
): Check {
  const { anchor } = found;
  const held = found.states.at(-1) ?? found.states[0];
  const assessment = timeline.rules.assess({
    position: held.state,
    market: timeline.marketAt(anchor.block - 1)?.state,
    parameters: timeline.parametersAt(anchor.block),
    prices: new Map([...timeline.pricesAt(anchor.block - 1), ...pricesIn(anchor)]),
    timestamp: anchor.timestamp,
    block: anchor.block,
  });
  const posted = instants.find(({ block }) => block === anchor.block);
  const { block, timestamp } = anchor;
  return { block, timestamp, observedAt: posted?.observedAt ?? null, assessment };
}

async function readInstants(
  reader: Reader,
  { source }: MarketRef,
  feeds: readonly Feed[],
  wanted: { readonly cases: readonly BreachCase[]; readonly depth: number },
): Promise<PriceInstant[]> {
  const [index] = feeds;
  const blocks = wanted.cases.flatMap(({ anchor, at }) => [anchor.block, at.block]);
  const rows = await instantsQuery.run(reader, {
    chainId: source.chainId,
    feeds: feedKeys(feeds),
    indexFeed: index ? feedKey(index.venue, index.token) : '',
    anchors: [...new Set(blocks)],
    // Nothing is judged before the first of the positions opened.
    fromBlock: wanted.cases.reduce((least, one) => Math.min(least, one.states[0].block), Infinity),
    // One more, as the anchor's own block may be the last.
    depth: wanted.depth + 1,
  });
  return rows.map((row) => ({
    block: row.block_number,
    timestamp: row.block_time,
    observedAt: row.observed_at,
    ordinal: row.ordinal,
  }));
}

async function readAnchorPrices(
  reader: Reader,
  { source }: MarketRef,
  feeds: readonly Feed[],
  cases: readonly BreachCase[],
): Promise<PricesIn> {
  const rows = await anchorPricesQuery.run(reader, {
    chainId: source.chainId,
    feeds: feedKeys(feeds),
    blocks: [...new Set(cases.map(({ anchor }) => anchor.block))],
  });
  return ({ block, logIndex }) => {
    const prices = new Map<string, PriceRange>();
    for (const row of rows) {
      if (row.block_number !== block || row.log_index > logIndex) continue;
      prices.set(row.feed, { min: row.min_price, max: row.max_price });
    }
    return prices;
  };
}
