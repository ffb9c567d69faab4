import { logDistance, type MarginAssessment, NOTHING_OPEN, ratio } from '../../assessment.ts';
import { larger } from '../../fixed-point.ts';
import { feedKey } from '../../inputs.ts';
import type { AssessmentInput } from '../../venue-rules.ts';
import { closingFee, fixedSpreadOf } from './fees.ts';
import { type HoldingFees, holdingFees } from './holding-fees.ts';
import {
  closingSpreadP,
  isLiquidatableAt,
  type LiquidationTerms,
  liquidationPriceOf,
  thresholdP,
} from './liquidation.ts';
import type { CollateralMarket, GtradeMarket } from './market-state.ts';
import { type GtradePosition, type LiquidationParams, V9_2, V10 } from './position-state.ts';
import { known, parameter, priceOf, VENUE } from './venue-inputs.ts';

/** Beside the venue-neutral numbers, those that the contract counts in collateral base units. */
export interface GtradeAssessment extends MarginAssessment {
  readonly closingFeeRaw: bigint;
  readonly borrowingFeeV1Raw: bigint;
  readonly borrowingFeeV2Raw: bigint;
  readonly fundingFeeRaw: bigint;
  /** Realized pnl less realized trading fees of an open trade (v10): lowers the costs. */
  readonly realizedRaw: bigint;
  /** Share of the collateral that may be lost, 1e10 percent. */
  readonly thresholdP: bigint;
  readonly closingSpreadP: bigint;
  /** TradingCommonUtils.getPnlPercent: 1e10 percent, rounded toward 0, not below −100 %. */
  readonly pnlPercent: bigint;
}

type Input = AssessmentInput<GtradePosition, GtradeMarket>;
const PERCENT_ONE = 10n ** 12n;
const LEVERAGE_ONE = 1_000n;

/** What is asked of a trade that is not open. */
interface Facts {
  readonly key: string;
  readonly leverage: bigint;
  readonly openPrice: bigint;
  readonly version: bigint;
  readonly size: bigint;
  readonly price: bigint;
  /** 1e8. */
  readonly collateralPriceUsd: bigint;
  /** USD 1e30 per base unit. */
  readonly unit: bigint;
  readonly precisionDelta: bigint;
}

function factsOf({ position, prices }: Input): Facts {
  const key = position.positionKey;
  // No contract stores a leverage or price of 0: they stand for what is not known, and divide.
  const leverage = known(position.leverage || null, 'leverage', key);
  const decimals = decimalsOf(position);
  const index = priceOf(prices, position.market);
  const collateralPriceUsd = priceOf(prices, position.collateralToken).min;
  return {
    key,
    leverage,
    openPrice: known(position.openPrice || null, 'openPrice', key),
    version: known(position.contractsVersion, 'contractsVersion', key),
    size: (position.collateralAmount * leverage) / LEVERAGE_ONE,
    price: position.isLong ? index.min : index.max,
    collateralPriceUsd,
    unit: collateralPriceUsd * 10n ** (22n - decimals),
    precisionDelta: 10n ** larger(18n - decimals, 0n),
  };
}

/** At most 22, so that a price with 8 decimals is a whole number of USD 1e30 per base unit. */
function decimalsOf({ collateralDecimals, positionKey }: GtradePosition): bigint {
  const isUsable = collateralDecimals !== null && collateralDecimals <= 22n;
  return known(isUsable ? collateralDecimals : null, 'collateral decimals', positionKey);
}

/** @throws CorruptDataError naming the price, parameter or stored value that is not known. */
export function assess(input: Input): GtradeAssessment {
  const { position, market, parameters } = input;
  if (position.collateralAmount === 0n) return closed(input);
  const facts = factsOf(input);
  const collateralIndex = known(position.collateralIndex, 'collateralIndex', facts.key).toString();
  const holding = holdingFees({
    position,
    market: market.byCollateral[collateralIndex] ?? untold(position),
    pair: position.market,
    collateralIndex,
    parameters,
    price: facts.price,
    block: input.block === undefined ? null : BigInt(input.block),
    timestamp: input.timestamp,
    size: facts.size,
  });
  const closing = closingFee({ position, parameters, ...facts });
  const realized = realizedOf(position, facts);
  const params = paramsOf(input);
  const terms: LiquidationTerms = {
    isLong: position.isLong,
    openPrice: facts.openPrice,
    collateralAmount: position.collateralAmount,
    leverage: facts.leverage,
    precisionDelta: facts.precisionDelta,
    thresholdP: thresholdP(params, facts.leverage),
    closingSpreadP: spreadOf(input, facts, params),
    fees: closing + holding.borrowingV1 + holding.borrowingV2 + holding.funding - realized,
  };
  return judge(input, facts, terms, { closing, holding, realized });
}

