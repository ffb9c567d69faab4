import { hostname } from 'node:os';
import type { Database } from '../../schema/clickhouse/database.ts';
import type { InsertColumn } from '../../schema/clickhouse/json-rows.ts';
import { OperatorError } from '../../schema/errors.ts';
import type { HeadRange, ParquetRange } from '../source/log-source.ts';
import {
  type Commit,
  DERIVED_TABLES,
  type DerivedTable,
  EVIDENCE_TABLES,
  type EventStore,
  type EvidenceTable,
  type IndexerState,
  type Row,
  type SourceRecord,
  type Stage,
} from './event-store.ts';
import { headInserts } from './head-landing.ts';
import { landingInserts } from './parquet-landing.ts';
import { type RawLogAnswer, type RawLogRequest, readRawLogs } from './raw-log-reader.ts';

type StoreTable = DerivedTable | EvidenceTable;

const TABLES_OF: Readonly<Record<Stage, readonly (StoreTable | 'reversible_blocks')[]>> = {
  land: [...EVIDENCE_TABLES, 'reversible_blocks'],
  project: DERIVED_TABLES,
};

/** Rows of one insert: bounds the memory of its text (a GMX row is about 1 kB). */
const MAX_ROWS_PER_INSERT = 50_000;

interface CommitRow {
  readonly from_block: string;
  readonly to_block: string;
  readonly last_block_hash: string;
  readonly last_block_timestamp: string;
  readonly row_counts: Readonly<Record<string, string>>;
  readonly method: string;
}

/** Opens the store over a migrated database. */
export function createClickHouseStore(database: Database): EventStore {
  return new ClickHouseStore(database);
}

class ClickHouseStore implements EventStore {
  readonly #database: Database;
  readonly #columns = new Map<string, readonly InsertColumn[]>();

  constructor(database: Database) {
    this.#database = database;
  }

