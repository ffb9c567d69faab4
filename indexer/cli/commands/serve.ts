import type { Command } from 'commander';
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
    .action(async (flags: ServeFlags) => {
      const { withSession } = await import('../command-session.ts');
      const { serveStore } = await import('../serve-store.ts');
      await withSession(flags, async (session) => {
        const url = await serveStore(session, flags);
        process.stdout.write(flags.json ? `${JSON.stringify({ url })}\n` : `Serving on ${url}\n`);
        await session.shutdown.requested();
      });
    });
}
