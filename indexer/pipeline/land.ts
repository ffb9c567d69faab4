import { StageClock } from '../observability/stage-clock.ts';
import type { LogSelection } from '../protocols/protocol-adapter.ts';
import type { LogSource } from '../source/log-source.ts';
import type { EventStore } from '../store/event-store.ts';

export interface LandRequest {
  readonly source: LogSource;
  readonly store: EventStore;
  readonly chainId: number;
  readonly selections: readonly LogSelection[];
  /** First block to land when nothing has landed yet. */
  readonly fromBlock: number;
  /** Inclusive. */
  readonly toBlock: number;
  /** Named in the commit: what asked for the logs. */
  readonly method: string;
  readonly signal: AbortSignal;
  /** Where the time goes: stages source (fetching) and land (storing). */
  readonly clock?: StageClock;
  readonly onLanded?: (landed: { readonly toBlock: number; readonly logs: number }) => void;
}

/**
 * Moves block ranges from the source into the evidence tables without looking inside, one commit a
 * range. Continues after the last commit; what a crash left above it is trimmed first.
 */
export async function land(request: LandRequest): Promise<void> {
  const { source, store, chainId, selections, signal } = request;
  await store.trim(chainId, 'land');
  const last = await store.lastCommit(chainId, 'land');
  const fromBlock = last ? last.toBlock + 1 : request.fromBlock;
  if (fromBlock > request.toBlock) return;
  const ranges = source.ranges({ fromBlock, toBlock: request.toBlock, selections, signal });
  const clock = request.clock ?? new StageClock();
  let askedAt = performance.now();
  for await (const range of ranges) {
    clock.add('source', performance.now() - askedAt);
    const rowCounts = await clock.time('land', () => store.land(chainId, range));
    await store.commit({
      chainId,
      stage: 'land',
      fromBlock: range.fromBlock,
      toBlock: range.toBlock,
      lastBlockHash: range.lastBlockHash,
      lastBlockTimestamp: range.lastBlockTimestamp,
      rowCounts,
      method: request.method,
    });
    await range.discard();
    request.onLanded?.({ toBlock: range.toBlock, logs: rowCounts.raw_logs });
    askedAt = performance.now();
  }
}
