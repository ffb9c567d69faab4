import { describe, expect, it } from 'vitest';
import {
  ageStatistics,
  toHistogram,
  toLatencyStat,
  toSurvival,
} from '../../../api/queries/latency-statistics.ts';

const raw = { metric: 'DELIVERY_DELAY', negativeCount: 0, mean: 3, max: 9 } as const;
const percentiles = [1, 2, 3, 4, 5];

describe('toLatencyStat', () => {
  it.each([
    [19, [null, null, null, null, null]],
    [20, [1, null, null, null, null]],
    [100, [1, 2, null, null, null]],
    [200, [1, 2, 3, null, null]],
    [1_000, [1, 2, 3, 4, null]],
    [10_000, [1, 2, 3, 4, 5]],
  ])('shows of %d samples only the percentiles that stand', (n, expected) => {
    const stat = toLatencyStat({ ...raw, n, percentiles });
    expect([stat.p50, stat.p90, stat.p95, stat.p99, stat.p999]).toEqual(expected);
    expect(stat.caveats.some((caveat) => caveat.startsWith('Too few'))).toBe(n < 10_000);
    expect(stat.max).toBe(9);
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

describe('ageStatistics', () => {
  it('weights by time: mean Σ(D·W + W²/2) ÷ ΣW', () => {
    const stat = ageStatistics([
      { delay: 2, width: 10, times: 1 },
      { delay: 4, width: 30, times: 2 },
    ]);
    const area = 2 * 10 + 50 + 2 * (4 * 30 + 450);
    expect(stat.mean).toBeCloseTo(area / 70, 12);
    expect(stat).toMatchObject({ n: 3, max: 34 });
  });

  it('agrees with ages counted moment by moment', () => {
    const stretches = [
      { delay: 1, width: 7, times: 3 },
      { delay: 5, width: 20, times: 1 },
      { delay: 0, width: 2, times: 4 },
    ];
    const ages: number[] = [];
    for (const { delay, width, times } of stretches) {
      for (let copy = 0; copy < times; copy += 1) {
        for (let at = 0; at < width * 1000; at += 1) ages.push(delay + (at + 0.5) / 1000);
      }
    }
    ages.sort((a, b) => a - b);
    const { percentiles: exact } = ageStatistics(stretches);
    [0.5, 0.9, 0.95, 0.99].forEach((p, index) => {
      expect(exact[index]).toBeCloseTo(ages[Math.floor(p * ages.length)] ?? 0, 2);
    });
  });
});
