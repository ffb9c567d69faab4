import { absolute, smaller } from '../../fixed-point.ts';
import type { Parameters } from '../../inputs.ts';
import { type BorrowingInputs, borrowingFeeV1 } from './borrowing.ts';
import type { PairBorrowingV2, PairFunding } from './market-state.ts';
import { V10 } from './position-state.ts';
import { known, parameterSinceV10 } from './venue-inputs.ts';

/**
 * What a trade owes for being open: borrowing v1 in every version, and from v10 on funding and borrowing
 * v2, whose accumulators are percent (1e20) per unit of price.
 * Facts: GainsNetwork-org/sdk src/trade/fees/{fundingFees,borrowingV2,trading}. The contract's own source
 * is not public: each division here rounds toward 0.
 */
export interface HoldingFees {
  readonly borrowingV1: bigint;
  readonly borrowingV2: bigint;
  /** Positive when the trade pays. */
  readonly funding: bigint;
}

export interface HoldingInputs extends BorrowingInputs {
  /** Unix seconds. */
  readonly timestamp: number;
  /** Position size, collateral base units. */
  readonly size: bigint;
}

const YEAR = 31_536_000n;
/** The smaller side earns at most this many times the rate. */
const APR_MULTIPLIER_CAP = 100n;
const SHARE = 10n ** 18n;
/** accumulated 1e20 percent per 1e10 of price: fee = size × accumulated ÷ (openPrice × 1e12). */
const FEE_DIVISOR = 10n ** 12n;

export function holdingFees(inputs: HoldingInputs): HoldingFees {
  const { position } = inputs;
  const version = known(position.contractsVersion, 'contractsVersion', position.positionKey);
  const borrowingV1 = borrowingFeeV1(inputs);
  if (version < BigInt(V10)) return { borrowingV1, borrowingV2: 0n, funding: 0n };
  return { borrowingV1, borrowingV2: borrowingV2Of(inputs), funding: fundingOf(inputs) };
}

function feeOf({ size, position }: HoldingInputs, accumulated: bigint): bigint {
  const openPrice = known(position.openPrice, 'openPrice', position.positionKey);
  return (size * accumulated) / (openPrice * FEE_DIVISOR);
}

function borrowingV2Of(inputs: HoldingInputs): bigint {
  const { market, position, parameters, pair, collateralIndex } = inputs;
  const name = `borrowingRatePerSecondP.${collateralIndex}`;
  const rate = parameterSinceV10(parameters, pair, name);
  if (market.borrowingV2 === null && rate === 0n) return 0n; // never set for the pair
  const state = known(market.borrowingV2, 'borrowing fees of v10', pair);
  const now = accruedBorrowingV2(state, rate, inputs.price, inputs.timestamp);
  const initial = known(
    position.initialAccBorrowingFeeP,
    'initialAccBorrowingFeeP',
    position.positionKey,
  );
  return feeOf(inputs, now - initial);
}

/** Rate 1e10 percent × seconds × price 1e10. */
export function accruedBorrowingV2(
  state: PairBorrowingV2,
  rate: bigint,
  price: bigint,
  timestamp: number,
): bigint {
  const seconds = BigInt(timestamp) - state.lastBorrowingUpdateTs;
  return state.accBorrowingFeeP + (seconds > 0n ? rate * seconds * price : 0n);
}

export interface FundingParams {
  readonly isEnabled: boolean;
  readonly hasAprMultiplier: boolean;
  /** 1e26. */
  readonly skewCoefficientPerYear: bigint;
  /** 1e7 percent a second and year. */
  readonly absoluteVelocityPerYearCap: bigint;
  /** 1e10 percent a second. */
  readonly absoluteRatePerSecondCap: bigint;
  readonly thetaThresholdUsd: bigint;
  /** 1e18 index units. */
  readonly oiLongToken: bigint;
  readonly oiShortToken: bigint;
}

function fundingParams(
  parameters: Parameters,
  pair: string,
  collateralIndex: string,
): FundingParams {
  const value = (name: string) => parameterSinceV10(parameters, pair, `${name}.${collateralIndex}`);
  return {
    isEnabled: value('fundingFeesEnabled') !== 0n,
    hasAprMultiplier: value('aprMultiplierEnabled') !== 0n,
    skewCoefficientPerYear: value('skewCoefficientPerYear'),
    absoluteVelocityPerYearCap: value('absoluteVelocityPerYearCap'),
    absoluteRatePerSecondCap: value('absoluteRatePerSecondCap'),
    thetaThresholdUsd: value('thetaThresholdUsd'),
    oiLongToken: value('oiLongToken'),
    oiShortToken: value('oiShortToken'),
  };
}

