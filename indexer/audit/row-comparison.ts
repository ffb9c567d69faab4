import type { DerivedTable, EventStore, Row } from '../store/event-store.ts';
import type { BlockRange } from './audit-context.ts';
import { IDENTITIES } from './check-identities.ts';

export type Difference = 'missing' | 'extra' | 'different';

/** What was found in one table; the first case stands for all. */
export interface TableDifference {
  readonly table: DerivedTable;
  readonly kind: Difference;
  fromBlock: number;
  toBlock: number;
  rows: number;
  /** @example 'block 120, log 3, sub 0: size_usd is 5, the rebuild says 6' */
  readonly example: string;
}

/**
 * Compares rows that were made again with the rows that the store has of the same blocks, column by
 * column, exactly. Holds one batch in memory.
 */
export class RowComparison {
  readonly #store: EventStore;
  readonly #chainId: number;
  readonly #columns = new Map<DerivedTable, readonly string[]>();
  readonly #differences = new Map<string, TableDifference>();
  #compared = 0;

  constructor(store: EventStore, chainId: number) {
    this.#store = store;
    this.#chainId = chainId;
  }

  /** Rows made again so far. */
  get compared(): number {
    return this.#compared;
  }

  differences(): TableDifference[] {
    return [...this.#differences.values()];
  }

  async compare(table: DerivedTable, made: readonly Row[], blocks: BlockRange): Promise<void> {
    const columns = await this.#columnsOf(table);
    const stored = await this.#store.select<Row>(
      `SELECT ${columns.join(', ')} FROM ${table}
       WHERE chain_id = {chainId:UInt64} AND block_number BETWEEN {fromBlock:UInt64} AND {toBlock:UInt64}`,
      { chainId: this.#chainId, ...blocks },
    );
    const madeByIdentity = byIdentity(table, made);
    for (const [identity, rows] of byIdentity(table, stored)) {
      const again = madeByIdentity.get(identity) ?? [];
      madeByIdentity.delete(identity);
      this.#compareSame(table, columns, { stored: rows, made: again });
    }
    for (const rows of madeByIdentity.values()) {
      this.#compareSame(table, columns, { stored: [], made: rows });
    }
    this.#compared += made.length;
  }

  #compareSame(
    table: DerivedTable,
    columns: readonly string[],
    { stored, made }: { readonly stored: readonly Row[]; readonly made: readonly Row[] },
  ): void {
    for (let index = 0; index < Math.max(stored.length, made.length); index++) {
      const [have, want] = [stored[index], made[index]];
      if (have && want) {
        const column = columns.find((name) => exactText(have[name]) !== exactText(want[name]));
        if (column === undefined) continue;
        const values = `${column} is ${brief(have[column])}, the rebuild says ${brief(want[column])}`;
        this.#report(table, 'different', have, values);
      } else if (have) this.#report(table, 'extra', have, 'the rebuild has no such row');
      else if (want) this.#report(table, 'missing', want, 'the rebuild has this row');
    }
  }

  #report(table: DerivedTable, kind: Difference, row: Row, text: string): void {
    const block = Number(row['block_number']);
    const known = this.#differences.get(`${table}:${kind}`);
    if (known) {
      known.fromBlock = Math.min(known.fromBlock, block);
      known.toBlock = Math.max(known.toBlock, block);
      known.rows += 1;
      return;
    }
    const example = `block ${block}, log ${row['log_index']}, sub ${row['sub_index']}: ${text}`;
    const difference = { table, kind, fromBlock: block, toBlock: block, rows: 1, example };
    this.#differences.set(`${table}:${kind}`, difference);
  }

  async #columnsOf(table: DerivedTable): Promise<readonly string[]> {
    const known = this.#columns.get(table);
    if (known) return known;
    const rows = await this.#store.select<{ name: string }>(
      'SELECT name FROM system.columns WHERE database = currentDatabase() AND table = {table:String} ORDER BY position',
      { table },
    );
    const columns = rows.map(({ name }) => name);
    this.#columns.set(table, columns);
    return columns;
  }
}

function byIdentity(table: DerivedTable, rows: readonly Row[]): Map<string, Row[]> {
  const identity = IDENTITIES[table] ?? [];
  const map = new Map<string, Row[]>();
  for (const row of rows) {
    const key = identity.map((column) => exactText(row[column])).join(' ');
    const same = map.get(key);
    if (same) same.push(row);
    else map.set(key, [row]);
  }
  return map;
}

/** One text a value, whether it comes from the fold (bigint, number) or the engine (text of a wide integer). */
function exactText(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return JSON.stringify(value.map(exactText));
  return typeof value === 'object' ? JSON.stringify(value) : `=${String(value)}`;
}

function brief(value: unknown): string {
  const text = exactText(value).replace(/^=/, '');
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
