import { defaultSource } from '../charts/default-subjects.ts';
import { readMarkets } from '../queries/markets.ts';
import type { MarketRecord, SourceStatus } from '../queries/records.ts';
import type { Snapshot } from '../queries/source-directory.ts';
import { readStatus } from '../queries/status.ts';

export interface StartPageFacts {
  readonly sources: readonly SourceStatus[];
  /** The source that the charts of the page show; null while nothing is indexed. */
  readonly shown: SourceStatus | null;
  /** Of the shown source. */
  readonly markets: readonly MarketRecord[];
}

/**
 * What the start page tells of the store, as of the heads of one snapshot, with the charts of the chain
 * asked for, or of the one with most to show.
 * @throws UsageError when the store does not hold that chain.
 */
export async function readStartPageFacts(
  snapshot: Snapshot,
  chainId: number | null,
): Promise<StartPageFacts> {
  const sources = await readStatus(snapshot);
  const isIndexed = snapshot.sources.some((source) => source.headBlock !== null);
  if (!isIndexed) return { sources, shown: null, markets: [] };
  const source = await defaultSource(snapshot, chainId);
  if (source.headBlock === null) return { sources, shown: null, markets: [] };
  const shown = sources.find((one) => one.chainId === source.chainId) ?? null;
  const markets = await readMarkets(snapshot.reader, { source, block: source.headBlock });
  // Markets that nobody has traded say nothing; those with most open interest come first.
  const interest = (market: MarketRecord) =>
    market.openInterest.reduce((sum, side) => sum + Number(side.positionsUsd), 0);
  const traded = markets
    .filter((market) => interest(market) > 0)
    .sort((left, right) => interest(right) - interest(left) || (left.id < right.id ? -1 : 1));
  return { sources, shown, markets: traded };
}
