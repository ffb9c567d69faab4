import type { MarketEvent } from '../../../schema/events/market.ts';
import type { OracleUpdate } from '../../../schema/events/oracle.ts';
import type { ParameterChange } from '../../../schema/events/parameter.ts';
import type { Details, EventPlace } from '../../../schema/events/place.ts';
import type { ContractLog } from '../abi/contract-logs.ts';
import { DecodeError } from '../abi/decode-error.ts';
import type { EventArgs } from '../abi/event-decoder.ts';
import { COLLATERAL_DECIMALS, COLLATERAL_TOKEN } from './contracts.ts';
import type { pairAdded, priceReceived } from './events.ts';
import { INDEX_DECIMALS, keyOf, PRICE_DECIMALS } from './trade.ts';

const MARKET_EVENT = {
  kind: 'market' as const,
  token: '',
  isLong: null,
  delta: null,
  value: null,
};

/** Cumulative rollover of a pair (both sides), 1e18 per USDC of leveraged position. */
export function rolloverAccrued(
  place: EventPlace,
  pairIndex: number,
  value: bigint,
  details: Details = {},
): MarketEvent {
  return {
    ...place,
    ...MARKET_EVENT,
    type: 'BorrowingFactorAccrued',
    market: String(pairIndex),
    value,
    details,
  };
}

interface FundingStored {
  readonly pairIndex: number;
  readonly valueLong: bigint;
  readonly valueShort: bigint;
  readonly lastFundingRate: bigint;
  readonly lastOiDelta?: bigint;
  readonly velocity?: bigint;
}

/** Cumulative funding by side. The rate is per block and the contract's own: it stays in the details. */
export function fundingAccrued({
  args,
  place,
}: ContractLog<FundingStored>): readonly MarketEvent[] {
  const details: Details = {
    lastFundingRate: args.lastFundingRate.toString(),
    ...(args.lastOiDelta === undefined ? {} : { lastOiDelta: args.lastOiDelta.toString() }),
    ...(args.velocity === undefined ? {} : { velocity: args.velocity.toString() }),
  };
  const sides = [
    [true, args.valueLong],
    [false, args.valueShort],
  ] as const;
  return sides.map(([isLong, value], subIndex) => ({
    ...place,
    ...MARKET_EVENT,
    subIndex,
    type: 'FundingPerSizeAccrued',
    market: String(args.pairIndex),
    isLong,
    value,
    details,
  }));
}

export function parameterChanged(
  place: EventPlace,
  market: string,
  name: string,
  value: bigint,
  source: ParameterChange['source'] = 'EVENT',
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

/**
 * The mid price of the report that answered an order. The log has no time. The contract takes a report
 * whose validity spans the time that was asked for (PriceRequested: the order's `requestedAt`), or, on
 * the private keeper, one of exactly that time; what was observed when is only in the call data.
 * Null for a price of 0: the market was closed.
 */
export function priceAnswered(
  { args, place, address }: ContractLog<EventArgs<typeof priceReceived>>,
  symbols: ReadonlyMap<string, string>,
): OracleUpdate | null {
  if (args.price === 0n) return null;
  if (args.price < 0n) throw new DecodeError(`a price of ${args.price}`);
  const token = args.pairIndex.toString();
  return {
    ...place,
    kind: 'oracle',
    type: 'OracleUpdated',
    token,
    symbol: symbols.get(token) ?? '',
    provider: address,
    minPrice: args.price,
    maxPrice: args.price,
    priceDecimals: PRICE_DECIMALS,
    delivery: 'PULL',
    observedAt: null,
    timeIsBlockTime: false,
    details: {
      orderId: args.orderId.toString(),
      orderKey: keyOf(args.orderId),
      nativeFee: args.nativeFee.toString(),
    },
  };
}

export interface Pair {
  readonly index: number;
  readonly from: string;
  readonly to: string;
}

export function pairListed(place: EventPlace, pair: Pair, details: Details = {}): MarketEvent {
  const market = String(pair.index);
  return {
    ...place,
    ...MARKET_EVENT,
    type: 'MarketListed',
    market,
    details: {
      indexToken: market,
      indexSymbol: pair.from,
      indexDecimals: String(INDEX_DECIMALS),
      indexPriceDecimals: String(PRICE_DECIMALS),
      collateralTokens: [COLLATERAL_TOKEN],
      collateralSymbols: ['USDC'],
      collateralDecimals: [String(COLLATERAL_DECIMALS)],
      name: `${pair.from}-${pair.to}`,
      symbol: pair.from,
      ...details,
    },
  };
}

export function pairAddedListing({
  args: { index, from, to },
  place,
}: ContractLog<EventArgs<typeof pairAdded>>): MarketEvent {
  return pairListed(place, { index, from: nameOf(from), to: nameOf(to) });
}

/** Text of a bytes32; as hex where it is no printable ASCII. */
function nameOf(bytes32: string): string {
  const bytes = Buffer.from(bytes32.slice(2), 'hex');
  const text = bytes.toString('latin1').replace(/\0+$/, '');
  return /^[\x21-\x7e]+$/.test(text) ? text : bytes32;
}
