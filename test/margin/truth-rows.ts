import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

export type Cell = string | number | boolean | null | object;

/** One row of truth: cells by column name. */
export class TruthRow {
  readonly #cells: ReadonlyMap<string, Cell>;

  constructor(columns: readonly string[], cells: readonly Cell[]) {
    this.#cells = new Map(columns.map((column, index) => [column, cells[index] ?? null]));
  }

  cell(column: string): Cell {
    if (!this.#cells.has(column)) throw new Error(`no column ${column}`);
    return this.#cells.get(column) ?? null;
  }

  text(column: string): string {
    return String(this.cell(column));
  }

  number(column: string): number {
    return Number(this.cell(column));
  }

  integer(column: string): bigint {
    return BigInt(this.text(column));
  }

  flag(column: string): boolean {
    const cell = this.cell(column);
    return cell === 1 || cell === true;
  }
}

interface Head {
  readonly columns: readonly string[];
  readonly positionKeys?: readonly string[];
  /** The same with the parts of each key beside it. */
  readonly positions?: readonly (readonly [string, ...unknown[]])[];
}

/**
 * Rows of one gzipped fixture file: first line the columns, then one array a row. Where the head lists
 * position keys, the rows name them by number and the text is put back.
 */
export function readTruthFile(path: string): readonly TruthRow[] {
  const text = gunzipSync(readFileSync(path)).toString('utf8');
  const [first = '', ...lines] = text.trimEnd().split('\n');
  const head = JSON.parse(first) as Head;
  const keys = head.positionKeys ?? head.positions?.map(([key]) => key);
  const keyColumn = keys ? head.columns.indexOf('positionKey') : -1;
  return lines.map((line) => {
    const cells = JSON.parse(line) as Cell[];
    if (keyColumn >= 0) cells[keyColumn] = keys?.[Number(cells[keyColumn])] ?? null;
    return new TruthRow(head.columns, cells);
  });
}

/** Rows by the block they were asked at. */
export function rowsByBlock(rows: readonly TruthRow[]): ReadonlyMap<number, readonly TruthRow[]> {
  const byBlock = new Map<number, TruthRow[]>();
  for (const row of rows) {
    const block = row.number('blockNumber');
    const known = byBlock.get(block);
    if (known) known.push(row);
    else byBlock.set(block, [row]);
  }
  return byBlock;
}

/** Counts of a comparison by name, for the printed report. */
export class Tally {
  readonly counts = new Map<string, number>();
  readonly differences: string[] = [];

  same(
    name: string,
    ours: bigint | boolean | string | number,
    theirs: typeof ours,
    where: string,
  ): void {
    if (ours === theirs) {
      this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
      return;
    }
    this.counts.set(`${name} DIFFERS`, (this.counts.get(`${name} DIFFERS`) ?? 0) + 1);
    if (this.differences.length < 40) {
      this.differences.push(`${name} at ${where}: ours ${ours}, contract ${theirs}`);
    }
  }

  count(name: string): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
  }

  get report(): string {
    return [...this.counts].map(([name, count]) => `  ${name}: ${count}`).join('\n');
  }
}
