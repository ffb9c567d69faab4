import type { CommandSession } from './command-session.ts';
import { openReader } from './store-session.ts';

/** Serves the API over the session's store, on a connection of its own; closed with the session. */
export async function serveStore(
  { settings, shutdown, logger }: Pick<CommandSession, 'settings' | 'shutdown' | 'logger'>,
  flags: { readonly host?: string; readonly port?: number },
): Promise<string> {
  // Loaded on use: the other commands start without GraphQL and charts.
  const { startApiServer } = await import('../../api/server.ts');
  const server = await startApiServer({
    database: await openReader(settings, shutdown),
    host: flags.host ?? settings.host,
    port: flags.port ?? settings.port,
    logger,
  });
  shutdown.add(() => server.close());
  return server.url;
}
