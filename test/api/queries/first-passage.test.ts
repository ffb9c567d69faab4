import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Side } from '../../../api/queries/answers.ts';
import {
  barrierShift,
  type DriftConvention,
  extremeMove,
  hitProbability,
  type PriceWalk,
  survivalBetween,
} from '../../../api/queries/first-passage.ts';
import {
  bothAtRisk,
  type RiskLevel,
  sideAtRisk,
} from '../../../api/queries/liquidations-at-risk.ts';
import { errorFunctionComplement, normalCdf } from '../../../api/queries/normal-distribution.ts';
import { MEAN_OVERSHOOT, SECONDS_PER_YEAR } from '../../../api/queries/overshoot.ts';
import { expectedExcessLoss, overshootTail } from '../../../api/queries/overshoot-law.ts';
import { seededRandom } from '../oracle-store.ts';

const DAY = 86_400;
const SIDES: readonly Side[] = ['LONG', 'SHORT'];

function walkOf(volatility: number, days: number, drift: DriftConvention = 'MARTINGALE') {
  return { deviation: volatility * Math.sqrt((days * DAY) / SECONDS_PER_YEAR), drift };
}

describe('the normal distribution', () => {
  // By SciPy 1.17; Abramowitz and Stegun, table 7.1, has the first four to 10 digits.
  it.each([
    [0, 1],
    [0.5, 0.4795001221869535],
    [1, 0.15729920705028516],
    [2, 0.004677734981047266],
    [2.19, 0.001954056757198543],
    [2.21, 0.001775562024065631],
    [3, 2.2090496998585445e-5],
    [5, 1.5374597944280347e-12],
    [10, 2.0884875837625446e-45],
  ])('has erfc(%f) = %f', (x, value) => {
    expect(errorFunctionComplement(x) / value).toBeCloseTo(1, 12);
    expect(errorFunctionComplement(-x)).toBeCloseTo(2 - value, 14);
  });

  it('is one function on both sides of where its two forms meet', () => {
    const [below, above] = [2.2 - 1e-9, 2.2];
    const slope = (-2 / Math.sqrt(Math.PI)) * Math.exp(-(2.2 ** 2));
    const step = errorFunctionComplement(above) - errorFunctionComplement(below);
    expect(step / (slope * 1e-9)).toBeCloseTo(1, 3);
    expect(normalCdf(-1.959963984540054)).toBeCloseTo(0.025, 14);
    expect(normalCdf(0)).toBe(0.5);
  });
});

