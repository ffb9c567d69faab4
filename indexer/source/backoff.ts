import { RetryableError } from '../../schema/errors.ts';

/** The server told us to slow down. Waiting is obedience, not failure: it costs no budget. */
export class RateLimitedError extends RetryableError {
  readonly retryAfterMillis: number;

  constructor(message: string, retryAfterMillis: number, details?: RetryableError['facts']) {
    super(message, details ? { facts: details } : {});
    this.retryAfterMillis = retryAfterMillis;
  }
}

/** A native call was let go after a long wait: that wait is no failure to answer in time. */
export class HungCallError extends RetryableError {}

export interface BackoffPolicy {
  /** How long failures may go on, counted from the start of the first attempt that failed. */
  readonly budgetMillis: number;
  readonly baseMillis: number;
  readonly ceilingMillis: number;
  /** How long rate limiting may go on before it is an error. */
  readonly rateLimitBudgetMillis: number;
}

export const DEFAULT_BACKOFF: BackoffPolicy = {
  budgetMillis: 60_000,
  baseMillis: 500,
  ceilingMillis: 10_000,
  rateLimitBudgetMillis: 900_000,
};

export interface RetryNotice {
  readonly error: RetryableError;
  /** 1 after the first failure. */
  readonly failures: number;
  readonly delayMillis: number;
}

export interface RetryOptions {
  readonly policy: BackoffPolicy;
  readonly signal: AbortSignal;
  readonly onRetry?: (notice: RetryNotice) => void;
}

/** The retries are used up: `cause` is the last failure. */
export class RetriesExhaustedError extends RetryableError {
  readonly lastError: RetryableError;
  readonly failures: number;
  readonly elapsedMillis: number;

  constructor(lastError: RetryableError, failures: number, elapsedMillis: number) {
    super(lastError.message, {
      facts: {
        ...lastError.facts,
        attempts: failures,
        'tried for': `${(elapsedMillis / 1000).toFixed(1)} s`,
      },
      cause: lastError,
    });
    this.lastError = lastError;
    this.failures = failures;
    this.elapsedMillis = elapsedMillis;
  }
}

/**
 * Runs `attempt` until it succeeds. Only a RetryableError is tried again, with exponential delays
 * and full jitter (many indexers restarted together must not knock together).
 * @throws RetriesExhaustedError when the budget is spent, the signal's reason when it fires, and
 * whatever else `attempt` throws, at once.
 */
export async function retryWithBackoff<T>(
  attempt: (attemptNumber: number) => Promise<T>,
  options: RetryOptions,
): Promise<T> {
  const { policy, signal } = options;
  const patience = new Patience(policy);
  for (let number = 1; ; number++) {
    signal.throwIfAborted();
    const startedAt = performance.now();
    try {
      return await attempt(number);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof RetryableError)) throw error;
      const delayMillis = patience.delayAfter(error, startedAt);
      options.onRetry?.({ error, failures: patience.failures, delayMillis });
      await sleep(delayMillis, signal);
    }
  }
}

/** Counts failures and says how long to wait, until one of the two budgets is spent. */
class Patience {
  failures = 0;
  private failingSince: number | null = null;
  private limitedSince: number | null = null;
  private readonly policy: BackoffPolicy;

  constructor(policy: BackoffPolicy) {
    this.policy = policy;
  }

  /** @throws RetriesExhaustedError */
  delayAfter(error: RetryableError, startedAt: number): number {
    this.failures += 1;
    if (error instanceof RateLimitedError) {
      this.limitedSince ??= startedAt;
      const delay = error.retryAfterMillis;
      this.check(error, this.limitedSince, delay, this.policy.rateLimitBudgetMillis);
      return delay;
    }
    // One hung call alone lasts longer than most budgets: it may be tried once more.
    this.failingSince ??= error instanceof HungCallError ? performance.now() : startedAt;
    const delay = jitteredDelay(this.failures, this.policy);
    this.check(error, this.failingSince, delay, this.policy.budgetMillis);
    return delay;
  }

  private check(error: RetryableError, since: number, delay: number, budget: number): void {
    const elapsed = performance.now() - since;
    if (elapsed + delay > budget) throw new RetriesExhaustedError(error, this.failures, elapsed);
  }
}

/** Between half and all of base × 2^(failures − 1), at most the ceiling. */
export function jitteredDelay(failures: number, policy: BackoffPolicy): number {
  const full = Math.min(policy.ceilingMillis, policy.baseMillis * 2 ** Math.min(failures - 1, 20));
  return full / 2 + (Math.random() * full) / 2;
}

/** Resolves after `millis`. @throws the signal's reason as soon as it fires. */
export function sleep(millis: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    }, millis);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}

/**
 * The promise, or the signal's reason if that comes first. The work behind the promise goes on (the
 * native client cannot cancel a call); its outcome is dropped.
 */
export function abandonOnAbort<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    promise.catch(() => undefined);
    if (signal.aborted) return reject(signal.reason);
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
