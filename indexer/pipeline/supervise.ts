import { DiskFullError } from '../../schema/clickhouse/engine-errors.ts';
import { AppError, CorruptDataError, OperatorError, RetryableError } from '../../schema/errors.ts';
import { RetriesExhaustedError, sleep } from '../source/backoff.ts';
import type { ChainMonitor } from './chain-monitor.ts';

export interface SupervisedChain {
  /** Brings the store up from whatever state it is in, and works until done. May be called again. */
  readonly run: () => Promise<void>;
  /** Grows with every block that is stored: faults before it grew are forgiven. */
  readonly progress: () => number;
  readonly monitor: ChainMonitor;
  /** Passing faults are waited out for ever; without it the first one ends the chain. */
  readonly follow: boolean;
  readonly signal: AbortSignal;
  /** One line for a person. */
  readonly note: (text: string) => void;
  readonly patience?: Patience;
}

export interface Patience {
  readonly baseMillis: number;
  readonly ceilingMillis: number;
  /** For work in hand once the signal has fired; what is not done then is as after a crash. */
  readonly drainMillis: number;
}

export type ChainOutcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'failed'; readonly error: unknown };

export const DEFAULT_PATIENCE: Patience = {
  baseMillis: 500,
  ceilingMillis: 60_000,
  drainMillis: 2_000,
};

/** A source that contradicts itself may be one bad instance of many; not for ever. */
const MAX_CORRUPT_ANSWERS = 5;

/**
 * Runs one chain by itself: while it follows, what may pass (source or ClickHouse away, a limit, a
 * full disk) is waited out and the run begun anew, as after a crash; anything else ends this chain
 * only. The outcome is also the last row of its state. Never throws.
 */
export async function superviseChain(chain: SupervisedChain): Promise<ChainOutcome> {
  const outcome = await attemptUntilOver(chain);
  if (outcome.kind === 'failed') await chain.monitor.end('FAILED', endOf(outcome.error));
  else await chain.monitor.end('STOPPED');
  return outcome;
}

async function attemptUntilOver(chain: SupervisedChain): Promise<ChainOutcome> {
  const { signal, monitor, note, patience = DEFAULT_PATIENCE } = chain;
  const faults = new FaultCount(chain);
  monitor.start();
  for (;;) {
    try {
      await untilDrained(chain.run(), signal, patience.drainMillis);
      return signal.aborted ? { kind: 'stopped' } : { kind: 'done' };
    } catch (error) {
      if (signal.aborted) return { kind: 'stopped' };
      if (!faults.mayPass(error)) return { kind: 'failed', error };
      const delay = fullJitter(faults.failures, patience);
      monitor.fails(faultOf(error));
      note(`${withoutStop(faultOf(error))}; beginning again in ${(delay / 1000).toFixed(1)} s`);
      await sleep(delay, signal).catch(() => undefined);
      if (signal.aborted) return { kind: 'stopped' };
    }
  }
}

/** Faults since the last block that was stored. */
class FaultCount {
  failures = 0;
  #corrupt = 0;
  #progress: number;
  readonly #chain: SupervisedChain;

  constructor(chain: SupervisedChain) {
    this.#chain = chain;
    this.#progress = chain.progress();
  }

  /** Counts a fault: is it worth beginning again? */
  mayPass(error: unknown): boolean {
    const progress = this.#chain.progress();
    if (progress > this.#progress) {
      this.failures = 0;
      this.#corrupt = 0;
    }
    this.#progress = progress;
    this.failures += 1;
    if (!this.#chain.follow) return false;
    if (!(error instanceof CorruptDataError)) return isPassing(error);
    this.#corrupt += 1;
    return this.#corrupt < MAX_CORRUPT_ANSWERS;
  }
}

/** Would the same run succeed later without anybody changing a flag or a file of ours? */
export function isPassing(error: unknown): boolean {
  if (error instanceof RetryableError || error instanceof DiskFullError) return true;
  if (!(error instanceof OperatorError)) return false;
  // The source's own patience, which is shorter than a follower's, is used up.
  if (error.cause instanceof RetriesExhaustedError) return true;
  return /No space left on device|os error 28/.test(String(error.facts['reason'] ?? ''));
}

function fullJitter(failures: number, { baseMillis, ceilingMillis }: Patience): number {
  return Math.random() * Math.min(ceilingMillis, baseMillis * 2 ** Math.min(failures, 20));
}

/** One line, without the facts: they may be long, and the note is for a row and a terminal. */
function faultOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const fact = error instanceof AppError ? error.facts['fault'] : undefined;
  return (fact === undefined ? text : `${withoutStop(text)} (${fact}).`).slice(0, 500);
}

/** Whoever reads a failed chain's row needs to know what mends it. */
function endOf(error: unknown): string {
  const remedy = error instanceof AppError && error.remedy ? ` ${error.remedy}` : '';
  return `${faultOf(error)}${remedy}`.slice(0, 500);
}

function withoutStop(text: string): string {
  return text.replace(/\.$/, '');
}

/** The work's outcome; once the signal has fired it has only so long. @throws the signal's reason. */
function untilDrained(work: Promise<void>, signal: AbortSignal, millis: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const onAbort = () => {
      timer = setTimeout(() => reject(signal.reason), millis);
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', onAbort);
      clearTimeout(timer);
    });
  });
}
