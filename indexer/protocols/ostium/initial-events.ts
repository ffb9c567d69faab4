import type { DomainEvent } from '../../../schema/events/domain-event.ts';
import { AFTER_ALL_LOGS, factPlace } from '../fact-place.ts';
import { VENUE } from './contracts.ts';
import type { OstiumManifest } from './manifest.ts';
import { type Pair, pairListed, parameterChanged } from './market-events.ts';

/** Listings stand before the first log, with sub indexes that none of a log has. */
const LISTING_SUB_INDEX = 1000;

export function listings(
  chainId: number,
  firstBlock: number,
  pairs: readonly Pair[],
  source: 'MANIFEST' | 'SNAPSHOT',
): readonly DomainEvent[] {
  return pairs.map((pair, row) =>
    pairListed(factPlace(VENUE, chainId, firstBlock, 0, LISTING_SUB_INDEX + row), pair, { source }),
  );
}

/** Parameters of a manifest hold after its block. */
export function manifestParameters(
  chainId: number,
  { initialParameters }: OstiumManifest,
): readonly DomainEvent[] {
  if (!initialParameters) return [];
  const { asOfBlock, global, markets } = initialParameters;
  const scopes = [['', global] as const, ...Object.entries(markets)];
  const values = scopes.flatMap(([market, scope]) =>
    Object.entries(scope).map(([name, value]) => ({ market, name, value: BigInt(value) })),
  );
  return values.map(({ market, name, value }, row) => {
    const place = factPlace(VENUE, chainId, asOfBlock, AFTER_ALL_LOGS, row);
    return parameterChanged(place, market, name, value, 'MANIFEST');
  });
}
