import type { Parameters } from '../../inputs.ts';
import { type GmxV2Market, type MarketTokens, openInterest } from './market-state.ts';
import { globalSwitch } from './venue-inputs.ts';

export interface SideBalance {
  readonly long: bigint;
  readonly short: bigint;
}

/** Whether the contract weighs the sides by tokens × price instead of by entry USD. */
export function weighsSidesInTokens(parameters: Parameters): boolean {
  return globalSwitch(parameters, 'useOpenInterestInTokensForBalance');
}

/**
 * Open interest of both sides in USD 1e30 as funding, price impact and the smaller-side rule
 * compare it (MarketUtils.getOpenInterestForBalance). `indexPrice` is asked for only in token mode.
 */
export function sideBalance(
  market: GmxV2Market,
  tokens: MarketTokens,
  parameters: Parameters,
  indexPrice: () => bigint,
): SideBalance {
  if (!weighsSidesInTokens(parameters)) {
    return {
      long: openInterest(market.openInterestUsd, 'long', tokens),
      short: openInterest(market.openInterestUsd, 'short', tokens),
    };
  }
  const price = indexPrice();
  return {
    long: openInterest(market.openInterestBase, 'long', tokens) * price,
    short: openInterest(market.openInterestBase, 'short', tokens) * price,
  };
}
