import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { createClickHouseStore } from '../../../indexer/store/clickhouse-store.ts';
import { openDatabase } from '../../../schema/clickhouse/connection.ts';
import { migrate } from '../../../schema/clickhouse/migrate.ts';
import { ROWS_A_BLOCK, rowsOfBlock } from '../../contracts/killed-rows.ts';

const writer = fileURLToPath(new URL('../../contracts/append-until-killed.ts', import.meta.url));

/** Lets the writer commit at least `blocks` blocks, waits a little more, and kills it with -9. */
async function writeUntilKilled(dataDir: string, blocks: number, delayMs: number): Promise<number> {
  const child = spawn(process.execPath, ['--import', 'tsx', writer, dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let acknowledged = 0;
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      acknowledged = Number(line);
      if (acknowledged === blocks) setTimeout(() => child.kill('SIGKILL'), delayMs);
    }
  } finally {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }
  return acknowledged;
}

describe('a writer killed with -9', () => {
  // Different delays hit different moments: within an insert, between insert and commit, after it.
  it.each([3, 17, 31])(
    'leaves only whole batches after a trim (killed %i ms on)',
    async (delayMs) => {
      const dataDir = mkdtempSync(join(tmpdir(), 'bulkhead-killed-'));
      const acknowledged = await writeUntilKilled(dataDir, 4, delayMs);
      expect(acknowledged).toBeGreaterThanOrEqual(4);
      const database = await openDatabase({ dataDir });
      await migrate(database);
      const store = createClickHouseStore(database);

      const committed = (await store.lastCommit(1, 'project'))?.toBlock ?? 0;
      // What was acknowledged is there; one commit more may have been written and not yet said.
      expect(committed).toBeGreaterThanOrEqual(acknowledged);
      expect(committed).toBeLessThanOrEqual(acknowledged + 1);
      await store.trim(1, 'project');
      const left = await store.digest('market_events', 1);
      expect(left.rows).toBe(committed * ROWS_A_BLOCK);
      expect(
        await store.select('SELECT count() AS n, max(block_number) AS top FROM market_events', {}),
      ).toEqual([{ n: String(left.rows), top: String(committed) }]);

      // A clean run of the same blocks has the same digest.
      await store.rollBack(1, 0, 'write them again');
      for (let block = 1; block <= committed; block++) {
        await store.append('market_events', rowsOfBlock(block));
      }
      await store.commit({
        chainId: 1,
        stage: 'project',
        fromBlock: 1,
        toBlock: committed,
        lastBlockHash: '',
        lastBlockTimestamp: 0,
        rowCounts: {},
        method: 'test',
      });
      expect(await store.digest('market_events', 1)).toEqual(left);
      await database.close();
      rmSync(dataDir, { recursive: true });
    },
  );
});
