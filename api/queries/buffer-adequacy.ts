import { z } from 'zod';
import { feedKey } from '../../margin/inputs.ts';
import { CorruptDataError, UsageError } from '../../schema/errors.ts';
import { MAX_ASSESSMENTS, MAX_BUFFER_INTERVALS } from '../limits.ts';
import type { Provenance } from './answers.ts';
import { CooperativePause } from './cooperative-pause.ts';
import { percentileOf } from './liquidation-latency-summary.ts';
import { type OpenPosition, readOpenPositions, unknownCaveats } from './liquidation-mass.ts';
import { marketSymbol } from './market-names.ts';
import { idOfMarket, type MarketRef } from './market-ref.ts';
import { type MarketTimeline, readMarketTimeline } from './market-timeline.ts';
import {
  OVERSHOOT_QUANTILES,
  requiredBuffer,
  SECONDS_PER_YEAR,
  volatilitiesAt,
} from './overshoot.ts';
import { judgedWith } from './parameter-values.ts';
import { makeProvenance } from './provenance.ts';
import { type BlockRef, resolveBlock, type Snapshot } from './source-directory.ts';
import { count, double, loadQuery, type Reader } from './stored-query.ts';

const termsQuery = loadQuery(
  'buffer-adequacy',
  z.object({
    liquidations: count,
    penalty_ratio: double.nullable(),
    intervals: count,
    mean_seconds: double.nullable(),
    longest_seconds: double.nullable(),
  }),
);

const METHOD = 'buffer-adequacy';
const RANDOM_WALK =
  'Supposes a price that moves as a random walk of this volatility and is looked at every interval; real prices jump.';
const NO_PENALTY = 'No liquidation yet: the penalty counts as 0.';
const SUPPOSED = 'Supposed volatility.';

/** Penalties are those of this many newest liquidations. */
const NEWEST_LIQUIDATIONS = 1_000;
const DEFAULT_INTERVALS = [1, 60, 1_200, 3_600] as const;
const DEFAULT_TAU_SECONDS = 3_600;
/** Prices of the last day tell how often the market is looked at. */
const INTERVAL_WINDOW_SECONDS = 86_400;

export interface BufferAdequacyRequest {
  readonly market: MarketRef;
  readonly atBlock?: number | null | undefined;
  /** Seconds between two prices to ask about. */
  readonly intervals?: readonly number[] | null | undefined;
  /** Per √year. Default: of the index feed at the block. */
  readonly volatility?: number | null | undefined;
  readonly tauSeconds?: number | null | undefined;
  /** Deviation that triggers an update of the feed, as a ratio: then the interval is its delivery delay. */
  readonly theta?: number | null | undefined;
}

export interface BufferRow {
  readonly label: 'ASKED' | 'MEAN_INTERVAL' | 'LONGEST_INTERVAL';
  readonly seconds: number;
  /** Smallest maintenance ratio with a debt in at most 1 of 100 liquidations; null without a volatility. */
  readonly requiredRatio: number | null;
  /** Maintenance ratio ÷ required: 1 is enough, below it is too little. */
  readonly adequacy: number | null;
}

export interface BufferAdequacy {
  readonly provenance: Provenance;
  readonly marketId: string;
  readonly marketSymbol: string | null;
  /** Per √year. */
  readonly volatility: number | null;
  readonly tauSeconds: number;
  readonly theta: number;
  /** Median of maintenance margin ÷ notional over the open positions; null without any. */
  readonly maintenanceRatio: number | null;
  readonly leastMaintenanceRatio: number | null;
  readonly positions: number;
  /** Median of penalty ÷ closed notional over the newest liquidations. */
  readonly penaltyRatio: number | null;
  readonly liquidations: number;
  readonly rows: readonly BufferRow[];
}

export interface PenaltyTerms {
  /** Null before the first liquidation. */
  readonly penaltyRatio: number | null;
  readonly liquidations: number;
  /** Mean and longest time between prices in the last day; null without two prices. */
  readonly meanSeconds: number | null;
  readonly longestSeconds: number | null;
}

