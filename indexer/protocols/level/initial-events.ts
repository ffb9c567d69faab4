import type { DomainEvent } from '../../../schema/events/domain-event.ts';
import type { MarketEvent } from '../../../schema/events/market.ts';
import type { EventPlace } from '../../../schema/events/place.ts';
import { AFTER_ALL_LOGS } from '../fact-place.ts';
import type { LevelManifest } from './manifest.ts';

export const VENUE = 'level';

/** Listings stand at the first block, with sub indexes that no log reaches. */
const LISTING_SUB_INDEX = 1000;

export interface LevelToken {
  readonly address: string;
  readonly symbol: string;
  readonly decimals: number;
}

/** One market a listed token: the index of its longs and shorts. `token` null: decimals unknown. */
export function listing(
  place: EventPlace,
  address: string,
  token: LevelToken | null,
  source: 'MANIFEST' | 'EVENT',
): MarketEvent {
  return {
    ...place,
    kind: 'market',
    type: 'MarketListed',
    market: address,
    token: '',
    isLong: null,
    delta: null,
    value: null,
    details: {
      indexToken: address,
      source,
      ...(token && {
        name: `${token.symbol} / USD`,
        symbol: token.symbol,
        indexSymbol: token.symbol,
        indexDecimals: String(token.decimals),
        indexPriceDecimals: String(30 - token.decimals),
      }),
    },
  };
}

/** What the manifest says and no log does: tokens as markets, parameters. */
export function initialEvents(
  chainId: number,
  firstBlock: number,
  manifest: LevelManifest,
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
  const listings = (manifest.tokens ?? []).map((token, index) =>
    listing(placeAt(firstBlock, 0, LISTING_SUB_INDEX + index), token.address, token, 'MANIFEST'),
  );
  const initial = manifest.initialParameters;
  if (!initial) return listings;
  const parameters = Object.entries(initial.global).map(
    ([name, value], index): DomainEvent => ({
      ...placeAt(initial.asOfBlock, AFTER_ALL_LOGS, index),
      kind: 'parameter',
      type: 'ParameterChanged',
      market: '',
      name,
      value: BigInt(value),
      valueText: value,
      baseKey: '',
      keyData: '',
      source: 'MANIFEST',
    }),
  );
  return [...listings, ...parameters];
}
