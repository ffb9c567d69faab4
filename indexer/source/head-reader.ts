import type { Block, Log, QueryResponse, Transaction } from '@envio-dev/hypersync-client';
import { CorruptDataError, RetryableError } from '../../schema/errors.ts';
import type { LogSelection } from '../protocols/protocol-adapter.ts';
import { type BlockEvidence, evidenceOf } from './block-evidence.ts';
import { LaggingReplicaError } from './client-errors.ts';
import type { HypersyncEndpoint } from './hypersync-endpoint.ts';
import { EVIDENCE_FIELDS, logFilters } from './log-query.ts';
import type { BlockHeader, HeadInfo, HeadLog, HeadRange, HeadTransaction } from './log-source.ts';
import { requireSame } from './range-audit.ts';
import { countRange } from './range-count.ts';
import { RowPlaces } from './row-places.ts';

/** What one look at the head says. */
export interface HeadPage {
  /** False when the answering instance is behind even the block before the cursor. */
  readonly isScanned: boolean;
  readonly archiveHeight: number | null;
  /** Of the range, and of the blocks just below it. */
  readonly evidence: readonly BlockEvidence[];
  /** New blocks from the cursor on; null when there are none. */
  readonly range: HeadRange | null;
}

export interface HeadRequest {
  /** First block not yet applied. */
  readonly cursor: number;
  /** Inclusive; below the cursor it is only asked whether the block before the cursor still stands. */
  readonly lastBlock: number;
  readonly selections: readonly LogSelection[];
  readonly signal: AbortSignal;
}

export type AncestorVerdict =
  /** State above this block belongs to a branch that is gone. */
  | { readonly kind: 'ancestor'; readonly number: number }
  /** Whatever the endpoint has agrees with us: it is only behind. */
  | { readonly kind: 'unchanged' }
  /** None of the known blocks is on the endpoint's branch. */
  | { readonly kind: 'deeper'; readonly height: number };

/** Headers come with every page here, so a page is kept short. */
const MAX_BLOCKS_PER_PAGE = 1_000;
const MAX_LOGS_PER_PAGE = 5_000;
const HEADERS_PER_LOOK = 256;

/**
 * Reads the last, reversible blocks of a chain. Before a page is applied its evidence is compared with
 * the stored hashes (`compareEvidence`); on a conflict, or when the endpoint is behind, `findCommonAncestor`
 * tells a reorg from a lagging instance.
 */
export class HeadReader {
  private readonly endpoint: HypersyncEndpoint;
  private readonly keepsAllHeaders: boolean;

  /** `keepsAllHeaders`: as the bulk ranges of the same source do (see HeadRange). */
  constructor(endpoint: HypersyncEndpoint, keepsAllHeaders: boolean) {
    this.endpoint = endpoint;
    this.keepsAllHeaders = keepsAllHeaders;
  }

  head(signal: AbortSignal): Promise<HeadInfo> {
    return this.endpoint.head(signal);
  }

  /**
   * Blocks from `cursor` to `lastBlock`, or fewer. The query starts one block earlier and asks for
   * every header: a poll above the head scans nothing and names no hash, so a last block that was
   * replaced at the same height, or has no logs and already a child, would not be noticed. A page that
   * is out of shape (blocks or rows missing, doubled, or of other blocks) is asked for again.
   */
  readHeadPage(request: HeadRequest): Promise<HeadPage> {
    const { cursor, signal } = request;
    const fromBlock = Math.max(0, cursor - 1);
    const end = Math.max(request.lastBlock, cursor - 1) + 1;
    return this.endpoint.retrying(signal, async () => {
      const response = await this.endpoint.pageOrNothing(
        {
          fromBlock,
          ...(Number.isFinite(end) ? { toBlock: end } : {}),
          logs: logFilters(request.selections),
          includeAllBlocks: true,
          fieldSelection: EVIDENCE_FIELDS,
          maxNumBlocks: MAX_BLOCKS_PER_PAGE,
          maxNumLogs: MAX_LOGS_PER_PAGE,
        },
        signal,
      );
      const evidence = evidenceOf(response);
      const range = this.rangeOf(response, cursor, end);
      if (range && this.endpoint.recounts) await this.requireWhole(range, request);
      return {
        isScanned: response.nextBlock > fromBlock,
        archiveHeight: response.archiveHeight ?? null,
        evidence,
        range,
      };
    });
  }

