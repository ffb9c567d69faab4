import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../../schema/clickhouse/database.ts';
import { migrate, migrationStatements } from '../../../schema/clickhouse/migrate.ts';
import { renderStatement, rowsOnCluster } from '../../../schema/clickhouse/render.ts';
import { SHARDED_VIEWS, SHARDING } from '../../../schema/clickhouse/render-sharding.ts';
import { UsageError } from '../../../schema/errors.ts';
import { firstJsonLine } from '../../e2e/run-cli.ts';
import {
  assertParses,
  CLUSTER,
  startTwoShardEngine,
  type TwoShardEngine,
} from './two-shard-engine.ts';

const TARGET = { cluster: CLUSTER, database: 'store' };
const render = (statement: string) => renderStatement(statement, TARGET);

const statements = migrationStatements();

describe('renderStatement', () => {
  it('makes a table into a replicated one on each shard and one over them all', () => {
    const table = `CREATE TABLE IF NOT EXISTS commits (stage String, MergeTree String)
      ENGINE = MergeTree ORDER BY stage TTL now() + INTERVAL 1 DAY SETTINGS non_replicated_deduplication_window = 0, fsync_after_insert = 1`;
    expect(render(table)).toEqual([
      `CREATE TABLE IF NOT EXISTS store.commits_local ON CLUSTER 'two' (stage String, MergeTree String)
      ENGINE = ReplicatedMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}') ORDER BY stage TTL now() + INTERVAL 1 DAY SETTINGS replicated_deduplication_window = 0, fsync_after_insert = 1`,
      `CREATE TABLE IF NOT EXISTS store.commits ON CLUSTER 'two' AS store.commits_local
ENGINE = Distributed('two', 'store', 'commits_local', 0)`,
    ]);
  });

  it.each([
    ['(a Int8) ENGINE = MergeTree ORDER BY a', '\nSETTINGS replicated_deduplication_window = 0'],
    [
      '(a Int8) ENGINE MergeTree ORDER BY a SETTINGS b = 1',
      ' replicated_deduplication_window = 0, b = 1',
    ],
  ])('switches de-duplication off where a table does not: %s', (rest, ending) => {
    const [local] = render(`CREATE TABLE commits ${rest}`);
    expect(local?.endsWith(ending), local).toBe(true);
  });

  it.each([
    [
      'DELETE FROM blocks WHERE chain_id = {chainId:UInt64}',
      "DELETE FROM store.blocks_local ON CLUSTER 'two' WHERE chain_id = {chainId:UInt64}",
    ],
    ['TRUNCATE TABLE blocks', "TRUNCATE TABLE store.blocks_local ON CLUSTER 'two'"],
    [
      'EXCHANGE TABLES store.blocks AND other.blocks',
      "EXCHANGE TABLES store.blocks_local AND other.blocks_local ON CLUSTER 'two'",
    ],
    [
      'CREATE DATABASE IF NOT EXISTS other ENGINE = Atomic',
      "CREATE DATABASE IF NOT EXISTS other ON CLUSTER 'two' ENGINE = Atomic",
    ],
    ['DROP DATABASE IF EXISTS other SYNC', "DROP DATABASE IF EXISTS other ON CLUSTER 'two' SYNC"],
    [
      'CREATE VIEW blocks AS SELECT * FROM other.blocks',
      "CREATE VIEW store.blocks ON CLUSTER 'two' AS SELECT * FROM other.blocks",
    ],
    [
      'ALTER TABLE blocks MODIFY SETTING non_replicated_deduplication_window = 0',
      "ALTER TABLE store.blocks_local ON CLUSTER 'two' MODIFY SETTING replicated_deduplication_window = 0",
    ],
    [
      "KILL QUERY WHERE startsWith(query_id, 'a') SYNC",
      "KILL QUERY ON CLUSTER 'two' WHERE startsWith(initial_query_id, 'a') SYNC",
    ],
    [
      'KILL MUTATION WHERE database = currentDatabase() SYNC',
      "KILL MUTATION ON CLUSTER 'two' WHERE database = 'store' SYNC",
    ],
    ['SYSTEM SYNC REPLICA blocks', "SYSTEM SYNC REPLICA ON CLUSTER 'two' store.blocks_local"],
    ['INSERT INTO blocks SELECT 1', 'INSERT INTO blocks SELECT 1'],
    [
      'EXCHANGE TABLES blocks AND blocks_sorted',
      "EXCHANGE TABLES store.blocks_local AND store.blocks_sorted_local ON CLUSTER 'two'",
    ],
  ])('has one statement for %s', async (statement, rendered) => {
    expect(render(statement)).toEqual([rendered]);
  });

  it.each([
    [
      'ALTER TABLE blocks ADD COLUMN a Int8 AFTER b, MODIFY COLUMN c Nullable(Int8)',
      [
        "ALTER TABLE store.blocks_local ON CLUSTER 'two' ADD COLUMN a Int8 AFTER b, MODIFY COLUMN c Nullable(Int8)",
        "ALTER TABLE store.blocks ON CLUSTER 'two' ADD COLUMN a Int8 AFTER b, MODIFY COLUMN c Nullable(Int8)",
      ],
    ],
    [
      'DROP TABLE IF EXISTS other.blocks SYNC',
      [
        "DROP TABLE IF EXISTS other.blocks ON CLUSTER 'two' SYNC",
        "DROP TABLE IF EXISTS other.blocks_local ON CLUSTER 'two' SYNC",
      ],
    ],
    ['DROP TABLE IF EXISTS other.blocks_local SYNC', []],
    [
      'DROP TABLE IF EXISTS blocks_sorted SYNC',
      [
        "DROP TABLE IF EXISTS store.blocks_sorted ON CLUSTER 'two' SYNC",
        "DROP TABLE IF EXISTS store.blocks_sorted_local ON CLUSTER 'two' SYNC",
      ],
    ],
    [
      'CREATE TABLE liquidations_sorted (a Int8) ENGINE = MergeTree ORDER BY a SETTINGS b = 1',
      [
        "CREATE TABLE store.liquidations_sorted_local ON CLUSTER 'two' (a Int8) ENGINE = ReplicatedMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}') ORDER BY a SETTINGS replicated_deduplication_window = 0, b = 1",
        "CREATE TABLE IF NOT EXISTS store.liquidations_sorted ON CLUSTER 'two' AS store.liquidations_sorted_local\nENGINE = Distributed('two', 'store', 'liquidations_sorted_local', sipHash64(position_key))",
      ],
    ],
    [
      'CREATE TABLE blocks AS other.blocks',
      [
        "CREATE TABLE store.blocks_local ON CLUSTER 'two' AS other.blocks_local",
        "CREATE TABLE IF NOT EXISTS store.blocks ON CLUSTER 'two' AS store.blocks_local\nENGINE = Distributed('two', 'store', 'blocks_local', intDiv(block_number, 10000))",
      ],
    ],
    [
      'CREATE VIEW position_intervals AS SELECT * FROM position_states',
      [
        "CREATE VIEW store.position_intervals_local ON CLUSTER 'two' AS SELECT * FROM store.position_states_local",
        "CREATE TABLE IF NOT EXISTS store.position_intervals ON CLUSTER 'two' AS store.position_intervals_local\nENGINE = Distributed('two', 'store', 'position_intervals_local', sipHash64(position_key))",
      ],
    ],
  ])('treats rows and the table over them alike: %s', (statement, rendered) => {
    expect(render(statement)).toEqual(rendered);
  });

  it('names the rows of a table for a DELETE', () => {
    expect(rowsOnCluster('blocks', TARGET)).toBe("store.blocks_local ON CLUSTER 'two'");
  });

  it.each([
    ['a table that nothing places', 'CREATE TABLE more (a Int8) ENGINE = MergeTree ORDER BY a'],
    [
      'a sorted copy of such a table',
      'CREATE TABLE more_sorted (a Int8) ENGINE = MergeTree ORDER BY a',
    ],
    ['rows of such a table', 'DELETE FROM more WHERE 1'],
    ['a table named like a thing of the language', 'DELETE FROM constructor WHERE 1'],
    ['another engine', 'CREATE TABLE commits (a Int8) ENGINE = ReplacingMergeTree ORDER BY a'],
    ['an engine with arguments', 'CREATE TABLE commits (a Int8) ENGINE = MergeTree(a) ORDER BY a'],
    ['a table without an engine', 'CREATE TABLE commits (a Int8)'],
    ['a table of a query', 'CREATE TABLE commits ENGINE = MergeTree ORDER BY a AS SELECT 1 AS a'],
    ['a table like one placed otherwise', 'CREATE TABLE commits AS blocks'],
    ['a materialized view', 'CREATE MATERIALIZED VIEW v TO commits AS SELECT 1'],
    [
      'a view of each shard over other shards',
      'CREATE VIEW position_intervals AS SELECT * FROM blocks',
    ],
    ['deleting by ALTER', 'ALTER TABLE blocks DELETE WHERE 1'],
    ['updating by ALTER', 'ALTER TABLE blocks UPDATE a = 1 WHERE 1'],
    ['columns and settings at once', 'ALTER TABLE blocks ADD COLUMN a Int8, MODIFY SETTING b = 1'],
    ['an action amid others', 'ALTER TABLE blocks ADD COLUMN a Int8, DROP PARTITION 1'],
    ['a cluster of its own', "ALTER TABLE blocks ON CLUSTER 'x' ADD COLUMN a Int8"],
    ['renaming', 'RENAME TABLE blocks TO commits'],
    ['a dictionary', 'CREATE DICTIONARY d (a Int8) PRIMARY KEY a'],
    ['rights', 'GRANT SELECT ON *.* TO x'],
    ['another system command', 'SYSTEM DROP REPLICA r'],
  ])('refuses %s', (_, statement) => {
    expect(() => render(statement)).toThrow(UsageError);
  });
});

