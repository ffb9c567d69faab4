import type { Database } from '../../schema/clickhouse/database.ts';
import { selectCommits } from './commit-log.ts';
import type { Commit, Stage } from './event-store.ts';
import { COUNTED_TABLES, countRows, type StoreTable } from './store-tables.ts';

interface CountedStage {
  readonly chainId: number;
  readonly stage: Stage;
  readonly tables: readonly StoreTable[];
  /** Commits that know no counts: the rows of their blocks are taken as they are. */
  readonly unknown: readonly Commit[];
}

interface Difference {
  readonly table: StoreTable;
  readonly counted: number;
  readonly there: number;
}

/**
 * Where the rows of a stage first differ in number from what its commits say, or null when they do
 * not. One count a table when all is well; otherwise the commits are bisected.
 */
export async function findDifference(
  database: Database,
  of: { readonly chainId: number; readonly stage: Stage },
): Promise<{ readonly soundTo: number; readonly what: string } | null> {
  const ends = await commitEnds(database, of);
  const last = ends.at(-1);
  if (last === undefined) return null;
  const unknown = await selectCommits(database, of, 'AND empty(row_counts) ORDER BY to_block');
  const tables = COUNTED_TABLES[of.stage];
  const all = await differencesUpTo(database, { ...of, tables, unknown }, last);
  if (all.length === 0) return null;
  const suspect = { ...of, unknown, tables: all.map(({ table }) => table) };
  let sound = -1;
  let off = ends.length - 1;
  let first = all;
  while (off - sound > 1) {
    const middle = (sound + off) >> 1;
    const found = await differencesUpTo(database, suspect, ends[middle] ?? last);
    if (found.length === 0) sound = middle;
    else [off, first] = [middle, found];
  }
  return { soundTo: ends[sound] ?? -1, what: inWords(first, ends[off] ?? last) };
}

async function commitEnds(
  database: Database,
  of: { readonly chainId: number; readonly stage: Stage },
): Promise<number[]> {
  const rows = await database.select<{ block: string }>(
    `SELECT to_block AS block FROM commits
     WHERE chain_id = {chainId:UInt64} AND stage = {stage:String} ORDER BY to_block`,
    { ...of },
  );
  return rows.map((row) => Number(row.block));
}

async function differencesUpTo(
  database: Database,
  { chainId, stage, tables, unknown }: CountedStage,
  toBlock: number,
): Promise<Difference[]> {
  const [sum] = await database.select<{ counts: Readonly<Record<string, string>> }>(
    `SELECT sumMap(row_counts) AS counts FROM commits
     WHERE chain_id = {chainId:UInt64} AND stage = {stage:String} AND to_block <= {toBlock:UInt64}`,
    { chainId, stage, toBlock },
  );
  const there = await countRows(database, tables, { chainId, fromBlock: 0, toBlock });
  for (const commit of unknown) {
    if (commit.toBlock > toBlock) break;
    const rows = await countRows(database, tables, commit);
    for (const table of tables) there[table] -= rows[table];
  }
  return tables.flatMap((table) => {
    const counted = Number(sum?.counts[table] ?? 0);
    return counted === there[table] ? [] : [{ table, counted, there: there[table] }];
  });
}

function inWords(differences: readonly Difference[], toBlock: number): string {
  const each = differences.map(
    ({ table, counted, there }) => `${there} rows in ${table} where commits count ${counted}`,
  );
  return `up to block ${toBlock} there are ${each.join(', ')}`;
}
