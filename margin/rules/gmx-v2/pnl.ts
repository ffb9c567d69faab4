import { applyFactor, mulDiv } from '../../fixed-point.ts';
import type { Parameters } from '../../inputs.ts';
import {
  type GmxV2Market,
  type MarketTokens,
  openInterest,
  poolAmountBacking,
  type Side,
  sideOf,
} from './market-state.ts';
import type { GmxV2Position } from './position-state.ts';
import { type MarketPrices, parameter } from './venue-inputs.ts';

export interface PositionPnl {
  /** USD 1e30, scaled down while the side's profit exceeds its share of the pool. */
  readonly pnlUsd: bigint;
  readonly uncappedPnlUsd: bigint;
}

/** Index price that is worse for the trader: lowest for a long, highest for a short. */
export function worsePrice(isLong: boolean, prices: MarketPrices): bigint {
  return isLong ? prices.index.min : prices.index.max;
}

/** Profit or loss of the whole position (PositionUtils.getPositionPnlUsd with the full size). */
export function positionPnl(
  position: GmxV2Position,
  market: GmxV2Market,
  tokens: MarketTokens,
  parameters: Parameters,
  prices: MarketPrices,
): PositionPnl {
  const valueUsd = position.sizeInTokens * worsePrice(position.isLong, prices);
  const uncappedPnlUsd = position.isLong
    ? valueUsd - position.sizeInUsd
    : position.sizeInUsd - valueUsd;
  if (uncappedPnlUsd <= 0n) return { pnlUsd: uncappedPnlUsd, uncappedPnlUsd };

  const side = sideOf(position.isLong);
  const sidePnlUsd = bestPnlOfSide(market, side, tokens, prices);
  if (sidePnlUsd <= 0n) return { pnlUsd: uncappedPnlUsd, uncappedPnlUsd };
  const poolPrice = position.isLong ? prices.long.min : prices.short.min;
  const poolUsd = poolAmountBacking(market, side, tokens) * poolPrice;
  const maxPnlFactor = parameter(
    parameters,
    market.market,
    position.isLong ? 'maxPnlFactorForTradersLong' : 'maxPnlFactorForTradersShort',
  );
  const maxPnlUsd = applyFactor(poolUsd, maxPnlFactor);
  // A cap of 0 is not applied: the contract scales only between two positive amounts.
  if (sidePnlUsd <= maxPnlUsd || maxPnlUsd === 0n) {
    return { pnlUsd: uncappedPnlUsd, uncappedPnlUsd };
  }
  return { pnlUsd: mulDiv(uncappedPnlUsd, maxPnlUsd, sidePnlUsd), uncappedPnlUsd };
}

/** Profit of all positions of a side at the price best for them (MarketUtils.getPnl, maximized). */
function bestPnlOfSide(
  market: GmxV2Market,
  side: Side,
  tokens: MarketTokens,
  prices: MarketPrices,
): bigint {
  const costUsd = openInterest(market.openInterestUsd, side, tokens);
  const base = openInterest(market.openInterestBase, side, tokens);
  if (costUsd === 0n || base === 0n) return 0n;
  return side === 'long' ? base * prices.index.max - costUsd : costUsd - base * prices.index.min;
}
