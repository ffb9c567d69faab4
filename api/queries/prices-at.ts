import { z } from 'zod';
import { type Feed, feedKey, type PriceRange } from '../../margin/inputs.ts';
import { count, integer, loadQuery, type Reader } from './stored-query.ts';

const pricesQuery = loadQuery(
  'prices-at',
  z.object({
    block_number: count,
    min_price: integer,
    max_price: integer,
    price_decimals: count.nullable(),
  }),
);

/** A price that held from its block on. */
export interface PriceAt {
  readonly block: number;
  readonly range: PriceRange;
  /** Null where nobody states them. */
  readonly decimals: number | null;
}

/**
 * The prices of each feed in force at any of the blocks, in chain order, by `feedKey`. One statement a feed: the
 * engine finds the rows of one by its key.
 */
export async function readPricesAt(
  reader: Reader,
  request: {
    readonly chainId: number;
    readonly feeds: readonly Feed[];
    readonly blocks: readonly number[];
  },
): Promise<Map<string, readonly PriceAt[]>> {
  const { chainId, feeds, blocks } = request;
  if (blocks.length === 0) return new Map();
  const found = await Promise.all(
    feeds.map(async ({ venue, token }) => {
      const rows = await pricesQuery.run(reader, { chainId, venue, token, blocks });
      const prices = rows.map((row) => ({
        block: row.block_number,
        range: { min: row.min_price, max: row.max_price },
        decimals: row.price_decimals,
      }));
      return [feedKey(venue, token), prices] as const;
    }),
  );
  return new Map(found.filter(([, prices]) => prices.length > 0));
}
