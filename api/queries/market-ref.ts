import { UsageError } from '../../schema/errors.ts';
import { marketId, parseId } from '../../schema/ids.ts';
import type { Token } from './answers.ts';
import { chooseSource, type Snapshot, type Source, tokenOf } from './source-directory.ts';

export interface MarketRef {
  readonly source: Source;
  readonly venue: string;
  readonly market: string;
}

/** @throws UsageError when the text is not a market id, or of a chain the store does not hold. */
export function parseMarketId(snapshot: Snapshot, id: string): MarketRef {
  const { chainId, venue, key } = parseId(id);
  return { source: chooseSource(snapshot, chainId), venue, market: key };
}

export function idOfMarket(ref: MarketRef): string {
  return marketId(ref.source.chainId, ref.venue, ref.market);
}

/** Index token with decimals. @throws UsageError where they are unknown or the market has no state. */
export function pricedIndexToken(ref: MarketRef, indexToken: string): Token & { decimals: number } {
  if (indexToken === '') {
    throw new UsageError('That market has no state at that block.', {
      facts: { market: idOfMarket(ref) },
      remedy: 'Take an id from a `markets` answer, or ask for a later block.',
    });
  }
  const token = tokenOf(ref.source, indexToken);
  if (token.decimals === null) {
    throw new UsageError('The decimals of the index token are unknown: no price can be stated.', {
      facts: { market: idOfMarket(ref), indexToken },
    });
  }
  return { ...token, decimals: token.decimals };
}
