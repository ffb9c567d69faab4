import { hexToString } from 'viem/utils';
import type { MarketEvent } from '../../../schema/events/market.ts';
import type { ParameterChange, ParameterSource } from '../../../schema/events/parameter.ts';
import type { Details, EventPlace } from '../../../schema/events/place.ts';
import type { FeeEvent } from '../../../schema/events/position.ts';
import { storable } from '../abi/storable.ts';
import type { BfpManifest } from './manifest.ts';

export const VENUE = 'synthetix-bfp';
/** USD 1e18 → USD 1e30. */
export const USD_SCALE = 10n ** 12n;

/** Account id and market id, 32 hex digits (128 bits) each. */
export function positionKeyOf(accountId: bigint, marketId: bigint): string {
  return `0x${hexDigits(accountId)}${hexDigits(marketId)}`;
}

function hexDigits(id: bigint): string {
  return id.toString(16).padStart(32, '0');
}

/** What the manifest says of markets and collateral, as their listing's details. */
export function marketDetails(manifest: BfpManifest, marketId: string): Details {
  const market = manifest.markets?.find(({ id }) => id === marketId);
  const collaterals = manifest.collaterals ?? [];
  return {
    indexDecimals: '18',
    ...(market && {
      indexToken: market.feed.feedId,
      indexVenue: 'pyth',
      indexPriceDecimals: String(market.feed.decimals),
    }),
    ...(manifest.usdToken !== undefined && { usdToken: manifest.usdToken }),
    ...(manifest.ethFeed && {
      ethFeed: manifest.ethFeed.feedId,
      ethFeedDecimals: String(manifest.ethFeed.decimals),
    }),
    collateralTokens: collaterals.map(({ address }) => address),
    collateralSymbols: collaterals.map(({ symbol }) => symbol),
    collateralDecimals: collaterals.map(() => '18'), // the market takes no others
    collateralFeeds: collaterals.map(({ feed }) => feed.feedId),
    collateralFeedDecimals: collaterals.map(({ feed }) => String(feed.decimals)),
  };
}

export function marketListed(
  place: EventPlace,
  market: string,
  details: Details,
  source: 'EVENT' | 'MANIFEST',
): MarketEvent {
  const listing = { ...details, source, isFromCreation: source === 'EVENT' };
  return marketEvent(place, 'MarketListed', { market, details: listing });
}

/** A bytes32 name as text. */
export function nameOf(name: string): string {
  return hexToString(name as `0x${string}`, { size: 32 });
}

export function marketEvent(
  place: EventPlace,
  type: MarketEvent['type'],
  fields: Partial<MarketEvent>,
): MarketEvent {
  return storable<MarketEvent>({
    ...place,
    kind: 'market',
    type,
    market: '',
    token: '',
    isLong: null,
    delta: null,
    value: null,
    details: {},
    ...fields,
  });
}

/** Why an account's margin in a market has changed. */
export type MarginCause = 'moved' | 'settled' | 'debtPaid' | 'flagged' | 'liquidated' | 'taken';

/**
 * A change of one account's margin in a market: `delta` in 1e-18 of `token`. For the USD token it is the
 * change of margin less debt, which is what equity counts; `debt` is the debt after, where the log
 * says it. 'flagged' and 'taken': everything is gone. accountId '': nobody knows whose it is.
 */
export function marginChanged(
  place: EventPlace,
  change: {
    readonly marketId: bigint;
    readonly accountId: bigint | null;
    readonly token: string;
    readonly delta: bigint | null;
    readonly cause: MarginCause;
    readonly details?: Details;
  },
): MarketEvent {
  const { marketId, accountId, token, delta, cause, details } = change;
  const account = accountId === null ? '' : accountId.toString();
  return marketEvent(place, 'CollateralSumChanged', {
    market: marketId.toString(),
    token,
    delta,
    details: { accountId: account, cause, ...details },
  });
}

export function parameterChanged(
  place: EventPlace,
  fact: { readonly market: string; readonly name: string; readonly value: bigint },
  source: ParameterSource,
): ParameterChange {
  return storable<ParameterChange>({
    ...place,
    kind: 'parameter',
    type: 'ParameterChanged',
    ...fact,
    valueText: fact.value.toString(),
    baseKey: '',
    keyData: '',
    source,
  });
}

/** Costs in USD 1e18; raw amounts of the venue are USD 1e30. */
export function feesCharged(
  place: EventPlace,
  position: { readonly positionKey: string; readonly market: string },
  costs: {
    readonly orderFee?: bigint;
    readonly keeperFee?: bigint;
    readonly liquidationFee?: bigint;
    readonly funding?: bigint;
    readonly utilization?: bigint;
  },
): FeeEvent {
  const usd = (value = 0n) => value * USD_SCALE;
  const { orderFee, keeperFee, liquidationFee, funding, utilization } = costs;
  const parts = [orderFee, keeperFee, liquidationFee, funding, utilization];
  return storable<FeeEvent>({
    ...place,
    kind: 'fee',
    type: 'FeesCharged',
    ...position,
    orderKey: position.positionKey,
    collateralToken: '',
    collateralPriceMin: 1n,
    positionFeeRaw: usd(orderFee),
    borrowFeeRaw: usd(utilization),
    borrowFeeUsd: usd(utilization),
    fundingFeeRaw: usd(funding),
    liquidationFeeRaw: usd(liquidationFee),
    totalCostRaw: parts.reduce((sum: bigint, part) => sum + usd(part), 0n),
    remainingCostUsd: 0n,
    step: '',
    details: { keeperFee: (keeperFee ?? 0n).toString() },
  });
}
