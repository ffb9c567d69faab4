import { setTimeout as sleep } from 'node:timers/promises';
import { StageClock } from '../observability/stage-clock.ts';
import type { LogSource } from '../source/log-source.ts';
import type { EventStore } from '../store/event-store.ts';
import { type ChainPlan, refuseOtherVenues } from './chain-plan.ts';
import { land } from './land.ts';
import { ChainProjection } from './project.ts';

/** How often the projecting loop looks for newly landed blocks. */
const POLL_MS = 50;

export interface IndexProgress {
  readonly stage: 'land' | 'project';
  readonly toBlock: number;
  /** Logs landed, or events projected, by this step. */
  readonly count: number;
}

export interface IndexRequest {
  readonly plan: ChainPlan;
  readonly source: LogSource;
  readonly store: EventStore;
  readonly fromBlock: number;
  /** Inclusive; beyond the head means the head. */
  readonly toBlock: number;
  readonly signal: AbortSignal;
  /** Where the time goes, stage by stage. */
  readonly clock?: StageClock;
  readonly onProgress?: (progress: IndexProgress) => void;
}

/**
 * Lands and projects up to `toBlock`. The two loops meet only in the evidence tables: landing runs
 * ahead, projecting follows each landed range, and either can be repeated after a crash.
 */
export async function indexChain(request: IndexRequest): Promise<{ readonly toBlock: number }> {
  const { plan, source, store, signal } = request;
  const { chainId } = plan.source;
  await store.claimSource(plan.source);
  await refuseOtherVenues(plan, store);
  const { height } = await source.head(signal);
  const toBlock = Math.min(request.toBlock, height);
  const clock = request.clock ?? new StageClock();
  const report = request.onProgress ?? (() => {});
  // Whoever calls again after a failure must find neither loop at work.
  const failed = new AbortController();
  let landing = true;
  const landed = land({
    source,
    store,
    chainId,
    selections: plan.selections,
    fromBlock: request.fromBlock,
    toBlock,
    method: plan.method,
    signal: AbortSignal.any([signal, failed.signal]),
    clock,
    onLanded: (done) => report({ stage: 'land', toBlock: done.toBlock, count: done.logs }),
  }).finally(() => {
    landing = false;
  });
  // A failure of landing is thrown below; until then it must not count as unhandled.
  landed.catch(() => {});
  try {
    const projection = await ChainProjection.open({
      store,
      chainId,
      openReaders: plan.openReaders,
      method: plan.method,
      signal,
      clock,
      onProjected: (done) =>
        report({ stage: 'project', toBlock: done.toBlock, count: done.events }),
    });
    while (landing && !signal.aborted) {
      await projection.catchUp();
      await Promise.race([landed.catch(() => {}), sleep(POLL_MS)]);
    }
    await landed;
    await projection.catchUp();
  } catch (error) {
    failed.abort(error);
    await landed.catch(() => {});
    throw error;
  }
  return { toBlock };
}
