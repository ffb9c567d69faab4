import type { Database } from '../../schema/clickhouse/database.ts';
import type { Stage } from './event-store.ts';
import {
  DERIVED_TABLES,
  type DerivedTable,
  EVIDENCE_TABLES,
  type EvidenceTable,
} from './event-store.ts';

/** Tables whose content a digest and the counts of commits cover. */
export type StoreTable = DerivedTable | EvidenceTable;

/** Tables whose rows above a block go when a stage is trimmed or rolled back. */
export type TrimmedTable = StoreTable | 'reversible_blocks';

export const COUNTED_TABLES: Readonly<Record<Stage, readonly StoreTable[]>> = {
  land: EVIDENCE_TABLES,
  project: DERIVED_TABLES,
};

export const TRIMMED_TABLES: Readonly<Record<Stage, readonly TrimmedTable[]>> = {
  land: [...EVIDENCE_TABLES, 'reversible_blocks'],
  project: DERIVED_TABLES,
};

/**
 * Rows by table of a chain's blocks [fromBlock, toBlock]. Near the head a few granules are read (`block_range`); amid the
 * chain the block numbers of all rows, where a table is not sorted by them.
 */
export async function countRows<T extends TrimmedTable>(
  database: Database,
  tables: readonly T[],
  blocks: { readonly chainId: number; readonly fromBlock: number; readonly toBlock: number },
): Promise<Record<T, number>> {
  const rows = await database.select<{ name: T; rows: string }>(
    tables
      .map(
        (table) => `SELECT '${table}' AS name, count() AS rows FROM ${table}
          WHERE chain_id = {chainId:UInt64} AND block_number BETWEEN {fromBlock:Int64} AND {toBlock:Int64}`,
      )
      .join(' UNION ALL '),
    { chainId: blocks.chainId, fromBlock: blocks.fromBlock, toBlock: blocks.toBlock },
  );
  const counts = Object.fromEntries(tables.map((table) => [table, 0])) as Record<T, number>;
  for (const row of rows) counts[row.name] = Number(row.rows);
  return counts;
}

/** Those of the tables that hold rows of a chain above a block. */
export async function tablesWithRowsAbove<T extends TrimmedTable>(
  database: Database,
  tables: readonly T[],
  chainId: number,
  block: number,
): Promise<T[]> {
  const found = await database.select<{ name: T }>(
    tables
      .map(
        (table) => `SELECT '${table}' AS name FROM ${table}
          WHERE chain_id = {chainId:UInt64} AND block_number > {block:Int64} GROUP BY name`,
      )
      .join(' UNION ALL '),
    { chainId, block },
  );
  return found.map((row) => row.name);
}
