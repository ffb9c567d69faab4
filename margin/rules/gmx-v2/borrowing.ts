import { CorruptDataError } from '../../../schema/errors.ts';
import { applyExponentFactor, applyFactor, FACTOR_ONE, toFactor } from '../../fixed-point.ts';
import type { Parameters } from '../../inputs.ts';
import { sideBalance } from './balance.ts';
import {
  type GmxV2Market,
  type MarketTokens,
  openInterest,
  poolAmountBacking,
  type Side,
} from './market-state.ts';
import {
  globalSwitch,
  type MarketPrices,
  midPrice,
  parameter,
  secondsSince,
} from './venue-inputs.ts';

/**
 * Cumulative borrowing factor of a side brought up to `timestamp`, 1e30 = 1
 * (MarketUtils.getNextCumulativeBorrowingFactor).
 */
export function accruedBorrowingFactor(
  market: GmxV2Market,
  side: Side,
  tokens: MarketTokens,
  parameters: Parameters,
  prices: MarketPrices,
  timestamp: number,
): bigint {
  const seconds = secondsSince(market.borrowingUpdatedAt[side], timestamp, 'borrowing');
  if (seconds === 0n) return market.borrowingFactor[side];
  const perSecond = borrowingFactorPerSecond(market, side, tokens, parameters, prices);
  return market.borrowingFactor[side] + seconds * perSecond;
}

/**
 * What a side pays per second for the pool it reserves, 1e30 = 1
 * (MarketUtils.getBorrowingFactorPerSecond): a kinked curve where an optimal usage is set, else a
 * power of the reserved USD.
 * @throws CorruptDataError where the contract reverts: a reserved side whose pool is empty.
 */
export function borrowingFactorPerSecond(
  market: GmxV2Market,
  side: Side,
  tokens: MarketTokens,
  parameters: Parameters,
  prices: MarketPrices,
): bigint {
  const reservedUsd = reservedUsdOf(market, side, tokens, prices);
  if (reservedUsd === 0n) return 0n;
  if (isExemptSmallerSide(market, side, tokens, parameters, prices)) return 0n;

  const poolPrice = side === 'long' ? prices.long.min : prices.short.min;
  const poolUsd = poolAmountBacking(market, side, tokens) * poolPrice;
  if (poolUsd === 0n) throw emptyPool(market, side);

  const suffix = side === 'long' ? 'Long' : 'Short';
  const read = (name: string) => parameter(parameters, market.market, `${name}${suffix}`);
  const optimalUsage = read('optimalUsageFactor');
  if (optimalUsage === 0n) {
    const weighted = applyExponentFactor(reservedUsd, read('borrowingExponentFactor'));
    return applyFactor(toFactor(weighted, poolUsd), read('borrowingFactor'));
  }

  const maxReservedUsd = applyFactor(poolUsd, read('openInterestReserveFactor'));
  if (maxReservedUsd === 0n) throw emptyPool(market, side);
  const usage = toFactor(reservedUsd, maxReservedUsd);
  const base = read('baseBorrowingFactor');
  const perSecond = applyFactor(usage, base);
  if (usage <= optimalUsage || optimalUsage >= FACTOR_ONE) return perSecond;
  const steeper = read('aboveOptimalUsageBorrowingFactor');
  const extra = steeper > base ? steeper - base : 0n;
  return perSecond + (extra * (usage - optimalUsage)) / (FACTOR_ONE - optimalUsage);
}

/** Longs reserve their tokens at the highest price, shorts their entry USD (MarketUtils.getReservedUsd). */
function reservedUsdOf(
  market: GmxV2Market,
  side: Side,
  tokens: MarketTokens,
  prices: MarketPrices,
): bigint {
  return side === 'long'
    ? openInterest(market.openInterestBase, 'long', tokens) * prices.index.max
    : openInterest(market.openInterestUsd, 'short', tokens);
}

function isExemptSmallerSide(
  market: GmxV2Market,
  side: Side,
  tokens: MarketTokens,
  parameters: Parameters,
  prices: MarketPrices,
): boolean {
  if (!globalSwitch(parameters, 'skipBorrowingFeeForSmallerSide')) return false;
  const balance = sideBalance(market, tokens, parameters, () => midPrice(prices.index));
  return side === 'long' ? balance.long < balance.short : balance.short < balance.long;
}

function emptyPool(market: GmxV2Market, side: Side): CorruptDataError {
  return new CorruptDataError('A side has open interest but no pool behind it.', {
    facts: { market: market.market, side },
    remedy: 'The contract itself refuses to compute this; check that the pool events are complete.',
  });
}
