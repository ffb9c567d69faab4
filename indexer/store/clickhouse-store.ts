import { hostname } from 'node:os';
import type { Database } from '../../schema/clickhouse/database.ts';
import { OperatorError, RetryableError } from '../../schema/errors.ts';
import type { HeadRange, ParquetRange } from '../source/log-source.ts';
import { ChainWriter, type WriterGuard } from './chain-writer.ts';
import { commitRow, databaseTime, lastCommit } from './commit-log.ts';
import {
  type Commit,
  type DerivedTable,
  EVIDENCE_TABLES,
  type EventStore,
  type EvidenceTable,
  type IndexerState,
  type Row,
  type SourceRecord,
  type Stage,
} from './event-store.ts';
import { headInserts, keptHeaders } from './head-landing.ts';
import { landingInserts } from './parquet-landing.ts';
import { type RawLogAnswer, type RawLogRequest, readRawLogs } from './raw-log-reader.ts';
import { repairChain, trimStage } from './repair.ts';
import { rollBackChain } from './roll-back.ts';
import { COUNTED_TABLES, countRows, type StoreTable } from './store-tables.ts';

/** Rows of one insert: bounds the memory of its text (a GMX row is about 1 kB). */
const MAX_ROWS_PER_INSERT = 50_000;

/** Final blocks that may go on being kept among the reversible ones. */
const LEAST_FORGOTTEN = 512;

/** Opens the store over a migrated database. `guard`: who may write; nobody else can, embedded. */
export function createClickHouseStore(
  database: Database,
  guard: WriterGuard | null = null,
): EventStore {
  return new ClickHouseStore(database, guard);
}

class ClickHouseStore implements EventStore {
  readonly #database: Database;
  readonly #writer: ChainWriter;
  /** How often parts were set aside, and how often when a chain was repaired last. */
  #losses = 0;
  readonly #repairedAt = new Map<number, number>();

  constructor(database: Database, guard: WriterGuard | null) {
    this.#database = database;
    this.#writer = new ChainWriter(database, guard);
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
      await this.#writer.insert(source.chainId, 'sources', [sourceRow(source)]);
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

  lastCommit(chainId: number, stage: Stage): Promise<Commit | null> {
    return lastCommit(this.#database, chainId, stage);
  }

  async trim(chainId: number, stage: Stage): Promise<void> {
    await this.#writer.endLateWrites(chainId);
    await trimStage(this.#database, this.#writer, { chainId, stage });
  }

  async land(
    chainId: number,
    range: ParquetRange,
  ): Promise<Readonly<Record<EvidenceTable, number>>> {
    for (const insert of landingInserts(chainId, range)) {
      await this.#writer.insertChecked(chainId, insert);
    }
    const { logs, ...others } = range.rowCounts;
    return this.#countLanded(chainId, range, { ...others, raw_logs: logs });
  }

  async landHead(
    chainId: number,
    range: HeadRange,
  ): Promise<Readonly<Record<EvidenceTable, number>>> {
    for (const insert of headInserts(chainId, range)) {
      await this.#writer.insertChecked(chainId, insert);
    }
    return this.#countLanded(chainId, range, {
      raw_logs: range.logs.length,
      blocks: keptHeaders(range).length,
      transactions: range.transactions.length,
    });
  }

  /**
   * A commit makes rows count, so they must be those that were sent: rows of another writer, or some
   * that a deletion left, would be taken for the chain's for good.
   * @throws RetryableError when they are not; a new beginning trims them.
   */
  async #countLanded(
    chainId: number,
    { fromBlock, toBlock }: { readonly fromBlock: number; readonly toBlock: number },
    sent: Readonly<Record<EvidenceTable, number>>,
  ): Promise<Readonly<Record<EvidenceTable, number>>> {
    const there = await countRows(this.#database, EVIDENCE_TABLES, { chainId, fromBlock, toBlock });
    const table = EVIDENCE_TABLES.find((each) => there[each] !== sent[each]);
    if (table === undefined) return there;
    throw new RetryableError('A range holds other rows than were landed.', {
      facts: { chainId, fromBlock, toBlock, table, landed: sent[table], there: there[table] },
      remedy:
        'Index again with the same command: what lies above the last commit is removed first.',
    });
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
    const blocks = { chainId, fromBlock: 0, toBlock: belowBlock - 1 };
    const rows = await countRows(this.#database, ['reversible_blocks'], blocks);
    // A deletion takes up to a second however few rows go: not for every new block.
    if (rows.reversible_blocks < LEAST_FORGOTTEN) return;
    await this.#writer.deleteRows(
      chainId,
      'reversible_blocks',
      'block_number < {belowBlock:UInt64}',
      { belowBlock },
    );
  }

  async recordState(state: IndexerState): Promise<void> {
    await this.#writer.insertState(state.chainId, {
      state: state.state,
      source_height: state.sourceHeight,
      safe_depth: state.safeDepth,
      finality_depth: state.finalityDepth,
      fault: state.fault,
      failing_since: state.failingSince === null ? null : databaseTime(state.failingSince),
      writer: `${hostname()}:${process.pid}`,
      recorded_at: databaseTime(),
      chain_id: state.chainId,
    });
  }

  async append(table: DerivedTable, rows: readonly Row[]): Promise<void> {
    for (let start = 0; start < rows.length; start += MAX_ROWS_PER_INSERT) {
      const part = rows.slice(start, start + MAX_ROWS_PER_INSERT);
      await this.#writer.insert(Number(part[0]?.['chain_id']), table, part);
    }
  }

  async commit(commit: Commit): Promise<void> {
    // A part holds rows of every chain: those that were at work when it was set aside lost theirs too.
    if ((this.#repairedAt.get(commit.chainId) ?? this.#losses) !== this.#losses) {
      throw new RetryableError('Rows of this chain were lost with a damaged file.', {
        facts: { chainId: commit.chainId },
        remedy: 'Index again with the same command: it looks for what is missing first.',
      });
    }
    await this.#writer.insertCommit(commit.chainId, commitRow(commit));
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

  rollBack(chainId: number, toBlock: number, reason: string): Promise<void> {
    return rollBackChain(this.#database, this.#writer, chainId, toBlock, reason);
  }

  async repair(chainId: number): Promise<readonly string[]> {
    const setAside = await this.#database.setAsideDamagedParts();
    if (setAside.length > 0) this.#losses += 1;
    this.#repairedAt.set(chainId, this.#losses);
    return repairChain(this.#database, this.#writer, chainId, setAside);
  }

  async digest(table: StoreTable, chainId: number): Promise<{ rows: number; digest: string }> {
    const stage: Stage = COUNTED_TABLES.land.includes(table) ? 'land' : 'project';
    const commit = await this.lastCommit(chainId, stage);
    if (!commit) return { rows: 0, digest: NO_ROWS_DIGEST };
    const columns = (await this.#writer.columnsOf(table)).map((column) => column.name);
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
}

const NO_ROWS_DIGEST = '0'.repeat(32);

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