/** What the answer rests on, read at the as-of block. */
interface BufferTerms extends PenaltyTerms {
  readonly timeline: MarketTimeline;
  /** Per √second. */
  readonly sigma: number | null;
  /** Maintenance margin ÷ notional of each open position, rising. */
  readonly ratios: readonly number[];
  readonly unknown: ReadonlyMap<string, number>;
}

/**
 * The maintenance margin that the time between two prices calls for, and the one that the market asks
 * for (analytics F5). @throws UsageError on an unknown market or block, or intervals that are not above 0.
 */
export async function bufferAdequacy(
  snapshot: Snapshot,
  request: BufferAdequacyRequest,
): Promise<BufferAdequacy> {
  const { source, venue, market } = request.market;
  const asked = {
    intervals: checkIntervals(request.intervals ?? DEFAULT_INTERVALS),
    volatility: request.volatility ?? null,
    tauSeconds: request.tauSeconds ?? DEFAULT_TAU_SECONDS,
    theta: request.theta ?? 0,
  };
  const asOf = await resolveBlock(snapshot.reader, source, request.atBlock);
  const terms = await readTerms(snapshot.reader, request.market, asOf, asked.tauSeconds);
  const { timeline, ratios, penaltyRatio } = terms;
  const sigma =
    asked.volatility === null ? terms.sigma : asked.volatility / Math.sqrt(SECONDS_PER_YEAR);
  const judged = judgedWith(timeline.readPublishedParameters());
  return {
    provenance: makeProvenance({
      source,
      query: METHOD,
      parameters: { market: idOfMarket(request.market), ...asked },
      asOf,
      basis: 'MODELED',
      method: METHOD,
      version: `1+${timeline.rules.method}${judged.suffix}`,
      caveats: [
        RANDOM_WALK,
        ...(asked.volatility === null ? [] : [SUPPOSED]),
        ...(penaltyRatio === null ? [NO_PENALTY] : []),
        ...judged.caveats,
        ...unknownCaveats(terms.unknown),
      ],
    }),
    marketId: idOfMarket(request.market),
    marketSymbol: marketSymbol(source, venue, market, timeline.indexToken),
    volatility: sigma === null ? null : sigma * Math.sqrt(SECONDS_PER_YEAR),
    tauSeconds: asked.tauSeconds,
    theta: asked.theta,
    maintenanceRatio: middleOf(ratios),
    leastMaintenanceRatio: ratios[0] ?? null,
    positions: ratios.length,
    penaltyRatio,
    liquidations: terms.liquidations,
    rows: bufferRows(terms, { ...asked, sigma }),
  };
}

async function readTerms(
  reader: Reader,
  { source, venue, market }: MarketRef,
  asOf: BlockRef,
  tauSeconds: number,
): Promise<BufferTerms> {
  const scope = { source, venue, market };
  const { block, timestamp } = asOf;
  const [timeline, positions] = await Promise.all([
    readMarketTimeline(reader, { ...scope, blocks: [block] }),
    readOpenPositions(reader, { ...scope, fromBlock: block, toBlock: block, filter: {} }),
  ]);
  const [index] = timeline.feeds;
  const feed = {
    chainId: source.chainId,
    indexFeed: index ? feedKey(index.venue, index.token) : '',
  };
  const [penaltyTerms, volatilities, ratios] = await Promise.all([
    readPenaltyTerms(reader, scope, feed.indexFeed, asOf),
    volatilitiesAt(reader, { ...feed, blocks: [block], earliest: timestamp, tauSeconds }),
    maintenanceRatios(timeline, positions, asOf),
  ]);
  return {
    timeline,
    ...penaltyTerms,
    sigma: volatilities.get(block) ?? null,
    ratios: ratios.sorted,
    unknown: ratios.unknown,
  };
}

/**
 * Median of penalty ÷ closed notional over the newest liquidations of a market, and the time between prices of its
 * index feed (`venue:token`) over the last day, as of a block.
 */
