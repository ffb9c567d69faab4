import type { LogSelection } from '../protocols/protocol-adapter.ts';
import type { HypersyncEndpoint } from './hypersync-endpoint.ts';
import { evidenceQuery, PLACE_FIELDS } from './log-query.ts';
import { RowPlaces } from './row-places.ts';

export interface CountRequest {
  readonly fromBlock: number;
  /** Inclusive. */
  readonly toBlock: number;
  readonly selections: readonly LogSelection[];
  readonly includeAllBlocks: boolean;
  /** The range ends once it has so many logs. */
  readonly targetLogs: number;
  readonly signal: AbortSignal;
}

/** Which rows there are in a range that the endpoint has scanned, block by block. */
export interface CountedRange {
  readonly fromBlock: number;
  /** Inclusive; may be short of what was asked. */
  readonly toBlock: number;
  readonly logs: RowPlaces;
  readonly transactions: RowPlaces;
  readonly blocks: RowPlaces;
}

/** Every page becomes objects on the main thread: two numbers a log, so about 50 ms. */
const LOGS_PER_PAGE = 12_500;

/**
 * Asks which rows a range has, without their content: a question of its own, so that a bulk answer
 * that left something out does not go unnoticed, and one that ends: pages say how far they got, where
 * a bulk call would ask for missing blocks for ever.
 */
export async function countRange(
  endpoint: HypersyncEndpoint,
  request: CountRequest,
): Promise<CountedRange> {
  const { fromBlock, toBlock, signal, targetLogs } = request;
  const logs: RowColumns = { blocks: [], indexes: [] };
  const transactions: RowColumns = { blocks: [], indexes: [] };
  const blocks: unknown[] = [];
  const maxLogs = Math.min(LOGS_PER_PAGE, targetLogs);
  let next = fromBlock;
  while (next <= toBlock && logs.blocks.length < targetLogs) {
    const query = {
      ...evidenceQuery({ ...request, fromBlock: next, maxLogs }),
      fieldSelection: PLACE_FIELDS,
    };
    // An instance that is behind ends the range where it ends; at its beginning it is tried again.
    const page = await (next === fromBlock
      ? endpoint.page(query, signal)
      : endpoint.pageOrNothing(query, signal));
    if (page.nextBlock <= next) break;
    for (const log of page.data.logs) push(logs, log.blockNumber, log.logIndex);
    for (const { blockNumber, transactionIndex } of page.data.transactions) {
      push(transactions, blockNumber, transactionIndex);
    }
    for (const block of page.data.blocks) blocks.push(block.number);
    next = page.nextBlock;
  }
  const range = { fromBlock, toBlock: Math.min(toBlock, next - 1) };
  return {
    ...range,
    logs: RowPlaces.of('log', range, logs.blocks, logs.indexes),
    transactions: RowPlaces.of('transaction', range, transactions.blocks, transactions.indexes),
    blocks: RowPlaces.of('block', range, blocks, null),
  };
}

interface RowColumns {
  readonly blocks: unknown[];
  readonly indexes: unknown[];
}

function push(columns: RowColumns, block: unknown, index: unknown): void {
  columns.blocks.push(block);
  columns.indexes.push(index);
}
