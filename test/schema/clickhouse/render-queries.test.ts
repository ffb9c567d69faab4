import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChainProjection } from '../../../indexer/pipeline/project.ts';
import { rebuild } from '../../../indexer/rebuild/rebuild.ts';
import { storedPlans } from '../../../indexer/rebuild/stored-plans.ts';
import { createClickHouseStore } from '../../../indexer/store/clickhouse-store.ts';
import { DERIVED_TABLES, EVIDENCE_TABLES } from '../../../indexer/store/event-store.ts';
import type { Database } from '../../../schema/clickhouse/database.ts';
import { migrate } from '../../../schema/clickhouse/migrate.ts';
import { runCli, temporaryFolder } from '../../e2e/run-cli.ts';
import { startTwoShardEngine, type TwoShardEngine } from './two-shard-engine.ts';

const QUERIES = 'api/queries';

describe('an archive spread over two shards', () => {
  const folder = temporaryFolder('two-shards');
  let engine: TwoShardEngine;
  let plain: Database;
  let spread: Database;

  beforeAll(async () => {
    const archive = 'archives/gmx-v1-crash-scenario';
    const run = await runCli(['index', '--archive', archive, '--data', folder.path, '--json']);
    expect(run.code, run.stderr).toBe(0);
    engine = startTwoShardEngine(folder.path);
    plain = await engine.openPlain('bulkhead');
    spread = await engine.openSpread('spread');
    await migrate(spread);
    for (const table of [...EVIDENCE_TABLES, 'sources', 'indexer_states']) {
      await spread.command(`INSERT INTO ${table} SELECT * FROM bulkhead.${table}`);
    }
    await spread.command("INSERT INTO commits SELECT * FROM bulkhead.commits WHERE stage = 'land'");
    await project(spread);
    // Their rows are compared below; these commits only differ in when they were made.
    await spread.deleteRows('commits', "stage = 'project'", {});
    await spread.command(
      "INSERT INTO commits SELECT * FROM bulkhead.commits WHERE stage = 'project'",
    );
  });
  afterAll(async () => {
    await spread.close();
    await plain.close();
    await engine.close();
    folder.remove();
  });

  it('has rows of every large table on both shards, and each row on one', async () => {
    for (const table of [
      ...EVIDENCE_TABLES,
      'position_states',
      'oracle_updates',
      'open_interest',
    ]) {
      const shards = await spread.select<{ shard: number; n: string }>(
        `SELECT shardNum() AS shard, count() AS n FROM ${table} GROUP BY shard ORDER BY shard`,
      );
      const [whole] = await plain.select<{ n: string }>(`SELECT count() AS n FROM ${table}`);
      expect(
        shards.map(({ shard }) => shard),
        table,
      ).toEqual([1, 2]);
      expect(
        shards.reduce((sum, { n }) => sum + Number(n), 0),
        table,
      ).toBe(Number(whole?.n));
    }
  });

  it('keeps the rows of a position on one shard', async () => {
    const [row] = await spread.select<{ positions: string; split: string }>(
      `SELECT count() AS positions, countIf(shards > 1) AS split
       FROM (SELECT uniqExact(shardNum()) AS shards FROM position_states GROUP BY position_key)`,
    );
    expect(Number(row?.positions)).toBeGreaterThan(100);
    expect(Number(row?.split)).toBe(0);
  });

  it('projects the same rows from the logs as a plain store does', async () => {
    const [plainStore, spreadStore] = [createClickHouseStore(plain), createClickHouseStore(spread)];
    const [plan] = await storedPlans(plainStore);
    const chainId = plan?.source.chainId ?? 0;
    for (const table of [...EVIDENCE_TABLES, ...DERIVED_TABLES]) {
      expect(await spreadStore.digest(table, chainId), table).toEqual(
        await plainStore.digest(table, chainId),
      );
    }
  });

  it('goes to one shard only with a question about one position', async () => {
    const [one] = await plain.select<{ key: string }>(
      'SELECT any(position_key) AS key FROM position_states',
    );
    const question = 'SELECT count() AS n FROM position_states WHERE position_key = {key:String}';
    const settings = { force_optimize_skip_unused_shards: '1' } as const;
    const [row] = await spread.select<{ n: string }>(question, one, settings);
    expect(Number(row?.n)).toBeGreaterThan(0);
    await expect(
      spread.select('SELECT count() FROM position_states', {}, settings),
    ).rejects.toThrow(/Sharding key .* is not used/);
  });

  it('gives the interval of every state as a plain store does', async () => {
    const intervals = `SELECT * FROM position_intervals ORDER BY block_number, log_index, sub_index`;
    const rows = await plain.select(intervals);
    expect(rows.length).toBeGreaterThan(1000);
    expect(await spread.select(intervals)).toEqual(rows);
  });

  // These two ask for the identity of tables, not for rows.
  const ofTables = ['standing-heads.sql', 'swap-progress.sql'];
  const names = readdirSync(QUERIES).filter(
    (name) => name.endsWith('.sql') && !ofTables.includes(name),
  );

  it.each(names)('answers %s as a plain store does', async (name) => {
    const sql = readFileSync(join(QUERIES, name), 'utf8');
    for (const variant of await variants(plain)) {
      const expected = await answer(plain, sql, variant);
      expect(await answer(spread, sql, variant)).toEqual(expected);
    }
  });

  it('is rebuilt on both shards, and the new rows take the place of the old', async () => {
    const store = createClickHouseStore(spread);
    const plans = await storedPlans(store);
    const chainId = plans[0]?.source.chainId ?? 0;
    const right = await store.digest('position_states', chainId);
    await spread.deleteRows('position_states', 'block_number % 3 = 0', {});
    expect(await store.digest('position_states', chainId)).not.toEqual(right);
    const [rebuilt] = await rebuild({
      database: spread,
      store,
      guard: null,
      openBeside: (name) => engine.openSpread(name),
      plans,
      signal: new AbortController().signal,
      spareBytes: 0,
    });
    expect(rebuilt?.changes.map(({ table }) => table)).toEqual(['position_states']);
    expect(await store.digest('position_states', chainId)).toEqual(right);
    expect(
      await spread.select("SELECT name FROM system.databases WHERE name = 'spread_rebuild'"),
    ).toEqual([]);
  });
});

