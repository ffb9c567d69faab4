import type { DomainEvent } from '../../../schema/events/domain-event.ts';
import type { ParameterChange } from '../../../schema/events/parameter.ts';
import type { EventPlace } from '../../../schema/events/place.ts';
import { VENUE } from './contracts.ts';
import type { AvantisManifest } from './manifest.ts';
import { pairListed } from './market-events.ts';
import type { SnapshotParameter } from './parameter-snapshot.ts';

/** Facts no log states hold after a block: they sort behind every log that it can have. */
const AFTER_ALL_LOGS = 2 ** 31;
/** Listings of a manifest stand before the first log, with sub indexes that none of a log has. */
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
      placeAt(chainId, firstBlock, 0, LISTING_SUB_INDEX + row),
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
      const place = placeAt(chainId, asOfBlock, AFTER_ALL_LOGS, row);
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
    const place = placeAt(chainId, fromBlock, AFTER_ALL_LOGS, row);
    return parameterChanged(place, '', name, value, 'SNAPSHOT');
  });
}
