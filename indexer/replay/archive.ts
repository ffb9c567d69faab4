import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import type { ArchiveManifest } from '../../schema/archive-manifest.ts';
import { AppError, CorruptDataError, UsageError } from '../../schema/errors.ts';
import { ARCHIVE_COLUMNS, ARCHIVE_FILES, type ArchiveTable } from './archive-columns.ts';
import { readArchiveManifest } from './archive-manifest-file.ts';
import { ChainBranch } from './chain-branch.ts';
import type { InputRow } from './column-table.ts';
import { type CellInput, hexBytes } from './value-bytes.ts';

export interface LoadedArchive {
  readonly manifest: ArchiveManifest;
  /** Its height is the manifest's toBlock. */
  readonly branch: ChainBranch;
}

/**
 * Reads a whole archive into memory and checks that it does not contradict itself: every column is
 * there, rows are in order, blocks lie in the manifest's range and link to their neighbours, and
 * every log and transaction has its block. Errors: UsageError (folder or file missing),
 * CorruptDataError (anything inside is wrong), with file and row among the facts.
 */
export async function loadArchive(directory: string): Promise<LoadedArchive> {
  const manifest = await readArchiveManifest(directory);
  const branch = new ChainBranch({ name: 'main', inventsHeaders: false });
  await readTable(directory, 'blocks', (row) => addBlock(branch, manifest, row));
  const isNextTransaction = orderCheck('transaction_index');
  await readTable(directory, 'transactions', (row) => {
    requireBlock(branch, row);
    isNextTransaction(row);
    branch.addTransaction(row);
  });
  const isNextLog = orderCheck('log_index');
  await readTable(directory, 'logs', (row) => {
    requireBlock(branch, row);
    isNextLog(row);
    branch.addLog(row);
  });
  branch.height = manifest.toBlock;
  return { manifest, branch };
}

function addBlock(branch: ChainBranch, manifest: ArchiveManifest, row: InputRow): void {
  const number = Number(row['number']);
  if (number < manifest.fromBlock || number > manifest.toBlock) {
    throw new CorruptDataError('A block lies outside the range of the manifest.', {
      facts: { block: number, fromBlock: manifest.fromBlock, toBlock: manifest.toBlock },
    });
  }
  const parentHash = row['parent_hash'] === '' ? null : row['parent_hash'];
  if (typeof parentHash === 'string' && branch.isListed(number - 1)) {
    const before = branch.hashOf(number - 1);
    if (!before.equals(hexBytes(parentHash))) {
      throw new CorruptDataError('A block does not link to the block before it.', {
        facts: { block: number, parentHash, hashOfBlockBefore: `0x${before.toString('hex')}` },
      });
    }
  }
  branch.addBlock({ ...row, parent_hash: parentHash });
}

function requireBlock(branch: ChainBranch, row: InputRow): void {
  const number = Number(row['block_number']);
  if (!branch.isListed(number)) {
    throw new CorruptDataError('The block of a row is missing from blocks.parquet.', {
      facts: { block: number },
    });
  }
  const named = row['block_hash'];
  const hash = `0x${branch.hashOf(number).toString('hex')}`;
  if (typeof named === 'string' && named.toLowerCase() !== hash) {
    throw new CorruptDataError('A row names another block hash than its block has.', {
      facts: { block: number, named, hash },
    });
  }
}

/** Rows must ascend strictly by (block number, index). */
function orderCheck(indexColumn: string): (row: InputRow) => void {
  let last = { block: -1, index: -1 };
  return (row) => {
    const block = Number(row['block_number']);
    const index = Number(row[indexColumn]);
    if (block < last.block || (block === last.block && index <= last.index)) {
      throw new CorruptDataError('The rows are out of order.', {
        facts: { block, [indexColumn]: index, before: `block ${last.block}, ${last.index}` },
      });
    }
    last = { block, index };
  };
}

/** Reads one Parquet file, a row group at a time, in row order. */
async function readTable(
  directory: string,
  table: ArchiveTable,
  onRow: (row: InputRow) => void,
): Promise<void> {
  const path = join(directory, ARCHIVE_FILES[table]);
  if (!(await stat(path).catch(() => null))?.isFile()) {
    throw new UsageError('A file of the archive is missing.', {
      facts: { file: path },
      remedy: 'Restore the file, or record the archive again.',
    });
  }
  let rowNumber = 0;
  try {
    const file = await asyncBufferFromFile(path);
    const metadata = await parquetMetadataAsync(file);
    const columns = Object.keys(ARCHIVE_COLUMNS[table]);
    const present = new Set(metadata.schema.map((element) => element.name));
    const missing = columns.filter((column) => !present.has(column));
    if (missing.length > 0) {
      throw new CorruptDataError('A file of the archive lacks columns.', {
        facts: { missing: missing.join(', ') },
      });
    }
    for (const group of metadata.row_groups) {
      const rowEnd = rowNumber + Number(group.num_rows);
      const rows = await parquetReadObjects({
        file,
        metadata,
        compressors,
        columns,
        rowStart: rowNumber,
        rowEnd,
      });
      if (rows.length !== rowEnd - rowNumber) throw new Error('rows are missing');
      for (const row of rows) {
        onRow(readRow(row));
        rowNumber++;
      }
    }
  } catch (cause) {
    throw corruptFile(path, rowNumber, cause);
  }
}

function readRow(row: Readonly<Record<string, unknown>>): InputRow {
  const cells: Record<string, CellInput> = {};
  for (const [name, value] of Object.entries(row)) cells[name] = readCell(name, value);
  return cells;
}

function readCell(column: string, value: unknown): CellInput {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'bigint':
    case 'boolean':
    case 'undefined':
      return value;
    default:
      if (value === null) return null;
      throw new CorruptDataError('A column has a type that archives do not use.', {
        facts: { column },
      });
  }
}

function corruptFile(path: string, row: number, cause: unknown): CorruptDataError {
  const isOurs = cause instanceof AppError;
  return new CorruptDataError(
    isOurs ? cause.message : 'A file of the archive cannot be read as Parquet.',
    {
      facts: isOurs
        ? { file: path, row, ...cause.facts }
        : { file: path, row, reason: cause instanceof Error ? cause.message : String(cause) },
      remedy: 'Restore the file, or record the archive again.',
      cause,
    },
  );
}