describe('the probability to come to a level', () => {
  it.each([
    ['LONG', 100 / 90, 0.8, 1, 'MARTINGALE', 0.0125],
    ['LONG', 100 / 90, 0.8, 1, 'ZERO_LOG_DRIFT', 0.01186],
    ['LONG', 100 / 90, 0.8, 7, 'MARTINGALE', 0.3598],
    ['LONG', 100 / 90, 0.8, 7, 'ZERO_LOG_DRIFT', 0.3416],
    ['SHORT', 108 / 100, 0.8, 3, 'MARTINGALE', 0.27764],
    ['LONG', 100 / 95, 0.6, 1, 'MARTINGALE', 0.10507],
  ] as const)('of a %s %f away at %f in %i days (%s) is %f', (side, ratio, vol, days, drift, p) => {
    const digits = String(p).length - 2;
    expect(hitProbability(side, Math.log(ratio), walkOf(vol, days, drift))).toBeCloseTo(p, digits);
  });

  it.each([
    [0, 0.2263],
    [3_600, 0.18407],
    [300, 0.21346],
  ])('falls where the price is looked at every %i s only, to %f', (seconds, p) => {
    const shift = barrierShift(0.8 / Math.sqrt(SECONDS_PER_YEAR), seconds);
    const probability = hitProbability('LONG', Math.log(100 / 95) + shift, walkOf(0.8, 1));
    expect(probability).toBeCloseTo(p, String(p).length - 2);
  });

  const cases = {
    side: fc.constantFrom<Side>('LONG', 'SHORT'),
    drift: fc.constantFrom<DriftConvention>('MARTINGALE', 'ZERO_LOG_DRIFT'),
    distance: fc.double({ min: 1e-6, max: 3, noNaN: true }),
    deviation: fc.double({ min: 1e-5, max: 2, noNaN: true }),
    more: fc.double({ min: 1, max: 3, noNaN: true }),
  };

  it('is a probability that falls with the distance and, without drift of the logarithm, grows with σ√T', () => {
    fc.assert(
      fc.property(fc.record(cases), ({ side, drift, distance, deviation, more }) => {
        const walk = { deviation, drift };
        const p = hitProbability(side, distance, walk);
        expect(p).toBeGreaterThanOrEqual(0);
        expect(p).toBeLessThanOrEqual(1);
        expect(hitProbability(side, distance * more, walk)).toBeLessThanOrEqual(p + 1e-13);
        // A martingale sinks: far along, less of it comes up to a short's level.
        const isRising = drift === 'ZERO_LOG_DRIFT' || side === 'LONG' || deviation * more < 1;
        const wider = hitProbability(side, distance, { deviation: deviation * more, drift });
        if (isRising) expect(wider).toBeGreaterThanOrEqual(p - 1e-12);
      }),
      { seed: 20_230_817 },
    );
  });

  it('is 1 at the level and 0 where nothing moves', () => {
    for (const side of SIDES) {
      expect(hitProbability(side, 0, walkOf(0.8, 1))).toBe(1);
      expect(hitProbability(side, -0.1, { deviation: 0, drift: 'MARTINGALE' })).toBe(1);
      expect(hitProbability(side, 0.01, { deviation: 0, drift: 'MARTINGALE' })).toBe(0);
      expect(hitProbability(side, 900, walkOf(0.8, 1))).toBe(0);
    }
  });

  it('is inverted by the quantile of the extreme', () => {
    for (const side of SIDES) {
      for (const tail of [0.5, 0.05, 0.01, 1e-9]) {
        const walk = walkOf(0.9, 2);
        expect(hitProbability(side, extremeMove(side, tail, walk), walk) / tail).toBeCloseTo(1, 9);
      }
    }
  });

  it('leaves a corridor whose far bound does not matter to the one bound', () => {
    for (const walk of [walkOf(0.8, 1), walkOf(0.8, 1, 'ZERO_LOG_DRIFT'), walkOf(2, 30)]) {
      const s = walk.deviation;
      const one = 1 - hitProbability('LONG', s, walk);
      expect(survivalBetween(s, 20 * s + 20, walk)).toBeCloseTo(one, 12);
      expect(survivalBetween(s, Number.POSITIVE_INFINITY, walk)).toBe(one);
      const other = 1 - hitProbability('SHORT', s, walk);
      expect(survivalBetween(20 * s + 20, s, walk)).toBeCloseTo(other, 12);
      expect(survivalBetween(0, s, walk)).toBe(0);
      expect(survivalBetween(s * 0.1, s * 0.2, walk)).toBe(0);
    }
  });
});

