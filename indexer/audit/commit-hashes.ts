import type { Stage } from '../store/event-store.ts';
import { type AuditContext, landAgain } from './audit-context.ts';
import { commitPages, type StoredCommit } from './commit-pages.ts';
import { blocksText, count, type FindingList } from './findings.ts';

interface Header {
  readonly hash: string;
  readonly parentHash: string;
  readonly timestamp: number;
}

/**
 * Hash and time of each commit are those of its last block; where that has no header, its child names
 * the hash. Returns how many commits could be compared.
 */
export async function auditCommitHashes(
  context: AuditContext,
  found: FindingList,
): Promise<number> {
  let compared = 0;
  for (const stage of ['land', 'project'] as const) {
    for await (const page of commitPages(context, stage)) {
      const headers = await headersAround(context, page);
      for (const commit of page) {
        const difference = differenceOf(commit, headers);
        if (difference !== 'unknown') compared += 1;
        if (difference === 'hash' || difference === 'time') {
          found.add(`commit ${difference}`, wrongCommit(context, stage, commit, difference));
        }
      }
    }
  }
  return compared;
}

function differenceOf(
  commit: StoredCommit,
  headers: ReadonlyMap<number, Header>,
): 'none' | 'unknown' | 'hash' | 'time' {
  const own = headers.get(commit.toBlock);
  const hash = own?.hash ?? headers.get(commit.toBlock + 1)?.parentHash;
  if (commit.lastBlockHash === '' || hash === undefined) return 'unknown';
  if (hash !== commit.lastBlockHash) return 'hash';
  return own && own.timestamp !== commit.lastBlockTimestamp ? 'time' : 'none';
}

function wrongCommit(context: AuditContext, stage: Stage, commit: StoredCommit, what: string) {
  return {
    table: 'commits',
    fromBlock: commit.toBlock,
    toBlock: commit.toBlock,
    count: 1,
    message: `the ${what} in the commit of ${blocksText(commit.fromBlock, commit.toBlock)} (stage ${stage}) is not that of block ${count(commit.toBlock)}`,
    remedy: landAgain(context, commit.fromBlock),
  };
}

async function headersAround(
  context: AuditContext,
  page: readonly StoredCommit[],
): Promise<Map<number, Header>> {
  const wanted = new Set(page.flatMap(({ toBlock }) => [toBlock, toBlock + 1]));
  const numbers = [...wanted].join(', ');
  const columns = `block_number, concat('0x', lower(hex(block_hash))) AS hash,
    concat('0x', lower(hex(parent_hash))) AS parent, block_timestamp`;
  const rows = await context.store.select<
    Record<'block_number' | 'hash' | 'parent' | 'block_timestamp', string>
  >(
    // Reversible headers second: the evidence has the last word.
    ['reversible_blocks', 'blocks']
      .map(
        (table) =>
          `SELECT ${columns}, '${table}' AS origin FROM ${table} WHERE chain_id = {chainId:UInt64} AND block_number IN (${numbers})`,
      )
      .join(' UNION ALL ')
      .concat(' ORDER BY origin DESC'),
    { chainId: context.chainId },
  );
  return new Map(
    rows.map((row) => [
      Number(row.block_number),
      { hash: row.hash, parentHash: row.parent, timestamp: Number(row.block_timestamp) },
    ]),
  );
}
