import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OracleLatencyRequest, oracleLatency } from '../../api/queries/oracle-latency.ts';
import type { Snapshot, Source } from '../../api/queries/source-directory.ts';
import { ChainHours } from '../../indexer/projections/chain-hours.ts';
import { OracleHours } from '../../indexer/projections/oracle-hours.ts';
import { createClickHouseStore } from '../../indexer/store/clickhouse-store.ts';
import type { Row } from '../../indexer/store/event-store.ts';
import type { OracleUpdate } from '../../schema/events/oracle.ts';
import type { OpenStore } from './crash-store.ts';
import { CHAIN, openOracleStore, type Price, seededRandom } from './oracle-store.ts';

const START = Date.parse('2024-09-10T00:17:00Z') / 1000;
const VENUES = ['gmx-v2', 'pyth', 'chainlink'] as const;

/** Seven feeds of three oracles over about thirty hours, some of them silent for hours. Made up. */
function walk(): Price[] {
  const random = seededRandom(11);
  const level = Array.from({ length: 7 }, (_, feed) => 1e8 * (feed + 1));
  const prices: Price[] = [];
  let time = START;
  for (let block = 100; block < 1_100; block += 1) {
    time += Math.floor(-105 * Math.log(1 - random()));
    for (let logIndex = 0; logIndex < 3; logIndex += 1) {
      const feed = Math.floor(7 * random() ** 2);
      const venue = VENUES[feed % 3]!;
      level[feed] = Math.round(level[feed]! * Math.exp((random() - 0.5) * 0.004));
      prices.push({
        venue,
        // Two oracles know one token: a feed is both.
        token: `0x${feed % 5}`,
        delivery: venue === 'chainlink' ? 'PUSH' : 'PULL',
        time,
        block,
        logIndex,
        min: random() < 0.02 ? 0 : level[feed]!,
        max: level[feed]! + (venue === 'gmx-v2' ? Math.floor(random() * 9_000) : 0),
        lag: random() < 0.1 ? null : Math.floor(random() ** 3 * 90) - 2,
        details: venue === 'pyth' ? `{"confidence":"${Math.floor(random() * 90_000)}"}` : '{}',
      });
    }
  }
  return prices;
}

function eventOf(price: Price): OracleUpdate {
  return {
    kind: 'oracle',
    type: 'OracleUpdated',
    venue: price.venue,
    token: price.token,
    symbol: '',
    provider: '',
    minPrice: BigInt(price.min),
    maxPrice: BigInt(price.max ?? price.min),
    priceDecimals: 8,
    delivery: price.delivery ?? 'PULL',
    observedAt: typeof price.lag === 'number' ? price.time - price.lag : null,
    timeIsBlockTime: false,
    details: JSON.parse(price.details ?? '{}') as Record<string, string>,
    chainId: CHAIN,
    blockNumber: price.block,
    blockTimestamp: price.time,
    transactionHash: '',
    transactionIndex: 0,
    logIndex: price.logIndex,
    subIndex: 0,
  };
}

/** Rows that the prices above a block cause, folded as the projector folds them. */
function fold(prices: readonly Price[], hours: OracleHours, clock: ChainHours): Row[] {
  for (const [index, price] of prices.entries()) {
    hours.observe(eventOf(price));
    const isLast = prices[index + 1]?.block !== price.block;
    if (isLast && clock.passes(price.time)) {
      hours.endHours({ chainId: CHAIN, block: price.block, timestamp: price.time });
    }
  }
  return hours.drain();
}

/** Ends on full hours and within them; within one hour; a block in the middle; a token of two oracles. */
const QUESTIONS: readonly Partial<OracleLatencyRequest>[] = [
  { groupBy: 'ALL' },
  { groupBy: 'HOUR', from: START + 2_580, to: START + 2_580 + 20 * 3_600 },
  { groupBy: 'FEED', from: START + 5_000, to: START + 61_234 },
  { groupBy: 'VOL_REGIME', from: START + 1_000 },
  { groupBy: 'FEED', from: START + 10_000, to: START + 11_000 },
  { groupBy: 'HOUR', atBlock: 612 },
  { groupBy: 'ALL', feed: '0x1' },
];

describe('statistics of oracle prices from hours that stand counted', () => {
  const prices = walk();
  const rows = fold(prices, new OracleHours(), new ChainHours());
  let store: OpenStore;
  let snapshot: Snapshot;
  let source: Source;
  beforeAll(async () => {
    ({ store, snapshot, source } = await openOracleStore({
      prices,
      parameters: [
        { venue: 'gmx-v2', name: 'maxOraclePriceAge', value: 80, block: 10 },
        { venue: 'gmx-v2', name: 'maxOraclePriceAge', value: 50, block: 500 },
      ],
    }));
    // The store's helper gives parameters no time.
    await store.database.command(
      `ALTER TABLE parameter_changes UPDATE block_timestamp = ${timeOf(500)} WHERE block_number = 500`,
    );
  }, 60_000);
  afterAll(() => store?.close());

  const timeOf = (block: number) => prices.find((price) => price.block === block)!.time;
  const answers = async () => {
    const found: unknown[] = [];
    for (const question of QUESTIONS) {
      found.push((await oracleLatency(snapshot, { source, ...question })).groups);
    }
    return found;
  };

  it('are those that the updates give, in any window and grouping', async () => {
    expect(rows.length).toBeGreaterThan(100);
    const counted = await answers();
    await createClickHouseStore(store.database).append('oracle_hours', rows);
    expect(await answers()).toEqual(counted);
    // They are read: with a row of a full hour gone, its samples are missing.
    const lost = rows.find((row) => row['hour_start'] === Math.floor(timeOf(300) / 3_600) * 3_600)!;
    const delays = async () => {
      const { groups } = await oracleLatency(snapshot, { source, metrics: ['DELIVERY_DELAY'] });
      return groups.reduce((sum, { stats: [stat] }) => sum + (stat?.n ?? 0), 0);
    };
    const before = await delays();
    await store.database.command(
      `DELETE FROM oracle_hours WHERE hour_start = ${String(lost['hour_start'])}
       AND venue = '${String(lost['venue'])}' AND token = '${String(lost['token'])}'`,
    );
    const there = (lost['delay_counts'] as number[]).reduce((sum, times) => sum + times, 0);
    expect(there).toBeGreaterThan(0);
    expect(await delays()).toBe(before - there);
  }, 60_000);

  it('goes on after a restart within an hour, and after one behind a full hour, with the rows of a run that never stopped', async () => {
    const database = store.database;
    const events = createClickHouseStore(database);
    const afterHour = Number(rows[Math.floor(rows.length * 0.7)]!['block_number']);
    for (const block of [afterHour, afterHour - 1, 400]) {
      for (const table of ['oracle_updates', 'oracle_hours', 'parameter_changes']) {
        await database.command(`DELETE FROM ${table} WHERE block_number > ${block}`);
      }
      const hours = new OracleHours();
      const clock = new ChainHours();
      await hours.restore(events, CHAIN);
      await clock.restore(events, CHAIN);
      const later = fold(
        prices.filter((price) => price.block > block),
        hours,
        clock,
      );
      expect(later).toEqual(rows.filter((row) => Number(row['block_number']) > block));
    }
  }, 60_000);
});
