import { CorruptDataError } from '../../../schema/errors.ts';
import { logDistance, type MarginAssessment, ratio } from '../../assessment.ts';
import { divide, larger } from '../../fixed-point.ts';
import { flipPrice } from '../../flip-price.ts';
import {
  feedKey,
  type Parameters,
  type PriceRange,
  type Prices,
  parameterKey,
} from '../../inputs.ts';
import type { AssessmentInput } from '../../venue-rules.ts';
import type { LevelMarket } from './market-state.ts';
import type { LevelPosition } from './position-state.ts';

export const VENUE = 'level';
/** Ratios and borrow indexes: 1e10 = 1 (PoolStorage.PRECISION). */
export const PRECISION = 10n ** 10n;

/** Beside the venue-neutral numbers, the two requirements whose larger one decides. */
export interface LevelAssessment extends MarginAssessment {
  /** size × maintenanceMargin, rounded up: E below it is E × 1e10 < size × maintenanceMargin. */
  readonly ratioRequirementUsd: bigint;
  /** Position fee, borrowing and liquidation fee: the collateral must cover them. */
  readonly feeRequirementUsd: bigint;
  readonly liquidationFeeUsd: bigint;
  /**
   * The index of the collateral token that borrowing was counted to: the last one accrued on chain.
   * The pool accrues before it liquidates; what it will add by then needs its reserves, which no log
   * of the positions gives, so between two accruals this is a lower bound of the fee.
   */
  readonly borrowIndex: bigint;
}

interface Requirement {
  readonly ratioUsd: bigint;
  readonly borrowFeeUsd: bigint;
  readonly positionFeeUsd: bigint;
  readonly liquidationFeeUsd: bigint;
  readonly feesUsd: bigint;
  readonly borrowIndex: bigint;
}

/**
 * Pool.sol `_liquidatePositionAllowed`: liquidatable when collateral + pnl is below the maintenance
 * margin, or below the fees of closing plus the liquidation fee; both strictly. Fees are part of the
 * requirement, not of the equity.
 * @throws CorruptDataError naming the price, parameter or entry price that is not known.
 */
export function assess(input: AssessmentInput<LevelPosition, LevelMarket>): LevelAssessment {
  const { position } = input;
  const indexPrice = priceOf(input.prices, position.market);
  // _getPrice(index, side, isIncrease = false): the minimum for a long, the maximum for a short.
  const price = position.isLong ? indexPrice.min : indexPrice.max;
  if (position.size > 0n && position.entryPrice <= 0n) throw noEntryPrice(position);
  const needed = requirementOf(position, input.market, input.parameters);
  const pnl = pnlAt(position, price);
  const equityUsd = position.collateralValue + pnl;
  const maintenanceMarginUsd = larger(needed.ratioUsd, needed.feesUsd);
  const isLiquidatable = position.size > 0n && equityUsd < maintenanceMarginUsd;
  const flip = liquidationPrice(position, maintenanceMarginUsd, price);
  return {
    equityUsd,
    maintenanceMarginUsd,
    notionalUsd: position.size,
    collateralUsd: position.collateralValue,
    marginRatio: ratio(equityUsd, position.size),
    healthFactor: ratio(equityUsd, maintenanceMarginUsd),
    isLiquidatable,
    liquidationReason: isLiquidatable ? reasonOf(equityUsd, needed) : '',
    liquidationPrice: flip,
    distance: logDistance(position.isLong, price, flip),
    unrealizedPnlUsd: pnl,
    uncappedPnlUsd: pnl,
    priceImpactUsd: 0n,
    borrowFeeUsd: needed.borrowFeeUsd,
    fundingUsd: 0n,
    positionFeeUsd: needed.positionFeeUsd,
    totalCostUsd: 0n,
    indexPrice,
    collateralPrice: { min: 1n, max: 1n },
    ratioRequirementUsd: needed.ratioUsd,
    feeRequirementUsd: needed.feesUsd,
    liquidationFeeUsd: needed.liquidationFeeUsd,
    borrowIndex: needed.borrowIndex,
  };
}

function noEntryPrice({ positionKey }: LevelPosition): CorruptDataError {
  return new CorruptDataError('The entry price of a position is not known.', {
    facts: { venue: VENUE, position: positionKey },
    remedy: 'Index from before the position was opened.',
  });
}

function reasonOf(equityUsd: bigint, needed: Requirement): string {
  return equityUsd < needed.ratioUsd ? 'maintenance margin' : 'fees';
}

/** PositionUtils.calcPnl: |Δprice| × size ÷ entry, the magnitude rounded down. */
export function pnlAt(position: LevelPosition, price: bigint): bigint {
  const { size, entryPrice, isLong } = position;
  if (size === 0n) return 0n;
  const move = isLong ? price - entryPrice : entryPrice - price;
  return divide(move * size, entryPrice, 'down');
}

/** Pool._calcPositionFee of closing the whole size, and the two thresholds. */
function requirementOf(
  position: LevelPosition,
  market: LevelMarket,
  parameters: Parameters,
): Requirement {
  const { size } = position;
  const accrued = market.borrowIndex[position.collateralToken] ?? position.borrowIndex;
  const borrowIndex = larger(accrued, position.borrowIndex); // it never falls
  const borrowFeeUsd = ((borrowIndex - position.borrowIndex) * size) / PRECISION;
  const positionFeeUsd = (size * parameterOf(parameters, 'positionFee')) / PRECISION;
  const liquidationFeeUsd = parameterOf(parameters, 'liquidationFee');
  const ratioUsd = divide(size * parameterOf(parameters, 'maintenanceMargin'), PRECISION, 'up');
  const feesUsd = borrowFeeUsd + positionFeeUsd + liquidationFeeUsd;
  return { ratioUsd, borrowFeeUsd, positionFeeUsd, liquidationFeeUsd, feesUsd, borrowIndex };
}

/**
 * The requirement does not depend on the price, so P* = entry × (1 ± (requirement − collateral) ÷ size),
 * put to the unit by asking the test. Null where no price liquidates (collateral above size), or no size.
 */
function liquidationPrice(position: LevelPosition, required: bigint, today: bigint): bigint | null {
  const { size, entryPrice, collateralValue, isLong } = position;
  if (size === 0n) return null;
  const move = divide(entryPrice * (required - collateralValue), size, 'down');
  return flipPrice({
    start: isLong ? entryPrice + move : entryPrice - move,
    today,
    towardSafety: isLong ? 1n : -1n,
    isLiquidatable: (price) => collateralValue + pnlAt(position, price) < required,
  });
}

function parameterOf(parameters: Parameters, name: string): bigint {
  const value = parameters.get(parameterKey('', name));
  if (value !== undefined) return value;
  throw new CorruptDataError('A risk parameter is not known.', {
    facts: { venue: VENUE, parameter: name },
    remedy:
      'Index from the deployment of the pool, or add it to initialParameters of the manifest.',
  });
}

function priceOf(prices: Prices, token: string): PriceRange {
  const price = prices.get(feedKey(VENUE, token));
  if (price !== undefined && price.min > 0n && price.max > 0n) return price;
  throw new CorruptDataError('A price is not known.', {
    facts: { venue: VENUE, token },
    remedy: 'Ask for a block after the first price posted for this token.',
  });
}
