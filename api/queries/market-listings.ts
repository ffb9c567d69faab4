import { z } from 'zod';
import { USD_DECIMALS } from '../../schema/units.ts';
import type { Token } from './answers.ts';
import { count, loadQuery, type Reader, text } from './stored-query.ts';

const listingsQuery = loadQuery(
  'market-listings',
  z.object({
    listed_block: count,
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

type ListingRow = Awaited<ReturnType<typeof listingsQuery.run>>[number];

/** Names as they stood at any block: logs list markets, and rename them, all through a chain's life. */
export class ListingHistory {
  readonly #rows: readonly ListingRow[];
  #newest: Listings | null = null;

  /** In chain order. */
  constructor(rows: readonly ListingRow[]) {
    this.#rows = rows;
  }

  at(block: number): Listings {
    const last = this.#rows.at(-1);
    if (last && last.listed_block > block) {
      return toListings(this.#rows.filter((row) => row.listed_block <= block));
    }
    this.#newest ??= toListings(this.#rows);
    return this.#newest;
  }
}

/** What identifies the rows that listings are read from. */
interface ListingScope {
  readonly chainId: number;
  readonly chain: string;
  readonly rowsMethod: string;
  readonly tableVersions: bigint;
  readonly head: number;
  /** The commit of the head: another one may follow on rows that were taken back. */
  readonly headHash: string;
  readonly committedAtMs: number;
  /** Rows up to here are never taken back; −1 where nothing is known to be final. */
  readonly finalBlock: number;
}

interface FoundListings {
  readonly commit: string;
  readonly history: ListingHistory;
  /** Rows at or below `finalBlock`, for the next commit. */
  readonly finalRows: readonly ListingRow[];
  readonly finalBlock: number;
}

/**
 * Listings that were found, by store and build of its tables: they are few among many facts, so what
 * is final is searched for once, and the rest again only when there is another head.
 */
const found = new WeakMap<Reader, Map<string, FoundListings>>();

export async function readListings(reader: Reader, scope: ListingScope): Promise<ListingHistory> {
  const { chainId, chain, rowsMethod, tableVersions, head, headHash, committedAtMs } = scope;
  const kept = found.get(reader) ?? new Map<string, FoundListings>();
  found.set(reader, kept);
  const key = JSON.stringify([chainId, chain, rowsMethod, tableVersions.toString()]);
  const commit = JSON.stringify([head, headHash, committedAtMs]);
  const known = kept.get(key);
  if (known?.commit === commit) return known.history;
  // Below its final rows a chain only goes back by hand: then nothing known is trusted.
  const isAbove = known !== undefined && head >= known.finalBlock;
  const base = isAbove ? known : { finalRows: [], finalBlock: -1 };
  const more = await listingsQuery.run(reader, {
    chainId,
    fromBlock: base.finalBlock + 1,
    toBlock: head,
  });
  const rows = [...base.finalRows, ...more];
  const finalBlock = Math.min(head, scope.finalBlock);
  const history = new ListingHistory(rows);
  const finalRows = rows.filter((row) => row.listed_block <= finalBlock);
  kept.set(key, { commit, history, finalRows, finalBlock });
  return history;
}

function toListings(rows: readonly ListingRow[]): Listings {
  const markets = new Map<string, ListedMarket>();
  const tokens = new Map<string, ListedToken>();
  for (const row of rows) {
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
