import { asyncBufferFromFile, parquetMetadataAsync, parquetRead } from 'hyparquet';
import { CorruptDataError } from '../../schema/errors.ts';
import type { TableFile } from './parquet-inspection.ts';

/** Values of a column, by row. @throws CorruptDataError when it is not there, or not for every row. */
export async function columnOf(table: TableFile, column: string): Promise<readonly unknown[]> {
  const values = new Array<unknown>(table.rows);
  await eachChunk(table, column, (chunk, rowStart) => {
    for (let row = 0; row < chunk.length; row++) values[rowStart + row] = chunk[row];
  });
  return values;
}

/** Bytes that a value of a column may have; `optional`: or none at all. */
export interface ByteWidth {
  readonly least: number;
  readonly most: number;
  readonly optional?: true;
}

/** @throws CorruptDataError for a value that is missing, or of another width. */
export async function requireWidth(
  table: TableFile,
  column: string,
  width: ByteWidth,
): Promise<void> {
  await eachChunk(table, column, (chunk) => {
    for (let row = 0; row < chunk.length; row++) {
      const value = chunk[row];
      if ((value === null || value === undefined) && width.optional) continue;
      const bytes = value instanceof Uint8Array ? value.length : -1;
      if (bytes >= width.least && bytes <= width.most) continue;
      throw new CorruptDataError(
        'HyperSync sent a value that is too short, too long, or missing.',
        {
          facts: { column, bytes },
          remedy: 'Try another endpoint of this chain.',
        },
      );
    }
  });
}

/**
 * By the file's own statistics, without reading the values: they may be most of the file.
 * @throws CorruptDataError for a column that is not there or has nulls.
 */
export async function requireNoNulls(table: TableFile, column: string): Promise<void> {
  const metadata = await parquetMetadataAsync(await asyncBufferFromFile(table.path));
  for (const group of metadata.row_groups) {
    const found = group.columns.find((each) => each.meta_data?.path_in_schema[0] === column);
    const nulls = found?.meta_data?.statistics?.null_count;
    if (nulls === 0n) continue;
    throw new CorruptDataError('HyperSync left out values of a column.', {
      facts: { column, missing: nulls === undefined ? 'all or unknown' : String(nulls) },
      remedy: 'Try another endpoint of this chain.',
    });
  }
}

async function eachChunk(
  table: TableFile,
  column: string,
  onChunk: (values: ArrayLike<unknown>, rowStart: number) => void,
): Promise<void> {
  const chunks: { readonly values: ArrayLike<unknown>; readonly rowStart: number }[] = [];
  try {
    await parquetRead({
      file: await asyncBufferFromFile(table.path),
      columns: [column],
      utf8: false,
      onChunk: ({ columnData, rowStart }) => chunks.push({ values: columnData, rowStart }),
    });
  } catch (cause) {
    throw new CorruptDataError('A column of a fetched file cannot be read.', {
      facts: { file: table.path, column },
      cause,
    });
  }
  const rows = chunks.reduce((sum, { values }) => sum + values.length, 0);
  if (rows !== table.rows) {
    throw new CorruptDataError('A column of a fetched file lacks rows.', {
      facts: { file: table.path, column, rows: table.rows, found: rows },
    });
  }
  for (const { values, rowStart } of chunks) onChunk(values, rowStart);
}
