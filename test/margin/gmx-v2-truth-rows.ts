import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

const FOLDER = 'test/fixtures/gmx-v2-truth';
type Cell = string | number | null | Record<string, OpenInterestCell> | readonly string[];

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
    return this.cell(column) === 1;
  }
}

export interface OpenInterestCell {
  readonly usd: string;
  readonly tokens: string;
  readonly collateralSum: string;
}

/** What the contract's liquidation said when it was tried: it would go through, its numbers, or another refusal. */
export type Probe =
  | { readonly kind: 'liquidates' }
  | {
      readonly kind: 'numbers';
      readonly remaining: bigint;
      readonly min: bigint;
      readonly minForLeverage: bigint;
    }
  | { readonly kind: 'refused'; readonly error: string };

export function probeOf(row: TruthRow): Probe | null {
  const cell = row.cell('probe');
  if (cell === null) return null;
  if (cell === 1) return { kind: 'liquidates' };
  if (!Array.isArray(cell)) return { kind: 'refused', error: String(cell) };
  const [remaining = '', min = '', minForLeverage = ''] = cell as readonly string[];
  return {
    kind: 'numbers',
    remaining: BigInt(remaining),
    min: BigInt(min),
    minForLeverage: BigInt(minForLeverage),
  };
}

interface Head {
  readonly columns: readonly string[];
  readonly positionKeys?: readonly string[];
}

/** Rows of one fixture file; `positionKey` is resolved to its text. */
export function readTruth(file: string): readonly TruthRow[] {
  const text = gunzipSync(readFileSync(`${FOLDER}/${file}.jsonl.gz`)).toString('utf8');
  const [first = '', ...lines] = text.trimEnd().split('\n');
  const head = JSON.parse(first) as Head;
  const keyColumn = head.columns.indexOf('positionKey');
  return lines.map((line) => {
    const cells = JSON.parse(line) as Cell[];
    if (keyColumn >= 0) cells[keyColumn] = head.positionKeys?.[Number(cells[keyColumn])] ?? null;
    return new TruthRow(head.columns, cells);
  });
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
