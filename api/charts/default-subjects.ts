import { MAX_PAGE_SIZE } from '../limits.ts';
import {
  type LiquidationFilter,
  type LiquidationOrder,
  readLiquidations,
  sumLiquidations,
} from '../queries/liquidations.ts';
import { idOfMarket, type MarketRef } from '../queries/market-ref.ts';
import { readMarkets } from '../queries/markets.ts';
import { oracleFeeds } from '../queries/oracle-feeds.ts';
import {
  type PositionRef,
  parsePositionId,
  readPositionHistory,
} from '../queries/position-history.ts';
import { countPositions } from '../queries/positions.ts';
import type { MarketRecord } from '../queries/records.ts';
import {
  chooseSource,
  resolveBlock,
  type Snapshot,
  type Source,
} from '../queries/source-directory.ts';
import type { Reader } from '../queries/stored-query.ts';

/** What a chart shows when its URL does not say: the busiest market, its fullest two days, ... */
const EVENTFUL_SECONDS = 48 * 3_600;
/** Largest liquidations among which the most telling position is looked for. */
const CANDIDATES = 24;
/** A long story beyond this many events is no better a story. */
const TELLING_EVENTS = 6;
/** A life of this length shows its end and what came before in one picture. */
const READABLE_SECONDS = { least: 1_800, most: 12 * 3_600 };

export interface Window {
  readonly from: number;
  readonly to: number;
}

function listOf(
  source: Source,
  block: number,
  filter: LiquidationFilter,
  orderBy: LiquidationOrder,
) {
  return { source, block, filter, orderBy, descending: true, indexTokens: new Map() };
}

/** The asked chain, the only one, or the one with most liquidations. @throws UsageError when none is indexed. */
export async function defaultSource(snapshot: Snapshot, chainId: number | null): Promise<Source> {
  const indexed = snapshot.sources.filter((source) => source.headBlock !== null);
  if (chainId !== null || indexed.length < 2)
    return chooseSource(snapshot, chainId ?? indexed[0]?.chainId);
  const counted = await Promise.all(
    indexed.map(async (source) => ({
      source,
      count: (
        await sumLiquidations(snapshot.reader, listOf(source, source.headBlock ?? 0, {}, 'TIME'))
      ).count,
    })),
  );
  counted.sort((left, right) => right.count - left.count);
  return counted[0]?.source ?? chooseSource(snapshot, null);
}

/**
 * Of the markets that can be drawn (known decimals, a price) those with a liquidation come first, then
 * those with most positions, with most price updates, with most open interest; null where there is
 * none.
 */
export async function defaultMarket(
  snapshot: Snapshot,
  source: Source,
  atBlock: number | null,
): Promise<MarketRef | null> {
  const { reader } = snapshot;
  const { block } = await resolveBlock(reader, source, atBlock);
  const [markets, { feeds }] = await Promise.all([
    readMarkets(reader, { source, block }),
    oracleFeeds(snapshot, source, block),
  ]);
  // A venue's own feed of the token, or one that it reads of somebody else's.
  const updatesOf = new Map(feeds.map((feed) => [feed.token.address, feed.updates]));
  const candidates = await Promise.all(
    markets.flatMap((market) => {
      const { indexToken } = market;
      const updates = updatesOf.get(indexToken.address) ?? 0;
      const isDrawable = indexToken.decimals !== null && updates > 0;
      return isDrawable ? [weigh(reader, source, block, market, updates)] : [];
    }),
  );
  candidates.sort((left, right) => {
    const place = left.weights.findIndex((weight, at) => weight !== right.weights[at]);
    if (place === -1) return idOfMarket(left.ref) < idOfMarket(right.ref) ? -1 : 1;
    return (right.weights[place] ?? 0) - (left.weights[place] ?? 0);
  });
  return candidates[0]?.ref ?? null;
}

/** What makes a market worth showing, the weightiest first. */
async function weigh(
  reader: Reader,
  source: Source,
  block: number,
  market: MarketRecord,
  updates: number,
): Promise<{ readonly ref: MarketRef; readonly weights: readonly number[] }> {
  const { address, venue, openInterest } = market;
  const filter = { market: address, venue };
  const [liquidated, positions] = await Promise.all([
    sumLiquidations(reader, listOf(source, block, filter, 'TIME')),
    countPositions(reader, { source, block, filter, orderBy: 'SIZE_USD', descending: true }),
  ]);
  const interestUsd = openInterest.reduce((sum, side) => sum + Number(side.positionsUsd), 0);
  return {
    ref: { source, venue, market: address },
    weights: [liquidated.count > 0 ? 1 : 0, positions, updates, interestUsd],
  };
}

/**
 * The two days that hold most of a market's latest liquidations, on whole hours, with some time after
 * the last of them; null without any.
 */
export async function eventfulWindow(
  snapshot: Snapshot,
  market: MarketRef,
  atBlock: number | null,
): Promise<Window | null> {
  const asOf = await resolveBlock(snapshot.reader, market.source, atBlock);
  const filter = { market: market.market, venue: market.venue };
  const found = await readLiquidations(
    snapshot.reader,
    listOf(market.source, asOf.block, filter, 'TIME'),
    { limit: MAX_PAGE_SIZE, inverted: false },
  );
  const times = found.map((one) => Date.parse(one.timestamp) / 1000).sort((a, b) => a - b);
  if (times.length === 0) return null;
  let best = { count: 0, last: times[0] ?? 0 };
  times.forEach((last, index) => {
    const within = times.slice(0, index + 1).filter((time) => time > last - EVENTFUL_SECONDS * 0.7);
    if (within.length > best.count) best = { count: within.length, last };
  });
  const wanted = Math.ceil((best.last + EVENTFUL_SECONDS * 0.2) / 3_600) * 3_600;
  const to = Math.min(wanted, asOf.timestamp + 1);
  return { from: Math.floor((to - EVENTFUL_SECONDS) / 3_600) * 3_600, to };
}

export interface ToldPosition {
  readonly position: PositionRef;
  readonly window: Window | null;
}

/** Of the largest liquidations, the position to which most happened before, in that life of it. */
export async function tellingPosition(
  snapshot: Snapshot,
  source: Source,
  atBlock: number | null,
): Promise<ToldPosition | null> {
  const { reader } = snapshot;
  const { block } = await resolveBlock(reader, source, atBlock);
  const list = listOf(source, block, { cause: 'LIQUIDATION' }, 'SIZE_USD');
  const found = await readLiquidations(reader, list, { limit: CANDIDATES, inverted: false });
  const stories = await Promise.all(
    found.map(async (liquidation) => {
      const position = parsePositionId(snapshot, liquidation.positionId);
      const states = await readPositionHistory(reader, position, liquidation.blockNumber);
      const life = states.filter((state) => state.life === liquidation.life);
      const rescues = life.filter((state) => state.cause === 'MARGIN_ADD').length;
      const from = life[0]?.block_timestamp ?? 0;
      const to = Date.parse(liquidation.timestamp) / 1000 + 1;
      const isReadable = to - from >= READABLE_SECONDS.least && to - from <= READABLE_SECONDS.most;
      const score =
        Math.min(TELLING_EVENTS, life.length) + 2 * Math.min(2, rescues) + (isReadable ? 3 : 0);
      return { position, window: { from, to }, score };
    }),
  );
  // Sorting is stable: of equal stories the largest position stays first.
  return stories.sort((left, right) => right.score - left.score)[0] ?? null;
}
