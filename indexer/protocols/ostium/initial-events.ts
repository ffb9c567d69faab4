import type { DomainEvent } from '../../../schema/events/domain-event.ts';
import type { EventPlace } from '../../../schema/events/place.ts';
import { VENUE } from './contracts.ts';
import type { OstiumManifest } from './manifest.ts';
import { type Pair, pairListed, parameterChanged } from './market-events.ts';

/** Facts no log states hold after a block: they sort behind every log that it can have. */
const AFTER_ALL_LOGS = 2 ** 31;
/** Listings stand before the first log, with sub indexes that none of a log has. */
const LISTING_SUB_INDEX = 1000;

function placeAt(
  chainId: number,
  blockNumber: number,
  logIndex: number,
  subIndex: number,
): EventPlace {
  return {
    chainId,
    blockNumber,
    blockTimestamp: 0,
    transactionHash: '',
    transactionIndex: 0,
    logIndex,
    subIndex,
    venue: VENUE,
  };
}

export function listings(
  chainId: number,
  firstBlock: number,
  pairs: readonly Pair[],
  source: 'MANIFEST' | 'SNAPSHOT',
): readonly DomainEvent[] {
  return pairs.map((pair, row) =>
    pairListed(placeAt(chainId, firstBlock, 0, LISTING_SUB_INDEX + row), pair, { source }),
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
    const place = placeAt(chainId, asOfBlock, AFTER_ALL_LOGS, row);
    return parameterChanged(place, market, name, value, 'MANIFEST');
  });
}