describe('liquidations at risk', () => {
  const walk = walkOf(0.8, 1);
  const portfolio = drawPortfolio(400, 20_230_817);
  const simulated = simulate(portfolio, walk, 4_000);

  it('expects what a simulation has on average, within 2 %', () => {
    const expected = SIDES.map((side) =>
      portfolio[side].reduce(
        (sum, one) => sum + dollars(one.valueUsd) * hitProbability(side, one.distance, walk),
        0,
      ),
    );
    const mean = simulated.reduce((sum, { LONG, SHORT }) => sum + LONG + SHORT, 0) / 4_000;
    expect(Math.abs(mean / (expected[0]! + expected[1]!) - 1)).toBeLessThan(0.02);
  });

  it.each([0.9, 0.95, 0.99])(
    'is the quantile of a simulation at %f, within 0.04 of itself',
    (confidence) => {
      for (const side of SIDES) {
        const atRisk = sideAtRisk(side, portfolio[side], walk, confidence);
        const values = simulated.map((one) => one[side]);
        const ratio = dollars(atRisk.valueUsd) / quantileOf(values, confidence);
        expect(Math.abs(ratio - 1)).toBeLessThan(0.04);
      }
      const both = bothAtRisk(portfolio, walk, confidence);
      const sums = simulated.map(({ LONG, SHORT }) => LONG + SHORT);
      expect(Math.abs(dollars(both.valueUsd) / quantileOf(sums, confidence) - 1)).toBeLessThan(
        0.04,
      );
      expect(both.isStepped).toBe(false);
    },
  );

  it('of both sides is at least that of each, and mostly less than their sum', () => {
    for (const confidence of [0.5, 0.8, 0.95, 0.999]) {
      const sides = SIDES.map((side) => sideAtRisk(side, portfolio[side], walk, confidence));
      const { valueUsd } = bothAtRisk(portfolio, walk, confidence);
      for (const side of sides) expect(valueUsd).toBeGreaterThanOrEqual(side.valueUsd);
      // At the median one of the two goes, though neither does by itself.
      if (confidence > 0.9) expect(valueUsd).toBeLessThan(sides[0]!.valueUsd + sides[1]!.valueUsd);
    }
  });

  it('of one side alone is the quantile of that side, to the last unit', () => {
    for (const side of SIDES) {
      const alone = { LONG: [], SHORT: [], [side]: portfolio[side] };
      for (const confidence of [0.6, 0.95]) {
        const { valueUsd } = bothAtRisk(alone, walk, confidence);
        expect(valueUsd).toBe(sideAtRisk(side, portfolio[side], walk, confidence).valueUsd);
      }
    }
  });

  it('of very many levels is stepped, and from above by little', () => {
    const few = { LONG: portfolio.LONG, SHORT: portfolio.SHORT };
    const exact = bothAtRisk(few, walk, 0.95).valueUsd;
    const stepped = bothAtRisk(repeatNearby(few), walk, 0.95);
    expect(stepped.isStepped).toBe(true);
    expect(dollars(stepped.valueUsd) / dollars(exact * 5n)).toBeGreaterThanOrEqual(1);
    expect(dollars(stepped.valueUsd) / dollars(exact * 5n)).toBeLessThan(1.03);
  });

  it('counts what is liquidated already, whatever happens, and nothing without positions', () => {
    const still = { deviation: 0, drift: 'MARTINGALE' } as const;
    const levels = {
      LONG: [{ distance: 0, valueUsd: 5n }],
      SHORT: [{ distance: 0.1, valueUsd: 7n }],
    };
    expect(bothAtRisk(levels, still, 0.95).valueUsd).toBe(5n);
    expect(bothAtRisk({ LONG: [], SHORT: [] }, walk, 0.95).valueUsd).toBe(0n);
    expect(sideAtRisk('LONG', levels.LONG, still, 0.95)).toEqual({
      move: 0,
      valueUsd: 5n,
      count: 1,
    });
  });
});

