import { z } from 'zod';
import { feedKey } from '../../margin/inputs.ts';
import {
  type ClosestMargin,
  type JudgedMargin,
  type MarginBand,
  marginSpread,
  type SpreadShare,
} from '../../margin/margin-spread.ts';
import { decodeState } from '../../margin/state-codec.ts';
import { CorruptDataError, UsageError } from '../../schema/errors.ts';
import { positionId } from '../../schema/ids.ts';
import { MAX_ASSESSMENTS } from '../limits.ts';
import type { Bucket, DateTime, Decimal, Provenance, Side } from './answers.ts';
import { CooperativePause } from './cooperative-pause.ts';
import { type ColumnEnd, planTimeGrid, readColumnEnds, readPriceBars } from './heatmap-columns.ts';
import { priceText, usdText } from './margin-point.ts';
import { marketSymbol } from './market-names.ts';
import { idOfMarket, type MarketRef, pricedIndexToken } from './market-ref.ts';
import { type MarketTimeline, readMarketTimeline } from './market-timeline.ts';
import { judgedWith } from './parameter-values.ts';
import { isoTime, makeProvenance } from './provenance.ts';
import { type BlockRef, resolveBlock, type Snapshot, tokenOf } from './source-directory.ts';
import { count, flag, loadQuery, type Reader, text } from './stored-query.ts';

const METHOD = 'market-margin-bands';
const NOTE =
  'Quantiles are values of positions (inverse of the distribution), over those that have the ratio; a ' +
  'position without one is in the totals only.';

const statesQuery = loadQuery(
  'market-bands-states',
  z.object({
    position_key: text,
    is_long: flag,
    state: text,
    block_number: count,
    until_block: count,
  }),
);

export interface MarketBandsRequest {
  readonly market: MarketRef;
  /** Half-open, unix seconds. Default: from the first price of the market to the as-of block. */
  readonly from?: number | null | undefined;
  readonly to?: number | null | undefined;
  readonly stepSeconds?: number | null | undefined;
  readonly columns?: number | null | undefined;
  readonly side?: Side | null | undefined;
  readonly atBlock?: number | null | undefined;
}

export interface HealthThreshold extends Bucket {
  /** Positions with a health factor below it. */
  readonly health: number;
}

export interface ClosestPosition {
  readonly positionId: string;
  readonly side: Side;
  readonly healthFactor: number;
  readonly marginRatio: number | null;
  readonly notionalUsd: Decimal;
  readonly liquidationPrice: Decimal | null;
}

export interface MarginBandColumn {
  readonly column: number;
  readonly fromTime: DateTime;
  readonly toTime: DateTime;
  /** The instant: the last block before `toTime`. Null before the first stored one. */
  readonly blockNumber: number | null;
  readonly closePriceUsd: Decimal | null;
  /** Every open position that could be judged, with its notional. */
  readonly open: Bucket;
  /** Open, but a price or parameter that its rules need is unknown. */
  readonly unjudged: number;
  readonly liquidatable: Bucket;
  readonly marginRatio: MarginBand;
  readonly healthFactor: MarginBand;
  readonly under: readonly HealthThreshold[];
  /** The least health; of equals the first by position key. */
  readonly closest: ClosestPosition | null;
}

export interface MarketMarginBands {
  readonly provenance: Provenance;
  readonly marketId: string;
  readonly marketSymbol: string | null;
  readonly side: Side | null;
  readonly columns: readonly MarginBandColumn[];
}

/**
 * How the margins of all open positions of a market are spread, at the last block of each column. Every
 * position is judged by the rules of its venue, as `marginAt` would at that block.
 * @throws UsageError above MAX_ASSESSMENTS, or where the window is empty or has too many columns.
 */
export async function marketMarginBands(
  snapshot: Snapshot,
  request: MarketBandsRequest,
): Promise<MarketMarginBands> {
  const { reader } = snapshot;
  const { market: ref, side = null } = request;
  const asOf = await resolveBlock(reader, ref.source, request.atBlock);
  const newest = await readMarketTimeline(reader, { ...ref, blocks: [asOf.block] });
  const token = pricedIndexToken(ref, newest.indexToken);
  const [index] = newest.feeds;
  const feed = index ? feedKey(index.venue, index.token) : '';
  const grid = await planTimeGrid(reader, { ...request, feed, asOf });
  const ends = await readColumnEnds(reader, ref, grid, asOf);
  const decimals = index ? newest.decimalsOf(index) : null;
  const [bars, judged] = await Promise.all([
    readPriceBars(reader, { market: ref, feed, decimals, grid, toBlock: asOf.block }),
    judgeColumns(reader, ref, side, ends),
  ]);
  const given = judgedWith(judged.readPublishedParameters);
  return {
    provenance: makeProvenance({
      source: ref.source,
      query: METHOD,
      parameters: { market: idOfMarket(ref), ...grid, side },
      asOf,
      fromBlock: ends.find((end) => end.block)?.block?.block ?? ref.source.firstBlock,
      basis: given.basis,
      method: METHOD,
      version: `1+${newest.rules.method}${given.suffix}`,
      coverageOf: ref,
      caveats: [NOTE, ...given.caveats, ...judged.caveats],
    }),
    marketId: idOfMarket(ref),
    marketSymbol: marketSymbol(ref.source, ref.venue, ref.market, token.address),
    side,
    columns: ends.map((end, at) => ({
      column: end.column,
      fromTime: isoTime(end.fromTime),
      toTime: isoTime(end.toTime),
      blockNumber: end.block?.block ?? null,
      closePriceUsd: bars[at]?.closePriceUsd ?? null,
      ...(judged.spreads.get(end.block?.block ?? -1) ?? spreadOf(ref, [], 0)),
    })),
  };
}

