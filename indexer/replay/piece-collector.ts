import { mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Query } from '@envio-dev/hypersync-client';
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { RetryableError } from '../../schema/errors.ts';
import { PayloadTooLargeError } from '../source/client-errors.ts';
import type { HypersyncEndpoint } from '../source/hypersync-endpoint.ts';
import { EVIDENCE_FIELDS } from '../source/log-query.ts';
import { DEFAULT_RANGE_LIMITS, RangeSizer } from '../source/range-sizer.ts';
import { ARCHIVE_FILES } from './archive-columns.ts';

export interface PieceRequest {
  readonly endpoint: HypersyncEndpoint;
  readonly fromBlock: number;
  /** Inclusive; clamped to the head. */
  readonly toBlock: number;
  /** Both empty: every log, transaction and header of the range. */
  readonly addresses: readonly string[];
  readonly topics0: readonly string[];
  readonly signal: AbortSignal;
  readonly onProgress: (done: RecordingProgress) => void;
}

export interface RecordingProgress {
  readonly block: number;
  readonly fromBlock: number;
  readonly toBlock: number;
  readonly logs: number;
}

/** An archive keeps what the evidence tables hold, and whether a log was ever withdrawn. */
const ARCHIVE_FIELDS = {
  ...EVIDENCE_FIELDS,
  log: [...EVIDENCE_FIELDS.log, 'Removed'],
} satisfies Query['fieldSelection'];

/**
 * Collects [fromBlock, toBlock] into folders under `directory`, one for each piece, each with
 * HyperSync's own Parquet files. Errors: those of HypersyncEndpoint.
 */
export async function collectPieces(
  request: PieceRequest,
  toBlock: number,
  directory: string,
): Promise<void> {
  const { fromBlock, endpoint, signal } = request;
  const sizer = new RangeSizer(DEFAULT_RANGE_LIMITS);
  let logs = 0;
  for (let next = fromBlock; next <= toBlock; ) {
    let end = next;
    const folder = join(directory, String(next));
    const piece = await endpoint.retrying(signal, async () => {
      end = Math.min(toBlock, next + sizer.nextBlocks - 1);
      await rm(folder, { recursive: true, force: true });
      return await collectPiece(request, next, end, folder).catch((error: unknown) => {
        const isSmaller = error instanceof RetryableError && sizer.halve(end - next + 1);
        // A smaller piece is another question, not a second try: no waiting for it.
        if (isSmaller && error instanceof PayloadTooLargeError) return null;
        throw error;
      });
    });
    if (piece === null) continue;
    sizer.observe({ blocks: end - next + 1, logs: piece.logs, bytes: piece.bytes });
    logs += piece.logs;
    next = end + 1;
    request.onProgress({ block: end, fromBlock, toBlock, logs });
  }
  await collectLastHeader(request, toBlock, join(directory, 'last-header'));
}

function selectionOf(request: PieceRequest): Pick<Query, 'logs' | 'transactions'> {
  const { addresses, topics0 } = request;
  if (addresses.length === 0 && topics0.length === 0) return { logs: [{}], transactions: [{}] };
  return {
    logs: [
      {
        ...(addresses.length > 0 ? { address: [...addresses] } : {}),
        ...(topics0.length > 0 ? { topics: [[...topics0]] } : {}),
      },
    ],
  };
}

/** One piece [fromBlock, toBlock] as HyperSync's own Parquet files with hex text. */
async function collectPiece(
  request: PieceRequest,
  fromBlock: number,
  toBlock: number,
  folder: string,
): Promise<{ readonly logs: number; readonly bytes: number }> {
  const { endpoint, signal } = request;
  const selection = selectionOf(request);
  const query = {
    fromBlock,
    toBlock: toBlock + 1,
    ...selection,
    includeAllBlocks: selection.transactions !== undefined,
    fieldSelection: ARCHIVE_FIELDS,
  };
  await collect(endpoint, query, folder, signal);
  await requireWhole(request, toBlock, await lastBlockOf(folder, fromBlock - 1));
  const logs = await parquetFacts(join(folder, ARCHIVE_FILES.logs));
  return { logs: logs.rows, bytes: logs.bytes };
}

/**
 * `collectParquet` returns nothing and may stop early without an error. Its pages come in order and
 * never split a block, so what lies above the highest block it wrote must be shown to be empty.
 */
async function requireWhole(
  request: PieceRequest,
  toBlock: number,
  reached: number,
): Promise<void> {
  for (let next = reached + 1; next <= toBlock; ) {
    const page = await request.endpoint.page(
      {
        fromBlock: next,
        toBlock: toBlock + 1,
        ...selectionOf(request),
        maxNumLogs: 1,
        maxNumTransactions: 1,
        fieldSelection: { log: ['BlockNumber'], transaction: ['BlockNumber'] },
      },
      request.signal,
    );
    if (page.data.logs.length + page.data.transactions.length > 0) {
      throw new RetryableError('A range came back without the logs that are in it.', {
        facts: { endpoint: request.endpoint.url, reached, toBlock },
      });
    }
    next = page.nextBlock;
  }
}

/** The last block's header, so that the archive's end has a hash even where no log fell into it. */
async function collectLastHeader(
  request: PieceRequest,
  toBlock: number,
  folder: string,
): Promise<void> {
  const query = {
    fromBlock: toBlock,
    toBlock: toBlock + 1,
    includeAllBlocks: true,
    fieldSelection: { block: ARCHIVE_FIELDS.block },
  };
  await request.endpoint.retrying(request.signal, async () => {
    await rm(folder, { recursive: true, force: true });
    await collect(request.endpoint, query, folder, request.signal);
    if ((await parquetFacts(join(folder, ARCHIVE_FILES.blocks))).rows === 1) return;
    throw new RetryableError('The header of the last block did not come.', {
      facts: { endpoint: request.endpoint.url, block: toBlock },
    });
  });
}

/**
 * Never asks the client's stream for blocks above the head: it would ask again without pause until
 * they are there. Throws RetryableError when the head went below the query's range.
 */
async function collect(
  endpoint: HypersyncEndpoint,
  query: Query & { readonly toBlock: number },
  folder: string,
  signal: AbortSignal,
): Promise<void> {
  const height = await endpoint.heightOnce(signal);
  if (height < query.toBlock - 1) {
    throw new RetryableError('The HyperSync endpoint is behind the height it named before.', {
      facts: { endpoint: endpoint.url, needed: query.toBlock - 1, height },
    });
  }
  await mkdir(folder, { recursive: true });
  await endpoint.collectParquet(folder, query, { hexOutput: 'Prefixed' }, signal);
}

/** Highest block number in a piece's files, or `fallback` when they are empty. */
async function lastBlockOf(folder: string, fallback: number): Promise<number> {
  let last = fallback;
  for (const table of ['blocks', 'transactions', 'logs'] as const) {
    const path = join(folder, ARCHIVE_FILES[table]);
    if ((await parquetFacts(path)).rows === 0) continue;
    const column = table === 'blocks' ? 'number' : 'block_number';
    const file = await asyncBufferFromFile(path);
    const rows = await parquetReadObjects({ file, columns: [column] });
    for (const row of rows) last = Math.max(last, Number(row[column]));
  }
  return last;
}

/** The client writes no file for a table without rows. */
async function parquetFacts(path: string): Promise<{ rows: number; bytes: number }> {
  const info = await stat(path).catch(() => null);
  if (!info) return { rows: 0, bytes: 0 };
  const metadata = await parquetMetadataAsync(await asyncBufferFromFile(path));
  return { rows: Number(metadata.num_rows), bytes: info.size };
}
