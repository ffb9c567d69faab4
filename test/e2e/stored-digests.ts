import { createClickHouseStore } from '../../indexer/store/clickhouse-store.ts';
import {
  DERIVED_TABLES,
  EVIDENCE_TABLES,
  type EventStore,
} from '../../indexer/store/event-store.ts';
import { openDatabase } from '../../schema/clickhouse/connection.ts';
import type { Database } from '../../schema/clickhouse/database.ts';

/** Opens a data folder that no process holds, and closes it again. */
export async function withStore<T>(
  dataDir: string,
  work: (store: EventStore, database: Database) => Promise<T>,
): Promise<T> {
  const database = await openDatabase({ dataDir });
  try {
    return await work(createClickHouseStore(database), database);
  } finally {
    await database.close();
  }
}

/** Rows and digest of every table of a chain, as of its last commits: of those that the store has. */
export function storedDigests(
  dataDir: string,
  chainId = 42161,
): Promise<Record<string, { rows: number; digest: string }>> {
  return withStore(dataDir, async (store, database) => {
    const there = await database.select<{ name: string }>(
      'SELECT name FROM system.tables WHERE database = currentDatabase()',
    );
    const names = new Set(there.map(({ name }) => name));
    const tables: Record<string, { rows: number; digest: string }> = {};
    for (const table of [...EVIDENCE_TABLES, ...DERIVED_TABLES]) {
      if (!names.has(table)) continue;
      tables[table] = await store.digest(table, chainId);
    }
    return tables;
  });
}
