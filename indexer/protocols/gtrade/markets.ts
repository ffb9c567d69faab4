import type { MarketEvent, MarketEventType } from '../../../schema/events/market.ts';
import type { ParameterChange } from '../../../schema/events/parameter.ts';
import type { Details } from '../../../schema/events/place.ts';
import type { ContractLog } from '../abi/contract-logs.ts';
import type { Collateral } from './collaterals.ts';
import { detailsOf } from './details.ts';
import { tokenOf, type VenueContext } from './venue-context.ts';

/** Index units count 18 decimals, prices 10. */
export function listingDetails(
  pair: { readonly from: string; readonly to: string; readonly name: string },
  market: string,
  collaterals: readonly Collateral[],
): Details {
  return {
    name: pair.name,
    symbol: pair.from,
    indexSymbol: pair.from,
    ...(pair.to === '' ? {} : { quoteSymbol: pair.to }),
    indexToken: market,
    indexDecimals: '18',
    indexPriceDecimals: '10',
    indexVenue: 'gtrade',
    collateralTokens: collaterals.map(({ token }) => token),
    collateralSymbols: collaterals.map(({ symbol }) => symbol),
    collateralDecimals: collaterals.map(({ decimals }) => String(decimals)),
    collateralIndexes: collaterals.map(({ index }) => String(index)),
  };
}

interface Accrual {
  readonly collateralIndex: number;
  readonly pairIndex: number;
}

function marketEvent(
  log: ContractLog,
  type: MarketEventType,
  { collateralIndex, pairIndex }: Accrual,
  rest: Pick<MarketEvent, 'isLong' | 'value'> & { readonly subIndex: number },
  context: VenueContext,
): MarketEvent {
  return {
    ...log.place,
    kind: 'market',
    type,
    market: String(pairIndex),
    token: tokenOf(context, collateralIndex),
    delta: null,
    ...rest,
    details: { ...detailsOf(log.args as object), collateralIndex: String(collateralIndex) },
  };
}

/** One event a side: the accumulator of what a position of that side owes. */
export function bothSides(
  log: ContractLog,
  type: MarketEventType,
  accrual: Accrual,
  values: { readonly long: bigint; readonly short: bigint },
  context: VenueContext,
): readonly MarketEvent[] {
  return [true, false].map((isLong, subIndex) => {
    const value = isLong ? values.long : values.short;
    return marketEvent(log, type, accrual, { isLong, value, subIndex }, context);
  });
}

export function oneSided(
  log: ContractLog,
  type: MarketEventType,
  accrual: Accrual,
  value: bigint | null,
  context: VenueContext,
  subIndex = 0,
): MarketEvent {
  return marketEvent(log, type, accrual, { isLong: null, value, subIndex }, context);
}

export function pairListed(
  log: ContractLog,
  pair: { readonly index: bigint; readonly from: string; readonly to: string },
  { collaterals }: VenueContext,
): MarketEvent {
  const market = pair.index.toString();
  const name = `${pair.from}/${pair.to}`;
  return {
    ...log.place,
    kind: 'market',
    type: 'MarketListed',
    market,
    token: '',
    isLong: null,
    delta: null,
    value: null,
    details: listingDetails({ ...pair, name }, market, [...collaterals.values()]),
  };
}

/** Values in force from now on, under our names; `market` '' = of the whole venue. */
export function parametersSet(
  log: ContractLog,
  market: string,
  values: Readonly<Record<string, bigint | number | boolean>>,
): readonly ParameterChange[] {
  return Object.entries(values)
    .filter(([name]) => name !== '__placeholder')
    .map(([name, value], subIndex) => ({
      ...log.place,
      subIndex,
      kind: 'parameter',
      type: 'ParameterChanged',
      market,
      name,
      value: BigInt(value),
      valueText: typeof value === 'boolean' ? String(Number(value)) : String(value),
      baseKey: '',
      keyData: '',
      source: 'EVENT',
    }));
}

/** A fact of the venue's configuration that is no number. */
export function factSet(
  log: ContractLog,
  market: string,
  name: string,
  valueText: string,
): ParameterChange {
  return {
    ...log.place,
    kind: 'parameter',
    type: 'ParameterChanged',
    market,
    name,
    value: null,
    valueText,
    baseKey: '',
    keyData: '',
    source: 'EVENT',
  };
}

/** Names with what they belong to. @example scoped('group.1', { maxOi: 5n }) // { 'group.1.maxOi': 5n } */
export function scoped<Value>(
  scope: string,
  values: Readonly<Record<string, Value>>,
): Record<string, Value> {
  return Object.fromEntries(
    Object.entries(values)
      .filter(([name]) => name !== '__placeholder')
      .map(([name, value]) => [`${scope}.${name}`, value]),
  );
}
