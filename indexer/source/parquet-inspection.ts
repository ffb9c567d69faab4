import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type AsyncBuffer,
  asyncBufferFromFile,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
} from 'hyparquet';
import { CorruptDataError } from '../../schema/errors.ts';
import type { BlockHeader } from './log-source.ts';

/** One table file that the client wrote. */
export interface TableFile {
  readonly path: string;
  readonly rows: number;
  readonly bytes: number;
  /** Lowest and highest block of its rows, from the file's own statistics. */
  readonly firstBlock: number;
  readonly lastBlock: number;
}

/** What a finished `collectParquet` left in its folder. */
export interface CollectedFiles {
  readonly logs: TableFile | null;
  readonly blocks: TableFile | null;
  readonly transactions: TableFile | null;
}

/**
 * Reads the footers of the files in a folder. The client writes no file for a table without rows.
 * @throws CorruptDataError for a file that is cut off or carries no block statistics.
 */
export async function inspectCollected(directory: string): Promise<CollectedFiles> {
  const [logs, blocks, transactions] = await Promise.all([
    inspectTable(join(directory, 'logs.parquet'), 'block_number'),
    inspectTable(join(directory, 'blocks.parquet'), 'number'),
    inspectTable(join(directory, 'transactions.parquet'), 'block_number'),
  ]);
  return { logs, blocks, transactions };
}

async function inspectTable(path: string, blockColumn: string): Promise<TableFile | null> {
  const found = await stat(path).catch(() => null);
  if (found === null) return null;
  const metadata = await readMetadata(path);
  const rows = Number(metadata.num_rows);
  if (rows === 0) return null;
  let firstBlock = Number.POSITIVE_INFINITY;
  let lastBlock = -1;
  for (const group of metadata.row_groups) {
    const column = group.columns.find((each) => each.meta_data?.path_in_schema[0] === blockColumn);
    const statistics = column?.meta_data?.statistics;
    const low = Number(statistics?.min_value ?? Number.NaN);
    const high = Number(statistics?.max_value ?? Number.NaN);
    if (!Number.isSafeInteger(low) || !Number.isSafeInteger(high)) {
      throw new CorruptDataError('A fetched file does not say which blocks it holds.', {
        facts: { file: path, column: blockColumn },
      });
    }
    firstBlock = Math.min(firstBlock, low);
    lastBlock = Math.max(lastBlock, high);
  }
  return { path, rows, bytes: found.size, firstBlock, lastBlock };
}

async function readMetadata(path: string): Promise<FileMetaData> {
  try {
    return await parquetMetadataAsync(await asyncBufferFromFile(path));
  } catch (cause) {
    throw new CorruptDataError('A fetched file is not whole.', { facts: { file: path }, cause });
  }
}

/** The header of the highest block in a blocks file. */
export async function lastHeader(blocks: TableFile): Promise<BlockHeader> {
  const file = await asyncBufferFromFile(blocks.path);
  // Pages come in block order, so the last row is the highest; the full read is for the day it is not.
  const header =
    findHeader(await readHeaders(file, blocks.rows - 1), blocks.lastBlock) ??
    findHeader(await readHeaders(file, 0), blocks.lastBlock);
  if (!header) {
    throw new CorruptDataError('A fetched file contradicts its own statistics.', {
      facts: { file: blocks.path, block: blocks.lastBlock },
    });
  }
  return header;
}

function readHeaders(file: AsyncBuffer, rowStart: number) {
  return parquetReadObjects({
    file,
    columns: ['number', 'hash', 'parent_hash', 'timestamp'],
    rowStart,
    utf8: false,
  });
}

function findHeader(
  rows: readonly Record<string, unknown>[],
  number: number,
): BlockHeader | undefined {
  const row = rows.find((candidate) => Number(candidate['number']) === number);
  return (
    row && {
      number,
      hash: hexOf(row['hash']),
      parentHash: hexOf(row['parent_hash']),
      timestamp: secondsOf(row['timestamp']),
    }
  );
}

function secondsOf(value: unknown): number {
  const seconds = Number(hexOf(value));
  if (Number.isSafeInteger(seconds)) return seconds;
  throw new CorruptDataError('A block time is out of all bounds.', {
    facts: { time: hexOf(value) },
  });
}

function hexOf(value: unknown): string {
  if (!(value instanceof Uint8Array) || value.length === 0) {
    throw new CorruptDataError('A column of a fetched file is not binary.', {
      facts: { type: typeof value },
    });
  }
  return `0x${Buffer.from(value.buffer, value.byteOffset, value.length).toString('hex')}`;
}
