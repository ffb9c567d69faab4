import { logDistance, type MarginAssessment, NOTHING_OPEN, ratio } from '../../assessment.ts';
import type { PriceRange } from '../../inputs.ts';
import type { AssessmentInput } from '../../venue-rules.ts';
import { accruedFundingRate } from './funding.ts';
import {
  type LiquidationState,
  requirementOf,
  validateLiquidation,
  vaultDelta,
  worsePrice,
} from './liquidation.ts';
import { liquidationPrice } from './liquidation-price.ts';
import { type GmxV1Market, poolOf } from './market-state.ts';
import type { GmxV1Position } from './position-state.ts';
import { divisor, feedPrice, parameter, vaultPrice } from './venue-inputs.ts';

/**
 * Equity is collateral and PnL; the fees of closing stand in the requirement, where the contract has
 * them, and nothing is subtracted (`totalCostUsd` 0). Liquidatable = equity below the requirement.
 */
export interface GmxV1Assessment extends MarginAssessment {
  /** Of Vault.validateLiquidation: 1 = wiped out, 2 = closed for excess leverage. */
  readonly liquidationState: LiquidationState;
  /** Fees that the liquidation would take, as the contract returns them. */
  readonly marginFeesUsd: bigint;
  /** Cumulative funding rate with what is pending at that second, 1e6 = 100 %. */
  readonly cumulativeFundingRate: bigint;
}

/** The collateral is booked in USD. */
const USD_COLLATERAL: PriceRange = { min: 1n, max: 1n };

/**
 * The judgement that Vault.liquidatePosition would make at `timestamp`: funding accrued first, profit
 * counted. @throws CorruptDataError naming the price or parameter that is missing.
 */
export function assess(input: AssessmentInput<GmxV1Position, GmxV1Market>): GmxV1Assessment {
  const { position, market, parameters, timestamp } = input;
  const { indexToken, collateralToken, isLong } = position;
  const feed = feedPrice(input.prices, indexToken);
  const spread = parameter(parameters, indexToken, 'spreadBasisPoints');
  const indexPrice = vaultPrice(feed, spread);
  if (position.size === 0n) return emptyAssessment(indexPrice);
  divisor(position.averagePrice, 'averagePrice', position.positionKey);

  const pool = poolOf(market, collateralToken);
  const cumulativeFundingRate = accruedFundingRate(pool, collateralToken, parameters, timestamp);
  const requirement = requirementOf(position, parameters, cumulativeFundingRate, timestamp);
  const price = worsePrice(isLong, indexPrice);
  const delta = vaultDelta(position, price, requirement.minProfitBasisPoints);
  const test = validateLiquidation(position, delta, requirement, true);
  const sign = delta.hasProfit ? 1n : -1n;
  const equityUsd = position.collateral + sign * delta.delta;
  const flip = liquidationPrice(position, requirement, spread);
  return {
    equityUsd,
    maintenanceMarginUsd: requirement.thresholdUsd,
    notionalUsd: position.size,
    collateralUsd: position.collateral,
    marginRatio: ratio(equityUsd, position.size),
    healthFactor: ratio(equityUsd, requirement.thresholdUsd),
    isLiquidatable: test.state !== 0,
    liquidationReason: test.reason,
    liquidationPrice: flip,
    distance: logDistance(isLong, worsePrice(isLong, feed), flip),
    unrealizedPnlUsd: sign * delta.delta,
    uncappedPnlUsd: sign * delta.fullDelta,
    priceImpactUsd: 0n,
    borrowFeeUsd: requirement.fundingFee,
    fundingUsd: 0n,
    positionFeeUsd: requirement.positionFee,
    totalCostUsd: 0n,
    indexPrice,
    collateralPrice: USD_COLLATERAL,
    liquidationState: test.state,
    marginFeesUsd: test.marginFees,
    cumulativeFundingRate,
  };
}

/** A closed position owes and risks nothing. */
function emptyAssessment(indexPrice: PriceRange): GmxV1Assessment {
  return {
    ...NOTHING_OPEN,
    indexPrice,
    collateralPrice: USD_COLLATERAL,
    liquidationState: 0,
    marginFeesUsd: 0n,
    cumulativeFundingRate: 0n,
  };
}
