import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClickHouseStore } from '../../../indexer/store/clickhouse-store.ts';
import { openDatabase } from '../../../schema/clickhouse/connection.ts';
import { migrate } from '../../../schema/clickhouse/migrate.ts';
import { RetryableError } from '../../../schema/errors.ts';
import { contentOf, runIndexer } from '../../contracts/made-up-run.ts';
import { commitOf, type StoreUnderTest } from '../../contracts/store-rows.ts';

const CHAIN = 1;

const halve = (file: string) => truncateSync(file, Math.floor(statSync(file).size / 2));
/** Other bytes, the same length: what a disk or a lost page does. */
function garble(file: string): void {
  const bytes = readFileSync(file);
  bytes.fill(0x5a, 150, 180);
  writeFileSync(file, bytes);
}

/** What is done to the folder of one part, and whether any row is lost by it. */
const TEARS: readonly [string, string, (part: string) => void, boolean][] = [
  ['data cut short', 'raw_logs', (part) => halve(join(part, 'data.bin')), true],
  ['data emptied', 'position_events', (part) => truncateSync(join(part, 'data.bin'), 0), true],
  ['data deleted', 'transactions', (part) => rmSync(join(part, 'data.bin')), true],
  ['bytes changed', 'position_events', (part) => garble(join(part, 'data.bin')), true],
  ['bytes changed', 'commits', (part) => garble(join(part, 'data.bin')), true],
  ['its checksums deleted', 'blocks', (part) => rmSync(join(part, 'checksums.txt')), false],
  ['its columns deleted', 'commits', (part) => rmSync(join(part, 'columns.txt')), true],
  ['its index cut', 'market_events', (part) => halve(join(part, 'primary.cidx')), true],
  [
    'half of its files',
    'raw_logs',
    (part) => {
      for (const file of readdirSync(part).filter((_, i) => i % 2 === 0)) rmSync(join(part, file));
    },
    true,
  ],
  ['all of its folder deleted', 'market_events', (part) => rmSync(part, { recursive: true }), true],
];

describe('a data folder with a torn file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-torn-'));
  const sound = join(folder, 'sound');
  /** Newest part of each table, within the data folder. */
  let parts: ReadonlyMap<string, string>;
  let clean: Readonly<Record<string, unknown>>;

  const open = async (dataDir: string): Promise<StoreUnderTest> => {
    const database = await openDatabase({ dataDir });
    await migrate(database);
    return { database, store: createClickHouseStore(database), close: () => database.close() };
  };

  beforeAll(async () => {
    const under = await open(sound);
    await runIndexer(under, CHAIN);
    clean = await contentOf(under, CHAIN);
    // One part with every row, whatever the engine has merged by now.
    await under.database.command('OPTIMIZE TABLE migrations FINAL');
    const rows = await under.database.select<{ table: string; path: string }>(
      `SELECT table, argMax(path, modification_time) AS path FROM system.parts
       WHERE database = currentDatabase() AND active GROUP BY table`,
    );
    parts = new Map(rows.map((row) => [row.table, relative(sound, row.path)]));
    await under.close();
  }, 60_000);
  afterAll(() => rmSync(folder, { recursive: true }));

  /** Opens a copy in which one part is torn. */
  const openTorn = (name: string, table: string, tear: (part: string) => void) => {
    const dataDir = join(folder, name);
    cpSync(sound, dataDir, { recursive: true });
    tear(join(dataDir, parts.get(table) ?? ''));
    return open(dataDir);
  };

  it.each(TEARS.map((tear, i) => [...tear, i] as const))(
    'is mended at the start: %s in %s',
    async (_what, table, tear, isLost, i) => {
      const under = await openTorn(`torn-${i}`, table, tear);
      const said = await under.store.repair(CHAIN);
      // A lost last commit is no contradiction: its rows are trimmed and come again.
      if (isLost && table !== 'commits') expect(said.join(' ')).toMatch(/projected again/);
      if (!isLost) expect(said).toEqual([]);
      expect(await under.store.repair(CHAIN)).toEqual([]);
      await runIndexer(under, CHAIN);
      expect(await contentOf(under, CHAIN)).toEqual(clean);
      await under.close();
    },
  );

  it('is mended at the next start when only reading shows it', async () => {
    const under = await openTorn('late', 'raw_logs', (part) => {
      rmSync(join(part, 'checksums.txt'));
      halve(join(part, 'data.bin'));
    });
    expect(await under.store.repair(CHAIN)).toEqual([]);
    const reading = contentOf(under, CHAIN);
    await expect(reading).rejects.toBeInstanceOf(RetryableError);
    await expect(reading).rejects.toThrow('A file of the store is damaged.');
    await under.close();

    const again = await open(join(folder, 'late'));
    expect(await again.store.repair(CHAIN)).toEqual([
      expect.stringMatching(/^The files of raw_logs\/all_\d+_\d+_\d+ cannot be read/),
      expect.stringMatching(/rows in raw_logs where commits count .* landed and projected again/),
    ]);
    await runIndexer(again, CHAIN);
    expect(await contentOf(again, CHAIN)).toEqual(clean);
    await again.close();
  });

  it('is mended once when chains begin side by side', async () => {
    const under = await openTorn('side-by-side', 'position_events', (part) =>
      garble(join(part, 'data.bin')),
    );
    const said = await Promise.all([under.store.repair(CHAIN), under.store.repair(2)]);
    expect(said.flat().filter((text) => text.includes('was set aside'))).toHaveLength(1);
    expect(said[0]?.join(' ')).toMatch(/projected again/);
    await runIndexer(under, CHAIN);
    expect(await contentOf(under, CHAIN)).toEqual(clean);
    await under.close();
  });

  it('makes every chain at work begin again, for a part has rows of all', async () => {
    const under = await open(join(folder, 'sound'));
    const found: string[][] = [[], [], ['raw_logs/all_1_1_0']];
    const database = new Proxy(under.database, {
      get(target, key) {
        if (key === 'setAsideDamagedParts') return async () => found.shift() ?? [];
        const value: unknown = Reflect.get(target, key, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    const store = createClickHouseStore(database);
    await store.repair(CHAIN);
    await store.repair(2);
    const commit = { ...commitOf('land', 1, 4), chainId: 2, rowCounts: {} };
    expect((await store.repair(CHAIN)).join()).toMatch(/raw_logs\/all_1_1_0 cannot be read/);
    await expect(store.commit(commit)).rejects.toBeInstanceOf(RetryableError);
    await store.repair(2);
    await store.commit(commit);
    expect(await store.lastCommit(2, 'land')).toMatchObject({ toBlock: 4 });
    await under.close();
  });

  it('opens with a damaged list of migrations', async () => {
    const name = 'migrations';
    const opening = openTorn(name, 'migrations', (part) => garble(join(part, 'data.bin')));
    await expect(opening).rejects.toThrow('A file of the store is damaged.');
    const again = await open(join(folder, name)).catch((error: unknown) => error);
    expect(again).not.toBeInstanceOf(Error);
    const under = again as StoreUnderTest;
    await under.store.repair(CHAIN);
    await runIndexer(under, CHAIN);
    expect(await contentOf(under, CHAIN)).toEqual(clean);
    await under.close();
  });
});
