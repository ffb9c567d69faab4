import type { Database } from '../../schema/clickhouse/database.ts';
import type { ChainPlan } from '../pipeline/chain-plan.ts';
import { createClickHouseStore } from '../store/clickhouse-store.ts';
import { findDifference } from '../store/commit-counts.ts';
import type { EventStore } from '../store/event-store.ts';
import { copyNameOf, dropCopy, SWAPPED_TABLES } from './swap.ts';

/** Opens a database of that name beside the live one, on a connection of its own, to be closed by us. */
export type OpenBeside = (name: string) => Promise<Database>;

/** A store of its own over the evidence of the live one: projecting into it touches nothing live. */
export interface SecondCopy {
  readonly database: Database;
  readonly store: EventStore;
  /** Goes on from an interrupted rebuild. */
  readonly isResumed: boolean;
}

/** What a copy is built for, one row a chain. A copy that was built for anything else starts anew. */
interface Purpose {
  readonly chain_id: string;
  readonly method: string;
  /** Migrations that the live tables had: the copy has their columns. */
  readonly tables: string;
}

const PURPOSE = 'rebuild_purpose';

/** What tells one land commit from another; a block landed again after a rollback has another time. */
const COMMIT_KEY = 'chain_id, stage, from_block, to_block, last_block_hash, committed_at, method';

/**
 * The copy that an interrupted rebuild of the same plans left, if its evidence still stands; else a
 * new, empty one. Land commits are copied; evidence is seen through views.
 */
export async function openSecondCopy(
  live: Database,
  openBeside: OpenBeside,
  plans: readonly ChainPlan[],
): Promise<SecondCopy> {
  const purpose = await purposeOf(live, plans);
  const left = (await isUsable(live, purpose)) ? await openWhole(live, openBeside, plans) : null;
  const database = left ?? (await createCopy(live, openBeside, purpose));
  await copyLandCommits(live, database);
  return { database, store: createClickHouseStore(database), isResumed: left !== null };
}

/** The copy that is there, unless rows of it were lost or came late. */
async function openWhole(
  live: Database,
  openBeside: OpenBeside,
  plans: readonly ChainPlan[],
): Promise<Database | null> {
  const database = await openBeside(copyNameOf(live.name));
  for (const { source } of plans) {
    // What a killed rebuild sent to a server may still be under way there.
    await database.endWrites(`chain-${source.chainId}`);
    const of = { chainId: source.chainId, stage: 'project' } as const;
    if ((await findDifference(database, of)) === null) continue;
    await database.close();
    return null;
  }
  return database;
}

/** Whether the copy's land commits are those of the live store, no more and no fewer. */
export async function hasSameEvidence(live: Database): Promise<boolean> {
  const copy = copyNameOf(live.name);
  const [row] = await live.select<{ n: string }>(
    `SELECT ${missing(`${copy}.commits`, `${live.name}.commits`)}
       + ${missing(`${live.name}.commits`, `${copy}.commits`)} AS n`,
  );
  return Number(row?.n) === 0;
}

/** Takes over the derived rows and project commits of the chains that are not projected again. */
export async function carryOverOthers(
  live: Database,
  copy: Database,
  plans: readonly ChainPlan[],
): Promise<void> {
  const chainIds = plans.map(({ source }) => source.chainId);
  for (const table of SWAPPED_TABLES) {
    const others = `chain_id NOT IN {chainIds:Array(UInt64)}${
      table === 'commits' ? " AND stage = 'project'" : ''
    }`;
    // What an interrupted run took over may be old, or half.
    const [held] = await copy.select<{ n: string }>(
      `SELECT count() AS n FROM ${table} WHERE ${others}`,
      { chainIds },
    );
    if (Number(held?.n ?? 0) > 0) await copy.deleteRows(table, others, { chainIds });
    await copy.command(`INSERT INTO ${table} SELECT * FROM ${live.name}.${table} WHERE ${others}`, {
      chainIds,
    });
  }
}

async function purposeOf(live: Database, plans: readonly ChainPlan[]): Promise<Purpose[]> {
  const [row] = await live.select<{ tables: string }>(
    `SELECT arrayStringConcat(arraySort(groupUniqArray(concat(name, ' ', checksum))), ', ') AS tables
     FROM ${live.name}.migrations`,
  );
  return plans
    .map(({ source, method }) => ({
      chain_id: String(source.chainId),
      method,
      tables: row?.tables ?? '',
    }))
    .sort((a, b) => Number(a.chain_id) - Number(b.chain_id));
}

async function isUsable(live: Database, purpose: readonly Purpose[]): Promise<boolean> {
  const copy = copyNameOf(live.name);
  const [found] = await live.select<{ n: string }>(
    'SELECT count() AS n FROM system.tables WHERE database = {copy:String} AND name = {name:String}',
    { copy, name: PURPOSE },
  );
  if (Number(found?.n ?? 0) === 0) return false;
  const rows = await live.select<Purpose>(
    `SELECT chain_id, method, tables FROM ${copy}.${PURPOSE} ORDER BY chain_id`,
  );
  if (JSON.stringify(rows) !== JSON.stringify(purpose)) return false;
  const [lost] = await live.select<{ n: string }>(
    `SELECT ${missing(`${copy}.commits`, `${live.name}.commits`)} AS n`,
  );
  return Number(lost?.n) === 0;
}

async function createCopy(
  live: Database,
  openBeside: OpenBeside,
  purpose: readonly Purpose[],
): Promise<Database> {
  await dropCopy(live);
  const copy = await openBeside(copyNameOf(live.name));
  for (const table of SWAPPED_TABLES) {
    await copy.command(`CREATE TABLE ${table} AS ${live.name}.${table}`);
  }
  const evidence = await live.select<{ seen: string }>(
    `SELECT DISTINCT replaceRegexpOne(name, '_local$', '') AS seen FROM system.tables
     WHERE database = {live:String} AND engine LIKE '%MergeTree' AND seen NOT IN {own:Array(String)}`,
    { live: live.name, own: [...SWAPPED_TABLES, 'migrations'] },
  );
  for (const { seen: name } of evidence) {
    await copy.command(`CREATE VIEW ${name} AS SELECT * FROM ${live.name}.${name}`);
  }
  await copy.command(
    `CREATE TABLE ${PURPOSE} (chain_id UInt64, method String, tables String)
     ENGINE = MergeTree ORDER BY chain_id`,
  );
  // Last, in one block: a copy without it is not whole and is begun again.
  await copy.insertRows(
    PURPOSE,
    [
      { name: 'chain_id', type: 'UInt64' },
      { name: 'method', type: 'String' },
      { name: 'tables', type: 'String' },
    ],
    purpose.map((row) => ({ ...row })),
  );
  return copy;
}

async function copyLandCommits(live: Database, copy: Database): Promise<void> {
  await copy.command(
    `INSERT INTO commits SELECT * FROM ${live.name}.commits
     WHERE stage = 'land' AND (${COMMIT_KEY}) NOT IN (SELECT ${COMMIT_KEY} FROM commits)`,
  );
}

/** How many land commits of one table the other has not. */
function missing(of: string, from: string): string {
  return `(SELECT count() FROM ${of} WHERE stage = 'land'
    AND (${COMMIT_KEY}) NOT IN (SELECT ${COMMIT_KEY} FROM ${from}))`;
}
