import { CorruptDataError } from '../../../schema/errors.ts';
import {
  absolute,
  applyExponentFactor,
  applyFactor,
  boundMagnitude,
  difference,
  divide,
  FACTOR_ONE,
  mulDiv,
  smaller,
  toFactor,
} from '../../fixed-point.ts';
import type { Parameters } from '../../inputs.ts';
import { sideBalance } from './balance.ts';
import {
  type GmxV2Market,
  type MarketTokens,
  openInterest,
  openInterestBy,
  type Side,
} from './market-state.ts';
import { type MarketPrices, midPrice, parameter, secondsSince } from './venue-inputs.ts';

/** Scale of the per-size accumulators: base units per 1e30 USD, times 1e15. */
export const PER_SIZE_SCALE = FACTOR_ONE * 10n ** 15n;

export interface FundingRate {
  /** Per second of the paying side's size, 1e30 = 1, never negative. */
  readonly factorPerSecond: bigint;
  readonly longsPayShorts: boolean;
  /** What the contract stores for next time: + = longs pay, without the lower bound. */
  readonly saved: bigint;
}

/** What accrues to the per-size accumulators; a side that does not pay owes nothing. */
export interface FundingAccrual {
  readonly rate: FundingRate;
  readonly payer: Side;
  /** Added to the payer's fee accumulator, by collateral token. */
  readonly feePerSize: { readonly long: bigint; readonly short: bigint };
  /** Added to the other side's claimable accumulators, by collateral token. */
  readonly claimablePerSize: { readonly long: bigint; readonly short: bigint };
}

const NO_FUNDING: FundingAccrual = {
  rate: { factorPerSecond: 0n, longsPayShorts: false, saved: 0n },
  payer: 'short',
  feePerSize: { long: 0n, short: 0n },
  claimablePerSize: { long: 0n, short: 0n },
};

/** True when both sides have size: without that the contract moves no funding and saves 0. */
export function hasFunding(market: GmxV2Market, tokens: MarketTokens): boolean {
  return (
    openInterest(market.openInterestUsd, 'long', tokens) !== 0n &&
    openInterest(market.openInterestUsd, 'short', tokens) !== 0n
  );
}

/**
 * Funding between the market's last update and `timestamp` (MarketUtils.getNextFundingAmountPerSize).
 * `feePerSize.long` is for positions whose collateral is the market's long token, and so on. In a
 * single-token market the contract applies both to the same accumulator: see `latestPerSize`.
 */
export function accrueFunding(
  market: GmxV2Market,
  tokens: MarketTokens,
  parameters: Parameters,
  prices: MarketPrices,
  timestamp: number,
): FundingAccrual {
  if (!hasFunding(market, tokens)) return NO_FUNDING;
  const seconds = secondsSince(market.fundingUpdatedAt, timestamp, 'funding');
  const rate = nextFundingRate(market, tokens, parameters, () => midPrice(prices.index), seconds);
  const payer: Side = rate.longsPayShorts ? 'long' : 'short';
  const receiver: Side = rate.longsPayShorts ? 'short' : 'long';
  const size = openInterest(market.openInterestUsd, payer, tokens);
  const receiverSize = openInterest(market.openInterestUsd, receiver, tokens);
  const paidUsd = applyFactor(size, seconds * rate.factorPerSecond) / tokens.divisor;

  const share = (token: string, price: bigint) => {
    const sizeByToken = openInterestBy(market.openInterestUsd, payer, token, tokens);
    const usd = mulDiv(paidUsd, sizeByToken, size);
    return {
      fee: perSizeUp(usd, sizeByToken, price),
      claimable: perSizeDown(usd, receiverSize, price),
    };
  };
  const byLongToken = share(tokens.long, prices.long.max);
  const byShortToken = share(tokens.short, prices.short.max);
  return {
    rate,
    payer,
    feePerSize: { long: byLongToken.fee, short: byShortToken.fee },
    claimablePerSize: { long: byLongToken.claimable, short: byShortToken.claimable },
  };
}

