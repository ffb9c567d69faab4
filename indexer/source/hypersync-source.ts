import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StreamConfig } from '@envio-dev/hypersync-client';
import { CorruptDataError, OperatorError, RetryableError } from '../../schema/errors.ts';
import type { LogSelection } from '../protocols/protocol-adapter.ts';
import { RateLimitedError } from './backoff.ts';
import { LaggingReplicaError, PayloadTooLargeError } from './client-errors.ts';
import { type EndpointOptions, HypersyncEndpoint } from './hypersync-endpoint.ts';
import { evidenceQuery, logFilters } from './log-query.ts';
import type { BlockHeader, HeadInfo, LogSource, ParquetRange } from './log-source.ts';
import { type CollectedFiles, inspectCollected, lastHeader } from './parquet-inspection.ts';
import { auditRange } from './range-audit.ts';
import { countRange } from './range-count.ts';
import { DEFAULT_RANGE_LIMITS, type RangeLimits, RangeSizer } from './range-sizer.ts';

export interface HypersyncSourceOptions extends EndpointOptions {
  /**
   * Headers of all blocks, not only of those with logs. For archives, which are small and whole; on a
   * public chain that would be every header since the first block.
   */
  readonly includeAllBlocks: boolean;
  readonly limits?: RangeLimits;
  /** Where ranges wait on disk until they are stored; the system's temporary folder by default. */
  readonly workDirectory?: string;
}

export interface CollectedRange extends ParquetRange {
  /** Size of the files. */
  readonly bytes: number;
}

export interface RangeRequest {
  readonly fromBlock: number;
  /** Inclusive; Infinity = the head. */
  readonly toBlock: number;
  readonly selections: readonly LogSelection[];
  readonly signal: AbortSignal;
}

const BULK_CONFIG: StreamConfig = {
  hexOutput: 'NoEncode',
  /** Requests side by side inside one call; each may hold a page in memory. */
  concurrency: 4,
};

/** Reads logs from a HyperSync endpoint, live or a local replay, as Parquet files. */
export class HypersyncSource implements LogSource {
  private readonly endpoint: HypersyncEndpoint;
  private readonly options: HypersyncSourceOptions;
  private readonly limits: RangeLimits;

  constructor(options: HypersyncSourceOptions) {
    this.endpoint = new HypersyncEndpoint(options);
    this.options = options;
    this.limits = options.limits ?? DEFAULT_RANGE_LIMITS;
  }

  head(signal: AbortSignal): Promise<HeadInfo> {
    return this.endpoint.head(signal);
  }

