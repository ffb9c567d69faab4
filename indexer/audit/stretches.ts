import type { AuditContext, BlockRange } from './audit-context.ts';

/** Rows that one query of a check works on: bounds its memory to some 100 MB. */
const ROWS_A_STRETCH = 1_000_000;

/** A range is first looked at in so many parts. */
const PARTS = 4_096;

/**
 * Cuts a block range into stretches with about a million rows of the tables together, whole blocks
 * only. Ranges without rows are left out. The count reads one column, so a hundred million rows cost
 * about a second.
 */
export async function stretches(
  context: AuditContext,
  tables: readonly string[],
  range: BlockRange,
  maxRows = ROWS_A_STRETCH,
): Promise<BlockRange[]> {
  const { fromBlock, toBlock } = range;
  if (fromBlock > toBlock) return [];
  const width = Math.max(1, Math.ceil((toBlock - fromBlock + 1) / PARTS));
  const parts = await context.store.select<{ part: string; n: string }>(
    `SELECT part, sum(n) AS n FROM (${tables
      .map(
        (
          table,
        ) => `SELECT intDiv(block_number - {fromBlock:UInt64}, {width:UInt64}) AS part, count() AS n
          FROM ${table}
          WHERE chain_id = {chainId:UInt64} AND block_number BETWEEN {fromBlock:UInt64} AND {toBlock:UInt64}
          GROUP BY part`,
      )
      .join(' UNION ALL ')})
     GROUP BY part ORDER BY part`,
    { chainId: context.chainId, fromBlock, toBlock, width },
  );
  const cut: BlockRange[] = [];
  let open: { fromBlock: number; toBlock: number; rows: number } | null = null;
  for (const { part, n } of parts) {
    const start = fromBlock + Number(part) * width;
    const piece = {
      fromBlock: start,
      toBlock: Math.min(toBlock, start + width - 1),
      rows: Number(n),
    };
    if (open && open.rows + piece.rows > maxRows) {
      cut.push(...(await finer(context, tables, open, maxRows)));
      open = null;
    }
    open = open
      ? { fromBlock: open.fromBlock, toBlock: piece.toBlock, rows: open.rows + piece.rows }
      : piece;
  }
  if (open) cut.push(...(await finer(context, tables, open, maxRows)));
  return cut;
}

/** A part that is too full by itself is cut again, down to a single block. */
function finer(
  context: AuditContext,
  tables: readonly string[],
  part: BlockRange & { readonly rows: number },
  maxRows: number,
): Promise<BlockRange[]> | BlockRange[] {
  const { fromBlock, toBlock } = part;
  if (part.rows <= maxRows || fromBlock === toBlock) return [{ fromBlock, toBlock }];
  return stretches(context, tables, { fromBlock, toBlock }, maxRows);
}