export async function readPenaltyTerms(
  reader: Reader,
  { source, venue, market }: MarketRef,
  indexFeed: string,
  { block, timestamp }: BlockRef,
): Promise<PenaltyTerms> {
  const [row] = await termsQuery.run(reader, {
    chainId: source.chainId,
    indexFeed,
    venue,
    market,
    block,
    newest: NEWEST_LIQUIDATIONS,
    sinceTime: Math.max(0, timestamp - INTERVAL_WINDOW_SECONDS),
  });
  const hasIntervals = row !== undefined && row.intervals > 0;
  return {
    penaltyRatio: row && row.liquidations > 0 ? row.penalty_ratio : null,
    liquidations: row?.liquidations ?? 0,
    meanSeconds: hasIntervals ? row.mean_seconds : null,
    longestSeconds: hasIntervals ? row.longest_seconds : null,
  };
}

function bufferRows(
  { penaltyRatio, ratios, meanSeconds, longestSeconds }: BufferTerms,
  asked: {
    readonly intervals: readonly number[];
    readonly theta: number;
    readonly sigma: number | null;
  },
): BufferRow[] {
  const { sigma, theta } = asked;
  const maintenance = middleOf(ratios);
  const row = (label: BufferRow['label'], seconds: number): BufferRow => {
    if (sigma === null) return { label, seconds, requiredRatio: null, adequacy: null };
    const requiredRatio = requiredBuffer({
      penaltyRatio: penaltyRatio ?? 0,
      sigmaPerSecond: sigma,
      seconds,
      quantile: Z_99,
      theta,
    });
    const isComparable = requiredRatio > 0 && maintenance !== null;
    return {
      label,
      seconds,
      requiredRatio,
      adequacy: isComparable ? maintenance / requiredRatio : null,
    };
  };
  return [
    ...asked.intervals.map((seconds) => row('ASKED', seconds)),
    ...(meanSeconds === null ? [] : [row('MEAN_INTERVAL', meanSeconds)]),
    ...(longestSeconds === null ? [] : [row('LONGEST_INTERVAL', longestSeconds)]),
  ];
}

function middleOf(sorted: readonly number[]): number | null {
  return sorted.length === 0 ? null : percentileOf(sorted, 0.5);
}

/** z of 99 %: of a hundred liquidations one may leave a debt. */
const Z_99 = OVERSHOOT_QUANTILES[3].value;

function checkIntervals(intervals: readonly number[]): readonly number[] {
  const isWrong = intervals.some((seconds) => !(seconds > 0));
  if (!isWrong && intervals.length <= MAX_BUFFER_INTERVALS) return intervals;
  throw new UsageError('Those are not intervals between two prices.', {
    facts: { limit: MAX_BUFFER_INTERVALS },
    remedy: 'Give a few durations above 0.',
  });
}

async function maintenanceRatios(
  timeline: MarketTimeline,
  positions: readonly OpenPosition[],
  { block, timestamp }: BlockRef,
): Promise<{ readonly sorted: readonly number[]; readonly unknown: ReadonlyMap<string, number> }> {
  if (positions.length > MAX_ASSESSMENTS) {
    throw new UsageError('That market has too many open positions to judge at once.', {
      facts: { positions: positions.length, limit: MAX_ASSESSMENTS },
    });
  }
  const pause = new CooperativePause();
  const ratios: number[] = [];
  const unknown = new Map<string, number>();
  for (const { state } of positions) {
    await pause.breathe();
    try {
      const { maintenanceMarginUsd, notionalUsd } = timeline.rules.assess({
        position: state,
        market: timeline.marketAt(block)?.state,
        parameters: timeline.parametersAt(block),
        prices: timeline.pricesAt(block),
        timestamp,
        block,
      });
      if (notionalUsd > 0n) ratios.push(Number(maintenanceMarginUsd) / Number(notionalUsd));
    } catch (error) {
      if (!(error instanceof CorruptDataError)) throw error;
      unknown.set(error.message, (unknown.get(error.message) ?? 0) + 1);
    }
  }
  return { sorted: ratios.sort((a, b) => a - b), unknown };
}
