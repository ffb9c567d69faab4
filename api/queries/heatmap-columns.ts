import { z } from 'zod';
import { UsageError } from '../../schema/errors.ts';
import { DEFAULT_HEATMAP_COLUMNS, MAX_HEATMAP_COLUMNS } from '../limits.ts';
import type { Decimal } from './answers.ts';
import { priceText } from './margin-point.ts';
import type { MarketRef } from './market-ref.ts';
import { isoTime } from './provenance.ts';
import { type BlockRef, blocksAtTimes } from './source-directory.ts';
import { count, integer, loadQuery, type Reader } from './stored-query.ts';

const priceSpanQuery = loadQuery('price-span', z.object({ first_time: count }));

const priceColumnsQuery = loadQuery(
  'price-columns',
  z.object({
    column_index: count,
    open_price: integer,
    high_price: integer,
    low_price: integer,
    close_price: integer,
  }),
);

export interface TimeGrid {
  /** Unix seconds; half-open. */
  readonly from: number;
  readonly to: number;
  readonly stepSeconds: number;
  readonly columns: number;
}

/**
 * The time columns of a heatmap. Without a window: from the first to the last price of the index feed.
 * @throws UsageError when the window is empty, outside what is indexed, or has too many columns.
 */
export async function planTimeGrid(
  reader: Reader,
  request: {
    readonly market: MarketRef;
    readonly feed: string;
    readonly asOf: BlockRef;
    readonly from?: number | null | undefined;
    readonly to?: number | null | undefined;
    readonly stepSeconds?: number | null | undefined;
    readonly columns?: number | null | undefined;
  },
): Promise<TimeGrid> {
  const [span] = await priceSpanQuery.run(reader, {
    chainId: request.market.source.chainId,
    feed: request.feed,
    toBlock: request.asOf.block,
  });
  if (!span) {
    throw new UsageError('The index token has no price by that block.', {
      facts: { feed: request.feed, block: request.asOf.block },
    });
  }
  const from = request.from ?? span.first_time;
  // What lies after the as-of block is not known: no columns for it.
  const to = Math.min(request.to ?? Number.POSITIVE_INFINITY, request.asOf.timestamp + 1);
  if (from >= to || from > request.asOf.timestamp) {
    throw new UsageError('The window is empty or lies after what is indexed.', {
      facts: { from: isoTime(from), to: isoTime(to), indexedTo: isoTime(request.asOf.timestamp) },
    });
  }
  const wanted = request.columns ?? DEFAULT_HEATMAP_COLUMNS;
  const stepSeconds = request.stepSeconds ?? Math.max(1, Math.ceil((to - from) / wanted));
  const columns = Math.ceil((to - from) / stepSeconds);
  if (wanted < 1 || stepSeconds < 1 || columns > MAX_HEATMAP_COLUMNS) {
    throw new UsageError('The number of columns is out of bounds.', {
      facts: { columns, least: 1, most: MAX_HEATMAP_COLUMNS },
      remedy: 'Give a longer step, or fewer columns.',
    });
  }
  return { from, to, stepSeconds, columns };
}

export interface ColumnEnd {
  readonly column: number;
  readonly fromTime: number;
  readonly toTime: number;
  /** Last block before `toTime`; null before the first stored block. */
  readonly block: { readonly block: number; readonly timestamp: number } | null;
}

/** Start, end and last block of every column, none above the as-of block. */
export async function readColumnEnds(
  reader: Reader,
  market: MarketRef,
  grid: TimeGrid,
  asOf: BlockRef,
): Promise<ColumnEnd[]> {
  const bounds = Array.from({ length: grid.columns }, (_, column) => ({
    column,
    fromTime: grid.from + column * grid.stepSeconds,
    toTime: Math.min(grid.from + (column + 1) * grid.stepSeconds, grid.to),
  }));
  const times = bounds.map(({ toTime }) => Math.max(0, toTime - 1));
  const blocks = await blocksAtTimes(reader, market.source, times, asOf.block);
  return bounds.map((bound) => {
    return { ...bound, block: blocks.get(Math.max(0, bound.toTime - 1)) ?? null };
  });
}

export interface PriceBar {
  readonly openPriceUsd: Decimal | null;
  readonly highPriceUsd: Decimal | null;
  readonly lowPriceUsd: Decimal | null;
  readonly closePriceUsd: Decimal | null;
}

/** Price bars by column; a column without an update stands at the last price before it. */
export async function readPriceBars(
  reader: Reader,
  request: {
    readonly market: MarketRef;
    /** `feedKey` of the index feed. */
    readonly feed: string;
    /** Of the feed's prices; null: no bar has a price. */
    readonly decimals: number | null;
    readonly grid: TimeGrid;
    readonly toBlock: number;
  },
): Promise<PriceBar[]> {
  const { market, grid } = request;
  const rows = await priceColumnsQuery.run(reader, {
    chainId: market.source.chainId,
    feed: request.feed,
    toBlock: request.toBlock,
    fromTime: grid.from,
    toTime: grid.to,
    stepSeconds: grid.stepSeconds,
  });
  const byColumn = new Map(rows.map((row) => [row.column_index, row]));
  const price = (value: bigint) => priceText(value, request.decimals);
  let last: Decimal | null = null;
  return Array.from({ length: grid.columns }, (_, column) => {
    const row = byColumn.get(column);
    if (!row) {
      return { openPriceUsd: last, highPriceUsd: last, lowPriceUsd: last, closePriceUsd: last };
    }
    last = price(row.close_price);
    return {
      openPriceUsd: price(row.open_price),
      highPriceUsd: price(row.high_price),
      lowPriceUsd: price(row.low_price),
      closePriceUsd: last,
    };
  });
}
