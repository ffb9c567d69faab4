import type { Database } from '../../schema/clickhouse/database.ts';
import { FILLED_TABLES } from './shape.ts';

/** One number a table that depends on every value of every row, and on no order. */
export async function readTableDigests(database: Database): Promise<ReadonlyMap<string, string>> {
  const digests = new Map<string, string>();
  for (const table of FILLED_TABLES) {
    const [row] = await database.select<{ digest: string }>(
      `SELECT hex(sum(cityHash64(formatRow('TSV', *)))) AS digest FROM ${table}`,
    );
    digests.set(table, row?.digest ?? '');
  }
  return digests;
}
