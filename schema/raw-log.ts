/**
 * Raw logs as columns: what the chain gave, before anyone looks inside.
 * All byte columns are slices of shared buffers: copy what you keep.
 */
export interface RawLogBatch {
  readonly chainId: number;
  readonly length: number;
  readonly blockNumber: Float64Array;
  readonly blockTimestamp: Float64Array; // unix seconds, joined from the block header
  readonly logIndex: Uint32Array; // in the block
  readonly transactionIndex: Uint32Array;
  readonly transactionHash: readonly string[]; // 0x + 64 lower-case hex
  readonly address: readonly string[]; // 0x + 40 lower-case hex
  readonly topics: readonly (readonly string[])[]; // per row the topics present, 0x hex, in order
  readonly data: readonly Uint8Array[]; // per row, the log's data bytes
}
