import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { dropCopy, finishSwap, SWAPPED_TABLES, swapIn } from '../../../indexer/rebuild/swap.ts';
import { openDatabase } from '../../../schema/clickhouse/connection.ts';
import type { Database } from '../../../schema/clickhouse/database.ts';
import { temporaryFolder } from '../../e2e/run-cli.ts';

const COPY = 'bulkhead_rebuild';

/** Tables of one column, so that a swap can be set up and cut off in a moment. */
describe('the swap of a finished copy', () => {
  let folder: { path: string; remove: () => void };
  let live: Database;

  beforeAll(async () => {
    folder = temporaryFolder('swap');
    live = await openDatabase({ dataDir: folder.path });
  });
  afterAll(async () => {
    await live.close();
    folder.remove();
  });
  beforeEach(async () => {
    for (const [database, content] of [
      ['bulkhead', 'old'],
      [COPY, 'new'],
    ]) {
      await live.command(`DROP DATABASE IF EXISTS ${database} SYNC`);
      await live.command(`CREATE DATABASE ${database} ENGINE = Atomic`);
      for (const table of SWAPPED_TABLES) {
        await live.command(
          `CREATE TABLE ${database}.${table} (content String) ENGINE = MergeTree ORDER BY content
           AS SELECT '${content}' AS content`,
        );
      }
    }
  });

  const contents = async (): Promise<string[]> => {
    const rows: string[] = [];
    for (const table of SWAPPED_TABLES) {
      const [row] = await live.select<{ content: string }>(`SELECT content FROM ${table}`);
      rows.push(row?.content ?? 'none');
    }
    return rows;
  };
  const databases = async (): Promise<string[]> =>
    (await live.select<{ name: string }>('SHOW DATABASES')).map(({ name }) => name);
  const allNew = SWAPPED_TABLES.map(() => 'new');

  /** The journal alone, as `swapIn` writes it. */
  const writeJournal = async () => {
    await live.command(
      `CREATE TABLE ${COPY}.swap_journal (name String, wanted String) ENGINE = MergeTree ORDER BY name
       AS SELECT name, toString(uuid) AS wanted FROM system.tables
       WHERE database = {copy:String} AND name != 'swap_journal'`,
      { copy: COPY },
    );
  };
  const exchange = async (tables: readonly string[]) => {
    for (const table of tables) {
      await live.command(`EXCHANGE TABLES bulkhead.${table} AND ${COPY}.${table}`);
    }
  };

  it('puts every new table in place and drops the old ones', async () => {
    await swapIn(live);
    expect(await contents()).toEqual(allNew);
    expect(await databases()).not.toContain(COPY);
  });

  it('is not decided without a journal: an unfinished copy is left alone', async () => {
    expect(await finishSwap(live)).toBe(false);
    expect(await contents()).toEqual(SWAPPED_TABLES.map(() => 'old'));
    expect(await databases()).toContain(COPY);
  });

  it('is not decided by an empty journal', async () => {
    await live.command(
      `CREATE TABLE ${COPY}.swap_journal (name String, wanted String) ENGINE = MergeTree ORDER BY name`,
    );
    expect(await finishSwap(live)).toBe(false);
    expect(await contents()).toEqual(SWAPPED_TABLES.map(() => 'old'));
    await swapIn(live);
    expect(await contents()).toEqual(allNew);
  });

  it.each([0, 1, 6, SWAPPED_TABLES.length - 1, SWAPPED_TABLES.length])(
    'is ended after a crash behind %i exchanges',
    async (count) => {
      await writeJournal();
      await exchange(SWAPPED_TABLES.slice(0, count));
      expect(await finishSwap(live)).toBe(true);
      expect(await contents()).toEqual(allNew);
      expect(await databases()).not.toContain(COPY);
      expect(await finishSwap(live)).toBe(false);
      expect(await contents()).toEqual(allNew);
    },
  );

  it('is ended after a crash while the old tables were dropped', async () => {
    await writeJournal();
    await exchange(SWAPPED_TABLES);
    for (const table of SWAPPED_TABLES.slice(0, 5)) {
      await live.command(`DROP TABLE ${COPY}.${table} SYNC`);
    }
    expect(await finishSwap(live)).toBe(true);
    expect(await contents()).toEqual(allNew);
    expect(await databases()).not.toContain(COPY);
  });

  it('keeps the journal until everything else of the copy is gone', async () => {
    await writeJournal();
    await exchange(SWAPPED_TABLES);
    // A name that sorts behind the journal's.
    await live.command(`CREATE TABLE ${COPY}.zebra (n UInt8) ENGINE = MergeTree ORDER BY n`);
    const dropped: string[] = [];
    const watched: Database = Object.create(live, {
      command: {
        value: (query: string) => {
          dropped.push(query);
          return live.command(query);
        },
      },
      select: { value: live.select.bind(live) },
      name: { value: live.name },
    });
    await dropCopy(watched);
    expect(dropped.at(-2)).toContain(`${COPY}.swap_journal`);
    expect(dropped.at(-1)).toContain('DROP DATABASE');
  });

  it('lets a query that is under way end on the table it began with', async () => {
    const reader = await openDatabase({ dataDir: folder.path });
    try {
      const slow = reader.select<{ content: string }>(
        'SELECT any(content) AS content FROM liquidations WHERE sleepEachRow(0.5) = 0',
      );
      await swapIn(live);
      expect(await slow).toEqual([{ content: 'old' }]);
      expect(await reader.select('SELECT content FROM liquidations')).toEqual([{ content: 'new' }]);
    } finally {
      await reader.close();
    }
  });
});
