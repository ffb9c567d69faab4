import { describe, expect, it } from 'vitest';
import {
  percentileOf,
  summarizeOvershoots,
  toDelayStat,
} from '../../../api/queries/liquidation-latency-summary.ts';
import {
  MEAN_OVERSHOOT,
  OVERSHOOT_QUANTILES,
  requiredBuffer,
  SECONDS_PER_YEAR,
  scaledOvershoot,
} from '../../../api/queries/overshoot.ts';

describe('overshoot of a price that is looked at now and then', () => {
  const heights = ladderHeights(60_000);

  it('is on average what a random walk passes a level by', () => {
    // Renewal theory: far from its start a walk passes a level by E[H²] ÷ 2E[H], H its ladder heights.
    const squares = heights.reduce((sum, one) => sum + one * one, 0);
    const sum = heights.reduce((total, one) => total + one, 0);
    expect(squares / (2 * sum)).toBeCloseTo(MEAN_OVERSHOOT, 2);
  });

  it('has the quantiles that are quoted', () => {
    const sum = heights.reduce((total, one) => total + one, 0);
    for (const { p, value } of OVERSHOOT_QUANTILES) {
      const beyond = heights.reduce((total, one) => total + Math.max(0, one - value), 0) / sum;
      expect(beyond / (1 - p)).toBeGreaterThan(p > 0.99 ? 0.8 : 0.93);
      expect(beyond / (1 - p)).toBeLessThan(p > 0.99 ? 1.2 : 1.07);
    }
  });

  it('scales by volatility and time, and not without them', () => {
    expect(scaledOvershoot(0.02, 0.001, 100)).toBeCloseTo(2, 12);
    expect(scaledOvershoot(0.02, null, 100)).toBeNull();
    expect(scaledOvershoot(0.02, 0, 100)).toBeNull();
    expect(scaledOvershoot(0.02, 0.001, 0)).toBeNull();
  });

  it('counts the share within each expected quantile, and hides quantiles of too few', () => {
    const samples = [0.1, 0.5, 1.3, 3].map((scaled) => ({
      overshoot: scaled * 0.01,
      sigmaPerSecond: 0.001,
      seconds: 100,
    }));
    const summary = summarizeOvershoots([
      ...samples,
      { overshoot: 1, sigmaPerSecond: null, seconds: 9 },
    ]);
    expect(summary.n).toBe(4);
    expect(summary.meanScaled).toBeCloseTo(1.225, 12);
    expect(summary.quantiles.map((one) => one.shareWithin)).toEqual([0.25, 0.5, 0.75, 0.75, 0.75]);
    expect(summary.quantiles.every((one) => one.observed === null)).toBe(true);
  });
});

describe('the buffer that a delay needs', () => {
  it.each([
    [1, 3.1],
    [60, 24],
    [1_200, 108],
    [3_600, 187],
  ])('is at 80 % volatility and %i s between prices %f bps', (seconds, bps) => {
    const buffer = requiredBuffer({
      penaltyRatio: 0,
      sigmaPerSecond: 0.8 / Math.sqrt(SECONDS_PER_YEAR),
      seconds,
      quantile: 2.185,
    });
    expect(buffer * 10_000).toBeCloseTo(bps, bps < 10 ? 1 : 0);
  });

  it('adds the penalty and the deviation that triggers an update', () => {
    const terms = { penaltyRatio: 0.002, sigmaPerSecond: 0, seconds: 10, quantile: 2.185 };
    expect(requiredBuffer(terms)).toBe(0.002);
    expect(requiredBuffer({ ...terms, theta: 0.005 })).toBeCloseTo(0.007, 15);
  });
});

describe('delay statistics', () => {
  it('interpolates between order statistics as numpy does', () => {
    expect(percentileOf([1, 2, 3, 4], 0.5)).toBe(2.5);
    expect(percentileOf([1, 2, 3, 4], 0.9)).toBeCloseTo(3.7, 12);
  });

  it('gives a percentile from 10 ÷ (1 − p) values on', () => {
    const values = Array.from({ length: 101 }, (_, index) => 100 - index);
    expect(toDelayStat('DELAY', 'seconds', values)).toMatchObject({
      n: 101,
      mean: 50,
      min: 0,
      p50: 50,
      p90: 90,
      p95: null,
      p99: null,
      max: 100,
    });
    expect(toDelayStat('DELAY', 'seconds', values.slice(0, 19)).p50).toBeNull();
    expect(toDelayStat('DELAY', 'seconds', [])).toMatchObject({ n: 0, mean: null, max: null });
  });
});

/** Heights at which a seeded Gaussian walk first passes its start; walks that take too long are left out. */
function ladderHeights(wanted: number): number[] {
  const normal = normals(20_230_817);
  const heights: number[] = [];
  for (let walk = 0; walk < wanted; walk += 1) {
    let at = 0;
    for (let step = 0; step < 10_000 && at <= 0; step += 1) at += normal();
    if (at > 0) heights.push(at);
  }
  return heights;
}

/** Box–Muller over mulberry32. */
function normals(seed: number): () => number {
  let state = seed;
  const uniform = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}
