import type { CheckedInsert, Database, QueryParameters } from '../../schema/clickhouse/database.ts';
import type { InsertColumn } from '../../schema/clickhouse/json-rows.ts';
import { RetryableError } from '../../schema/errors.ts';
import type { Row } from './event-store.ts';
import { type TrimmedTable, tablesWithRowsAbove } from './store-tables.ts';

/** Says whether this process is still the one that may write a chain. */
export interface WriterGuard {
  /** Takes the right to write the chain, or makes sure that it still holds. @throws OperatorError when another has it. */
  hold(chainId: number): Promise<void>;
  /** The same, asked of the database and not of a clock. */
  confirm(chainId: number): Promise<void>;
  /** Whether another process was found to write the chain when this one last asked. */
  isRefused(chainId: number): boolean;
}

/** Every write to a chain's tables: only while the right to write lasts, and under the chain's label. */
export class ChainWriter {
  readonly #database: Database;
  readonly #guard: WriterGuard | null;
  readonly #columns = new Map<string, readonly InsertColumn[]>();

  constructor(database: Database, guard: WriterGuard | null) {
    this.#database = database;
    this.#guard = guard;
  }

  async insert(chainId: number, table: string, rows: readonly Row[]): Promise<void> {
    if (rows.length === 0) return;
    const columns = await this.columnsOf(table);
    await this.#guard?.hold(chainId);
    await this.#database.insertRows(table, columns, rows, labelOf(chainId));
  }

  async insertChecked(chainId: number, insert: CheckedInsert): Promise<void> {
    await this.#guard?.hold(chainId);
    await this.#database.insertChecked(insert, labelOf(chainId));
  }

  /** Inserts what a process says of itself, unless another one has the word. */
  async insertState(chainId: number, row: Row): Promise<void> {
    if (this.#guard?.isRefused(chainId)) return;
    await this.#database.insertRows('indexer_states', await this.columnsOf('indexer_states'), [
      row,
    ]);
  }

  /** Inserts one row that makes others count: the right to write is asked for once more. */
  async insertCommit(chainId: number, row: Row): Promise<void> {
    await this.#guard?.confirm(chainId);
    await this.insert(chainId, 'commits', [row]);
  }

  /** @throws RetryableError when rows are left: a deletion can be killed from elsewhere. */
  async deleteRows(
    chainId: number,
    table: string,
    condition: string,
    parameters: QueryParameters,
  ): Promise<void> {
    await this.#guard?.hold(chainId);
    const ours = `chain_id = {chainId:UInt64} AND ${condition}`;
    const values = { ...parameters, chainId };
    await this.#database.deleteRows(table, ours, values, labelOf(chainId));
    const [left] = await this.#database.select<{ rows: string }>(
      `SELECT count() AS rows FROM ${table} WHERE ${ours}`,
      values,
    );
    if (Number(left?.rows) === 0) return;
    throw new RetryableError('Rows that were to be deleted are still there.', {
      facts: { chainId, table, rows: left?.rows ?? '?' },
      remedy: 'Index again with the same command: they are removed first.',
    });
  }

  /** Deletes the chain's rows above a block (-1: all); tables without such rows are not touched. */
  async deleteAbove(
    chainId: number,
    tables: readonly TrimmedTable[],
    toBlock: number,
  ): Promise<void> {
    for (const table of await tablesWithRowsAbove(this.#database, tables, chainId, toBlock)) {
      await this.deleteRows(chainId, table, 'block_number > {toBlock:Int64}', { toBlock });
    }
  }

  /** Ends what an ended writer of the chain (or a call of ours that timed out) left running on a server. */
  async endLateWrites(chainId: number): Promise<void> {
    await this.#guard?.hold(chainId);
    await this.#database.endWrites(labelOf(chainId));
  }

  async columnsOf(table: string): Promise<readonly InsertColumn[]> {
    const known = this.#columns.get(table);
    if (known) return known;
    const rows = await this.#database.select<InsertColumn>(
      'SELECT name, type FROM system.columns WHERE database = currentDatabase() AND table = {table:String} ORDER BY position',
      { table },
    );
    this.#columns.set(table, rows);
    return rows;
  }
}

function labelOf(chainId: number): string {
  return `chain-${chainId}`;
}
