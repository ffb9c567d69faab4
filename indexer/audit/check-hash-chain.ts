import { type AuditContext, type BlockRange, type Check, landAgain } from './audit-context.ts';
import { auditCommitHashes } from './commit-hashes.ts';
import { blocksText, count, counted, FindingList } from './findings.ts';
import { stretches } from './stretches.ts';
import { TransactionAudit } from './transactions-of-logs.ts';

/** Blocks that fail one test in one stretch. */
interface Failed {
  readonly kind: string;
  readonly blocks: string;
  readonly rows: string;
  readonly first: string;
  readonly last: string;
}

interface Test {
  /** Table that lacks something or says something else. */
  readonly table: string;
  /** @example 'blocks whose header is missing' */
  readonly words: string;
}

const TESTS: Readonly<Record<string, Test>> = {
  noHeader: { table: 'blocks', words: 'with logs but without a header' },
  logHash: { table: 'raw_logs', words: 'whose logs and header name different block hashes' },
  twoHashes: { table: 'raw_logs', words: 'whose logs name different block hashes' },
  reversible: {
    table: 'reversible_blocks',
    words: 'whose reversible header differs from the header',
  },
  parent: { table: 'blocks', words: 'whose parent hash is not the hash of the block before' },
  time: { table: 'blocks', words: 'earlier than the header before them' },
};

export const hashChainCheck: Check = {
  name: 'hash-chain',
  proves:
    'Every log belongs to the block whose header is stored, each header to the one before it, each commit to its last header; every log has its transaction.',
  async run(context) {
    const found = new FindingList(context.chainId, 'hash-chain');
    const toBlock = context.last.land?.toBlock ?? -1;
    const whole = { fromBlock: 0, toBlock };
    const tables = ['raw_logs', 'blocks', 'transactions', 'reversible_blocks'];
    const failed = new Map<string, BlockRange & { blocks: number; rows: number }>();
    const seen = { logBlocks: 0, headers: 0, links: 0 };
    const transactions = new TransactionAudit(context);
    let lastHeader = 0;
    for (const stretch of await stretches(context, tables, whole)) {
      context.onProgress(`hashes from block ${count(stretch.fromBlock)}`);
      seen.logBlocks += await run(context, HEADER_OF_LOGS, stretch, failed);
      seen.headers += await run(context, REVERSIBLE, stretch, failed);
      await transactions.look(stretch);
      // The last header of the stretch before stands beside the first of this one.
      const linked = { fromBlock: lastHeader, toBlock: stretch.toBlock };
      seen.links += await run(context, LINKS, linked, failed);
      lastHeader = await lastHeaderOf(context, linked);
    }
    for (const [kind, { fromBlock, toBlock: last, blocks, rows }] of failed) {
      const test = TESTS[kind];
      if (!test) continue;
      found.add(kind, {
        table: test.table,
        fromBlock,
        toBlock: last,
        count: rows,
        message: `${counted(blocks, 'block')} ${test.words} (${counted(rows, 'row')}), in ${blocksText(fromBlock, last)}`,
        remedy: landAgain(context, fromBlock),
      });
    }
    await transactions.conclude(found);
    const commits = await auditCommitHashes(context, found);
    return {
      findings: found.all(),
      summary: `${counted(seen.headers, 'header')} with ${counted(seen.links, 'link')} between neighbours; ${counted(seen.logBlocks, 'block')} with logs, ${transactions.summary()}, ${counted(commits, 'commit')} compared with them`,
    };
  },
};

/** Runs a query that gives one row a kind, kind '' being what was looked at; returns that number. */
async function run(
  context: AuditContext,
  query: string,
  stretch: BlockRange,
  failed: Map<string, BlockRange & { blocks: number; rows: number }>,
): Promise<number> {
  const rows = await context.store.select<Failed>(query, {
    chainId: context.chainId,
    ...stretch,
  });
  let looked = 0;
  for (const row of rows) {
    looked += Number(row.blocks);
    if (row.kind === '') continue;
    const [fromBlock, toBlock] = [Number(row.first), Number(row.last)];
    const before = failed.get(row.kind);
    failed.set(row.kind, {
      fromBlock: Math.min(before?.fromBlock ?? fromBlock, fromBlock),
      toBlock: Math.max(before?.toBlock ?? toBlock, toBlock),
      blocks: (before?.blocks ?? 0) + Number(row.blocks),
      rows: (before?.rows ?? 0) + Number(row.rows),
    });
  }
  return looked;
}

