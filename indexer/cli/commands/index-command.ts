import type { Command } from 'commander';
import { withSession } from '../command-session.ts';
import { projectAgainIfStale } from '../project-again.ts';
import { followHead, runIndex } from '../run-index.ts';
import { addSourceFlags, type SourceFlags } from '../source-choice.ts';

interface IndexFlags extends SourceFlags {
  readonly data?: string;
  readonly follow?: boolean;
  readonly json?: boolean;
}

export function registerIndex(program: Command): void {
  const command = program
    .command('index')
    .description('Index a chain or an archive into the store, then end (or --follow)');
  addSourceFlags(command)
    .option('--data <dir>', 'data folder of the embedded engine (default .bulkhead)')
    .option('--follow', 'keep indexing as the head moves')
    .option('--json', 'print the summary as one JSON line')
    .action((flags: IndexFlags) =>
      withSession(flags, async (session) => {
        const { shutdown, store, openSource } = session;
        const chosen = await openSource(flags);
        await projectAgainIfStale(session, [chosen.plan]);
        const summary = await runIndex(chosen, store, shutdown.signal);
        shutdown.assertRunning();
        process.stdout.write(
          flags.json
            ? `${JSON.stringify(summary)}\n`
            : `Indexed ${summary.chain} to block ${summary.toBlock}: ${summary.logs} logs, ${summary.events} events.\n`,
        );
        if (flags.follow) await followHead(chosen, store, shutdown.signal);
      }),
    );
}
