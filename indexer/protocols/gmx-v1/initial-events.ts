import type { DomainEvent } from '../../../schema/events/domain-event.ts';
import type { MarketEvent } from '../../../schema/events/market.ts';
import type { ParameterChange } from '../../../schema/events/parameter.ts';
import type { EventPlace } from '../../../schema/events/place.ts';
import type { GmxV1Token } from './data/mainnet-tokens.ts';
import { VENUE } from './deployments.ts';
import type { GmxV1Manifest } from './manifest.ts';

type Source = 'MANIFEST' | 'SNAPSHOT';

interface InitialValue {
  /** Token address; '' = holds for the whole Vault. */
  readonly market: string;
  readonly name: string;
  readonly value: bigint;
}

/** Facts that no log states stand at the first block, with sub indexes that no log reaches. */
const FIRST_SUB_INDEX = 1000;

/** What the Vault never says in a log: names of ours for its public variables, units as it has them. */
const VAULT_PARAMETERS = [
  'maxLeverage', // basis points: 10000 = 1x
  'liquidationFeeUsd',
  'marginFeeBasisPoints',
  'fundingInterval', // seconds
  'fundingRateFactor', // 1e6 = 100 % of an interval at full use of the pool
  'stableFundingRateFactor',
  'minProfitTime', // seconds
] as const;

/**
 * Markets (one an index token: every token that is not stable) and the parameters the manifest
 * states, or those facts of a public chain's tokens that do not change.
 */
export function initialEvents(request: {
  readonly chainId: number;
  readonly firstBlock: number;
  readonly tokens: readonly GmxV1Token[];
  readonly manifest: GmxV1Manifest | null;
}): readonly DomainEvent[] {
  const { chainId, firstBlock, tokens, manifest } = request;
  const source: Source = manifest?.tokens ? 'MANIFEST' : 'SNAPSHOT';
  const placeAt = (index: number): EventPlace => ({
    chainId,
    blockNumber: firstBlock,
    blockTimestamp: 0,
    transactionHash: '',
    transactionIndex: 0,
    logIndex: 0,
    subIndex: FIRST_SUB_INDEX + index,
    venue: VENUE,
  });
  const indexes = tokens.filter((token) => !token.isStable);
  const listings = indexes.map((index, at) => listing(placeAt(at), index, tokens, source));
  const stable = tokens.map(({ address, isStable }) =>
    parameter(address, 'stableToken', isStable ? 1n : 0n),
  );
  const values = [
    ...stable.map((value) => ({ value, source })),
    ...manifestValues(manifest).map((value) => ({ value, source: 'MANIFEST' as const })),
  ];
  const parameters = values.map(({ value, source: from }, at) =>
    parameterChanged(placeAt(listings.length + at), value, from),
  );
  return [...listings, ...parameters];
}

function parameter(market: string, name: string, value: bigint): InitialValue {
  return { market, name, value };
}

function manifestValues(manifest: GmxV1Manifest | null): readonly InitialValue[] {
  const known = manifest?.initialParameters ?? {};
  const ofVault = VAULT_PARAMETERS.flatMap((name) => {
    const value = known[name];
    return value === undefined ? [] : [parameter('', name, BigInt(value))];
  });
  const ofTokens = (manifest?.tokens ?? []).flatMap((token) =>
    (['spreadBasisPoints', 'minProfitBasisPoints'] as const).flatMap((name) => {
      const value = token[name];
      return value === undefined ? [] : [parameter(token.address, name, BigInt(value))];
    }),
  );
  return [...ofVault, ...ofTokens];
}

/**
 * Longs are collateralised by the index token itself, shorts by any stable token. Collateral is booked
 * in USD, so that the decimals of a collateral token only tell how much was paid in.
 */
function listing(
  place: EventPlace,
  index: GmxV1Token,
  tokens: readonly GmxV1Token[],
  source: Source,
): MarketEvent {
  const collateral = [index, ...tokens.filter((token) => token.isStable)];
  return {
    ...place,
    kind: 'market',
    type: 'MarketListed',
    market: index.address,
    token: '',
    isLong: null,
    delta: null,
    value: null,
    details: {
      name: `${index.symbol}/USD`,
      symbol: index.symbol,
      source,
      indexToken: index.address,
      indexSymbol: index.symbol,
      indexDecimals: String(index.decimals),
      indexPriceDecimals: '30',
      longToken: index.address,
      longSymbol: index.symbol,
      longDecimals: String(index.decimals),
      collateralTokens: collateral.map((token) => token.address),
      collateralSymbols: collateral.map((token) => token.symbol),
      collateralDecimals: collateral.map((token) => String(token.decimals)),
    },
  };
}

function parameterChanged(
  place: EventPlace,
  { market, name, value }: InitialValue,
  source: Source,
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
