import type { QueryAnswer } from './query-run.ts';

/** Writes one single-segment Cap'n Proto message. Positions are word indexes into the segment. */
class SegmentWriter {
  readonly message: Buffer;
  private nextWord = 0;

  constructor(totalWords: number) {
    this.message = Buffer.alloc(8 + totalWords * 8);
    this.message.writeUInt32LE(totalWords, 4);
  }

  allocate(words: number): number {
    const at = this.nextWord;
    this.nextWord += words;
    return at;
  }

  structPointer(at: number, target: number, dataWords: number, pointers: number): void {
    const byte = this.byteOf(at);
    this.message.writeInt32LE((target - (at + 1)) << 2, byte);
    this.message.writeUInt16LE(dataWords, byte + 4);
    this.message.writeUInt16LE(pointers, byte + 6);
  }

  /** A Data field: the pointer at `at` and its bytes behind everything allocated so far. */
  data(at: number, bytes: Uint8Array): void {
    const target = this.allocate(wordsOf(bytes.length));
    const byte = this.byteOf(at);
    this.message.writeInt32LE(((target - (at + 1)) << 2) | 1, byte);
    this.message.writeUInt32LE(((bytes.length << 3) | 2) >>> 0, byte + 4);
    this.message.set(bytes, this.byteOf(target));
  }

  unsigned(at: number, value: number): void {
    this.message.writeBigUInt64LE(BigInt(value), this.byteOf(at));
  }

  signed(at: number, value: number): void {
    this.message.writeBigInt64LE(BigInt(value), this.byteOf(at));
  }

  private byteOf(word: number): number {
    return 8 + word * 8;
  }
}

export type AnswerMessage = Pick<
  QueryAnswer,
  'archiveHeight' | 'nextBlock' | 'totalExecutionTimeMs' | 'guard' | 'tables'
>;

/**
 * `QueryResponse` as an unpacked message: archiveHeight, nextBlock, totalExecutionTime; pointers to
 * the four tables (traces stay unset, which the client accepts) and to the guard. `cached` wraps it
 * in the `CachedQueryResponse` union.
 */
export function queryResponseMessage(answer: AnswerMessage, cached = false): Buffer {
  const tables = [answer.tables.blocks, answer.tables.transactions, answer.tables.logs];
  const tableWords = tables.reduce((sum, table) => sum + wordsOf(table.length), 0);
  const guardWords = answer.guard ? 5 + 4 + 4 : 0;
  const writer = new SegmentWriter(1 + (cached ? 2 : 0) + 5 + 4 + tableWords + guardWords);
  let slot = writer.allocate(1);
  if (cached) {
    const union = writer.allocate(2);
    writer.structPointer(slot, union, 1, 1);
    slot = union + 1;
  }
  const response = writer.allocate(5);
  writer.structPointer(slot, response, 3, 2);
  writer.signed(response, answer.archiveHeight ?? -1);
  writer.unsigned(response + 1, answer.nextBlock);
  writer.unsigned(response + 2, answer.totalExecutionTimeMs);
  const data = writer.allocate(4);
  writer.structPointer(response + 3, data, 0, 4);
  if (answer.guard) {
    const guard = writer.allocate(5);
    writer.structPointer(response + 4, guard, 3, 2);
    writer.unsigned(guard, answer.guard.blockNumber);
    writer.signed(guard + 1, answer.guard.timestamp);
    writer.unsigned(guard + 2, answer.guard.firstBlockNumber);
    writer.data(guard + 3, answer.guard.hash);
    writer.data(guard + 4, answer.guard.firstParentHash);
  }
  tables.forEach((table, i) => {
    writer.data(data + i, table);
  });
  return writer.message;
}

/** `CachedQueryResponse { notCached }`: asks the client to send the whole query. */
export function notCachedMessage(): Buffer {
  const writer = new SegmentWriter(3);
  const slot = writer.allocate(1);
  const union = writer.allocate(2);
  writer.structPointer(slot, union, 1, 1);
  writer.unsigned(union, 1);
  return writer.message;
}

function wordsOf(bytes: number): number {
  return (bytes + 7) >>> 3;
}
