import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BfpSituation, judge, WAD } from '../margin/bfp-situation.ts';

const RUNS = { numRuns: Number(process.env['LAW_RUNS'] ?? 600) };
const amount = (min: bigint, max: bigint) => fc.bigInt({ min, max });
const UNIT = 10n ** 10n; // one unit of an 8-decimal feed, with 18 decimals

const drawn = fc.record({
  isLong: fc.boolean(),
  size: amount(10n ** 12n, 10n ** 24n),
  entry: amount(10n ** 6n, 10n ** 13n), // 8 decimals
  move: fc.integer({ min: -500, max: 500 }), // per mille
  leverage: fc.integer({ min: 1, max: 50 }),
  debt: amount(0n, 10n * WAD),
  funding: amount(-(10n ** 15n), 10n ** 15n),
  rate: amount(-WAD, WAD),
  utilization: amount(0n, WAD / 1000n),
  skew: amount(-(10n ** 24n), 10n ** 24n),
  scalar: amount(0n, 10n * WAD),
  seconds: fc.integer({ min: 0, max: 86_400 }),
});
type Drawn = typeof drawn extends fc.Arbitrary<infer Value> ? Value : never;

function situationOf(d: Drawn): BfpSituation {
  const entryPrice = d.entry * UNIT;
  const netUsd = (d.size * entryPrice) / WAD / BigInt(d.leverage) - d.debt;
  return {
    position: { size: d.isLong ? d.size : -d.size, entryPrice },
    market: {
      margins: { 17: { netUsd, debt: d.debt, tokens: {}, isContradicted: false } },
      fundingAccrued: d.funding,
      fundingRate: d.rate / 1000n,
      utilizationAccrued: d.utilization,
      skew: d.skew,
    },
    settings: { '3:incrementalMarginScalar': d.scalar },
    timestamp: 1000 + d.seconds,
  };
}

const priceOf = (d: Drawn) => (d.entry * BigInt(1000 + d.move)) / 1000n;

describe('the margin of a BFP position', () => {
  it('flips exactly at the liquidation price: it is judged so there, and not one unit away', () => {
    let solved = 0;
    fc.assert(
      fc.property(drawn, (d) => {
        const s = situationOf(d);
        const flip = judge(priceOf(d), s).liquidationPrice;
        if (flip === null) return;
        solved += 1;
        expect(judge(flip, s).isLiquidatable).toBe(true);
        const safe = flip + (d.isLong ? 1n : -1n);
        if (safe > 0n) expect(judge(safe, s).isLiquidatable).toBe(false);
      }),
      RUNS,
    );
    expect(solved).toBeGreaterThan(RUNS.numRuns / 3);
  });

  it('adds up, and is the health factor of the contract', () => {
    fc.assert(
      fc.property(drawn, (d) => {
        const now = judge(priceOf(d), situationOf(d));
        expect(now.equityUsd).toBe(
          now.collateralUsd + now.unrealizedPnlUsd + now.priceImpactUsd - now.totalCostUsd,
        );
        const equity = now.equityUsd > 0n ? now.equityUsd : 0n;
        const health = (equity * WAD) / now.maintenanceMarginUsd;
        expect(now.isLiquidatable).toBe(health <= WAD);
        expect(now.initialMarginUsd).toBeGreaterThanOrEqual(now.maintenanceMarginUsd);
      }),
      RUNS,
    );
  });
});
