import type { Block, Log, Transaction } from '@envio-dev/hypersync-client';
import { CorruptDataError, OperatorError } from '../../schema/errors.ts';
import type { LogSelection } from '../protocols/protocol-adapter.ts';
import { type BlockEvidence, evidenceOf } from './block-evidence.ts';
import type { HypersyncEndpoint } from './hypersync-endpoint.ts';
import { EVIDENCE_FIELDS, logFilters } from './log-query.ts';
import type { BlockHeader, HeadLog, HeadTransaction } from './log-source.ts';

/** Blocks at the head as rows, with what the page says about hashes. */
export interface HeadPage {
  /** First block not scanned; equal to the cursor when there was nothing new. */
  readonly nextBlock: number;
  /** False when the answering instance is behind even the block before the cursor. */
  readonly isScanned: boolean;
  readonly archiveHeight: number | null;
  readonly evidence: readonly BlockEvidence[];
  /** All headers from the cursor on. */
  readonly blocks: readonly BlockHeader[];
  readonly logs: readonly HeadLog[];
  readonly transactions: readonly HeadTransaction[];
}

export type AncestorVerdict =
  /** State above this block belongs to a branch that is gone. */
  | { readonly kind: 'ancestor'; readonly number: number }
  /** Whatever the endpoint has agrees with us: it is only behind. */
  | { readonly kind: 'unchanged' };

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

  constructor(endpoint: HypersyncEndpoint) {
    this.endpoint = endpoint;
  }

  /**
   * Blocks from `cursor` (the first block not yet applied). The query starts one block earlier and asks
   * for every header: a poll above the head scans nothing and names no hash, so a last block that was
   * replaced at the same height, or has no logs and already a child, would not be noticed.
   */
  async readHeadPage(request: {
    readonly cursor: number;
    readonly selections: readonly LogSelection[];
    readonly signal: AbortSignal;
  }): Promise<HeadPage> {
    const { cursor } = request;
    const fromBlock = Math.max(0, cursor - 1);
    const response = await this.endpoint.pageOrNothing(
      {
        fromBlock,
        logs: logFilters(request.selections),
        includeAllBlocks: true,
        fieldSelection: EVIDENCE_FIELDS,
        maxNumBlocks: MAX_BLOCKS_PER_PAGE,
        maxNumLogs: MAX_LOGS_PER_PAGE,
      },
      request.signal,
    );
    const isFresh = (row: { readonly blockNumber: number }) => row.blockNumber >= cursor;
    return {
      nextBlock: Math.max(cursor, response.nextBlock),
      isScanned: response.nextBlock > fromBlock,
      archiveHeight: response.archiveHeight ?? null,
      evidence: evidenceOf(response),
      blocks: response.data.blocks.map(headerRow).filter((block) => block.number >= cursor),
      logs: response.data.logs.map(logRow).filter(isFresh),
      transactions: response.data.transactions.map(transactionRow).filter(isFresh),
    };
  }

  /**
   * Highest stored block that the endpoint has under the same hash, newest first.
   * @throws OperatorError when none of the stored blocks it has is the same: the reorg is deeper than
   * what is kept, and going on would be a guess.
   */
  async findCommonAncestor(
    known: ReadonlyMap<number, string>,
    signal: AbortSignal,
  ): Promise<AncestorVerdict> {
    const { height } = await this.endpoint.head(signal);
    const stored = [...known.keys()].filter((number) => number <= height).sort((a, b) => b - a);
    const newest = stored[0];
    const oldest = stored.at(-1);
    if (newest === undefined || oldest === undefined) return { kind: 'unchanged' };
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
    if (!anySeen) return { kind: 'unchanged' };
    throw new OperatorError('The chain was reorganized deeper than Bulkhead keeps block hashes.', {
      facts: { endpoint: this.endpoint.url, oldestKnown: oldest, newestKnown: newest, height },
      remedy: 'Check that this is the chain that was indexed before; if so, index it anew.',
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
