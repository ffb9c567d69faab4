import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClickHouseStore } from '../../../indexer/store/clickhouse-store.ts';
import { readRawLogs } from '../../../indexer/store/raw-log-reader.ts';
import { openDatabase } from '../../../schema/clickhouse/connection.ts';
import type { Database } from '../../../schema/clickhouse/database.ts';
import { migrate } from '../../../schema/clickhouse/migrate.ts';
import { CHAIN, RANGE } from '../../contracts/store-rows.ts';

describe('readRawLogs', () => {
  let dataDir: string;
  let database: Database;
  beforeAll(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'bulkhead-reader-'));
    database = await openDatabase({ dataDir });
    await migrate(database);
    await createClickHouseStore(database).land(CHAIN, RANGE);
  });
  afterAll(async () => {
    await database.close();
    rmSync(dataDir, { recursive: true });
  });

  it.each([0, 40, 200, 1_000])(
    'keeps a batch under %i bytes of data, or to one block',
    async (maxDataBytes) => {
      const places: string[] = [];
      let batches = 0;
      for (let fromBlock = 0; fromBlock <= RANGE.toBlock; batches++) {
        const request = { chainId: CHAIN, fromBlock, toBlock: RANGE.toBlock, maxLogs: 1_000 };
        const { batch, toBlock } = await readRawLogs(database, { ...request, maxDataBytes });
        const bytes = batch.data.reduce((sum, data) => sum + data.length, 0);
        if (bytes > maxDataBytes) expect(new Set(batch.blockNumber).size).toBe(1);
        batch.blockNumber.forEach((block, i) => {
          places.push(`${block}:${batch.logIndex[i]}`);
        });
        fromBlock = toBlock + 1;
      }
      const stored = await database.select<{ place: string }>(
        "SELECT concat(toString(block_number), ':', toString(log_index)) AS place FROM raw_logs ORDER BY block_number, log_index",
      );
      expect(places).toEqual(stored.map((row) => row.place));
      expect(batches).toBeGreaterThan(1);
    },
  );
});
