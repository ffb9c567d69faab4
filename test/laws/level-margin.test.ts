import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { feedKey, parameterKey } from '../../margin/inputs.ts';
import { assess } from '../../margin/rules/level/assess.ts';
import type { LevelPosition } from '../../margin/rules/level/position-state.ts';

const RUNS = { numRuns: Number(process.env['LAW_RUNS'] ?? 600) };
const USD = 10n ** 30n;

const amount = (max: bigint) => fc.bigInt({ min: 1n, max });
const situations = fc.record({
  isLong: fc.boolean(),
  size: amount(1_000_000n * USD),
  leverage: fc.integer({ min: 1, max: 100 }),
  entryPrice: amount(10n ** 17n).map((price) => price + 10n ** 6n),
  move: fc.integer({ min: -900, max: 900 }), // per mille
  positionFee: amount(10n ** 8n),
  liquidationFee: amount(10n * USD),
  maintenanceMargin: amount(5n * 10n ** 8n),
  borrowed: amount(10n ** 9n),
});
type Situation = typeof situations extends fc.Arbitrary<infer Value> ? Value : never;

function judge(s: Situation, price: bigint) {
  const position: LevelPosition = {
    positionKey: '0x01',
    account: '0x02',
    market: '0x03',
    collateralToken: '0x04',
    isLong: s.isLong,
    size: s.size,
    collateralValue: s.size / BigInt(s.leverage),
    entryPrice: s.entryPrice,
    borrowIndex: 3n,
  };
  return assess({
    position,
    market: { market: '0x03', borrowIndex: { '0x04': 3n + s.borrowed } },
    parameters: new Map([
      [parameterKey('', 'positionFee'), s.positionFee],
      [parameterKey('', 'liquidationFee'), s.liquidationFee],
      [parameterKey('', 'maintenanceMargin'), s.maintenanceMargin],
    ]),
    prices: new Map([[feedKey('level', '0x03'), { min: price, max: price }]]),
    timestamp: 0,
  });
}

const priceOf = (s: Situation) => (s.entryPrice * BigInt(1000 + s.move)) / 1000n + 1n;

describe('the margin of a Level position', () => {
  it('flips exactly at the liquidation price: it is judged so there, and not one unit away', () => {
    let solved = 0;
    fc.assert(
      fc.property(situations, (s) => {
        const flip = judge(s, priceOf(s)).liquidationPrice;
        if (flip === null) return;
        solved += 1;
        expect(judge(s, flip).isLiquidatable).toBe(true);
        const safe = flip + (s.isLong ? 1n : -1n);
        if (safe > 0n) expect(judge(s, safe).isLiquidatable).toBe(false);
      }),
      RUNS,
    );
    expect(solved).toBeGreaterThan(RUNS.numRuns / 3);
  });

  it('meets the requirement at the liquidation price, to the value of one unit of price', () => {
    fc.assert(
      fc.property(situations, (s) => {
        const now = judge(s, priceOf(s));
        if (now.liquidationPrice === null) return;
        const there = judge(s, now.liquidationPrice);
        const gap = there.maintenanceMarginUsd - there.equityUsd;
        expect(gap).toBeGreaterThan(0n);
        expect(gap).toBeLessThanOrEqual(s.size / s.entryPrice + 2n);
      }),
      RUNS,
    );
  });

  it('adds up, and says its test in both of its words', () => {
    fc.assert(
      fc.property(situations, (s) => {
        const now = judge(s, priceOf(s));
        expect(now.equityUsd).toBe(
          now.collateralUsd + now.unrealizedPnlUsd + now.priceImpactUsd - now.totalCostUsd,
        );
        const contract =
          now.equityUsd * 10n ** 10n < s.size * s.maintenanceMargin ||
          now.equityUsd < now.borrowFeeUsd + now.positionFeeUsd + s.liquidationFee;
        expect(now.isLiquidatable).toBe(contract);
        expect(now.liquidationReason === '').toBe(!contract);
      }),
      RUNS,
    );
  });
});
