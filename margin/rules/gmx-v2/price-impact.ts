import {
  applyExponentFactor,
  applyFactor,
  difference,
  larger,
  mulDiv,
  smaller,
} from '../../fixed-point.ts';
import type { Parameters } from '../../inputs.ts';
import { type SideBalance, sideBalance, weighsSidesInTokens } from './balance.ts';
import { type GmxV2Market, type MarketTokens, poolAmountBacking } from './market-state.ts';
import type { GmxV2Position } from './position-state.ts';
import { type MarketPrices, midPrice, parameter } from './venue-inputs.ts';

export interface ClosingImpact {
  /** USD 1e30: + paid to the trader, capped by the maximum positive factor. */
  readonly impactUsd: bigint;
  /** Whether closing moves the sides together: it decides the position fee. */
  readonly balanceWasImproved: boolean;
}

interface BalanceChange {
  readonly before: SideBalance;
  readonly after: SideBalance;
}

/**
 * Impact of closing the whole position at once (PositionPricingUtils.getPriceImpactUsd, capped as in
 * MarketUtils.capPositiveImpactUsdByMaxPositionImpact).
 */
export function closingImpact(
  position: GmxV2Position,
  market: GmxV2Market,
  tokens: MarketTokens,
  parameters: Parameters,
  prices: MarketPrices,
): ClosingImpact {
  const own = changeByClosing(position, market, tokens, parameters, prices);
  const impact = impactOf(own.change, market, parameters);
  const virtual =
    impact.impactUsd < 0n ? virtualChange(position, market, own, parameters, prices) : null;
  const virtualImpact = virtual === null ? impact : impactOf(virtual, market, parameters);
  const chosen = virtualImpact.impactUsd < impact.impactUsd ? virtualImpact : impact;
  return {
    impactUsd: capPositive(chosen.impactUsd, position.sizeInUsd, market, parameters),
    balanceWasImproved: chosen.balanceWasImproved,
  };
}

/**
 * Only whether closing improves the balance: cheap, because without a virtual inventory no power
 * has to be computed.
 */
export function closingImprovesBalance(
  position: GmxV2Position,
  market: GmxV2Market,
  tokens: MarketTokens,
  parameters: Parameters,
  prices: MarketPrices,
): boolean {
  if (market.virtualInventory !== null) {
    return closingImpact(position, market, tokens, parameters, prices).balanceWasImproved;
  }
  return isImproved(changeByClosing(position, market, tokens, parameters, prices).change);
}

function changeByClosing(
  position: GmxV2Position,
  market: GmxV2Market,
  tokens: MarketTokens,
  parameters: Parameters,
  prices: MarketPrices,
): { readonly change: BalanceChange; readonly closedUsd: bigint } {
  const price = () => midPrice(prices.index);
  const closedUsd = weighsSidesInTokens(parameters)
    ? position.sizeInTokens * price()
    : position.sizeInUsd;
  const before = sideBalance(market, tokens, parameters, price);
  return { change: changeFrom(before, position.isLong, closedUsd), closedUsd };
}

/** In a single-token market halved interest can be smaller than the position: then nothing is left. */
function changeFrom(before: SideBalance, isLong: boolean, closedUsd: bigint): BalanceChange {
  const left = (value: bigint) => (closedUsd > value ? 0n : value - closedUsd);
  const after = isLong
    ? { long: left(before.long), short: before.short }
    : { long: before.long, short: left(before.short) };
  return { before, after };
}

/** The same close against the virtual inventory, both sides lifted so that none goes below zero. */
function virtualChange(
  position: GmxV2Position,
  market: GmxV2Market,
  own: { readonly closedUsd: bigint },
  parameters: Parameters,
  prices: MarketPrices,
): BalanceChange | null {
  if (market.virtualInventory === null) return null;
  const inventoryUsd = weighsSidesInTokens(parameters)
    ? market.virtualInventory * midPrice(prices.index)
    : market.virtualInventory;
  const before = {
    long: own.closedUsd + (inventoryUsd > 0n ? 0n : -inventoryUsd),
    short: own.closedUsd + (inventoryUsd > 0n ? inventoryUsd : 0n),
  };
  return changeFrom(before, position.isLong, own.closedUsd);
}

function isImproved({ before, after }: BalanceChange): boolean {
  return difference(after.long, after.short) < difference(before.long, before.short);
}