/** What a column says of its positions. */
type Spread = Pick<
  MarginBandColumn,
  'open' | 'unjudged' | 'liquidatable' | 'marginRatio' | 'healthFactor' | 'under' | 'closest'
>;

interface OpenState {
  readonly positionKey: string;
  readonly side: Side;
  readonly fromBlock: number;
  /** Exclusive. */
  readonly untilBlock: number;
  readonly state: unknown;
}

async function judgeColumns(
  reader: Reader,
  ref: MarketRef,
  side: Side | null,
  ends: readonly ColumnEnd[],
): Promise<{
  readonly spreads: ReadonlyMap<number, Spread>;
  readonly caveats: string[];
  readonly readPublishedParameters: boolean;
}> {
  // Several columns may end at one block: it is judged once.
  const instants = new Map(ends.flatMap(({ block }) => (block ? [[block.block, block]] : [])));
  const blocks = [...instants.keys()].sort((a, b) => a - b);
  const [timeline, states] = await Promise.all([
    readMarketTimeline(reader, { ...ref, blocks }),
    readOpenStates(reader, ref, side, blocks),
  ]);
  const columns = blocks.flatMap((block) => {
    const instant = instants.get(block);
    return instant ? [{ instant, open: states.filter((one) => holdsAt(one, block)) }] : [];
  });
  refuseTooMany(columns.reduce((sum, { open }) => sum + open.length, 0));
  const spreads = new Map<number, Spread>();
  const unknown = new Map<string, number>();
  const pause = new CooperativePause();
  for (const { instant, open } of columns) {
    const judged = await judgeAll(timeline, instant, open, unknown, pause);
    spreads.set(instant.block, spreadOf(ref, judged, open.length - judged.length, timeline));
  }
  return {
    spreads,
    caveats: [...unknown].map(([reason, times]) => `${times} judgements left out: ${reason}`),
    readPublishedParameters: timeline.readPublishedParameters(),
  };
}

async function readOpenStates(
  reader: Reader,
  ref: MarketRef,
  side: Side | null,
  blocks: readonly number[],
): Promise<OpenState[]> {
  const [fromBlock, toBlock] = [blocks[0], blocks.at(-1)];
  if (fromBlock === undefined || toBlock === undefined) return [];
  const rows = await statesQuery.run(reader, {
    chainId: ref.source.chainId,
    venue: ref.venue,
    market: ref.market,
    side: side ?? '',
    fromBlock,
    toBlock,
    blocks,
    limit: MAX_ASSESSMENTS + 1,
  });
  refuseTooMany(rows.length); // each is judged once or more
  return rows.map((row) => ({
    positionKey: row.position_key,
    side: row.is_long ? 'LONG' : 'SHORT',
    fromBlock: row.block_number,
    untilBlock: row.until_block,
    state: decodeState<unknown>(row.state),
  }));
}

function holdsAt({ fromBlock, untilBlock }: OpenState, block: number): boolean {
  return fromBlock <= block && block < untilBlock;
}

function refuseTooMany(judgements: number): void {
  if (judgements <= MAX_ASSESSMENTS) return;
  throw new UsageError('That asks for too many judgements.', {
    facts: { judgements, limit: MAX_ASSESSMENTS },
    remedy: 'Ask for fewer columns, a narrower window, or one side.',
  });
}

async function judgeAll(
  timeline: MarketTimeline,
  { block, timestamp }: Pick<BlockRef, 'block' | 'timestamp'>,
  open: readonly OpenState[],
  unknown: Map<string, number>,
  pause: CooperativePause,
): Promise<JudgedMargin[]> {
  const market = timeline.marketAt(block)?.state;
  const prices = timeline.pricesAt(block);
  const parameters = timeline.parametersAt(block);
  const judged: JudgedMargin[] = [];
  for (const position of open) {
    await pause.breathe();
    try {
      const input = { position: position.state, market, parameters, prices, timestamp, block };
      const { positionKey, side } = position;
      judged.push({ positionKey, isLong: side === 'LONG', ...timeline.rules.assess(input) });
    } catch (error) {
      if (!(error instanceof CorruptDataError)) throw error;
      unknown.set(error.message, (unknown.get(error.message) ?? 0) + 1);
    }
  }
  return judged;
}

function spreadOf(
  ref: MarketRef,
  judged: readonly JudgedMargin[],
  unjudged: number,
  timeline?: MarketTimeline,
): Spread {
  const spread = marginSpread(judged, unjudged);
  return {
    open: toBucket(spread.open),
    unjudged,
    liquidatable: toBucket(spread.liquidatable),
    marginRatio: spread.marginRatio,
    healthFactor: spread.healthFactor,
    under: spread.under.map((share) => ({ health: share.health, ...toBucket(share) })),
    closest: toClosest(ref, spread.closest, timeline),
  };
}

function toBucket({ notionalUsd, count }: SpreadShare): Bucket {
  return { valueUsd: usdText(notionalUsd), count };
}

function toClosest(
  ref: MarketRef,
  closest: ClosestMargin | null,
  timeline: MarketTimeline | undefined,
): ClosestPosition | null {
  if (closest === null) return null;
  const { priceDecimals } = tokenOf(ref.source, ref.venue, timeline?.indexToken ?? '');
  const level = closest.liquidationPrice;
  return {
    positionId: positionId(ref.source.chainId, ref.venue, closest.positionKey),
    side: closest.isLong ? 'LONG' : 'SHORT',
    healthFactor: closest.healthFactor,
    marginRatio: closest.marginRatio,
    notionalUsd: usdText(closest.notionalUsd),
    liquidationPrice: level === null ? null : priceText(level, priceDecimals),
  };
}
