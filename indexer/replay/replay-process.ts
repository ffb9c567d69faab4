import { type ChildProcess, fork } from 'node:child_process';
import type { ArchiveManifest } from '../../schema/archive-manifest.ts';
import { childExecArgv, childModule } from '../../schema/child-process.ts';
import {
  AppError,
  CorruptDataError,
  type ErrorDetails,
  OperatorError,
  RetryableError,
  UsageError,
} from '../../schema/errors.ts';
import { readArchiveManifest } from './archive-manifest-file.ts';
import type { ReplayOptions } from './replay-server.ts';

/** Child → parent. */
export type ReplayReport =
  | { readonly kind: 'listening'; readonly url: string }
  | {
      readonly kind: 'failed';
      readonly errorName: string;
      readonly message: string;
      readonly facts: AppError['facts'];
      readonly remedy: string | undefined;
    };

export interface ReplayProcess {
  readonly url: string;
  readonly manifest: ArchiveManifest;
  /** Resolves when the child is gone. May be called twice. */
  close(): Promise<void>;
}

const ERROR_CLASSES = { UsageError, CorruptDataError, OperatorError, RetryableError };
const EXIT_GRACE_MS = 2000;

/**
 * Serves an archive from a child process: the client builds its rows on the main thread, and a
 * server there would wait for it. The child ends with its parent. Errors: those of loadArchive,
 * with message, facts and remedy as the child saw them; OperatorError when the child cannot run.
 */
export async function startReplayProcess(
  archiveDirectory: string,
  options: Partial<ReplayOptions> = {},
): Promise<ReplayProcess> {
  const manifest = await readArchiveManifest(archiveDirectory);
  const entry = childModule(new URL('./replay-child.ts', import.meta.url));
  const child = fork(entry, [archiveDirectory, JSON.stringify(options)], {
    execArgv: childExecArgv(),
    serialization: 'advanced',
    // Its stdout goes to our stderr: stdout may be a pipe that carries --json.
    stdio: ['ignore', 2, 2, 'ipc'],
  });
  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  try {
    return { url: await waitForUrl(child), manifest, close: () => end(child, gone) };
  } catch (error) {
    await end(child, gone);
    throw error;
  }
}

function waitForUrl(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once('message', (report: ReplayReport) => {
      if (report.kind === 'listening') resolve(report.url);
      else reject(errorOf(report));
    });
    child.once('error', (cause) => {
      reject(new OperatorError('The replay process cannot be started.', { cause }));
    });
    child.once('exit', (code, signal) => {
      reject(
        new OperatorError('The replay process ended before it could serve the archive.', {
          facts: { exit: code ?? signal ?? 'unknown' },
        }),
      );
    });
  });
}

function errorOf(report: Extract<ReplayReport, { kind: 'failed' }>): AppError {
  const details: ErrorDetails = {
    facts: report.facts,
    ...(report.remedy === undefined ? {} : { remedy: report.remedy }),
  };
  const name = report.errorName;
  const ErrorClass = isErrorName(name) ? ERROR_CLASSES[name] : AppError;
  return new ErrorClass(report.message, details);
}

function isErrorName(name: string): name is keyof typeof ERROR_CLASSES {
  return Object.hasOwn(ERROR_CLASSES, name);
}

async function end(child: ChildProcess, gone: Promise<void>): Promise<void> {
  if (child.connected) child.disconnect();
  const timer = setTimeout(() => child.kill('SIGKILL'), EXIT_GRACE_MS);
  await gone;
  clearTimeout(timer);
}
