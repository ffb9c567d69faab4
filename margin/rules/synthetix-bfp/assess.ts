import { logDistance, type MarginAssessment, ratio } from '../../assessment.ts';
import { flipPrice } from '../../flip-price.ts';
import { feedKey, type Parameters, parameterKey } from '../../inputs.ts';
import type { AssessmentInput } from '../../venue-rules.ts';
import { UNIT, usdOf } from '../synthetix-v2/decimal.ts';
import { type Health, type HealthInputs, healthAt, healthInputs, requiredPrice } from './health.ts';
import { unknown } from './keeper-fees.ts';
import type { BfpMarket, PriceFeed } from './market-state.ts';
import type { BfpPosition } from './position-state.ts';

/** Beside the venue-neutral numbers, the parts of the requirement. */
export interface BfpAssessment extends MarginAssessment {
  readonly initialMarginUsd: bigint;
  readonly flagRewardUsd: bigint;
  readonly liquidationFeeUsd: bigint;
  /** Without the discount that the liquidation test takes off collateral other than USD. */
  readonly undiscountedCollateralUsd: bigint;
  readonly debtUsd: bigint;
}

/**
 * Position.isLiquidatable: discounted collateral + pnl + funding − utilization − debt against the
 * maintenance margin. A flagged position has no margin left and awaits its liquidation.
 * @throws CorruptDataError naming the margin, setting, accumulator or price that is not known.
 */
export function assess(input: AssessmentInput<BfpPosition, BfpMarket>): BfpAssessment {
  const { position, market, parameters, prices } = input;
  refuseOutdated(parameters, market.market);
  const { indexFeed } = market;
  if (indexFeed === null) throw unknown('the price feed of a market', market.market);
  const inputs = healthInputs(position, market, parameters, prices, input.timestamp);
  const now = healthAt(inputs, requiredPrice(prices, indexFeed, market.market));
  const feedPrice = prices.get(feedKey('pyth', indexFeed.token))?.min ?? 0n;
  const isFlagged = market.flagged[position.accountId] === true;
  const flip = isFlagged ? null : liquidationPrice(inputs, indexFeed, feedPrice, now);
  const isLiquidatable = isFlagged || now.isLiquidatable;
  const usdMargin = inputs.netUsd + inputs.debt;
  return {
    equityUsd: usdOf(now.marginUsd),
    maintenanceMarginUsd: usdOf(now.maintenanceUsd),
    notionalUsd: usdOf(now.notionalUsd),
    collateralUsd: usdOf(inputs.discountedCollateralUsd + usdMargin),
    marginRatio: ratio(now.marginUsd, now.notionalUsd),
    healthFactor: ratio(now.marginUsd, now.maintenanceUsd),
    isLiquidatable,
    liquidationReason: isFlagged ? 'flagged' : isLiquidatable ? 'health factor' : '',
    liquidationPrice: flip,
    distance: logDistance(position.size > 0n, feedPrice, flip),
    unrealizedPnlUsd: usdOf(now.pnlUsd),
    uncappedPnlUsd: usdOf(now.pnlUsd),
    priceImpactUsd: 0n,
    borrowFeeUsd: usdOf(now.utilizationUsd),
    fundingUsd: usdOf(-now.fundingUsd),
    positionFeeUsd: 0n, // the test counts none
    totalCostUsd: usdOf(now.utilizationUsd - now.fundingUsd + inputs.debt),
    indexPrice: { min: feedPrice, max: feedPrice },
    collateralPrice: { min: 1n, max: 1n },
    initialMarginUsd: usdOf(now.initialUsd),
    flagRewardUsd: usdOf(now.flagRewardUsd),
    liquidationFeeUsd: usdOf(now.liquidationFeeUsd),
    undiscountedCollateralUsd: usdOf(inputs.collateralUsd + usdMargin),
    debtUsd: usdOf(inputs.debt),
  };
}

/** A log says that settings have changed and not to what: settings known from before it are worth nothing. */
function refuseOutdated(parameters: Parameters, market: string): void {
  const asOf = parameters.get(parameterKey('', 'settingsAsOfBlock')) ?? 0n;
  for (const scope of ['', market]) {
    const changed = parameters.get(parameterKey(scope, 'configuredAtBlock'));
    if (changed !== undefined && changed > asOf) {
      throw unknown(`the settings made in block ${changed}`, scope || 'the venue');
    }
  }
}

/**
 * Margin and requirement are nearly straight lines in the price: a step along them, then the unit by
 * asking the test. In the index feed's own decimals. Collateral other than USD stays where it is.
 */
function liquidationPrice(
  inputs: HealthInputs,
  feed: PriceFeed,
  today: bigint,
  now: Health,
): bigint | null {
  const { size } = inputs.position;
  if (size === 0n || feed.decimals > 18) return null;
  const unit = 10n ** BigInt(18 - feed.decimals);
  const absSize = size < 0n ? -size : size;
  const slope = size * UNIT - absSize * inputs.maintenanceRatio; // USD 1e36 per 1e-18 of price
  if (size > 0n ? slope <= 0n : slope >= 0n) return null;
  const gap = (now.maintenanceUsd - now.marginUsd) * UNIT * UNIT;
  return flipPrice({
    start: today + gap / slope / unit,
    today,
    towardSafety: size > 0n ? 1n : -1n,
    isLiquidatable: (price) => healthAt(inputs, price * unit).isLiquidatable,
  });
}
