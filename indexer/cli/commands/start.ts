import { type Command, Option } from 'commander';
import { withSession } from '../command-session.ts';
import { portFlag } from '../flags.ts';
import { projectAgainIfStale } from '../project-again.ts';
import { followHead, runIndex } from '../run-index.ts';
import { addSourceFlags, type SourceFlags } from '../source-choice.ts';
import { openReader } from '../store-session.ts';

interface StartFlags extends SourceFlags {
  readonly data?: string;
  readonly port?: number;
  readonly host?: string;
  readonly follow?: boolean;
  readonly json?: boolean;
}

export function registerStart(program: Command): void {
  const command = program
    .command('start')
    .description('Index and serve in one process; without flags: the bundled archive, no network');
  addSourceFlags(command)
    .option('--data <dir>', 'data folder of the embedded engine (default .bulkhead)')
    .option('--port <port>', 'port of the API (default 4000; 0 = any free one)', portFlag)
    .option('--host <address>', 'address to listen on (default 127.0.0.1)')
    .addOption(new Option('--follow', 'keep indexing as the head moves'))
    .option('--json', 'print one JSON line instead of text')
    .action((flags: StartFlags) => start(flags));
}

async function start(flags: StartFlags): Promise<void> {
  await withSession(flags, async (session) => {
    const { settings, shutdown, logger, store, openSource } = session;
    // Loaded on use: the other commands start without GraphQL and charts.
    const { startApiServer } = await import('../../../api/server.ts');
    const server = await startApiServer({
      database: await openReader(settings, shutdown),
      host: flags.host ?? settings.host,
      port: flags.port ?? settings.port,
      logger,
    });
    shutdown.add(() => server.close());
    const chosen = await openSource(flags);
    await projectAgainIfStale(session, [chosen.plan]);
    const summary = await runIndex(chosen, store, shutdown.signal);
    shutdown.assertRunning();
    if (!flags.follow) await chosen.release();
    if (flags.json) {
      process.stdout.write(`${JSON.stringify({ url: server.url, ...summary })}\n`);
    } else {
      process.stdout.write(readyText(server.url, chosen.plan.source.isSynthetic));
    }
    // A follower or a server ends by being stopped: that is its normal end.
    if (flags.follow) await followHead(chosen, store, shutdown.signal);
    else await shutdown.requested();
  });
}

function readyText(url: string, isSynthetic: boolean): string {
  return [
    '',
    `  Bulkhead is ready: ${url}`,
    `  GraphiQL:          ${url}/graphql`,
    `  A chart by URL:    ${url}/v1/charts/liquidation-heatmap.svg`,
    ...(isSynthetic
      ? [
          '',
          '  The data are synthetic: what is real in them, and what not, stands on the start page.',
        ]
      : []),
    '',
    '  Stop with Ctrl+C; what is indexed stays in the data folder.',
    '',
  ].join('\n');
}
