import {
  accessSync,
  constants,
  mkdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { OperatorError } from '../errors.ts';

/** Below this the engine is not even opened: a part half written is worse than a clear refusal. */
export const MINIMUM_FREE_BYTES = 200 * 1024 * 1024;

const OWNER_FILE = 'bulkhead.pid';

/** Where the engine keeps its files within a data folder. */
export function engineFolder(dataDir: string): string {
  return join(resolve(dataDir), 'clickhouse');
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Process that holds the folder by its own word, or null when that process is gone. */
function ownerOf(dataDir: string): number | null {
  try {
    const pid = Number(readFileSync(join(dataDir, OWNER_FILE), 'utf8'));
    return Number.isInteger(pid) && pid > 0 && isRunning(pid) ? pid : null;
  } catch {
    return null;
  }
}

/**
 * Makes the folder and checks that it can hold a store.
 * @throws OperatorError when it cannot be made or written, or the disk is nearly full.
 */
export function prepareDataFolder(dataDir: string, minimumFreeBytes = MINIMUM_FREE_BYTES): void {
  const folder = resolve(dataDir);
  try {
    mkdirSync(engineFolder(folder), { recursive: true });
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    accessSync(engineFolder(folder), constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new OperatorError('The data folder cannot be written.', {
      facts: { folder, fault: (error as NodeJS.ErrnoException).code ?? String(error) },
      remedy: 'Choose another folder with --data, or change its owner or rights.',
      cause: error,
    });
  }
  const { bavail, bsize } = statfsSync(folder);
  const freeBytes = bavail * bsize;
  if (freeBytes < minimumFreeBytes) {
    throw new OperatorError('The disk of the data folder is nearly full.', {
      facts: {
        folder,
        freeMegabytes: toMegabytes(freeBytes),
        neededMegabytes: toMegabytes(minimumFreeBytes),
      },
      remedy: 'Free some space, or choose a folder on another disk with --data.',
    });
  }
}

/** Says who has the folder. The engine's own lock decides; the pid file only names the holder. */
export function folderInUseError(dataDir: string, cause: unknown): OperatorError {
  const folder = resolve(dataDir);
  const pid = ownerOf(folder);
  const holder = pid === null ? 'another process' : `process ${pid}`;
  return new OperatorError(`The data folder is in use by ${holder}.`, {
    facts: { folder },
    remedy:
      'Stop that process, or choose another folder with --data. To index and serve at once use `bulkhead start`, or a ClickHouse server (CLICKHOUSE_URL).',
    cause,
  });
}

/** Leaves our pid in the folder, for the message another process will show. */
export function markOwner(dataDir: string): void {
  writeFileSync(join(resolve(dataDir), OWNER_FILE), String(process.pid));
}

export function unmarkOwner(dataDir: string): void {
  rmSync(join(resolve(dataDir), OWNER_FILE), { force: true });
}

function toMegabytes(bytes: number): number {
  return Math.floor(bytes / (1024 * 1024));
}
