import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OracleLatencyGroup, OracleMetric } from '../../api/queries/answers.ts';
import { type OracleLatencyRequest, oracleLatency } from '../../api/queries/oracle-latency.ts';
import { requestToExecution } from '../../api/queries/oracle-requests.ts';
import type { Snapshot, Source } from '../../api/queries/source-directory.ts';
import type { OpenStore } from './crash-store.ts';
import { openOracleStore, type Price, seededRandom } from './oracle-store.ts';

const START = Date.parse('2024-09-10T00:00:00Z') / 1000;
const AGGREGATOR = '0x3607e46698d218b3a5cae44bf381475c0a5e2ca7'; // ETH / USD: 0.05 %, a day
const TIGHTENED = 400; // block at which the venue's bound falls from 300 s to 60 s

/** Three pull feeds of one venue that walk at random, some updates in one block; delays −2 to 119 s. */
function pullPrices(): Price[] {
  const random = seededRandom(5);
  const prices: Price[] = [];
  const level = [1e8, 2e8, 3e8];
  let time = START;
  for (let block = 100; block < 700; block += 1) {
    time += Math.floor(-90 * Math.log(1 - random()));
    for (let logIndex = 0; logIndex < 4; logIndex += 1) {
      const feed = Math.floor(random() * 3);
      level[feed] = Math.round(level[feed]! * Math.exp((random() - 0.5) * 0.002));
      const lag = Math.floor(random() * (block < TIGHTENED ? 120 : 60)) - 2;
      prices.push({
        venue: 'gmx-v2',
        token: `0x${feed}`,
        provider: `0xp${feed % 2}`,
        time,
        block,
        logIndex,
        min: level[feed]!,
        max: level[feed]! + 1_000 * feed,
        lag,
      });
    }
  }
  return prices;
}

/** A push feed: 6 bps, 1 bp, 1 bp after a day, and one when nobody knows its rules any more. */
function pushPrices(): Price[] {
  const tick = (block: number, time: number, min: number): Price => ({
    venue: 'chainlink',
    token: AGGREGATOR,
    delivery: 'PUSH',
    block,
    time,
    logIndex: 9,
    min,
    lag: null,
  });
  return [
    tick(99, START - 60, 100_000_000),
    tick(800, START + 80_000, 100_060_000),
    tick(801, START + 80_060, 100_070_000),
    tick(802, START + 80_060 + 86_400, 100_080_000),
    tick(803, START + 80_060 + 90 * 86_400, 100_090_000),
  ];
}

const pyth = (block: number, confidence: number, lag: number): Price => ({
  venue: 'pyth',
  token: '0xfeed',
  block,
  time: START + 79_000 + block - 750,
  logIndex: 3,
  min: 50_000_000,
  lag,
  details: `{"confidence":"${confidence}"}`,
});

