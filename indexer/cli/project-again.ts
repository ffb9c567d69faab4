import { formatError, RetryableError } from '../../schema/errors.ts';
import { ProgressLine } from '../observability/progress.ts';
import type { ChainPlan } from '../pipeline/chain-plan.ts';
import { ensureCurrentProjections, recordRebuildState } from '../rebuild/current-projections.ts';
import { type RebuildRequest, type RebuiltChain, rebuild } from '../rebuild/rebuild.ts';
import { DEFAULT_BACKOFF, jitteredDelay, sleep } from '../source/backoff.ts';
import type { CommandSession } from './command-session.ts';
import { connect } from './store-session.ts';

type Session = Pick<
  CommandSession,
  'settings' | 'shutdown' | 'database' | 'store' | 'guard' | 'board'
>;

/** Projects the plans' chains again into new tables and swaps them in, with progress on stderr. */
export async function rebuildNow(
  session: Session,
  plans: readonly ChainPlan[],
): Promise<readonly RebuiltChain[]> {
  const { store, guard } = session;
  for (const plan of plans) {
    await guard?.hold(plan.source.chainId);
    await recordRebuildState(store, plan, 'REBUILDING');
  }
  const rebuilt = await withProgress(session, (report) =>
    rebuild({ ...requestOf(session, plans), ...report }),
  );
  for (const plan of plans) await recordRebuildState(store, plan, 'STOPPED');
  return rebuilt;
}

/**
 * Brings the rows of chains that other versions of adapters, rules or projections made up to date,
 * before anything is indexed; says why on stderr. The API goes on answering from the old rows.
 * `isPatient`: what may pass (a server away) is waited out, for as long as it takes.
 */
export async function projectAgainIfStale(
  session: Session,
  plans: readonly ChainPlan[],
  isPatient: boolean,
): Promise<void> {
  const { board, shutdown } = session;
  for (let failures = 1; ; failures++) {
    try {
      await ensureCurrent(session, plans);
      return;
    } catch (error) {
      shutdown.assertRunning();
      if (!isPatient || !(error instanceof RetryableError)) throw error;
      board.note(`${formatError(error)}\nThe rebuild goes on when that has passed.`);
      await sleep(jitteredDelay(failures, DEFAULT_BACKOFF), shutdown.signal);
    }
  }
}

async function ensureCurrent(session: Session, plans: readonly ChainPlan[]): Promise<void> {
  const { board } = session;
  await withProgress(session, (report) =>
    ensureCurrentProjections({
      ...requestOf(session, plans),
      ...report,
      onRepaired: (text) => board.note(text),
      onStale: (plan, why) =>
        board.note(
          `The rows of ${plan.source.chain} were made by other rules (${why}): they are made again from the stored logs.`,
        ),
    }),
  );
}

function requestOf(session: Session, plans: readonly ChainPlan[]): RebuildRequest {
  const { settings, shutdown, database, store, guard } = session;
  return {
    database,
    store,
    guard,
    plans,
    openBeside: (name) => connect(settings, name),
    signal: shutdown.signal,
  };
}

/** One progress line a chain, ended when the next begins. */
async function withProgress<T>(
  { board }: Session,
  work: (report: Pick<RebuildRequest, 'onChain' | 'onProjected'>) => Promise<T>,
): Promise<T> {
  let line: ProgressLine | null = null;
  const finish = () => {
    line?.finish();
    line = null;
  };
  try {
    return await work({
      onChain: ({ plan, fromBlock, toBlock, isResumed }) => {
        const { chain } = plan.source;
        finish();
        if (isResumed) board.note(`Going on with the rebuild of ${chain}, block ${fromBlock}.`);
        line = new ProgressLine({ fromBlock, toBlock }, board.line(`rebuilding ${chain}`));
      },
      onProjected: ({ toBlock, events }) => line?.projected(toBlock, events),
    });
  } finally {
    finish();
  }
}
