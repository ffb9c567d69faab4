import { logDistance, type MarginAssessment, NOTHING_OPEN, ratio } from '../../assessment.ts';
import { absolute, larger } from '../../fixed-point.ts';
import type { AssessmentInput } from '../../venue-rules.ts';
import { usdOf } from './decimal.ts';
import { fundingAt } from './funding.ts';
import {
  accessibleMargin,
  approxLiquidationPrice,
  type LiquidationInputs,
  type PositionViews,
  positionViews,
  riskParameters,
} from './liquidation.ts';
import { liquidationPrice } from './liquidation-price.ts';
import type { SynthetixV2Market } from './market-state.ts';
import type { SynthetixV2Position } from './position-state.ts';
import { type IndexPrice, indexPriceOf } from './venue-inputs.ts';

/** The contract's own answers beside ours: sUSD or price with 18 decimals. */
export interface SynthetixV2Assessment extends MarginAssessment {
  readonly remainingMargin: bigint;
  readonly accessibleMargin: bigint;
  /** As the contract signs it: negative where the position pays. */
  readonly accruedFunding: bigint;
  readonly liquidationMargin: bigint;
  /** For the flagger, at this price; the view of that name is 0 until the position can be flagged. */
  readonly liquidationFee: bigint;
  readonly liquidationPremium: bigint;
  /** PerpsV2MarketViews.liquidationPrice: requirement and premium at today's price. */
  readonly approxLiquidationPrice: bigint;
}

/**
 * What `canLiquidate` and the other views of the market would answer at `timestamp`: can the position
 * be flagged. Equity is the margin with profit and funding less the liquidation premium, not floored
 * at 0; the requirement is the contract's liquidation margin. A flagged position stays open to
 * liquidation whatever the price does then.
 * @throws CorruptDataError naming the price, parameter or state that is missing.
 */
export function assess(
  input: AssessmentInput<SynthetixV2Position, SynthetixV2Market>,
): SynthetixV2Assessment {
  const { position, market, parameters, timestamp } = input;
  const index = indexPriceOf(market, input.prices);
  if (position.size === 0n) return closedAssessment(index);
  const inputs: LiquidationInputs = {
    position,
    funding: fundingAt(market, parameters, timestamp),
    risk: riskParameters(parameters, position.market),
  };
  const price = priceFor(position, index);
  return described(inputs, index, price, positionViews(inputs, price * index.unit));
}

/** A feed has one price; were there two, the worse for the position. */
function priceFor({ size }: SynthetixV2Position, { range }: IndexPrice): bigint {
  return size > 0n ? range.min : range.max;
}

function described(
  inputs: LiquidationInputs,
  index: IndexPrice,
  price: bigint,
  views: PositionViews,
): SynthetixV2Assessment {
  const { position, risk } = inputs;
  const equityUsd = usdOf(views.signedMargin - views.liquidationPremium);
  const maintenanceMarginUsd = usdOf(views.liquidationMargin);
  const notionalUsd = usdOf(absolute(views.notionalValue));
  const flip = liquidationPrice(inputs, index);
  const fundingUsd = usdOf(-views.accruedFunding);
  return {
    equityUsd,
    maintenanceMarginUsd,
    notionalUsd,
    collateralUsd: usdOf(position.margin),
    marginRatio: ratio(equityUsd, notionalUsd),
    healthFactor: ratio(equityUsd, maintenanceMarginUsd),
    isLiquidatable: views.canLiquidate,
    liquidationReason: views.canLiquidate ? 'margin at or below liquidation margin' : '',
    liquidationPrice: flip,
    distance: logDistance(position.size > 0n, price, flip),
    unrealizedPnlUsd: usdOf(views.profitLoss),
    uncappedPnlUsd: usdOf(views.profitLoss),
    priceImpactUsd: usdOf(-views.liquidationPremium),
    borrowFeeUsd: 0n,
    fundingUsd,
    positionFeeUsd: 0n,
    totalCostUsd: fundingUsd,
    indexPrice: index.range,
    collateralPrice: DOLLAR,
    remainingMargin: larger(views.signedMargin, 0n),
    accessibleMargin: accessibleMargin(views, risk),
    accruedFunding: views.accruedFunding,
    liquidationMargin: views.liquidationMargin,
    liquidationFee: views.liquidationFee,
    liquidationPremium: views.liquidationPremium,
    approxLiquidationPrice: approxLiquidationPrice(position, views),
  };
}

const DOLLAR = { min: 1n, max: 1n };

function closedAssessment(index: IndexPrice): SynthetixV2Assessment {
  return {
    ...NOTHING_OPEN,
    indexPrice: index.range,
    collateralPrice: DOLLAR,
    remainingMargin: 0n,
    accessibleMargin: 0n,
    accruedFunding: 0n,
    liquidationMargin: 0n,
    liquidationFee: 0n,
    liquidationPremium: 0n,
    approxLiquidationPrice: 0n,
  };
}
