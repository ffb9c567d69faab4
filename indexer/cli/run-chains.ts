import { formatError } from '../../schema/errors.ts';
import { ProgressLine } from '../observability/progress.ts';
import type { ProgressBoard, ProgressSurface } from '../observability/progress-board.ts';
import { ChainMonitor } from '../pipeline/chain-monitor.ts';
import { runChain } from '../pipeline/run-chain.ts';
import { type ChainOutcome, superviseChain } from '../pipeline/supervise.ts';
import type { EventStore } from '../store/event-store.ts';
import { ChainsFailedError } from './chains-failed-error.ts';
import type { ChosenSource } from './source-choice.ts';

export interface ChainSummary {
  readonly chain: string;
  readonly chainId: number;
  /** Last block that the store has. */
  readonly toBlock: number;
  readonly logs: number;
  readonly events: number;
  readonly seconds: number;
}

export interface ChainsRequest {
  readonly chosen: readonly ChosenSource[];
  readonly store: EventStore;
  readonly follow: boolean;
  /** `--data DIR` as the user gave it: commands that are named to him repeat it. */
  readonly data?: string | undefined;
  readonly signal: AbortSignal;
  readonly board: ProgressBoard;
  /** A chain has what its source has, or all that was asked for, for the first time. */
  readonly onCaughtUp?: (summary: ChainSummary) => void;
  /** A chain has caught up, has ended, or waits for something to pass, for the first time. */
  readonly onSettled?: (chosen: ChosenSource) => void;
}

/**
 * Runs the chains side by side, each on its own: one that fails does not stop the others.
 * @throws when all have ended and one has failed: the failure itself where there is one chain.
 */
export async function runChains(request: ChainsRequest): Promise<void> {
  const outcomes = await Promise.all(
    request.chosen.map((chosen) => new ChainSession(chosen, request).run()),
  );
  const failed = request.chosen.filter((_, index) => outcomes[index]?.kind === 'failed');
  if (failed.length === 0) return;
  const [only] = outcomes;
  if (outcomes.length === 1 && only?.kind === 'failed') throw only.error;
  throw new ChainsFailedError(`${failed.length} of ${outcomes.length} chains failed.`, {
    facts: { failed: failed.map(({ plan }) => plan.source.chain).join(', ') },
    remedy:
      'What each one needs is said above. Start again: every chain goes on from its last block.',
  });
}

/** One chain's run with what is shown of it. */
class ChainSession {
  readonly #chosen: ChosenSource;
  readonly #request: ChainsRequest;
  readonly #monitor: ChainMonitor;
  readonly #startedAt = performance.now();
  /** '' for the only chain. */
  readonly #label: string;
  /** Of the bulk part. */
  #line: ProgressLine | null = null;
  /** Where the chain stands once it has caught up. */
  readonly #head: ProgressSurface;
  #logs = 0;
  #events = 0;
  #stored = 0;
  #isSettled = false;
  #hasCaughtUp = false;

  constructor(chosen: ChosenSource, request: ChainsRequest) {
    this.#chosen = chosen;
    this.#request = request;
    const { source } = chosen.plan;
    this.#label = request.chosen.length > 1 ? source.chain : '';
    this.#head = request.board.line(this.#label);
    this.#monitor = new ChainMonitor(request.store, {
      chainId: source.chainId,
      safeDepth: chosen.safeDepth,
      finalityDepth: chosen.finalityDepth,
    });
  }

  async run(): Promise<ChainOutcome> {
    const { follow, signal } = this.#request;
    this.#chosen.onRetry((text) => {
      this.#monitor.fails(text);
      this.#note(text);
    });
    const outcome = await superviseChain({
      run: () => this.#attempt(),
      progress: () => this.#stored,
      monitor: this.#monitor,
      follow,
      signal,
      note: (text) => {
        this.#note(text);
        this.#settle();
      },
    });
    this.#closeLine();
    this.#head.finish();
    if (outcome.kind === 'failed' && this.#label !== '') this.#note(formatError(outcome.error));
    this.#settle();
    return outcome;
  }

  #attempt(): Promise<void> {
    const { store, follow, signal, data } = this.#request;
    this.#monitor.works('CATCHING_UP');
    return runChain({
      ...this.#chosen,
      ...(data === undefined ? {} : { storeFlags: `--data ${inShell(data)}` }),
      store,
      follow,
      signal,
      onHeight: (height) => this.#monitor.sawHeight(height),
      onRepaired: (text) => this.#note(text),
      onCatchingUp: (job) => {
        this.#closeLine();
        this.#head.finish();
        this.#monitor.works('CATCHING_UP');
        this.#line = new ProgressLine(job, this.#request.board.line(this.#label));
      },
      onProgress: (step) => {
        this.#stored += 1;
        if (step.stage === 'land') {
          this.#logs += step.count;
          this.#line?.landed(step.count);
        } else {
          this.#events += step.count;
          this.#line?.projected(step.toBlock, step.count);
          if (!this.#line) this.#showHead(step.toBlock);
        }
      },
      onCaughtUp: (toBlock) => this.#caughtUp(toBlock),
      onReached: (toBlock) => this.#summarize(toBlock),
      onRolledBack: ({ depth, toBlock, reason }) => {
        const blocks = `${depth} block${depth === 1 ? '' : 's'}`;
        this.#note(`rolled back ${blocks} to ${toBlock.toLocaleString('en-US')}: ${reason}`);
      },
    });
  }

  #caughtUp(toBlock: number): void {
    this.#closeLine();
    if (this.#request.follow) {
      this.#monitor.works('FOLLOWING');
      this.#note(`at the head: block ${toBlock.toLocaleString('en-US')}`);
    }
    this.#summarize(toBlock);
  }

  /** Once: later it would tell of other blocks than those of this run's beginning. */
  #summarize(toBlock: number): void {
    if (!this.#hasCaughtUp) {
      const { chain, chainId } = this.#chosen.plan.source;
      this.#request.onCaughtUp?.({
        chain,
        chainId,
        toBlock,
        logs: this.#logs,
        events: this.#events,
        seconds: (performance.now() - this.#startedAt) / 1000,
      });
    }
    this.#hasCaughtUp = true;
    this.#settle();
  }

  #closeLine(): void {
    this.#line?.finish();
    this.#line = null;
  }

  #showHead(block: number): void {
    if (!this.#head.isTerminal) return;
    const counts = `${this.#logs.toLocaleString('en-US')} logs · ${this.#events.toLocaleString('en-US')} events`;
    this.#head.show(`block ${block.toLocaleString('en-US')} · ${counts}`);
  }

  #settle(): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#request.onSettled?.(this.#chosen);
  }

  #note(text: string): void {
    this.#request.board.note(this.#label === '' ? text : `${this.#label}: ${text}`);
  }
}

/** A path as a shell takes it. */
function inShell(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
