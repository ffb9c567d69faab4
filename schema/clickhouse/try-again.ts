import { setTimeout as sleep } from 'node:timers/promises';
import { ServerAwayError } from './engine-errors.ts';

/** Waits between attempts, ms; half to all of each, drawn by chance. */
const DELAYS_MS = [100, 200, 400, 800];

/**
 * Bridges a short absence of the server (restart of a replica, a cut connection, too many queries at
 * once). Longer ones are waited out by who can do so; a limit met once is met again.
 * @param mayRepeat whether the call may be made again after this error
 */
export async function tryAgain<T>(
  call: () => Promise<T>,
  mayRepeat: (error: ServerAwayError) => boolean,
): Promise<T> {
  for (const delay of DELAYS_MS) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof ServerAwayError) || !mayRepeat(error)) throw error;
      await sleep(delay / 2 + (Math.random() * delay) / 2);
    }
  }
  return call();
}
