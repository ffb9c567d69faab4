import { type MarginAssessment, ratio } from '../../margin/assessment.ts';
import type { PriceRange } from '../../margin/inputs.ts';
import { formatFixed, pricePerWhole, USD_DECIMALS } from '../../schema/units.ts';
import type { Decimal, MarginPoint, PriceRangeAnswer } from './answers.ts';
import type { ListedToken } from './market-listings.ts';
import { isoTime } from './provenance.ts';

export interface PointPlace {
  readonly block: number;
  /** Unix seconds up to which costs accrue. */
  readonly timestamp: number;
  readonly cause: string;
  readonly sizeUsd: bigint;
  readonly collateralRaw: bigint;
  readonly indexToken: ListedToken;
  readonly collateralToken: ListedToken;
}

/** USD 1e30 → exact decimal text. */
export function usdText(value: bigint): Decimal {
  return formatFixed(value, USD_DECIMALS);
}

/** A price with so many decimals → USD per whole unit; null while nobody states the decimals. */
export function priceText(price: bigint, priceDecimals: number | null): Decimal | null {
  return priceDecimals === null ? null : usdText(pricePerWhole(price, priceDecimals));
}

/** Index prices: they have the decimals that the token's listing states. */
export function priceRangeAnswer(range: PriceRange, token: ListedToken): PriceRangeAnswer {
  return {
    token,
    minPriceUsd: priceText(range.min, token.priceDecimals),
    maxPriceUsd: priceText(range.max, token.priceDecimals),
  };
}

/** Collateral prices: USD 1e30 per collateral unit, whatever the venue. */
export function collateralPriceAnswer(range: PriceRange, token: ListedToken): PriceRangeAnswer {
  const priceDecimals = token.decimals === null ? null : USD_DECIMALS - token.decimals;
  return priceRangeAnswer(range, { ...token, priceDecimals });
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
    collateralRatio: ratio(assessment.collateralUsd, assessment.notionalUsd),
    equityUsd: usdText(assessment.equityUsd),
    maintenanceMarginUsd: usdText(assessment.maintenanceMarginUsd),
    notionalUsd: usdText(assessment.notionalUsd),
    marginRatio: assessment.marginRatio,
    healthFactor: assessment.healthFactor,
    liquidationPrice:
      liquidationPrice === null ? null : priceText(liquidationPrice, indexToken.priceDecimals),
    distance: assessment.distance,
    isLiquidatable: assessment.isLiquidatable,
    liquidationReason: assessment.liquidationReason,
    unrealizedPnlUsd: usdText(assessment.unrealizedPnlUsd),
    fundingUsd: usdText(assessment.fundingUsd),
    borrowFeeUsd: usdText(assessment.borrowFeeUsd),
    positionFeeUsd: usdText(assessment.positionFeeUsd),
    priceImpactUsd: usdText(assessment.priceImpactUsd),
    indexPrice: priceRangeAnswer(assessment.indexPrice, indexToken),
    collateralPrice: collateralPriceAnswer(assessment.collateralPrice, collateralToken),
  };
}
