import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type ArchiveManifest, archiveManifestSchema } from '../../schema/archive-manifest.ts';
import { CorruptDataError, UsageError } from '../../schema/errors.ts';

const MANIFEST_FILE = 'archive.json';
const MAKE_ONE = 'Name a folder made by `bulkhead record`, or one under archives/.';

/**
 * Reads and checks `archive.json` of an archive folder. Errors: UsageError when the folder or the
 * file is not there, CorruptDataError when it says something impossible.
 */
export async function readArchiveManifest(directory: string): Promise<ArchiveManifest> {
  const path = join(directory, MANIFEST_FILE);
  const parsed = archiveManifestSchema.safeParse(
    parseManifest(path, await readText(directory, path)),
  );
  if (!parsed.success) {
    throw new CorruptDataError('The archive has a bad manifest.', {
      facts: { file: path, problems: z.prettifyError(parsed.error) },
      remedy: 'Correct archive.json, or record the archive again.',
    });
  }
  const { fromBlock, toBlock } = parsed.data;
  if (fromBlock > toBlock) {
    throw new CorruptDataError('The archive has a bad manifest: fromBlock lies beyond toBlock.', {
      facts: { file: path, fromBlock, toBlock },
    });
  }
  return parsed.data;
}

async function readText(directory: string, path: string): Promise<string> {
  const folder = await stat(directory).catch(() => null);
  if (!folder?.isDirectory()) {
    throw new UsageError(folder ? 'The archive is not a folder.' : 'There is no such archive.', {
      facts: { archive: directory },
      remedy: MAKE_ONE,
    });
  }
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new UsageError('The folder holds no archive: archive.json cannot be read.', {
      facts: { file: path, reason: cause instanceof Error ? cause.message : String(cause) },
      remedy: MAKE_ONE,
      cause,
    });
  }
}

function parseManifest(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CorruptDataError('The archive has a bad manifest: it is not JSON.', {
      facts: { file: path, reason: cause instanceof Error ? cause.message : String(cause) },
      cause,
    });
  }
}
