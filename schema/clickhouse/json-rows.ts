import { setImmediate as nextTurn } from 'node:timers/promises';
import { CorruptDataError } from '../errors.ts';

/** Rows encoded before others get a turn: 1,000 GMX rows take about 10 ms. */
const ROWS_PER_TURN = 1_000;

export type InsertRow = Readonly<Record<string, unknown>>;

export interface InsertColumn {
  readonly name: string;
  /** ClickHouse type. @example 'Nullable(Int256)' */
  readonly type: string;
}

/**
 * Rows as JSONCompactEachRow bytes, columns in the given order. Values: bigint (as text, exact at
 * any width), number, boolean, text, null, arrays of text, records of numbers (Map columns).
 * Gives way to other work between stretches of rows.
 * @throws TypeError when a row lacks a column or holds what JSON would turn into null in silence.
 * @throws CorruptDataError on an integer that does not fit its column: the engine would wrap it
 *   round without a word (2^255 becomes -2^255 in an Int256).
 */
export async function encodeRows(
  columns: readonly InsertColumn[],
  rows: readonly InsertRow[],
): Promise<Buffer> {
  const encoders = columns.map((column) => ({ ...column, limits: integerLimits(column.type) }));
  const stretches: Buffer[] = [];
  for (let start = 0; start < rows.length; start += ROWS_PER_TURN) {
    if (start > 0) await nextTurn();
    const lines = rows
      .slice(start, start + ROWS_PER_TURN)
      .map((row) => JSON.stringify(encoders.map((encoder) => jsonValue(encoder, row))));
    lines.push('');
    stretches.push(Buffer.from(lines.join('\n'), 'utf8'));
  }
  return Buffer.concat(stretches);
}

interface IntegerLimits {
  readonly least: bigint;
  readonly most: bigint;
  /** Texts up to this length fit whatever their digits. */
  readonly safeLength: number;
}

/** Range of an integer type; null for any other type. */
function integerLimits(type: string): IntegerLimits | null {
  const match = /^(?:Nullable\()?(U?)Int(\d+)\)?$/.exec(type);
  if (!match) return null;
  const isUnsigned = match[1] === 'U';
  const bits = BigInt(match[2] ?? 0);
  const most = 2n ** (isUnsigned ? bits : bits - 1n) - 1n;
  return { least: isUnsigned ? 0n : -most - 1n, most, safeLength: most.toString().length - 1 };
}

type ColumnEncoder = InsertColumn & { readonly limits: IntegerLimits | null };

function jsonValue({ name, type, limits }: ColumnEncoder, row: InsertRow): unknown {
  const value = row[name];
  // The engine would read null as 0 in a number's column.
  if (value === null && !type.includes('Nullable(')) {
    throw new TypeError(`column ${name} (${type}) cannot hold null`);
  }
  if (value === null || typeof value === 'boolean') return value;
  if (limits) {
    if (!fits(value, limits)) {
      throw new CorruptDataError('A number does not fit its column.', {
        facts: { column: name, type, value: String(value), block: String(row['block_number']) },
      });
    }
    return typeof value === 'number' ? value : String(value);
  }
  if (typeof value === 'string' || typeof value === 'object') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new TypeError(`column ${name} (${type}) cannot hold ${String(value)}`);
}

function fits(value: unknown, { least, most, safeLength }: IntegerLimits): boolean {
  if (typeof value === 'string') {
    if (value.length <= safeLength && !value.startsWith('-')) return true;
    return isIntegerText(value) && fits(BigInt(value), { least, most, safeLength });
  }
  if (typeof value === 'number') {
    return Number.isSafeInteger(value) && value >= Number(least) && value <= Number(most);
  }
  return typeof value === 'bigint' && value >= least && value <= most;
}

function isIntegerText(text: string): boolean {
  return /^-?\d+$/.test(text);
}
