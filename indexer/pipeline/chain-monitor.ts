import type { EventStore, IndexerState, IndexerStateName } from '../store/event-store.ts';

/** A row is written at least this often while a chain runs, so that readers see it is alive. */
const HEARTBEAT_MILLIS = 10_000;
/** And at most this often, however quickly faults come and go. */
const MIN_INTERVAL_MILLIS = 1_000;
/** Whoever stops does not wait longer than this for a store that hangs. */
const LAST_WRITE_MILLIS = 1_500;

/**
 * Says in the store what one chain's indexer is doing. A store that cannot take it is no failure: the
 * next row says it, and whoever reads a stale row sees its age.
 */
export class ChainMonitor {
  readonly #store: Pick<EventStore, 'recordState'>;
  #state: IndexerState;
  /** What is going on apart from faults. */
  #work: IndexerStateName = 'CATCHING_UP';
  #recordedAt = Number.NEGATIVE_INFINITY;
  #writing: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #isEnded = false;

  constructor(
    store: Pick<EventStore, 'recordState'>,
    chain: Pick<IndexerState, 'chainId' | 'safeDepth' | 'finalityDepth'>,
  ) {
    this.#store = store;
    this.#state = {
      ...chain,
      state: 'CATCHING_UP',
      sourceHeight: 0,
      fault: '',
      failingSince: null,
    };
  }

  get current(): IndexerState {
    return this.#state;
  }

  start(): void {
    this.#timer ??= setInterval(() => this.#record(), HEARTBEAT_MILLIS).unref();
    this.#record();
  }

  /** A height is an answer: what kept the source from answering is over. */
  sawHeight(height: number): void {
    this.#change({ sourceHeight: height, state: this.#work, fault: '', failingSince: null });
  }

  works(state: 'CATCHING_UP' | 'FOLLOWING' | 'REBUILDING'): void {
    this.#work = state;
    this.#change({ state, fault: '', failingSince: null });
  }

  fails(fault: string): void {
    this.#change({
      state: 'RETRYING',
      fault,
      failingSince: this.#state.failingSince ?? Date.now(),
    });
  }

  /** The last word. Resolves when it is written, or soon after. */
  async end(state: 'STOPPED' | 'FAILED', fault = ''): Promise<void> {
    if (this.#timer) clearInterval(this.#timer);
    this.#isEnded = true;
    const failingSince = fault === '' ? null : (this.#state.failingSince ?? Date.now());
    this.#state = { ...this.#state, state, fault, failingSince };
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((done) => {
      timer = setTimeout(done, LAST_WRITE_MILLIS);
    });
    await Promise.race([this.#write(), patience]);
    clearTimeout(timer);
  }

  #change(change: Partial<IndexerState>): void {
    if (this.#isEnded) return;
    const before = this.#state;
    this.#state = { ...before, ...change };
    const { state, fault } = this.#state;
    if (state !== before.state || fault !== before.fault || before.sourceHeight === 0) {
      this.#record();
    }
  }

  /** Writes now, or once the write under way and the shortest interval are over. */
  #record(): void {
    if (this.#writing || this.#isEnded) return;
    const wait = Math.max(0, this.#recordedAt + MIN_INTERVAL_MILLIS - performance.now());
    this.#writing = pause(wait)
      .then(() => (this.#isEnded ? undefined : this.#write()))
      .finally(() => {
        this.#writing = null;
      });
  }

  async #write(): Promise<void> {
    const written = this.#state;
    this.#recordedAt = performance.now();
    await this.#store.recordState(written).catch(() => undefined);
    const { state, fault } = this.#state;
    // It changed while it was being written.
    if (state !== written.state || fault !== written.fault) setImmediate(() => this.#record());
  }
}

function pause(millis: number): Promise<void> {
  return millis === 0
    ? Promise.resolve()
    : new Promise((done) => {
        setTimeout(done, millis).unref();
      });
}
