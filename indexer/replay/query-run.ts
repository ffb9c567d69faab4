import { type ArrowFileOptions, arrowFile } from './arrow-file.ts';
import type { ChainBranch } from './chain-branch.ts';
import { type ColumnTable, lowerBound, type RowIds } from './column-table.ts';
import {
  distortionOf,
  type PageFault,
  type PageRows,
  spoilRows,
  type WireTable,
} from './page-fault.ts';
import type { QueryBody } from './query-body.ts';
import { blockTest, everyRow, logTest, type RowTest, transactionTest } from './query-filters.ts';

export interface QueryOptions extends ArrowFileOptions {
  /** Highest block the server admits to have. */
  readonly height: number;
  /** Blocks below the head that carry a rollback guard. */
  readonly inMemoryBlocks: number;
  /** Page size in blocks; 0 = no limit. */
  readonly maxBlocksPerRequest: number;
  /** Page size in approximate bytes of log data; 0 = no limit. */
  readonly maxResponseBytes: number;
}

export interface RollbackGuard {
  readonly blockNumber: number;
  readonly timestamp: number;
  readonly hash: Buffer;
  readonly firstBlockNumber: number;
  readonly firstParentHash: Buffer;
}

export interface QueryAnswer {
  /** Null: the answer names none. */
  readonly archiveHeight: number | null;
  /** First block that was not scanned. */
  readonly nextBlock: number;
  readonly totalExecutionTimeMs: number;
  readonly guard: RollbackGuard | null;
  readonly counts: {
    readonly blocks: number;
    readonly transactions: number;
    readonly logs: number;
  };
  /** Arrow IPC files. */
  readonly tables: {
    readonly blocks: Uint8Array;
    readonly transactions: Uint8Array;
    readonly logs: Uint8Array;
  };
}

/** A query for all headers is paged, however far it reaches. */
const MAX_HEADERS_PER_PAGE = 20_000;
/** What a log weighs on the wire beside its data, for `maxResponseBytes`. */
const LOG_OVERHEAD_BYTES = 250;

/**
 * Scans [from_block, to_block) of a branch: filters, joins, one page on a block boundary, guard.
 * A range that starts above its end or the head scans nothing: empty tables, `nextBlock` =
 * `from_block`, no guard.
 */
export function runQuery(
  branch: ChainBranch,
  query: QueryBody,
  options: QueryOptions,
  fault: PageFault | null = null,
): QueryAnswer {
  const started = performance.now();
  const from = query.from_block;
  const scanned = scan(branch, query, options);
  const rangeEnd = Math.min(query.to_block ?? Number.POSITIVE_INFINITY, options.height + 1);
  const page = fault ? spoilRows(fault, branch, scanned, { from, rangeEnd }) : scanned;
  const fields = query.field_selection;
  const write = (name: WireTable, table: ColumnTable, selected: readonly string[], rows: RowIds) =>
    arrowFile(table, new Set(selected), rows, options, distortionOf(fault, name));
  return {
    archiveHeight: options.height,
    nextBlock: page.nextBlock,
    guard: fault?.kind === 'no-guard' ? null : guardOf(branch, from, page.nextBlock, options),
    counts: {
      blocks: page.headers.length,
      transactions: page.transactions.length,
      logs: page.logs.length,
    },
    tables: {
      blocks: write('blocks', branch.blocks, fields.block, page.headers),
      transactions: write(
        'transactions',
        branch.transactions,
        fields.transaction,
        page.transactions,
      ),
      logs: write('logs', branch.logs, fields.log, page.logs),
    },
    totalExecutionTimeMs: Math.floor(performance.now() - started),
  };
}

function scan(branch: ChainBranch, query: QueryBody, options: QueryOptions): PageRows {
  const from = query.from_block;
  const end = rangeEnd(branch, query, options);
  const page =
    from < end
      ? scanPage(branch, query, from, end, options.maxResponseBytes || Number.POSITIVE_INFINITY)
      : { end: from, logs: new Uint32Array(), transactions: new Uint32Array() };
  return { ...page, headers: headerRows(branch, query, page), nextBlock: page.end };
}

interface Page {
  /** Exclusive. */
  readonly end: number;
  readonly logs: RowIds;
  readonly transactions: RowIds;
}

/** Exclusive end of the scan before any limit on rows. */
function rangeEnd(branch: ChainBranch, query: QueryBody, options: QueryOptions): number {
  const from = query.from_block;
  let end = Math.min(query.to_block ?? Number.POSITIVE_INFINITY, options.height + 1);
  if (options.maxBlocksPerRequest > 0) end = Math.min(end, from + options.maxBlocksPerRequest);
  if (query.include_all_blocks || query.blocks.length > 0) {
    const max = Math.min(query.max_num_blocks || MAX_HEADERS_PER_PAGE, MAX_HEADERS_PER_PAGE);
    const numbers = branch.headerNumbers(from, end, max);
    if (numbers.length === max) end = Math.min(end, (numbers.at(-1) ?? from) + 1);
  }
  return end;
}

