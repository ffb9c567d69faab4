import type { RawLogBatch } from '../../schema/raw-log.ts';

/**
 * The rows of a batch whose topic 0 is one of these: what an oracle found by its topics sees of a
 * batch that holds the logs of every venue. The bytes are shared, not copied.
 */
export function rowsByTopic(batch: RawLogBatch, topics: ReadonlySet<string>): RawLogBatch {
  const rows: number[] = [];
  for (let row = 0; row < batch.length; row++) {
    if (topics.has(batch.topics[row]?.[0] ?? '')) rows.push(row);
  }
  if (rows.length === batch.length) return batch;
  return {
    chainId: batch.chainId,
    length: rows.length,
    blockNumber: Float64Array.from(rows, (row) => batch.blockNumber[row] ?? 0),
    blockTimestamp: Float64Array.from(rows, (row) => batch.blockTimestamp[row] ?? 0),
    logIndex: Uint32Array.from(rows, (row) => batch.logIndex[row] ?? 0),
    transactionIndex: Uint32Array.from(rows, (row) => batch.transactionIndex[row] ?? 0),
    transactionHash: rows.map((row) => batch.transactionHash[row] ?? ''),
    address: rows.map((row) => batch.address[row] ?? ''),
    topics: rows.map((row) => batch.topics[row] ?? []),
    data: rows.map((row) => batch.data[row] ?? new Uint8Array()),
  };
}
