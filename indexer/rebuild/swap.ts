import type { Database } from '../../schema/clickhouse/database.ts';
import { engineErrorType } from '../../schema/clickhouse/engine-errors.ts';
import { DERIVED_TABLES } from '../store/event-store.ts';
import { NO_CHAIN } from '../store/structure-lease.ts';
import { WriterLeases } from '../store/writer-lease.ts';

/** Where the second copy of the derived tables is built, beside the live database. */
export function copyNameOf(liveName: string): string {
  return `${liveName}_rebuild`;
}

/** Commits go last: until then an answer names the rules that its older rows were made by. */
export const SWAPPED_TABLES: readonly string[] = [...DERIVED_TABLES, 'commits'];

const JOURNAL = 'swap_journal';

interface JournalRow {
  readonly name: string;
  /** UUID of the table that is to be the live one. */
  readonly wanted: string;
  readonly standing: string;
}

/** UUID of the table that holds the rows: on a cluster it stands under another name beneath a Distributed one. */
const ROW_TABLES = `
  SELECT
      replaceRegexpOne(name, '_local$', '') AS table_name,
      argMax(toString(uuid), endsWith(name, '_local')) AS row_table
  FROM system.tables
  WHERE database = {database:String}
  GROUP BY table_name`;

/**
 * Puts the finished copy in the place of the live tables, one atomic exchange a table; a reader sees
 * each table either old or new, and a query under way ends on what it began with. The journal is
 * written first, in one block: from then on the swap is decided, and `finishSwap` ends it after a
 * crash at any moment.
 */
export async function swapIn(live: Database): Promise<void> {
  const copy = copyNameOf(live.name);
  await live.command(
    `CREATE TABLE IF NOT EXISTS ${copy}.${JOURNAL} (name String, wanted String)
     ENGINE = MergeTree ORDER BY name
     SETTINGS fsync_after_insert = 1, fsync_part_directory = 1`,
  );
  await live.command(
    `INSERT INTO ${copy}.${JOURNAL}
     SELECT table_name, row_table FROM (${ROW_TABLES}) WHERE table_name IN {names:Array(String)}`,
    { database: copy, names: SWAPPED_TABLES },
  );
  await finishSwap(live);
}

/**
 * Ends a swap that was decided and not finished, then drops the old tables. Without one it changes
 * nothing. To be called before anything reads the store. Returns whether it ended one: false also
 * when another process is at it.
 */
export async function finishSwap(live: Database): Promise<boolean> {
  if ((await readJournal(live, copyNameOf(live.name))).length === 0) return false;
  if (live.kind === 'embedded') return exchangeAll(live);
  // Never in two processes at a time: an exchange done twice would bring the old table back.
  const leases = new WriterLeases(live);
  try {
    await leases.hold(NO_CHAIN);
    return await exchangeAll(live);
  } catch (error) {
    if (leases.isRefused(NO_CHAIN)) return false;
    throw error;
  } finally {
    await leases.release();
  }
}

async function exchangeAll(live: Database): Promise<boolean> {
  const copy = copyNameOf(live.name);
  let journal = await readJournal(live, copy);
  // Another process may have ended it meanwhile; what stands there now is not ours to drop.
  if (journal.length === 0) return false;
  for (let pending = pendingOf(journal); pending.length > 0; pending = pendingOf(journal)) {
    for (const name of pending) {
      await live.command(`EXCHANGE TABLES ${live.name}.${name} AND ${copy}.${name}`);
    }
    // Nothing is dropped before the tables have been seen in their places.
    journal = await readJournal(live, copy);
  }
  await dropCopy(live);
  return true;
}

function pendingOf(journal: readonly JournalRow[]): string[] {
  return journal
    .filter(({ wanted, standing }) => wanted !== standing)
    .map(({ name }) => name)
    .sort((a, b) => SWAPPED_TABLES.indexOf(a) - SWAPPED_TABLES.indexOf(b));
}

async function readJournal(live: Database, copy: string): Promise<JournalRow[]> {
  const [found] = await live.select<{ n: string }>(
    'SELECT count() AS n FROM system.tables WHERE database = {copy:String} AND name = {name:String}',
    { copy, name: JOURNAL },
  );
  if (Number(found?.n ?? 0) === 0) return [];
  try {
    return await live.select<JournalRow>(
      `SELECT DISTINCT j.name AS name, j.wanted AS wanted, t.row_table AS standing
       FROM ${copy}.${JOURNAL} AS j INNER JOIN (${ROW_TABLES}) AS t ON t.table_name = j.name`,
      { database: live.name },
    );
  } catch (error) {
    // Dropped since by the process that ended the swap.
    const type = engineErrorType(error);
    if (type === 'UNKNOWN_TABLE' || type === 'UNKNOWN_DATABASE') return [];
    throw error;
  }
}

/**
 * Drops the copy, or what is left of it. The journal goes last: a crash before leaves it to say that
 * everything else there is old.
 */
export async function dropCopy(live: Database): Promise<void> {
  const copy = copyNameOf(live.name);
  const tables = await live.select<{ name: string }>(
    `SELECT name FROM system.tables
     WHERE database = {copy:String} ORDER BY name = {journal:String}, name`,
    { copy, journal: JOURNAL },
  );
  for (const { name } of tables) await live.command(`DROP TABLE IF EXISTS ${copy}.${name} SYNC`);
  await live.command(`DROP DATABASE IF EXISTS ${copy} SYNC`);
}
