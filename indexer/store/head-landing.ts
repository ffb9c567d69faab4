import type { CheckedInsert } from '../../schema/clickhouse/database.ts';
import { CorruptDataError } from '../../schema/errors.ts';
import type { BlockHeader, HeadLog, HeadRange, HeadTransaction } from '../source/log-source.ts';
import type { EvidenceTable } from './event-store.ts';
import { landingInsert } from './parquet-landing.ts';
import { RowBinaryWriter } from './row-binary-writer.ts';

/**
 * The inserts that store blocks read at the head. The rows take the form of the client's Parquet
 * files, so that both ways in share their expressions and checks; logs (the queue) come last.
 * @throws CorruptDataError when the range is not one unbroken branch.
 */
export function headInserts(chainId: number, range: HeadRange): CheckedInsert[] {
  assertOneBranch(range);
  const insert = <T>(
    table: EvidenceTable,
    rows: readonly T[],
    write: (writer: RowBinaryWriter, row: T) => void,
    into: EvidenceTable | 'reversible_blocks' = table,
  ): CheckedInsert[] => {
    if (rows.length === 0) return [];
    const writer = new RowBinaryWriter();
    for (const row of rows) write(writer, row);
    return [
      landingInsert(chainId, range, table, { format: 'RowBinary', bytes: writer.toBuffer() }, into),
    ];
  };
  return [
    ...insert('blocks', range.headers, writeHeader, 'reversible_blocks'),
    ...insert('blocks', keptHeaders(range), writeHeader),
    ...insert('transactions', range.transactions, writeTransaction),
    ...insert('raw_logs', range.logs, writeLog),
  ];
}

/** Headers that are evidence: those of blocks with logs, or all. */
export function keptHeaders(range: HeadRange): readonly BlockHeader[] {
  if (range.keepsAllHeaders) return range.headers;
  const withLogs = new Set(range.logs.map((log) => log.blockNumber));
  return range.headers.filter((header) => withLogs.has(header.number));
}

/** In the order of the structure of `raw_logs` in parquet-landing.ts. */
function writeLog(writer: RowBinaryWriter, log: HeadLog): void {
  writer.uint64(log.blockNumber);
  writer.uint64(log.logIndex);
  writer.uint64(log.transactionIndex);
  writer.hex(log.transactionHash);
  writer.hex(log.blockHash);
  writer.hex(log.address);
  for (let i = 0; i < 4; i++) writer.hex(log.topics[i] ?? null);
  writer.hex(log.data);
  writer.null(); // removed: what a branch dropped never comes in a page
}

function writeHeader(writer: RowBinaryWriter, header: BlockHeader): void {
  writer.uint64(header.number);
  writer.hex(header.hash);
  writer.hex(header.parentHash);
  writer.quantity(BigInt(header.timestamp));
}

function writeTransaction(writer: RowBinaryWriter, transaction: HeadTransaction): void {
  writer.uint64(transaction.blockNumber);
  writer.uint64(transaction.transactionIndex);
  writer.hex(transaction.hash);
  writer.hex(transaction.from);
  writer.hex(transaction.to);
  writer.uint8(transaction.status);
  writer.quantity(transaction.gasUsed);
  writer.quantity(transaction.effectiveGasPrice);
}

/** Headers without holes, each the child of the one before, and logs of these blocks only. */
function assertOneBranch(range: HeadRange): void {
  const hashes = new Map<number, string>();
  let previous: BlockHeader | undefined;
  for (const header of range.headers) {
    const isNext = previous
      ? header.number === previous.number + 1 && header.parentHash === previous.hash
      : header.number === range.fromBlock;
    if (!isNext) throw brokenBranch(range, header.number);
    hashes.set(header.number, header.hash);
    previous = header;
  }
  const isWhole = previous?.number === range.toBlock && previous.hash === range.lastBlockHash;
  if (!isWhole) throw brokenBranch(range, range.toBlock);
  for (const log of range.logs) {
    if (hashes.get(log.blockNumber) !== log.blockHash) throw brokenBranch(range, log.blockNumber);
  }
}

function brokenBranch(range: HeadRange, block: number): CorruptDataError {
  return new CorruptDataError('Blocks read at the head are not one unbroken branch.', {
    facts: { fromBlock: range.fromBlock, toBlock: range.toBlock, block },
    remedy: 'Read them again: the chain may have been reorganized while they were read.',
  });
}
