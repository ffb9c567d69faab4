import { z } from 'zod';
import { UsageError } from '../../schema/errors.ts';
import { idOfMarket, type MarketRef } from './market-ref.ts';
import { feedKeys, readMarketTimeline } from './market-timeline.ts';
import { isoTime } from './provenance.ts';
import { type BlockRef, type Source, tokenOf } from './source-directory.ts';
import { count, loadQuery, type Reader, text } from './stored-query.ts';

const HOUR = 3_600;

const feedNamesQuery = loadQuery(
  'feed-names',
  z.object({ feed_venue: text, feed_token: text, feed_symbol: text }),
);
const feedQuery = loadQuery('oracle-feed', z.object({ is_there: count }));
const firstUpdateQuery = loadQuery('first-update', z.object({ first_time: count, updates: count }));
const hoursEndQuery = loadQuery('oracle-hours-end', z.object({ ended_at: count }));
const windowQuery = loadQuery(
  'oracle-window',
  z.object({ from_block: count, to_block: count, first_time: count }),
);

export interface OracleWindowRequest {
  readonly source: Source;
  /** Tokens of this market only. */
  readonly market?: MarketRef | null | undefined;
  /** Feed id, token or symbol; a symbol may mean the feeds of several oracles. */
  readonly feed?: string | null | undefined;
  /** Half-open, unix seconds. Default: from the first update to the as-of block. */
  readonly from?: number | null | undefined;
  readonly to?: number | null | undefined;
}

/** Which updates an answer is about, as its queries want it. */
export interface OracleScope {
  readonly chainId: number;
  /** `venue:token`; none = all. */
  readonly feeds: readonly string[];
  /** Venues and tokens of `feeds`: what the engine's index knows. */
  readonly venues: readonly string[];
  readonly tokens: readonly string[];
  /** `feeds` again, place by place, where not every token of `tokens` is one of each venue. */
  readonly pairVenues: readonly string[];
  readonly pairTokens: readonly string[];
  readonly fromBlock: number;
  readonly toBlock: number;
  readonly fromTime: number;
  readonly toTime: number;
  /** Full hours of the window that stand counted in oracle_hours: half-open, 0 and 0 where there is none. */
  readonly wholeFrom: number;
  readonly wholeTo: number;
}

/**
 * Feeds and window of a question, as of a block.
 * @throws UsageError when the window is empty, or there is no such feed or market.
 */
export async function oracleScope(
  reader: Reader,
  request: OracleWindowRequest,
  asOf: BlockRef,
): Promise<OracleScope> {
  const { source } = request;
  const feeds = await chooseFeeds(reader, request, asOf.block);
  const endedAt = await readEndOfHours(reader, source, asOf);
  const from = request.from ?? (await firstUpdate(reader, named(source, feeds), endedAt, asOf));
  const window = await oracleWindow(reader, { ...request, from }, asOf);
  return { ...named(source, feeds), ...window, ...wholeHours(window, endedAt) };
}

function named(source: Source, feeds: readonly string[]) {
  const pairVenues = feeds.map((feed) => feed.slice(0, feed.indexOf(':')));
  const pairTokens = feeds.map((feed) => feed.slice(feed.indexOf(':') + 1));
  const [venues, tokens] = [[...new Set(pairVenues)], [...new Set(pairTokens)]];
  const isProduct = venues.length * tokens.length === feeds.length;
  const pairs = isProduct ? { pairVenues: [], pairTokens: [] } : { pairVenues, pairTokens };
  return { chainId: source.chainId, feeds, venues, tokens, ...pairs };
}

/** Up to when every hour stands counted in oracle_hours, unix seconds; 0: none does. */
async function readEndOfHours(
  reader: Reader,
  { chainId }: Source,
  { block }: BlockRef,
): Promise<number> {
  const [row] = await hoursEndQuery.run(reader, { chainId, block });
  return Math.floor((row?.ended_at ?? 0) / HOUR) * HOUR;
}

function wholeHours(
  { fromTime, toTime }: { readonly fromTime: number; readonly toTime: number },
  endedAt: number,
): Pick<OracleScope, 'wholeFrom' | 'wholeTo'> {
  const wholeFrom = Math.ceil(fromTime / HOUR) * HOUR;
  const wholeTo = Math.min(Math.floor(toTime / HOUR) * HOUR, endedAt);
  return wholeFrom < wholeTo ? { wholeFrom, wholeTo } : { wholeFrom: 0, wholeTo: 0 };
}

/**
 * A window as blocks and seconds; from the first block where it has no start.
 * @throws UsageError when it is empty.
 */
