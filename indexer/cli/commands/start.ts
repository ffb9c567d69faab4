import type { Command } from 'commander';
import type { CommandSession } from '../command-session.ts';
import { portFlag } from '../flags.ts';
import type { ChainSummary } from '../run-chains.ts';
import type { ChosenSource } from '../source-choice.ts';
import { addSourceFlags, type SourceFlags } from '../source-flags.ts';

interface StartFlags extends SourceFlags {
  readonly data?: string;
  readonly port?: number;
  readonly host?: string;
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
    .option('--json', 'print one JSON line instead of text')
    .action(async (flags: StartFlags) => {
      const { withSession } = await import('../command-session.ts');
      await withSession(flags, (session) => start(flags, session));
    });
}

async function start(flags: StartFlags, session: CommandSession): Promise<void> {
  const { shutdown } = session;
  const { serveStore } = await import('../serve-store.ts');
  const url = await serveStore(session, flags);
  const chosen = await session.openSources(flags);
  const { projectAgainIfStale } = await import('../project-again.ts');
  await projectAgainIfStale(
    session,
    chosen.map(({ plan }) => plan),
    flags.follow === true,
  );
  const { settled, running, hasEnded } = await runUntilSettled(chosen, flags, session);
  const summaries = await settled;
  // Also when following: nothing is ready where every chain has failed.
  if (!flags.follow || hasEnded()) await running;
  if (!flags.follow) {
    shutdown.assertRunning();
    await Promise.all(chosen.map((one) => one.release()));
  }
  if (!shutdown.signal.aborted) {
    const isSynthetic = chosen.some(({ plan }) => plan.source.isSynthetic);
    process.stdout.write(flags.json ? readyLine(url, summaries) : readyText(url, isSynthetic));
  }
  // A follower or a server ends by being stopped: that is its normal end.
  await running;
  await shutdown.requested();
}

/** `settled`: every chain has caught up, has ended, or waits for something to pass. */
async function runUntilSettled(
  chosen: readonly ChosenSource[],
  flags: StartFlags,
  { store, shutdown, board }: CommandSession,
) {
  const { runChains } = await import('../run-chains.ts');
  const summaries: ChainSummary[] = [];
  let hasEnded = false;
  let running: Promise<void> = Promise.resolve();
  const settled = new Promise<readonly ChainSummary[]>((done) => {
    let waitingFor = chosen.length;
    running = runChains({
      chosen,
      store,
      follow: flags.follow === true,
      data: flags.data,
      signal: shutdown.signal,
      board,
      onCaughtUp: (summary) => summaries.push(summary),
      onSettled: () => {
        waitingFor -= 1;
        // The end of the last chain, if this is it, shows a moment later.
        if (waitingFor === 0) setImmediate(() => done(summaries));
      },
    });
    // It is awaited later; until then a failure must not count as unhandled.
    running
      .catch(() => {})
      .finally(() => {
        hasEnded = true;
      });
  });
  return { settled, running, hasEnded: () => hasEnded };
}

function readyLine(url: string, summaries: readonly ChainSummary[]): string {
  const [first] = summaries;
  const others = summaries.length > 1 ? { chains: summaries } : {};
  return `${JSON.stringify({ url, ...first, ...others })}\n`;
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
