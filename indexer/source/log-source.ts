import type { LogSelection } from '../protocols/protocol-adapter.ts';

/**
 * A landed block range as Parquet files on disk, as the HyperSync client writes them: uncompressed,
 * bytes as bytes. Loading them by `file(path, Parquet)` the engine sees these columns
 * ("quantity" = unsigned big-endian bytes without leading zero, zero is one 00 byte):
 *
 * | file | column | engine type | into the evidence table |
 * | --- | --- | --- | --- |
 * | logs | block_number, log_index, transaction_index | UInt64 | as is; toUInt32 for the two indexes |
 * | logs | transaction_hash, block_hash | String, 32 bytes | toFixedString(x, 32) |
 * | logs | address | String, 20 bytes | toFixedString(x, 20) |
 * | logs | topic0 … topic3 | Nullable(String), 32 bytes | ifNull(x, '') |
 * | logs | data | String | as is; may be empty |
 * | blocks | number | UInt64 | block_number |
 * | blocks | hash, parent_hash | String, 32 bytes | toFixedString(x, 32) |
 * | blocks | timestamp | String, quantity | reinterpretAsUInt64(reverse(timestamp)) |
 * | transactions | block_number, transaction_index | UInt64 | as is; toUInt32(transaction_index) |
 * | transactions | hash | String, 32 bytes | toFixedString(hash, 32) as transaction_hash |
 * | transactions | `from`, `to` | Nullable(String), 20 bytes | ifNull(x, ''); `to` is null for a creation |
 * | transactions | status | Nullable(UInt8) | ifNull(status, 0): before Byzantium there is none |
 * | transactions | gas_used, effective_gas_price | String, quantity | reinterpretAsUInt256(reverse(x)) |
 *
 * Columns come in another order than they were selected: name them. A log's block header is always
 * in the blocks file; the header of the last block may not be (when it has no log), it is
 * `lastBlockHash` and `lastBlockTimestamp`.
 */
export interface ParquetRange {
  readonly fromBlock: number;
  /** Inclusive last block scanned. */
  readonly toBlock: number;
  /** 0x + 64 lower-case hex. */
  readonly lastBlockHash: string;
  /** Unix seconds. */
  readonly lastBlockTimestamp: number;
  /** collectParquet's files: null when the table came back empty. */
  readonly logsFile: string | null;
  readonly blocksFile: string | null;
  readonly transactionsFile: string | null;
  /** What the files hold: whoever loads them must come to the same numbers. */
  readonly rowCounts: {
    readonly logs: number;
    readonly blocks: number;
    readonly transactions: number;
  };
  /** Deletes the files; call it when the range is stored. They also go when the iteration ends. */
  discard(): Promise<void>;
}

export interface BlockHeader {
  readonly number: number;
  /** 0x + 64 lower-case hex. */
  readonly hash: string;
  readonly parentHash: string;
  /** Unix seconds. */
  readonly timestamp: number;
}

export interface HeadLog {
  readonly blockNumber: number;
  readonly blockHash: string;
  readonly logIndex: number;
  readonly transactionIndex: number;
  readonly transactionHash: string;
  readonly address: string;
  /** The topics present, in order. */
  readonly topics: readonly string[];
  readonly data: string;
}

export interface HeadTransaction {
  readonly blockNumber: number;
  readonly transactionIndex: number;
  readonly hash: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly status: number | null;
  readonly gasUsed: bigint;
  readonly effectiveGasPrice: bigint;
}

/** Blocks at the head as rows, all from one branch. Hashes and data are 0x lower-case hex. */
export interface HeadRange {
  readonly fromBlock: number;
  /** Inclusive. */
  readonly toBlock: number;
  readonly lastBlockHash: string;
  readonly lastBlockTimestamp: number;
  /** Of every block of the range, without holes. */
  readonly headers: readonly BlockHeader[];
  readonly logs: readonly HeadLog[];
  readonly transactions: readonly HeadTransaction[];
  /** As the bulk ranges of the same source do: headers of blocks without logs are evidence too. */
  readonly keepsAllHeaders: boolean;
}

export interface HeadInfo {
  readonly chainId: number;
  /** Highest block the source has. */
  readonly height: number;
}

/**
 * Where raw logs come from. One implementation speaks HyperSync (a live endpoint, or an archive
 * served by the local replay: the source cannot tell). Passing faults are retried inside; what comes
 * out is an OperatorError (unreachable for too long, token refused, wrong URL or chain), a
 * CorruptDataError (values that cannot be), or the signal's reason.
 */
export interface LogSource {
  head(signal: AbortSignal): Promise<HeadInfo>;
  /**
   * Block ranges from `fromBlock` to `toBlock` (inclusive, clamped to the head as it is when the
   * iteration starts; Infinity = the head), in order, without holes or overlaps, bounded in blocks,
   * logs and bytes. Nothing when `fromBlock` lies above the head.
   */
  ranges(request: {
    readonly fromBlock: number;
    readonly toBlock: number;
    readonly selections: readonly LogSelection[];
    readonly signal: AbortSignal;
  }): AsyncIterable<ParquetRange>;
}
