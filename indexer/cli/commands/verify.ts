import { type Command, Option } from 'commander';
import { OperatorError, UsageError } from '../../../schema/errors.ts';
import type { ChainAudit } from '../../audit/audit-chain.ts';
import type { ChainPlan } from '../../pipeline/chain-plan.ts';
import type { EventStore } from '../../store/event-store.ts';
import type { AuditSourceFlags } from '../audit-source.ts';
import type { CommandSession } from '../command-session.ts';
import { blockFlag, integerFlag } from '../flags.ts';

interface VerifyFlags extends AuditSourceFlags {
  readonly data?: string;
  readonly chainId?: number;
  readonly sample?: number;
  readonly full?: boolean;
  readonly seed?: number;
  readonly json?: boolean;
}

const DEFAULT_SAMPLE = 3;

/** Nothing is said of short work: on a terminal a person waits, elsewhere it is a line in a log. */
const PROGRESS_MILLIS = process.stderr.isTTY ? 2_000 : 60_000;

export function registerVerify(program: Command): void {
  program
    .command('verify')
    .description(
      'Audit the store against itself and its source; exit code 1 when anything is off (docs/verify.md)',
    )
    .option('--data <dir>', 'data folder of the embedded engine (default .bulkhead)')
    .option('--chain-id <id>', 'only this chain of the store', integerFlag(1, 2 ** 53 - 1))
    .option(
      '--sample <ranges>',
      `block ranges to project again and compare (default ${DEFAULT_SAMPLE})`,
      integerFlag(0, 10_000),
    )
    .addOption(new Option('--full', 'project everything again and compare').conflicts('sample'))
    .option(
      '--seed <number>',
      'chooses the ranges; printed, so that a run can be repeated',
      blockFlag,
    )
    .addOption(new Option('--archive <dir>', 'compare with this archive').conflicts('chain'))
    .option('--chain <name>', 'compare with this public chain by HyperSync')
    .option('--hypersync-url <url>', 'another endpoint of that chain or archive')
    .option('--json', 'print { ok, tables, findings, checks, chains } as JSON')
    .action(async (flags: VerifyFlags) => {
      const { withSession } = await import('../command-session.ts');
      await withSession(flags, (session) => verify(session, flags));
    });
}

async function verify(session: CommandSession, flags: VerifyFlags): Promise<void> {
  const { settings, shutdown, store } = session;
  const { namedSource, sourceToAsk } = await import('../audit-source.ts');
  const named = await namedSource(flags, settings, shutdown);
  const plans = await plansOf(store, flags.chainId ?? null);
  if (named && plans.every((plan) => plan.source.chain !== named.chain)) {
    throw new UsageError('The store does not hold the chain of that source.', {
      facts: { asked: named.chain, held: plans.map((plan) => plan.source.chain).join(', ') },
      remedy: 'Name the source that the store was indexed from, or none.',
    });
  }
  const { auditChain } = await import('../../audit/audit-chain.ts');
  const audits: ChainAudit[] = [];
  for (const plan of plans) {
    audits.push(
      await auditChain({
        store,
        chainId: plan.source.chainId,
        chain: plan.source.chain,
        plan,
        source: await sourceToAsk(plan, named, shutdown),
        sample: flags.full ? 'full' : (flags.sample ?? DEFAULT_SAMPLE),
        seed: flags.seed ?? null,
        signal: shutdown.signal,
        onProgress: sparingly((text) => process.stderr.write(`${plan.source.chain}: ${text}\n`)),
      }),
    );
  }
  const { auditText } = await import('../../audit/audit-text.ts');
  process.stdout.write(flags.json ? `${JSON.stringify(jsonOf(audits))}\n` : auditText(audits));
  const findings = audits.reduce((sum, audit) => sum + audit.findings.length, 0);
  if (findings > 0) {
    throw new OperatorError('The store does not keep its promises.', {
      facts: { findings },
      remedy: 'Each finding says what to do.',
    });
  }
}

/** @throws OperatorError when the store is empty; UsageError when it does not hold that chain. */
async function plansOf(store: EventStore, chainId: number | null): Promise<readonly ChainPlan[]> {
  const [any] = await store.select('SELECT chain_id FROM sources LIMIT 1', {});
  if (any) {
    const { storedPlans } = await import('../../rebuild/stored-plans.ts');
    return storedPlans(store, chainId);
  }
  throw new OperatorError('The store is empty: there is nothing to verify.', {
    remedy: 'Index something first: `npm run bulkhead -- index --archive <dir>`.',
  });
}

/** One chain has its tables at the top; several have them in `chains` only. */
function jsonOf(audits: readonly ChainAudit[]) {
  const [only] = audits;
  return {
    ok: audits.every(({ ok }) => ok),
    ...(only && audits.length === 1 ? { tables: only.tables } : {}),
    findings: audits.flatMap(({ findings }) => findings),
    checks: audits.flatMap(({ checks }) => checks),
    chains: audits.map(({ findings, checks, ...chain }) => chain),
  };
}

/** Passes a text on when the work has gone on for a while, and then now and again. */
function sparingly(write: (text: string) => void): (text: string) => void {
  let next = performance.now() + PROGRESS_MILLIS;
  return (text) => {
    if (performance.now() < next) return;
    next = performance.now() + PROGRESS_MILLIS;
    write(text);
  };
}
