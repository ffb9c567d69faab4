import { CorruptDataError } from '../../../schema/errors.ts';
import { type Parameters, parameterKey } from '../../inputs.ts';
import type { CollateralPool } from './collateral-pool.ts';
import { BASIS_POINTS, FUNDING_RATE_PRECISION, parameter } from './venue-inputs.ts';

/** Fee for changing `sizeDelta`, rounded up: the rest is rounded down (VaultUtils.sol getPositionFee). */
export function positionFee(sizeDelta: bigint, marginFeeBasisPoints: bigint): bigint {
  return sizeDelta - (sizeDelta * (BASIS_POINTS - marginFeeBasisPoints)) / BASIS_POINTS;
}

/**
 * size × (cumulative − entry rate) ÷ 1e6, rounded down (VaultUtils.sol getFundingFee).
 * @throws CorruptDataError when the entry rate is ahead: the contract reverts.
 */
export function fundingFee(size: bigint, cumulativeRate: bigint, entryRate: bigint): bigint {
  if (cumulativeRate < entryRate) {
    throw new CorruptDataError('The cumulative funding rate of a collateral token is not known.', {
      facts: { cumulativeRate, entryFundingRate: entryRate },
      remedy: 'Index from before the first funding update of this token.',
    });
  }
  return (size * (cumulativeRate - entryRate)) / FUNDING_RATE_PRECISION;
}

/**
 * What an accrual at `timestamp` adds to the cumulative rate (Vault.sol getNextFundingRate):
 * factor × reserved × whole intervals ÷ pool, rounded down. 0 before the first use. Null where a
 * parameter is unknown, or the amounts contradict themselves.
 */
export function nextFundingRate(
  pool: CollateralPool,
  token: string,
  parameters: Parameters,
  timestamp: number,
): bigint | null {
  if (pool.accruedAt === null) return 0n;
  const interval = parameters.get(parameterKey('', 'fundingInterval'));
  if (interval === undefined || interval <= 0n) return null;
  const intervals = wholeIntervals(pool.accruedAt, timestamp, interval);
  if (intervals === 0n) return 0n;
  const factor = fundingFactor(token, parameters);
  if (factor === null || pool.poolAmount < 0n || pool.reservedAmount < 0n) return null;
  if (pool.poolAmount === 0n) return 0n;
  return (factor * pool.reservedAmount * intervals) / pool.poolAmount;
}

/** An accrual counts from the start of its interval. */
function wholeIntervals(accruedAt: number, timestamp: number, interval: bigint): bigint {
  const start = (BigInt(accruedAt) / interval) * interval;
  const elapsed = BigInt(timestamp) - start;
  return elapsed < interval ? 0n : elapsed / interval;
}

function fundingFactor(token: string, parameters: Parameters): bigint | null {
  const isStable = parameters.get(parameterKey(token, 'stableToken'));
  if (isStable === undefined) return null;
  const name = isStable === 0n ? 'fundingRateFactor' : 'stableFundingRateFactor';
  return parameters.get(parameterKey('', name)) ?? null;
}

/**
 * The cumulative rate that a liquidation at `timestamp` would find: it accrues first.
 * @throws CorruptDataError when a parameter or the pool's amounts are unknown.
 */
export function accruedFundingRate(
  pool: CollateralPool,
  token: string,
  parameters: Parameters,
  timestamp: number,
): bigint {
  if (pool.accruedAt !== null && timestamp < pool.accruedAt) {
    throw new CorruptDataError('A moment before the market state was asked for.', {
      facts: { token, accruedAt: pool.accruedAt, asked: timestamp },
      remedy: 'Use the market state of the block that is asked about.',
    });
  }
  // Named one by one, so that the error says which is missing.
  parameter(parameters, '', 'fundingInterval');
  parameter(parameters, '', 'fundingRateFactor');
  parameter(parameters, '', 'stableFundingRateFactor');
  parameter(parameters, token, 'stableToken');
  const next = nextFundingRate(pool, token, parameters, timestamp);
  if (next === null || (next !== 0n && !pool.isComplete)) {
    throw new CorruptDataError('The pool and its reserves are not known from their beginning.', {
      facts: { token, poolAmount: pool.poolAmount, reservedAmount: pool.reservedAmount },
      remedy: "Index from the Vault's first block: funding is projected from their sums.",
    });
  }
  return pool.cumulativeFundingRate + next;
}
