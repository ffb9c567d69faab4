import type { DomainEvent } from '../../../schema/events/domain-event.ts';
import type { EventPlace } from '../../../schema/events/place.ts';
import { AFTER_ALL_LOGS } from '../fact-place.ts';
import { marketDetails, marketListed, parameterChanged, VENUE } from './facts.ts';
import type { BfpManifest } from './manifest.ts';

/** Listings stand at the first block, with sub indexes that no log reaches. */
const LISTING_SUB_INDEX = 1000;

/** What the manifest says and no log does: markets with their feeds, settings. */
export function initialEvents(
  chainId: number,
  firstBlock: number,
  manifest: BfpManifest,
): readonly DomainEvent[] {
  const placeAt = (blockNumber: number, logIndex: number, subIndex: number): EventPlace => ({
    chainId,
    blockNumber,
    blockTimestamp: 0,
    transactionHash: '',
    transactionIndex: 0,
    logIndex,
    subIndex,
    venue: VENUE,
  });
  const listings = (manifest.markets ?? []).map(({ id, symbol }, index) => {
    const details = { name: symbol, symbol, ...marketDetails(manifest, id) };
    const place = placeAt(firstBlock, 0, LISTING_SUB_INDEX + index);
    return marketListed(place, id, details, 'MANIFEST');
  });
  const asOfBlock = manifest.initialParameters?.asOfBlock ?? firstBlock;
  const parameters = settingsOf(manifest).map(([market, name, value], index) =>
    parameterChanged(
      placeAt(asOfBlock, AFTER_ALL_LOGS, index),
      { market, name, value: BigInt(value) },
      'MANIFEST',
    ),
  );
  return [...listings, ...parameters];
}

type Setting = readonly [market: string, name: string, value: string];

/** `settingsAsOfBlock` tells settings of before a later change, whose values no log holds. */
function settingsOf({ initialParameters: initial }: BfpManifest): readonly Setting[] {
  if (!initial) return [];
  const globals = Object.entries(initial.global ?? {});
  const scales = Object.entries(initial.collateralSkewScales ?? {});
  return [
    ['', 'settingsAsOfBlock', initial.asOfBlock.toString()],
    ...globals.map(([name, value]): Setting => ['', name, value]),
    ...scales.map(([token, value]): Setting => {
      return ['', `collateralSkewScale:${token.toLowerCase()}`, value];
    }),
    ...Object.entries(initial.markets ?? {}).flatMap(([market, values]) =>
      Object.entries(values).map(([name, value]): Setting => [market, name, value]),
    ),
  ];
}