async function project(database: Database): Promise<void> {
  const store = createClickHouseStore(database);
  for (const plan of await storedPlans(store)) {
    const projection = await ChainProjection.open({
      store,
      chainId: plan.source.chainId,
      openReaders: plan.openReaders,
      method: plan.method,
      signal: new AbortController().signal,
    });
    await projection.catchUp();
  }
}

/** Rows of a query with every placeholder filled, in an order of their own where it has none. */
async function answer(
  database: Database,
  sql: string,
  values: Readonly<Record<string, unknown>>,
): Promise<unknown> {
  const needed = [...sql.matchAll(/\{(\w+):/g)].map(([, name]) => name ?? '');
  const parameters = Object.fromEntries(needed.map((name) => [name, values[name]]));
  expect(needed.filter((name) => values[name] === undefined)).toEqual([]);
  const rows = await database.select<Record<string, unknown>>(sql, parameters);
  return rows.map(({ table_versions: _, ...row }) => comparable(row));
}

/** A mean of doubles depends on the order of its additions: the last digits may differ. */
function comparable(value: unknown): unknown {
  if (typeof value === 'number') return Number(value.toPrecision(12));
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, comparable(one)]));
}

/** Values for the placeholders of single analytics. */
function analyticValues(
  prices: { readonly feeds: string[]; readonly times: number[] } | undefined,
  fees: { readonly orderKeys: string[]; readonly blocks: number[] } | undefined,
): Readonly<Record<string, unknown>> {
  const feeds = [...(prices?.feeds ?? [])].sort();
  const [venueA = '', tokenA = ''] = feeds[0]?.split(':') ?? [];
  const [venueB = '', tokenB = ''] = feeds[1]?.split(':') ?? [];
  const [first = 0, last = 0] = prices?.times ?? [];
  const middle = Math.floor((first + last) / 2);
  return {
    ...{ venueA, tokenA, venueB, tokenB, token: tokenA, indexFeed: feeds[0], maxAge: 600 },
    ...{ tau: 3600, instants: [0, middle, last], sinceTime: first, newest: 100, clock: 'BLOCK' },
    ...{
      tokens: feeds.map((feed) => feed.split(':')[1]),
      spreadVenues: [venueA],
      marketVenue: venueA,
    },
    ...{
      stressHours: [Math.floor(middle / 3600) * 3600],
      step: 86_400,
      depth: 3,
      keys: fees?.orderKeys,
    },
    ...{ anchors: fees?.blocks, targets: [], name: '', boundsUsd: [1_000, 100_000] },
    ...{ boundVenue: venueA, boundBlocks: [0], boundSeconds: [60] },
    ...{
      boundTimes: [0],
      changedHours: [],
      venues: [venueA, venueB],
      pairVenues: [],
      pairTokens: [],
    },
    ...{ ruleVenue: venueA, ruleTokens: [tokenA], ruleStarts: [0], ruleEnds: [last + 1] },
    // No full hours: all from updates. The narrow question takes the middle of the window from hours.
    ...{ wholeFrom: 0, wholeTo: 0, endedAt: 0, most: 100 },
    ...{ ruleHeartbeats: [3600], ruleThresholds: [0.005] },
    // Of the report card: edges of five cells from a tenth of a price that is posted on.
    ...{ feedVenue: venueA, feedToken: tokenA, leads: [3_600, 86_400], binSeconds: 3_600 },
    spanSeconds: 2 ** 40,
    ...{ priceScale: 1, priceUnit: 1e-30, firstCell: -2, baseCells: 10, halfWidth: 40 },
    ...{ edges: [26, 28, 30, 32, 34].map((digits) => `1${'0'.repeat(digits)}`) },
  };
}