describe('oracleLatency beside a brute-force twin', () => {
  const pull = pullPrices();
  const planted: Price = { ...pull.at(-1)!, block: 720, time: pull.at(-1)!.time + 5, lag: 61 };
  let store: OpenStore;
  let snapshot: Snapshot;
  let source: Source;

  beforeAll(async () => {
    ({ store, snapshot, source } = await openOracleStore({
      prices: [...pull, planted, ...pushPrices(), pyth(750, 25_000, 1), pyth(751, 50_000, -1)],
      parameters: [
        { venue: 'gmx-v2', name: 'maxOraclePriceAge', value: 300, block: 10 },
        { venue: 'gmx-v2', name: 'maxOraclePriceAge', value: 60, block: TIGHTENED },
        { venue: 'gmx-v2', name: 'maxOraclePriceAge', value: 1, block: 500, source: 'SNAPSHOT' },
      ],
    }));
  }, 60_000);
  afterAll(() => store?.close());

  const ask = async (request: Partial<OracleLatencyRequest>) =>
    (await oracleLatency(snapshot, { source, ...request })).groups;
  const statOf = (group: OracleLatencyGroup | undefined, metric: OracleMetric) =>
    group?.stats.find((stat) => stat.metric === metric);
  const ofPull = [...pull, planted];

  it('counts every delay with its sign, and finds the one price that is older than the bound allows', async () => {
    const groups = await ask({ groupBy: 'PROVIDER', metrics: ['DELIVERY_DELAY'] });
    for (const provider of ['0xp0', '0xp1']) {
      const lags = ofPull.filter((one) => one.provider === provider).map(({ lag }) => lag!);
      const stat = statOf(
        groups.find(({ key }) => key === provider),
        'DELIVERY_DELAY',
      )!;
      lags.sort((a, b) => a - b);
      expect(stat).toMatchObject({ n: lags.length, max: lags.at(-1) });
      expect(stat.negativeCount).toBe(lags.filter((lag) => lag < 0).length);
      expect(stat.negativeCount).toBeGreaterThan(0);
      const interval = stat.intervals.find(({ p }) => p === 0.9)!;
      expect(interval.lower).toBe(lags[interval.lowerRank - 1]);
      expect(interval.upper).toBe(lags[interval.upperRank - 1]);
      expect(stat.bound?.violations).toBe(provider === planted.provider ? 1 : 0);
      expect(stat.bound?.checked).toBe(lags.length);
    }
  });

  it('sees the bound in force at each block as of a block before the planted price', async () => {
    const [group] = await ask({ metrics: ['DELIVERY_DELAY'], atBlock: 719 });
    expect(statOf(group, 'DELIVERY_DELAY')?.bound).toEqual({
      name: 'gmx-v2 maxOraclePriceAge',
      checked: pull.length,
      violations: 0,
    });
  });

  it('measures age, interval, move and spread of each feed as a walk over its prices does', async () => {
    const groups = await ask({ groupBy: 'FEED', atBlock: 719, to: pull.at(-1)!.time + 1 });
    for (const token of ['0x0', '0x1', '0x2']) {
      const group = groups.find(({ key }) => key === `gmx-v2:${token}`)!;
      const ofFeed = pull.filter((one) => one.token === token);
      const lastOfBlock = ofFeed.filter((one, i) => ofFeed[i + 1]?.block !== one.block);
      const widths = lastOfBlock.map(
        (one, i) => (lastOfBlock[i + 1]?.time ?? pull.at(-1)!.time + 1) - one.time,
      );
      const seconds = sum(widths);
      expect(statOf(group, 'AGE')?.mean).toBeCloseTo(
        sum(lastOfBlock.map((one, i) => one.lag! * widths[i]! + widths[i]! ** 2 / 2)) / seconds,
        9,
      );
      const gaps = widths.slice(0, -1).sort((a, b) => a - b);
      expect(statOf(group, 'UPDATE_INTERVAL')).toMatchObject({
        n: gaps.length,
        max: gaps.at(-1),
        label: 'PULL',
      });
      expect(statOf(group, 'UPDATE_INTERVAL')?.p50).toBe(
        (gaps[Math.floor((gaps.length - 1) / 2)]! + gaps[Math.ceil((gaps.length - 1) / 2)]!) / 2,
      );
      const middle = (one: Price) => one.min + (one.max! - one.min) / 2;
      const moves = lastOfBlock
        .slice(1)
        .map((one, i) => Math.abs(Math.log(middle(one) / middle(lastOfBlock[i]!))));
      expect(statOf(group, 'DEVIATION_AT_UPDATE')?.n).toBe(moves.length);
      expect(statOf(group, 'DEVIATION_AT_UPDATE')?.max).toBeCloseTo(Math.max(...moves), 6);
      expect(statOf(group, 'DEVIATION_AT_UPDATE')?.mean).toBeCloseTo(sum(moves) / moves.length, 7);
      // Of all moves the engine hands on only those around the ranks that are asked: none of them may be missing.
      moves.sort((left, right) => left - right);
      const { intervals = [], p90 } = statOf(group, 'DEVIATION_AT_UPDATE') ?? {};
      expect(intervals.map(({ p }) => p)).toEqual([0.5, 0.9, 0.95]);
      for (const { lower, lowerRank, upper, upperRank } of intervals) {
        expect(lower).toBeCloseTo(moves[lowerRank - 1]!, 7);
        expect(upper).toBeCloseTo(moves[upperRank - 1]!, 7);
      }
      const place = 0.9 * (moves.length - 1);
      const [low, high] = [moves[Math.floor(place)]!, moves[Math.ceil(place)]!];
      expect(p90).toBeCloseTo(low + (place % 1) * (high - low), 7);
      const spreads = ofFeed.map((one) => (one.max! - one.min) / middle(one));
      expect(statOf(group, 'MIN_MAX_SPREAD')?.max).toBeCloseTo(Math.max(...spreads), 7);
    }
  });

  it('never counts push and pull together, and leaves nothing out of any grouping', async () => {
    for (const groupBy of ['ALL', 'CHAIN', 'HOUR', 'FEED', 'PROVIDER', 'VOL_REGIME'] as const) {
      const groups = await ask({ groupBy, metrics: ['DELIVERY_DELAY', 'UPDATE_INTERVAL'] });
      const total = sum(groups.map((group) => statOf(group, 'DELIVERY_DELAY')?.n ?? 0));
      expect([groupBy, total]).toEqual([groupBy, ofPull.length + 2]);
      const pushed = groups.filter(({ delivery }) => delivery === 'PUSH');
      expect(sum(pushed.map((group) => statOf(group, 'UPDATE_INTERVAL')?.n ?? 0))).toBe(4);
    }
  });

  it('says what made a push feed write, where its rule is known', async () => {
    const [group] = await ask({
      feed: `42161:chainlink:${AGGREGATOR}`,
      metrics: ['DEVIATION_AT_UPDATE'],
    });
    expect(statOf(group, 'DEVIATION_AT_UPDATE')?.causes).toEqual({
      known: 3,
      unknown: 1,
      deviation: 1 / 3,
      heartbeat: 1 / 3,
      other: 1 / 3,
    });
  });

  it('tells the confidence of Pyth over its price', async () => {
    const [group] = await ask({ feed: '42161:pyth:0xfeed', metrics: ['CONFIDENCE_RATIO'] });
    expect(statOf(group, 'CONFIDENCE_RATIO')).toMatchObject({ n: 2, mean: 0.00075, max: 0.001 });
  });
});