  /** @throws CorruptDataError when a second answer has other rows, as when the chain just changed. */
  private async requireWhole(range: HeadRange, request: HeadRequest): Promise<void> {
    const { selections, signal } = request;
    const { fromBlock, toBlock, logs, transactions } = range;
    const targetLogs = Number.MAX_SAFE_INTEGER;
    const asked = { fromBlock, toBlock, selections, signal, targetLogs, includeAllBlocks: false };
    const counted = await countRange(this.endpoint, asked);
    const placesOf = <R extends HeadLog | HeadTransaction>(
      what: string,
      rows: readonly R[],
      indexOf: (row: R) => number,
    ) =>
      RowPlaces.of(
        what,
        range,
        rows.map(({ blockNumber }) => blockNumber),
        rows.map(indexOf),
      );
    const seen = {
      logs: placesOf('log', logs, (log) => log.logIndex),
      transactions: placesOf('transaction', transactions, (row) => row.transactionIndex),
    };
    // An instance that is behind counts less: compared only as far as it got.
    requireSame('logs', seen.logs, counted.logs, counted.toBlock);
    requireSame('transactions', seen.transactions, counted.transactions, counted.toBlock);
    if (counted.toBlock < toBlock) throw outOfShape('is ahead of another', { to: counted.toBlock });
  }

  /** @throws RetryableError when the page is not what it claims to be. */
  private rangeOf(response: QueryResponse, cursor: number, end: number): HeadRange | null {
    const next = Math.min(response.nextBlock, end);
    const isNew = (row: { readonly blockNumber: number }) => row.blockNumber >= cursor;
    const headers = response.data.blocks
      .map(headerRow)
      .filter(({ number }) => number >= cursor && number < next)
      .sort((a, b) => a.number - b.number);
    if (next <= cursor) return null;
    const last = headers.at(-1);
    const isWhole =
      headers.length === next - cursor &&
      headers.every(({ number }, index) => number === cursor + index);
    if (!last || !isWhole) {
      throw outOfShape('skips or repeats blocks', { from: cursor, to: next - 1 });
    }
    const logs = response.data.logs.map(logRow).filter(isNew);
    const transactions = response.data.transactions.map(transactionRow).filter(isNew);
    requireOnce(logs, (row) => row.logIndex, last.number);
    requireOnce(transactions, (row) => row.transactionIndex, last.number);
    requireTransactions(logs, transactions);
    return {
      fromBlock: cursor,
      toBlock: last.number,
      lastBlockHash: last.hash,
      lastBlockTimestamp: last.timestamp,
      headers,
      logs,
      transactions,
      keepsAllHeaders: this.keepsAllHeaders,
    };
  }

  /** Highest known block that the endpoint has under the same hash, newest first. */
  async findCommonAncestor(
    known: ReadonlyMap<number, string>,
    signal: AbortSignal,
  ): Promise<AncestorVerdict> {
    const { height } = await this.endpoint.head(signal);
    const stored = [...known.keys()].filter((number) => number <= height).sort((a, b) => b - a);
    const newest = stored[0];
    const oldest = stored.at(-1);
    if (newest === undefined || oldest === undefined) {
      // Below everything we know: behind, or on a branch that left ours earlier. Its growth will tell.
      return { kind: 'unchanged' };
    }
    let anySeen = false;
    for (let top = newest; top >= oldest; top -= HEADERS_PER_LOOK) {
      const bottom = Math.max(oldest, top - HEADERS_PER_LOOK + 1);
      const hashes = await this.hashesOf(bottom, top, signal);
      anySeen ||= hashes.size > 0;
      const same = stored.find((number) => {
        const hash = hashes.get(number);
        return hash !== undefined && hash === known.get(number);
      });
      if (same === newest) return { kind: 'unchanged' };
      if (same !== undefined) return { kind: 'ancestor', number: same };
    }
    return anySeen ? { kind: 'deeper', height } : { kind: 'unchanged' };
  }