  async *ranges(request: RangeRequest): AsyncGenerator<CollectedRange> {
    const { fromBlock, signal } = request;
    logFilters(request.selections);
    const head = await this.endpoint.head(signal);
    const lastBlock = Math.min(request.toBlock, head.height);
    if (fromBlock > lastBlock) return;
    const directory = await this.makeWorkDirectory();
    const sizer = new RangeSizer(this.limits);
    try {
      for (let next = fromBlock; next <= lastBlock; ) {
        const range = await this.nextRange(
          { ...request, fromBlock: next },
          lastBlock,
          sizer,
          directory,
        );
        sizer.observe({
          blocks: range.toBlock - next + 1,
          logs: range.rowCounts.logs,
          bytes: range.bytes,
        });
        yield range;
        next = range.toBlock + 1;
      }
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }

  private nextRange(
    request: RangeRequest,
    lastBlock: number,
    sizer: RangeSizer,
    directory: string,
  ): Promise<CollectedRange> {
    const { fromBlock, signal } = request;
    let attempt = 0;
    return this.endpoint.retrying(signal, async () => {
      for (;;) {
        const toBlock = Math.min(lastBlock, fromBlock + sizer.nextBlocks - 1);
        const folder = join(directory, `${fromBlock}-${++attempt}`);
        try {
          return await this.collect({ ...request, toBlock }, folder);
        } catch (error) {
          const smaller = mayBeTooLarge(error) && sizer.halve(toBlock - fromBlock + 1);
          if (!(error instanceof PayloadTooLargeError)) throw error;
          if (!smaller) throw oneBlockTooLarge(error, fromBlock);
        }
      }
    });
  }

  /**
   * One attempt at [fromBlock, toBlock]; may come back shorter, never with a hole. `collectParquet`
   * returns nothing, so its success is no proof: the rows are counted first, by a query of our own,
   * and the files must hold exactly those. It is also never asked for blocks that the endpoint does
   * not have: it would ask again without pause until it has them.
   */
  private async collect(request: RangeRequest, folder: string): Promise<CollectedRange> {
    const { fromBlock, signal } = request;
    const { includeAllBlocks } = this.options;
    const { targetLogs } = this.limits;
    const counted = this.endpoint.recounts
      ? await countRange(this.endpoint, { ...request, includeAllBlocks, targetLogs })
      : null;
    const toBlock = counted?.toBlock ?? (await this.clampToHead(request));
    const clean = () => rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    try {
      if (!counted || counted.logs.count + counted.blocks.count > 0) {
        const query = evidenceQuery({ ...request, toBlock, includeAllBlocks, maxLogs: targetLogs });
        await this.endpoint.collectParquet(folder, query, BULK_CONFIG, signal);
      }
      const files = await inspectCollected(folder);
      const whole = await auditRange(files, { fromBlock, toBlock }, counted);
      const end = counted ? whole : await this.emptyUntil({ ...request, toBlock }, whole);
      if (end < fromBlock) {
        throw new RetryableError('A range came back without the logs that are in it.', {
          facts: { endpoint: this.endpoint.url, fromBlock, toBlock },
        });
      }
      const header =
        files.blocks?.lastBlock === end
          ? await lastHeader(files.blocks)
          : await this.endpoint.header(end, signal);
      return toRange(fromBlock, header, files, clean);
    } catch (error) {
      // A call that was let go cannot write any more: it finds its folder gone.
      await clean().catch(() => undefined);
      throw error;
    }
  }

  /** Without a count: the end, but not above the head. @throws LaggingReplicaError */
  private async clampToHead({ fromBlock, toBlock, signal }: RangeRequest): Promise<number> {
    const height = await this.endpoint.heightOnce(signal);
    if (height >= fromBlock) return Math.min(toBlock, height);
    throw new LaggingReplicaError('The HyperSync endpoint is behind the height it named before.', {
      facts: { endpoint: this.endpoint.url, needed: fromBlock, height },
    });
  }

  /** Without a count: what lies above the highest header must be shown to be empty of our logs. */
  private async emptyUntil(request: RangeRequest, reached: number): Promise<number> {
    if (this.options.includeAllBlocks || reached >= request.toBlock) return reached;
    const rest = await countRange(this.endpoint, {
      ...request,
      fromBlock: reached + 1,
      includeAllBlocks: false,
      targetLogs: 1,
    });
    return (rest.logs.firstBlockAbove(reached) ?? rest.toBlock + 1) - 1;
  }

  private async makeWorkDirectory(): Promise<string> {
    const parent = this.options.workDirectory ?? tmpdir();
    try {
      await mkdir(parent, { recursive: true });
      return await mkdtemp(join(parent, 'bulkhead-ranges-'));
    } catch (cause) {
      throw new OperatorError('The folder for fetched ranges cannot be made.', {
        facts: { folder: parent },
        remedy: 'Point TMPDIR at a folder that can be written, with some gigabytes free.',
        cause,
      });
    }
  }
}

/**
 * Could a smaller range help? A server that chokes on a large answer may only time out, and where one
 * answer in a few is unsound, fewer are needed at once.
 */
function mayBeTooLarge(error: unknown): boolean {
  if (error instanceof CorruptDataError) return true;
  return (
    error instanceof RetryableError &&
    !(error instanceof RateLimitedError) &&
    !(error instanceof LaggingReplicaError)
  );
}

function toRange(
  fromBlock: number,
  end: BlockHeader,
  files: CollectedFiles,
  discard: () => Promise<void>,
): CollectedRange {
  const tables = [files.logs, files.blocks, files.transactions];
  return {
    fromBlock,
    toBlock: end.number,
    lastBlockHash: end.hash,
    lastBlockTimestamp: end.timestamp,
    logsFile: files.logs?.path ?? null,
    blocksFile: files.blocks?.path ?? null,
    transactionsFile: files.transactions?.path ?? null,
    rowCounts: {
      logs: files.logs?.rows ?? 0,
      blocks: files.blocks?.rows ?? 0,
      transactions: files.transactions?.rows ?? 0,
    },
    bytes: tables.reduce((sum, table) => sum + (table?.bytes ?? 0), 0),
    discard,
  };
}

function oneBlockTooLarge(error: PayloadTooLargeError, block: number): OperatorError {
  return new OperatorError('The logs of one block are too large for the HyperSync endpoint.', {
    facts: { ...error.facts, block },
    remedy: 'Raise the size limit of the endpoint (or of the proxy before it).',
    cause: error,
  });
}