function scanPage(
  branch: ChainBranch,
  query: QueryBody,
  from: number,
  rangeLimit: number,
  maxBytes: number,
): Page {
  const data = branch.logs.bytes('data');
  const logs = scanTable(branch.logs.numbers('block_number').values, branch.logs.rows, {
    from,
    end: rangeLimit,
    test: logTest(branch, query),
    maxRows: query.max_num_logs || Number.POSITIVE_INFINITY,
    maxBytes,
    weigh: (row) => LOG_OVERHEAD_BYTES + data.lengthOf(row),
  });
  const transactions = scanTable(
    branch.transactions.numbers('block_number').values,
    branch.transactions.rows,
    {
      from,
      end: logs.end,
      test: transactionTest(branch, query),
      maxRows: query.max_num_transactions || Number.POSITIVE_INFINITY,
      maxBytes: Number.POSITIVE_INFINITY,
      weigh: () => 0,
    },
  );
  return join(branch, query, from, transactions.end, logs.rows, transactions.rows);
}

interface TableScan {
  readonly from: number;
  readonly end: number;
  /** Null: the query does not select this table, so nothing matches. */
  readonly test: RowTest | null;
  readonly maxRows: number;
  readonly maxBytes: number;
  readonly weigh: (row: number) => number;
}

/**
 * Matching rows of a table sorted by block. Once a maximum is reached the scan goes on to the end
 * of that block (a block is never split over two pages), so a page may overshoot its maximum.
 */
function scanTable(blockOf: Float64Array, rows: number, scan: TableScan) {
  const found: number[] = [];
  const first = lowerBound(blockOf, rows, scan.from);
  const last = lowerBound(blockOf, rows, scan.end);
  if (!scan.test) return { rows: found, end: scan.end };
  let bytes = 0;
  for (let row = first; row < last; row++) {
    if (scan.test(row)) {
      found.push(row);
      bytes += scan.weigh(row);
    }
    const block = blockOf[row] ?? 0;
    const blockDone = row + 1 === last || blockOf[row + 1] !== block;
    if (blockDone && (found.length >= scan.maxRows || bytes >= scan.maxBytes)) {
      return { rows: found, end: Math.min(scan.end, block + 1) };
    }
  }
  return { rows: found, end: scan.end };
}

/**
 * Default: the transactions of the matched logs (when transaction fields are selected). JoinAll
 * adds every log of those transactions. JoinNothing adds nothing.
 */
function join(
  branch: ChainBranch,
  query: QueryBody,
  from: number,
  end: number,
  logRows: readonly number[],
  transactionRows: readonly number[],
): Page {
  const blockOf = branch.logs.numbers('block_number').values;
  const logLimit = lowerBound(blockOf, branch.logs.rows, end);
  let logs = logRows.filter((row) => row < logLimit);
  const transactions = new Set(transactionRows);
  const hashes = branch.logs.bytes('transaction_hash');
  if (query.join_mode !== 'JoinNothing' && query.field_selection.transaction.length > 0) {
    for (const key of new Set(logs.map((row) => hashes.key(row) ?? ''))) {
      const row = branch.transactionRows.get(key);
      if (row !== undefined) transactions.add(row);
    }
  }
  if (query.join_mode === 'JoinAll' && transactions.size > 0) {
    const transactionHashes = branch.transactions.bytes('hash');
    const keys = new Set([...transactions].map((row) => transactionHashes.key(row)));
    const all = new Set(logs);
    for (let row = lowerBound(blockOf, branch.logs.rows, from); row < logLimit; row++) {
      if (keys.has(hashes.key(row))) all.add(row);
    }
    logs = [...all];
  }
  return {
    end,
    logs: Uint32Array.from(logs).sort(),
    transactions: Uint32Array.from(transactions).sort(),
  };
}

/** Header rows to answer with, by block number: selected ones and those of the joined rows. */
function headerRows(branch: ChainBranch, query: QueryBody, page: Page): RowIds {
  if (query.field_selection.block.length === 0) return new Uint32Array();
  const numbers = new Set<number>();
  const test = query.include_all_blocks ? everyRow : blockTest(branch, query);
  if (test) {
    const candidates = branch.headerNumbers(query.from_block, page.end, MAX_HEADERS_PER_PAGE);
    for (const number of candidates) {
      if (test === everyRow || test(branch.headerRow(number))) numbers.add(number);
    }
  }
  if (query.join_mode !== 'JoinNothing') {
    const logBlocks = branch.logs.numbers('block_number').values;
    const transactionBlocks = branch.transactions.numbers('block_number').values;
    for (const row of page.logs) numbers.add(logBlocks[row] ?? 0);
    for (const row of page.transactions) numbers.add(transactionBlocks[row] ?? 0);
  }
  const sorted = [...numbers].sort((a, b) => a - b);
  return Uint32Array.from(sorted, (number) => branch.headerRow(number));
}

/** Null when nothing was scanned, or everything scanned lies below the server's memory. */
function guardOf(
  branch: ChainBranch,
  from: number,
  end: number,
  options: QueryOptions,
): RollbackGuard | null {
  const first = Math.max(from, options.height - options.inMemoryBlocks + 1, 0);
  if (end <= from || end - 1 < first) return null;
  return {
    blockNumber: end - 1,
    timestamp: branch.timeOf(end - 1),
    hash: branch.hashOf(end - 1),
    firstBlockNumber: first,
    firstParentHash: branch.parentHashOf(first),
  };
}
