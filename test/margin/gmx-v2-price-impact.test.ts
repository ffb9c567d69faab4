import { describe, expect, it } from 'vitest';
import { parameterKey } from '../../margin/inputs.ts';
import {
  type GmxV2Market,
  initialMarket,
  tokensOfMarket,
} from '../../margin/rules/gmx-v2/market-state.ts';
import type { GmxV2Position } from '../../margin/rules/gmx-v2/position-state.ts';
import { closingImpact, closingImprovesBalance } from '../../margin/rules/gmx-v2/price-impact.ts';

/**
 * Branches no recorded archive reaches (virtual inventory, sides weighed in tokens), by hand. The
 * impact is linear: 1 % of a gap closed, 5 % of a gap opened. Numbers are whole USD × 1e30.
 */
const MARKET = '0x00000000000000000000000000000000000000aa';
const INDEX = '0x0000000000000000000000000000000000000001';
const USDC = '0x0000000000000000000000000000000000000002';
const USD = 10n ** 30n;
const cents = (value: number): bigint => BigInt(value) * 10n ** 28n;

interface Case {
  readonly isLong: boolean;
  readonly size: bigint;
  readonly long: bigint;
  readonly short: bigint;
  readonly virtual?: bigint;
  readonly inTokens?: boolean;
  readonly maxPositivePercent?: bigint;
}

/** One index unit is worth 2 USD; interest in tokens is set to a quarter of the USD figures. */
function impactOf(c: Case) {
  const position: GmxV2Position = {
    positionKey: '0xkey',
    account: '0xaccount',
    market: MARKET,
    collateralToken: USDC,
    isLong: c.isLong,
    sizeInUsd: c.size * USD,
    sizeInTokens: c.size / 4n,
    collateralAmount: 0n,
    pendingImpactAmount: 0n,
    borrowingFactor: 0n,
    fundingFeeAmountPerSize: 0n,
    longTokenClaimableFundingAmountPerSize: 0n,
    shortTokenClaimableFundingAmountPerSize: 0n,
    increasedAtTime: 1,
    decreasedAtTime: 0,
  };
  const market: GmxV2Market = {
    ...initialMarket(MARKET),
    indexToken: INDEX,
    longToken: INDEX,
    shortToken: USDC,
    openInterestUsd: { long: { [USDC]: c.long * USD }, short: { [INDEX]: c.short * USD } },
    openInterestBase: { long: { [USDC]: c.long / 4n }, short: { [INDEX]: c.short / 4n } },
    virtualInventory: c.virtual === undefined ? null : c.virtual,
  };
  const values: readonly (readonly [string, bigint])[] = [
    ['positionImpactFactorPositive', cents(1)],
    ['positionImpactFactorNegative', cents(5)],
    ['positionImpactExponentFactorPositive', USD],
    ['positionImpactExponentFactorNegative', USD],
    ['maxPositionImpactFactorPositive', (c.maxPositivePercent ?? 100n) * cents(1)],
  ];
  const parameters = new Map([
    ...values.map(([name, value]) => [parameterKey(MARKET, name), value] as const),
    [parameterKey('', 'useOpenInterestInTokensForBalance'), c.inTokens ? 1n : 0n] as const,
  ]);
  const two = { min: 2n * USD - 1n, max: 2n * USD + 1n };
  const prices = { index: two, long: two, short: { min: USD, max: USD } };
  const tokens = tokensOfMarket(market);
  const impact = closingImpact(position, market, tokens, parameters, prices);
  expect(closingImprovesBalance(position, market, tokens, parameters, prices)).toBe(
    impact.balanceWasImproved,
  );
  return impact;
}

describe('the price impact of closing', () => {
  it('pays for a gap made smaller: 40 to 30', () => {
    const impact = impactOf({ isLong: true, size: 10n, long: 100n, short: 60n });
    expect(impact).toEqual({ impactUsd: cents(10), balanceWasImproved: true });
  });

  it('pays no more than the maximum share of the size', () => {
    const close = { isLong: true, size: 1000n, long: 3000n, short: 600n };
    expect(impactOf({ ...close, maxPositivePercent: 0n }).impactUsd).toBe(0n);
  });

  it('charges for a gap made larger: 40 to 50', () => {
    const impact = impactOf({ isLong: false, size: 10n, long: 100n, short: 60n });
    expect(impact).toEqual({ impactUsd: -cents(50), balanceWasImproved: false });
  });

  it('weighs both gaps where the sides cross: 4 closed, 6 opened', () => {
    const impact = impactOf({ isLong: true, size: 10n, long: 12n, short: 8n });
    expect(impact).toEqual({ impactUsd: cents(4) - cents(30), balanceWasImproved: false });
  });
});

describe('a virtual inventory', () => {
  // Own market: 4 to 2 across, improved but charged: 4 - 10 = -6 cents.
  const own = { isLong: true, size: 6n, long: 12n, short: 8n };

  it('leaves the own impact alone without one', () => {
    expect(impactOf(own)).toEqual({ impactUsd: -cents(6), balanceWasImproved: true });
  });

  it('replaces it where it is worse, and with it the balance that sets the fee', () => {
    // Shorts lead by 5 in the inventory: closing 6 of the longs opens 5 to 11.
    const impact = impactOf({ ...own, virtual: 5n * USD });
    expect(impact).toEqual({ impactUsd: -cents(30), balanceWasImproved: false });
  });

  it('is not asked where it is better', () => {
    expect(impactOf({ ...own, virtual: -50n * USD }).impactUsd).toBe(-cents(6));
  });

  it('is not asked where the own impact is positive', () => {
    const improving = { isLong: true, size: 10n, long: 100n, short: 60n };
    expect(impactOf({ ...improving, virtual: 5n * USD }).impactUsd).toBe(cents(10));
  });
});

describe('sides weighed in tokens', () => {
  // 3 and 2 index units at 2 USD: gap 2; closing one unit (size 4 at entry) leaves 2 and 2: gap 0.
  const close = { isLong: true, size: 4n, long: 12n, short: 8n, inTokens: true };

  it('count units at the middle price, the position too', () => {
    expect(impactOf(close)).toEqual({ impactUsd: cents(2), balanceWasImproved: true });
    // Weighed in USD the gap of 4 is closed to 0.
    expect(impactOf({ ...close, inTokens: false }).impactUsd).toBe(cents(4));
  });

  it('count the virtual inventory in units too', () => {
    // Own: 24 USD against 16, closing 12: 8 closed, 4 opened across. Inventory: shorts lead by
    // 5 units, 10 USD, and closing 12 USD of longs opens that to 22.
    const crossing = { isLong: true, size: 24n, long: 48n, short: 32n, inTokens: true };
    expect(impactOf(crossing)).toEqual({ impactUsd: -cents(12), balanceWasImproved: true });
    expect(impactOf({ ...crossing, virtual: 5n })).toEqual({
      impactUsd: -cents(60),
      balanceWasImproved: false,
    });
  });
});
