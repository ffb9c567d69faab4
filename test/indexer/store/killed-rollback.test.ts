import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClickHouseStore } from '../../../indexer/store/clickhouse-store.ts';
import { openDatabase } from '../../../schema/clickhouse/connection.ts';
import { migrate } from '../../../schema/clickhouse/migrate.ts';
import { contentOf, FORK_AT, runIndexer } from '../../contracts/made-up-run.ts';
import type { StoreUnderTest } from '../../contracts/store-rows.ts';

const CHAIN = 1;
const writer = fileURLToPath(new URL('../../contracts/roll-back-until-killed.ts', import.meta.url));

/** Lets the writer finish one round more, waits, and kills it with -9. */
async function killAmid(dataDir: string, delayMs: number): Promise<void> {
  const child = spawn(process.execPath, ['--import', 'tsx', writer, dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    await once(createInterface({ input: child.stdout }), 'line');
    await sleep(delayMs);
  } finally {
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }
}

describe('a rollback killed with -9', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-killed-rollback-'));
  let clean: Readonly<Record<string, unknown>>;

  const open = async (name: string): Promise<StoreUnderTest> => {
    const database = await openDatabase({ dataDir: join(folder, name) });
    await migrate(database);
    return { database, store: createClickHouseStore(database), close: () => database.close() };
  };

  beforeAll(async () => {
    const under = await open('clean');
    await runIndexer(under, CHAIN, 'b');
    clean = await contentOf(under, CHAIN);
    await under.close();
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  // From the first deletion of the rollback to the first inserts after it.
  it.each([5, 60, 250])(
    'ends like a clean run on the branch that stayed (%i ms on)',
    async (delayMs) => {
      await killAmid(join(folder, 'killed'), delayMs);
      const under = await open('killed');
      await under.store.repair(CHAIN);
      expect(await under.store.repair(CHAIN)).toEqual([]);
      await under.store.rollBack(CHAIN, FORK_AT - 1, 'fork');
      await runIndexer(under, CHAIN, 'b');
      expect(await contentOf(under, CHAIN)).toEqual(clean);
      expect(await under.store.repair(CHAIN)).toEqual([]);
      await under.close();
    },
  );
});
