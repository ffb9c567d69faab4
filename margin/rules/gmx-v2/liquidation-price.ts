import { difference, larger } from '../../fixed-point.ts';
import type { PriceRange } from '../../inputs.ts';
import { weighsSidesInTokens } from './balance.ts';
import {
  collateralPriceOf,
  type LiquidationInputs,
  type LiquidationTest,
  testLiquidation,
  thresholdOf,
} from './liquidation.ts';
import { worsePrice } from './pnl.ts';
import type { MarketPrices } from './venue-inputs.ts';

/** Beyond a million times today's price there is no liquidation price worth a number. */
const FARTHEST = 1_000_000n;
const NEWTON_STEPS = 4;
/** One part in 200. */
const WRAPPED_TOLERANCE = 200n;

/**
 * The market's prices if the index price were `price` (the bound that is worse for the position),
 * its spread as it is. A pool token that is the index token moves with it, and so does a wrapped form
 * of it (WBTC behind a BTC index), in proportion. Every other token stays where it is: collateral
 * that is neither stable nor the index (ETH behind SOL) is frozen.
 */
export function pricesAt(
  price: bigint,
  { position, tokens }: LiquidationInputs,
  now: MarketPrices,
): MarketPrices {
  const spread = now.index.max - now.index.min;
  const index: PriceRange = position.isLong
    ? { min: price, max: price + spread }
    : { min: larger(price - spread, 1n), max: price };
  const today = worsePrice(position.isLong, now);
  const moved = (token: string, own: PriceRange): PriceRange => {
    if (token === tokens.index) return index;
    if (!isWrappedIndex(own, now.index)) return own;
    const scaled = (value: bigint) => larger((value * price) / today, 1n);
    return { min: scaled(own.min), max: scaled(own.max) };
  };
  return { index, long: moved(tokens.long, now.long), short: moved(tokens.short, now.short) };
}

/**
 * Nothing on chain says that one token is another in a wrapper. Prices per base unit within half a
 * percent of each other are taken as that: a pair that has parted further is no safe substitute.
 */
function isWrappedIndex(own: PriceRange, index: PriceRange): boolean {
  return difference(own.min, index.min) * WRAPPED_TOLERANCE <= index.min;
}

/**
 * Index price (USD 1e30 per base unit) at which the liquidation test flips with pool, open interest
 * and accumulators as they are: the position is liquidatable at it and not one unit to the safe side
 * (above for a long, below for a short). The closed form gives the neighbourhood, an integer search
 * the unit. Costs are rounded to whole collateral units, so with coarse collateral (8 decimals)
 * the test may flip more than once within a few of those units: one flip is given.
 * @returns null where no price liquidates, or every price does.
 */
export function liquidationPrice(
  inputs: LiquidationInputs,
  now: MarketPrices,
  test: LiquidationTest,
): bigint | null {
  const { isLong } = inputs.position;
  // In USD the impact of closing does not depend on the price; weighed in tokens it does.
  const closing = weighsSidesInTokens(inputs.parameters) ? undefined : test.closing;
  const testAt = (price: bigint) => testLiquidation(inputs, pricesAt(price, inputs, now), closing);
  // Over a distance only funding is a fixed number of tokens; the other costs are fixed in USD.
  const slope = equityPerPrice(inputs, now, test.fees.fundingFeeRaw);
  if (isLong ? slope <= 0n : slope >= 0n) return null;

  const today = worsePrice(isLong, now);
  const estimate = newton(now, test, slope, inputs, testAt);
  const towardSafety = isLong ? 1n : -1n;
  const farthest = today * FARTHEST;
  return flipNear(estimate, towardSafety, farthest, (price) => testAt(price).isLiquidatable);
}

/** dEquity/dPrice: the size, plus the collateral net of `costRaw` where it moves with the index. */
function equityPerPrice(
  { position, tokens }: LiquidationInputs,
  now: MarketPrices,
  costRaw: bigint,
): bigint {
  const own = position.isLong ? position.sizeInTokens : -position.sizeInTokens;
  const collateral = position.collateralAmount - costRaw;
  if (position.collateralToken === tokens.index) return own + collateral;
  const price = collateralPriceOf(position, tokens, now);
  if (!isWrappedIndex(price, now.index)) return own;
  return own + (collateral * price.min) / worsePrice(position.isLong, now);
}

/**
 * Equity is close to a straight line in the price, so the first step nearly hits. Between two
 * roundings every cost is a fixed number of tokens: the later steps use that steeper or flatter line.
 */
function newton(
  now: MarketPrices,
  test: LiquidationTest,
  firstSlope: bigint,
  inputs: LiquidationInputs,
  testAt: (price: bigint) => LiquidationTest,
): bigint {
  const threshold = thresholdOf(inputs.requirement);
  let price = worsePrice(inputs.position.isLong, now);
  let slope = firstSlope;
  let equity = test.remainingCollateralUsd;
  for (let step = 0; step < NEWTON_STEPS; step += 1) {
    const gap = threshold - equity;
    const move = slope > 0n ? gap / slope : -(gap / -slope);
    if (move === 0n) break;
    price += move;
    if (price < 1n) return 1n;
    const there = testAt(price);
    equity = there.remainingCollateralUsd;
    slope = equityPerPrice(inputs, now, there.fees.totalCostRaw);
    if (slope > 0n !== firstSlope > 0n || slope === 0n) break;
  }
  return price;
}

/**
 * The last liquidatable price before a safe one, looking from `start` in growing steps and then
 * halving. @returns null when the test does not flip between 1 and `farthest`.
 */
function flipNear(
  start: bigint,
  towardSafety: bigint,
  farthest: bigint,
  isLiquidatable: (price: bigint) => boolean,
): bigint | null {
  const startsUnsafe = isLiquidatable(start);
  const direction = startsUnsafe ? towardSafety : -towardSafety;
  let near = start;
  let far = start;
  for (let step = 1n; ; step *= 4n) {
    if ((direction < 0n && near <= 1n) || near > farthest) return null;
    far = near + direction * step;
    if (far < 1n) far = 1n;
    if (isLiquidatable(far) !== startsUnsafe) break;
    near = far;
  }
  let unsafe = startsUnsafe ? near : far;
  let safe = startsUnsafe ? far : near;
  while (unsafe + towardSafety !== safe) {
    const middle = (unsafe + safe) / 2n;
    if (isLiquidatable(middle)) unsafe = middle;
    else safe = middle;
  }
  return unsafe;
}
