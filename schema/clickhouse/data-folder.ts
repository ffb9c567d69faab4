import { accessSync, constants, existsSync, mkdirSync, readFileSync, statfsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { OperatorError } from '../errors.ts';

/** Below this the engine is not even opened: a part half written is worse than a clear refusal. */
export const MINIMUM_FREE_BYTES = 200 * 1024 * 1024;

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

/** Process named in the engine's status file, or null when there is none or it is gone. */
function holderOf(dataDir: string): number | null {
  try {
    const status = readFileSync(join(engineFolder(dataDir), 'status'), 'utf8');
    const pid = Number(/^PID: (\d+)/m.exec(status)?.[1] ?? 0);
    return pid > 0 && pid !== process.pid && isRunning(pid) ? pid : null;
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
    makeFolder(engineFolder(folder));
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

/**
 * Why the engine did not open the folder. It tells us only that it could not (the reason goes to
 * its own stderr), but a folder in use has the holder's process id in its status file. That file
 * outlives a killed process, so it is read only after the engine has refused.
 */
export function openingError(dataDir: string, cause: unknown): OperatorError {
  const facts = { folder: resolve(dataDir) };
  const pid = holderOf(dataDir);
  if (pid !== null) {
    return new OperatorError(`The data folder is in use by process ${pid}.`, {
      facts,
      remedy:
        'Stop that process, or choose another folder with --data. To index and serve at once use `bulkhead start`, or a ClickHouse server (CLICKHOUSE_URL).',
      cause,
    });
  }
  return new OperatorError('The engine could not open the data folder.', {
    facts: { ...facts, answer: cause instanceof Error ? cause.message.slice(0, 300) : '' },
    remedy:
      'The line above it on stderr is the reason. If another program uses the folder, stop it; if the files are damaged, index into another folder (--data).',
    cause,
  });
}

/** One level at a time: Node's own recursive form never ends where a folder cannot be made under /proc. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  mkdirSync(path);
}

function toMegabytes(bytes: number): number {
  return Math.floor(bytes / (1024 * 1024));
}
