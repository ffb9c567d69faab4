import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leastPoints, type Measure, thinPoints } from '../../../api/queries/thin-points.ts';

interface Point {
  readonly index: number;
  readonly ratio: number | null;
  readonly equity: bigint | null;
  readonly distance: number | null;
}

const real = fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }));
const series = fc
  .array(fc.record({ ratio: real, equity: fc.option(fc.bigInt()), distance: real }), {
    minLength: 11,
    maxLength: 300,
  })
  .map((points) => points.map((point, index): Point => ({ index, ...point })));
const measures: readonly Measure<Point>[] = [
  ({ ratio }) => ratio,
  ({ equity }) => equity,
  ({ distance }) => distance,
];
const limit = fc.integer({ min: leastPoints(measures.length), max: 80 });

function extremesOf(points: readonly Point[], measure: Measure<Point>) {
  const known = points.flatMap((point) => measure(point) ?? []);
  const least = (a: number | bigint, b: number | bigint) => (b < a ? b : a);
  const most = (a: number | bigint, b: number | bigint) => (b > a ? b : a);
  return known.length === 0 ? null : [known.reduce(least), known.reduce(most)];
}

describe('thinPoints', () => {
  it('keeps the order, the ends, and the lowest and highest of every measure, within the limit', () => {
    fc.assert(
      fc.property(series, limit, (points, maxPoints) => {
        const thin = thinPoints(points, maxPoints, measures);
        expect(thin.length).toBeLessThanOrEqual(maxPoints);
        expect(thin[0]).toBe(points[0]);
        expect(thin.at(-1)).toBe(points.at(-1));
        const indexes = thin.map((point) => point.index);
        expect(indexes).toEqual([...new Set(indexes)].sort((a, b) => a - b));
        for (const measure of measures) {
          expect(extremesOf(thin, measure)).toEqual(extremesOf(points, measure));
        }
      }),
    );
  });

  it('uses the room: measures that agree leave as many buckets as one alone', () => {
    const points = Array.from({ length: 5_000 }, (_, index) => ({ value: Math.sin(index) }));
    const one: Measure<{ value: number }> = ({ value }) => value;
    const alone = thinPoints(points, 500, [one]);
    expect(alone.length).toBeGreaterThan(400);
    expect(thinPoints(points, 500, [one, ({ value }) => value * 3, one])).toEqual(alone);
  });

  it('keeps a value that differs only beyond the precision of a double', () => {
    const big = 10n ** 40n;
    const points = Array.from({ length: 100 }, (_, index) => big + (index === 57 ? -1n : 0n));
    expect(thinPoints(points, 8, [(point) => point])).toContain(big - 1n);
  });

  it('changes nothing that is short enough', () => {
    const points = [1, 2, 3].map((one) => ({ value: one }));
    expect(thinPoints(points, 4, [({ value }) => value])).toEqual(points);
  });

  it('refuses a limit that has no room for extremes', () => {
    const points = [1, 2, 3, 4, 5].map((one) => ({ value: one }));
    expect(() => thinPoints(points, 3, [({ value }) => value])).toThrow(RangeError);
  });
});
