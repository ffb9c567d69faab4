import { z } from 'zod';
import { USD_DECIMALS } from '../../schema/units.ts';
import type { Token } from './answers.ts';
import { count, loadQuery, type Reader, text } from './stored-query.ts';

const listingsQuery = loadQuery(
  'market-listings',
  z.object({
    listing_venue: text,
    market_address: text,
    market_name: text,
    market_symbol: text,
    market_tokens: z.array(z.tuple([text, text, text, text])),
  }),
);

export interface ListedMarket {
  readonly venue: string;
  readonly address: string;
  readonly name: string;
  readonly symbol: string;
}

/** A token as one venue counts it: two venues may price the same token with different decimals. */
export interface ListedToken extends Token {
  /** Decimals of the venue's prices of it, per whole token; null where nobody states them. */
  readonly priceDecimals: number | null;
}

/** Names of a chain's markets and tokens, by `venue:address`. */
export interface Listings {
  readonly markets: ReadonlyMap<string, ListedMarket>;
  readonly tokens: ReadonlyMap<string, ListedToken>;
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
  const tokens = new Map<string, ListedToken>();
  for (const row of await listingsQuery.run(reader, { chainId, block })) {
    const venue = row.listing_venue;
    markets.set(`${venue}:${row.market_address}`, {
      venue,
      address: row.market_address,
      name: row.market_name,
      symbol: row.market_symbol,
    });
    for (const [address, symbol, decimals, priceDecimals] of row.market_tokens) {
      if (symbol === '' || decimals === '') continue;
      const token = toToken(address, symbol, decimals, priceDecimals);
      const known = tokens.get(`${venue}:${address}`);
      // A token may be the index of one market and the collateral of others.
      if (!known || priceDecimals !== '') tokens.set(`${venue}:${address}`, token);
    }
  }
  return { markets, tokens };
}

/** A price is USD 1e30 per base unit where the listing does not say otherwise. */
function toToken(
  address: string,
  symbol: string,
  decimals: string,
  priceDecimals: string,
): ListedToken {
  const scale = count.parse(decimals);
  return {
    address,
    symbol,
    decimals: scale,
    priceDecimals: priceDecimals === '' ? USD_DECIMALS - scale : count.parse(priceDecimals),
  };
}
