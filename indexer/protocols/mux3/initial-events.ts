import type { DomainEvent } from '../../../schema/events/domain-event.ts';
import type { EventPlace } from '../../../schema/events/place.ts';
import { AFTER_ALL_LOGS, factPlace } from '../fact-place.ts';
import { maxPnlRateKey } from './config-keys.ts';
import {
  collateralAccepted,
  marketListed,
  parameterChanged,
  poolCollateral,
  poolSetting,
  tokenDecimals,
  tokenIsStable,
  VENUE,
} from './facts.ts';
import type { Mux3Manifest } from './manifest.ts';

/** Listings stand at the first block, with sub indexes that no log reaches. */
const LISTING_SUB_INDEX = 1000;

/** What the manifest says and no log of its range does, each fact with a place of its own. */
export function initialEvents(
  chainId: number,
  firstBlock: number,
  manifest: Mux3Manifest,
): readonly DomainEvent[] {
  const known = [...tokenFacts(manifest), ...poolFacts(manifest), ...marketFacts(manifest)];
  const listed = known.map((make, index) =>
    make(factPlace(VENUE, chainId, firstBlock, 0, LISTING_SUB_INDEX + index)),
  );
  const asOfBlock = manifest.initialParameters?.asOfBlock ?? firstBlock;
  const parameters = parameterFacts(manifest).map((make, index) =>
    make(factPlace(VENUE, chainId, asOfBlock, AFTER_ALL_LOGS, index)),
  );
  return [...listed, ...parameters];
}

type MakeFact = (place: EventPlace) => DomainEvent;

function fact(name: string, value: bigint, market = ''): MakeFact {
  return (place) => parameterChanged(place, { name, value, market }, 'MANIFEST');
}

function tokenFacts({ collateralTokens }: Mux3Manifest): readonly MakeFact[] {
  return (collateralTokens ?? []).flatMap(({ address, decimals, isStable }) => [
    fact(tokenDecimals(address), BigInt(decimals)),
    fact(tokenIsStable(address), isStable ? 1n : 0n),
    (place: EventPlace) => collateralAccepted(place, address),
  ]);
}

function poolFacts({ pools }: Mux3Manifest): readonly MakeFact[] {
  return (pools ?? []).map(({ address, collateralToken }) =>
    fact(poolCollateral(address), BigInt(collateralToken)),
  );
}

/** Behind the tokens: a market takes up those that are known when it is listed. */
function marketFacts({ markets }: Mux3Manifest): readonly MakeFact[] {
  return (markets ?? []).map((market) => (place) => marketListed(place, market, 'MANIFEST'));
}

function parameterFacts({ initialParameters: initial }: Mux3Manifest): readonly MakeFact[] {
  const facts: MakeFact[] = [];
  for (const [name, value] of Object.entries(initial?.global ?? {})) {
    facts.push(fact(name, BigInt(value)));
  }
  for (const [market, values] of Object.entries(initial?.markets ?? {})) {
    for (const [name, value] of Object.entries(values)) {
      facts.push(fact(name, BigInt(value), market.toLowerCase()));
    }
  }
  for (const [pool, rates] of Object.entries(initial?.maxPnlRates ?? {})) {
    for (const [market, rate] of Object.entries(rates)) {
      const key = maxPnlRateKey(market.toLowerCase());
      facts.push(fact(poolSetting(pool.toLowerCase(), key), BigInt(rate)));
    }
  }
  return facts;
}
