import type { Stage } from '../store/event-store.ts';
import type { AuditContext } from './audit-context.ts';

/** A follower commits every few seconds: millions of commits are read page by page. */
const COMMITS_A_PAGE = 4_000;

export interface StoredCommit {
  readonly fromBlock: number;
  readonly toBlock: number;
  readonly lastBlockHash: string;
  readonly lastBlockTimestamp: number;
  /** Empty: not known (a commit that a rollback has cut). */
  readonly rowCounts: ReadonlyMap<string, number>;
}

interface CommitRow {
  readonly from_block: string;
  readonly to_block: string;
  readonly last_block_hash: string;
  readonly last_block_timestamp: string;
  readonly row_counts: Readonly<Record<string, string>>;
}

/** The commits of a stage up to the last one of the audit, by their last block. */
export async function* commitPages(
  context: AuditContext,
  stage: Stage,
): AsyncGenerator<StoredCommit[]> {
  const last = context.last[stage];
  if (!last) return;
  for (let offset = 0; ; offset += COMMITS_A_PAGE) {
    const rows = await context.store.select<CommitRow>(
      `SELECT from_block, to_block, last_block_hash, last_block_timestamp, row_counts FROM commits
       WHERE chain_id = {chainId:UInt64} AND stage = {stage:String} AND to_block <= {toBlock:UInt64}
       ORDER BY to_block, from_block, committed_at, cityHash64(row_counts)
       LIMIT {limit:UInt64} OFFSET {offset:UInt64}`,
      { chainId: context.chainId, stage, toBlock: last.toBlock, limit: COMMITS_A_PAGE, offset },
    );
    if (rows.length > 0) yield rows.map(commitOf);
    if (rows.length < COMMITS_A_PAGE) return;
  }
}

function commitOf(row: CommitRow): StoredCommit {
  return {
    fromBlock: Number(row.from_block),
    toBlock: Number(row.to_block),
    lastBlockHash: row.last_block_hash,
    lastBlockTimestamp: Number(row.last_block_timestamp),
    rowCounts: new Map(Object.entries(row.row_counts).map(([table, n]) => [table, Number(n)])),
  };
}
