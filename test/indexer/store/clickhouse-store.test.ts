import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClickHouseStore } from '../../../indexer/store/clickhouse-store.ts';
import { openDatabase } from '../../../schema/clickhouse/connection.ts';
import { migrate } from '../../../schema/clickhouse/migrate.ts';
import { describeEventStore } from '../../contracts/event-store.contract.ts';

describeEventStore('ClickHouse store, embedded', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'bulkhead-store-'));
  const database = await openDatabase({ dataDir });
  await migrate(database);
  return {
    store: createClickHouseStore(database),
    database,
    close: async () => {
      await database.close();
      rmSync(dataDir, { recursive: true });
    },
  };
});
