import { z } from 'zod';
import {
  type Feed,
  feedKey,
  type Parameters,
  type PriceRange,
  type Prices,
} from '../../margin/inputs.ts';
import { rulesFor } from '../../margin/rules/registry.ts';
import { decodeState } from '../../margin/state-codec.ts';
import type { VenueRules } from '../../margin/venue-rules.ts';
import type { ParameterChange } from '../../schema/events/parameter.ts';
import { ParameterWalk } from './parameter-values.ts';
import { type PriceAt, readPricesAt } from './prices-at.ts';
import type { Source } from './source-directory.ts';
import { count, integer, loadQuery, type Reader, text } from './stored-query.ts';

const marketStatesQuery = loadQuery(
  'market-states-at',
  z.object({ block_number: count, index_token: text, state: text }),
);

const parametersQuery = loadQuery(
  'parameters-until',
  z.object({
    market: text,
    name: text,
    value: integer.nullable(),
    value_text: text,
    base_key: text,
    key_data: text,
    source: z.enum(['EVENT', 'MANIFEST', 'SNAPSHOT']),
    sub_index: count,
    block_timestamp: count,
    transaction_hash: text,
    transaction_index: count,
    venue: text,
    block_number: count,
    log_index: count,
    chain_id: count,
  }),
);

export interface TimelineRequest {
  readonly source: Source;
  readonly venue: string;
  readonly market: string;
  /** Blocks that will be asked about. Others get answers that are too old. */
  readonly blocks: readonly number[];
}

interface MarketStateAt {
  readonly block: number;
  readonly indexToken: string;
  readonly state: unknown;
}

/** What the margin rules need besides the position, at any of the requested blocks. */
export interface MarketTimeline {
  readonly rules: VenueRules;
  /** Feeds whose prices the rules read, the index first; empty without a market state. */
  readonly feeds: readonly Feed[];
  readonly indexToken: string;
  marketAt(block: number): MarketStateAt | null;
  pricesAt(block: number): Prices;
  /** Decimals of a feed's own prices; null where nobody states them. */
  decimalsOf(feed: Feed): number | null;
  /** Cheapest when asked with rising blocks. The map is only good until the next call. */
  parametersAt(block: number): Parameters;
  /** Whether a parameter read so far came from the venue's published configuration. */
  readPublishedParameters(): boolean;
}

/** Reads market states, prices and parameters once, for all blocks of a request. */
export async function readMarketTimeline(
  reader: Reader,
  request: TimelineRequest,
): Promise<MarketTimeline> {
  const { source, venue, market } = request;
  const rules = rulesFor(venue);
  const blocks = [...new Set(request.blocks)].sort((a, b) => a - b);
  const toBlock = blocks.at(-1) ?? 0;
  const scope = { chainId: source.chainId, venue, market };
  const stateRows =
    blocks.length === 0 ? [] : await marketStatesQuery.run(reader, { ...scope, blocks });
  const states = stateRows.map((row) => ({
    block: row.block_number,
    indexToken: row.index_token,
    state: decodeState<unknown>(row.state),
  }));
  const latest = states.at(-1);
  const feeds = latest ? rules.feedsOf(latest.state) : [];
  const scopes = ['', market, ...((latest && rules.parameterScopes?.(latest.state)) ?? [])];
  const [prices, changes] = await Promise.all([
    readPricesAt(reader, { chainId: source.chainId, feeds, blocks }),
    parametersQuery.run(reader, { chainId: source.chainId, venue, scopes, toBlock }),
  ]);
  const parameters = new ParameterWalk(rules, changes.map(toParameterChange));
  return {
    rules,
    feeds,
    indexToken: latest?.indexToken ?? '',
    marketAt: (block) => lastAtOrBefore(states, block),
    pricesAt: (block) => pricesInForce(prices, block),
    decimalsOf: ({ venue: of, token }) => prices.get(feedKey(of, token))?.at(-1)?.decimals ?? null,
    parametersAt: (block) => parameters.at(block),
    readPublishedParameters: () => parameters.publishedWasRead,
  };
}

export function feedKeys(feeds: readonly Feed[]): string[] {
  return feeds.map(({ venue, token }) => feedKey(venue, token));
}

function pricesInForce(byFeed: ReadonlyMap<string, readonly PriceAt[]>, block: number): Prices {
  const prices = new Map<string, PriceRange>();
  for (const [feed, known] of byFeed) {
    const last = lastAtOrBefore(known, block);
    if (last) prices.set(feed, last.range);
  }
  return prices;
}

/** Last item whose block is at or below `block`; items are sorted by block. */
export function lastAtOrBefore<Item extends { readonly block: number }>(
  items: readonly Item[],
  block: number,
): Item | null {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((items[middle]?.block ?? 0) <= block) low = middle + 1;
    else high = middle;
  }
  return items[low - 1] ?? null;
}

function toParameterChange(
  row: Awaited<ReturnType<typeof parametersQuery.run>>[number],
): ParameterChange {
  return {
    kind: 'parameter',
    type: 'ParameterChanged',
    market: row.market,
    name: row.name,
    value: row.value,
    valueText: row.value_text,
    baseKey: row.base_key,
    keyData: row.key_data,
    source: row.source,
    subIndex: row.sub_index,
    blockTimestamp: row.block_timestamp,
    transactionHash: row.transaction_hash,
    transactionIndex: row.transaction_index,
    venue: row.venue,
    blockNumber: row.block_number,
    logIndex: row.log_index,
    chainId: row.chain_id,
  };
}
