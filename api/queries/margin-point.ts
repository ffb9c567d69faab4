import type { MarginAssessment } from '../../margin/assessment.ts';
import type { PriceRange } from '../../margin/inputs.ts';
import { formatFixed, pricePerToken, USD_DECIMALS } from '../../schema/units.ts';
import type { Decimal, MarginPoint, PriceRangeAnswer, Token } from './answers.ts';
import { isoTime } from './provenance.ts';

export interface PointPlace {
  readonly block: number;
  /** Unix seconds up to which costs accrue. */
  readonly timestamp: number;
  readonly cause: string;
  readonly sizeUsd: bigint;
  readonly collateralRaw: bigint;
  readonly indexToken: Token;
  readonly collateralToken: Token;
}

/** USD 1e30 → exact decimal text. */
export function usdText(value: bigint): Decimal {
  return formatFixed(value, USD_DECIMALS);
}

/** USD 1e30 per base unit → USD per whole token; null while the decimals are unknown. */
export function tokenPriceText(pricePerUnit: bigint, token: Token): Decimal | null {
  return token.decimals === null ? null : usdText(pricePerToken(pricePerUnit, token.decimals));
}

export function priceRangeAnswer(range: PriceRange, token: Token): PriceRangeAnswer {
  return {
    token,
    minPriceUsd: tokenPriceText(range.min, token),
    maxPriceUsd: tokenPriceText(range.max, token),
  };
}

/** A judgement in the words of the API. */
export function toMarginPoint(place: PointPlace, assessment: MarginAssessment): MarginPoint {
  const { indexToken, collateralToken } = place;
  const { liquidationPrice } = assessment;
  return {
    blockNumber: place.block,
    timestamp: isoTime(place.timestamp),
    cause: place.cause,
    sizeUsd: usdText(place.sizeUsd),
    collateralRaw: place.collateralRaw.toString(),
    collateralUsd: usdText(assessment.collateralUsd),
    equityUsd: usdText(assessment.equityUsd),
    maintenanceMarginUsd: usdText(assessment.maintenanceMarginUsd),
    notionalUsd: usdText(assessment.notionalUsd),
    marginRatio: assessment.marginRatio,
    healthFactor: assessment.healthFactor,
    liquidationPrice:
      liquidationPrice === null ? null : tokenPriceText(liquidationPrice, indexToken),
    distance: assessment.distance,
    isLiquidatable: assessment.isLiquidatable,
    liquidationReason: assessment.liquidationReason,
    unrealizedPnlUsd: usdText(assessment.unrealizedPnlUsd),
    fundingUsd: usdText(assessment.fundingUsd),
    borrowFeeUsd: usdText(assessment.borrowFeeUsd),
    positionFeeUsd: usdText(assessment.positionFeeUsd),
    priceImpactUsd: usdText(assessment.priceImpactUsd),
    indexPrice: priceRangeAnswer(assessment.indexPrice, indexToken),
    collateralPrice: priceRangeAnswer(assessment.collateralPrice, collateralToken),
  };
}