describe('oracleLatency as of a block', () => {
  it('answers what it answered when that block was the head', async () => {
    const pull = pullPrices();
    const answerOf = async (prices: readonly Price[], atBlock: number | null) => {
      const { store, snapshot, source } = await openOracleStore({
        prices,
        parameters: [{ venue: 'gmx-v2', name: 'maxOraclePriceAge', value: 300, block: 10 }],
      });
      const answer = await oracleLatency(snapshot, { source, groupBy: 'FEED', atBlock });
      await store.close();
      return answer.groups;
    };
    const head = await answerOf(
      [...pull.filter(({ block }) => block <= 350), ...pushPrices().slice(0, 1)],
      null,
    );
    expect(head).toHaveLength(3);
    expect(await answerOf([...pull, ...pushPrices()], 350)).toEqual(head);
  }, 30_000);
});

describe('requestToExecution', () => {
  const order = (
    venue: string,
    key: string,
    at: { requested: number; executed: number; block: number; type: number },
  ) => [
    {
      venue,
      type: 'OrderCreated' as const,
      key,
      orderType: at.type,
      requestedAt: START + at.requested,
      time: START + at.requested,
      block: at.block,
      logIndex: 1,
      market: '0xm',
    },
    {
      venue,
      type: 'OrderExecuted' as const,
      key,
      time: START + at.executed,
      block: at.block + 1,
      logIndex: 5,
      market: '0xm',
    },
  ];
  const price = (venue: string, block: number, executed: number, observed: number): Price => ({
    venue,
    token: '0x1',
    block,
    time: START + executed,
    logIndex: 2,
    min: 1e8,
    lag: executed - observed,
  });

  it('times requests, leaves out those that wait for a price, and finds each planted breach of a bound', async () => {
    const { store, snapshot, source } = await openOracleStore({
      orders: [
        ...order('gmx-v2', '0xa', { requested: 10, executed: 15, block: 10, type: 2 }),
        ...order('gmx-v2', '0xb', { requested: 20, executed: 28, block: 20, type: 4 }),
        ...order('gmx-v2', '0xc', { requested: 30, executed: 9_000, block: 30, type: 5 }),
        // One account, one key: the later request counts.
        ...order('synthetix-v2', '0xs', { requested: 40, executed: 50, block: 40, type: 2 }),
        ...order('synthetix-v2', '0xs', { requested: 9_100, executed: 9_160, block: 50, type: 2 }),
        ...order('synthetix-v2', '0xt', { requested: 9_200, executed: 9_259, block: 60, type: 2 }),
        ...order('synthetix-v2', '0xu', { requested: 9_300, executed: 9_310, block: 70, type: 2 }),
      ],
      prices: [
        price('gmx-v2', 11, 15, 10), // the request's own second: allowed
        price('gmx-v2', 21, 28, 19), // a second before the request
        price('gmx-v2', 31, 9_000, 8_999),
        price('pyth', 41, 50, 43),
        price('pyth', 51, 9_160, 9_105), // executed after 60 s: not < maxAge
        price('pyth', 61, 9_259, 9_203),
        price('pyth', 71, 9_310, 9_302), // 2 s: not > minAge
      ],
      parameters: [
        { venue: 'gmx-v2', name: 'requestExpirationTime', value: 300, block: 1 },
        {
          venue: 'synthetix-v2',
          market: '0xm',
          name: 'offchainDelayedOrderMinAge',
          value: 2,
          block: 1,
        },
        {
          venue: 'synthetix-v2',
          market: '0xm',
          name: 'offchainDelayedOrderMaxAge',
          value: 60,
          block: 1,
        },
      ],
    });
    const { groups } = await requestToExecution(snapshot, { source });
    await store.close();
    const [gmx, synthetix] = groups;
    expect(groups).toHaveLength(2);
    expect(gmx).toMatchObject({
      venue: 'gmx-v2',
      kind: 'MARKET',
      bound: { checked: 2, violations: 1 },
    });
    expect(gmx?.executionDelay).toMatchObject({ n: 2, mean: 6.5, max: 8 });
    expect(gmx?.priceDelay).toMatchObject({ n: 2, negativeCount: 1, max: 0 });
    expect(gmx?.violations.map(({ orderKey }) => orderKey)).toEqual(['0xb']);
    expect(synthetix).toMatchObject({ kind: 'OFFCHAIN', bound: { checked: 4, violations: 2 } });
    expect(synthetix?.executionDelay).toMatchObject({ n: 4, max: 60 });
    expect(synthetix?.violations.map(({ blockNumber }) => blockNumber)).toEqual([51, 71]);
  });
});

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
