import { AppError } from '../../schema/errors.ts';

/** A person or the system asked a run to stop before it was done. */
export class InterruptedError extends AppError {
  constructor() {
    super('Stopped on request before the work was done.', {
      remedy: 'What was committed stays; the same command continues from there.',
    });
  }
}

/** Work in hand has this long after a signal, closers share the rest: an end within five seconds. */
const WORK_MILLIS = 3_800;
const CLOSE_MILLIS = 1_000;

/**
 * Orderly end: a signal aborts what is under way, and closers run newest first. A second signal
 * ends at once.
 */
export class Shutdown {
  readonly #controller = new AbortController();
  readonly #closers: (() => Promise<void>)[] = [];
  #closing: Promise<void> | undefined;

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  add(close: () => Promise<void>): void {
    this.#closers.push(close);
  }

  /** Makes SIGINT and SIGTERM abort the signal. */
  listen(): void {
    for (const name of ['SIGINT', 'SIGTERM'] as const) {
      process.on(name, () => {
        // An exit would wait for the engine's threads; a kill is safe, as any crash is.
        if (this.signal.aborted) process.kill(process.pid, 'SIGKILL');
        process.stderr.write('\nStopping; a second signal stops at once.\n');
        this.#controller.abort(new DOMException(`stopped by ${name}`, 'AbortError'));
      });
    }
  }

  /** @throws InterruptedError once a signal has arrived. */
  assertRunning(): void {
    if (this.signal.aborted) throw new InterruptedError();
  }

  /** Resolves when a signal arrives. */
  async requested(): Promise<void> {
    if (this.signal.aborted) return;
    await new Promise<void>((done) =>
      this.signal.addEventListener('abort', () => done(), { once: true }),
    );
  }

  /**
   * The work's outcome, or InterruptedError when a signal came and the work does not come to its end:
   * a server or an endpoint may hang. What was not committed is taken back by the next start.
   */
  async letGoAfterRequest<T>(work: Promise<T>): Promise<T> {
    const patience = this.requested().then(() => delay(WORK_MILLIS));
    return Promise.race([
      work,
      patience.then((): never => {
        throw new InterruptedError();
      }),
    ]);
  }

  /** Runs every closer once, newest first; the first failure is thrown after all have run. */
  close(): Promise<void> {
    this.#closing ??= this.#runClosers();
    return this.#closing;
  }

  async #runClosers(): Promise<void> {
    const failures: unknown[] = [];
    const deadline = this.requested().then(() => delay(CLOSE_MILLIS));
    for (const close of this.#closers.reverse()) {
      await Promise.race([close().catch((error: unknown) => failures.push(error)), deadline]);
    }
    if (failures.length > 0) throw failures[0];
  }
}

function delay(millis: number): Promise<void> {
  return new Promise((done) => {
    setTimeout(done, millis).unref();
  });
}
