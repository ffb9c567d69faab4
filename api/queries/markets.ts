import { z } from 'zod';
import { rulesFor } from '../../margin/rules/registry.ts';
import { UsageError } from '../../schema/errors.ts';
import { marketId } from '../../schema/ids.ts';
import type { Side } from './answers.ts';
import { usdText } from './margin-point.ts';
import type { ListedToken } from './market-listings.ts';
import { marketSymbol } from './market-names.ts';
import { isoTime } from './provenance.ts';
import type { MarketRecord, SideInterest } from './records.ts';
import { type Source, tokenOf } from './source-directory.ts';
import { count, integer, loadQuery, type Reader, text } from './stored-query.ts';

/** Venues list hundreds of markets; beyond this a list is no answer to a question. */
const MAX_MARKETS = 2_000;

const marketsQuery = loadQuery(
  'markets',
  z.object({
    market_venue: text,
    market_address: text,
    index_token: text,
    long_token: text,
    short_token: text,
    pool_amount_long: integer,
    pool_amount_short: integer,
    state_block: count,
    state_time: count,
    long_protocol_usd: integer.nullable(),
    long_positions_usd: integer,
    long_open_positions: count,
    short_protocol_usd: integer.nullable(),
    short_positions_usd: integer,
    short_open_positions: count,
    protocol_skew: integer.nullable(),
    positions_skew: integer,
  }),
);

export interface MarketList {
  readonly source: Source;
  readonly block: number;
  /** Market address; all without one. */
  readonly market?: string | undefined;
  readonly venue?: string | undefined;
}

/** Markets of a chain as they stood at a block, by venue and address. */
export async function readMarkets(reader: Reader, list: MarketList): Promise<MarketRecord[]> {
  const rows = await marketsQuery.run(reader, {
    chainId: list.source.chainId,
    block: list.block,
    market: list.market?.toLowerCase() ?? '',
    venue: list.venue ?? '',
    limit: MAX_MARKETS + 1,
  });
  if (rows.length > MAX_MARKETS) {
    throw new UsageError('There are too many markets for one answer.', {
      facts: { limit: MAX_MARKETS },
      remedy: 'Say which venue.',
    });
  }
  return rows.map((row) => toMarket(list, row));
}

/** Index token by `venue:market`: prices of a liquidation are per whole token of it. */
export async function readIndexTokens(
  reader: Reader,
  source: Source,
  block: number,
): Promise<Map<string, ListedToken>> {
  const markets = await readMarkets(reader, { source, block });
  return new Map(markets.map((market) => [`${market.venue}:${market.address}`, market.indexToken]));
}

function toMarket(
  { source, block }: MarketList,
  row: Awaited<ReturnType<typeof marketsQuery.run>>[number],
): MarketRecord {
  const address = row.market_address;
  const venue = row.market_venue;
  // A venue that counts has counted nothing where no row says so yet.
  const uncounted = rulesFor(venue).openInterestCounter === 'SIDES' ? 0n : null;
  const interest = (
    side: Side,
    protocol: bigint | null,
    ours: bigint,
    open: number,
  ): SideInterest => ({
    side,
    protocolUsd: protocol === null ? null : usdText(protocol),
    positionsUsd: usdText(ours),
    residualUsd: protocol === null ? null : usdText(protocol - ours),
    openPositions: open,
  });
  return {
    id: marketId(source.chainId, row.market_venue, address),
    chainId: source.chainId,
    venue: row.market_venue,
    address,
    symbol: marketSymbol(source, venue, address, row.index_token),
    name: source.listedMarkets.get(`${venue}:${address}`)?.name ?? null,
    indexToken: tokenOf(source, venue, row.index_token),
    longToken: tokenOf(source, venue, row.long_token),
    shortToken: tokenOf(source, venue, row.short_token),
    poolAmountLongRaw: row.pool_amount_long.toString(),
    poolAmountShortRaw: row.pool_amount_short.toString(),
    openInterest: [
      interest(
        'LONG',
        row.long_protocol_usd ?? uncounted,
        row.long_positions_usd,
        row.long_open_positions,
      ),
      interest(
        'SHORT',
        row.short_protocol_usd ?? uncounted,
        row.short_positions_usd,
        row.short_open_positions,
      ),
    ],
    skew:
      row.protocol_skew === null
        ? null
        : {
            protocolBaseRaw: row.protocol_skew.toString(),
            positionsBaseRaw: row.positions_skew.toString(),
            residualBaseRaw: (row.protocol_skew - row.positions_skew).toString(),
          },
    updatedBlock: row.state_block,
    updatedAt: isoTime(row.state_time),
    asOfBlock: block,
  };
}
