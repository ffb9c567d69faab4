import { mkdir, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { Query } from '@envio-dev/hypersync-client';
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { type ArchiveManifest, archiveManifestSchema } from '../../schema/archive-manifest.ts';
import { RetryableError, UsageError } from '../../schema/errors.ts';
import { PayloadTooLargeError } from '../source/client-errors.ts';
import type { HypersyncEndpoint } from '../source/hypersync-endpoint.ts';
import { DEFAULT_RANGE_LIMITS, RangeSizer } from '../source/range-sizer.ts';
import { ARCHIVE_FILES, type ArchiveTable } from './archive-columns.ts';
import { requirePlainPath, writeArchiveTable } from './archive-writer.ts';

export interface RecordingRequest {
  readonly endpoint: HypersyncEndpoint;
  /** The folder to make; must not exist. */
  readonly directory: string;
  readonly name: string;
  readonly description: string;
  readonly chain: string;
  readonly synthetic: boolean;
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

export interface Recording {
  readonly manifest: ArchiveManifest;
  readonly rows: Readonly<Record<ArchiveTable, number>>;
}

const ARCHIVE_FIELDS = {
  block: ['Number', 'Hash', 'ParentHash', 'Timestamp'],
  transaction: [
    'BlockNumber',
    'TransactionIndex',
    'Hash',
    'From',
    'To',
    'Status',
    'GasUsed',
    'EffectiveGasPrice',
  ],
  log: [
    'BlockNumber',
    'BlockHash',
    'TransactionHash',
    'TransactionIndex',
    'LogIndex',
    'Address',
    'Topic0',
    'Topic1',
    'Topic2',
    'Topic3',
    'Data',
    'Removed',
  ],
} satisfies Query['fieldSelection'];

/**
 * Records a block range of a HyperSync endpoint as an archive folder, through `collectParquet` in
 * bounded pieces. The folder appears whole under its name at the very end, or not at all.
 * Errors: UsageError (folder exists, range above the head), those of HypersyncEndpoint.
 */
export async function recordArchive(request: RecordingRequest): Promise<Recording> {
  const directory = resolve(request.directory);
  requirePlainPath(directory);
  await requireAbsent(directory);
  const head = await request.endpoint.head(request.signal);
  if (request.fromBlock > head.height) {
    throw new UsageError('The range to record lies beyond the head of the chain.', {
      facts: { fromBlock: request.fromBlock, head: head.height },
      remedy: 'Choose a lower --from.',
    });
  }
  // The client's stream never ends when it is asked for blocks that the endpoint does not have.
  const toBlock = Math.min(request.toBlock, head.height);
  const manifest = makeManifest(request, head.chainId, toBlock);
  await mkdir(dirname(directory), { recursive: true });
  const work = await mkdtemp(join(dirname(directory), `.${basename(directory)}-recording-`));
  try {
    await collectPieces(request, toBlock, join(work, 'pieces'));
    const rows = await writeArchive(work, manifest);
    await requireAbsent(directory);
    await rename(join(work, 'archive'), directory);
    return { manifest, rows };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function requireAbsent(directory: string): Promise<void> {
  if ((await stat(directory).catch(() => null)) === null) return;
  throw new UsageError('The folder to record into exists already.', {
    facts: { folder: directory },
    remedy: 'Choose another --out, or remove the folder.',
  });
}

function makeManifest(
  request: RecordingRequest,
  chainId: number,
  toBlock: number,
): ArchiveManifest {
  const { addresses, topics0 } = request;
  const filters = [
    ...(addresses.length > 0 ? [`addresses ${addresses.join(', ')}`] : []),
    ...(topics0.length > 0 ? [`topic0 ${topics0.join(', ')}`] : []),
  ];
  const what =
    filters.length > 0
      ? `logs of ${filters.join(' and ')}, with their transactions and headers`
      : 'every log, transaction and header';
  const parsed = archiveManifestSchema.safeParse({
    name: request.name,
    chainId,
    chain: request.chain,
    fromBlock: request.fromBlock,
    toBlock,
    description: request.description,
    provenance:
      `Recorded by bulkhead from the HyperSync endpoint ${new URL(request.endpoint.url).host} ` +
      `on ${new Date().toISOString()}: ${what}.`,
    synthetic: request.synthetic,
    protocols: {},
  });
  if (parsed.success) return parsed.data;
  throw new UsageError('The archive cannot be called that.', {
    facts: { name: request.name },
    remedy: 'Give a --name of lower-case letters, digits and dashes (80 at most).',
  });
}

async function collectPieces(
  request: RecordingRequest,
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

function selectionOf(request: RecordingRequest): Pick<Query, 'logs' | 'transactions'> {
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
  request: RecordingRequest,
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
  request: RecordingRequest,
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
  request: RecordingRequest,
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
  await endpoint.collectParquet(folder, query, { hexOutput: 'Prefixed' }, signal, () => undefined);
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

async function writeArchive(
  work: string,
  manifest: ArchiveManifest,
): Promise<Record<ArchiveTable, number>> {
  const directory = join(work, 'archive');
  await mkdir(directory);
  const write = (table: ArchiveTable) =>
    writeArchiveTable(table, directory, {
      path: join(work, 'pieces', '*', ARCHIVE_FILES[table]),
      format: 'Parquet',
    });
  const rows = {
    blocks: await write('blocks'),
    transactions: await write('transactions'),
    logs: await write('logs'),
  };
  await writeFile(join(directory, 'archive.json'), `${JSON.stringify(manifest, null, 1)}\n`);
  return rows;
}
