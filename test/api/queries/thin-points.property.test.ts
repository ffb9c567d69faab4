import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { thinPoints } from '../../../api/queries/thin-points.ts';

const series = fc.array(fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })), {
  minLength: 5,
  maxLength: 300,
});
const limit = fc.integer({ min: 4, max: 60 });
const value = (point: { value: number | null }) => point.value;

describe('thinPoints', () => {
  it('keeps the order, the ends, the lowest and the highest, within the limit', () => {
    fc.assert(
      fc.property(series, limit, (values, maxPoints) => {
        const points = values.map((one, index) => ({ index, value: one }));
        const thin = thinPoints(points, maxPoints, value);
        expect(thin.length).toBeLessThanOrEqual(maxPoints);
        expect(thin[0]).toBe(points[0]);
        expect(thin.at(-1)).toBe(points.at(-1));
        const indexes = thin.map((point) => point.index);
        expect(indexes).toEqual([...indexes].sort((a, b) => a - b));
        const known = (list: typeof points) => list.flatMap((one) => one.value ?? []);
        expect(Math.min(...known(thin))).toBe(Math.min(...known(points)));
        expect(Math.max(...known(thin))).toBe(Math.max(...known(points)));
      }),
    );
  });

  it('changes nothing that is short enough', () => {
    const points = [1, 2, 3].map((one) => ({ value: one }));
    expect(thinPoints(points, 4, value)).toEqual(points);
  });

  it('refuses a limit that has no room for extremes', () => {
    const points = [1, 2, 3, 4, 5].map((one) => ({ value: one }));
    expect(() => thinPoints(points, 3, value)).toThrow(RangeError);
  });
});
