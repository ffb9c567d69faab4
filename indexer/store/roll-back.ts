import type { Database } from '../../schema/clickhouse/database.ts';
import type { ChainWriter } from './chain-writer.ts';
import { commitRow, databaseTime, lastCommit, selectCommits } from './commit-log.ts';
import type { Commit, Stage } from './event-store.ts';
import { COUNTED_TABLES, countRows, TRIMMED_TABLES, tablesWithRowsAbove } from './store-tables.ts';

/** Hash and time of a block as they were landed, or null where it has no header. */
export async function headerOf(
  database: Database,
  chainId: number,
  block: number,
): Promise<{ hash: string; timestamp: number } | null> {
  const [row] = await database.select<{ hash: string; timestamp: string }>(
    `SELECT concat('0x', lower(hex(block_hash))) AS hash, block_timestamp AS timestamp FROM
     (
         SELECT block_hash, block_timestamp FROM blocks
         WHERE chain_id = {chainId:UInt64} AND block_number = {block:Int64}
         UNION ALL
         SELECT block_hash, block_timestamp FROM reversible_blocks
         WHERE chain_id = {chainId:UInt64} AND block_number = {block:Int64}
     )
     LIMIT 1`,
    { chainId, block },
  );
  return row ? { hash: row.hash, timestamp: Number(row.timestamp) } : null;
}

/**
 * Takes both stages back to a block. Every step leaves what a start can go on from:
 * the shortened commit stands beside the longer one until that is deleted (`repair` removes it if it
 * never comes to that), and rows go after the commits that made them count (`trim` removes the rest).
 * The derived rows go first, so that nothing is ever derived from evidence that is not there.
 */
export async function rollBackChain(
  database: Database,
  writer: ChainWriter,
  chainId: number,
  toBlock: number,
  reason: string,
): Promise<void> {
  const stages = ['project', 'land'] as const;
  const heads = await Promise.all(stages.map((stage) => lastCommit(database, chainId, stage)));
  const head = Math.max(toBlock, ...heads.map((commit) => commit?.toBlock ?? toBlock));
  const isThere = head > toBlock || (await hasRowsAbove(database, chainId, toBlock));
  if (!isThere) return;
  await recordRollback(writer, { chainId, toBlock, depth: head - toBlock, reason });
  for (const stage of stages) {
    await shortenCommit(database, writer, { chainId, stage }, toBlock);
    await dropAbove(database, writer, { chainId, stage }, toBlock);
  }
}

/** Deletes a stage's commits above a block, then the rows that they made count. */
export async function dropAbove(
  database: Database,
  writer: ChainWriter,
  of: { readonly chainId: number; readonly stage: Stage },
  toBlock: number,
): Promise<void> {
  const { chainId, stage } = of;
  const [above] = await selectCommits(database, of, 'AND to_block > {toBlock:Int64} LIMIT 1', {
    toBlock,
  });
  // A deletion is a mutation of every part: most dear when there is nothing to delete.
  if (above) await deleteCommitsAbove(writer, of, toBlock);
  await writer.deleteAbove(chainId, TRIMMED_TABLES[stage], toBlock);
}

async function deleteCommitsAbove(
  writer: ChainWriter,
  { chainId, stage }: { readonly chainId: number; readonly stage: Stage },
  toBlock: number,
): Promise<void> {
  await writer.deleteRows(
    chainId,
    'commits',
    'stage = {stage:String} AND to_block > {toBlock:Int64}',
    { stage, toBlock },
  );
}

export async function recordRollback(
  writer: ChainWriter,
  rollback: { chainId: number; toBlock: number; depth: number; reason: string },
): Promise<void> {
  await writer.insert(rollback.chainId, 'rollbacks', [
    {
      to_block: Math.max(0, rollback.toBlock),
      depth: rollback.depth,
      reason: rollback.reason,
      rolled_back_at: databaseTime(),
      chain_id: rollback.chainId,
    },
  ]);
}

async function hasRowsAbove(database: Database, chainId: number, block: number): Promise<boolean> {
  const tables = [...TRIMMED_TABLES.project, ...TRIMMED_TABLES.land];
  return (await tablesWithRowsAbove(database, tables, chainId, block)).length > 0;
}

/** Adds the part below a block of the commit that reaches beyond it, with its own counts and hash. */
async function shortenCommit(
  database: Database,
  writer: ChainWriter,
  of: { readonly chainId: number; readonly stage: Stage },
  toBlock: number,
): Promise<void> {
  const reaching = await selectCommits(
    database,
    of,
    'AND from_block <= {toBlock:Int64} AND to_block >= {toBlock:Int64} ORDER BY to_block DESC',
    { toBlock },
  );
  // Ends there already: by itself, or shortened by a rollback that was cut off.
  if (reaching.some((commit) => commit.toBlock === toBlock)) return;
  const [cut] = reaching;
  if (cut) await writer.insertCommit(of.chainId, commitRow(await partOf(database, cut, toBlock)));
}

async function partOf(database: Database, commit: Commit, toBlock: number): Promise<Commit> {
  const { chainId, stage, fromBlock } = commit;
  const header = await headerOf(database, chainId, toBlock);
  const blocks = { chainId, fromBlock, toBlock };
  return {
    ...commit,
    toBlock,
    lastBlockHash: header?.hash ?? '',
    lastBlockTimestamp: header?.timestamp ?? 0,
    rowCounts: await countRows(database, COUNTED_TABLES[stage], blocks),
  };
}
