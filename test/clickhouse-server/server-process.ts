import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { childExecArgv } from '../../schema/child-process.ts';
import type { Fault } from './faults.ts';
import type { Control, Report } from './server-messages.ts';

export interface ServerProcessOptions {
  readonly dataDir: string;
  readonly user?: string;
  readonly password?: string;
}

/**
 * A ClickHouse test server in a process of its own (the embedded engine holds one folder a
 * process). It keeps its port and its data over `kill` and `start`.
 */
export class ClickHouseServerProcess {
  readonly #options: ServerProcessOptions;
  #child: ChildProcess | null = null;
  #url = '';
  #lastId = 0;

  private constructor(options: ServerProcessOptions) {
    this.#options = options;
  }

  static async start(options: ServerProcessOptions): Promise<ClickHouseServerProcess> {
    const server = new ClickHouseServerProcess(options);
    await server.start();
    return server;
  }

  get url(): string {
    return this.#url;
  }

  async start(): Promise<void> {
    const settings = {
      dataDir: this.#options.dataDir,
      port: Number(new URL(this.#url || 'http://x:0').port),
      user: this.#options.user ?? 'default',
      password: this.#options.password ?? '',
    };
    const entry = fileURLToPath(new URL('./server-child.ts', import.meta.url));
    const child = fork(entry, [JSON.stringify(settings)], {
      execArgv: childExecArgv(),
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.#child = child;
    const ended = once(child, 'exit').then(() => {
      throw new Error('The test server ended before it listened.');
    });
    ended.catch(() => undefined);
    const [first] = (await Promise.race([once(child, 'message'), ended])) as [Report];
    this.#url = first.url;
  }

  /** SIGKILL: nothing is put in order. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  strike(fault: Fault): Promise<Report> {
    return this.control({ fault });
  }

  report(): Promise<Report> {
    return this.control({});
  }

  async control(call: Omit<Control, 'id'>): Promise<Report> {
    const child = this.#child;
    if (!child) throw new Error('The test server does not run.');
    const id = ++this.#lastId;
    const answered = new Promise<Report>((resolve) => {
      const listen = (report: Report): void => {
        if (report.id !== id) return;
        child.off('message', listen);
        resolve(report);
      };
      child.on('message', listen);
    });
    child.send({ ...call, id });
    return answered;
  }
}
