import { ProgressLine } from '../observability/progress.ts';
import { indexChain } from '../pipeline/index-chain.ts';
import type { EventStore } from '../store/event-store.ts';
import type { ChosenSource } from './source-choice.ts';

export interface IndexSummary {
  readonly chain: string;
  readonly chainId: number;
  readonly toBlock: number;
  readonly logs: number;
  readonly events: number;
  readonly seconds: number;
}

/** One indexing run up to the (final) head, with its progress on stderr. */
export async function runIndex(
  chosen: ChosenSource,
  store: EventStore,
  signal: AbortSignal,
): Promise<IndexSummary> {
  const startedAt = performance.now();
  const { height } = await chosen.source.head(signal);
  const target = Math.min(chosen.toBlock, Math.max(0, height - chosen.finalityDepth));
  const progress = new ProgressLine({ fromBlock: chosen.fromBlock, toBlock: target });
  let logs = 0;
  let events = 0;
  const { toBlock } = await indexChain({
    plan: chosen.plan,
    source: chosen.source,
    store,
    fromBlock: chosen.fromBlock,
    toBlock: target,
    signal,
    onProgress: (step) => {
      if (step.stage === 'land') {
        logs += step.count;
        progress.landed(step.count);
      } else {
        events += step.count;
        progress.projected(step.toBlock, step.count);
      }
    },
  });
  progress.finish();
  return {
    chain: chosen.plan.source.chain,
    chainId: chosen.plan.source.chainId,
    toBlock,
    logs,
    events,
    seconds: (performance.now() - startedAt) / 1000,
  };
}

/** Keeps indexing as the head moves, until the signal fires. */
export async function followHead(
  chosen: ChosenSource,
  store: EventStore,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const last = await store.lastCommit(chosen.plan.source.chainId, 'land');
    const next = (last?.toBlock ?? chosen.fromBlock) + 1;
    if (next > chosen.toBlock) return;
    await chosen.source.waitForBlock(next + chosen.finalityDepth, signal);
    if (!signal.aborted) await runIndex(chosen, store, signal);
  }
}
