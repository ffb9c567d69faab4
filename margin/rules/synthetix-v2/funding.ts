import { CorruptDataError } from '../../../schema/errors.ts';
import { larger, smaller } from '../../fixed-point.ts';
import type { Parameters } from '../../inputs.ts';
import { divideDecimal, multiplyDecimal, UNIT } from './decimal.ts';
import type { SynthetixV2Market } from './market-state.ts';
import { divisorParameter, parameter, recordedFunding, skewOf } from './venue-inputs.ts';

const SECONDS_PER_DAY = 86_400n;

/** Funding of a market at one second, all but the price that it is multiplied with. */
export interface FundingNow {
  /** Last recorded entry of the sequence, sUSD per unit. */
  readonly entry: bigint;
  /** Per day per day. */
  readonly velocity: bigint;
  /** Per day, at this second. */
  readonly rate: bigint;
  /** Share of the notional accrued since the last entry; negative: longs paid. */
  readonly unrecordedShare: bigint;
}

/**
 * PerpsV2MarketBase._currentFundingVelocity, _currentFundingRate and _unrecordedFunding.
 * @throws CorruptDataError naming what is not known, or when `timestamp` is before the last entry.
 */
export function fundingAt(
  market: SynthetixV2Market,
  parameters: Parameters,
  timestamp: number,
): FundingNow {
  const recorded = recordedFunding(market);
  if (timestamp < recorded.recomputedAt) {
    throw new CorruptDataError('A moment before the market state was asked for.', {
      facts: { market: market.market, updatedAt: recorded.recomputedAt, asked: timestamp },
      remedy: 'Use the market state of the block that is asked about.',
    });
  }
  const skewScale = divisorParameter(parameters, market.market, 'skewScale');
  const share = divideDecimal(skewOf(market), skewScale);
  const boundedShare = smaller(larger(share, -UNIT), UNIT);
  const velocity = multiplyDecimal(
    boundedShare,
    parameter(parameters, market.market, 'maxFundingVelocity'),
  );
  const days = divideDecimal(BigInt(timestamp - recorded.recomputedAt), SECONDS_PER_DAY);
  const rate = recorded.rate + multiplyDecimal(velocity, days);
  const average = -divideDecimal(recorded.rate + rate, 2n * UNIT);
  return {
    entry: recorded.entry,
    velocity,
    rate,
    unrecordedShare: multiplyDecimal(average, days),
  };
}

/** PerpsV2MarketBase._unrecordedFunding: sUSD per unit of size. */
export function unrecordedFunding(funding: FundingNow, price: bigint): bigint {
  return multiplyDecimal(funding.unrecordedShare, price);
}
