import { HungCallError } from './backoff.ts';

/** Native calls that may be out at the same time without ever coming back. */
const MAX_CALLS = 4;
/** After that long one more is risked for each. */
const FORGET_AFTER_MILLIS = 3_600_000;

/**
 * Calls that were let go. A native call cannot be cancelled: it holds memory, and against a server
 * that is behind, its stream asks again without pause. So they are counted, and no call is begun
 * while too many are out; a reader that lives for months goes on when they come back, or in an hour.
 */
export class HungCalls {
  private readonly lettingGo = new Set<{ readonly at: number }>();
  private readonly now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.now = now;
  }

  get size(): number {
    for (const call of this.lettingGo) {
      if (this.now() - call.at > FORGET_AFTER_MILLIS) this.lettingGo.delete(call);
    }
    return this.lettingGo.size;
  }

  add(call: Promise<unknown>): void {
    const entry = { at: this.now() };
    this.lettingGo.add(entry);
    const forget = () => this.lettingGo.delete(entry);
    call.then(forget, forget);
  }

  /** @throws HungCallError while too many calls are out. */
  requireRoom(endpoint: string): void {
    const calls = this.size;
    if (calls < MAX_CALLS) return;
    throw new HungCallError('Too many HyperSync calls do not come back to begin another.', {
      facts: { endpoint, 'calls out': calls },
    });
  }
}
