import { absolute, larger, smaller } from '../../fixed-point.ts';
import type { Parameters, Prices } from '../../inputs.ts';
import { divideDecimal, multiplyDecimal, UNIT } from '../synthetix-v2/decimal.ts';
import { type KeeperFees, keeperFees, setting, unknown } from './keeper-fees.ts';
import {
  type BfpMarket,
  daysSince,
  fundingPerPrice,
  marginOf,
  priceOf,
  unrecordedUtilization,
} from './market-state.ts';
import type { BfpPosition, EntryAccumulators } from './position-state.ts';

/** What does not depend on the index price. USD and rates 1e18. */
export interface HealthInputs {
  readonly position: BfpPosition;
  readonly collateralUsd: bigint;
  readonly discountedCollateralUsd: bigint;
  /** USD collateral less debt; part of neither of the two above. */
  readonly netUsd: bigint;
  readonly debt: bigint;
  /** Accumulated since the entry, USD per index unit; and the part still to be multiplied by the price. */
  readonly fundingRecorded: bigint;
  readonly fundingUnrecordedPerPrice: bigint;
  /** Per USD of notional since the entry. */
  readonly utilization: bigint;
  readonly maintenanceRatio: bigint;
  readonly initialRatio: bigint;
  readonly minMarginUsd: bigint;
  readonly fees: KeeperFees;
}

export interface Health {
  readonly notionalUsd: bigint;
  readonly pnlUsd: bigint;
  /** + = received. */
  readonly fundingUsd: bigint;
  readonly utilizationUsd: bigint;
  readonly marginUsd: bigint;
  readonly maintenanceUsd: bigint;
  readonly initialUsd: bigint;
  readonly flagRewardUsd: bigint;
  readonly liquidationFeeUsd: bigint;
  readonly isLiquidatable: boolean;
}

/** @throws CorruptDataError naming what is not known. */
export function healthInputs(
  position: BfpPosition,
  market: BfpMarket,
  parameters: Parameters,
  prices: Prices,
  timestamp: number,
): HealthInputs {
  const margin = knownMargin(position, market);
  const entry = position.entry;
  if (entry === null) throw unknown('the accumulators a position started at', position.positionKey);
  if (entry.fundingGaps !== market.fundingGaps) {
    throw unknown('the funding since a position started', position.positionKey);
  }
  const size = absolute(position.size);
  const of = (name: string) => setting(parameters, market.market, name);
  const initialRatio = smaller(
    multiplyDecimal(
      divideDecimal(size, skewScaleOf(parameters, market)),
      of('incrementalMarginScalar'),
    ) + of('minMarginRatio'),
    of('maxInitialMarginRatio'),
  );
  return {
    position,
    ...otherCollateral(margin.tokens, market, parameters, prices),
    netUsd: margin.netUsd,
    debt: margin.debt,
    ...accruedSince(entry, market, parameters, timestamp),
    initialRatio,
    maintenanceRatio: multiplyDecimal(initialRatio, of('maintenanceMarginScalar')),
    minMarginUsd: of('minMarginUsd'),
    fees: keeperFees(parameters, market.market, () => requiredPrice(prices, market.ethFeed, 'ETH')),
  };
}

/** The contract divides by it, and reverts at 0. */
function skewScaleOf(parameters: Parameters, { market }: BfpMarket): bigint {
  const scale = setting(parameters, market, 'skewScale');
  if (scale === 0n) throw unknown('the setting skewScale', market);
  return scale;
}

function knownMargin(position: BfpPosition, market: BfpMarket) {
  const margin = marginOf(market, position.accountId);
  if (!market.isFromCreation) throw unknown('the margin before the first log', market.market);
  if (market.usdToken === null) throw unknown('the USD token', market.market);
  if (market.unattributed > 0) {
    throw unknown(`whose ${market.unattributed} margin movements were`, market.market);
  }
  if (margin.isContradicted) throw unknown('the margin of an account', position.accountId);
  return margin;
}

export function requiredPrice(prices: Prices, feed: BfpMarket['ethFeed'], what: string): bigint {
  const price = priceOf(prices, feed);
  if (price === null) throw unknown('a price', feed?.token ?? what);
  return price;
}

