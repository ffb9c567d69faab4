import type { Details } from '../../../schema/events/place.ts';
import type { ContractTransaction } from '../abi/contract-logs.ts';
import { siblings } from '../abi/contract-logs.ts';
import { DecodeError } from '../abi/decode-error.ts';
import { priceReceived, tradeInitialAccFeesStored } from './events.ts';

/** The `Trade` struct as every version of the executions logs it. USDC 1e6; price and leverage 1e10. */
export interface Trade {
  readonly trader: string;
  readonly pairIndex: bigint;
  readonly index: bigint;
  /** Collateral: before a close, after an opening or a margin update. */
  readonly initialPosToken: bigint;
  readonly positionSizeUSDC: bigint;
  readonly openPrice: bigint;
  readonly buy: boolean;
  readonly leverage: bigint;
  readonly tp: bigint;
  readonly sl: bigint;
  readonly timestamp: bigint;
}

export const PRICE_DECIMALS = 10;
const LEVERAGE_ONE = 10n ** 10n;
/** USD 1e30 per USDC base unit: the venue counts a USDC as a dollar. */
export const USD_PER_UNIT = 10n ** 24n;
/** Sizes in the index are ours: leveraged position ÷ open price, 18 decimals, rounded down. */
export const INDEX_DECIMALS = 18;
const SIZE_SCALE = 10n ** BigInt(INDEX_DECIMALS - 6 + PRICE_DECIMALS);

/**
 * Key of a position: 0x, the trader (40 digits), pair index and trade index (8 digits each). The
 * contract reuses it after a close. @throws DecodeError when an index has more than 32 bits.
 */
export function positionKeyOf(trader: string, pairIndex: bigint, index: bigint): string {
  return `${trader}${indexHex(pairIndex)}${indexHex(index)}`;
}

function indexHex(index: bigint): string {
  if (index >= 1n << 32n) throw new DecodeError(`an index of ${index} is none of a pair or trade`);
  return index.toString(16).padStart(8, '0');
}

/** Order ids of the aggregator as 32-byte hex. */
export function orderKeyOf(orderId: bigint): string {
  return `0x${orderId.toString(16).padStart(64, '0')}`;
}

/** PositionMath.mul: collateral × leverage ÷ 1e10, rounded down, USDC 1e6. */
export function leveraged(collateral: bigint, leverage: bigint): bigint {
  return (collateral * leverage) / LEVERAGE_ONE;
}

export function sizeInIndex(positionUsdc: bigint, openPrice: bigint): bigint {
  return openPrice === 0n ? 0n : (positionUsdc * SIZE_SCALE) / openPrice;
}

/** Unix seconds of a log. @throws DecodeError on what is none. */
export function secondsOf(timestamp: bigint): number {
  if (timestamp >= 1n << 32n) throw new DecodeError(`a time of ${timestamp}`);
  return Number(timestamp);
}

/** PairInfos.getTradeValuePure: collateral × percent, toward zero, USDC 1e6. */
export function profitOf(collateral: bigint, percentProfit: bigint): bigint {
  return (collateral * percentProfit) / 10n ** 10n / 100n;
}

/** The struct's fields under the contract's names; two of them also name arguments beside it. */
export function tradeDetails(trade: Trade): Details {
  return {
    index: trade.index.toString(),
    initialPosToken: trade.initialPosToken.toString(),
    openPrice: trade.openPrice.toString(),
    leverage: trade.leverage.toString(),
    tp: trade.tp.toString(),
    sl: trade.sl.toString(),
    't.positionSizeUSDC': trade.positionSizeUSDC.toString(),
    't.timestamp': trade.timestamp.toString(),
  };
}

/**
 * The rollover accumulator that the trade starts from, which PairInfos logs just before the trade is
 * stored or its margin changes. Empty where that log is not there.
 */
export function initialAccumulator(
  transaction: ContractTransaction,
  before: number,
  trade: Pick<Trade, 'trader' | 'pairIndex' | 'index'>,
): Details {
  const stored = siblings(transaction, tradeInitialAccFeesStored).filter(
    ({ place, args }) =>
      place.logIndex < before &&
      args.trader === trade.trader &&
      args.pairIndex === trade.pairIndex &&
      args.index === trade.index,
  );
  const last = stored.at(-1);
  return last ? { initialAccRollover: last.args.rollover.toString() } : {};
}

/** The oracle's answer to that order; 0 where the transaction has none. */
export function answeredPrice(transaction: ContractTransaction, orderId: bigint): bigint {
  const answer = siblings(transaction, priceReceived).find(({ args }) => args.orderId === orderId);
  return answer?.args.price ?? 0n;
}
