/**
 * One TabSeparated field. Shapes: bigint, number, boolean, text, array of text, null (\N), and a
 * record of numbers (Map column). Anything else is a fault of the caller.
 * @throws TypeError on a value no column can hold (undefined, NaN, function, ...).
 */
export function tsvField(value: unknown): string {
  if (typeof value === 'string') return escapeText(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (value === null) return '\\N';
  if (Array.isArray(value)) return escapeText(`[${value.map(quoted).join(',')}]`);
  if (typeof value === 'object') return escapeText(mapLiteral(value as Record<string, unknown>));
  throw new TypeError(`no column value: ${String(value)} (${typeof value})`);
}

/** Rows as TabSeparated bytes; every row must have every column. @throws TypeError, with the column's name. */
export function tsvLines(
  columns: readonly string[],
  rows: readonly Readonly<Record<string, unknown>>[],
): Buffer {
  const lines: string[] = [];
  for (const row of rows) {
    let line = '';
    for (let i = 0; i < columns.length; i++) {
      const column = columns[i] as string;
      const value = row[column];
      if (value === undefined) throw new TypeError(`row has no ${column}`);
      line += i === 0 ? tsvField(value) : `\t${tsvField(value)}`;
    }
    lines.push(line);
  }
  lines.push('');
  return Buffer.from(lines.join('\n'), 'utf8');
}

const NEEDS_ESCAPE = /[\\\t\n\r\0\b\f]/;
const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\t': '\\t',
  '\n': '\\n',
  '\r': '\\r',
  '\0': '\\0',
  '\b': '\\b',
  '\f': '\\f',
};

function escapeText(text: string): string {
  if (!NEEDS_ESCAPE.test(text)) return text;
  return text.replace(/[\\\t\n\r\0\b\f]/g, (character) => ESCAPES[character] ?? character);
}

/** A literal within an array or map: quoted text, or a number as it is. */
function quoted(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  return `'${String(value).replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

function mapLiteral(record: Record<string, unknown>): string {
  return `{${Object.entries(record)
    .map(([key, value]) => `${quoted(key)}:${quoted(value)}`)
    .join(',')}}`;
}
