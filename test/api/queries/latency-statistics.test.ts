import { describe, expect, it } from 'vitest';
import { toHistogram, toLatencyStat, toSurvival } from '../../../api/queries/latency-statistics.ts';

describe('toLatencyStat', () => {
  it.each([
    [19, [null, null, null, null, null]],
    [20, [3, null, null, null, null]],
    [100, [3, 3, null, null, null]],
    [200, [3, 3, 3, null, null]],
    [1_000, [3, 3, 3, 3, null]],
    [10_000, [3, 3, 3, 3, 3]],
  ])('shows of %d samples only the percentiles that stand', (n, expected) => {
    const distribution = new Map([
      [3, n - 1],
      [9, 1],
    ]);
    const stat = toLatencyStat({ metric: 'DELIVERY_DELAY', delivery: 'PULL', distribution });
    expect([stat.p50, stat.p90, stat.p95, stat.p99, stat.p999]).toEqual(expected);
    expect(stat.caveats.some((caveat) => caveat.startsWith('Too few'))).toBe(n < 10_000);
    expect(stat.max).toBe(9);
    expect(stat.intervals.map(({ p }) => p)).toEqual(
      [0.5, 0.9, 0.95, 0.99, 0.999].slice(0, expected.filter((value) => value !== null).length),
    );
  });

  it('counts negative delays and lets them count', () => {
    const distribution = new Map([
      [-2, 3],
      [4, 1],
    ]);
    const stat = toLatencyStat({ metric: 'DELIVERY_DELAY', delivery: 'PUSH', distribution });
    expect(stat).toMatchObject({ n: 4, negativeCount: 3, mean: -0.5, max: 4 });
  });

  it('says ratios as ratios, and of what an interval of a pull feed tells nothing', () => {
    const distribution = new Map([[5_000, 100]]);
    const spread = toLatencyStat({ metric: 'MIN_MAX_SPREAD', delivery: 'PULL', distribution });
    expect(spread).toMatchObject({ unit: 'ratio', mean: 0.0005, p90: 0.0005, label: null });
    const interval = toLatencyStat({ metric: 'UPDATE_INTERVAL', delivery: 'PULL', distribution });
    expect(interval.label).toBe('PULL');
    expect(interval.caveats.join()).toContain('not a heartbeat');
  });
});

describe('toHistogram and toSurvival', () => {
  const distribution = new Map([
    [-2, 1],
    [0, 2],
    [5, 3],
    [40, 4],
  ]);

  it('counts every sample once, negative ones too', () => {
    const bins = toHistogram(distribution);
    expect(bins.reduce((sum, bin) => sum + bin.count, 0)).toBe(10);
    expect(bins[0]).toEqual({ lower: -2, upper: 0, count: 1 });
    expect(bins.every((bin, index) => index === 0 || bin.lower === bins[index - 1]?.upper)).toBe(
      true,
    );
  });

  it('falls from the share above the least delay to 0', () => {
    expect(toSurvival(distribution)).toEqual([
      { seconds: -2, share: 0.9 },
      { seconds: 0, share: 0.7 },
      { seconds: 5, share: 0.4 },
      { seconds: 40, share: 0 },
    ]);
  });
});
