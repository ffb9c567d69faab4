import type { Database } from '../../schema/clickhouse/database.ts';
import { readSettings, type Settings, secretsOf } from '../../schema/settings.ts';
import { createLogger, type Logger } from '../observability/logger.ts';
import { ProgressBoard } from '../observability/progress-board.ts';
import type { WriterGuard } from '../store/chain-writer.ts';
import type { EventStore } from '../store/event-store.ts';
import { ChainsFailedError } from './chains-failed-error.ts';
import { Shutdown } from './shutdown.ts';
import type { ChosenSource } from './source-choice.ts';
import type { SourceFlags } from './source-flags.ts';
import { openStore } from './store-session.ts';

/** What a command that works on the store has at hand. Everything is closed when it ends. */
export interface CommandSession {
  readonly settings: Settings;
  readonly shutdown: Shutdown;
  readonly logger: Logger;
  readonly database: Database;
  readonly store: EventStore;
  /** Who may write the chains of the store; null where no other process can. */
  readonly guard: WriterGuard | null;
  /** What is shown on stderr while the command works. */
  readonly board: ProgressBoard;
  openSources(flags: SourceFlags): Promise<readonly ChosenSource[]>;
}

/** Settings from flags, then the environment; store open; closed again whatever happens. */
export async function withSession(
  flags: { readonly data?: string },
  work: (session: CommandSession) => Promise<void>,
): Promise<void> {
  const environment = readSettings(process.env);
  const settings =
    flags.data === undefined ? environment : { ...environment, dataDirectory: flags.data };
  const shutdown = new Shutdown();
  shutdown.listen();
  const session = async () => {
    const { database, store, guard } = await openStore(settings, shutdown);
    await work({
      settings,
      shutdown,
      logger: createLogger({ level: settings.logLevel, secrets: secretsOf(settings) }),
      database,
      store,
      guard,
      board: new ProgressBoard(),
      openSources: async (sourceFlags) => {
        // Loaded on use: the adapters of all venues hang on it.
        const { chooseSources } = await import('./source-choice.ts');
        return chooseSources(sourceFlags, settings, shutdown);
      },
    });
  };
  try {
    await shutdown.letGoAfterRequest(session());
  } catch (error) {
    // Whatever an aborted call throws, the reason is the request to stop; a chain that had failed
    // before has failed all the same.
    if (!(error instanceof ChainsFailedError)) shutdown.assertRunning();
    throw error;
  } finally {
    await shutdown.close();
  }
}
