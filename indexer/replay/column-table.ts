import { CorruptDataError } from '../../schema/errors.ts';
import { type CellInput, encodeBinaryCell, encodeNumberCell } from './value-bytes.ts';
import type { ColumnSpec, TableSpec } from './wire-columns.ts';

/** Row ids of a table, ascending. */
export type RowIds = Uint32Array;
export type InputRow = Readonly<Record<string, CellInput>>;

/** A growing column of numbers (u64, u8, bool). */
export class NumberColumn {
  rows = 0;
  nullCount = 0;
  values = new Float64Array(64);
  valid = new Uint8Array(64);
  readonly spec: ColumnSpec;

  constructor(spec: ColumnSpec) {
    this.spec = spec;
  }

  push(cell: CellInput): void {
    const value = encodeNumberCell(this.spec, cell);
    if (this.rows === this.values.length) {
      this.values = doubledFloats(this.values);
      this.valid = doubledBytes(this.valid, this.rows + 1);
    }
    this.values[this.rows] = value ?? 0;
    this.valid[this.rows++] = value === null ? 0 : 1;
    if (value === null) this.nullCount++;
  }

  at(row: number): number | null {
    return this.valid[row] === 1 ? (this.values[row] ?? 0) : null;
  }

  /** Overwrites a cell that holds a number. */
  set(row: number, value: number): void {
    this.values[row] = value;
  }

  /** Appends rows [start, end) of another column. */
  copyRows(other: NumberColumn, start: number, end: number): void {
    const need = this.rows + end - start;
    if (need > this.values.length) {
      this.values = doubledFloats(this.values, need);
      this.valid = doubledBytes(this.valid, need);
    }
    for (let row = start; row < end; row++) {
      const valid = other.valid[row] ?? 0;
      this.values[this.rows] = other.values[row] ?? 0;
      this.valid[this.rows++] = valid;
      if (valid === 0) this.nullCount++;
    }
  }
}

/** A growing column of byte strings: one shared buffer and the end offset of each row. */
export class BytesColumn {
  rows = 0;
  nullCount = 0;
  bytes: Buffer = Buffer.alloc(1024);
  ends = new Float64Array(64);
  valid = new Uint8Array(64);
  readonly spec: ColumnSpec;

  constructor(spec: ColumnSpec) {
    this.spec = spec;
  }

  push(cell: CellInput): void {
    const value = encodeBinaryCell(this.spec, cell);
    const start = this.startOf(this.rows);
    const length = value?.length ?? 0;
    if (this.rows === this.ends.length) {
      this.ends = doubledFloats(this.ends);
      this.valid = doubledBytes(this.valid, this.rows + 1);
    }
    if (start + length > this.bytes.length) {
      this.bytes = Buffer.from(doubledBytes(this.bytes, start + length).buffer);
    }
    if (value) value.copy(this.bytes, start);
    this.ends[this.rows] = start + length;
    this.valid[this.rows++] = value === null ? 0 : 1;
    if (value === null) this.nullCount++;
  }

  startOf(row: number): number {
    return row === 0 ? 0 : (this.ends[row - 1] ?? 0);
  }

  lengthOf(row: number): number {
    return (this.ends[row] ?? 0) - this.startOf(row);
  }

  at(row: number): Buffer | null {
    return this.valid[row] === 1 ? this.bytes.subarray(this.startOf(row), this.ends[row]) : null;
  }

  /** Overwrites a cell by bytes of the same length. */
  set(row: number, value: Uint8Array): void {
    this.bytes.set(value, this.startOf(row));
  }

  /** Appends rows [start, end) of another column. */
  copyRows(other: BytesColumn, start: number, end: number): void {
    const need = this.rows + end - start;
    if (need > this.ends.length) {
      this.ends = doubledFloats(this.ends, need);
      this.valid = doubledBytes(this.valid, need);
    }
    const from = other.startOf(start);
    const at = this.startOf(this.rows);
    const length = other.startOf(end) - from;
    if (at + length > this.bytes.length) {
      this.bytes = Buffer.from(doubledBytes(this.bytes, at + length).buffer);
    }
    other.bytes.copy(this.bytes, at, from, from + length);
    for (let row = start; row < end; row++) {
      const valid = other.valid[row] ?? 0;
      this.ends[this.rows] = at + (other.ends[row] ?? 0) - from;
      this.valid[this.rows++] = valid;
      if (valid === 0) this.nullCount++;
    }
  }

  /** The row's bytes as latin1 text, a cheap key for sets and maps; null when the cell is null. */
  key(row: number): string | null {
    return this.valid[row] === 1
      ? this.bytes.toString('latin1', this.startOf(row), this.ends[row])
      : null;
  }
}

export type Column = NumberColumn | BytesColumn;

const LOGS_BLOOM_BYTES = 256;

/** Rows held as columns, in the layout of one HyperSync table. */
export class ColumnTable {
  readonly spec: TableSpec;
  readonly columns: ReadonlyMap<string, Column>;
  rows = 0;

  constructor(spec: TableSpec) {
    this.spec = spec;
    this.columns = new Map(
      Object.entries(spec).map(([name, column]) => [
        name,
        column.kind === 'u64' || column.kind === 'u8' || column.kind === 'bool'
          ? new NumberColumn(column)
          : new BytesColumn(column),
      ]),
    );
  }

  /** Appends a row (snake_case names) and returns its id. Throws CorruptDataError with the column. */
  push(row: InputRow): number {
    for (const [name, column] of this.columns) {
      const cell = row[name];
      try {
        column.push(
          name === 'logs_bloom' && cell === undefined ? Buffer.alloc(LOGS_BLOOM_BYTES) : cell,
        );
      } catch (error) {
        if (!(error instanceof CorruptDataError)) throw error;
        throw new CorruptDataError(error.message, { facts: { column: name, ...error.facts } });
      }
    }
    return this.rows++;
  }

  /** Appends rows [start, end) of a table with the same columns and returns the id of the first. */
  copyRows(other: ColumnTable, start: number, end: number): number {
    for (const [name, column] of this.columns) {
      const source = other.columns.get(name);
      if (column instanceof NumberColumn && source instanceof NumberColumn) {
        column.copyRows(source, start, end);
      } else if (column instanceof BytesColumn && source instanceof BytesColumn) {
        column.copyRows(source, start, end);
      } else throw new TypeError(`column ${name} differs between the tables`);
    }
    const first = this.rows;
    this.rows += end - start;
    return first;
  }

  numbers(name: string): NumberColumn {
    const column = this.columns.get(name);
    if (!(column instanceof NumberColumn)) throw new TypeError(`no number column ${name}`);
    return column;
  }

  bytes(name: string): BytesColumn {
    const column = this.columns.get(name);
    if (!(column instanceof BytesColumn)) throw new TypeError(`no bytes column ${name}`);
    return column;
  }
}

function doubledFloats(old: Float64Array, need = 0): Float64Array<ArrayBuffer> {
  const next = new Float64Array(Math.max(old.length * 2, need));
  next.set(old);
  return next;
}

function doubledBytes(old: Uint8Array, need: number): Uint8Array<ArrayBuffer> {
  const next = new Uint8Array(Math.max(old.length * 2, need));
  next.set(old);
  return next;
}

/** Index of the first of `length` ascending numbers that is at least `value`. */
export function lowerBound(sorted: ArrayLike<number>, length: number, value: number): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