describe('the debt of an overshoot', () => {
  it('rests on a law with the mean and the quantiles of a random walk', () => {
    let mean = 0;
    for (let at = 0; at < 60_000; at += 1) mean += overshootTail((at + 0.5) / 10_000) / 10_000;
    expect(mean).toBeCloseTo(MEAN_OVERSHOOT, 4);
    // P(z > 0) = 1; its density there is 1 ÷ E[ladder height] = √2.
    expect((1 - overshootTail(0.001)) / 0.001).toBeCloseTo(Math.SQRT2, 1);
    for (const [p, z] of [
      [0.5, 0.449],
      [0.75, 0.837],
      [0.9, 1.28],
      [0.95, 1.577],
      [0.99, 2.185],
      [0.999, 2.921],
    ] as const) {
      expect((1 - p) / overshootTail(z)).toBeGreaterThan(0.99);
      expect((1 - p) / overshootTail(z)).toBeLessThan(p > 0.99 ? 1.08 : 1.011);
    }
  });

  it.each([true, false])('is what an average over drawn overshoots is (long: %s)', (isLong) => {
    const random = seededRandom(3);
    const terms = { isLong, exposure: 100_000, cushion: 300, deviation: 0.004 };
    let sum = 0;
    const draws = 40_000;
    for (let at = 0; at < draws; at += 1) {
      const u = (at + random()) / draws;
      const loss =
        terms.exposure * Math.abs(Math.expm1((isLong ? -1 : 1) * inverseTail(1 - u) * 0.004));
      sum += Math.max(0, loss - terms.cushion) / draws;
    }
    expect(expectedExcessLoss(terms) / sum).toBeCloseTo(1, 2);
  });

  it('vanishes with the volatility or the time between two looks, and grows with them', () => {
    const terms = { isLong: true, exposure: 1_000, cushion: 2 };
    const of = (deviation: number) => expectedExcessLoss({ ...terms, deviation });
    expect(of(0)).toBe(0);
    expect(of(1e-9)).toBe(0);
    const rising = [1e-4, 1e-3, 2e-3, 5e-3, 0.01, 0.1].map(of);
    expect(rising).toEqual([...rising].sort((a, b) => a - b));
    expect(rising.at(-1)).toBeGreaterThan(20);
    expect(expectedExcessLoss({ ...terms, cushion: 2_000, deviation: 0.01 })).toBe(0);
  });

  it('is owed at once where the penalty is more than what is left', () => {
    const owed = { isLong: false, exposure: 1_000, cushion: -3 };
    expect(expectedExcessLoss({ ...owed, deviation: 0 })).toBe(3);
    const mean = expectedExcessLoss({ ...owed, deviation: 1e-4 }) - 3;
    expect(mean / (1_000 * 1e-4)).toBeCloseTo(MEAN_OVERSHOOT, 3);
  });
});

type Portfolio = Readonly<Record<Side, readonly RiskLevel[]>>;

function dollars(valueUsd: bigint): number {
  return Number(valueUsd) / 1e30;
}

/** Levels up to 25 % away, with few large positions among many small ones. */
function drawPortfolio(count: number, seed: number): Portfolio {
  const random = seededRandom(seed);
  const draw = () =>
    Array.from({ length: count }, () => ({
      distance: 0.25 * random(),
      valueUsd: BigInt(Math.ceil(1e6 * random() ** 3)) * 10n ** 30n,
    }));
  return { LONG: draw(), SHORT: draw() };
}

/** Each level five times, so near each other that no step of the answer tells them apart. */
function repeatNearby({ LONG, SHORT }: Portfolio): Portfolio {
  const five = (levels: readonly RiskLevel[]) =>
    levels.flatMap(({ distance, valueUsd }) =>
      [0, 1, 2, 3, 4].map((at) => ({ distance: distance + at * 1e-9, valueUsd })),
    );
  return { LONG: five(LONG), SHORT: five(SHORT) };
}

/** USD liquidated on each side of each path: steps with the extremes of the bridge between their ends. */
function simulate(portfolio: Portfolio, { deviation }: PriceWalk, paths: number) {
  const random = seededRandom(1);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const steps = 60;
  const h = deviation / Math.sqrt(steps);
  const bridge = (from: number, to: number) =>
    Math.sqrt((to - from) ** 2 - 2 * h * h * Math.log(1 - random()));
  return Array.from({ length: paths }, () => {
    let [at, least, most] = [0, 0, 0];
    for (let step = 0; step < steps; step += 1) {
      const next = at + h * normal() - (h * h) / 2;
      least = Math.min(least, (at + next - bridge(at, next)) / 2);
      most = Math.max(most, (at + next + bridge(at, next)) / 2);
      at = next;
    }
    const hit = (levels: readonly RiskLevel[], reach: number) =>
      levels.reduce((sum, one) => sum + (one.distance <= reach ? dollars(one.valueUsd) : 0), 0);
    return { LONG: hit(portfolio.LONG, -least), SHORT: hit(portfolio.SHORT, most) };
  });
}

function quantileOf(values: readonly number[], p: number): number {
  return [...values].sort((a, b) => a - b)[Math.ceil(p * values.length) - 1]!;
}

function inverseTail(p: number): number {
  let [low, high] = [0, 6];
  for (let at = 0; at < 40; at += 1) {
    const middle = (low + high) / 2;
    if (overshootTail(middle) > p) low = middle;
    else high = middle;
  }
  return high;
}
