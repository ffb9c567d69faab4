import { describe, expect, it } from 'vitest';
import { feedKey, parameterKey } from '../../margin/inputs.ts';
import { assess, type LevelAssessment } from '../../margin/rules/level/assess.ts';
import type { LevelMarket } from '../../margin/rules/level/market-state.ts';
import type { LevelPosition } from '../../margin/rules/level/position-state.ts';
import { levelRules } from '../../margin/rules/level/rules.ts';
import { CorruptDataError } from '../../schema/errors.ts';
import type { MarketEvent } from '../../schema/events/market.ts';

const USD = 10n ** 30n;
const BTC = '0xb7';
const USDT = '0x5d';
const PRICE = 10n ** 12n;

const PARAMETERS = new Map([
  [parameterKey('', 'positionFee'), 10n ** 7n], // 0.1 %
  [parameterKey('', 'liquidationFee'), 5n * USD],
  [parameterKey('', 'maintenanceMargin'), 10n ** 8n], // 1 %
]);

const LONG: LevelPosition = {
  positionKey: '0x9e',
  account: '0x11',
  market: BTC,
  collateralToken: USDT,
  isLong: true,
  size: 1000n * USD,
  collateralValue: 100n * USD,
  entryPrice: 20_000n * PRICE,
  borrowIndex: 500n,
};
const MARKET: LevelMarket = { market: BTC, borrowIndex: { [USDT]: 500n } };

function judge(
  whole: bigint,
  changes: Partial<LevelPosition> = {},
  market = MARKET,
  parameters: ReadonlyMap<string, bigint> = PARAMETERS,
): LevelAssessment {
  const price = whole * PRICE;
  return assess({
    position: { ...LONG, ...changes },
    market,
    parameters,
    prices: new Map([[feedKey('level', BTC), { min: price, max: price }]]),
    timestamp: 0,
  });
}

describe('the margin of a Level position', () => {
  it('is collateral and profit, against the larger of ratio and fees', () => {
    const now = judge(19_000n);
    expect(now).toMatchObject({
      equityUsd: 50n * USD,
      unrealizedPnlUsd: -50n * USD,
      collateralUsd: 100n * USD,
      notionalUsd: 1000n * USD,
      ratioRequirementUsd: 10n * USD,
      feeRequirementUsd: 6n * USD, // 1 of closing, 5 of liquidating
      maintenanceMarginUsd: 10n * USD,
      isLiquidatable: false,
    });
    expect(now.healthFactor).toBeCloseTo(5, 12);
    // 100 − 10 of 1000 may be lost: 9 % below the entry.
    expect(now.liquidationPrice).toBe(18_200n * PRICE - 1n);
    expect(now.distance).toBeCloseTo(Math.log(19_000 / 18_200), 12);
  });

  it('is liquidatable strictly below the requirement', () => {
    expect(judge(18_200n)).toMatchObject({ equityUsd: 10n * USD, isLiquidatable: false });
    const below = assess({
      position: LONG,
      market: MARKET,
      parameters: PARAMETERS,
      prices: new Map([
        [feedKey('level', BTC), { min: 18_200n * PRICE - 1n, max: 30_000n * PRICE }],
      ]),
      timestamp: 0,
    });
    expect(below).toMatchObject({ isLiquidatable: true, liquidationReason: 'maintenance margin' });
  });

  it('is decided by the fees where they are more than the ratio', () => {
    const costly = new Map([...PARAMETERS, [parameterKey('', 'liquidationFee'), 30n * USD]]);
    const now = judge(19_000n, {}, MARKET, costly);
    expect(now.maintenanceMarginUsd).toBe(31n * USD);
    expect(now.liquidationPrice).toBe(18_620n * PRICE - 1n);
    const at = judge(18_600n, {}, MARKET, costly);
    expect(at).toMatchObject({ isLiquidatable: true, liquidationReason: 'fees' });
  });

  it('judges a short at the maximum price, upward', () => {
    const now = judge(21_000n, { isLong: false });
    expect(now.unrealizedPnlUsd).toBe(-50n * USD);
    expect(now.liquidationPrice).toBe(21_800n * PRICE + 1n);
  });

  it('counts borrowing to the index last accrued, in the requirement', () => {
    const accrued = { ...MARKET, borrowIndex: { [USDT]: 500n + 10n ** 8n } }; // 1 % of the size
    const now = judge(19_000n, {}, accrued);
    expect(now.borrowFeeUsd).toBe(10n * USD);
    expect(now.feeRequirementUsd).toBe(16n * USD);
    expect(now.equityUsd).toBe(50n * USD);
    expect(now.borrowIndex).toBe(500n + 10n ** 8n);
    expect(judge(19_000n, {}, { ...MARKET, borrowIndex: {} }).borrowFeeUsd).toBe(0n);
  });

  it('has no liquidation price where no price can take the collateral', () => {
    expect(judge(19_000n, { collateralValue: 2000n * USD }).liquidationPrice).toBeNull();
    expect(judge(19_000n, { size: 0n })).toMatchObject({
      liquidationPrice: null,
      isLiquidatable: false,
      marginRatio: null,
    });
  });

  it('is refused where a parameter or the price is unknown', () => {
    for (const name of ['positionFee', 'liquidationFee', 'maintenanceMargin']) {
      const fewer = new Map(PARAMETERS);
      fewer.delete(parameterKey('', name));
      expect(() => judge(19_000n, {}, MARKET, fewer)).toThrow(CorruptDataError);
    }
    expect(() => judge(0n)).toThrow('A price is not known.');
  });
});

describe('the folds of Level', () => {
  const accrual = (token: string, value: bigint): MarketEvent => ({
    kind: 'market',
    type: 'BorrowingFactorAccrued',
    market: '',
    token,
    isLong: null,
    delta: null,
    value,
    details: {},
    chainId: 56,
    blockNumber: 1,
    blockTimestamp: 1,
    transactionHash: '',
    transactionIndex: 0,
    logIndex: 0,
    subIndex: 0,
    venue: 'level',
  });
  const context = { parameters: new Map(), prices: new Map() };

  it('keep the last index of each token, and the very state where nothing changed', () => {
    const first = levelRules.evolveMarket(
      levelRules.initialMarket(BTC),
      accrual(USDT, 5n),
      context,
    );
    expect(first.borrowIndex).toEqual({ [USDT]: 5n });
    expect(levelRules.evolveMarket(first, accrual(USDT, 5n), context)).toBe(first);
    expect(levelRules.feedsOf(first)).toEqual([{ venue: 'level', token: BTC }]);
  });
});