function accruedSince(
  entry: EntryAccumulators,
  market: BfpMarket,
  parameters: Parameters,
  timestamp: number,
) {
  const rate = market.fundingRate + velocityOf(market, parameters, timestamp);
  return {
    fundingRecorded: market.fundingAccrued - entry.funding,
    fundingUnrecordedPerPrice: fundingPerPrice(market, rate, timestamp),
    utilization:
      market.utilizationAccrued - entry.utilization + unrecordedUtilization(market, timestamp),
  };
}

/** PerpMarket.getCurrentFundingRate: what the rate has moved since it was stored. */
function velocityOf(market: BfpMarket, parameters: Parameters, timestamp: number): bigint {
  const of = (name: string) => setting(parameters, market.market, name);
  const skew = divideDecimal(market.skew, skewScaleOf(parameters, market));
  if (absolute(skew) < of('fundingVelocityClamp')) return 0n;
  const bounded = smaller(larger(-UNIT, skew), UNIT);
  const velocity = multiplyDecimal(bounded, of('maxFundingVelocity'));
  return multiplyDecimal(velocity, daysSince(market.fundingAt, timestamp));
}

/** Margin.getCollateralUsd of everything but the USD token, whose price is 1 without a discount. */
function otherCollateral(
  tokens: Readonly<Record<string, bigint>>,
  market: BfpMarket,
  parameters: Parameters,
  prices: Prices,
) {
  let collateralUsd = 0n;
  let discountedCollateralUsd = 0n;
  for (const [token, amount] of Object.entries(tokens)) {
    if (amount === 0n) continue;
    const price = requiredPrice(prices, market.collateralFeeds[token] ?? null, token);
    const kept = UNIT - discountOf(token, amount, parameters);
    collateralUsd += multiplyDecimal(amount, price);
    discountedCollateralUsd += multiplyDecimal(amount, multiplyDecimal(price, kept));
  }
  return { collateralUsd, discountedCollateralUsd };
}

/** Margin.getDiscountedCollateralPrice: grows with the amount, between two bounds; none at scale 0. */
function discountOf(token: string, amount: bigint, parameters: Parameters): bigint {
  const global = (name: string) => setting(parameters, '', name);
  const scale = global(`collateralSkewScale:${token}`);
  if (scale === 0n) return 0n;
  const impact = divideDecimal(multiplyDecimal(amount, global('collateralDiscountScalar')), scale);
  return smaller(larger(impact, global('minCollateralDiscount')), global('maxCollateralDiscount'));
}

/**
 * Position.getHealthFactor at an index price: liquidatable when the discounted margin ÷ maintenance,
 * truncated to 18 digits, is not above 1, which is margin × 1e18 < (1e18 + 1) × maintenance.
 */
export function healthAt(inputs: HealthInputs, price: bigint): Health {
  const { position, fees } = inputs;
  const { size, entryPrice } = position;
  const absSize = absolute(size);
  const notionalUsd = multiplyDecimal(absSize, price);
  const pnlUsd = multiplyDecimal(size, price - entryPrice);
  const unrecorded = multiplyDecimal(inputs.fundingUnrecordedPerPrice, price);
  const fundingUsd = multiplyDecimal(size, unrecorded + inputs.fundingRecorded);
  const utilizationUsd = multiplyDecimal(notionalUsd, inputs.utilization);
  const collateral = inputs.discountedCollateralUsd + inputs.netUsd;
  const marginUsd = collateral + pnlUsd + fundingUsd - utilizationUsd;
  const allCollateral = inputs.collateralUsd + inputs.netUsd + inputs.debt;
  const flagRewardUsd = fees.flagReward(larger(notionalUsd, allCollateral));
  const liquidationFeeUsd = fees.liquidationFee(absSize);
  const fixed = inputs.minMarginUsd + flagRewardUsd + liquidationFeeUsd;
  const maintenanceUsd = multiplyDecimal(notionalUsd, inputs.maintenanceRatio) + fixed;
  return {
    notionalUsd,
    pnlUsd,
    fundingUsd,
    utilizationUsd,
    marginUsd,
    maintenanceUsd,
    initialUsd: multiplyDecimal(notionalUsd, inputs.initialRatio) + fixed,
    flagRewardUsd,
    liquidationFeeUsd,
    isLiquidatable: size !== 0n && larger(marginUsd, 0n) * UNIT < (UNIT + 1n) * maintenanceUsd,
  };
}