/** Of the ledger of levels: no filter. */
const LEDGER_VALUES = {
  ...{ width: 5, byCause: false, measure: 'NOTIONAL_AT_LIQUIDATION' },
  ...{ isSized: false, maxSizeUsd: 0, minLeverage: -1, maxLeverage: -1 },
  ...{ isDated: false, openedFrom: 0, openedTo: 2 ** 40 },
};

/** Prices that cut cells of the ledger, one of each side. */
async function cutCells(plain: Database): Promise<Readonly<Record<string, unknown>>> {
  const rows = await plain.select<{ cell: number; long: number; price: string }>(
    `SELECT any(cell) AS cell, toUInt8(is_long) AS long, toString(any(liquidation_price)) AS price
     FROM liquidation_levels WHERE placement = 'LEVEL' GROUP BY is_long ORDER BY is_long`,
  );
  return {
    cells: rows.map(({ cell }) => cell),
    longs: rows.map(({ long }) => long),
    limits: rows.map(({ price }) => BigInt(price)),
  };
}

function fullHours([first = 0, last = 0]: readonly number[] = []) {
  const wholeFrom = Math.ceil(first / 3600) * 3600;
  const wholeTo = Math.floor((first + last) / 2 / 3600) * 3600;
  return { wholeFrom, wholeTo, endedAt: wholeTo };
}

/** Values for the placeholders of all queries: a wide question and a narrow one. */
async function variants(plain: Database): Promise<Readonly<Record<string, unknown>>[]> {
  const [found] = await plain.select<Record<string, string>>(
    `SELECT any(chain_id) AS chainId, max(block_number) AS block, max(block_timestamp) + 1 AS toTime,
       argMax(market, size_usd) AS market, argMax(account, size_usd) AS account,
       argMax(position_key, size_usd) AS positionKey, any(venue) AS venue
     FROM position_states`,
  );
  const [prices] = await plain.select<{ feeds: string[]; times: number[] }>(
    `SELECT groupUniqArray(concat(venue, ':', token)) AS feeds,
       [toUInt32(min(block_timestamp)), toUInt32(max(block_timestamp))] AS times FROM oracle_updates`,
  );
  const [fees] = await plain.select<{ orderKeys: string[]; blocks: number[] }>(
    `SELECT groupUniqArray(50)(order_key) AS orderKeys, arraySort(groupUniqArray(50)(toUInt32(block_number))) AS blocks
     FROM fee_events`,
  );
  const [senders] = await plain.select<{ senders: string[] }>(
    'SELECT groupUniqArray(20)(liquidator) AS senders FROM liquidations',
  );
  const wide = {
    ...found,
    ...senders,
    ...analyticValues(prices, fees),
    ...prices,
    ...fees,
    head: found?.['block'],
    toBlock: found?.['block'],
    fromBlock: 0,
    starts: [0, Math.floor(Number(found?.['block']) / 2)],
    fromTime: 0,
    limit: 1000,
    market: '',
    account: '',
    positionKey: '',
    venue: '',
    side: '',
    cause: '',
    status: '',
    liquidator: '',
    insolvent: '',
    collateralToken: '',
    positionKeys: [],
    groupBy: 'FEED',
    sample: 'FEED',
    orderBy: 'SIZE_USD',
    inverted: false,
    descending: true,
    hasBefore: false,
    hasAfter: false,
    hasOnlyLog: false,
    onlyBlock: 0,
    onlyLog: 0,
    beforeSort: 0,
    afterSort: 0,
    beforePlace: 0,
    afterPlace: 0,
    beforeKey: '',
    afterKey: '',
    minSizeUsd: 0,
    ...LEDGER_VALUES,
    ...(await cutCells(plain)),
    stepSeconds: 3600,
    feed: prices?.feeds[0],
    scopes: ['', found?.['market']],
  };
  const narrow = {
    ...wide,
    venue: found?.['venue'],
    market: found?.['market'],
    account: found?.['account'],
    positionKey: found?.['positionKey'],
    positionKeys: [found?.['positionKey']],
    toBlock: Math.floor(Number(found?.['block']) / 2),
    block: Math.floor(Number(found?.['block']) / 2),
    feeds: prices?.feeds.slice(0, 2),
    side: 'LONG',
    limit: 7,
    groupBy: 'HOUR',
    sample: 'TRANSACTION',
    ...fullHours(prices?.times),
    ...{ isSized: true, maxSizeUsd: 10n ** 36n, minLeverage: 2_000_000, isDated: true },
    ...{ byCause: true, measure: 'COLLATERAL' },
  };
  return [wide, narrow];
}
