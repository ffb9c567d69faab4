import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changeStructure } from '../../../indexer/store/structure-lease.ts';
import { openDatabase } from '../../../schema/clickhouse/connection.ts';
import type { Database } from '../../../schema/clickhouse/database.ts';
import { migrate } from '../../../schema/clickhouse/migrate.ts';
import { splitStatements } from '../../../schema/clickhouse/split-statements.ts';

const OURS = fileURLToPath(new URL('../../../schema/clickhouse/migrations', import.meta.url));
const NAME = '0008_sorted_facts.sql';
const statements = splitStatements(readFileSync(join(OURS, NAME), 'utf8'));

/** Tables whose rows it moves. */
const TABLES = statements.flatMap(
  (statement) => /^INSERT INTO \w+ SELECT \* FROM (\w+)$/.exec(statement)?.[1] ?? [],
);
const ROWS = 200;

describe(NAME, () => {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-sorted-'));
  const before = join(folder, 'migrations');
  const opened: Database[] = [];

  beforeAll(() => {
    cpSync(OURS, before, { recursive: true });
    for (const file of readdirSync(before)) if (file >= NAME) rmSync(join(before, file));
  });
  afterAll(async () => {
    for (const database of opened) await database.close();
    rmSync(folder, { recursive: true });
  });

  /** A store of before, with rows drawn at random (synthetic) in every table that is moved. */
  async function openOlder(name: string): Promise<Database> {
    const database = await open(name);
    await migrate(database, before);
    for (const table of TABLES) {
      const [columns] = await database.select<{ all: string }>(
        `SELECT arrayStringConcat(groupArray(concat(name, ' ', type)), ', ') AS all FROM
           (SELECT name, type FROM system.columns WHERE database = currentDatabase() AND table = {table:String} ORDER BY position)`,
        { table },
      );
      await database.command(
        `INSERT INTO ${table} SELECT * FROM generateRandom('${columns?.all}', 8, 12) LIMIT ${ROWS}`,
      );
    }
    return database;
  }

  async function open(name: string): Promise<Database> {
    const database = await openDatabase({ dataDir: join(folder, 'data'), database: name });
    opened.push(database);
    return database;
  }

  const contents = (database: Database) =>
    database.select<{ name: string; rows: string; digest: string }>(
      TABLES.map(
        (table) => `SELECT '${table}' AS name, count() AS rows,
          sum(reinterpretAsUInt128(sipHash128(tuple(*)))) AS digest FROM ${table}`,
      ).join(' UNION ALL '),
    );
  const keys = (database: Database) =>
    database.select<{ name: string; sorting_key: string }>(
      `SELECT name, sorting_key FROM system.tables WHERE database = currentDatabase() AND name IN {names:Array(String)} ORDER BY name`,
      { names: TABLES },
    );
  const leftOvers = (database: Database) =>
    database.select(
      "SELECT name FROM system.tables WHERE database = currentDatabase() AND endsWith(name, '_sorted')",
    );
  const byName = <T extends { readonly name: string }>(rows: readonly T[]): T[] =>
    [...rows].sort((a, b) => (a.name < b.name ? -1 : 1));

  it('keeps every row, column and setting, and sorts them by what they are asked for', async () => {
    const database = await openOlder('whole');
    const columns = () =>
      database.select(
        `SELECT table, name, type, default_expression FROM system.columns
         WHERE database = currentDatabase() AND table IN {names:Array(String)} ORDER BY table, position`,
        { names: TABLES },
      );
    const [rows, shape] = [byName(await contents(database)), await columns()];
    expect(rows.map(({ rows: n }) => Number(n))).toEqual(TABLES.map(() => ROWS));
    expect(await migrate(database)).toContain(NAME);
    expect(byName(await contents(database))).toEqual(rows);
    expect(await columns()).toEqual(shape);
    expect(await leftOvers(database)).toEqual([]);
    expect(await keys(database)).toContainEqual({
      name: 'position_states',
      sorting_key: 'chain_id, venue, position_key, block_number, log_index, sub_index',
    });
    const engines = await database.select<{ engine_full: string }>(
      'SELECT engine_full FROM system.tables WHERE database = currentDatabase() AND name IN {names:Array(String)}',
      { names: TABLES },
    );
    for (const { engine_full } of engines) {
      expect(engine_full).toMatch(
        /non_replicated_deduplication_window = 0, fsync_after_insert = (1|true), fsync_part_directory = (1|true), min_free_disk_bytes_to_perform_insert = 67108864/,
      );
    }
    const [view] = await database.select<{ n: string }>(
      'SELECT count() AS n FROM position_intervals',
    );
    expect(Number(view?.n)).toBe(ROWS);
  });

  it('moves each table by the same five statements', () => {
    expect(TABLES.length).toBeGreaterThanOrEqual(4);
    const shapes = statements.map((statement) =>
      statement.replace(/\([\s\S]*/, '(').replace(/^(?:--.*\n|\s)*/, ''),
    );
    expect(shapes).toEqual(
      TABLES.flatMap((table) => [
        `DROP TABLE IF EXISTS ${table}_sorted SYNC`,
        `CREATE TABLE IF NOT EXISTS ${table}_sorted\n(`,
        `INSERT INTO ${table}_sorted SELECT * FROM ${table}`,
        `EXCHANGE TABLES ${table} AND ${table}_sorted`,
        `DROP TABLE IF EXISTS ${table}_sorted SYNC`,
      ]),
    );
  });

  it('loses nothing when it is killed between any two statements, and ends as if it had not been', async () => {
    const database = await openOlder('cut');
    const rows = byName(await contents(database));
    // Each table goes through the same five statements: all cuts of two of them.
    for (let cut = 1; cut <= 10; cut++) {
      for (const statement of statements.slice(0, cut)) await database.command(statement);
      expect(byName(await contents(database)), `after statement ${cut}`).toEqual(rows);
      // It may as well have been killed amid the copying.
      if (cut % 5 === 2) {
        const table = TABLES[Math.floor(cut / 5)];
        await database.command(`INSERT INTO ${table}_sorted SELECT * FROM ${table} LIMIT 7`);
      }
    }
    for (const statement of statements.slice(0, 4)) await database.command(statement);
    expect(await leftOvers(database)).not.toEqual([]);
    await migrate(database);
    expect(byName(await contents(database))).toEqual(rows);
    expect(await leftOvers(database)).toEqual([]);
    expect(await keys(database)).toEqual(await keys(await open('whole')));
  });

  it('is run by one of two processes that start at once, while the other waits', async () => {
    const first = await openOlder('shared');
    const second = await open('shared');
    const rows = byName(await contents(first));
    const applied = await Promise.all(
      [first, second].map((database) =>
        migrate(database, OURS, (work) => changeStructure(database, work)),
      ),
    );
    expect(applied.flat().filter((name) => name === NAME)).toEqual([NAME]);
    expect(byName(await contents(second))).toEqual(rows);
  });
});
