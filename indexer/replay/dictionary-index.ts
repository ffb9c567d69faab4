import type { BytesColumn } from './column-table.ts';

/**
 * Numbers the distinct values of a column that repeats itself (address, topic0), so that a filter
 * over it compares small integers instead of bytes. Grows with the column.
 */
export class DictionaryIndex {
  private readonly column: BytesColumn;
  private readonly idOfKey = new Map<string, number>();
  private ids = new Int32Array(1024);
  private indexedRows = 0;

  constructor(column: BytesColumn) {
    this.column = column;
  }

  /** Rows whose value is one of `keys` (latin1); null cells match nothing. */
  matcher(keys: ReadonlySet<string>): (row: number) => boolean {
    this.catchUp();
    const wanted = new Uint8Array(this.idOfKey.size);
    for (const key of keys) {
      const id = this.idOfKey.get(key);
      if (id !== undefined) wanted[id] = 1;
    }
    const { ids } = this;
    return (row) => wanted[ids[row] ?? -1] === 1;
  }

  private catchUp(): void {
    if (this.ids.length < this.column.rows) {
      const next = new Int32Array(Math.max(this.column.rows, this.ids.length * 2));
      next.set(this.ids);
      this.ids = next;
    }
    for (; this.indexedRows < this.column.rows; this.indexedRows++) {
      const key = this.column.key(this.indexedRows);
      this.ids[this.indexedRows] = key === null ? -1 : this.idOf(key);
    }
  }

  private idOf(key: string): number {
    const known = this.idOfKey.get(key);
    if (known !== undefined) return known;
    const id = this.idOfKey.size;
    this.idOfKey.set(key, id);
    return id;
  }
}
