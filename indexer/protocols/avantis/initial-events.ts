import type { DomainEvent } from '../../../schema/events/domain-event.ts';
import type { ParameterChange } from '../../../schema/events/parameter.ts';
import type { EventPlace } from '../../../schema/events/place.ts';
import { AFTER_ALL_LOGS, factPlace } from '../fact-place.ts';
import { VENUE } from './contracts.ts';
import type { AvantisManifest } from './manifest.ts';
import { pairListed } from './market-events.ts';
import type { SnapshotParameter } from './parameter-snapshot.ts';

/** Listings of a manifest stand before the first log, with sub indexes that none of a log has. */
const LISTING_SUB_INDEX = 1000;

function parameterChanged(
  place: EventPlace,
  market: string,
  name: string,
  value: bigint,
  source: 'MANIFEST' | 'SNAPSHOT',
): ParameterChange {
  return {
    ...place,
    kind: 'parameter',
    type: 'ParameterChanged',
    market,
    name,
    value,
    valueText: value.toString(),
    baseKey: '',
    keyData: '',
    source,
  };
}

/** What a manifest says of pairs and parameters. */
export function manifestFacts(
  chainId: number,
  firstBlock: number,
  { pairs, initialParameters }: AvantisManifest,
): readonly DomainEvent[] {
  const listings = (pairs ?? []).map(({ index, from, to }, row) =>
    pairListed(
      factPlace(VENUE, chainId, firstBlock, 0, LISTING_SUB_INDEX + row),
      { index: BigInt(index), from, to },
      { source: 'MANIFEST' },
    ),
  );
  if (!initialParameters) return listings;
  const { asOfBlock, global, markets } = initialParameters;
  const scopes = [['', global] as const, ...Object.entries(markets)];
  const values = scopes.flatMap(([market, scope]) =>
    Object.entries(scope).map(([name, value]) => ({ market, name, value: BigInt(value) })),
  );
  return [
    ...listings,
    ...values.map(({ market, name, value }, row) => {
      const place = factPlace(VENUE, chainId, asOfBlock, AFTER_ALL_LOGS, row);
      return parameterChanged(place, market, name, value, 'MANIFEST');
    }),
  ];
}

/** Published parameters, each from the block it is known to hold from; they fill what no event set. */
export function publishedFacts(
  chainId: number,
  parameters: readonly SnapshotParameter[],
): readonly DomainEvent[] {
  return parameters.map(({ name, value, fromBlock }, row) => {
    const place = factPlace(VENUE, chainId, fromBlock, AFTER_ALL_LOGS, row);
    return parameterChanged(place, '', name, value, 'SNAPSHOT');
  });
}
