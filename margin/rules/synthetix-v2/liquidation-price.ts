import { absolute } from '../../fixed-point.ts';
import { flipPrice } from '../../flip-price.ts';
import { divideDecimal, multiplyDecimal, UNIT } from './decimal.ts';
import { type LiquidationInputs, positionViews } from './liquidation.ts';
import type { IndexPrice } from './venue-inputs.ts';

/**
 * The price, as an integer of the index feed, at which the contract's own test flips at this second:
 * the prices that the contract can see are exactly those integers times `unit`. Unrecorded funding
 * moves with the price, as in the test; everything else is frozen.
 * @returns null where no price liquidates (a long whose margin outlasts a price of 0).
 */
export function liquidationPrice(
  inputs: LiquidationInputs,
  { range, unit }: IndexPrice,
): bigint | null {
  const lines = FEES.map((fee) => lineOf(inputs, fee));
  const root = lines.find(({ price, fee }) => isInForce(inputs, price, fee)) ?? lines[0];
  if (root === undefined || root.slope === 0n) return null;
  return flipPrice({
    start: root.price / unit,
    today: range.min,
    towardSafety: root.slope > 0n ? 1n : -1n,
    isLiquidatable: (price) => positionViews(inputs, price * unit).canLiquidate,
  });
}

/** The flagger's fee is proportional, or stands at one of its bounds. */
const FEES = ['proportional', 'max', 'min'] as const;
type Fee = (typeof FEES)[number];

interface Line {
  readonly fee: Fee;
  /** Equity over requirement for a price step of one, 36 decimals. */
  readonly slope: bigint;
  /** Where the line crosses 0, 18 decimals. */
  readonly price: bigint;
}

/**
 * Equity minus requirement is a straight line in the price while the fee stays in one of its three
 * forms. Without the truncations, which `flipPrice` then puts right.
 */
function lineOf({ position, funding, risk }: LiquidationInputs, fee: Fee): Line {
  const { size, margin, lastPrice, fundingIndex, fundingEntry } = position;
  const quantity = absolute(size);
  const hasFunding = fundingIndex !== 0n && fundingEntry !== null;
  const fundingShare = hasFunding ? funding.unrecordedShare : 0n;
  const recordedFunding = hasFunding ? funding.entry - fundingEntry : 0n;
  const premium = multiplyDecimal(
    divideDecimal(quantity, risk.skewScale) * quantity,
    risk.liquidationPremiumMultiplier,
  );
  const feeRatio = fee === 'proportional' ? risk.liquidationFeeRatio : 0n;
  const slope =
    size * (UNIT + fundingShare) - premium - quantity * (risk.liquidationBufferRatio + feeRatio);
  const constant =
    (margin - risk.keeperLiquidationFee - boundOf(risk, fee)) * UNIT +
    size * (recordedFunding - lastPrice);
  return { fee, slope, price: slope === 0n ? 0n : (-constant * UNIT) / slope };
}

function boundOf(risk: LiquidationInputs['risk'], fee: Fee): bigint {
  if (fee === 'proportional') return 0n;
  return fee === 'max' ? risk.maxKeeperFee : risk.minKeeperFee;
}

function isInForce({ position, risk }: LiquidationInputs, price: bigint, fee: Fee): boolean {
  if (price <= 0n) return false;
  const notional = multiplyDecimal(absolute(position.size), price);
  const proportional = multiplyDecimal(notional, risk.liquidationFeeRatio);
  if (proportional < risk.minKeeperFee) return fee === 'min';
  return proportional > risk.maxKeeperFee ? fee === 'max' : fee === 'proportional';
}