/** An accumulator as stored plus what accrued; applied twice where both tokens are one. */
export function latestPerSize(stored: bigint, accrued: bigint, tokens: MarketTokens): bigint {
  return stored + accrued * tokens.divisor;
}

/** USD spread over a size, in base units per size; payers round up so that nobody escapes by updating often. */
function perSizeUp(usd: bigint, size: bigint, price: bigint): bigint {
  if (usd === 0n || size === 0n) return 0n;
  return divide(mulDiv(usd, PER_SIZE_SCALE, size, 'up'), price, 'up');
}

function perSizeDown(usd: bigint, size: bigint, price: bigint): bigint {
  if (usd === 0n || size === 0n) return 0n;
  return mulDiv(usd, PER_SIZE_SCALE, size) / price;
}

/**
 * Funding rate after `seconds` without an update (MarketUtils.getNextFundingFactorPerSecond):
 * static where no increase factor is set, else the saved rate moved by the imbalance.
 * @throws CorruptDataError when the saved rate is unknown or a parameter is missing.
 */
export function nextFundingRate(
  market: GmxV2Market,
  tokens: MarketTokens,
  parameters: Parameters,
  indexPrice: () => bigint,
  seconds: bigint,
): FundingRate {
  const read = (name: string) => parameter(parameters, market.market, name);
  const { long, short } = sideBalance(market, tokens, parameters, indexPrice);
  const gap = difference(long, short);
  const increaseFactor = read('fundingIncreaseFactorPerSecond');
  if (gap === 0n && increaseFactor === 0n) {
    return { factorPerSecond: 0n, longsPayShorts: true, saved: 0n };
  }
  const weightedGap = applyExponentFactor(gap, read('fundingExponentFactor'));
  const imbalance = toFactor(weightedGap, long + short);

  if (increaseFactor === 0n) {
    const wanted = applyFactor(imbalance, read('fundingFactor'));
    return {
      factorPerSecond: smaller(wanted, read('maxFundingFactorPerSecond')),
      longsPayShorts: long > short,
      saved: 0n,
    };
  }

  const moved = moveSavedRate(savedRateOf(market), imbalance, long, short, seconds, read);
  const most = read('maxFundingFactorPerSecond');
  const saved = boundMagnitude(moved, 0n, most);
  const bounded = boundMagnitude(saved, read('minFundingFactorPerSecond'), most);
  return { factorPerSecond: absolute(bounded), longsPayShorts: bounded > 0n, saved };
}

function savedRateOf(market: GmxV2Market): bigint {
  if (market.savedFundingFactor === null) {
    throw new CorruptDataError('The saved funding factor of a market is not known.', {
      facts: { market: market.market },
      remedy:
        'Index from the creation of the market, or wait for a funding update above the minimum rate.',
    });
  }
  return market.savedFundingFactor;
}

/** The saved rate after `seconds`: grows with the skew, decays when the skew is small, else stays. */
function moveSavedRate(
  saved: bigint,
  imbalance: bigint,
  long: bigint,
  short: bigint,
  seconds: bigint,
  read: (name: string) => bigint,
): bigint {
  const skewFollowsRate = (saved > 0n && long > short) || (saved < 0n && short > long);
  if (!skewFollowsRate || imbalance > read('thresholdForStableFunding')) {
    const step = applyFactor(imbalance, read('fundingIncreaseFactorPerSecond')) * seconds;
    return long < short ? saved - step : saved + step;
  }
  if (imbalance >= read('thresholdForDecreaseFunding') || saved === 0n) return saved;
  const sign = saved < 0n ? -1n : 1n;
  const decay = read('fundingDecreaseFactorPerSecond') * seconds;
  // One, not zero: the sign of the rate must survive.
  return absolute(saved) <= decay ? sign : saved - sign * decay;
}
