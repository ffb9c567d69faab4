import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { feedKey, parameterKey } from '../../margin/inputs.ts';
import { assess } from '../../margin/rules/mux3/assess.ts';
import { oracleIdOfToken } from '../../margin/rules/mux3/market-state.ts';
import type { PoolShare } from '../../margin/rules/mux3/position-state.ts';

const RUNS = { numRuns: Number(process.env['LAW_RUNS'] ?? 600) };
const WAD = 10n ** 18n;
const TOKEN = `0x${'5d'.repeat(20)}`;
const ORACLE = '0x0e';
const POOLS = ['0xa1', '0xb2'] as const;

const amount = (min: bigint, max: bigint) => fc.bigInt({ min, max });
const share = fc.record({
  size: amount(0n, 10n ** 22n),
  entryPrice: amount(10n ** 15n, 10n ** 23n),
  entryBorrowing: amount(0n, 10n ** 16n),
});
const situations = fc.record({
  isLong: fc.boolean(),
  first: share,
  second: share,
  leverage: fc.integer({ min: 1, max: 200 }),
  tokenPrice: amount(10n ** 15n, 10n ** 22n),
  move: fc.integer({ min: -500, max: 500 }), // per mille
  rate: amount(10n ** 15n, 10n ** 17n),
  accrued: amount(0n, 10n ** 16n),
  capRate: amount(10n ** 17n, 10n * WAD),
  isStable: fc.boolean(),
});
type Situation = typeof situations extends fc.Arbitrary<infer Value> ? Value : never;

function judge(s: Situation, price: bigint) {
  const shares: Record<string, PoolShare> = {};
  const parts = [s.first, { ...s.second, entryPrice: s.first.entryPrice }];
  POOLS.forEach((pool, index) => {
    const part = parts[index];
    if (part && part.size > 0n) shares[pool] = part;
  });
  const value = ((s.first.size + s.second.size) * s.first.entryPrice) / WAD;
  const collateral = (value * WAD) / s.tokenPrice / BigInt(s.leverage);
  const prices = [
    [ORACLE, price],
    [oracleIdOfToken(TOKEN), s.tokenPrice],
  ] as const;
  return assess({
    position: {
      positionKey: '0x01',
      positionId: `0x${'1'.repeat(64)}`,
      account: '0x02',
      market: '0x03',
      isLong: s.isLong,
      shares,
      collaterals: { [TOKEN]: collateral },
      mainToken: TOKEN,
      sharedWith: [],
    },
    market: {
      market: '0x03',
      oracleId: ORACLE,
      isFromCreation: true,
      maxPnlRateKey: '0x04',
      borrowing: { '0xa1': 10n ** 16n + s.accrued, '0xb2': 10n ** 16n + s.accrued },
      collateralTokens: [TOKEN],
    },
    parameters: new Map([
      [parameterKey('0x03', 'maintenanceMarginRate'), s.rate],
      [parameterKey('', `collateralIsStable:${TOKEN}`), s.isStable ? 1n : 0n],
      ...POOLS.flatMap((pool) => [
        [parameterKey('', `poolConfig:${pool}:0x04`), s.capRate] as const,
        [parameterKey('', `poolCollateral:${pool}`), BigInt(TOKEN)] as const,
      ]),
    ]),
    prices: new Map(prices.map(([id, at]) => [feedKey('mux3', id), { min: at, max: at }])),
    timestamp: 0,
  });
}

const priceOf = (s: Situation) => (s.first.entryPrice * BigInt(1000 + s.move)) / 1000n;

describe('the margin of a MUX3 position', () => {
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

  it('adds up, is liquidatable below its requirement only, and never gains by a cap', () => {
    fc.assert(
      fc.property(situations, (s) => {
        const now = judge(s, priceOf(s));
        expect(now.equityUsd).toBe(
          now.collateralUsd + now.unrealizedPnlUsd + now.priceImpactUsd - now.totalCostUsd,
        );
        expect(now.isLiquidatable).toBe(now.equityUsd < now.maintenanceMarginUsd);
        expect(now.maintenanceMarginUsd).toBe(now.rateRequirementUsd + now.borrowFeeUsd);
        expect(now.unrealizedPnlUsd).toBeLessThanOrEqual(now.uncappedPnlUsd);
      }),
      RUNS,
    );
  });
});
