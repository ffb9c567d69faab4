import type { Readable } from 'node:stream';
import type { ClickHouseSettings } from '@clickhouse/client';
import type { CheckedInsert } from './database.ts';

/** Without these, 2^255 comes back as 5.78960446186581e+76 and a Decimal(76, 30) as a double. */
export const exactNumberSettings = {
  output_format_json_quote_64bit_integers: 1,
  output_format_json_quote_decimals: 1,
} as const;

/**
 * Inserts are never de-duplicated by content (a batch replayed after a trim must land again), and a
 * DELETE has happened when its call returns. Null is no value for a column that is not Nullable.
 */
export const writeSettings = {
  insert_deduplicate: 0,
  async_insert: 0,
  input_format_null_as_default: 0,
  mutations_sync: '2',
  lightweight_deletes_sync: '2',
} as const;

/** `SETTINGS a = 1, b = 'x'`, or '' when there are none. Names are checked, values are quoted. */
export function settingsClause(settings: ClickHouseSettings): string {
  const parts = Object.entries(settings).map(([name, value]) => {
    if (!/^[a-z_][a-z0-9_]*$/i.test(name)) throw new RangeError(`no setting name: ${name}`);
    if (typeof value === 'number' || typeof value === 'boolean')
      return `${name} = ${Number(value)}`;
    return `${name} = '${String(value).replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  });
  return parts.length === 0 ? '' : `SETTINGS ${parts.join(', ')}`;
}

/** A result stream as one buffer. */
export async function readAll(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Uint8Array>) {
    // A view: an embedded answer comes as one chunk of tens of megabytes.
    chunks.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
  }
  const [only] = chunks;
  return chunks.length === 1 && only ? only : Buffer.concat(chunks);
}

/** Stops the whole insert at the first row that fails the check (NULL fails it too). */
export function whereChecked(insert: CheckedInsert): string {
  return `WHERE throwIf(NOT ifNull(${insert.check}, false), 'row fails the check of ${insert.table}') = 0`;
}