const IN_STRETCH =
  'chain_id = {chainId:UInt64} AND block_number BETWEEN {fromBlock:UInt64} AND {toBlock:UInt64}';

// Unions and groups, no joins: on a cluster a join of two sharded tables is refused.
const byKind = (inner: string): string => `
SELECT kind, count() AS blocks, sum(weight) AS rows, min(block_number) AS first, max(block_number) AS last
FROM (${inner})
GROUP BY kind`;

/** Each block with logs: its header is there (evidence, or reversible) and has the hash of its logs. */
const HEADER_OF_LOGS = byKind(`
  SELECT block_number, sum(logs) AS weight,
    multiIf(min(log_low) != max(log_high), 'twoHashes', sum(headers) = 0, 'noHeader',
      min(low) != max(high), 'logHash', '') AS kind
  FROM (
    SELECT block_number, count() AS logs, 0 AS headers, min(block_hash) AS low, max(block_hash) AS high,
      min(block_hash) AS log_low, max(block_hash) AS log_high
    FROM raw_logs WHERE ${IN_STRETCH} GROUP BY block_number
    UNION ALL
    SELECT block_number, 0 AS logs, count() AS headers, min(block_hash) AS low, max(block_hash) AS high,
      toFixedString(unhex(repeat('ff', 32)), 32) AS log_low,
      toFixedString(unhex(repeat('00', 32)), 32) AS log_high
    FROM blocks WHERE ${IN_STRETCH} GROUP BY block_number)
  GROUP BY block_number
  HAVING sum(logs) > 0`);

/** Headers that both tables have are the same. */
const REVERSIBLE = byKind(`
  SELECT block_number, count() AS weight,
    if(uniqExact(origin) > 1 AND uniqExact(block_hash, parent_hash, block_timestamp) > 1,
      'reversible', '') AS kind
  FROM (
    SELECT block_number, block_hash, parent_hash, block_timestamp, 'evidence' AS origin
    FROM blocks WHERE ${IN_STRETCH}
    UNION ALL
    SELECT block_number, block_hash, parent_hash, block_timestamp, 'reversible' AS origin
    FROM reversible_blocks WHERE ${IN_STRETCH})
  GROUP BY block_number`);

/** Header after header: a neighbour's parent hash, and time that never goes back. Looked at: neighbours. */
const LINKS = byKind(`
  SELECT block_number, 1 AS weight,
    multiIf(block_number = before_number + 1 AND parent_hash != before_hash, 'parent',
      block_timestamp < before_time, 'time', '') AS kind
  FROM (
    SELECT block_number, parent_hash, block_timestamp,
      lagInFrame(block_number, 1, 18446744073709551614) OVER chain AS before_number,
      lagInFrame(block_hash) OVER chain AS before_hash,
      lagInFrame(block_timestamp) OVER chain AS before_time
    FROM (
      SELECT block_number, block_hash, parent_hash, block_timestamp FROM blocks WHERE ${IN_STRETCH}
      UNION DISTINCT
      SELECT block_number, block_hash, parent_hash, block_timestamp FROM reversible_blocks WHERE ${IN_STRETCH})
    WINDOW chain AS (ORDER BY block_number ROWS BETWEEN 1 PRECEDING AND CURRENT ROW))
  WHERE block_number = before_number + 1 OR block_timestamp < before_time`);

async function lastHeaderOf(context: AuditContext, range: BlockRange): Promise<number> {
  const [row] = await context.store.select<{ last: string }>(
    `SELECT max(block_number) AS last FROM (
       SELECT block_number FROM blocks WHERE ${IN_STRETCH}
       UNION ALL SELECT block_number FROM reversible_blocks WHERE ${IN_STRETCH})`,
    { chainId: context.chainId, ...range },
  );
  return Math.max(Number(row?.last ?? 0), range.fromBlock);
}
