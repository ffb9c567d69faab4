import { logDistance, type MarginAssessment, NOTHING_OPEN, ratio } from '../../assessment.ts';
import { larger } from '../../fixed-point.ts';
import type { AssessmentInput } from '../../venue-rules.ts';
import { accrueFor } from './accrual.ts';
import {
  collateralPriceOf,
  type LiquidationInputs,
  type LiquidationTest,
  requirementOf,
  testLiquidation,
} from './liquidation.ts';
import { liquidationPrice } from './liquidation-price.ts';
import { type GmxV2Market, tokensOfMarket } from './market-state.ts';
import { worsePrice } from './pnl.ts';
import type { GmxV2Position } from './position-state.ts';
import { type MarketPrices, marketPrices } from './venue-inputs.ts';

/** Beside the venue-neutral numbers, those that the contract counts in collateral base units. */
export interface GmxV2Assessment extends MarginAssessment {
  /** As the contract rounds them; `totalCostRaw` is their sum. */
  readonly borrowFeeRaw: bigint;
  readonly fundingFeeRaw: bigint;
  readonly positionFeeRaw: bigint;
  readonly totalCostRaw: bigint;
  readonly minCollateralUsd: bigint;
  readonly minCollateralUsdForLeverage: bigint;
}

/**
 * The judgement a liquidation transaction would make at `timestamp` with `prices`: funding and
 * borrowing accrued to that second first, then the contract's test.
 * @throws CorruptDataError naming the price, parameter or state that is missing.
 */
export function assess(input: AssessmentInput<GmxV2Position, GmxV2Market>): GmxV2Assessment {
  const { position, market, parameters, timestamp } = input;
  const tokens = tokensOfMarket(market);
  const prices = marketPrices(input.prices, tokens);
  if (position.sizeInUsd === 0n || position.sizeInTokens === 0n) {
    return emptyAssessment(prices, collateralPriceOf(position, tokens, prices));
  }
  const inputs: LiquidationInputs = {
    position,
    market,
    tokens,
    parameters,
    accumulators: accrueFor(position, market, tokens, parameters, prices, timestamp),
    requirement: requirementOf(position, parameters),
  };
  const test = testLiquidation(inputs, prices);
  return described(inputs, prices, test, liquidationPrice(inputs, prices, test));
}

function described(
  { position, requirement }: LiquidationInputs,
  prices: MarketPrices,
  test: LiquidationTest,
  priceOfFlip: bigint | null,
): GmxV2Assessment {
  const price = worsePrice(position.isLong, prices);
  const notionalUsd = position.sizeInTokens * price;
  const { minCollateralUsd, minCollateralUsdForLeverage } = requirement;
  const maintenanceMarginUsd = larger(minCollateralUsd, minCollateralUsdForLeverage);
  const { fees, collateralPrice } = test;
  return {
    equityUsd: test.remainingCollateralUsd,
    maintenanceMarginUsd,
    notionalUsd,
    collateralUsd: test.collateralUsd,
    marginRatio: ratio(test.remainingCollateralUsd, notionalUsd),
    healthFactor: ratio(test.remainingCollateralUsd, maintenanceMarginUsd),
    isLiquidatable: test.isLiquidatable,
    liquidationReason: test.reason,
    liquidationPrice: priceOfFlip,
    distance: logDistance(position.isLong, price, priceOfFlip),
    unrealizedPnlUsd: test.pnl.pnlUsd,
    uncappedPnlUsd: test.pnl.uncappedPnlUsd,
    priceImpactUsd: test.impactUsd,
    borrowFeeUsd: fees.borrowFeeUsd,
    fundingUsd: fees.fundingFeeRaw * collateralPrice.min,
    positionFeeUsd: fees.positionFeeRaw * collateralPrice.min,
    borrowFeeRaw: fees.borrowFeeRaw,
    fundingFeeRaw: fees.fundingFeeRaw,
    positionFeeRaw: fees.positionFeeRaw,
    totalCostUsd: fees.totalCostRaw * collateralPrice.min,
    totalCostRaw: fees.totalCostRaw,
    minCollateralUsd,
    minCollateralUsdForLeverage,
    indexPrice: prices.index,
    collateralPrice,
  };
}

/** A closed position owes and risks nothing; the contract refuses to judge it. */
function emptyAssessment(
  prices: MarketPrices,
  collateralPrice: MarginAssessment['collateralPrice'],
): GmxV2Assessment {
  return {
    ...NOTHING_OPEN,
    borrowFeeRaw: 0n,
    fundingFeeRaw: 0n,
    positionFeeRaw: 0n,
    totalCostRaw: 0n,
    minCollateralUsd: 0n,
    minCollateralUsdForLeverage: 0n,
    indexPrice: prices.index,
    collateralPrice,
  };
}
