import { larger } from '../../fixed-point.ts';
import type { Parameters, PriceRange } from '../../inputs.ts';
import { fundingFee, positionFee } from './funding.ts';
import type { GmxV1Position } from './position-state.ts';
import { BASIS_POINTS, divisor, parameter } from './venue-inputs.ts';

/** Vault.getDelta: profit or loss against the bound that is worse for the position. */
export interface VaultDelta {
  readonly hasProfit: boolean;
  /** USD, magnitude; a profit too small too soon counts as 0. */
  readonly delta: bigint;
  /** Before that rule. */
  readonly fullDelta: bigint;
}

/** Everything of `validateLiquidation` that does not depend on the price. USD, 30 decimals. */
export interface Requirement {
  readonly fundingFee: bigint;
  readonly positionFee: bigint;
  readonly liquidationFeeUsd: bigint;
  readonly maxLeverage: bigint;
  /** Profits up to this part of the size, in basis points, count as 0. */
  readonly minProfitBasisPoints: bigint;
  /**
   * Collateral and PnL together below which the position is liquidated: the fees with the liquidation
   * fee, or size ÷ maximal leverage, rounded up, for the contract compares the products.
   */
  readonly thresholdUsd: bigint;
}

/** 0 healthy; 1 wiped out; 2 too much leverage, closed and the rest paid back. */
export type LiquidationState = 0 | 1 | 2;

export interface LiquidationTest {
  readonly state: LiquidationState;
  /** As the contract returns them: capped to what is left where the fees exceed it. */
  readonly marginFees: bigint;
  /** The contract's words; '' in state 0. */
  readonly reason: string;
}

const REASONS = {
  losses: 'Vault: losses exceed collateral',
  fees: 'Vault: fees exceed collateral',
  liquidationFees: 'Vault: liquidation fees exceed collateral',
  leverage: 'Vault: maxLeverage exceeded',
} as const;

/** The price a long is judged at is the minimum, a short's the maximum. */
export function worsePrice(isLong: boolean, { min, max }: PriceRange): bigint {
  return isLong ? min : max;
}

/** Vault.sol getDelta: size × |entry − price| ÷ entry, rounded down. Needs an entry price. */
export function vaultDelta(
  { size, averagePrice, isLong }: Pick<GmxV1Position, 'size' | 'averagePrice' | 'isLong'>,
  price: bigint,
  minProfitBasisPoints: bigint,
): VaultDelta {
  const move = averagePrice > price ? averagePrice - price : price - averagePrice;
  const fullDelta = (size * move) / averagePrice;
  const hasProfit = isLong ? price > averagePrice : averagePrice > price;
  const isTooSmall = hasProfit && fullDelta * BASIS_POINTS <= size * minProfitBasisPoints;
  return { hasProfit, delta: isTooSmall ? 0n : fullDelta, fullDelta };
}

/** In force only until `minProfitTime` has passed since the last increase. */
export function minProfitBasisPoints(
  position: GmxV1Position,
  parameters: Parameters,
  timestamp: number,
): bigint {
  const time = parameter(parameters, '', 'minProfitTime');
  if (BigInt(timestamp) > BigInt(position.lastIncreasedTime) + time) return 0n;
  return parameter(parameters, position.indexToken, 'minProfitBasisPoints');
}

/** @throws CorruptDataError naming the parameter that is unknown. */
export function requirementOf(
  position: GmxV1Position,
  parameters: Parameters,
  cumulativeFundingRate: bigint,
  timestamp: number,
): Requirement {
  const { size, entryFundingRate } = position;
  const funding = fundingFee(size, cumulativeFundingRate, entryFundingRate);
  const closing = positionFee(size, parameter(parameters, '', 'marginFeeBasisPoints'));
  const liquidationFeeUsd = parameter(parameters, '', 'liquidationFeeUsd');
  const maxLeverage = divisor(parameter(parameters, '', 'maxLeverage'), 'maxLeverage', 'the Vault');
  const forLeverage = (size * BASIS_POINTS + maxLeverage - 1n) / maxLeverage;
  return {
    fundingFee: funding,
    positionFee: closing,
    liquidationFeeUsd,
    maxLeverage,
    minProfitBasisPoints: minProfitBasisPoints(position, parameters, timestamp),
    thresholdUsd: larger(funding + closing + liquidationFeeUsd, forLeverage),
  };
}

/**
 * VaultUtils.sol validateLiquidation. With `countsProfit` as a liquidation asks it (`_raise` = false);
 * without, as a trade does (`_raise` = true): a profit then pays for nothing.
 */
export function validateLiquidation(
  { size, collateral }: Pick<GmxV1Position, 'size' | 'collateral'>,
  { hasProfit, delta }: VaultDelta,
  requirement: Requirement,
  countsProfit: boolean,
): LiquidationTest {
  const marginFees = requirement.fundingFee + requirement.positionFee;
  if (!hasProfit && collateral < delta) return { state: 1, marginFees, reason: REASONS.losses };
  const profit = countsProfit ? delta : 0n;
  const remaining = hasProfit ? collateral + profit : collateral - delta;
  if (remaining < marginFees) return { state: 1, marginFees: remaining, reason: REASONS.fees };
  if (remaining < marginFees + requirement.liquidationFeeUsd) {
    return { state: 1, marginFees, reason: REASONS.liquidationFees };
  }
  if (remaining * requirement.maxLeverage < size * BASIS_POINTS) {
    return { state: 2, marginFees, reason: REASONS.leverage };
  }
  return { state: 0, marginFees, reason: '' };
}
