import type { RawLogBatch } from '../../schema/raw-log.ts';

export interface Slice {
  readonly batch: RawLogBatch;
  /** Last block the slice speaks for, inclusive (its own, or the batch's end for the last slice). */
  readonly toBlock: number;
}

/**
 * Cuts a batch into pieces of about `logs` logs, whole blocks only, so that the event loop can
 * breathe between them. Always at least one slice: a batch without logs still covers its blocks.
 */
export function slices(batch: RawLogBatch, toBlock: number, logs: number): Slice[] {
  const cut: Slice[] = [];
  let start = 0;
  while (start < batch.length) {
    let end = Math.min(batch.length, start + logs);
    while (end < batch.length && batch.blockNumber[end] === batch.blockNumber[end - 1]) end++;
    const isLast = end === batch.length;
    cut.push({
      batch: part(batch, start, end),
      toBlock: isLast ? toBlock : (batch.blockNumber[end - 1] ?? toBlock),
    });
    start = end;
  }
  return cut.length > 0 ? cut : [{ batch, toBlock }];
}

function part(batch: RawLogBatch, start: number, end: number): RawLogBatch {
  return {
    chainId: batch.chainId,
    length: end - start,
    blockNumber: batch.blockNumber.subarray(start, end),
    blockTimestamp: batch.blockTimestamp.subarray(start, end),
    logIndex: batch.logIndex.subarray(start, end),
    transactionIndex: batch.transactionIndex.subarray(start, end),
    transactionHash: batch.transactionHash.slice(start, end),
    address: batch.address.slice(start, end),
    topics: batch.topics.slice(start, end),
    data: batch.data.slice(start, end),
  };
}
