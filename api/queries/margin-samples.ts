import { z } from 'zod';
import type { Feed, PriceRange } from '../../margin/inputs.ts';
import { UsageError } from '../../schema/errors.ts';
import { MAX_HISTORY_SAMPLES } from '../limits.ts';
import type { Sampling } from './answers.ts';
import { feedKeys } from './market-timeline.ts';
import type { PositionRef, PositionStateRow } from './position-history.ts';
import { blocksAtTimes } from './source-directory.ts';
import { count, integer, loadQuery, type Reader, text } from './stored-query.ts';

const priceBlocksQuery = loadQuery(
  'price-blocks',
  z.object({ block_number: count, block_time: count }),
);

const eventPricesQuery = loadQuery(
  'event-prices',
  z.object({
    feed: text,
    min_price: integer,
    max_price: integer,
    block_number: count,
    log_index: count,
  }),
);

/** One instant at which a position is to be judged. */
export interface MarginSample {
  readonly block: number;
  readonly timestamp: number;
  readonly cause: string;
  readonly state: PositionStateRow;
  /** Block whose market state applies: the one before, where the event itself closed the position. */
  readonly marketBlock: number;
  /** Log index of the event, where the point is one: prices count as of its place. */
  readonly logIndex: number | null;
  /** State that the event at this point led to; `state` itself, but for a closing event. */
  readonly event: PositionStateRow | null;
  /** Not asked for: only a step between points of a grid. */
  readonly isHidden: boolean;
}

export interface SampleRequest {
  readonly ref: PositionRef;
  readonly history: readonly PositionStateRow[];
  readonly sampling: Sampling;
  /** Half-open, unix seconds. */
  readonly from: number;
  readonly to: number;
  readonly toBlock: number;
  readonly intervalSeconds: number;
  readonly feeds: readonly Feed[];
  /** GRID: the events too, hidden. */
  readonly withEvents: boolean;
}

/**
 * The instants of a history, in chain order.
 * EVENTS: each event; a closing one shows the state just before it, at the prices it used.
 * ORACLE_UPDATES: the events, and each block in which a price of the market changed.
 * GRID: every `intervalSeconds`, as of the last block.
 * @throws UsageError above MAX_HISTORY_SAMPLES.
 */
export async function collectSamples(
  reader: Reader,
  request: SampleRequest,
): Promise<MarginSample[]> {
  const samples =
    request.sampling === 'GRID'
      ? await gridSamples(reader, request)
      : await eventAndPriceSamples(reader, request);
  if (samples.length > MAX_HISTORY_SAMPLES) throw tooManySamples();
  return samples;
}

function tooManySamples(): UsageError {
  return new UsageError('That window holds too many instants to judge one by one.', {
    facts: { limit: MAX_HISTORY_SAMPLES },
    remedy: 'Narrow from and to, or use sampling GRID with a longer interval.',
  });
}

async function gridSamples(reader: Reader, request: SampleRequest): Promise<MarginSample[]> {
  const { from, to, intervalSeconds, history } = request;
  if ((to - from) / intervalSeconds > MAX_HISTORY_SAMPLES) throw tooManySamples();
  const times: number[] = [];
  for (let time = from; time < to; time += intervalSeconds) times.push(time);
  const blocks = await blocksAtTimes(reader, request.ref.source, times, request.toBlock);
  const points = times.flatMap((timestamp): MarginSample[] => {
    const at = blocks.get(timestamp);
    const state = at ? openStateAt(history, at.block) : null;
    if (!at || !state) return [];
    return [
      {
        block: at.block,
        timestamp,
        cause: 'GRID',
        state,
        marketBlock: at.block,
        logIndex: null,
        event: null,
        isHidden: false,
      },
    ];
  });
  if (!request.withEvents) return points;
  const events = eventSamples(request).map((sample) => ({ ...sample, isHidden: true }));
  return [...events, ...points].sort(
    (a, b) => a.block - b.block || Number(b.isHidden) - Number(a.isHidden),
  );
}

async function eventAndPriceSamples(
  reader: Reader,
  request: SampleRequest,
): Promise<MarginSample[]> {
  const events = eventSamples(request);
  if (request.sampling === 'EVENTS') return events;
  const span = openSpan(request);
  if (!span || request.feeds.length === 0) return events;
  const rows = await priceBlocksQuery.run(reader, {
    chainId: request.ref.source.chainId,
    feeds: feedKeys(request.feeds),
    ...span,
    limit: MAX_HISTORY_SAMPLES + 1,
  });
  const eventBlocks = new Set(events.map((sample) => sample.block));
  const prices = rows.flatMap((row) => {
    const { block_number: block, block_time: timestamp } = row;
    const state = openStateAt(request.history, block);
    if (!state || eventBlocks.has(block) || timestamp < request.from || timestamp >= request.to) {
      return [];
    }
    return [
      {
        block,
        timestamp,
        cause: 'PRICE',
        state,
        marketBlock: block,
        logIndex: null,
        event: null,
        isHidden: false,
      },
    ];
  });
  return [...events, ...prices].sort(
    (a, b) => a.block - b.block || (a.logIndex ?? 0) - (b.logIndex ?? 0),
  );
}

function eventSamples({ history, from, to }: SampleRequest): MarginSample[] {
  return history.flatMap((row, index) => {
    if (row.block_timestamp < from || row.block_timestamp >= to) return [];
    const isOpen = row.status === 'OPEN';
    const state = isOpen ? row : history[index - 1];
    if (state?.status !== 'OPEN') return [];
    return [
      {
        block: row.block_number,
        timestamp: row.block_timestamp,
        cause: row.cause,
        state,
        marketBlock: isOpen ? row.block_number : row.block_number - 1,
        logIndex: row.log_index,
        event: row,
        isHidden: false,
      },
    ];
  });
}

/** Blocks from the first to the last moment of openness that can matter. */
function openSpan(request: SampleRequest): { fromBlock: number; toBlock: number } | null {
  const [first] = request.history;
  const last = request.history.at(-1);
  if (!first || !last) return null;
  return {
    fromBlock: first.block_number,
    toBlock: last.status === 'OPEN' ? request.toBlock : last.block_number,
  };
}

/** State in force after a block, when the position is open then. */
export function openStateAt(
  history: readonly PositionStateRow[],
  block: number,
): PositionStateRow | null {
  const state = history.findLast((row) => row.block_number <= block);
  return state?.status === 'OPEN' ? state : null;
}

export type PricesAtEvent = (block: number, logIndex: number) => ReadonlyMap<string, PriceRange>;

/** Prices posted inside the blocks of events, as of a log's place in its block. */
export async function readEventPrices(
  reader: Reader,
  ref: PositionRef,
  feeds: readonly Feed[],
  samples: readonly MarginSample[],
): Promise<PricesAtEvent> {
  const blocks = samples.flatMap((sample) => (sample.logIndex === null ? [] : [sample.block]));
  if (blocks.length === 0 || feeds.length === 0) return () => new Map();
  const rows = await eventPricesQuery.run(reader, {
    chainId: ref.source.chainId,
    feeds: feedKeys(feeds),
    blocks,
  });
  return (block, logIndex) => {
    const prices = new Map<string, PriceRange>();
    for (const row of rows) {
      if (row.block_number !== block || row.log_index > logIndex) continue;
      prices.set(row.feed, { min: row.min_price, max: row.max_price });
    }
    return prices;
  };
}
