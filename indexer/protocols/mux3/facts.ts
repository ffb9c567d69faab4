import type { MarketEvent } from '../../../schema/events/market.ts';
import type { ParameterChange, ParameterSource } from '../../../schema/events/parameter.ts';
import type { EventPlace } from '../../../schema/events/place.ts';
import { storable } from '../abi/storable.ts';
import { maxPnlRateKey } from './config-keys.ts';

export const VENUE = 'mux3';

/** Sizes and prices are 1e18 per whole unit, and collateral amounts 1e18 per whole token. */
const DECIMALS = '18';

export function parameterChanged(
  place: EventPlace,
  fact: { readonly market?: string; readonly name: string; readonly value: bigint | null } & {
    readonly valueText?: string;
    readonly key?: string;
    readonly keyData?: string;
  },
  source: ParameterSource = 'EVENT',
): ParameterChange {
  return {
    ...place,
    kind: 'parameter',
    type: 'ParameterChanged',
    market: fact.market ?? '',
    name: fact.name,
    value: fact.value,
    valueText: fact.valueText ?? fact.value?.toString() ?? '',
    baseKey: fact.key ?? '',
    keyData: fact.keyData ?? '',
    source,
  };
}

function marketEvent(
  place: EventPlace,
  type: MarketEvent['type'],
  fields: Partial<Pick<MarketEvent, 'market' | 'token' | 'isLong' | 'value' | 'details'>>,
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

/** A market has one side. `oracleId` null: not known yet, SetMarketConfig will tell. */
export function marketListed(
  place: EventPlace,
  market: {
    readonly id: string;
    readonly symbol: string;
    readonly isLong: boolean;
    readonly oracleId: string | null;
  },
  source: 'EVENT' | 'MANIFEST',
): MarketEvent {
  const { id, symbol, isLong, oracleId } = market;
  return marketEvent(place, 'MarketListed', {
    market: id,
    isLong,
    details: {
      name: symbol,
      symbol,
      source,
      // From its creation on, an accumulator that no event has named is 0.
      isFromCreation: source === 'EVENT',
      indexDecimals: DECIMALS,
      indexPriceDecimals: DECIMALS,
      maxPnlRateKey: maxPnlRateKey(id),
      ...(oracleId !== null && { indexToken: oracleId }),
    },
  });
}

/** The oracle that prices a market, from its settings: no name comes with it. */
export function marketOracleSet(place: EventPlace, market: string, oracleId: string): MarketEvent {
  return marketEvent(place, 'MarketListed', {
    market,
    details: {
      indexToken: oracleId,
      indexDecimals: DECIMALS,
      indexPriceDecimals: DECIMALS,
      maxPnlRateKey: maxPnlRateKey(market),
      source: 'EVENT',
    },
  });
}

/** Tells every market that accounts may hold this token. */
export function collateralAccepted(place: EventPlace, token: string): MarketEvent {
  return marketEvent(place, 'CollateralSumChanged', { token, details: { isNewToken: true } });
}

export function borrowingAccrued(
  place: EventPlace,
  accrual: {
    readonly market: string;
    readonly pool: string;
    readonly value: bigint;
    readonly ratePerYear: bigint;
  },
): MarketEvent {
  const { market, pool, value, ratePerYear } = accrual;
  return marketEvent(place, 'BorrowingFactorAccrued', {
    market,
    token: pool,
    value,
    details: { feeRateApy: ratePerYear.toString() },
  });
}

/** A pool's whole size of a market, index units 1e18. `isLong` null: the side is not known here. */
export function poolSizeChanged(
  place: EventPlace,
  change: {
    readonly market: string;
    readonly pool: string;
    readonly isLong: boolean | null;
    readonly delta: bigint;
    readonly value: bigint;
  },
): MarketEvent {
  const { market, pool, isLong, delta, value } = change;
  const event = marketEvent(place, 'OpenInterestBaseChanged', {
    market,
    token: pool,
    isLong,
    value,
  });
  return storable<MarketEvent>({ ...event, delta });
}

/** Names of parameters that belong to a token or a pool rather than to a market. */
export const tokenDecimals = (token: string) => `collateralDecimals:${token}`;
export const tokenIsStable = (token: string) => `collateralIsStable:${token}`;
export const poolCollateral = (pool: string) => `poolCollateral:${pool}`;
export const poolSetting = (pool: string, key: string) => `poolConfig:${pool}:${key}`;
