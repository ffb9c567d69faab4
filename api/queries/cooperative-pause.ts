import { setImmediate } from 'node:timers/promises';

/** Longest stretch of arithmetic before other requests (and the indexer) get their turn. */
const SLICE_MS = 15;

/** Lets a long computation share the event loop: call `breathe` between small steps. */
export class CooperativePause {
  #since = performance.now();

  async breathe(): Promise<void> {
    if (performance.now() - this.#since < SLICE_MS) return;
    await setImmediate();
    this.#since = performance.now();
  }
}
