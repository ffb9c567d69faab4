import type { Command } from 'commander';
import { OperatorError, UsageError } from '../../../schema/errors.ts';
import { DERIVED_TABLES, EVIDENCE_TABLES, type EventStore } from '../../store/event-store.ts';
import { blockFlag } from '../flags.ts';

interface RollbackFlags {
  readonly chain?: string;
  readonly chainId?: number;
  readonly to: number;
  readonly data?: string;
  readonly json?: boolean;
}

interface StoredChain {
  readonly chain: string;
  readonly chainId: number;
}

export function registerRollback(program: Command): void {
  program
    .command('rollback')
    .description(
      'Take back every block of a chain above one, as after a reorg deeper than it expects',
    )
    .option('--chain <name>', 'the chain, by its name in the store')
    .option('--chain-id <id>', 'the chain, by its id', blockFlag)
    .requiredOption('--to <block>', 'last block to keep', blockFlag)
    .option('--data <dir>', 'data folder of the embedded engine (default .bulkhead)')
    .option('--json', 'print what was taken back as one JSON line')
    .action(async (flags: RollbackFlags) => {
      const { withSession } = await import('../command-session.ts');
      await withSession(flags, async ({ store, board }) => {
        const chain = await chainOf(store, flags);
        const report = await rollBackTo(store, chain, flags.to, (text) => board.note(text));
        process.stdout.write(flags.json ? `${JSON.stringify(report)}\n` : textOf(report));
      });
    });
}

async function chainOf(store: EventStore, flags: RollbackFlags): Promise<StoredChain> {
  const rows = await store.select<{ chain: string; chain_id: string }>(
    'SELECT DISTINCT chain, chain_id FROM sources ORDER BY chain_id',
    {},
  );
  const stored = rows.map((row) => ({ chain: row.chain, chainId: Number(row.chain_id) }));
  const meant = stored.filter(
    ({ chain, chainId }) =>
      (flags.chain === undefined || chain === flags.chain) &&
      (flags.chainId === undefined || chainId === flags.chainId),
  );
  const [only] = meant;
  if (only && meant.length === 1) return only;
  throw new UsageError(
    meant.length === 0
      ? 'The store holds no such chain.'
      : 'The store holds several such chains: name one.',
    {
      facts: {
        stored: stored.map(({ chain, chainId }) => `${chain} (${chainId})`).join(', ') || 'nothing',
      },
      remedy:
        'Give --chain NAME or --chain-id ID of a stored chain, and --data if it is elsewhere.',
    },
  );
}

async function rollBackTo(
  store: EventStore,
  { chain, chainId }: StoredChain,
  toBlock: number,
  onRepaired: (text: string) => void,
) {
  const [extent] = await store.select<{ first: string; head: string; commits: string }>(
    `SELECT min(from_block) AS first, max(to_block) AS head, count() AS commits
     FROM commits WHERE chain_id = {chainId:UInt64} AND stage = 'land'`,
    { chainId },
  );
  if (!extent || extent.commits === '0') {
    throw new OperatorError('Nothing of this chain is stored.', { facts: { chain, chainId } });
  }
  const first = Number(extent.first);
  const head = Number(extent.head);
  if (toBlock > head || toBlock < first) {
    throw new UsageError('That block is not among the stored ones.', {
      facts: { chain, asked: toBlock, 'first block': first, 'last block': head },
      remedy: 'Give the last block to keep, from the first to the last stored block.',
    });
  }
  // The part of a commit that stays is counted anew: what is wrong in it now would be so for good.
  for (const text of await store.repair(chainId)) onRepaired(text);
  const rows = await rowsAbove(store, chainId, toBlock);
  if (toBlock < head) await store.rollBack(chainId, toBlock, 'by hand: bulkhead rollback');
  return { chain, chainId, fromBlock: head, toBlock, blocks: head - toBlock, rows };
}

async function rowsAbove(
  store: EventStore,
  chainId: number,
  toBlock: number,
): Promise<Record<string, number>> {
  const counts = await store.select<{ name: string; rows: string }>(
    [...EVIDENCE_TABLES, ...DERIVED_TABLES]
      .map(
        (table) => `SELECT '${table}' AS name, count() AS rows FROM ${table}
          WHERE chain_id = {chainId:UInt64} AND block_number > {toBlock:Int64}`,
      )
      .join(' UNION ALL '),
    { chainId, toBlock },
  );
  return Object.fromEntries(counts.map(({ name, rows }) => [name, Number(rows)]));
}

function textOf(report: Awaited<ReturnType<typeof rollBackTo>>): string {
  const { chain, fromBlock, toBlock, blocks, rows } = report;
  if (blocks === 0) return `${chain} ends at block ${toBlock} already: nothing was taken back.\n`;
  const total = Object.values(rows).reduce((sum, count) => sum + count, 0);
  return `Rolled back ${chain} from block ${fromBlock} to ${toBlock}: ${blocks} blocks, ${total} rows taken back.\n`;
}
