import { describe, expect, it } from 'vitest';
import { parameterKey } from '../../margin/inputs.ts';
import { accrueFor } from '../../margin/rules/gmx-v2/accrual.ts';
import { borrowingFactorPerSecond } from '../../margin/rules/gmx-v2/borrowing.ts';
import { PER_SIZE_SCALE } from '../../margin/rules/gmx-v2/funding.ts';
import {
  type GmxV2Market,
  initialMarket,
  tokensOfMarket,
} from '../../margin/rules/gmx-v2/market-state.ts';

/** A market whose two pool tokens are one: every amount is stored once and counted in halves. */
const MARKET = '0x00000000000000000000000000000000000000aa';
const TOKEN = '0x0000000000000000000000000000000000000001';
const USD = 10n ** 30n;

const market: GmxV2Market = {
  ...initialMarket(MARKET),
  indexToken: TOKEN,
  longToken: TOKEN,
  shortToken: TOKEN,
  poolAmount: { [TOKEN]: 1000n },
  openInterestUsd: { long: { [TOKEN]: 200n * USD }, short: { [TOKEN]: 100n * USD } },
  openInterestBase: { long: { [TOKEN]: 200n }, short: { [TOKEN]: 100n } },
  fundingUpdatedAt: 1000,
  borrowingUpdatedAt: { long: 1000, short: 1000 },
};
const percent = USD / 100n;
const own: readonly (readonly [string, bigint])[] = [
  ['fundingIncreaseFactorPerSecond', 0n],
  ['fundingExponentFactor', USD],
  ['fundingFactor', 3n * percent],
  ['maxFundingFactorPerSecond', USD],
  ['optimalUsageFactorLong', 0n],
  ['optimalUsageFactorShort', 0n],
  ['borrowingExponentFactorLong', USD],
  ['borrowingExponentFactorShort', USD],
  ['borrowingFactorLong', percent],
  ['borrowingFactorShort', percent],
];
const parameters = new Map(own.map(([name, value]) => [parameterKey(MARKET, name), value]));
const one = { min: USD, max: USD };
const prices = { index: one, long: one, short: one };
const tokens = tokensOfMarket(market);
const accrued = (isLong: boolean) =>
  accrueFor({ isLong, collateralToken: TOKEN }, market, tokens, parameters, prices, 1010);

describe('a market with one pool token', () => {
  it('charges payers the whole funding once', () => {
    // A third of imbalance at 3 % a second is 1 %: ten seconds of 200 USD owe 20 USD, 0.1 each.
    // The third is rounded down, the charge up: one part in 10^30 either way.
    const perUsd = accrued(true).fundingFeePerSize;
    const expected = PER_SIZE_SCALE / 10n / USD;
    expect(perUsd - expected).toBeGreaterThan(-2n);
    expect(perUsd - expected).toBeLessThan(2n);
  });

  it('lets receivers claim half of it under each of the two names', () => {
    const { claimableLongPerSize, claimableShortPerSize, fundingFeePerSize } = accrued(false);
    const expected = PER_SIZE_SCALE / 10n / USD;
    expect(claimableLongPerSize).toBe(claimableShortPerSize);
    expect(expected - claimableLongPerSize).toBeLessThan(4n);
    expect(fundingFeePerSize).toBe(0n);
    const taken = accrued(true).fundingFeePerSize * 200n;
    const handedOut = (claimableLongPerSize + claimableShortPerSize) * 100n;
    expect(taken - handedOut).toBeGreaterThanOrEqual(0n);
  });

  it('backs each side with half of the pool', () => {
    // Longs reserve 200 of 500: 0.4 x 1 %. Shorts reserve 100 of 500.
    const perSecond = (side: 'long' | 'short') =>
      borrowingFactorPerSecond(market, side, tokens, parameters, prices);
    expect(perSecond('long')).toBe((percent * 4n) / 10n);
    expect(perSecond('short')).toBe((percent * 2n) / 10n);
  });
});

describe('borrowing', () => {
  const switched = new Map([
    ...parameters,
    [parameterKey('', 'skipBorrowingFeeForSmallerSide'), 1n] as const,
  ]);

  it('is free for the smaller side where the venue says so', () => {
    expect(borrowingFactorPerSecond(market, 'short', tokens, switched, prices)).toBe(0n);
    expect(borrowingFactorPerSecond(market, 'long', tokens, switched, prices)).toBe(
      (percent * 4n) / 10n,
    );
  });

  it('cannot be computed for interest without a pool, as in the contract', () => {
    const empty = { ...market, poolAmount: {} };
    expect(() => borrowingFactorPerSecond(empty, 'long', tokens, parameters, prices)).toThrow(
      'no pool behind it',
    );
  });
});

describe('a moment before the market was last updated', () => {
  it('is refused', () => {
    const position = { isLong: true, collateralToken: TOKEN };
    expect(() => accrueFor(position, market, tokens, parameters, prices, 999)).toThrow(
      'A moment before the market state was asked for.',
    );
  });
});
