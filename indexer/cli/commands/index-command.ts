import type { Command } from 'commander';
import type { CommandSession } from '../command-session.ts';
import type { ChainSummary } from '../run-chains.ts';
import { addSourceFlags, type SourceFlags } from '../source-flags.ts';

interface IndexFlags extends SourceFlags {
  readonly data?: string;
  readonly json?: boolean;
}

export function registerIndex(program: Command): void {
  const command = program
    .command('index')
    .description('Index chains or an archive into the store, then end (or --follow)');
  addSourceFlags(command)
    .option('--data <dir>', 'data folder of the embedded engine (default .bulkhead)')
    .option('--json', 'print the summary of each chain as one JSON line')
    .action(async (flags: IndexFlags) => {
      // Loaded on use, as in every command: help and wrong flags are told without engine and adapters.
      const { withSession } = await import('../command-session.ts');
      await withSession(flags, (session) => index(flags, session));
    });
}

async function index(flags: IndexFlags, session: CommandSession): Promise<void> {
  const { shutdown, store, board } = session;
  const follow = flags.follow === true;
  const chosen = await session.openSources(flags);
  const { projectAgainIfStale } = await import('../project-again.ts');
  await projectAgainIfStale(
    session,
    chosen.map(({ plan }) => plan),
    follow,
  );
  const { runChains } = await import('../run-chains.ts');
  await runChains({
    chosen,
    store,
    follow,
    data: flags.data,
    signal: shutdown.signal,
    board,
    onCaughtUp: (summary) => process.stdout.write(textOf(summary, flags.json === true)),
  });
  // A follower ends by being stopped: that is its normal end.
  if (!follow) shutdown.assertRunning();
}

function textOf(summary: ChainSummary, asJson: boolean): string {
  const { chain, toBlock, logs, events } = summary;
  return asJson
    ? `${JSON.stringify(summary)}\n`
    : `Indexed ${chain} to block ${toBlock}: ${logs} logs, ${events} events.\n`;
}
