import { CorruptDataError } from '../../../schema/errors.ts';
import { absolute, larger, smaller } from '../../fixed-point.ts';
import type { Parameters } from '../../inputs.ts';
import { divideDecimal, multiplyDecimal, UNIT } from './decimal.ts';
import { type FundingNow, unrecordedFunding } from './funding.ts';
import type { SynthetixV2Position } from './position-state.ts';
import { divisorParameter, parameter } from './venue-inputs.ts';

/** The parameters that the views of a position read, 1e18 = 1 or 1 sUSD. */
export interface RiskParameters {
  readonly skewScale: bigint;
  readonly liquidationPremiumMultiplier: bigint;
  readonly liquidationBufferRatio: bigint;
  readonly maxLeverage: bigint;
  readonly minInitialMargin: bigint;
  readonly liquidationFeeRatio: bigint;
  readonly minKeeperFee: bigint;
  readonly maxKeeperFee: bigint;
  readonly keeperLiquidationFee: bigint;
}

/** @throws CorruptDataError naming the parameter that is not known. */
export function riskParameters(parameters: Parameters, market: string): RiskParameters {
  const read = (scope: string, name: string) => parameter(parameters, scope, name);
  return {
    skewScale: divisorParameter(parameters, market, 'skewScale'),
    liquidationPremiumMultiplier: read(market, 'liquidationPremiumMultiplier'),
    liquidationBufferRatio: read(market, 'liquidationBufferRatio'),
    maxLeverage: divisorParameter(parameters, market, 'maxLeverage'),
    minInitialMargin: read('', 'minInitialMargin'),
    liquidationFeeRatio: read('', 'liquidationFeeRatio'),
    minKeeperFee: read('', 'minKeeperFee'),
    maxKeeperFee: read('', 'maxKeeperFee'),
    keeperLiquidationFee: read('', 'keeperLiquidationFee'),
  };
}

/** Everything the test reads but the price. */
export interface LiquidationInputs {
  readonly position: SynthetixV2Position;
  readonly funding: FundingNow;
  readonly risk: RiskParameters;
}

/** The contract's views of one position at one price, sUSD with 18 decimals. */
export interface PositionViews {
  /** Signed. */
  readonly notionalValue: bigint;
  readonly profitLoss: bigint;
  /** Negative: the position pays. */
  readonly accruedFunding: bigint;
  /** Per unit of size, since the position's last change. */
  readonly netFundingPerUnit: bigint;
  readonly liquidationPremium: bigint;
  /** For the flagger, at this price. */
  readonly liquidationFee: bigint;
  readonly liquidationMargin: bigint;
  /** Margin with profit and funding, not floored at 0. */
  readonly signedMargin: bigint;
  readonly canLiquidate: boolean;
}

/**
 * PerpsV2MarketBase._marginPlusProfitFunding, _liquidationPremium, _liquidationFee,
 * _liquidationMargin and _canLiquidate. That the contract floors the margin at 0 before it compares
 * changes nothing: the requirement is never negative.
 * @throws CorruptDataError when the funding entry that the position was stored with was not seen.
 */
export function positionViews(inputs: LiquidationInputs, price: bigint): PositionViews {
  const { position, risk } = inputs;
  const { size, margin, lastPrice } = position;
  const notionalValue = multiplyDecimal(size, price);
  const profitLoss = multiplyDecimal(size, price - lastPrice);
  const netFundingPerUnit = netFunding(inputs, price);
  const accruedFunding = multiplyDecimal(size, netFundingPerUnit);
  const signedMargin = margin + profitLoss + accruedFunding;
  const liquidationPremium = multiplyDecimal(
    multiplyDecimal(divideDecimal(absolute(size), risk.skewScale), absolute(notionalValue)),
    risk.liquidationPremiumMultiplier,
  );
  const notional = multiplyDecimal(absolute(size), price);
  const liquidationFee = larger(
    smaller(multiplyDecimal(notional, risk.liquidationFeeRatio), risk.maxKeeperFee),
    risk.minKeeperFee,
  );
  const buffer = multiplyDecimal(notional, risk.liquidationBufferRatio);
  const liquidationMargin = buffer + liquidationFee + risk.keeperLiquidationFee;
  return {
    notionalValue,
    profitLoss,
    accruedFunding,
    netFundingPerUnit,
    liquidationPremium,
    liquidationFee,
    liquidationMargin,
    signedMargin,
    canLiquidate: size !== 0n && signedMargin - liquidationPremium <= liquidationMargin,
  };
}

/** PerpsV2MarketBase._netFundingPerUnit; 0 for the index of a position that never was. */
function netFunding({ position, funding }: LiquidationInputs, price: bigint): bigint {
  if (position.fundingIndex === 0n) return 0n;
  if (position.fundingEntry === null) {
    throw new CorruptDataError('The funding that a position was stored with is not known.', {
      facts: { position: position.positionKey, fundingIndex: position.fundingIndex.toString() },
      remedy: 'Index from a block before the last change of the position.',
    });
  }
  return funding.entry + unrecordedFunding(funding, price) - position.fundingEntry;
}

/** PerpsV2MarketBase._accessibleMargin: what could be withdrawn at this price. */
export function accessibleMargin(
  { notionalValue, signedMargin }: PositionViews,
  risk: RiskParameters,
): bigint {
  const milli = UNIT / 1000n;
  let inaccessible = absolute(divideDecimal(notionalValue, risk.maxLeverage - milli));
  if (inaccessible > 0n) inaccessible = larger(inaccessible, risk.minInitialMargin) + milli;
  return larger(larger(signedMargin, 0n) - inaccessible, 0n);
}

/**
 * PerpsV2MarketViews._approxLiquidationPrice: the contract's own answer, which takes requirement and
 * premium at today's price; 0 where it would be negative.
 */
export function approxLiquidationPrice(
  { size, margin, lastPrice }: SynthetixV2Position,
  { liquidationMargin, liquidationPremium, netFundingPerUnit }: PositionViews,
): bigint {
  if (size === 0n) return 0n;
  const distance = divideDecimal(liquidationMargin - (margin - liquidationPremium), size);
  return larger(lastPrice + distance - netFundingPerUnit, 0n);
}
