import type { Command } from 'commander';
import { withSession } from '../command-session.ts';
import { portFlag } from '../flags.ts';

interface ServeFlags {
  readonly data?: string;
  readonly port?: number;
  readonly host?: string;
  readonly json?: boolean;
}

export function registerServe(program: Command): void {
  program
    .command('serve')
    .description('Serve the API and the start page over an existing store')
    .option('--data <dir>', 'data folder of the embedded engine (default .bulkhead)')
    .option('--port <port>', 'port of the API (default 4000; 0 = any free one)', portFlag)
    .option('--host <address>', 'address to listen on (default 127.0.0.1)')
    .option('--json', 'print one JSON line instead of text')
    .action((flags: ServeFlags) =>
      withSession(flags, async ({ settings, shutdown, logger, database }) => {
        // Loaded on use: the other commands start without GraphQL and charts.
        const { startApiServer } = await import('../../../api/server.ts');
        const server = await startApiServer({
          database,
          host: flags.host ?? settings.host,
          port: flags.port ?? settings.port,
          logger,
        });
        shutdown.add(() => server.close());
        process.stdout.write(
          flags.json ? `${JSON.stringify({ url: server.url })}\n` : `Serving on ${server.url}\n`,
        );
        await shutdown.requested();
      }),
    );
}
