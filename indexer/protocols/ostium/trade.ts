import type { Details } from '../../../schema/events/place.ts';
import type { FeeEvent, PositionEvent } from '../../../schema/events/position.ts';
import { type ContractTransaction, siblings } from '../abi/contract-logs.ts';
import { DecodeError } from '../abi/decode-error.ts';
import type { KnownPosition, PositionMemory } from '../position-memory.ts';
import { COLLATERAL_TOKEN } from './contracts.ts';
import { priceReceived, tradeInitialAccFeesStored } from './events.ts';

export const PRICE_DECIMALS = 18;
/** `tradeNotional`: units of the index, 18 decimals. */
export const INDEX_DECIMALS = 18;
/** USD 1e30 per USDC base unit: the venue counts a USDC as a dollar. */
export const USD_PER_UNIT = 10n ** 24n;
/** USD 1e30 per collateral (1e6) × leverage (1e2). */
const USD_PER_LEVERAGED_UNIT = 10n ** 22n;
/** A close of 100 %. */
export const WHOLE = 10_000n;

/** A trade's id or an order's as 32-byte hex: a trade bears the id of the order that opened it. */
export function keyOf(id: bigint): string {
  return `0x${id.toString(16).padStart(64, '0')}`;
}

export function sizeUsdOf(collateral: bigint, leverage: number): bigint {
  return collateral * BigInt(leverage) * USD_PER_LEVERAGED_UNIT;
}

/** Unix seconds of a log. @throws DecodeError on what is none. */
export function secondsOf(timestamp: bigint): number {
  if (timestamp >= 1n << 32n) throw new DecodeError(`a time of ${timestamp}`);
  return Number(timestamp);
}

/** OstiumPairInfos.getTradeValuePure: collateral × percent (1e6 = 1 %), toward zero twice. */
export function profitOf(collateral: bigint, percentProfit: bigint): bigint {
  return (collateral * percentProfit) / 10n ** 6n / 100n;
}

/** @throws DecodeError when no open trade of that id is known: its opening lies before what is indexed. */
export function openTrade(memory: PositionMemory, tradeId: bigint): KnownPosition {
  const known = memory.get(keyOf(tradeId));
  if (known === null) {
    throw new DecodeError(`trade ${tradeId} is not known: it was opened before what is indexed`);
  }
  if (known.sizeUsd === 0n) throw new DecodeError(`trade ${tradeId} is closed already`);
  return known;
}

/** The accumulators that the trade starts from, logged by PairInfos when it is registered. */
export function initialAccumulators(transaction: ContractTransaction, tradeId: bigint): Details {
  const stored = siblings(transaction, tradeInitialAccFeesStored).find(
    ({ args }) => args.tradeId === tradeId,
  );
  if (stored === undefined) return {};
  return {
    initialAccRollover: stored.args.rollover.toString(),
    initialAccFunding: stored.args.funding.toString(),
  };
}

/** The report's mid price that answered that order; 0 where the transaction has none. */
export function answeredPrice(transaction: ContractTransaction, orderId: bigint): bigint {
  const answer = siblings(transaction, priceReceived).find(({ args }) => args.orderId === orderId);
  return answer?.args.price ?? 0n;
}

/** What a change of margin leaves as it is, and what its logs do not say. */
export const UNPRICED = {
  kind: 'position',
  collateralToken: COLLATERAL_TOKEN,
  orderType: null,
  sizeDeltaUsd: 0n,
  sizeDeltaBase: 0n,
  executionPrice: 0n,
  indexPriceMin: 0n,
  indexPriceMax: 0n,
  collateralPriceMin: USD_PER_UNIT,
  collateralPriceMax: USD_PER_UNIT,
  realizedPnlUsd: 0n,
  priceImpactUsd: 0n,
} as const satisfies Partial<PositionEvent>;

/** A fee event with nothing in it yet. */
export const NO_FEES = {
  kind: 'fee',
  type: 'FeesCharged',
  positionKey: '',
  orderKey: '',
  market: '',
  collateralToken: COLLATERAL_TOKEN,
  collateralPriceMin: USD_PER_UNIT,
  positionFeeRaw: 0n,
  borrowFeeRaw: 0n,
  borrowFeeUsd: 0n,
  fundingFeeRaw: 0n,
  liquidationFeeRaw: 0n,
  totalCostRaw: 0n,
  remainingCostUsd: 0n,
  step: '',
} as const satisfies Partial<FeeEvent>;
