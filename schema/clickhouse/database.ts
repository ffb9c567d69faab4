import type { ClickHouseClient, ClickHouseSettings } from '@clickhouse/client';
import type { InsertColumn, InsertRow } from './json-rows.ts';

/** Values bound to `{name:Type}` placeholders; pass 64-bit and wider integers as bigint or text. */
export type QueryParameters = Readonly<Record<string, unknown>>;

/** A file that an engine reads by itself, or rows in memory in the engine's own binary form. */
export type RowSource =
  /** `path`: absolute, on this machine. */
  | { readonly format: 'Parquet'; readonly path: string }
  | { readonly format: 'RowBinary'; readonly bytes: Buffer };

/** Rows to load by way of expressions and a check: which columns to fill, from what. */
export interface CheckedInsert {
  readonly table: string;
  readonly columns: readonly string[];
  /** One SQL expression a column, over the names of `structure`. */
  readonly expressions: readonly string[];
  /** Column structure of the source as ClickHouse types. @example 'block_number UInt64, data Nullable(String)' */
  readonly structure: string;
  /** Condition over the source's columns that every row must meet: nothing lands when one does not. */
  readonly check: string;
  readonly source: RowSource;
  /** Bound in the expressions. */
  readonly parameters: QueryParameters;
}

/**
 * One database, embedded or on a server: the same SQL runs on both. All results carry 64-bit and
 * wider integers and decimals as exact text. Errors of the surroundings (disk full, server gone)
 * come as OperatorError or RetryableError, a fault of the query itself as ClickHouseError.
 */
export interface Database {
  readonly kind: 'embedded' | 'server';
  /** Name of the ClickHouse database the connection works in. */
  readonly name: string;
  /** The client beneath, for what this interface does not offer. */
  readonly client: ClickHouseClient;
  /**
   * Rows of a query, one object a row. Settings hold for this query only; a query that has a
   * SETTINGS clause of its own must not be given any.
   */
  select<T>(
    query: string,
    parameters?: QueryParameters,
    settings?: ClickHouseSettings,
  ): Promise<T[]>;
  /** Result of a query that names its own (binary) FORMAT. */
  selectBytes(query: string, parameters?: QueryParameters): Promise<Buffer>;
  command(query: string, parameters?: QueryParameters): Promise<void>;
  /** Deletes the rows that meet a condition; they are gone when it returns. */
  deleteRows(
    table: string,
    condition: string,
    parameters: QueryParameters,
    label?: string,
  ): Promise<void>;
  /**
   * Inserts rows as one block (so as one part: all of them or none). Every row has every column.
   * Null in a column that is not Nullable is refused, not turned into a default. A write with a
   * `label` (letters, digits, -) can be ended by `endWrites`.
   */
  insertRows(
    table: string,
    columns: readonly InsertColumn[],
    rows: readonly InsertRow[],
    label?: string,
  ): Promise<void>;
  /**
   * Loads rows that pass a check; those of a Parquet file do not pass through JavaScript when embedded.
   * @throws CorruptDataError when a row fails the check or the source is not of its format.
   */
  insertChecked(insert: CheckedInsert, label?: string): Promise<void>;
  /**
   * Ends the writes of a label that still run on a server though nobody waits for them: of a process
   * that is gone, or calls of this one that were given up. None of them lands any more once it returns.
   */
  endWrites(label: string): Promise<void>;
  /**
   * Sets aside the parts of tables whose files cannot be read, so that their rows are missing instead
   * of failing every query; returns `table/part` of each. Looks, once a connection, at what was written
   * last, and at everything after a query has met such a file. A server looks after its own disks: [].
   */
  setAsideDamagedParts(): Promise<readonly string[]>;
  close(): Promise<void>;
}
