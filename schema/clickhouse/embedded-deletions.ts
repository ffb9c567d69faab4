import { setTimeout as sleep } from 'node:timers/promises';
import type { ClickHouseClient } from '@clickhouse/client';

const POLL_MS = 2;

/**
 * Resolves when every deletion of a table has happened. A deletion that meets a merge of its parts is
 * put off, up to a second by the engine's clock (measured with few small parts: every fourth one took
 * 600 to 1,300 ms); START MERGES, of merges that were never stopped, makes the engine look again at
 * once (20 to 200 ms).
 * @throws Error with the engine's `type` when a deletion cannot happen; it is not tried further.
 */
export async function finishDeletions(client: ClickHouseClient, table: string): Promise<void> {
  for (;;) {
    const pending = await pendingDeletions(client, table);
    if (pending.length === 0) return;
    const failure = pending.find((each) => each !== '');
    if (failure !== undefined) {
      await client.command({
        query: `KILL MUTATION WHERE database = currentDatabase() AND table = {table:String}
          AND NOT is_done AND latest_fail_reason != '' SYNC`,
        query_params: { table },
      });
      const type = /\(([A-Z][A-Z_0-9]+)\)/.exec(failure)?.[1];
      throw Object.assign(new Error(failure), type === undefined ? {} : { type });
    }
    await client.command({ query: `SYSTEM START MERGES ${table}` });
    await sleep(POLL_MS);
  }
}

/** Why each could not happen so far; '' when nothing stood in its way. */
async function pendingDeletions(client: ClickHouseClient, table: string): Promise<string[]> {
  const result = await client.query({
    query: `SELECT latest_fail_reason AS failure FROM system.mutations
      WHERE database = currentDatabase() AND table = {table:String} AND NOT is_done`,
    query_params: { table },
    format: 'JSONEachRow',
  });
  return (await result.json<{ failure: string }>()).map((row) => row.failure);
}
