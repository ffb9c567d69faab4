import type { MarketEvent, MarketEventType } from '../../../schema/events/market.ts';
import type { OracleUpdate } from '../../../schema/events/oracle.ts';
import type { EventPlace } from '../../../schema/events/place.ts';
import { USD_DECIMALS } from '../../../schema/units.ts';
import type { EventFields } from './event-fields.ts';

/**
 * Market state and prices: contracts/market/MarketEventUtils.sol, MarketFactory.sol,
 * adl/AdlUtils.sol, oracle/Oracle.sol.
 */

function marketEvent(
  type: MarketEventType,
  place: EventPlace,
  body: Partial<MarketEvent> & Pick<MarketEvent, 'market' | 'details'>,
): MarketEvent {
  return {
    ...place,
    kind: 'market',
    type,
    token: '',
    isLong: null,
    delta: null,
    value: null,
    ...body,
  };
}

/** indexToken 0x0…0 is a market for swaps only. */
export function marketCreated(fields: EventFields, place: EventPlace): MarketEvent {
  const market = fields.address('marketToken');
  const tokens = {
    indexToken: fields.address('indexToken'),
    longToken: fields.address('longToken'),
    shortToken: fields.address('shortToken'),
  };
  return marketEvent('MarketListed', place, { market, details: fields.details(tokens) });
}

/** Which keys a counter of a market carries besides `market`. */
export interface CounterShape {
  readonly type: MarketEventType;
  /** Key of the token, '' where the counter is the market's own. */
  readonly token: '' | 'token' | 'collateralToken';
  readonly hasSide: boolean;
  readonly delta: 'int' | 'uint';
  readonly value: 'int' | 'uint';
  readonly valueKey: 'nextValue' | 'value';
}

export function marketCounter(
  shape: CounterShape,
  fields: EventFields,
  place: EventPlace,
): MarketEvent {
  return marketEvent(shape.type, place, {
    market: fields.address('market'),
    token: shape.token === '' ? '' : fields.address(shape.token),
    isLong: shape.hasSide ? fields.bool('isLong') : null,
    delta: fields[shape.delta]('delta'),
    value: fields[shape.value](shape.valueKey),
    details: fields.details(),
  });
}

/** Factor per second now in force. The log of `Borrowing` names no side: `isLong` is null. */
export function marketRate(
  type: 'BorrowingRateChanged' | 'FundingRateChanged',
  fields: EventFields,
  place: EventPlace,
): MarketEvent {
  const key =
    type === 'BorrowingRateChanged' ? 'borrowingFactorPerSecond' : 'fundingFactorPerSecond';
  return marketEvent(type, place, {
    market: fields.address('market'),
    value: fields.uint(key),
    details: fields.details(),
  });
}

/** An inventory shared by markets through `details.virtualMarketId`; `isLongToken` tells the token. */
export function virtualSwapInventory(fields: EventFields, place: EventPlace): MarketEvent {
  return marketEvent('VirtualInventoryChanged', place, {
    market: fields.address('market'),
    delta: fields.int('delta'),
    value: fields.uint('nextValue'),
    details: fields.details(),
  });
}

/** An inventory of an index token over all its markets: the log names no market. */
export function virtualPositionInventory(fields: EventFields, place: EventPlace): MarketEvent {
  return marketEvent('VirtualInventoryChanged', place, {
    market: '',
    token: fields.address('token'),
    delta: fields.int('delta'),
    value: fields.int('nextValue'),
    details: fields.details(),
  });
}

export function marketPoolValue(fields: EventFields, place: EventPlace): MarketEvent {
  return marketEvent('PoolValueUpdated', place, {
    market: fields.address('market'),
    value: fields.int('poolValue'),
    details: fields.details(),
  });
}

/** The market stands in the topic only. */
export function adlState(fields: EventFields, place: EventPlace): MarketEvent {
  return marketEvent('AdlStateChanged', place, {
    market: fields.topicAddress(),
    isLong: fields.bool('isLong'),
    value: fields.int('pnlToPoolFactor'),
    details: fields.details(),
  });
}

interface PriceContext {
  readonly blockTimeProviders: ReadonlySet<string>;
  readonly tokens: ReadonlyMap<string, { readonly symbol: string; readonly decimals: number }>;
}

/** OraclePriceUpdate of 2023-11 to 2024-03: `priceSourceType` 1 was a price feed. */
const PRICE_FEED_SOURCE = '1';

/**
 * Prices as posted. The oldest form has no time at all; providers in `blockTimeProviders` put the
 * block's own time into `timestamp`, which says nothing of the age of the price: marked so, and not
 * taken for an observation.
 */
export function oraclePriceUpdate(
  { blockTimeProviders, tokens }: PriceContext,
  fields: EventFields,
  place: EventPlace,
): OracleUpdate {
  const provider = fields.optionalAddress('provider') ?? '';
  const isBlockTime =
    blockTimeProviders.has(provider) ||
    fields.event.uint.get('priceSourceType')?.toString() === PRICE_FEED_SOURCE;
  const token = fields.address('token');
  const known = tokens.get(token);
  return {
    ...place,
    kind: 'oracle',
    type: 'OracleUpdated',
    token,
    symbol: known ? `${known.symbol} / USD` : '',
    provider,
    minPrice: fields.uint('minPrice'),
    maxPrice: fields.uint('maxPrice'),
    priceDecimals: known ? USD_DECIMALS - known.decimals : null,
    delivery: 'PULL',
    observedAt: isBlockTime ? null : fields.optionalSeconds('timestamp'),
    timeIsBlockTime: isBlockTime,
    details: fields.details(),
  };
}
