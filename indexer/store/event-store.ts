import type { RawLogBatch } from '../../schema/raw-log.ts';
import type { HeadRange, ParquetRange } from '../source/log-source.ts';

export type Stage = 'land' | 'project';

/** Tables written by stage 'project', in the order they are appended. */
export const DERIVED_TABLES = [
  'position_events',
  'fee_events',
  'order_events',
  'market_events',
  'oracle_updates',
  'parameter_changes',
  'dead_letters',
  'position_states',
  'market_states',
  'open_interest',
  'liquidations',
  'liquidation_levels',
  'margin_spreads',
  'oracle_hours',
] as const;
export type DerivedTable = (typeof DERIVED_TABLES)[number];

export const EVIDENCE_TABLES = ['raw_logs', 'blocks', 'transactions'] as const;
export type EvidenceTable = (typeof EVIDENCE_TABLES)[number];

/**
 * A row as its table names it, with every column of the table: snake_case, 256-bit integers as
 * bigint or decimal text, null only where the column is Nullable.
 */
export type Row = Readonly<Record<string, unknown>>;

export interface Commit {
  readonly chainId: number;
  readonly stage: Stage;
  readonly fromBlock: number;
  /** Inclusive. */
  readonly toBlock: number;
  readonly lastBlockHash: string;
  readonly lastBlockTimestamp: number;
  readonly rowCounts: Readonly<Record<string, number>>;
  readonly method: string;
}

export type IndexerStateName =
  | 'CATCHING_UP'
  | 'FOLLOWING'
  | 'RETRYING'
  | 'REBUILDING'
  | 'STOPPED'
  | 'FAILED';

/** What an indexer says of itself; readers take the newest row of a chain. */
export interface IndexerState {
  readonly chainId: number;
  readonly state: IndexerStateName;
  /** Highest block the source has shown. */
  readonly sourceHeight: number;
  /** Blocks at least this far below the source's height count as SAFE. */
  readonly safeDepth: number;
  /** And these as FINAL. */
  readonly finalityDepth: number;
  /** What RETRYING waits out and FAILED ended by; '' otherwise. */
  readonly fault: string;
  /** Unix milliseconds; null when nothing fails. */
  readonly failingSince: number | null;
}

export interface SourceRecord {
  readonly chainId: number;
  readonly chain: string;
  readonly isSynthetic: boolean;
  readonly name: string;
  readonly description: string;
  readonly provenance: string;
  readonly firstBlock: number;
  readonly manifest: string;
}

/**
 * The event store. Guarantee: after a crash at any instant, `trim` followed by re-running from the
 * last commit leaves exactly the rows of a clean run; readers that stop at the last commit never
 * see half a batch.
 */
export interface EventStore {
  /** Names the source of a chain. @throws OperatorError when the store holds another source with this id. */
  claimSource(source: SourceRecord): Promise<void>;
  /** Last block committed by the stage, or null. */
  lastCommit(chainId: number, stage: Stage): Promise<Commit | null>;
  /**
   * Deletes rows above the last commit of the stage (all rows when there is none), in that stage's
   * tables. They are gone when it returns, and the same rows can be appended again.
   */
  trim(chainId: number, stage: Stage): Promise<void>;
  /**
   * Loads the files of a range into the evidence tables; returns rows by table.
   * @throws CorruptDataError when a file is damaged, lacks a column, or has rows of other blocks.
   */
  land(chainId: number, range: ParquetRange): Promise<Readonly<Record<EvidenceTable, number>>>;
  /**
   * Stores blocks read at the head: logs, transactions and headers as evidence (headers of blocks
   * with logs only, unless `keepsAllHeaders`), and every header as reversible. Returns rows by table.
   */
  landHead(chainId: number, range: HeadRange): Promise<Readonly<Record<EvidenceTable, number>>>;
  /** Hash by number of the blocks that may still be replaced, as far as they are committed. */
  reversibleBlocks(chainId: number): Promise<ReadonlyMap<number, string>>;
  /** Forgets the reversible blocks below a block, now or a few hundred blocks later: they are final. */
  forgetReversible(chainId: number, belowBlock: number): Promise<void>;
  recordState(state: IndexerState): Promise<void>;
  /**
   * Appends rows of one batch to one table. Not visible before `commit`.
   * @throws CorruptDataError on an integer that does not fit its column; TypeError on a row that
   *   lacks a column.
   */
  append(table: DerivedTable, rows: readonly Row[]): Promise<void>;
  /** Makes a batch visible. */
  commit(commit: Commit): Promise<void>;
  /**
   * Raw logs of blocks [fromBlock, toBlock] in order, at most about `maxLogs`, whole blocks only,
   * with block timestamps joined; `toBlock` says how far the batch is complete. At least one block,
   * so that a block larger than the bound comes alone. Bounded by 64 MB of log data as well.
   * @throws CorruptDataError when a log's block has no header.
   */
  readRawLogs(request: {
    readonly chainId: number;
    readonly fromBlock: number;
    readonly toBlock: number;
    readonly maxLogs: number;
  }): Promise<{ readonly batch: RawLogBatch; readonly toBlock: number }>;
  /** Header of a landed block (hash, timestamp), or null. */
  blockHeader(chainId: number, block: number): Promise<{ hash: string; timestamp: number } | null>;
  /** Sender by transaction hash (0x hex both) of the transactions of a block range. */
  transactionSenders(
    chainId: number,
    fromBlock: number,
    toBlock: number,
  ): Promise<ReadonlyMap<string, string>>;
  /** Typed read for fold state (latest rows). `query` has {name:Type} placeholders. */
  select<T>(query: string, parameters: Readonly<Record<string, unknown>>): Promise<T[]>;
  /**
   * Deletes everything above `toBlock` (both stages; -1 = all) and writes a `rollbacks` row, unless
   * nothing lies above it. A commit that reaches beyond is shortened: its counts are then those of
   * its part, its hash and time those of the header of `toBlock`, or '' and 0 where that block has
   * none. A kill at any moment leaves what `repair` and a second call put right.
   */
  rollBack(chainId: number, toBlock: number, reason: string): Promise<void>;
  /**
   * Compares the commits of both stages with the rows that are there (holes between commits, rows
   * lost or doubled by a torn file or by hand) and takes back what does not add up, to be landed or
   * projected again. Sets aside files that cannot be read, and ends what a killed writer left
   * running; trims both stages. Returns what it took back, one sentence each; [] when all is sound.
   * Call it whenever a chain is opened: at a start, and again after a failure of the store.
   */
  repair(chainId: number): Promise<readonly string[]>;
  /** Order-independent hash and row count of a table, as of the last commit. */
  digest(
    table: DerivedTable | EvidenceTable,
    chainId: number,
  ): Promise<{ rows: number; digest: string }>;
}
