/** The process behind startReplayProcess: loads the archive, reports its URL, ends with its parent. */
import { AppError } from '../../schema/errors.ts';
import type { ReplayReport } from './replay-process.ts';
import { type ReplayOptions, ReplayServer } from './replay-server.ts';

process.once('disconnect', () => process.exit(0));
// Ctrl-C reaches the whole process group: the parent still reads from here while it stops in order.
process.on('SIGINT', () => undefined);

function report(message: ReplayReport): void {
  process.send?.(message);
}

async function serve(directory: string, options: Partial<ReplayOptions>): Promise<void> {
  try {
    const server = await ReplayServer.fromArchive(directory, { keepRequests: false, ...options });
    report({ kind: 'listening', url: await server.listen() });
  } catch (error) {
    const isOurs = error instanceof AppError;
    report({
      kind: 'failed',
      errorName: isOurs ? error.name : '',
      message: error instanceof Error ? error.message : String(error),
      facts: isOurs ? error.facts : {},
      remedy: isOurs ? error.remedy : undefined,
    });
  }
}

const [, , directory = '', options = '{}'] = process.argv;
await serve(directory, JSON.parse(options));
