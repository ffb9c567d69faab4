import { CorruptDataError } from '../../../schema/errors.ts';
import { applyFactor, larger } from '../../fixed-point.ts';
import type { Parameters, PriceRange } from '../../inputs.ts';
import { type Accumulators, type CloseFees, closeFees } from './fees.ts';
import type { GmxV2Market, MarketTokens } from './market-state.ts';
import { type PositionPnl, positionPnl } from './pnl.ts';
import type { GmxV2Position } from './position-state.ts';
import {
  type ClosingImpact,
  closingImpact,
  closingImprovesBalance,
  pendingImpactUsd,
} from './price-impact.ts';
import { type MarketPrices, parameter } from './venue-inputs.ts';

/** Everything the test reads besides prices; `accumulators` are already brought up to date. */
export interface LiquidationInputs {
  readonly position: GmxV2Position;
  readonly market: GmxV2Market;
  readonly tokens: MarketTokens;
  readonly parameters: Parameters;
  readonly accumulators: Accumulators;
  readonly requirement: Requirement;
}

export interface Requirement {
  readonly minCollateralUsd: bigint;
  readonly minCollateralUsdForLeverage: bigint;
}

export interface LiquidationTest {
  readonly remainingCollateralUsd: bigint;
  readonly isLiquidatable: boolean;
  readonly reason: '' | 'min collateral' | '< 0' | 'min collateral for leverage';
  readonly collateralPrice: PriceRange;
  readonly collateralUsd: bigint;
  readonly pnl: PositionPnl;
  /** As far as the test needs it: no impact is computed where the cap for liquidations is 0. */
  readonly closing: ClosingImpact;
  /** Closing and pending impact as counted: never positive. */
  readonly impactUsd: bigint;
  readonly fees: CloseFees;
}

/** Both thresholds in USD 1e30; neither depends on a price. */
export function requirementOf(position: GmxV2Position, parameters: Parameters): Requirement {
  return {
    minCollateralUsd: parameter(parameters, '', 'minCollateralUsd'),
    minCollateralUsdForLeverage: applyFactor(
      position.sizeInUsd,
      parameter(parameters, position.market, 'minCollateralFactorForLiquidation'),
    ),
  };
}

/**
 * The contract's own test (PositionUtils.isPositionLiquidatable with both flags set) on accumulators
 * that are up to date, as a liquidation sees them. `knownClosing`, where given, is the impact of a full
 * close at these prices; it is computed otherwise.
 * @throws CorruptDataError naming a missing price or parameter.
 */
export function testLiquidation(
  inputs: LiquidationInputs,
  prices: MarketPrices,
  knownClosing?: ClosingImpact,
): LiquidationTest {
  const { position, market, tokens, parameters, accumulators, requirement } = inputs;
  const pnl = positionPnl(position, market, tokens, parameters, prices);
  const collateralPrice = collateralPriceOf(position, tokens, prices);
  const collateralUsd = position.collateralAmount * collateralPrice.min;
  const closing = knownClosing ?? closingInTest(inputs, prices);
  const impactUsd = boundedImpact(inputs, prices, closing.impactUsd);
  const fees = closeFees(
    position,
    accumulators,
    closing.balanceWasImproved,
    parameters,
    collateralPrice.min,
  );
  const remainingCollateralUsd =
    collateralUsd + pnl.pnlUsd + impactUsd - fees.totalCostRaw * collateralPrice.min;
  const reason = failedTest(remainingCollateralUsd, requirement);
  return {
    remainingCollateralUsd,
    isLiquidatable: reason !== '',
    reason,
    collateralPrice,
    collateralUsd,
    pnl,
    closing,
    impactUsd,
    fees,
  };
}

/** Equity at which the test stops failing: every test is `equity < threshold`. */
export function thresholdOf(requirement: Requirement): bigint {
  return larger(larger(requirement.minCollateralUsd, requirement.minCollateralUsdForLeverage), 1n);
}

function failedTest(remainingUsd: bigint, requirement: Requirement): LiquidationTest['reason'] {
  if (remainingUsd < requirement.minCollateralUsd) return 'min collateral';
  if (remainingUsd <= 0n) return '< 0';
  if (remainingUsd < requirement.minCollateralUsdForLeverage) return 'min collateral for leverage';
  return '';
}

/** @throws CorruptDataError when the collateral is neither of the market's tokens. */
export function collateralPriceOf(
  position: GmxV2Position,
  tokens: MarketTokens,
  prices: MarketPrices,
): PriceRange {
  if (position.collateralToken === tokens.long) return prices.long;
  if (position.collateralToken === tokens.short) return prices.short;
  throw new CorruptDataError('A position has a collateral token its market does not take.', {
    facts: { position: position.positionKey, collateralToken: position.collateralToken },
    remedy: 'Use the state of the market the position is in.',
  });
}

/** Where the cap is 0 no impact can count, so none is computed. */
function closingInTest(inputs: LiquidationInputs, prices: MarketPrices): ClosingImpact {
  const { position, market, tokens, parameters } = inputs;
  if (maxImpactFactor(inputs) !== 0n) {
    return closingImpact(position, market, tokens, parameters, prices);
  }
  return {
    impactUsd: 0n,
    balanceWasImproved: closingImprovesBalance(position, market, tokens, parameters, prices),
  };
}

function maxImpactFactor({ position, parameters }: LiquidationInputs): bigint {
  return parameter(parameters, position.market, 'maxPositionImpactFactorForLiquidations');
}

/** Closing and pending impact together, never positive, cut at the cap for liquidations. */
function boundedImpact(
  inputs: LiquidationInputs,
  prices: MarketPrices,
  closingUsd: bigint,
): bigint {
  const factor = maxImpactFactor(inputs);
  if (factor === 0n) return 0n;
  const { position } = inputs;
  if (position.pendingImpactAmount === null) {
    throw new CorruptDataError('The pending price impact of a position is not known.', {
      facts: { position: position.positionKey, market: position.market },
      remedy: 'Index from a block before the position was opened.',
    });
  }
  const impactUsd = closingUsd + pendingImpactUsd(position.pendingImpactAmount, prices);
  if (impactUsd >= 0n) return 0n;
  return larger(impactUsd, -applyFactor(position.sizeInUsd, factor));
}