export async function oracleWindow(
  reader: Reader,
  { source, from: since, to: until }: OracleWindowRequest,
  asOf: BlockRef,
): Promise<Pick<OracleScope, 'fromBlock' | 'toBlock' | 'fromTime' | 'toTime'>> {
  const from = since ?? 0;
  const to = Math.min(until ?? asOf.timestamp + 1, asOf.timestamp + 1);
  if (from >= to) {
    throw new UsageError('The window is empty or lies after what is indexed.', {
      facts: { from: isoTime(from), indexedTo: isoTime(asOf.timestamp) },
    });
  }
  const fromTime = Math.max(0, from);
  const toTime = Math.max(0, to);
  const [row] = await windowQuery.run(reader, {
    chainId: source.chainId,
    toBlock: asOf.block,
    fromTime,
    toTime,
  });
  return {
    fromBlock: row?.from_block ?? asOf.block,
    toBlock: row?.to_block ?? asOf.block,
    fromTime: row ? Math.max(fromTime, since ?? row.first_time) : fromTime,
    toTime,
  };
}

/** Unix seconds; the as-of time where there is no update at all. */
async function firstUpdate(
  reader: Reader,
  feeds: ReturnType<typeof named>,
  endedAt: number,
  asOf: BlockRef,
): Promise<number> {
  const [row] = await firstUpdateQuery.run(reader, { ...feeds, toBlock: asOf.block, endedAt });
  return row && row.updates > 0 ? row.first_time : asOf.timestamp;
}

/** `venue:token` keys; none = all. */
async function chooseFeeds(
  reader: Reader,
  { source, market, feed }: OracleWindowRequest,
  block: number,
): Promise<string[]> {
  const ofMarket = market
    ? feedKeys((await readMarketTimeline(reader, { ...market, blocks: [block] })).feeds)
    : null;
  if (market && ofMarket?.length === 0) {
    throw new UsageError('That market has no state at that block.', {
      facts: { market: idOfMarket(market) },
      remedy: 'Take an id from a `markets` answer.',
    });
  }
  if (!feed) return [...(ofMarket ?? [])].sort();
  const found = (await findFeeds(reader, source, feed, block)).filter(
    (key) => ofMarket?.includes(key) ?? true,
  );
  if (found.length === 0) {
    throw new UsageError('There is no such feed.', {
      facts: { feed: feed.slice(0, 80) },
      remedy: 'Take an id, token address or symbol from an `oracleFeeds` answer.',
    });
  }
  return found;
}

/** `venue:token` keys of the feeds that go by an id, a token, or a symbol. */
export async function findFeeds(
  reader: Reader,
  source: Source,
  wanted: string,
  block: number,
): Promise<string[]> {
  if (wanted.includes(':')) return feedById(reader, source, wanted, block);
  const token = wanted.toLowerCase();
  const rows = await feedNamesQuery.run(reader, { chainId: source.chainId, block });
  return rows
    .filter(({ feed_venue: venue, feed_token: of, feed_symbol: symbol }) =>
      [of, symbol, baseOf(symbol), tokenOf(source, venue, of).symbol].some(
        (name) => name === wanted || name === token,
      ),
    )
    .map(({ feed_venue: venue, feed_token: of }) => `${venue}:${of}`)
    .sort();
}

/** Without reading the names of all feeds. @example '42161:gmx-v2:0x82af…', as `oracleFeeds` names it */
async function feedById(
  reader: Reader,
  source: Source,
  id: string,
  block: number,
): Promise<string[]> {
  const [chainId, venue = '', ...rest] = id.toLowerCase().split(':');
  const token = rest.join(':');
  if (chainId !== String(source.chainId)) return [];
  const rows = await feedQuery.run(reader, { chainId: source.chainId, block, venue, token });
  return rows.length > 0 ? [`${venue}:${token}`] : [];
}

/** @example baseOf('ETH / USD') // 'ETH' */
function baseOf(symbol: string): string {
  return symbol.split('/')[0]?.trim() ?? symbol;
}

/** A venue's own symbol of the token, else the oracle's name of the feed, else its key. */
export function feedLabel(source: Source, key: string, names: ReadonlyMap<string, string>): string {
  const venue = key.slice(0, key.indexOf(':'));
  const token = key.slice(venue.length + 1);
  return tokenOf(source, venue, token).symbol ?? (names.get(key) || token);
}

/** Names that oracles give their feeds, by `venue:token`. */
export async function readFeedNames(
  reader: Reader,
  source: Source,
  block: number,
): Promise<Map<string, string>> {
  const rows = await feedNamesQuery.run(reader, { chainId: source.chainId, block });
  return new Map(rows.map((row) => [`${row.feed_venue}:${row.feed_token}`, row.feed_symbol]));
}
