import { mkdir, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { type ArchiveManifest, archiveManifestSchema } from '../../schema/archive-manifest.ts';
import { OperatorError, UsageError } from '../../schema/errors.ts';
import { ARCHIVE_FILES, type ArchiveTable } from './archive-columns.ts';
import { requirePlainPath, writeArchiveTable } from './archive-writer.ts';
import { collectPieces, type PieceRequest } from './piece-collector.ts';

export interface RecordingRequest extends PieceRequest {
  /** The folder to make; must not exist. */
  readonly directory: string;
  readonly name: string;
  readonly description: string;
  readonly chain: string;
  readonly synthetic: boolean;
}

export interface Recording {
  readonly manifest: ArchiveManifest;
  readonly rows: Readonly<Record<ArchiveTable, number>>;
}

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
  const work = await makeWorkDirectory(directory);
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

/** Beside the target, so that the end is a rename. Throws OperatorError. */
async function makeWorkDirectory(directory: string): Promise<string> {
  try {
    await mkdir(dirname(directory), { recursive: true });
    return await mkdtemp(join(dirname(directory), `.${basename(directory)}-recording-`));
  } catch (cause) {
    throw new OperatorError('The folder to record into cannot be made.', {
      facts: { folder: directory, reason: cause instanceof Error ? cause.message : `${cause}` },
      remedy: 'Choose an --out on a disk that can be written.',
      cause,
    });
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
