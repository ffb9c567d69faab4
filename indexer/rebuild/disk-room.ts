import type { Database } from '../../schema/clickhouse/database.ts';
import { OperatorError } from '../../schema/errors.ts';
import { copyNameOf, SWAPPED_TABLES } from './swap.ts';

/** Stays free whatever the copy takes: the engine refuses inserts before the disk is full. */
const SPARE_BYTES = 256 * 1024 * 1024;

/** The copy is written in more, smaller parts, and merging holds a part twice for a while. */
const GROWTH = 1.3;

/**
 * Refuses before anything is written: a copy that fills the disk stops the live store as well.
 * @throws OperatorError when the derived tables would not fit a second time.
 */
export async function assertRoomForCopy(live: Database, spareBytes = SPARE_BYTES): Promise<void> {
  const copy = copyNameOf(live.name);
  const [row] = await live.select<{ live: string; copied: string; free: string }>(
    `SELECT
       sumIf(bytes_on_disk, database = {live:String}) AS live,
       sumIf(bytes_on_disk, database = {copy:String}) AS copied,
       (SELECT min(free_space) FROM system.disks) AS free
     FROM system.parts
     WHERE active AND database IN ({live:String}, {copy:String})
       AND replaceRegexpOne(table, '_local$', '') IN {tables:Array(String)}`,
    { live: live.name, copy, tables: SWAPPED_TABLES },
  );
  const toWrite = Math.max(0, Number(row?.live ?? 0) * GROWTH - Number(row?.copied ?? 0));
  const needed = toWrite + spareBytes;
  const free = Number(row?.free ?? 0);
  if (free >= needed) return;
  throw new OperatorError('The disk has no room for a second copy of the derived tables.', {
    facts: { freeMegabytes: toMegabytes(free), neededMegabytes: toMegabytes(needed) },
    remedy:
      'Free some space and run the same command again; or index into a new --data folder on a larger disk. Nothing was changed.',
  });
}

function toMegabytes(bytes: number): number {
  return Math.ceil(bytes / (1024 * 1024));
}
