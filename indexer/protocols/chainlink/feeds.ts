import { readFeedTable } from '../feed-table.ts';

/** An aggregator: the contract behind a feed's proxy, replaced from time to time. */
export interface ChainlinkFeed {
  readonly aggregator: string;
  /** What its answers say. @example 'ETH / USD' */
  readonly description: string;
  /** Answer ÷ 10^decimals = quote per whole unit of base. */
  readonly decimals: number;
  /** What contracts read; emits nothing itself. '' = not stated. */
  readonly proxy: string;
}

/** Feeds by aggregator, lower case. */
export type FeedsByAggregator = ReadonlyMap<string, ChainlinkFeed>;

/**
 * Public chains with Chainlink feeds: smartcontractkit/documentation
 * 59e5cde702f77672c34c9cf76d27735c390a1f98, src/features/data/chains.ts (the chains of ours among them).
 */
const CHAINS: ReadonlyMap<number, string> = new Map([
  [1, 'ethereum'],
  [10, 'optimism'],
  [56, 'bsc'],
  [100, 'gnosis'],
  [137, 'polygon'],
  [146, 'sonic'],
  [4326, 'megaeth'],
  [5000, 'mantle'],
  [8453, 'base'],
  [42161, 'arbitrum'],
  [43114, 'avalanche'],
  [59144, 'linea'],
  [421614, 'arbitrum-sepolia'],
  [534352, 'scroll'],
]);

export function chainNameOf(chainId: number): string | null {
  return CHAINS.get(chainId) ?? null;
}

const TABLE = new URL('./data/feeds.tsv', import.meta.url);
const ADDRESS = /^0x[0-9a-f]{40}$/;

let listed: ReadonlyMap<number, FeedsByAggregator> | null = null;

/** The aggregators that are published for a public chain; data/SOURCE.md says where. */
export function listedFeeds(chainId: number): FeedsByAggregator {
  listed ??= readListedFeeds();
  return listed.get(chainId) ?? new Map();
}

/** @throws CorruptDataError when the committed file is damaged. */
function readListedFeeds(): ReadonlyMap<number, FeedsByAggregator> {
  const chains = new Map<number, Map<string, ChainlinkFeed>>();
  const rows = readFeedTable(TABLE, {
    chainId: /^\d{1,10}$/,
    aggregator: ADDRESS,
    description: /^\S.*$/,
    decimals: /^\d{1,2}$/,
    proxy: ADDRESS,
    source: /^[0-9a-f]{8}$/,
  });
  for (const { chainId, aggregator, description, decimals, proxy } of rows) {
    const feeds = chains.get(Number(chainId)) ?? new Map<string, ChainlinkFeed>();
    chains.set(Number(chainId), feeds);
    feeds.set(aggregator, { aggregator, description, decimals: Number(decimals), proxy });
  }
  return chains;
}
