import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  amountsByPlacement,
  type GradedLiquidation,
  type KnownPlacement,
  levelErrorBps,
  levelErrors,
  RECALL_WITHIN_BPS,
  recalls,
  sum,
} from '../../../api/queries/level-errors.ts';

const PLACEMENTS: readonly KnownPlacement[] = ['LEVEL', 'NONE', 'UNKNOWN', 'OPENED_SINCE'];

const graded = (over: Partial<GradedLiquidation>): GradedLiquidation => ({
  isLong: true,
  notionalUsd: 10n ** 33n,
  triggerPrice: 10n ** 15n,
  placement: 'LEVEL',
  levelPrice: 10n ** 15n,
  ...over,
});

const liquidations = fc.array(
  fc.record({
    isLong: fc.boolean(),
    notionalUsd: fc.bigInt({ min: 1n, max: 10n ** 38n }),
    triggerPrice: fc.bigInt({ min: 10n ** 12n, max: 10n ** 13n }),
    levelPrice: fc.bigInt({ min: 10n ** 12n, max: 10n ** 13n }),
    placement: fc.constantFrom(...PLACEMENTS),
  }),
  { maxLength: 30 },
);

describe('the error of a level', () => {
  it('is positive where it was executed beyond the level, on both sides', () => {
    const [level, percent] = [10n ** 15n, 10n ** 13n];
    expect(levelErrorBps(graded({ triggerPrice: level - percent }))).toBeCloseTo(100.503, 3);
    expect(levelErrorBps(graded({ isLong: false, triggerPrice: level + percent }))).toBeCloseTo(
      99.503,
      3,
    );
    expect(levelErrorBps(graded({ triggerPrice: level + percent }))).toBeCloseTo(-99.503, 3);
  });

  it('is exactly 0 where the trigger is the level, and changes its sign with the side', () => {
    fc.assert(
      fc.property(liquidations, (all) => {
        for (const one of all) {
          expect(levelErrorBps({ ...one, triggerPrice: one.levelPrice })).toBe(0);
          expect(levelErrorBps({ ...one, isLong: !one.isLong })).toBe(0 - levelErrorBps(one));
        }
      }),
    );
  });

  it('has percentiles only on ten samples beyond them, at either end', () => {
    const of = (n: number) => levelErrors(Array.from({ length: n }, (_, index) => index));
    expect(of(0)).toEqual({
      n: 0,
      mean: null,
      min: null,
      p1: null,
      p10: null,
      p50: null,
      p90: null,
      p99: null,
      max: null,
    });
    expect(of(19)).toMatchObject({ n: 19, min: 0, p50: null, max: 18, mean: 9 });
    expect(of(20)).toMatchObject({ p50: 9.5, p10: null, p90: null });
    expect(of(101)).toMatchObject({ p10: 10, p50: 50, p90: 90, p1: null, p99: null });
    expect(of(1_001)).toMatchObject({ p1: 10, p99: 990 });
  });
});

describe('recall', () => {
  it('splits what was liquidated by what was known, exactly', () => {
    fc.assert(
      fc.property(liquidations, (all) => {
        const parts = Object.values(amountsByPlacement(all));
        expect(parts.reduce((total, { valueUsd }) => total + valueUsd, 0n)).toBe(sum(all).valueUsd);
        expect(parts.reduce((total, { count }) => total + count, 0)).toBe(all.length);
      }),
    );
  });

  it('rises with the distance up to what had a level, and counts only that', () => {
    fc.assert(
      fc.property(liquidations, (all) => {
        const known = amountsByPlacement(all).LEVEL;
        let before = 0n;
        for (const point of recalls(all)) {
          expect(point.valueUsd).toBeGreaterThanOrEqual(before);
          expect(point.valueUsd).toBeLessThanOrEqual(known.valueUsd);
          expect(point.shareOfOpen ?? 1).toBeGreaterThanOrEqual(point.share ?? 0);
          before = point.valueUsd;
        }
      }),
    );
  });

  it('is 1 where every level was hit, and of what was open where some opened since', () => {
    const hit = [graded({}), graded({ isLong: false })];
    expect(recalls(hit).map(({ share }) => share)).toEqual(RECALL_WITHIN_BPS.map(() => 1));
    const withYoung = [...hit, graded({ placement: 'OPENED_SINCE', notionalUsd: 2n * 10n ** 33n })];
    for (const point of recalls(withYoung)) {
      expect(point).toMatchObject({ share: 0.5, shareOfOpen: 1, count: 2 });
    }
    expect(recalls([])[0]).toMatchObject({ share: null, shareOfOpen: null, count: 0 });
  });

  it('ends at its distance', () => {
    const levelPrice = 10n ** 30n;
    const within10 = (bps: number) => {
      const triggerPrice = BigInt(Math.round(1e15 * Math.exp(-bps / 1e4))) * 10n ** 15n;
      const points = recalls([graded({ levelPrice, triggerPrice })]);
      return points.find(({ withinBps }) => withinBps === 10)?.count;
    };
    expect([9.999, 10.001, -9.999, -10.001].map(within10)).toEqual([1, 0, 1, 0]);
  });
});
