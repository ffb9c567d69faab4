import { readFeedTable } from '../feed-table.ts';

export interface SynthetixMarket {
  /** The market's proxy, lower case. */
  readonly address: string;
  /** @example 'sETHPERP' */
  readonly key: string;
  readonly keyBytes32: string;
  /** @example 'sETH' */
  readonly asset: string;
  /** What is traded. @example 'ETH' */
  readonly symbol: string;
  /** The Chainlink aggregator that prices it on chain, and the decimals of its answers. */
  readonly aggregator: string;
  readonly aggregatorDecimals: number;
}

const TABLE = new URL('./data/markets.tsv', import.meta.url);
const ADDRESS = /^0x[0-9a-f]{40}$/;

let listed: readonly SynthetixMarket[] | null = null;

/**
 * The 89 markets of Optimism; data/SOURCE.md says where from.
 * @throws CorruptDataError when the committed file is damaged.
 */
export function marketsOnOptimism(): readonly SynthetixMarket[] {
  listed ??= readFeedTable(TABLE, {
    key: /^s\w+PERP$/,
    asset: /^\w+$/,
    symbol: /^\w+$/,
    market: ADDRESS,
    feed: ADDRESS,
    aggregator: ADDRESS,
    decimals: /^\d{1,2}$/,
    description: /^\w+ \/ \w+$/,
    deployed: /^\d{4}-\d{2}-\d{2}$/,
  }).map(({ key, asset, symbol, market, aggregator, decimals }) => ({
    address: market,
    key,
    keyBytes32: `0x${Buffer.from(key, 'ascii').toString('hex').padEnd(64, '0')}`,
    asset,
    symbol,
    aggregator,
    aggregatorDecimals: Number(decimals),
  }));
  return listed;
}
