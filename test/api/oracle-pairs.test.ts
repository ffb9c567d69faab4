import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { laggedCorrelation, leadLag, type Tick } from '../../api/queries/lead-lag.ts';
import { crossSourceDeviation, oracleLeadLag } from '../../api/queries/oracle-pair.ts';
import type { Snapshot, Source } from '../../api/queries/source-directory.ts';
import type { OpenStore } from './crash-store.ts';
import { openOracleStore, type Price, seededRandom } from './oracle-store.ts';

const START = Date.parse('2024-09-10T00:00:00Z') / 1000;

/** One path of log prices by second, looked at by two feeds at moments of their own, the first later. */
function twoTickers(lag: number): { a: Tick[]; b: Tick[] } {
  const random = seededRandom(11);
  const path = [0];
  for (let second = 1; second < 6_000; second += 1) {
    path.push(path[second - 1]! + (random() - 0.5) * 1e-3);
  }
  const ticks = (delay: number): Tick[] =>
    path.flatMap((logPrice, second) =>
      random() < 0.3 ? [{ time: START + second + delay, logPrice }] : [],
    );
  return { a: ticks(lag), b: ticks(0) };
}

describe('leadLag', () => {
  it.each([7, 0, -12])('recovers an injected lag of %d seconds', (lag) => {
    const { a, b } = twoTickers(lag);
    const found = leadLag(a, b, { maxLag: 30, step: 1 });
    expect(found.peak?.lag).toBe(lag);
    expect(found.peak?.correlation).toBeGreaterThan(0.3);
    expect(found.curve).toHaveLength(61);
    if (lag !== 0) expect(found.ratio! > 1).toBe(lag > 0);
  });

  it('sums, at every lag, the products of all pairs of moves whose spans overlap', () => {
    const { a, b } = twoTickers(3);
    const [first, second] = [a.slice(0, 60), b.slice(0, 80)];
    for (const lag of [-20, -3, 0, 1, 3, 15]) {
      let sum = 0;
      const squares = { a: 0, b: 0 };
      for (let i = 1; i < first.length; i += 1) {
        squares.a += (first[i]!.logPrice - first[i - 1]!.logPrice) ** 2;
        for (let j = 1; j < second.length; j += 1) {
          const overlaps =
            Math.max(first[i - 1]!.time, second[j - 1]!.time + lag) <
            Math.min(first[i]!.time, second[j]!.time + lag);
          if (!overlaps) continue;
          sum +=
            (first[i]!.logPrice - first[i - 1]!.logPrice) *
            (second[j]!.logPrice - second[j - 1]!.logPrice);
        }
      }
      for (let j = 1; j < second.length; j += 1) {
        squares.b += (second[j]!.logPrice - second[j - 1]!.logPrice) ** 2;
      }
      const expected = sum / Math.sqrt(squares.a * squares.b);
      expect(laggedCorrelation(first, second, lag)).toBeCloseTo(expected, 10);
    }
  });

  it('finds itself at lag 0 with correlation 1, and no lag where nothing moves', () => {
    const { b } = twoTickers(0);
    expect(leadLag(b, b, { maxLag: 5, step: 1 }).peak?.lag).toBe(0);
    expect(laggedCorrelation(b, b, 0)).toBeCloseTo(1, 10);
    const flat = b.map(({ time }) => ({ time, logPrice: 1 }));
    expect(leadLag(flat, b, { maxLag: 5, step: 1 })).toEqual({
      curve: [],
      peak: null,
      ratio: null,
    });
  });
});

