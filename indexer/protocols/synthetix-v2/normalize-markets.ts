import type { DomainEvent } from '../../../schema/events/domain-event.ts';
import type { MarketEvent } from '../../../schema/events/market.ts';
import type { ParameterChange } from '../../../schema/events/parameter.ts';
import type { Details } from '../../../schema/events/place.ts';
import type { ContractLog } from '../abi/contract-logs.ts';
import type { EventArgs } from '../abi/event-decoder.ts';
import type { Deployment } from './contracts.ts';
import type {
  fundingRecomputed,
  marketAdded,
  parameterUpdated,
  parameterUpdatedBytes32,
  parameterUpdatedBytes2022,
} from './events.ts';
import type { SynthetixMarket } from './optimism-markets.ts';
import { detailsOf, type VenueContext } from './venue-context.ts';

const SECONDS_PER_DAY = 86_400n;
/** From 1e18 = 1 to our 1e30 = 1. */
const RATIO_TO_FACTOR = 10n ** 12n;

/**
 * One entry of the funding sequence: `value` is the contract's own cumulative sUSD per unit of size
 * (1e18; it falls while longs pay). The rate of the second event is a factor per second, positive
 * while longs pay, cut from the contract's rate per day, which `details.fundingRate` has exactly.
 */
export function fundingEvents(
  { deployment }: VenueContext,
  { place, address, args }: ContractLog<EventArgs<typeof fundingRecomputed>>,
): MarketEvent[] {
  const event = { ...place, kind: 'market' as const, market: address, isLong: null, delta: null };
  const details = detailsOf(args);
  return [
    {
      ...event,
      type: 'FundingPerSizeAccrued',
      token: deployment.marginToken,
      value: args.funding,
      details,
    },
    {
      ...event,
      subIndex: 1,
      type: 'FundingRateChanged',
      token: '',
      value: (args.fundingRate * RATIO_TO_FACTOR) / SECONDS_PER_DAY,
      details,
    },
  ];
}

/**
 * Null for markets of the older Futures, which the same manager lists and which are another venue:
 * keys of Perps V2 end in 'PERP'.
 */
export function marketListed(
  context: VenueContext,
  { place, args }: ContractLog<EventArgs<typeof marketAdded>>,
): MarketEvent | null {
  const key = textOf(args.marketKey);
  const market = context.marketByAddress.get(args.market);
  if (market === undefined && !key?.endsWith('PERP')) return null;
  const { asset, marketKey } = args;
  const known = market ? listingDetails(context.deployment, market) : {};
  return {
    ...place,
    kind: 'market',
    type: 'MarketListed',
    market: args.market,
    token: '',
    isLong: null,
    delta: null,
    value: null,
    details: { ...known, ...detailsOf({ asset, marketKey }) },
  };
}

/** What is known of a market whatever its log says. */
export function listingDetails({ marginToken }: Deployment, market: SynthetixMarket): Details {
  return {
    name: market.key,
    symbol: market.symbol,
    marketKey: market.keyBytes32,
    indexToken: market.aggregator,
    indexSymbol: market.symbol,
    indexDecimals: '18', // sizes are 18-digit fixed point, whatever is traded
    indexVenue: 'chainlink',
    indexPriceDecimals: String(market.aggregatorDecimals),
    longToken: marginToken,
    shortToken: marginToken,
    collateralTokens: [marginToken],
    collateralSymbols: ['sUSD'],
    collateralDecimals: ['18'],
  };
}

type ParameterLog = ContractLog<
  | EventArgs<typeof parameterUpdated>
  | EventArgs<typeof parameterUpdatedBytes2022>
  | EventArgs<typeof parameterUpdatedBytes32>
>;

/**
 * A market's parameter under the contracts' own name, which is camelCase. The market is its address
 * where we know it, else its key. 1e18 = 1, but for times and counts.
 */
export function marketParameter(context: VenueContext, log: ParameterLog): ParameterChange {
  const { place, args } = log;
  const { marketKey, parameter, value } = args;
  return {
    ...place,
    kind: 'parameter',
    type: 'ParameterChanged',
    market: context.marketByKey.get(marketKey)?.address ?? marketKey,
    name: textOf(parameter) ?? parameter,
    value: typeof value === 'bigint' ? value : null,
    valueText: String(value),
    baseKey: parameter,
    keyData: marketKey,
    source: 'EVENT',
  };
}

/** A setting of the whole venue. 1e18 = 1 or 1 sUSD. */
export function globalParameter(
  name: string,
  { place }: ContractLog,
  value: bigint,
): ParameterChange {
  return {
    ...place,
    kind: 'parameter',
    type: 'ParameterChanged',
    market: '',
    name,
    value,
    valueText: value.toString(),
    baseKey: '',
    keyData: '',
    source: 'EVENT',
  };
}

/** ASCII of a bytes32 padded with zeros; null where it is no such text. */
function textOf(bytes32: string): string | null {
  const text = Buffer.from(bytes32.slice(2).replace(/(00)+$/, ''), 'hex').toString('latin1');
  return /^[A-Za-z]\w*$/.test(text) ? text : null;
}

/** Placed before the first log of the first block: markets are known before anything is read. */
export function initialListings(chainId: number, venue: string, deployment: Deployment) {
  const { markets, firstBlock, source } = deployment;
  return markets.map(
    (market, index): DomainEvent => ({
      chainId,
      blockNumber: firstBlock,
      blockTimestamp: 0, // not known here
      transactionHash: '',
      transactionIndex: 0,
      logIndex: 0,
      subIndex: LISTING_SUB_INDEX + index,
      venue,
      kind: 'market',
      type: 'MarketListed',
      market: market.address,
      token: '',
      isLong: null,
      delta: null,
      value: null,
      details: { ...listingDetails(deployment, market), source },
    }),
  );
}

/** A sub-index that no log of ours reaches. */
const LISTING_SUB_INDEX = 1000;
