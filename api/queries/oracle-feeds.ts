import { z } from 'zod';
import { marketId } from '../../schema/ids.ts';
import type { OracleFeed, OracleFeeds } from './answers.ts';
import { priceRangeAnswer } from './margin-point.ts';
import { isoTime, makeProvenance } from './provenance.ts';
import { resolveBlock, type Snapshot, type Source, tokenOf } from './source-directory.ts';
import { count, integer, loadQuery, text } from './stored-query.ts';

const METHOD = 'oracle-feeds';

const feedsQuery = loadQuery(
  'oracle-feeds',
  z.object({
    feed_venue: text,
    feed_token: text,
    updates: count,
    providers: z.array(text),
    first_time: count,
    last_time: count,
    last_block: count,
    last_min_price: integer,
    last_max_price: integer,
    last_price_decimals: count.nullable(),
    feed_symbol: text,
    feed_delivery: z.enum(['PUSH', 'PULL']),
    observed_updates: count,
    block_time_updates: count,
    last_observed_at: count.nullable(),
  }),
);

/** Every price feed of a chain, with its last price. */
export async function oracleFeeds(
  snapshot: Snapshot,
  source: Source,
  atBlock?: number | null,
): Promise<OracleFeeds> {
  const asOf = await resolveBlock(snapshot.reader, source, atBlock);
  const rows = await feedsQuery.run(snapshot.reader, {
    chainId: source.chainId,
    block: asOf.block,
  });
  const feeds = rows.map((row): OracleFeed => {
    const listed = tokenOf(source, row.feed_venue, row.feed_token);
    const token = { ...listed, priceDecimals: row.last_price_decimals };
    return {
      id: marketId(source.chainId, row.feed_venue, row.feed_token),
      venue: row.feed_venue,
      token,
      symbol: row.feed_symbol === '' ? listed.symbol : row.feed_symbol,
      kind: row.feed_delivery,
      observedUpdates: row.observed_updates,
      timeIsBlockTime: row.block_time_updates > 0,
      providers: row.providers.filter((provider) => provider !== ''),
      updates: row.updates,
      firstUpdateAt: isoTime(row.first_time),
      lastUpdateAt: isoTime(row.last_time),
      lastUpdateBlock: row.last_block,
      lastObservedAt: row.last_observed_at === null ? null : isoTime(row.last_observed_at),
      lastPrice: priceRangeAnswer({ min: row.last_min_price, max: row.last_max_price }, token),
    };
  });
  const unnamed = feeds.filter(({ lastPrice }) => lastPrice.minPriceUsd === null).length;
  return {
    provenance: makeProvenance({
      source,
      query: METHOD,
      parameters: {},
      asOf,
      basis: 'OBSERVED',
      method: METHOD,
      version: '1',
      caveats:
        unnamed > 0 ? [`${unnamed} feeds of unknown decimals: their prices are left out.`] : [],
    }),
    feeds,
  };
}
