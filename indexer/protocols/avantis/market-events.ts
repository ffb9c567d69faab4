import type { MarketEvent } from '../../../schema/events/market.ts';
import type { OracleUpdate } from '../../../schema/events/oracle.ts';
import type { ParameterChange } from '../../../schema/events/parameter.ts';
import type { Details, EventPlace } from '../../../schema/events/place.ts';
import type { ContractLog } from '../abi/contract-logs.ts';
import type { EventArgs } from '../abi/event-decoder.ts';
import { COLLATERAL_DECIMALS, COLLATERAL_TOKEN } from './contracts.ts';
import type {
  accRolloverFeesStored,
  liqThresholdUpdated,
  priceReceived,
  rolloverFeePerBlockPUpdated,
} from './events.ts';
import { INDEX_DECIMALS, orderKeyOf, PRICE_DECIMALS } from './trade.ts';

const MARKET_EVENT = {
  kind: 'market' as const,
  token: '',
  isLong: null,
  delta: null,
  value: null,
};

/** Cumulative rollover of both sides; 1e10 is the leveraged position itself. */
export function rolloverAccrued({
  args,
  place,
}: ContractLog<EventArgs<typeof accRolloverFeesStored>>): readonly MarketEvent[] {
  const sides = [
    [true, args.valueLong],
    [false, args.valueShort],
  ] as const;
  return sides.map(([isLong, value], subIndex) => ({
    ...place,
    ...MARKET_EVENT,
    subIndex,
    type: 'BorrowingFactorAccrued',
    market: args.pairIndex.toString(),
    isLong,
    value,
    details: {},
  }));
}

export function rolloverRate({
  args,
  place,
}: ContractLog<EventArgs<typeof rolloverFeePerBlockPUpdated>>): ParameterChange {
  return parameter(place, args.pairIndex.toString(), 'rolloverFeePerBlockP', args.fee);
}

export function liquidationThreshold({
  args,
  place,
}: ContractLog<EventArgs<typeof liqThresholdUpdated>>): ParameterChange {
  return parameter(place, '', 'liqThreshold', args.newThreshold);
}

function parameter(
  place: EventPlace,
  market: string,
  name: string,
  value: bigint,
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
    source: 'EVENT',
  };
}

/**
 * The price that answered an order: Pyth's, brought to 10 decimals by the contract. The log has no
 * time; Pyth's own PriceFeedUpdate of the same transaction has (its publish time).
 */
export function priceAnswered({
  args,
  place,
  address,
}: ContractLog<EventArgs<typeof priceReceived>>): OracleUpdate {
  return {
    ...place,
    kind: 'oracle',
    type: 'OracleUpdated',
    token: args.pairIndex.toString(),
    symbol: '',
    provider: address,
    minPrice: args.price,
    maxPrice: args.price,
    priceDecimals: PRICE_DECIMALS,
    delivery: 'PULL',
    observedAt: null,
    timeIsBlockTime: false,
    details: { orderId: args.orderId.toString(), orderKey: orderKeyOf(args.orderId) },
  };
}

/** A pair by what a log (or a manifest) says of it; `from` and `to` '' where it gives no names. */
export interface Pair {
  readonly index: bigint;
  readonly from: string;
  readonly to: string;
}

export function pairListed(place: EventPlace, pair: Pair, details: Details): MarketEvent {
  const name = pair.from === '' ? '' : `${pair.from}/${pair.to}`;
  const market = pair.index.toString();
  return {
    ...place,
    ...MARKET_EVENT,
    type: 'MarketListed',
    market,
    details: {
      indexToken: market,
      indexDecimals: String(INDEX_DECIMALS),
      indexPriceDecimals: String(PRICE_DECIMALS),
      collateralTokens: [COLLATERAL_TOKEN],
      collateralSymbols: ['USDC'],
      collateralDecimals: [String(COLLATERAL_DECIMALS)],
      ...(name === '' ? {} : { name, symbol: pair.from, indexSymbol: pair.from }),
      ...details,
    },
  };
}
