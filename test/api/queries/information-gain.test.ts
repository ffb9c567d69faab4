import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  fitLaplace,
  type GainDomain,
  type GainEvent,
  informationGain,
  laplaceNull,
} from '../../../api/queries/information-gain.ts';
import { seeded } from '../charts/sample-answers.ts';

const cellsOf = ({ first, last }: GainDomain) =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

/** Mass by cell of a domain as drawn, and the events that fall exactly as the map says. */
const maps = fc
  .array(fc.integer({ min: 0, max: 5 }), { minLength: 3, maxLength: 41 })
  .filter((masses) => masses.some((mass) => mass > 0))
  .map((masses) => {
    const first = -Math.floor(masses.length / 2);
    const whole = masses.reduce((sum, mass) => sum + mass, 0);
    const events = masses.flatMap((mass, index) =>
      Array.from({ length: mass }, () => ({
        offset: first + index,
        mapShare: mass / whole,
        cluster: index,
      })),
    );
    return { first, last: first + masses.length - 1, masses, whole, events };
  });

describe('information gain', () => {
  /** 134 cells, mass on 20 of them, a trigger in each of the 20. */
  const fixture = Array.from({ length: 20 }, (_, offset) => ({
    offset,
    mapShare: 1 / 20,
    cluster: offset,
  }));

  it('is ln(n ÷ n1) where mass is on n1 of n cells and triggers fall on them', () => {
    const raw = informationGain(fixture, { first: -67, last: 66, smoothing: 0 });
    expect(raw.overUniform.mean).toBeCloseTo(1.902108, 6);
    const smoothed = informationGain(fixture, { first: -67, last: 66, smoothing: 0.01 });
    expect(smoothed.overUniform.mean).toBeCloseTo(Math.log(0.99 * (134 / 20) + 0.01), 12);
  });

  it('is exactly 0 for the null model itself', () => {
    const domain = { first: -9, last: 9, smoothing: 0.01 };
    const uniform = cellsOf(domain).map((offset) => ({ offset, mapShare: 1 / 19, cluster: 0 }));
    expect(informationGain(uniform, domain).overUniform.mean).toBe(0);
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 1, maxLength: 40 }),
        fc.double({ min: 0, max: 0.5, noNaN: true }),
        (offsets, smoothing) => {
          const at = { ...domain, smoothing };
          const model = laplaceNull(
            fitLaplace(
              offsets.map((offset) => ({ offset })),
              at,
            ),
            at,
          );
          const events = offsets.map((offset) => ({ offset, mapShare: model(offset), cluster: 0 }));
          expect(informationGain(events, at).overLaplace.mean).toBe(0);
        },
      ),
    );
  });

  it('is the relative entropy, never negative, where triggers fall as the map says', () => {
    fc.assert(
      fc.property(maps, ({ events, masses, whole, first, last }) => {
        const { overUniform } = informationGain(events, { first, last, smoothing: 0 });
        const entropy = masses
          .filter((mass) => mass > 0)
          .reduce((sum, mass) => {
            const share = mass / whole;
            return sum + share * Math.log(share * masses.length);
          }, 0);
        expect(overUniform.mean).toBeCloseTo(entropy, 10);
        expect(overUniform.mean).toBeGreaterThan(-1e-12);
      }),
    );
  });

  it('costs ln of the smoothing at most for a trigger where the map had nothing', () => {
    fc.assert(
      fc.property(
        maps,
        fc.double({ min: 1e-6, max: 0.5, noNaN: true }),
        ({ events, first, last }, smoothing) => {
          const missed = events.map((event) => ({ ...event, mapShare: 0 }));
          const { overUniform, overLaplace } = informationGain(missed, { first, last, smoothing });
          expect(overUniform.mean).toBeCloseTo(Math.log(smoothing), 9);
          expect(overLaplace.mean).toBeCloseTo(Math.log(smoothing), 9);
        },
      ),
    );
  });

  it('takes an empty map for the null, and leaves out what lies beyond the domain', () => {
    const event = (offset: number, mapShare: number | null) => ({ offset, mapShare, cluster: 0 });
    const gain = informationGain([event(0, null), event(3, 0.5), event(4, 1), event(-9, 0)], {
      first: -3,
      last: 3,
      smoothing: 0,
    });
    expect(gain).toMatchObject({ events: 2, outsideDomain: 2, emptyMap: 1, clusters: 1 });
    expect(gain.overUniform.mean).toBeCloseTo(Math.log(0.5 * 7) / 2, 12);
    const nothing = informationGain([event(9, 1)], { first: -3, last: 3, smoothing: 0 });
    expect(nothing.overUniform).toEqual({ mean: null, low: null, high: null });
    expect(nothing.laplaceScale).toBeNull();
  });
});

