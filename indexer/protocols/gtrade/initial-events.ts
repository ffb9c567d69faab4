import type { DomainEvent } from '../../../schema/events/domain-event.ts';
import type { MarketEvent } from '../../../schema/events/market.ts';
import type { ParameterChange } from '../../../schema/events/parameter.ts';
import { AFTER_ALL_LOGS, factPlace } from '../fact-place.ts';
import type { Collateral } from './collaterals.ts';
import { VENUE } from './contracts.ts';
import pairList from './data/pairs.json' with { type: 'json' };
import type { GtradeManifest } from './manifest.ts';
import { listingDetails } from './markets.ts';

/**
 * What no log states: pairs that were added before the range begins, and parameters of a manifest.
 * Listings stand before the first log of the first block, parameters after the last of their block.
 */
const LISTING_SUB_INDEX = 1_000;

interface Pair {
  readonly index: number;
  readonly name: string;
  readonly from: string;
  readonly to: string;
}

/** The published list writes a pair as one word; every base ends where USD begins, else it stays whole. */
function publishedPairs(): readonly Pair[] {
  return pairList.pairs.map((word, index) => {
    const [, from = word, to = ''] = /^(.+)(USD)\d?$/.exec(word) ?? [];
    return { index, from, to, name: to === '' ? word : `${from}/${to}` };
  });
}

/** Pairs known without an event: of the manifest where it names any, else the published list. */
export function knownPairs(
  hasKnownPairs: boolean,
  manifest: GtradeManifest | null,
): readonly Pair[] {
  if (manifest?.pairs) {
    return manifest.pairs.map(({ index, from, to }) => ({
      index,
      from,
      to,
      name: `${from}/${to}`,
    }));
  }
  return hasKnownPairs ? publishedPairs() : [];
}

export function initialEvents(request: {
  readonly chainId: number;
  readonly firstBlock: number;
  readonly pairs: readonly Pair[];
  readonly collaterals: readonly Collateral[];
  readonly manifest: GtradeManifest | null;
}): readonly DomainEvent[] {
  const { chainId, firstBlock, pairs, collaterals, manifest } = request;
  const source = manifest?.pairs ? 'MANIFEST' : 'SNAPSHOT';
  const listings = pairs.map((pair, position): MarketEvent => {
    const market = String(pair.index);
    return {
      ...factPlace(VENUE, chainId, firstBlock, 0, LISTING_SUB_INDEX + position),
      kind: 'market',
      type: 'MarketListed',
      market,
      token: '',
      isLong: null,
      delta: null,
      value: null,
      details: { ...listingDetails(pair, market, collaterals), source },
    };
  });
  return [...listings, ...manifestParameters(chainId, manifest)];
}

function manifestParameters(
  chainId: number,
  manifest: GtradeManifest | null,
): readonly ParameterChange[] {
  const initial = manifest?.initialParameters;
  if (!initial) return [];
  const scopes = [['', initial.global] as const, ...Object.entries(initial.markets)];
  const values = scopes.flatMap(([market, scope]) =>
    Object.entries(scope).map(([name, value]) => ({ market, name, value: BigInt(value) })),
  );
  return values.map(({ market, name, value }, index) => ({
    ...factPlace(VENUE, chainId, initial.asOfBlock, AFTER_ALL_LOGS, index),
    kind: 'parameter',
    type: 'ParameterChanged',
    market,
    name,
    value,
    valueText: value.toString(),
    baseKey: '',
    keyData: '',
    source: 'MANIFEST',
  }));
}
