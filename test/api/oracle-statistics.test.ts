import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ageOfInformation } from '../../api/queries/age-of-information.ts';
import { stressHours } from '../../api/queries/oracle-volatility.ts';
import { CountedSample, rankInterval } from '../../api/queries/order-statistics.ts';

function countsOf(values: readonly number[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

describe('CountedSample', () => {
  it('gives the order statistics and R-7 quantiles of the samples written out', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -5, max: 20 }), { minLength: 1, maxLength: 60 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (values, p) => {
          const sorted = [...values].sort((a, b) => a - b);
          const sample = new CountedSample(countsOf(values));
          expect(sorted.map((_, index) => sample.at(index + 1))).toEqual(sorted);
          const place = (sorted.length - 1) * p;
          const [low, high] = [sorted[Math.floor(place)]!, sorted[Math.ceil(place)]!];
          expect(sample.quantile(p)).toBeCloseTo(low + (place % 1) * (high - low), 9);
          expect(sample.max).toBe(sorted.at(-1));
        },
      ),
    );
  });
});

describe('rankInterval', () => {
  it('finds ranks 983 and 997 for the 99th percentile of a thousand samples', () => {
    const interval = rankInterval(1000, 0.99)!;
    expect([interval.lower, interval.upper]).toEqual([983, 997]);
    expect(interval.coverage).toBeCloseTo(0.976, 3);
  });

  it.each([5, 20, 57, 200])(
    'covers as the binomial distribution, summed term by term, says (n = %d)',
    (n) => {
      for (const p of [0.5, 0.9]) {
        const interval = rankInterval(n, p);
        if (!interval) continue;
        let coverage = 0;
        for (let k = interval.lower; k < interval.upper; k += 1) coverage += binomial(n, k, p);
        expect(interval.coverage).toBeCloseTo(coverage, 10);
        let below = 0;
        for (let k = 0; k <= interval.lower; k += 1) below += binomial(n, k, p);
        expect(below).toBeGreaterThan(0.025); // one rank higher would leave too much below
      }
    },
  );

  it('covers at least 95 % wherever a percentile is shown, up to a hundred million samples', () => {
    for (const p of [0.5, 0.9, 0.95, 0.99, 0.999]) {
      for (const factor of [1, 1.7, 3, 10, 333, 1e4, 1e8 * (1 - p) * 0.1]) {
        const n = Math.ceil((10 / (1 - p)) * factor);
        const interval = rankInterval(n, p)!;
        expect(interval.coverage).toBeGreaterThanOrEqual(0.95);
        expect(interval.lower).toBeGreaterThanOrEqual(1);
        expect(interval.upper).toBeLessThanOrEqual(n);
      }
    }
  });

  it('gives none where the sample is too small to enclose the quantile', () => {
    expect(rankInterval(5, 0.99)).toBeNull();
    expect(rankInterval(0, 0.5)).toBeNull();
  });

  it('encloses the true quantile of a skewed distribution as often as it promises', () => {
    const random = mulberry32(7);
    const truth = -Math.log(1 - 0.9); // of the exponential distribution
    const interval = rankInterval(150, 0.9)!;
    let hits = 0;
    for (let run = 0; run < 2000; run += 1) {
      const sample = Array.from({ length: 150 }, () => -Math.log(1 - random())).sort(
        (a, b) => a - b,
      );
      if (sample[interval.lower - 1]! <= truth && truth < sample[interval.upper - 1]!) hits += 1;
    }
    expect(Math.abs(hits / 2000 - interval.coverage)).toBeLessThan(0.015);
  });
});

describe('ageOfInformation', () => {
  it('equals the age looked at every moment, and not half the mean interval plus the mean delay', () => {
    // Exponential intervals of 20 s and delays of 2 s: on average the age is 2 + 20, not 2 + 10.
    const random = mulberry32(20230817);
    const prices = Array.from({ length: 20_000 }, () => ({
      delay: Math.floor(random() * 5),
      width: Math.max(1, Math.round(-20 * Math.log(1 - random()))),
    }));
    const age = ageOfInformation({
      starts: countsOf(prices.map(({ delay }) => delay)),
      ends: countsOf(prices.map(({ delay, width }) => delay + width)),
    });
    const moments = prices
      .flatMap(({ delay, width }) =>
        Array.from({ length: width * 4 }, (_, i) => delay + (i + 0.5) / 4),
      )
      .sort((a, b) => a - b);
    const mean = moments.reduce((sum, one) => sum + one, 0) / moments.length;
    expect(age.mean).toBeCloseTo(mean, 6);
    for (const p of [0.5, 0.9, 0.99]) {
      expect(Math.abs(age.quantile(p) - moments[Math.floor(p * moments.length)]!)).toBeLessThan(
        0.3,
      );
    }
    const naive =
      prices.reduce((sum, { delay, width }) => sum + delay + width / 2, 0) / prices.length;
    expect(age.mean! / naive).toBeGreaterThan(1.7);
    expect(age).toMatchObject({ n: 20_000, negativeCount: 0 });
  });

  it('is the closed form Σ(D·W + W²÷2) ÷ ΣW, with negative delays counted and not clipped', () => {
    const age = ageOfInformation({
      starts: new Map([
        [-1, 1],
        [4, 2],
      ]),
      ends: new Map([
        [9, 1],
        [34, 2],
      ]),
    });
    expect(age.mean).toBeCloseTo((-1 * 10 + 50 + 2 * (4 * 30 + 450)) / 70, 12);
    expect(age).toMatchObject({ n: 3, negativeCount: 1, max: 34 });
  });
});

describe('stressHours', () => {
  it('takes the tenth of the hours that moved most', () => {
    const hours = Array.from({ length: 25 }, (_, hour) => ({ hour, score: (hour * 7) % 25 }));
    expect(
      stressHours(hours)
        .map((hour) => (hour * 7) % 25)
        .sort(),
    ).toEqual([22, 23, 24]);
  });
});

function binomial(n: number, k: number, p: number): number {
  let log = 0;
  for (let i = 1; i <= k; i += 1) log += Math.log((n - k + i) / i);
  return Math.exp(log + k * Math.log(p) + (n - k) * Math.log(1 - p));
}

function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