/** The trade's own, else those its group has now (after a partial increase took the group's over). */
function paramsOf({ position, parameters }: Input): LiquidationParams {
  if (position.liquidationParams !== null) return position.liquidationParams;
  const group = parameter(parameters, position.market, 'groupIndex');
  const value = (name: string) => parameter(parameters, '', `liquidationGroup.${group}.${name}`);
  return {
    maxLiqSpreadP: value('maxLiqSpreadP'),
    startLiqThresholdP: value('startLiqThresholdP'),
    endLiqThresholdP: value('endLiqThresholdP'),
    startLeverage: value('startLeverage'),
    endLeverage: value('endLeverage'),
  };
}

function spreadOf({ position, parameters }: Input, { version }: Facts, params: LiquidationParams) {
  if (version < BigInt(V9_2)) return 0n;
  const fixed = fixedSpreadOf(position, parameters);
  if (params.maxLiqSpreadP === 0n && fixed === 0n) return 0n;
  return closingSpreadP(params, parameter(parameters, position.market, 'spreadP'), fixed);
}

function realizedOf(position: GtradePosition, { version, key }: Facts): bigint {
  if (version < BigInt(V10)) return 0n;
  const pnl = known(position.realizedPnlCollateral, 'realizedPnlCollateral', key);
  const fees = known(position.realizedTradingFeesCollateral, 'realizedTradingFeesCollateral', key);
  return pnl - fees;
}

interface Costs {
  readonly closing: bigint;
  readonly holding: HoldingFees;
  readonly realized: bigint;
}

/**
 * Equity and requirement in USD are exact to 1e-30 (the contract's percentages are not): the predicate
 * is the contract's own comparison of prices, at fees as they are at the present price. The cap of
 * gains is not applied: no event states it, and a trade near its liquidation has none.
 */
function judge(
  { position, prices }: Input,
  facts: Facts,
  terms: LiquidationTerms,
  { closing, holding, realized }: Costs,
): GtradeAssessment {
  const { isLong, collateralAmount } = position;
  const { price, unit, openPrice, leverage } = facts;
  const liquidationPrice = liquidationPriceOf(terms);
  const collateralUsd = collateralAmount * unit;
  const move = isLong ? price - openPrice : openPrice - price;
  const uncappedPnlUsd = (collateralUsd * leverage * move) / (openPrice * LEVERAGE_ONE);
  const unrealizedPnlUsd = larger(uncappedPnlUsd, -collateralUsd);
  const priceImpactUsd = -(
    (collateralUsd * leverage * terms.closingSpreadP) /
    (LEVERAGE_ONE * PERCENT_ONE)
  );
  const totalCostUsd = terms.fees * unit;
  const equityUsd = collateralUsd + unrealizedPnlUsd + priceImpactUsd - totalCostUsd;
  const maintenanceMarginUsd = collateralUsd - (collateralUsd * terms.thresholdP) / PERCENT_ONE;
  const isLiquidatable = isLiquidatableAt(isLong, price, liquidationPrice);
  const flip = liquidationPrice === 0n ? null : liquidationPrice;
  return {
    equityUsd,
    maintenanceMarginUsd,
    notionalUsd: facts.size * unit,
    collateralUsd,
    marginRatio: ratio(equityUsd, facts.size * unit),
    healthFactor: ratio(equityUsd, maintenanceMarginUsd),
    isLiquidatable,
    liquidationReason: isLiquidatable ? 'LIQ_CLOSE' : '',
    liquidationPrice: flip,
    distance: logDistance(isLong, price, flip),
    unrealizedPnlUsd,
    uncappedPnlUsd,
    priceImpactUsd,
    borrowFeeUsd: (holding.borrowingV1 + holding.borrowingV2) * unit,
    fundingUsd: holding.funding * unit,
    positionFeeUsd: closing * unit,
    totalCostUsd,
    indexPrice: priceOf(prices, position.market),
    collateralPrice: { min: unit, max: unit },
    closingFeeRaw: closing,
    borrowingFeeV1Raw: holding.borrowingV1,
    borrowingFeeV2Raw: holding.borrowingV2,
    fundingFeeRaw: holding.funding,
    realizedRaw: realized,
    thresholdP: terms.thresholdP,
    closingSpreadP: terms.closingSpreadP,
    pnlPercent: larger((move * PERCENT_ONE * leverage) / openPrice / LEVERAGE_ONE, -PERCENT_ONE),
  };
}

function untold({ collateralToken }: GtradePosition): CollateralMarket {
  return { token: collateralToken, borrowing: null, groups: [], funding: null, borrowingV2: null };
}

/** A position without collateral: nothing to lose and nothing to test. */
function closed({ position, prices }: Input): GtradeAssessment {
  const zero = { min: 0n, max: 0n };
  return {
    ...NOTHING_OPEN,
    indexPrice: prices.get(feedKey(VENUE, position.market)) ?? zero,
    collateralPrice: zero,
    closingFeeRaw: 0n,
    borrowingFeeV1Raw: 0n,
    borrowingFeeV2Raw: 0n,
    fundingFeeRaw: 0n,
    realizedRaw: 0n,
    thresholdP: 0n,
    closingSpreadP: 0n,
    pnlPercent: 0n,
  };
}
