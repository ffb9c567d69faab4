import type { LogSelection } from '../protocols/protocol-adapter.ts';

/** A landed block range as Parquet files on disk (binary columns), ready for the engine. */
export interface ParquetRange {
  readonly fromBlock: number;
  /** Inclusive last block scanned. */
  readonly toBlock: number;
  readonly lastBlockHash: string;
  readonly lastBlockTimestamp: number;
  /** collectParquet's files: absent when the table came back empty. */
  readonly logsFile: string | null;
  readonly blocksFile: string | null;
  readonly transactionsFile: string | null;
  /** Deletes the files; call it when the range is stored. */
  discard(): Promise<void>;
}

export interface HeadInfo {
  readonly chainId: number;
  /** Highest block the source has. */
  readonly height: number;
}

/**
 * Where raw logs come from. One implementation speaks HyperSync (a live endpoint, or an archive
 * served by the local replay: the source cannot tell). Errors: RetryableError after our own
 * retries are used up, OperatorError when a person must act (token refused, wrong URL).
 */
export interface LogSource {
  head(signal: AbortSignal): Promise<HeadInfo>;
  /**
   * Block ranges from `fromBlock` to `toBlock` (inclusive, clamped to the head), in order, without
   * holes or overlaps; each at most `maxBlocks` long and bounded in bytes.
   */
  ranges(request: {
    readonly fromBlock: number;
    readonly toBlock: number;
    readonly selections: readonly LogSelection[];
    readonly signal: AbortSignal;
  }): AsyncIterable<ParquetRange>;
  /** Resolves when the head has passed `block`, or the signal fires. */
  waitForBlock(block: number, signal: AbortSignal): Promise<HeadInfo>;
}
