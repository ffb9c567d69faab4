import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApi } from '../../api/graphql-handler.ts';
import type { MarginHistory } from '../../api/queries/answers.ts';
import { marginAt } from '../../api/queries/margin-at.ts';
import { marginHistory } from '../../api/queries/margin-history.ts';
import { parseMarketId } from '../../api/queries/market-ref.ts';
import { readMarketTimeline } from '../../api/queries/market-timeline.ts';
import { parsePositionId } from '../../api/queries/position-history.ts';
import { openSnapshot, type Snapshot } from '../../api/queries/source-directory.ts';
import { readVariances, type VolatilityModel } from '../../api/queries/volatility.ts';
import { openDatabase } from '../../schema/clickhouse/connection.ts';
import { migrate } from '../../schema/clickhouse/migrate.ts';
import { parseFixed } from '../../schema/units.ts';
import { temporaryFolder } from '../e2e/run-cli.ts';
import { askOf, dataOf, keepingLogger, type OpenStore, openArchiveStore } from './crash-store.ts';

const TAU = { TEN_MINUTES: 600, ONE_HOUR: 3_600, ONE_DAY: 86_400 } as const;
const WINDOWS = ['TEN_MINUTES', 'ONE_HOUR', 'ONE_DAY'] as const;

interface Tick {
  readonly second: number;
  readonly price: number;
}

/** v ← a v + (1 − a) r² ÷ dt over the ticks before `instant`, one after the other, over its own weight. */
function twin(ticks: readonly Tick[], instant: number, tau: number): number | null {
  const past = ticks.filter(({ second }) => second < instant);
  let [variance, weight] = [0, 0];
  for (const [at, { second, price }] of past.entries()) {
    const before = past[at - 1];
    if (before === undefined) continue;
    const elapsed = second - before.second;
    const keep = Math.exp(-elapsed / tau);
    variance = keep * variance + ((1 - keep) * Math.log(price / before.price) ** 2) / elapsed;
    weight = keep * weight + (1 - keep);
  }
  return weight < 0.5 ? null : variance / weight;
}

describe('the volatility of a feed', () => {
  const start = 1_700_000_000;
  const feed = { venue: 'test', token: 'eth' };
  let store: OpenStore;

  beforeAll(async () => {
    const folder = temporaryFolder('api-volatility');
    const database = await openDatabase({ dataDir: folder.path });
    await migrate(database);
    store = {
      database,
      async close() {
        await database.close();
        folder.remove();
      },
    };
    // |r| = σ √dt at every update, whatever dt: then v is σ² exactly, after one update and after all.
    let [second, price, up] = [start, 1000, 1];
    const rows: string[] = [];
    for (let index = 0; index < 400; index += 1) {
      const elapsed = 1 + ((index * 37) % 59);
      second += elapsed;
      price *= Math.exp(up * 0.001 * Math.sqrt(elapsed));
      up = -up;
      const units = BigInt(Math.round(price * 1e12));
      rows.push(`(1, 'test', 'eth', ${index}, ${second}, ${units}, ${units})`);
    }
    await database.command(
      `INSERT INTO oracle_updates (chain_id, venue, token, block_number, block_timestamp, min_price, max_price) VALUES ${rows.join(', ')}`,
    );
  });
  afterAll(async () => {
    await store?.close();
  });

  it('is σ² where each return is σ √dt, however irregular dt', async () => {
    const instants = [3_000, 5_000, 9_000].map((seconds) => start + seconds);
    const varianceAt = await readVariances(store.database, {
      chainId: 1,
      feed,
      toBlock: 10_000,
      window: 'TEN_MINUTES',
      instants,
    });
    for (const instant of instants) expect(varianceAt(instant)).toBeCloseTo(1e-6, 11);
  });

  it('knows nothing before half of the weight of its window was seen', async () => {
    const instants = [start, start + 300, start + 1_200];
    const request = { chainId: 1, feed, toBlock: 10_000, instants } as const;
    const short = await readVariances(store.database, { ...request, window: 'TEN_MINUTES' });
    expect(instants.map((instant) => short(instant) === null)).toEqual([true, true, false]);
    const long = await readVariances(store.database, { ...request, window: 'ONE_DAY' });
    expect(instants.map(long)).toEqual([null, null, null]);
  });
});