function fundingOf(inputs: HoldingInputs): bigint {
  const { market, position, parameters, pair, collateralIndex, price, timestamp } = inputs;
  const params = fundingParams(parameters, pair, collateralIndex);
  if (!params.isEnabled) return 0n;
  const state = known(market.funding, 'funding fees', pair);
  const { long, short } = accruedFunding(state, params, price, timestamp);
  const initial = known(
    position.initialAccFundingFeeP,
    'initialAccFundingFeeP',
    position.positionKey,
  );
  return feeOf(inputs, (position.isLong ? long : short) - initial);
}

/** Yearly change of the rate, 1e18 percent a second; its sign is that of long minus short. */
export function velocityPerYear(params: FundingParams, price: bigint): bigint {
  const net = params.oiLongToken - params.oiShortToken;
  const { skewCoefficientPerYear, absoluteVelocityPerYearCap } = params;
  if (net === 0n || skewCoefficientPerYear === 0n || absoluteVelocityPerYearCap === 0n) return 0n;
  // 1e18 index units at a price of 1e10: 1e28.
  if (absolute(net) * price < params.thetaThresholdUsd * 10n ** 28n) return 0n;
  const velocity = (absolute(net) * skewCoefficientPerYear) / 10n ** 26n;
  const capped = smaller(velocity, absoluteVelocityPerYearCap * 10n ** 11n);
  return net < 0n ? -capped : capped;
}

interface Rates {
  /** Σ rate × seconds, 1e18 percent, of the part before the rate's sign changed and the rest. */
  readonly parts: readonly bigint[];
}

/**
 * The rate moves linearly to its cap; its integral over the seconds, split where the sign changes when
 * the smaller side earns a multiple (each part then has the other side as the earner).
 */
function integrate(
  state: PairFunding,
  params: FundingParams,
  velocity: bigint,
  seconds: bigint,
): Rates {
  const last = state.lastFundingRatePerSecondP;
  const cap = params.absoluteRatePerSecondCap * 10n ** 8n;
  if (cap === 0n) return { parts: [] };
  if (velocity === 0n || seconds === 0n) return { parts: [last * seconds] };
  const limit = velocity < 0n ? -cap : cap;
  if (limit === last) return { parts: [limit * seconds] };
  const toCap = ((limit - last) * YEAR) / velocity;
  const isCapped = seconds > toCap;
  const now = isCapped ? limit : last + (seconds * velocity) / YEAR;
  const whole = isCapped
    ? ((last + limit) * toCap) / 2n + limit * (seconds - toCap)
    : ((last + now) * seconds) / 2n;
  const changesSign = (now > 0n && last < 0n) || (now < 0n && last > 0n);
  if (!params.hasAprMultiplier || !changesSign) return { parts: [whole] };
  const toZero = (-last * YEAR) / velocity;
  return { parts: [(last * toZero) / 2n, (now * (seconds - toZero)) / 2n] };
}

/** Accumulators of both sides at `timestamp`. */
export function accruedFunding(
  state: PairFunding,
  params: FundingParams,
  price: bigint,
  timestamp: number,
): { readonly long: bigint; readonly short: bigint } {
  let long = state.accFundingFeeLongP;
  let short = state.accFundingFeeShortP;
  const seconds = BigInt(timestamp) - state.lastFundingUpdateTs;
  if (!params.isEnabled || seconds <= 0n) return { long, short };
  const { parts } = integrate(state, params, velocityPerYear(params, price), seconds);
  for (const part of parts) {
    const delta = (part * price) / 10n ** 8n; // 1e18 percent × 1e10 → 1e20
    const share = multipliers(params, part);
    long += (delta * share.long) / SHARE;
    short -= (delta * share.short) / SHARE;
  }
  return { long, short };
}

/** 1e18 = 1: the side that earns takes what the other pays, in proportion of their sizes. */
function multipliers({ hasAprMultiplier, oiLongToken, oiShortToken }: FundingParams, rate: bigint) {
  const one = { long: SHARE, short: SHARE };
  if (!hasAprMultiplier || rate === 0n) return one;
  const most = APR_MULTIPLIER_CAP * SHARE;
  if (rate < 0n) {
    if (oiLongToken === 0n) return one;
    return { ...one, long: smaller((oiShortToken * SHARE) / oiLongToken, most) };
  }
  if (oiShortToken === 0n) return one;
  return { ...one, short: smaller((oiLongToken * SHARE) / oiShortToken, most) };
}
