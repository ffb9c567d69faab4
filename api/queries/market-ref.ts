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
 * A market by id; by symbol, name or address where only one is meant, of the chain asked for or of any.
 * @throws UsageError when no market, or more than one, is meant, or the chain is another.
 */
export function parseMarketId(
  snapshot: Snapshot,
  text: string,
  wantedChain?: number | null,
): MarketRef {
  const chainId = wantedChain ?? null;
  if (text.includes(':')) {
    const { chainId: ofMarket, venue, key } = parseId(text);
    if (chainId !== null && chainId !== ofMarket) {
      throw new UsageError('That market is of another chain.', {
        facts: { market: text.slice(0, 80), chainId },
        remedy: 'Leave chainId out: the id names the chain.',
      });
    }
    return { source: chooseSource(snapshot, ofMarket), venue, market: key };
  }
  // Refuses an unknown chain, and a store without any.
  const isOneChain = chainId !== null || snapshot.sources.length < 2;
  const sources = isOneChain ? [chooseSource(snapshot, chainId)] : snapshot.sources;
  const found = sources.flatMap((source) => listedAs(source, text.toLowerCase()));
  const [market] = found;
  if (market && found.length === 1) return market;
  throw new UsageError(
    market ? 'Several markets go by that name.' : 'There is no market of that name.',
    {
      facts: {
        market: text.slice(0, 80),
        ...(market ? { ids: found.slice(0, SHOWN_IDS).map(idOfMarket).join(', ') } : {}),
      },
      remedy: 'Give an id from a `markets` answer, like 42161:gmx-v2:0x<address>.',
    },
  );
}

/** Ids that a refusal shows: enough to choose from. */
const SHOWN_IDS = 8;

function listedAs(source: Source, wanted: string): MarketRef[] {
  return [...source.listedMarkets.values()]
    .filter(({ address, symbol, name }) =>
      [address, symbol.toLowerCase(), name.toLowerCase()].includes(wanted),
    )
    .map(({ venue, address }) => ({ source, venue, market: address }));
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