  /** Hash of a block. @throws LaggingReplicaError when the instance that answers does not have it. */
  async hashOf(block: number, signal: AbortSignal): Promise<string> {
    const hash = (await this.hashesOf(block, block, signal)).get(block);
    if (hash !== undefined) return hash;
    throw new LaggingReplicaError('The HyperSync instance that answered is behind.', {
      facts: { endpoint: this.endpoint.url, asked: block },
    });
  }

  /** Hashes of [fromBlock, toBlock], as far as the endpoint gets. */
  private async hashesOf(
    fromBlock: number,
    toBlock: number,
    signal: AbortSignal,
  ): Promise<Map<number, string>> {
    const hashes = new Map<number, string>();
    for (let next = fromBlock; next <= toBlock; ) {
      const page = await this.endpoint.pageOrNothing(
        {
          fromBlock: next,
          toBlock: toBlock + 1,
          includeAllBlocks: true,
          fieldSelection: { block: ['Number', 'Hash'] },
        },
        signal,
      );
      if (page.nextBlock <= next) break;
      for (const { number, hash } of page.data.blocks) {
        if (number !== undefined && hash !== undefined) hashes.set(number, hash);
      }
      next = page.nextBlock;
    }
    return hashes;
  }
}

/** Rows of the page's own blocks, each once. */
function requireOnce<R extends { readonly blockNumber: number }>(
  rows: readonly R[],
  indexOf: (row: R) => number,
  lastBlock: number,
): void {
  const places = new Set(rows.map((row) => `${row.blockNumber}:${indexOf(row)}`));
  if (places.size < rows.length) throw outOfShape('repeats rows', { rows: rows.length });
  const beyond = rows.find((row) => row.blockNumber > lastBlock);
  if (beyond) throw outOfShape('has rows beyond its blocks', { block: beyond.blockNumber });
}

/** All logs with their transaction, or none (archives may lack them): a lost one would lack its sender. */
function requireTransactions(
  logs: readonly HeadLog[],
  transactions: readonly HeadTransaction[],
): void {
  const hashes = new Set(transactions.map(({ hash }) => hash));
  const lost = logs.find(({ transactionHash }) => !hashes.has(transactionHash));
  if (lost && hashes.size > 0) {
    throw outOfShape('lacks a transaction of its logs', { block: lost.blockNumber });
  }
}

function outOfShape(what: string, facts: Readonly<Record<string, number>>): RetryableError {
  return new RetryableError(`A page of the HyperSync endpoint ${what}.`, { facts });
}

/** The client leaves a null or unselected field out; a field that cannot be null must be there. */
function present<T>(value: T | undefined, field: string): T {
  if (value !== undefined) return value;
  throw new CorruptDataError('HyperSync left out a value that was asked for.', {
    facts: { field },
    remedy: 'Try another endpoint of this chain.',
  });
}

function headerRow(block: Block): BlockHeader {
  return {
    number: present(block.number, 'block.number'),
    hash: present(block.hash, 'block.hash'),
    parentHash: present(block.parentHash, 'block.parent_hash'),
    timestamp: present(block.timestamp, 'block.timestamp'),
  };
}

function logRow(log: Log): HeadLog {
  return {
    blockNumber: present(log.blockNumber, 'log.block_number'),
    blockHash: present(log.blockHash, 'log.block_hash'),
    logIndex: present(log.logIndex, 'log.log_index'),
    transactionIndex: present(log.transactionIndex, 'log.transaction_index'),
    transactionHash: present(log.transactionHash, 'log.transaction_hash'),
    address: present(log.address, 'log.address'),
    topics: log.topics.filter((topic) => typeof topic === 'string'),
    data: present(log.data, 'log.data'),
  };
}

function transactionRow(transaction: Transaction): HeadTransaction {
  return {
    blockNumber: present(transaction.blockNumber, 'transaction.block_number'),
    transactionIndex: present(transaction.transactionIndex, 'transaction.transaction_index'),
    hash: present(transaction.hash, 'transaction.hash'),
    from: transaction.from ?? null,
    to: transaction.to ?? null,
    status: transaction.status ?? null,
    gasUsed: present(transaction.gasUsed, 'transaction.gas_used'),
    effectiveGasPrice: present(transaction.effectiveGasPrice, 'transaction.effective_gas_price'),
  };
}
