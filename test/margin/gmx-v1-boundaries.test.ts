import { describe, expect, it } from 'vitest';
import { fundingFee, nextFundingRate, positionFee } from '../../margin/rules/gmx-v1/funding.ts';
import { validateLiquidation, vaultDelta } from '../../margin/rules/gmx-v1/liquidation.ts';
import { vaultPrice } from '../../margin/rules/gmx-v1/venue-inputs.ts';

/** Size 10,000 at up to 50x: 200 of collateral; fees 10 and 5, and 20 for the liquidation. */
const requirement = {
  fundingFee: 10n,
  positionFee: 5n,
  liquidationFeeUsd: 20n,
  maxLeverage: 500_000n,
  minProfitBasisPoints: 0n,
  thresholdUsd: 200n,
};
const none = { hasProfit: false, delta: 0n, fullDelta: 0n };
const loss = (delta: bigint) => ({ hasProfit: false, delta, fullDelta: delta });
const profit = (delta: bigint) => ({ hasProfit: true, delta, fullDelta: delta });
const judge = (collateral: bigint, delta = none, countsProfit = true) =>
  validateLiquidation({ size: 10_000n, collateral }, delta, requirement, countsProfit);

describe('the boundaries of Vault.validateLiquidation', () => {
  it('lets a loss of just the collateral pass the first test, and one more not', () => {
    expect(judge(100n, loss(100n)).reason).toBe('Vault: fees exceed collateral');
    expect(judge(100n, loss(101n)).reason).toBe('Vault: losses exceed collateral');
  });

  it('takes the rest as fees where the fees exceed it', () => {
    expect(judge(14n)).toMatchObject({ state: 1, marginFees: 14n });
    expect(judge(15n)).toMatchObject({
      state: 1,
      marginFees: 15n,
      reason: 'Vault: liquidation fees exceed collateral',
    });
  });

  it('goes from wiped out to too much leverage at the liquidation fee, and to healthy at the leverage', () => {
    expect(judge(34n).state).toBe(1);
    expect(judge(35n).state).toBe(2);
    expect(judge(199n)).toMatchObject({ state: 2, reason: 'Vault: maxLeverage exceeded' });
    expect(judge(200n)).toMatchObject({ state: 0, reason: '' });
  });

  it('counts a profit when asked by a liquidator, and not when asked by a trade', () => {
    expect(judge(150n, profit(50n)).state).toBe(0);
    expect(judge(150n, profit(49n)).state).toBe(2);
    expect(judge(150n, profit(50n), false).state).toBe(2);
  });
});

describe("the Vault's roundings", () => {
  it('rounds profit and loss down, and the fee of a size up', () => {
    const long = { size: 1000n, averagePrice: 3n, isLong: true };
    expect(vaultDelta(long, 4n, 0n)).toMatchObject({ hasProfit: true, delta: 333n });
    expect(vaultDelta({ ...long, isLong: false }, 4n, 0n)).toMatchObject({
      hasProfit: false,
      delta: 333n,
    });
    expect(positionFee(1001n, 10n)).toBe(2n);
    expect(positionFee(1000n, 10n)).toBe(1n);
    expect(fundingFee(1_999_999n, 8n, 7n)).toBe(1n);
    expect(() => fundingFee(1n, 6n, 7n)).toThrow('funding rate');
  });

  it('takes a profit of just the minimum for none', () => {
    const long = { size: 10_000n, averagePrice: 1000n, isLong: true };
    expect(vaultDelta(long, 1015n, 150n)).toMatchObject({ delta: 0n, fullDelta: 150n });
    expect(vaultDelta(long, 1016n, 150n).delta).toBe(160n);
    expect(vaultDelta(long, 985n, 150n).delta).toBe(150n);
  });

  it('puts the spread on both bounds, rounded down', () => {
    expect(vaultPrice({ min: 9999n, max: 9999n }, 3n)).toEqual({ min: 9996n, max: 10_001n });
  });

  it('accrues whole intervals from the start of the interval last accrued', () => {
    const parameters = new Map([
      [':fundingInterval', 3600n],
      [':fundingRateFactor', 100n],
      ['0x01:stableToken', 0n],
    ]);
    const pool = {
      cumulativeFundingRate: 0n,
      accruedAt: 7199,
      poolAmount: 300n,
      reservedAmount: 200n,
      isComplete: true,
    };
    expect(nextFundingRate(pool, '0x01', parameters, 7199)).toBe(0n);
    expect(nextFundingRate(pool, '0x01', parameters, 7200)).toBe(66n);
    expect(nextFundingRate(pool, '0x01', parameters, 10_800)).toBe(133n);
    expect(nextFundingRate({ ...pool, poolAmount: 0n }, '0x01', parameters, 10_800)).toBe(0n);
    expect(nextFundingRate(pool, '0x02', parameters, 10_800)).toBeNull();
  });
});
