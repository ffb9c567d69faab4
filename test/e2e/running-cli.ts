import type { ChildProcess } from 'node:child_process';
import { spawnCli } from './run-cli.ts';

/**
 * Bound of the end after a signal, for a busy machine: a few seconds on a free one. What hangs would be
 * waited for much longer (30 s for an endpoint, 300 s for a server).
 */
export const END_MILLIS = 20_000;

/** A command that runs on, with what it has said so far. */
export class RunningCli {
  readonly child: ChildProcess;
  readonly closed: Promise<number | null>;
  stderr = '';

  constructor(args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    this.child = spawnCli(args, environment);
    this.child.stderr?.on('data', (chunk: Buffer) => {
      this.stderr += chunk.toString();
    });
    this.closed = new Promise((done) => this.child.on('close', done));
  }

  async says(text: RegExp): Promise<RegExpExecArray> {
    for (const end = performance.now() + 60_000; ; ) {
      const found = text.exec(this.stderr);
      if (found) return found;
      if (performance.now() > end || this.child.exitCode !== null) {
        throw new Error(`it never says ${text}:\n${this.stderr}`);
      }
      await new Promise((done) => setTimeout(done, 20));
    }
  }

  /** Exit code, and milliseconds from the signal to the end. */
  async terminate(): Promise<{ code: number | null; millis: number }> {
    const startedAt = performance.now();
    this.child.kill('SIGTERM');
    return { code: await this.closed, millis: performance.now() - startedAt };
  }
}