describe('two feeds of one store', () => {
  const price = (
    venue: string,
    token: string,
    block: number,
    time: number,
    min: number,
  ): Price => ({
    venue,
    token,
    block,
    time,
    logIndex: venue === 'pyth' ? 1 : 2,
    min: Math.round(min),
    lag: 1,
  });
  const { a, b } = twoTickers(7);
  const seconds = [...new Set([...a, ...b].map(({ time }) => time))].sort((x, y) => x - y);
  const blockOf = new Map(seconds.map((time, index) => [time, 1_000 + index]));
  const of = (venue: string, ticks: readonly Tick[]) =>
    ticks.map(({ time, logPrice }) =>
      price(venue, '0xeth', blockOf.get(time)!, time, 1e12 * Math.exp(logPrice)),
    );
  const first = of('chainlink', a);
  const second = of('pyth', b);
  // A twin that always says the same, and a feed that stops after its first price.
  const twin = second.map((one) => ({ ...one, token: '0xtwin', logIndex: 3 }));
  const stopped = [price('pyth', '0xold', blockOf.get(second[0]!.time)!, second[0]!.time, 1e12)];
  let store: OpenStore;
  let snapshot: Snapshot;
  let source: Source;

  beforeAll(async () => {
    const prices = [
      ...first,
      ...second,
      ...twin,
      ...stopped.map((one) => ({ ...one, logIndex: 4 })),
    ];
    ({ store, snapshot, source } = await openOracleStore({ prices }));
  }, 60_000);
  afterAll(() => store?.close());

  const A = '42161:chainlink:0xeth';
  const B = '42161:pyth:0xeth';

  it('recovers by block time that the second leads the first by seven seconds', async () => {
    const found = await oracleLeadLag(snapshot, { source, feedA: A, feedB: B, maxLagSeconds: 20 });
    expect(found).toMatchObject({ lagSeconds: 7, ticksA: first.length, ticksB: second.length });
    expect(found.leadLagRatio).toBeGreaterThan(1);
    const turned = await oracleLeadLag(snapshot, {
      source,
      feedA: B,
      feedB: A,
      maxLagSeconds: 20,
      clock: 'OBSERVED',
    });
    expect(turned.lagSeconds).toBe(-7);
  });

  it('is zero for feeds that say the same', async () => {
    const same = await crossSourceDeviation(snapshot, {
      source,
      feedA: B,
      feedB: '42161:pyth:0xtwin',
    });
    expect(same.deviation).toMatchObject({ n: second.length, mean: 0, max: 0 });
    expect(same).toMatchObject({ bias: 0, staleCount: 0 });
  });

  it('compares the last prices at every change as a walk over both does', async () => {
    const maxAgeSeconds = 6;
    const found = await crossSourceDeviation(snapshot, {
      source,
      feedA: A,
      feedB: B,
      maxAgeSeconds,
    });
    const deviations: number[] = [];
    let stale = 0;
    for (const time of seconds) {
      const [lastA, lastB] = [first, second].map((ticks) =>
        ticks.filter((one) => one.time <= time).at(-1),
      );
      const isFresh =
        lastA && lastB && time - lastA.time <= maxAgeSeconds && time - lastB.time <= maxAgeSeconds;
      if (isFresh) deviations.push(Math.log(lastA.min / lastB.min));
      else stale += 1;
    }
    const magnitudes = deviations.map(Math.abs);
    expect(found.staleCount).toBe(stale);
    expect(stale).toBeGreaterThan(0);
    expect(found.deviation.n).toBe(deviations.length);
    expect(found.deviation.max).toBeCloseTo(Math.max(...magnitudes), 6);
    expect(found.bias).toBeCloseTo(
      deviations.reduce((sum, one) => sum + one, 0) / deviations.length,
      7,
    );
    expect(Math.abs(found.worst!.logRatio)).toBe(found.deviation.max);
  });

  it('takes a feed that stopped for no evidence', async () => {
    const found = await crossSourceDeviation(snapshot, {
      source,
      feedA: B,
      feedB: '42161:pyth:0xold',
      maxAgeSeconds: 60,
    });
    expect(found.deviation.n + found.staleCount).toBe(second.length);
    expect(found.deviation.n).toBeLessThan(60);
  });

  it('asks which feed is meant where a name means several', async () => {
    await expect(
      crossSourceDeviation(snapshot, { source, feedA: '0xeth', feedB: B }),
    ).rejects.toThrow('several feeds');
  });
});