/** f × (gap before ^ e) − f × (gap after ^ e), the factor and exponent by direction of the change. */
function impactOf(
  change: BalanceChange,
  market: GmxV2Market,
  parameters: Parameters,
): ClosingImpact {
  const { before, after } = change;
  const read = (name: string) => parameter(parameters, market.market, name);
  const negativeFactor = read('positionImpactFactorNegative');
  const negativeExponent = read('positionImpactExponentFactorNegative');
  const positiveFactor = smaller(read('positionImpactFactorPositive'), negativeFactor);
  const positiveExponent = smaller(read('positionImpactExponentFactorPositive'), negativeExponent);

  const gapBefore = difference(before.long, before.short);
  const gapAfter = difference(after.long, after.short);
  const balanceWasImproved = isImproved(change);
  const staysOnSide = before.long <= before.short === after.long <= after.short;
  const weigh = (gap: bigint, improves: boolean) =>
    improves
      ? applyFactor(applyExponentFactor(gap, positiveExponent), positiveFactor)
      : applyFactor(applyExponentFactor(gap, negativeExponent), negativeFactor);
  if (staysOnSide) {
    const magnitude = difference(
      weigh(gapBefore, balanceWasImproved),
      weigh(gapAfter, balanceWasImproved),
    );
    return { impactUsd: balanceWasImproved ? magnitude : -magnitude, balanceWasImproved };
  }
  return { impactUsd: weigh(gapBefore, true) - weigh(gapAfter, false), balanceWasImproved };
}

/** Positive impact is limited to a share of the size; negative impact is left as it is. */
function capPositive(
  impactUsd: bigint,
  sizeInUsd: bigint,
  market: GmxV2Market,
  parameters: Parameters,
): bigint {
  if (impactUsd <= 0n) return impactUsd;
  const factor = parameter(parameters, market.market, 'maxPositionImpactFactorPositive');
  return smaller(impactUsd, applyFactor(sizeInUsd, factor));
}

/** Impact of earlier increases at today's prices, the worse price for its sign. */
export function pendingImpactUsd(amount: bigint, prices: MarketPrices): bigint {
  return amount * (amount > 0n ? prices.index.min : prices.index.max);
}

export interface CloseOutcome {
  readonly closePriceImpactUsd: bigint;
  readonly proportionalPendingImpactUsd: bigint;
  /** Sum after every cap. */
  readonly totalImpactUsd: bigint;
  /** Negative impact cut off by the cap: becomes claimable. */
  readonly priceImpactDiffUsd: bigint;
  readonly executionPrice: bigint;
  readonly balanceWasImproved: boolean;
}

/**
 * What an ordinary full close would settle (ReaderPricingUtils.getExecutionPrice). Liquidation uses
 * other caps: see liquidation.ts.
 */
export function closeOutcome(
  position: GmxV2Position & { readonly pendingImpactAmount: bigint },
  market: GmxV2Market,
  tokens: MarketTokens,
  parameters: Parameters,
  prices: MarketPrices,
): CloseOutcome {
  const { impactUsd, balanceWasImproved } = closingImpact(
    position,
    market,
    tokens,
    parameters,
    prices,
  );
  const pendingUsd = pendingImpactUsd(position.pendingImpactAmount, prices);
  const wanted = impactUsd + pendingUsd;
  const floor = -applyFactor(
    position.sizeInUsd,
    parameter(parameters, market.market, 'maxPositionImpactFactorNegative'),
  );
  const floored = larger(wanted, floor);
  const capped = capPositive(floored, position.sizeInUsd, market, parameters);
  const perToken = mulDiv(
    position.sizeInUsd,
    position.isLong ? impactUsd : -impactUsd,
    position.sizeInTokens,
  );
  const price = position.isLong ? prices.index.min : prices.index.max;
  return {
    closePriceImpactUsd: impactUsd,
    proportionalPendingImpactUsd: pendingUsd,
    totalImpactUsd: capByImpactPool(capped, market, tokens, parameters, prices),
    priceImpactDiffUsd: floored - wanted,
    executionPrice: price + perToken / position.sizeInUsd,
    balanceWasImproved,
  };
}

/** Positive impact is paid from the impact pool, or lent by the pool up to a limit. */
function capByImpactPool(
  impactUsd: bigint,
  market: GmxV2Market,
  tokens: MarketTokens,
  parameters: Parameters,
  prices: MarketPrices,
): bigint {
  const impactPoolUsd = market.impactPool * prices.index.min;
  if (impactUsd <= impactPoolUsd) return impactUsd;
  const poolUsd =
    poolAmountBacking(market, 'long', tokens) * prices.long.min +
    poolAmountBacking(market, 'short', tokens) * prices.short.min;
  const read = (name: string) => parameter(parameters, market.market, name);
  const lendableUsd = smaller(
    applyFactor(poolUsd, read('maxLendableImpactFactor')),
    read('maxLendableImpactUsd'),
  );
  const lentUsd = market.lentImpactPool * prices.index.max;
  const availableUsd = lentUsd > lendableUsd ? 0n : lendableUsd - lentUsd;
  return smaller(impactUsd, impactPoolUsd + availableUsd);
}
