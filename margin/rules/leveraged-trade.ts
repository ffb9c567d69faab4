import { CorruptDataError } from '../../schema/errors.ts';
import type { MarketEvent } from '../../schema/events/market.ts';
import type { PositionEvent } from '../../schema/events/position.ts';
import { logDistance, type MarginAssessment, ratio } from '../assessment.ts';
import {
  type Feed,
  feedKey,
  type Parameters,
  type PriceRange,
  type Prices,
  parameterKey,
} from '../inputs.ts';

/**
 * What the venues of one leveraged trade per position share (collateral × leverage at one open price,
 * USDC collateral counted as a dollar): Avantis and Ostium. Amounts are USDC base units, 1e6.
 */
export const USD_PER_USDC_UNIT = 10n ** 24n;
const USDC_PRICE: PriceRange = { min: USD_PER_USDC_UNIT, max: USD_PER_USDC_UNIT };

/** An open trade judged at a price. Amounts USDC 1e6; costs positive when the trader owes them. */
export interface JudgedTrade {
  readonly isLong: boolean;
  readonly collateral: bigint;
  readonly notional: bigint;
  /** As the venue counts it, and before its cap. */
  readonly pnl: bigint;
  readonly uncappedPnl: bigint;
  readonly rolloverFee: bigint;
  readonly fundingFee: bigint;
  readonly maintenance: bigint;
  readonly isLiquidatable: boolean;
  readonly reason: string;
  readonly liquidationPrice: bigint | null;
  readonly indexPrice: PriceRange;
}

/** The judgement in USD 1e30. Neither venue counts a fee of closing, or an impact, in its test. */
export function describeTrade(trade: JudgedTrade): MarginAssessment {
  const usd = (amount: bigint) => amount * USD_PER_USDC_UNIT;
  const cost = trade.rolloverFee + trade.fundingFee;
  const equity = trade.collateral + trade.pnl - cost;
  return {
    equityUsd: usd(equity),
    maintenanceMarginUsd: usd(trade.maintenance),
    notionalUsd: usd(trade.notional),
    collateralUsd: usd(trade.collateral),
    marginRatio: ratio(equity, trade.notional),
    healthFactor: ratio(equity, trade.maintenance),
    isLiquidatable: trade.isLiquidatable,
    liquidationReason: trade.isLiquidatable ? trade.reason : '',
    liquidationPrice: trade.liquidationPrice,
    distance: logDistance(
      trade.isLong,
      worsePrice(trade.isLong, trade.indexPrice),
      trade.liquidationPrice,
    ),
    unrealizedPnlUsd: usd(trade.pnl),
    uncappedPnlUsd: usd(trade.uncappedPnl),
    priceImpactUsd: 0n,
    borrowFeeUsd: usd(trade.rolloverFee),
    fundingUsd: usd(trade.fundingFee),
    positionFeeUsd: 0n,
    totalCostUsd: usd(cost),
    indexPrice: trade.indexPrice,
    collateralPrice: USDC_PRICE,
  };
}

/** A closed trade owes and risks nothing. */
export function closedTrade(isLong: boolean, indexPrice: PriceRange): MarginAssessment {
  return describeTrade({
    isLong,
    collateral: 0n,
    notional: 0n,
    pnl: 0n,
    uncappedPnl: 0n,
    rolloverFee: 0n,
    fundingFee: 0n,
    maintenance: 0n,
    isLiquidatable: false,
    reason: '',
    liquidationPrice: null,
    indexPrice,
  });
}

/** The bound of the price that is worse for the position. */
export function worsePrice(isLong: boolean, { min, max }: PriceRange): bigint {
  return isLong ? min : max;
}

/** @throws CorruptDataError naming the feed when it has no price, or none above 0. */
export function priceOf(prices: Prices, feed: Feed): PriceRange {
  const price = prices.get(feedKey(feed.venue, feed.token));
  if (price === undefined || price.min <= 0n || price.max <= 0n) {
    throw new CorruptDataError('A price is not known.', {
      facts: { venue: feed.venue, pair: feed.token },
      remedy: 'Ask for a block after the first price of this pair.',
    });
  }
  return price;
}

/** @throws CorruptDataError naming the parameter when no value is known. */
export function requiredParameter(parameters: Parameters, market: string, name: string): bigint {
  const value = parameters.get(parameterKey(market, name));
  if (value === undefined) throw unknown(name, market || 'all pairs');
  return value;
}

/** @throws CorruptDataError naming what no log has stated. */
export function known(value: bigint | null, name: string, of: string): bigint {
  if (value === null) throw unknown(name, of);
  return value;
}

/**
 * A value that the arithmetic divides by. No contract stores 0 there: it stands for what is not known.
 * @throws CorruptDataError naming it when it is not above 0.
 */
export function positive(value: bigint, name: string, of: string): bigint {
  if (value <= 0n) throw unknown(name, of);
  return value;
}

function unknown(name: string, of: string): CorruptDataError {
  return new CorruptDataError('A value that the margin rules need is not known.', {
    facts: { value: name, of },
    remedy:
      'Index from before the trade was opened, or state it in initialParameters of the manifest.',
  });
}

/** Integer that a log carried under `name`, or null. */
export function integerDetail(event: PositionEvent | MarketEvent, name: string): bigint | null {
  const text = event.details[name];
  return typeof text === 'string' && /^-?\d+$/.test(text) ? BigInt(text) : null;
}
