import { z } from 'zod';
import { engineErrorType } from '../../schema/clickhouse/engine-errors.ts';
import type { Source } from './source-directory.ts';
import { count, integer, loadQuery, type Reader, text } from './stored-query.ts';

const standingHeadsQuery = loadQuery(
  'standing-heads',
  z.object({
    chain_id: count,
    head_block: count,
    head_hash: text,
    rows_method: text,
    committed_at_ms: count,
    table_versions: integer,
    copy_name: text,
    journals: count,
  }),
);

const swapProgressQuery = loadQuery(
  'swap-progress',
  z.object({ swapped_tables: count, pending_tables: count }),
);

/**
 * Whether the heads of some sources are still what they were when the snapshot was opened: then every
 * row at or below them has been there all the time, in tables of one build.
 */
export async function standHeads(reader: Reader, sources: readonly Source[]): Promise<boolean> {
  const projected = sources.filter(({ headBlock }) => headBlock !== null);
  if (projected.length === 0) return true;
  const rows = await standingHeadsQuery.run(reader, {
    chainIds: projected.map(({ chainId }) => chainId),
    heads: projected.map(({ headBlock }) => headBlock),
  });
  const areSame = projected.every((source) =>
    rows.some(
      (row) =>
        row.chain_id === source.chainId &&
        row.head_block === source.headBlock &&
        row.head_hash === source.headHash &&
        row.rows_method === source.rowsMethod &&
        row.committed_at_ms === source.committedAtMs &&
        row.table_versions === source.tableVersions,
    ),
  );
  const [row] = rows;
  if (!areSame || !row) return false;
  return row.journals === 0 || !(await isHalfSwapped(reader, row.copy_name));
}

/** The swap of a rebuild exchanges one table after the other: between two, new rows stand beside old. */
async function isHalfSwapped(reader: Reader, copy: string): Promise<boolean> {
  try {
    const [row] = await swapProgressQuery.run(reader, { copy });
    const { swapped_tables: tables, pending_tables: pending } = row ?? EMPTY;
    return pending > 0 && pending < tables;
  } catch (error) {
    // The journal goes when the swap is over.
    const type = engineErrorType(error);
    if (type === 'UNKNOWN_TABLE' || type === 'UNKNOWN_DATABASE') return false;
    throw error;
  }
}

const EMPTY = { swapped_tables: 0, pending_tables: 0 };
