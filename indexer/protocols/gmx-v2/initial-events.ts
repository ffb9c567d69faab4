import type { DomainEvent } from '../../../schema/events/domain-event.ts';
import type { MarketEvent } from '../../../schema/events/market.ts';
import type { ParameterChange } from '../../../schema/events/parameter.ts';
import type { Details, EventPlace } from '../../../schema/events/place.ts';
import { AFTER_ALL_LOGS, factPlace } from '../fact-place.ts';
import { VENUE } from './contracts.ts';
import type { GmxV2Manifest } from './manifest.ts';
import type { GmxMarket } from './markets.ts';
import type { ParameterSnapshot, SnapshotParameter } from './parameter-snapshot.ts';
import type { GmxToken } from './tokens.ts';

/**
 * Facts that no log states get a place of their own, told apart by `subIndex`:
 * - values of a manifest hold *after* its block `asOfBlock`. Their log index sorts behind every
 *   log a block can have, so SetUint logs up to and including that block are overruled and later
 *   ones apply on top;
 * - values of a published configuration are placed in the same way, at the block they are known to
 *   hold from. Readers let them fill what no event has set, never replace it: an event is the chain;
 * - the committed market list is known before the first block is read: log index 0 with sub indexes
 *   that no log reaches.
 */
const LISTING_SUB_INDEX = 1000;

type TokensByAddress = ReadonlyMap<string, GmxToken>;

/** Symbol and decimals of each of the market's tokens, where they are known. */
function tokenDetails(market: GmxMarket, tokens: TokensByAddress): Details {
  const roles = [
    ['index', market.indexToken],
    ['long', market.longToken],
    ['short', market.shortToken],
  ] as const;
  return Object.fromEntries(
    roles.flatMap(([role, address]) => {
      const token = tokens.get(address);
      if (!token) return [];
      return [
        [`${role}Symbol`, token.symbol],
        [`${role}Decimals`, String(token.decimals)],
        // Prices are USD 1e30 per base unit: so many decimals per whole token.
        ...(role === 'index' ? [['indexPriceDecimals', String(30 - token.decimals)]] : []),
      ];
    }),
  );
}

function listing(
  place: EventPlace,
  market: GmxMarket,
  tokens: TokensByAddress,
  source: 'MANIFEST' | 'SNAPSHOT',
): MarketEvent {
  const { address, name, symbol, indexToken, longToken, shortToken } = market;
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
      indexToken,
      longToken,
      shortToken,
      name,
      symbol,
      source,
      ...tokenDetails(market, tokens),
    },
  };
}

function parameterChanged(
  place: EventPlace,
  { market, name, value }: SnapshotParameter,
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

function manifestParameters(
  chainId: number,
  initial: NonNullable<GmxV2Manifest['initialParameters']>,
  firstSubIndex: number,
): readonly ParameterChange[] {
  const scopes = [
    ['', initial.global] as const,
    ...Object.entries(initial.markets).map(([market, values]) => {
      return [market.toLowerCase(), values] as const;
    }),
  ];
  const values = scopes.flatMap(([market, scope]) =>
    Object.entries(scope).map(([name, value]) => ({ market, name, value: BigInt(value) })),
  );
  return values.map((parameter, index) => {
    const place = factPlace(
      VENUE,
      chainId,
      initial.asOfBlock,
      AFTER_ALL_LOGS,
      firstSubIndex + index,
    );
    return parameterChanged(place, parameter, 'MANIFEST');
  });
}

/** Placed at the snapshot's block, or at the first block of a range that starts later. */
function snapshotParameters(
  chainId: number,
  firstBlock: number,
  { fromBlock, parameters }: ParameterSnapshot,
): readonly ParameterChange[] {
  const block = Math.max(fromBlock, firstBlock);
  return parameters.map((parameter, index) =>
    parameterChanged(
      factPlace(VENUE, chainId, block, AFTER_ALL_LOGS, index),
      parameter,
      'SNAPSHOT',
    ),
  );
}

/**
 * What holds before the logs say anything: the manifest's markets and parameters, or the committed
 * market list of a public chain and the parameters its venue published.
 *
 * Before the published configuration's block, parameters of public chains are unknown until a
 * SetUint names them: the deployment scripts wrote the first values straight into the DataStore,
 * and a configuration of 2026 does not say what held in 2023. They are not guessed.
 */
export function initialEvents(request: {
  readonly chainId: number;
  readonly firstBlock: number;
  readonly markets: readonly GmxMarket[];
  readonly tokens: readonly GmxToken[];
  readonly manifest: GmxV2Manifest | null;
  /** What the venue published for this public chain; a manifest's parameters come before it. */
  readonly snapshot: ParameterSnapshot | null;
}): readonly DomainEvent[] {
  const { chainId, firstBlock, markets, manifest, snapshot } = request;
  const tokens = new Map(request.tokens.map((token) => [token.address, token]));
  const initial = manifest?.initialParameters;
  const source = manifest?.markets ? 'MANIFEST' : 'SNAPSHOT';
  if (!initial) {
    const listed = markets.map((market, index) => {
      const place = factPlace(VENUE, chainId, firstBlock, 0, LISTING_SUB_INDEX + index);
      return listing(place, market, tokens, source);
    });
    return snapshot ? [...listed, ...snapshotParameters(chainId, firstBlock, snapshot)] : listed;
  }
  const listings = markets.map((market, index) => {
    const place = factPlace(VENUE, chainId, initial.asOfBlock, AFTER_ALL_LOGS, index);
    return listing(place, market, tokens, source);
  });
  return [...listings, ...manifestParameters(chainId, initial, listings.length)];
}