describe('the migrations, rendered', () => {
  let engine: TwoShardEngine;
  let single: Database;
  let spread: Database;

  beforeAll(async () => {
    engine = startTwoShardEngine();
    single = await engine.openPlain('single');
    spread = await engine.openSpread('spread');
    await migrate(single);
    await migrate(spread);
  });
  afterAll(async () => {
    await single.close();
    await spread.close();
    await engine.close();
  });

  it('are whole: every statement has its form, and the engine parses it', async () => {
    expect(statements.length).toBeGreaterThan(20);
    for (const statement of statements) {
      const rendered = render(statement);
      // Rows are copied through the tables over them; only the rows change places, or have an index.
      const [, kind = ''] =
        /^(?:\s|--.*\n)*(INSERT|EXCHANGE|ALTER TABLE \w+ (?:ADD|MATERIALIZE) INDEX)?/.exec(
          statement,
        ) ?? [];
      expect(rendered.length, statement).toBe(kind === '' ? 2 : 1);
      for (const one of rendered) {
        const parsed = await assertParses(single, one);
        expect(parsed.includes('ON CLUSTER two'), one).toBe(kind !== 'INSERT');
      }
    }
  });

  it('are parsed where rows are deleted, exchanged and waited for', async () => {
    for (const table of Object.keys(SHARDING)) {
      for (const statement of [
        `DELETE FROM ${table} WHERE chain_id = {chainId:UInt64} AND block_number > {toBlock:Int64}`,
        `EXCHANGE TABLES store.${table} AND store_rebuild.${table}`,
        `CREATE TABLE ${table} AS store_rebuild.${table}`,
        `DROP TABLE IF EXISTS ${table} SYNC`,
        `SYSTEM SYNC REPLICA ${table}`,
      ]) {
        for (const one of render(statement)) {
          expect(await assertParses(single, one)).toContain('ON CLUSTER two');
        }
      }
    }
  });

  const columns = (database: Database, ending: string, engineName: string) =>
    database.select(
      `SELECT replaceRegexpOne(c.table, {ending:String}, '') AS in_table, c.name AS name, c.type AS type,
         c.default_expression AS filled
       FROM system.columns AS c INNER JOIN system.tables AS t ON t.database = c.database AND t.name = c.table
       WHERE c.database = {database:String} AND t.engine = {engineName:String}
       ORDER BY in_table, c.position`,
      { database: database.name, ending, engineName },
    );

  it('give every table its rows and the table over them, with the same columns', async () => {
    const expected = await columns(single, '$^', 'MergeTree');
    expect(expected.length).toBeGreaterThan(200);
    expect(await columns(spread, '_local$', 'MergeTree')).toEqual(expected);
    const views = await columns(single, '$^', 'View');
    expect(views.length).toBeGreaterThan(20);
    const over = (await columns(spread, '$^', 'Distributed')) as { in_table: string }[];
    expect(over.filter(({ in_table }) => !(in_table in SHARDED_VIEWS))).toEqual(expected);
    expect(await columns(spread, '_local$', 'View')).toEqual(views);
  });

  it('place every table by its own columns, and only tables that are there', async () => {
    const tables = await single.select<{ name: string }>(
      "SELECT name FROM system.tables WHERE database = 'single' AND engine = 'MergeTree' ORDER BY name",
    );
    const ofRebuild = ['rebuild_purpose', 'swap_journal'];
    expect([...tables.map(({ name }) => name), ...ofRebuild].sort()).toEqual(
      Object.keys(SHARDING).sort(),
    );
    for (const { name } of tables) {
      const [row] = await single.select<{ type: string }>(
        `SELECT any(toTypeName(${SHARDING[name]})) AS type FROM (SELECT * FROM ${name} LIMIT 0)`,
      );
      expect(row, name).toBeDefined();
    }
  });

  it('make replicated tables that the engine accepts, with all their settings', async () => {
    const script = fileURLToPath(new URL('./replicated-tables.ts', import.meta.url));
    const folder = mkdtempSync(join(tmpdir(), 'bulkhead-replicated-'));
    const child = spawn(process.execPath, ['--import', 'tsx', script, folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      const { made, tables } = (await firstJsonLine(child)) as {
        made: number;
        tables: { name: string; engine_full: string }[];
      };
      expect(made).toBeGreaterThan(18);
      expect(tables.length).toBe(made + 1);
      for (const { name, engine_full } of tables) {
        expect(engine_full, name).toContain(
          "ReplicatedMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')",
        );
        expect(engine_full, name).toContain(' replicated_deduplication_window = 0');
      }
    } finally {
      child.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    }
  });

  it('sort the rows of a store of before anew, each on its shard', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bulkhead-older-'));
    cpSync('schema/clickhouse/migrations', folder, { recursive: true });
    for (const file of readdirSync(folder)) if (file >= '0008') rmSync(join(folder, file));
    const older = await engine.openSpread('older');
    await migrate(older, folder);
    await older.command(
      `INSERT INTO position_states (chain_id, venue, position_key, block_number)
       SELECT 1, 'v', toString(number % 40), 100 - number FROM numbers(100)`,
    );
    const rows = () =>
      older.select<{ shard: number; n: string }>(
        `SELECT shardNum() AS shard, count() AS n, sum(sipHash64(position_key, block_number)) AS digest
         FROM position_states GROUP BY shard ORDER BY shard`,
      );
    const before = await rows();
    expect(before.map(({ shard }) => shard)).toEqual([1, 2]);
    await migrate(older);
    expect(await rows()).toEqual(before);
    const names = await older.select<{ name: string }>(
      "SELECT name FROM system.tables WHERE database = 'older' AND name LIKE '%sorted%'",
    );
    expect(names).toEqual([]);
    await older.close();
    rmSync(folder, { recursive: true });
  });

  it('refuse to open the tables for another number of shards', async () => {
    const plain = await engine.openPlain('other_layout');
    await plain.close();
    await expect(engine.openSpread('other_layout')).rejects.toThrow(/another layout/);
  });
});
