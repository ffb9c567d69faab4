import { describe, expect, it } from 'vitest';
import {
  jitteredDelay,
  RateLimitedError,
  RetriesExhaustedError,
  retryWithBackoff,
  sleep,
} from '../../../indexer/source/backoff.ts';
import { OperatorError, RetryableError } from '../../../schema/errors.ts';
import { QUICK_BACKOFF } from './test-chain.ts';

const never = new AbortController().signal;
const failing = (times: number, error: () => Error) => async (attempt: number) => {
  if (attempt <= times) throw error();
  return attempt;
};

describe('retryWithBackoff', () => {
  it('tries a passing fault again and reports each wait', async () => {
    const failures: number[] = [];
    const result = await retryWithBackoff(
      failing(3, () => new RetryableError('busy')),
      {
        policy: QUICK_BACKOFF,
        signal: never,
        onRetry: (notice) => failures.push(notice.failures),
      },
    );
    expect(result).toBe(4);
    expect(failures).toEqual([1, 2, 3]);
  });

  it('lets every other error through at once', async () => {
    let attempts = 0;
    const work = async () => {
      attempts += 1;
      throw new OperatorError('no');
    };
    await expect(retryWithBackoff(work, { policy: QUICK_BACKOFF, signal: never })).rejects.toThrow(
      'no',
    );
    expect(attempts).toBe(1);
  });

  it('gives up when the budget is spent, with the last failure and the count', async () => {
    const policy = { ...QUICK_BACKOFF, budgetMillis: 100 };
    const work = failing(1_000, () => new RetryableError('busy', { facts: { endpoint: 'x' } }));
    const error = await retryWithBackoff(work, { policy, signal: never }).catch((caught) => caught);
    expect(error).toBeInstanceOf(RetriesExhaustedError);
    expect(error.message).toBe('busy');
    expect(error.facts).toMatchObject({ endpoint: 'x', attempts: error.failures });
    expect(error.elapsedMillis).toBeLessThan(200);
  });

  it('obeys a rate limit without spending the budget', async () => {
    const policy = { ...QUICK_BACKOFF, budgetMillis: 5 };
    const work = failing(3, () => new RateLimitedError('slow down', 30));
    expect(await retryWithBackoff(work, { policy, signal: never })).toBe(4);
  });

  it('stops in the middle of a wait when the signal fires', async () => {
    const controller = new AbortController();
    const policy = {
      ...QUICK_BACKOFF,
      baseMillis: 10_000,
      ceilingMillis: 10_000,
      budgetMillis: 60_000,
    };
    const work = failing(10, () => new RetryableError('busy'));
    setTimeout(() => controller.abort(new Error('stop')), 30);
    await expect(retryWithBackoff(work, { policy, signal: controller.signal })).rejects.toThrow(
      'stop',
    );
  });
});

describe('jitteredDelay', () => {
  it('doubles up to the ceiling, with at most half of it left to chance', () => {
    const policy = { ...QUICK_BACKOFF, baseMillis: 100, ceilingMillis: 1_000 };
    for (const [failures, full] of [
      [1, 100],
      [2, 200],
      [4, 800],
      [5, 1_000],
      [60, 1_000],
    ] as const) {
      for (let i = 0; i < 50; i++) {
        const delay = jitteredDelay(failures, policy);
        expect(delay).toBeGreaterThanOrEqual(full / 2);
        expect(delay).toBeLessThanOrEqual(full);
      }
    }
  });
});

describe('sleep', () => {
  it('rejects at once on a signal that has fired', async () => {
    await expect(sleep(10_000, AbortSignal.abort(new Error('stop')))).rejects.toThrow('stop');
  });
});
