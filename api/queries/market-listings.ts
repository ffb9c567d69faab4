import { z } from 'zod';
import type { Token } from './answers.ts';
import { count, loadQuery, type Reader, text } from './stored-query.ts';

const listingsQuery = loadQuery(
  'market-listings',
  z.object({
    listing_venue: text,
    market_address: text,
    market_name: text,
    market_symbol: text,
    market_tokens: z.array(z.tuple([text, text, text])),
  }),
);

export interface ListedMarket {
  readonly venue: string;
  readonly address: string;
  readonly name: string;
  readonly symbol: string;
}

/** Names of a chain's markets and tokens, by address. */
export interface Listings {
  readonly markets: ReadonlyMap<string, ListedMarket>;
  readonly tokens: ReadonlyMap<string, Token>;
}

/**
 * Listings that were found, by store. They come with the first facts of a chain and change only with
 * the code that makes the rows, so they are not searched for again at every request.
 */
const found = new WeakMap<Reader, Map<string, Listings>>();

export async function readListings(
  reader: Reader,
  scope: { readonly chainId: number; readonly chain: string; readonly rowsMethod: string },
  block: number,
): Promise<Listings> {
  const known = found.get(reader) ?? new Map<string, Listings>();
  found.set(reader, known);
  const key = JSON.stringify([scope.chainId, scope.chain, scope.rowsMethod]);
  const listings = known.get(key) ?? (await searchListings(reader, scope.chainId, block));
  if (listings.markets.size > 0) known.set(key, listings);
  return listings;
}

async function searchListings(reader: Reader, chainId: number, block: number): Promise<Listings> {
  const markets = new Map<string, ListedMarket>();
  const tokens = new Map<string, Token>();
  for (const row of await listingsQuery.run(reader, { chainId, block })) {
    markets.set(row.market_address, {
      venue: row.listing_venue,
      address: row.market_address,
      name: row.market_name,
      symbol: row.market_symbol,
    });
    for (const [address, symbol, decimals] of row.market_tokens) {
      if (symbol === '' || decimals === '') continue;
      tokens.set(address, { address, symbol, decimals: count.parse(decimals) });
    }
  }
  return { markets, tokens };
}
