import type { Database } from '../../schema/clickhouse/database.ts';
import type { Commit, Row, Stage } from './event-store.ts';

interface CommitRow {
  readonly from_block: string;
  readonly to_block: string;
  readonly last_block_hash: string;
  readonly last_block_timestamp: string;
  readonly row_counts: Readonly<Record<string, string>>;
  readonly method: string;
}

/** Commits of a stage that meet a condition, in the given order. */
export async function selectCommits(
  database: Database,
  of: { readonly chainId: number; readonly stage: Stage },
  clauses: string,
  parameters: Readonly<Record<string, unknown>> = {},
): Promise<Commit[]> {
  const rows = await database.select<CommitRow>(
    `SELECT from_block, to_block, last_block_hash, last_block_timestamp, row_counts, method
     FROM commits
     WHERE chain_id = {chainId:UInt64} AND stage = {stage:String} ${clauses}`,
    { ...parameters, ...of },
  );
  return rows.map((row) => ({
    ...of,
    fromBlock: Number(row.from_block),
    toBlock: Number(row.to_block),
    lastBlockHash: row.last_block_hash,
    lastBlockTimestamp: Number(row.last_block_timestamp),
    rowCounts: Object.fromEntries(
      Object.entries(row.row_counts).map(([table, count]) => [table, Number(count)]),
    ),
    method: row.method,
  }));
}

export async function lastCommit(
  database: Database,
  chainId: number,
  stage: Stage,
): Promise<Commit | null> {
  const [commit] = await selectCommits(
    database,
    { chainId, stage },
    'ORDER BY to_block DESC, committed_at DESC LIMIT 1',
  );
  return commit ?? null;
}

export function commitRow(commit: Commit): Row {
  return {
    stage: commit.stage,
    from_block: commit.fromBlock,
    to_block: commit.toBlock,
    last_block_hash: commit.lastBlockHash,
    last_block_timestamp: commit.lastBlockTimestamp,
    row_counts: commit.rowCounts,
    method: commit.method,
    committed_at: databaseTime(),
    chain_id: commit.chainId,
  };
}

/** A time (now), as DateTime64(3, 'UTC') takes it. */
export function databaseTime(milliseconds = Date.now()): string {
  return new Date(milliseconds).toISOString().replace('T', ' ').replace('Z', '');
}
