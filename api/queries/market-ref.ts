import { UsageError } from '../../schema/errors.ts';
import { marketId, parseId } from '../../schema/ids.ts';
import type { ListedToken } from './market-listings.ts';
import { chooseSource, type Snapshot, type Source, tokenOf } from './source-directory.ts';

export interface MarketRef {
  readonly source: Source;
  readonly venue: string;
  readonly market: string;
}

/**
 * A market by id; by symbol or name of a listed one, or by address, where only one chain is stored.
 * @throws UsageError when no market, or more than one, is meant.
 */
export function parseMarketId(snapshot: Snapshot, text: string): MarketRef {
  if (text.includes(':')) {
    const { chainId, venue, key } = parseId(text);
    return { source: chooseSource(snapshot, chainId), venue, market: key };
  }
  const source = chooseSource(snapshot);
  const wanted = text.toLowerCase();
  const found = [...source.listedMarkets.values()].filter(({ address, symbol, name }) =>
    [address, symbol.toLowerCase(), name.toLowerCase()].includes(wanted),
  );
  const [market] = found;
  if (!market || found.length > 1) {
    throw new UsageError(
      market ? 'Several markets go by that name.' : 'There is no market of that name.',
      {
        facts: { market: text.slice(0, 80) },
        remedy: 'Give an id from a `markets` answer, like 42161:gmx-v2:0x<address>.',
      },
    );
  }
  return { source, venue: market.venue, market: market.address };
}

export function idOfMarket(ref: MarketRef): string {
  return marketId(ref.source.chainId, ref.venue, ref.market);
}

/** Index token with what its amounts and prices mean. */
export interface IndexToken extends ListedToken {
  readonly decimals: number;
  readonly priceDecimals: number;
}

/** @throws UsageError where the decimals are unknown or the market has no state. */
export function pricedIndexToken(ref: MarketRef, indexToken: string): IndexToken {
  if (indexToken === '') {
    throw new UsageError('That market has no state at that block.', {
      facts: { market: idOfMarket(ref) },
      remedy: 'Take an id from a `markets` answer, or ask for a later block.',
    });
  }
  const token = tokenOf(ref.source, ref.venue, indexToken);
  const { decimals, priceDecimals } = token;
  if (decimals === null || priceDecimals === null) {
    throw new UsageError('The decimals of the index token are unknown: no price can be stated.', {
      facts: { market: idOfMarket(ref), indexToken },
    });
  }
  return { ...token, decimals, priceDecimals };
}
