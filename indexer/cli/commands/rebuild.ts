import type { Command } from 'commander';
import type { RebuiltChain } from '../../rebuild/rebuild.ts';
import { blockFlag, portFlag } from '../flags.ts';

interface RebuildFlags {
  readonly data?: string;
  readonly chainId?: number;
  readonly serve?: boolean;
  readonly port?: number;
  readonly host?: string;
  readonly json?: boolean;
}

export function registerRebuild(program: Command): void {
  program
    .command('rebuild')
    .description('Project the stored raw logs again, without network, then swap the tables in')
    .option('--data <dir>', 'data folder of the embedded engine (default .bulkhead)')
    .option('--chain-id <id>', 'only this chain of the store', blockFlag)
    .option('--serve', 'serve the API meanwhile and afterwards, until stopped')
    .option('--port <port>', 'port of the API (default 4000; 0 = any free one)', portFlag)
    .option('--host <address>', 'address to listen on (default 127.0.0.1)')
    .option('--json', 'print the summary of each chain as one JSON line')
    .action((flags: RebuildFlags) => run(flags));
}

async function run(flags: RebuildFlags): Promise<void> {
  const { withSession } = await import('../command-session.ts');
  await withSession(flags, async (session) => {
    const { storedPlans } = await import('../../rebuild/stored-plans.ts');
    const plans = await storedPlans(session.store, flags.chainId ?? null);
    if (flags.serve) {
      const { serveStore } = await import('../serve-store.ts');
      const url = await serveStore(session, flags);
      print(
        flags.json ? JSON.stringify({ url }) : `Serving on ${url} while the tables are rebuilt`,
      );
    }
    const { rebuildNow } = await import('../project-again.ts');
    for (const chain of await rebuildNow(session, plans)) {
      print(flags.json ? JSON.stringify(chain) : textOf(chain));
    }
    if (flags.serve) await session.shutdown.requested();
  });
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function textOf({ chain, toBlock, events, changes }: RebuiltChain): string {
  const head = `Rebuilt ${chain} to block ${toBlock}: ${events} events.`;
  if (changes.length === 0) return `${head} Every table is as it was.`;
  const lines = changes.map(
    ({ table, rowsBefore, rowsAfter, digestBefore, digestAfter }) =>
      `  ${table.padEnd(18)} ${rowsBefore ?? '?'} → ${rowsAfter} rows  ${digestBefore ?? 'unreadable'} → ${digestAfter}`,
  );
  return [`${head} Changed:`, ...lines].join('\n');
}
