import { describe, expect, it } from 'vitest';
import { feedKey, parameterKey } from '../../margin/inputs.ts';
import { assess } from '../../margin/rules/gmx-v2/assess.ts';
import { initialMarket } from '../../margin/rules/gmx-v2/market-state.ts';
import type { GmxV2Position } from '../../margin/rules/gmx-v2/position-state.ts';

const MARKET = '0x00000000000000000000000000000000000000aa';
const INDEX = '0x0000000000000000000000000000000000000001';
const USDC = '0x0000000000000000000000000000000000000002';

/** Size 1000 at an index price of 1, no fees: equity is the collateral, and a price step is worth 1000. */
function judge(collateral: bigint, minCollateralUsd: bigint, minFactorPercent: bigint) {
  const position: GmxV2Position = {
    positionKey: '0xkey',
    account: '0xaccount',
    market: MARKET,
    collateralToken: USDC,
    isLong: true,
    sizeInUsd: 1000n,
    sizeInTokens: 1000n,
    collateralAmount: collateral,
    pendingImpactAmount: 0n,
    borrowingFactor: 0n,
    fundingFeeAmountPerSize: 0n,
    longTokenClaimableFundingAmountPerSize: 0n,
    shortTokenClaimableFundingAmountPerSize: 0n,
    increasedAtTime: 1,
    decreasedAtTime: 0,
  };
  const market = {
    ...initialMarket(MARKET),
    indexToken: INDEX,
    longToken: INDEX,
    shortToken: USDC,
    openInterestUsd: { long: { [USDC]: 1000n }, short: {} },
  };
  const parameters = new Map([
    [parameterKey('', 'minCollateralUsd'), minCollateralUsd],
    [parameterKey(MARKET, 'minCollateralFactorForLiquidation'), minFactorPercent * 10n ** 28n],
    [parameterKey(MARKET, 'maxPositionImpactFactorForLiquidations'), 0n],
    [parameterKey(MARKET, 'positionFeeFactorBalanceImproved'), 0n],
    [parameterKey(MARKET, 'positionFeeFactorBalanceNotImproved'), 0n],
  ]);
  const one = { min: 1n, max: 1n };
  const prices = new Map([
    [feedKey('gmx-v2', INDEX), one],
    [feedKey('gmx-v2', USDC), one],
  ]);
  const { equityUsd, isLiquidatable, liquidationReason } = assess({
    position,
    market,
    parameters,
    prices,
    timestamp: 1,
  });
  expect(equityUsd).toBe(collateral);
  return [isLiquidatable, liquidationReason];
}

describe('the boundary of liquidation', () => {
  it('spares equity equal to the minimum in USD', () => {
    expect(judge(9n, 10n, 0n)).toEqual([true, 'min collateral']);
    expect(judge(10n, 10n, 0n)).toEqual([false, '']);
  });

  it('does not spare equity of zero, even without a minimum', () => {
    expect(judge(0n, 0n, 0n)).toEqual([true, '< 0']);
    expect(judge(1n, 0n, 0n)).toEqual([false, '']);
  });

  it('spares equity equal to the share of the size', () => {
    expect(judge(19n, 0n, 2n)).toEqual([true, 'min collateral for leverage']);
    expect(judge(20n, 0n, 2n)).toEqual([false, '']);
  });

  it('gives the first reason that holds', () => {
    expect(judge(5n, 10n, 2n)).toEqual([true, 'min collateral']);
    expect(judge(0n, 0n, 2n)).toEqual([true, '< 0']);
  });
});
