import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { queryBindAsync } from 'chdb';
import { asyncBufferFromFile, parquetMetadataAsync } from 'hyparquet';
import { CorruptDataError, OperatorError, UsageError } from '../../schema/errors.ts';
import { ARCHIVE_FILES, type ArchiveTable } from './archive-columns.ts';

const STATEMENTS: Readonly<Record<ArchiveTable, URL>> = {
  blocks: new URL('./sql/write-blocks.sql', import.meta.url),
  transactions: new URL('./sql/write-transactions.sql', import.meta.url),
  logs: new URL('./sql/write-logs.sql', import.meta.url),
};

/**
 * Writes one Parquet file of an archive with the embedded engine: pieces merged, in order, with the
 * archive's column types, quantities without leading zeros, zstd. `pieces` is a path in which `*`
 * stands for any name; no match writes an empty table. Hex text in, hex text out. Resolves to the
 * number of rows. Throws CorruptDataError when the pieces do not hold these columns, OperatorError
 * when the disk does not take the file.
 */
export async function writeArchiveTable(
  table: ArchiveTable,
  directory: string,
  pieces: { readonly path: string; readonly format: 'Parquet' | 'JSONEachRow' },
): Promise<number> {
  const target = join(directory, ARCHIVE_FILES[table]);
  const statement = await readFile(STATEMENTS[table], 'utf8');
  try {
    await queryBindAsync(statement, { target, source: pieces.path, format: pieces.format });
  } catch (cause) {
    if (/No space left|CANNOT_WRITE|Permission denied|NOT_ENOUGH_SPACE/.test(String(cause))) {
      throw new OperatorError('The archive cannot be written.', {
        facts: { file: target },
        remedy: 'Free disk space, or choose a folder that can be written.',
        cause,
      });
    }
    throw new CorruptDataError('A table of the archive cannot be written.', {
      facts: { table, reason: cause instanceof Error ? cause.message.slice(0, 300) : `${cause}` },
      cause,
    });
  }
  const metadata = await parquetMetadataAsync(await asyncBufferFromFile(target));
  return Number(metadata.num_rows);
}

/** The engine reads these characters in a path as a pattern. Throws UsageError. */
export function requirePlainPath(path: string): void {
  const special = /[*?{}[\]|]/.exec(path)?.[0];
  if (special === undefined) return;
  throw new UsageError('The path of an archive cannot hold that character.', {
    facts: { path, character: special },
    remedy: 'Choose another folder name.',
  });
}
