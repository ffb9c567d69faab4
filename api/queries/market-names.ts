import { type Source, tokenOf } from './source-directory.ts';

/** Symbol of a market: as listed, else that of its index token; null when neither is known. */
export function marketSymbol(
  source: Source,
  venue: string,
  market: string,
  indexToken: string,
): string | null {
  return (
    source.listedMarkets.get(`${venue}:${market}`)?.symbol ??
    tokenOf(source, venue, indexToken).symbol
  );
}