describe.each([
  { archives: ['gmx-v2-crash-2023-08-17', 'gmx-v1-crash-scenario'], positions: 4 },
  { archives: ['synthetix-v2-crash-2023-08-17'], positions: 2 },
])('margin histories of $archives', ({ archives, positions }) => {
  let store: OpenStore;
  let snapshot: Snapshot;
  let ids: string[];

  beforeAll(async () => {
    store = await openArchiveStore(...archives);
    snapshot = await openSnapshot(store.database);
    const rows = await store.database.select<{ id: string }>(`
      SELECT concat(toString(chain_id), ':', venue, ':', position_key) AS id, count() AS events
      FROM position_states GROUP BY id ORDER BY cityHash64(id) LIMIT ${positions}`);
    ids = rows.map(({ id }) => id);
  });
  afterAll(async () => {
    await store?.close();
  });

  const history = (id: string, more: object): Promise<MarginHistory> =>
    marginHistory(snapshot, { position: parsePositionId(snapshot, id), ...more });

  it('keep the least and the most of every series, however much is thinned', async () => {
    let thinned = 0;
    for (const id of ids) {
      for (const sampling of ['ORACLE_UPDATES', 'GRID', 'EVENTS'] as const) {
        const window = { sampling, intervalSeconds: 300 };
        const whole = await history(id, { ...window, maxPoints: 5_000 });
        expect(whole.isDownsampled).toBe(false);
        // Any number of points: test/api/queries/thin-points.property.test.ts.
        for (const maxPoints of [10, 64]) {
          const thin = await history(id, { ...window, maxPoints });
          expect(thin.points.length).toBeLessThanOrEqual(maxPoints);
          expect(extremesOf(thin)).toEqual(extremesOf(whole));
          if (thin.isDownsampled) thinned += 1;
        }
      }
    }
    expect(thinned).toBeGreaterThan(positions * 2);
  });

  it('show the ratio of collateral alone beside that of the equity', async () => {
    const { points } = await history(ids[0]!, { sampling: 'EVENTS' });
    for (const { collateralRatio, collateralUsd, notionalUsd } of points) {
      expect(collateralRatio).toBeCloseTo(Number(collateralUsd) / Number(notionalUsd), 10);
    }
  });

  it('measure volatility as one update after the other gives it, and never look ahead', async () => {
    const [id] = ids;
    const { points, marketId } = await history(id!, { sampling: 'GRID', intervalSeconds: 1800 });
    const market = parseMarketId(snapshot, marketId);
    const { chainId } = market.source;
    const { feeds } = await readMarketTimeline(store.database, {
      ...market,
      blocks: [points[0]!.blockNumber],
    });
    const feed = feeds[0]!;
    const ticks = await store.database.select<{ second: string; price: string }>(`
      SELECT toString(block_timestamp) AS second, toString(argMax(min_price + max_price, (block_number, log_index, sub_index))) AS price
      FROM oracle_updates WHERE chain_id = ${chainId} AND venue = '${feed.venue}' AND token = '${feed.token}'
      GROUP BY block_timestamp ORDER BY block_timestamp`);
    const known = ticks.map(({ second, price }) => ({
      second: Number(second),
      price: Number(price),
    }));
    const instants = points.map(({ timestamp }) => Date.parse(timestamp) / 1000);
    let compared = 0;
    for (const window of WINDOWS) {
      const request = { chainId, feed, window };
      const all = await readVariances(store.database, { ...request, toBlock: 2 ** 40, instants });
      for (const [at, instant] of instants.entries()) {
        const expected = twin(known, instant, TAU[window]);
        if (expected === null) expect(all(instant)).toBeNull();
        else {
          expect(all(instant)! / expected).toBeCloseTo(1, 9);
          compared += 1;
        }
        if (at % 8 !== 0) continue;
        const toBlock = points[at]!.blockNumber;
        const then = await readVariances(store.database, {
          ...request,
          toBlock,
          instants: [instant],
        });
        if (expected === null) expect(then(instant)).toBeNull();
        else expect(then(instant)! / expected).toBeCloseTo(1, 9);
      }
    }
    expect(compared).toBeGreaterThan(10);
  });

  it('put the distance in units of it, the same in a history and at its block, and say MODELED', async () => {
    const volatility: VolatilityModel = { window: 'TEN_MINUTES', horizonSeconds: 3_600 };
    let compared = 0;
    for (const id of ids.slice(0, 2)) {
      const grid = { sampling: 'GRID', intervalSeconds: 1800 } as const;
      const found = await history(id, { ...grid, volatility, withCarry: true });
      expect(found.provenance.basis).toBe('MODELED');
      for (const point of found.points.slice(0, 6)) {
        const position = parsePositionId(snapshot, id);
        // A grid point stands at a time of its own: the same judgement is at a block of that second.
        const at = await marginAt(snapshot, {
          position,
          block: point.blockNumber,
          volatility,
          withCarry: true,
        });
        if (at?.timestamp !== point.timestamp) continue;
        expect(at.volatility?.annualized).toBeCloseTo(point.volatility!.annualized, 9);
        expect(at.carry).toEqual(point.carry);
        compared += 1;
      }
      for (const { volatility: seen, distance } of found.points) {
        if (seen?.distanceInSigmas == null) continue;
        const sigma = seen.annualized / Math.sqrt((365 * 86_400) / 3_600);
        expect(seen.distanceInSigmas).toBeCloseTo(distance! / sigma, 8);
        compared += 1;
      }
    }
    expect(compared).toBeGreaterThan(0);
  });

  it('compute nothing of it for those who do not ask', async () => {
    const ask = askOf(createApi({ database: store.database, logger: keepingLogger() }));
    const query = (fields: string) =>
      dataOf(
        ask<{ position: { marginHistory: MarginHistory } }>(
          `query ($id: ID!) { position(id: $id) { marginHistory(maxPoints: 20, volatilityWindow: TEN_MINUTES, horizon: "PT1H") {
            provenance { basis caveats } points { ${fields} } } } }`,
          { id: ids[0] },
        ),
      );
    const plain = (await query('marginRatio')).position.marginHistory;
    expect(plain.provenance.basis).toBe('DERIVED');
    const full = (
      await query(
        'collateralRatio carry { usdPerHour priceDriftPerHour secondsToLiquidation } volatility { annualized distanceInSigmas }',
      )
    ).position.marginHistory;
    expect(full.provenance.basis).toBe('MODELED');
    expect(full.provenance.caveats.join()).toContain('tau 600 s');
    expect(full.points.some(({ carry }) => carry !== null)).toBe(true);
  });
});

/** Least and most of each series that a thinned history must keep. */
function extremesOf({ points }: MarginHistory) {
  const ends = (values: readonly (number | bigint | null)[]) => {
    const known = values.flatMap((value) => value ?? []);
    const sorted = known.sort((a, b) => (a < b ? -1 : Number(a > b)));
    return [sorted[0], sorted.at(-1)];
  };
  return {
    marginRatio: ends(points.map(({ marginRatio }) => marginRatio)),
    healthFactor: ends(points.map(({ healthFactor }) => healthFactor)),
    equityUsd: ends(points.map(({ equityUsd }) => parseFixed(equityUsd, 30))),
    distance: ends(points.map(({ distance }) => distance)),
  };
}