  async claimSource(source: SourceRecord): Promise<void> {
    const [held] = await this.#database.select<{
      chain: string;
      name: string;
      is_synthetic: boolean;
    }>(
      'SELECT chain, name, is_synthetic FROM sources WHERE chain_id = {chainId:UInt64} ORDER BY recorded_at LIMIT 1',
      { chainId: source.chainId },
    );
    if (!held) {
      await this.#insert('sources', [sourceRow(source)]);
      return;
    }
    // Public chains are one chain however they are read; a made-up chain is known by its archive.
    const isSame =
      held.chain === source.chain &&
      (held.name === source.name || !(held.is_synthetic || source.isSynthetic));
    if (isSame) return;
    throw new OperatorError('This store already holds another source with the same chain id.', {
      facts: {
        chainId: source.chainId,
        held: `${held.chain} (${held.name})`,
        asked: `${source.chain} (${source.name})`,
      },
      remedy: 'Use another data folder for it: --data DIR.',
    });
  }

  async lastCommit(chainId: number, stage: Stage): Promise<Commit | null> {
    const [row] = await this.#database.select<CommitRow>(
      `SELECT from_block, to_block, last_block_hash, last_block_timestamp, row_counts, method
       FROM commits
       WHERE chain_id = {chainId:UInt64} AND stage = {stage:String}
       ORDER BY to_block DESC, committed_at DESC
       LIMIT 1`,
      { chainId, stage },
    );
    return row ? toCommit(chainId, stage, row) : null;
  }

  async trim(chainId: number, stage: Stage): Promise<void> {
    const commit = await this.lastCommit(chainId, stage);
    await this.#deleteAbove(chainId, TABLES_OF[stage], commit?.toBlock ?? -1);
  }

  async land(
    chainId: number,
    range: ParquetRange,
  ): Promise<Readonly<Record<EvidenceTable, number>>> {
    for (const insert of landingInserts(chainId, range)) await this.#database.insertChecked(insert);
    return this.#landedRows(chainId, range);
  }

  async landHead(
    chainId: number,
    range: HeadRange,
  ): Promise<Readonly<Record<EvidenceTable, number>>> {
    for (const insert of headInserts(chainId, range)) await this.#database.insertChecked(insert);
    return this.#landedRows(chainId, range);
  }

  async reversibleBlocks(chainId: number): Promise<ReadonlyMap<number, string>> {
    const landed = await this.lastCommit(chainId, 'land');
    const rows = await this.#database.select<{ block: string; hash: string }>(
      `SELECT block_number AS block, concat('0x', lower(hex(block_hash))) AS hash
       FROM reversible_blocks
       WHERE chain_id = {chainId:UInt64} AND block_number <= {toBlock:Int64}
       ORDER BY block_number`,
      { chainId, toBlock: landed?.toBlock ?? -1 },
    );
    return new Map(rows.map((row) => [Number(row.block), row.hash]));
  }

  async forgetReversible(chainId: number, belowBlock: number): Promise<void> {
    await this.#database.deleteRows(
      'reversible_blocks',
      'chain_id = {chainId:UInt64} AND block_number < {belowBlock:UInt64}',
      { chainId, belowBlock },
    );
  }

  async recordState(state: IndexerState): Promise<void> {
    await this.#insert('indexer_states', [
      {
        state: state.state,
        source_height: state.sourceHeight,
        safe_depth: state.safeDepth,
        finality_depth: state.finalityDepth,
        fault: state.fault,
        failing_since: state.failingSince === null ? null : databaseTime(state.failingSince),
        writer: `${hostname()}:${process.pid}`,
        recorded_at: databaseTime(),
        chain_id: state.chainId,
      },
    ]);
  }

  async append(table: DerivedTable, rows: readonly Row[]): Promise<void> {
    for (let start = 0; start < rows.length; start += MAX_ROWS_PER_INSERT) {
      await this.#insert(table, rows.slice(start, start + MAX_ROWS_PER_INSERT));
    }
  }

  async commit(commit: Commit): Promise<void> {
    await this.#insert('commits', [
      {
        stage: commit.stage,
        from_block: commit.fromBlock,
        to_block: commit.toBlock,
        last_block_hash: commit.lastBlockHash,
        last_block_timestamp: commit.lastBlockTimestamp,
        row_counts: commit.rowCounts,
        method: commit.method,
        committed_at: databaseTime(),
        chain_id: commit.chainId,
      },
    ]);
  }

  readRawLogs(request: RawLogRequest): Promise<RawLogAnswer> {
    return readRawLogs(this.#database, request);
  }

  async blockHeader(
    chainId: number,
    block: number,
  ): Promise<{ hash: string; timestamp: number } | null> {
    const [row] = await this.#database.select<{ hash: string; timestamp: string }>(
      `SELECT concat('0x', lower(hex(block_hash))) AS hash, block_timestamp AS timestamp
       FROM blocks
       WHERE chain_id = {chainId:UInt64} AND block_number = {block:UInt64}`,
      { chainId, block },
    );
    return row ? { hash: row.hash, timestamp: Number(row.timestamp) } : null;
  }

  async transactionSenders(
    chainId: number,
    fromBlock: number,
    toBlock: number,
  ): Promise<ReadonlyMap<string, string>> {
    const rows = await this.#database.select<{ hash: string; sender: string }>(
      `SELECT concat('0x', lower(hex(transaction_hash))) AS hash, concat('0x', lower(hex(from_address))) AS sender
       FROM transactions
       WHERE chain_id = {chainId:UInt64} AND block_number BETWEEN {fromBlock:UInt64} AND {toBlock:UInt64}
         AND from_address != ''`,
      { chainId, fromBlock, toBlock },
    );
    return new Map(rows.map((row) => [row.hash, row.sender]));
  }

  select<T>(query: string, parameters: Readonly<Record<string, unknown>>): Promise<T[]> {
    return this.#database.select<T>(query, parameters);
  }

  async rollBack(chainId: number, toBlock: number, reason: string): Promise<void> {
    const heads = await Promise.all([
      this.lastCommit(chainId, 'land'),
      this.lastCommit(chainId, 'project'),
    ]);
    const head = Math.max(toBlock, ...heads.map((commit) => commit?.toBlock ?? toBlock));
    await this.#insert('rollbacks', [
      {
        to_block: Math.max(0, toBlock),
        depth: head - toBlock,
        reason,
        rolled_back_at: databaseTime(),
        chain_id: chainId,
      },
    ]);
    // Readers first lose sight of the derived rows, then of the evidence: a crash between leaves
    // either stage behind its rows, which the trim of the next start removes.
    for (const stage of ['project', 'land'] as const) {
      await this.#shortenCommits(chainId, stage, toBlock);
      await this.#deleteAbove(chainId, TABLES_OF[stage], toBlock);
    }
  }

  async repair(_chainId: number): Promise<readonly string[]> {
    return [];
  }

  async resetProjections(chainId: number): Promise<void> {
    await this.#database.deleteRows(
      'commits',
      "chain_id = {chainId:UInt64} AND stage = 'project'",
      {
        chainId,
      },
    );
    await this.#deleteAbove(chainId, DERIVED_TABLES, -1);
  }

  async digest(table: StoreTable, chainId: number): Promise<{ rows: number; digest: string }> {
    const stage: Stage = TABLES_OF.land.includes(table) ? 'land' : 'project';
    const commit = await this.lastCommit(chainId, stage);
    if (!commit) return { rows: 0, digest: NO_ROWS_DIGEST };
    const columns = (await this.#columnsOf(table)).map((column) => column.name);
    const [row] = await this.#database.select<{ rows: string; digest: string }>(
      // A sum (it wraps at 2^128), not an XOR: a row stored twice must show. The tuple keeps a null
      // column from making the whole hash null.
      `SELECT count() AS rows, lower(hex(sum(reinterpretAsUInt128(sipHash128(tuple(${columns.join(', ')})))))) AS digest
       FROM ${table}
       WHERE chain_id = {chainId:UInt64} AND block_number <= {toBlock:UInt64}`,
      { chainId, toBlock: commit.toBlock },
    );
    return { rows: Number(row?.rows ?? 0), digest: row?.digest ?? NO_ROWS_DIGEST };
  }

  /** Keeps commits up to a block; one that reaches beyond it is replaced by its part below. */
  async #shortenCommits(chainId: number, stage: Stage, toBlock: number): Promise<void> {
    const [cut] = await this.#database.select<CommitRow>(
      `SELECT from_block, to_block, last_block_hash, last_block_timestamp, row_counts, method
       FROM commits
       WHERE chain_id = {chainId:UInt64} AND stage = {stage:String}
         AND from_block <= {toBlock:Int64} AND to_block > {toBlock:Int64}
       LIMIT 1`,
      { chainId, stage, toBlock },
    );
    if (cut) {
      const header = await this.blockHeader(chainId, toBlock);
      // Counts of the part are unknown; an empty map says so. Hash and time only where a header is.
      await this.commit({
        ...toCommit(chainId, stage, cut),
        toBlock,
        lastBlockHash: header?.hash ?? '',
        lastBlockTimestamp: header?.timestamp ?? 0,
        rowCounts: {},
      });
    }
    await this.#database.deleteRows(
      'commits',
      'chain_id = {chainId:UInt64} AND stage = {stage:String} AND to_block > {toBlock:Int64}',
      { chainId, stage, toBlock },
    );
  }

  /** Deletes the chain's rows above a block (-1: all); tables without such rows are not touched. */
  async #deleteAbove(
    chainId: number,
    tables: readonly (StoreTable | 'reversible_blocks')[],
    toBlock: number,
  ): Promise<void> {
    const touched = await this.#database.select<{ name: string }>(
      tables
        .map(
          (table) => `SELECT '${table}' AS name FROM ${table}
            WHERE chain_id = {chainId:UInt64} AND block_number > {toBlock:Int64} GROUP BY name`,
        )
        .join(' UNION ALL '),
      { chainId, toBlock },
    );
    for (const { name } of touched) {
      await this.#database.deleteRows(
        name,
        'chain_id = {chainId:UInt64} AND block_number > {toBlock:Int64}',
        { chainId, toBlock },
      );
    }
  }

  async #landedRows(
    chainId: number,
    range: { readonly fromBlock: number; readonly toBlock: number },
  ): Promise<Record<EvidenceTable, number>> {
    const counts = { raw_logs: 0, blocks: 0, transactions: 0 };
    const rows = await this.#database.select<{ name: EvidenceTable; rows: string }>(
      EVIDENCE_TABLES.map(
        (table) => `SELECT '${table}' AS name, count() AS rows FROM ${table}
          WHERE chain_id = {chainId:UInt64} AND block_number BETWEEN {fromBlock:UInt64} AND {toBlock:UInt64}`,
      ).join(' UNION ALL '),
      { chainId, fromBlock: range.fromBlock, toBlock: range.toBlock },
    );
    for (const row of rows) counts[row.name] = Number(row.rows);
    return counts;
  }

  async #insert(table: string, rows: readonly Row[]): Promise<void> {
    const columns = await this.#columnsOf(table);
    await this.#database.insertRows(table, columns, rows);
  }

  async #columnsOf(table: string): Promise<readonly InsertColumn[]> {
    const known = this.#columns.get(table);
    if (known) return known;
    const rows = await this.#database.select<InsertColumn>(
      'SELECT name, type FROM system.columns WHERE database = currentDatabase() AND table = {table:String} ORDER BY position',
      { table },
    );
    this.#columns.set(table, rows);
    return rows;
  }
}

const NO_ROWS_DIGEST = '0'.repeat(32);

/** A time (now), as DateTime64(3, 'UTC') takes it. */
function databaseTime(milliseconds = Date.now()): string {
  return new Date(milliseconds).toISOString().replace('T', ' ').replace('Z', '');
}

function sourceRow(source: SourceRecord): Row {
  return {
    chain_id: source.chainId,
    chain: source.chain,
    is_synthetic: source.isSynthetic,
    name: source.name,
    description: source.description,
    provenance: source.provenance,
    first_block: source.firstBlock,
    manifest: source.manifest,
    recorded_at: databaseTime(),
  };
}

function toCommit(chainId: number, stage: Stage, row: CommitRow): Commit {
  return {
    chainId,
    stage,
    fromBlock: Number(row.from_block),
    toBlock: Number(row.to_block),
    lastBlockHash: row.last_block_hash,
    lastBlockTimestamp: Number(row.last_block_timestamp),
    rowCounts: Object.fromEntries(
      Object.entries(row.row_counts).map(([table, rows]) => [table, Number(rows)]),
    ),
    method: row.method,
  };
}
