import { CorruptDataError } from '../../schema/errors.ts';
import {
  type Commit,
  DERIVED_TABLES,
  type DerivedTable,
  type EventStore,
  type Row,
  type Stage,
} from '../store/event-store.ts';
import type { BlockRange } from './audit-context.ts';

export interface PastRequest {
  readonly store: EventStore;
  readonly chainId: number;
  /** What is to be projected again: the store looks as if only the blocks below had been. */
  readonly range: BlockRange;
  /** Rows of one batch by table, once it is complete, with the blocks it speaks for. */
  readonly onBatch: (rows: ReadonlyMap<DerivedTable, Row[]>, blocks: BlockRange) => Promise<void>;
}

/**
 * A store as it was before a block range was projected, for projecting that range again: fold state
 * is read from the rows below, the raw logs are those of the range, and what is appended goes to
 * `onBatch` instead of a table. Nothing is written.
 */
export async function openPastStore(request: PastRequest): Promise<EventStore> {
  const [row] = await request.store.select<{ name: string }>(
    'SELECT currentDatabase() AS name',
    {},
  );
  if (!row) throw new CorruptDataError('The database has no name.');
  return new PastStore(request, row.name);
}

class PastStore implements EventStore {
  readonly #request: PastRequest;
  readonly #database: string;
  #rows = new Map<DerivedTable, Row[]>();

  constructor(request: PastRequest, database: string) {
    this.#request = request;
    this.#database = database;
  }

  async lastCommit(chainId: number, stage: Stage): Promise<Commit | null> {
    const { fromBlock, toBlock } = this.#request.range;
    const last = stage === 'land' ? toBlock : fromBlock - 1;
    if (last < 0) return null;
    return {
      chainId,
      stage,
      fromBlock: 0,
      toBlock: last,
      lastBlockHash: '',
      lastBlockTimestamp: 0,
      rowCounts: {},
      method: '',
    };
  }

  /**
   * Derived tables that the query names are shadowed by expressions of the same name that end before
   * the range.
   */
  select<T>(query: string, parameters: Readonly<Record<string, unknown>>): Promise<T[]> {
    const { store, chainId, range } = this.#request;
    const named = DERIVED_TABLES.filter((table) => new RegExp(`\\b${table}\\b`).test(query));
    const shadows = named.map(
      (table) => `${table} AS (SELECT * FROM ${this.#database}.${table}
        WHERE chain_id = {auditedChain:UInt64} AND block_number < {auditedFrom:UInt64})`,
    );
    if (shadows.length === 0) return store.select<T>(query, parameters);
    const own = /^\s*WITH\b/i.exec(query);
    const text = own ? `, ${query.slice(own[0].length)}` : ` ${query}`;
    return store.select<T>(`WITH ${shadows.join(', ')}${text}`, {
      ...parameters,
      auditedChain: chainId,
      auditedFrom: range.fromBlock,
    });
  }

  async append(table: DerivedTable, rows: readonly Row[]): Promise<void> {
    const held = this.#rows.get(table) ?? [];
    this.#rows.set(table, held);
    for (const row of rows) held.push(row);
  }

  async commit({ fromBlock, toBlock }: Commit): Promise<void> {
    const rows = this.#rows;
    this.#rows = new Map();
    await this.#request.onBatch(rows, { fromBlock, toBlock });
  }

  readRawLogs(request: Parameters<EventStore['readRawLogs']>[0]) {
    return this.#request.store.readRawLogs(request);
  }

  /** A batch may end at a block without a header: its hash is of no account here. */
  async blockHeader(chainId: number, block: number) {
    const header = await this.#request.store.blockHeader(chainId, block);
    return header ?? { hash: '', timestamp: 0 };
  }

  transactionSenders(chainId: number, fromBlock: number, toBlock: number) {
    return this.#request.store.transactionSenders(chainId, fromBlock, toBlock);
  }

  /** There is nothing above the last commit of the past. */
  async trim(): Promise<void> {}

  claimSource = readOnly;
  land = readOnly;
  landHead = readOnly;
  reversibleBlocks = readOnly;
  forgetReversible = readOnly;
  recordState = readOnly;
  rollBack = readOnly;
  repair = readOnly;
  digest = readOnly;
}

async function readOnly(): Promise<never> {
  throw new TypeError('the past cannot be changed');
}
