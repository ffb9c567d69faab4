import type { Distortion } from './arrow-distortion.ts';
import { type ChainBranch, firstRowFrom } from './chain-branch.ts';
import type { RowIds } from './column-table.ts';

/** Ways in which the rows of an answer can be wrong while its form is right. */
export const ROW_FAULTS = [
  /** Scans half and claims the whole range: the logs between are missing. */
  'skip-blocks',
  /** A log from the middle is missing. */
  'lost-log',
  'lost-transaction',
  /** The header of a block with logs is missing. */
  'lost-header',
  'doubled-logs',
  /** A log of a block that was not asked for is among them. */
  'foreign-log',
  /** Rows of every table in descending order. */
  'reversed',
  /** Scanned nothing, says so. */
  'nothing-scanned',
  'no-guard',
] as const;

/** Ways in which a column can be wrong. */
export const COLUMN_FAULTS = [
  'missing-column',
  'wrong-type',
  'wrong-width',
  'null',
  'altered',
] as const satisfies readonly Distortion['kind'][];

export type WireTable = 'blocks' | 'transactions' | 'logs';

export type PageFault =
  | { readonly kind: (typeof ROW_FAULTS)[number] }
  | {
      readonly kind: (typeof COLUMN_FAULTS)[number];
      readonly table: WireTable;
      /** Snake case, as on the wire. */
      readonly column: string;
    };

/** An answer before it is written: row ids by table. */
export interface PageRows {
  readonly logs: RowIds;
  readonly transactions: RowIds;
  readonly headers: RowIds;
  /** First block that was not scanned, says the answer. */
  readonly nextBlock: number;
}

/** The distortion of one table, if it is the one that the fault is about. */
export function distortionOf(fault: PageFault | null, table: WireTable): Distortion | null {
  return fault && 'table' in fault && fault.table === table ? fault : null;
}

/** `rangeEnd`: first block that the query does not ask for, or that is above the head. */
export function spoilRows(
  fault: PageFault,
  branch: ChainBranch,
  page: PageRows,
  asked: { readonly from: number; readonly rangeEnd: number },
): PageRows {
  switch (fault.kind) {
    case 'skip-blocks':
      return { ...keepBelow(branch, page, asked.from), nextBlock: asked.rangeEnd };
    case 'lost-log':
      return { ...page, logs: withoutMiddle(page.logs) };
    case 'lost-transaction':
      return { ...page, transactions: withoutMiddle(page.transactions) };
    case 'lost-header':
      return { ...page, headers: withoutHeader(branch, page) };
    case 'doubled-logs':
      return { ...page, logs: twice(page.logs) };
    case 'foreign-log':
      return { ...page, logs: withForeignLog(branch, page, asked.from) };
    case 'reversed':
      return {
        ...page,
        logs: page.logs.toReversed(),
        transactions: page.transactions.toReversed(),
        headers: page.headers.toReversed(),
      };
    case 'nothing-scanned':
      return {
        logs: new Uint32Array(),
        transactions: new Uint32Array(),
        headers: new Uint32Array(),
        nextBlock: asked.from,
      };
    default:
      return page;
  }
}

/** Only the rows of the blocks before that of the middle log. */
function keepBelow(branch: ChainBranch, page: PageRows, from: number): PageRows {
  const blocks = branch.logs.numbers('block_number');
  const middle = page.logs[page.logs.length >> 1];
  const end = middle === undefined ? from : (blocks.at(middle) ?? from);
  const transactionBlocks = branch.transactions.numbers('block_number');
  const headerBlocks = branch.blocks.numbers('number');
  return {
    logs: page.logs.filter((row) => (blocks.at(row) ?? 0) < end),
    transactions: page.transactions.filter((row) => (transactionBlocks.at(row) ?? 0) < end),
    headers: page.headers.filter((row) => (headerBlocks.at(row) ?? 0) < end),
    nextBlock: end,
  };
}

function withoutMiddle(rows: RowIds): RowIds {
  const middle = rows.length >> 1;
  return rows.filter((_, position) => position !== middle);
}

function withoutHeader(branch: ChainBranch, page: PageRows): RowIds {
  const middle = page.logs[page.logs.length >> 1];
  if (middle === undefined) return page.headers;
  const block = branch.logs.numbers('block_number').at(middle);
  const numbers = branch.blocks.numbers('number');
  return page.headers.filter((row) => numbers.at(row) !== block);
}

function twice(rows: RowIds): RowIds {
  return Uint32Array.from({ length: rows.length * 2 }, (_, i) => rows[i >> 1] ?? 0);
}

function withForeignLog(branch: ChainBranch, page: PageRows, from: number): RowIds {
  const before = firstRowFrom(branch.logs, from) - 1;
  const after = firstRowFrom(branch.logs, page.nextBlock);
  if (after < branch.logs.rows) return Uint32Array.from([...page.logs, after]);
  return before >= 0 ? Uint32Array.from([before, ...page.logs]) : page.logs;
}