describe('the Laplace null', () => {
  const domain = { first: -30, last: 20, smoothing: 0.01 };

  it('sums to 1 over the domain, falls away from the price and is the integral of its density', () => {
    for (const scale of [0.1, 0.7, 3, 50, 1_000]) {
      const model = laplaceNull(scale, domain);
      const shares = cellsOf(domain).map(model);
      expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
      expect(model(5)).toBeLessThanOrEqual(model(4));
      expect(model(-5)).toBe(model(5));
      expect(model(2) / model(1)).toBeCloseTo(Math.exp(-1 / scale), 9);
      const half = Math.exp(-0.5 / scale);
      expect(model(0) / model(1)).toBeCloseTo(2 / (half * (1 + half)), 9);
    }
  });

  it('has the scale under which the triggers are likeliest', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -30, max: 20 }), { minLength: 1, maxLength: 30 }),
        (offsets) => {
          const events = offsets.map((offset) => ({ offset }));
          const likelihood = (scale: number) => {
            const model = laplaceNull(scale, domain);
            return offsets.reduce((sum, offset) => sum + Math.log(model(offset)), 0);
          };
          const fitted = likelihood(fitLaplace(events, domain));
          for (let scale = 0.1; scale < 1_020; scale *= 1.15) {
            expect(fitted).toBeGreaterThanOrEqual(likelihood(scale) - 1e-6);
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  it('finds the scale that triggers were drawn with', () => {
    const random = seeded(7);
    const wide = { first: -200, last: 200, smoothing: 0 };
    const events = Array.from({ length: 20_000 }, () => {
      const size = -12 * Math.log(1 - random());
      return { offset: Math.round(random() < 0.5 ? size : -size) };
    });
    expect(fitLaplace(events, wide)).toBeGreaterThan(11.7);
    expect(fitLaplace(events, wide)).toBeLessThan(12.3);
  });
});

describe('the interval of a gain', () => {
  const domain = { first: -5, last: 5, smoothing: 0 };
  const alternating = (count: number, cluster: (index: number) => number): GainEvent[] =>
    Array.from({ length: count }, (_, index) => ({
      offset: 0,
      mapShare: index % 2 === 0 ? 0.9 : 0.3,
      cluster: cluster(index),
    }));

  it('is mean ± 1.96 standard errors where every trigger stands for itself', () => {
    const { overUniform } = informationGain(
      alternating(40, (index) => index),
      domain,
    );
    const values = [Math.log(0.9 * 11), Math.log(0.3 * 11)] as const;
    const mean = (values[0] + values[1]) / 2;
    const deviation = Math.sqrt(((values[0] - mean) ** 2 * 40) / 39);
    expect(overUniform.mean).toBeCloseTo(mean, 12);
    expect(overUniform.high).toBeCloseTo(mean + (1.959964 * deviation) / Math.sqrt(40), 6);
    expect(overUniform.low).toBeCloseTo(mean - (1.959964 * deviation) / Math.sqrt(40), 6);
  });

  it('does not count one step many times: the same trigger twice in a cluster adds nothing', () => {
    const once = informationGain(
      alternating(20, (index) => index),
      domain,
    ).overUniform;
    const twice = informationGain(
      [...alternating(20, (index) => index), ...alternating(20, (index) => index)],
      domain,
    ).overUniform;
    expect(twice.high).toBeCloseTo(once.high ?? 0, 12);
  });

  it('is null below ten clusters', () => {
    expect(
      informationGain(
        alternating(60, (index) => index % 9),
        domain,
      ).overUniform,
    ).toMatchObject({ low: null, high: null });
    const ten = informationGain(
      alternating(60, (index) => index % 10),
      domain,
    );
    expect(ten.overUniform.low).not.toBeNull();
    expect(ten.clusters).toBe(10);
  });
});
