import { type ChildProcess, fork } from 'node:child_process';
import { childExecArgv, childModule } from '../../schema/child-process.ts';
import { AppError, RetryableError } from '../../schema/errors.ts';
import { MAX_PNG_QUEUE, PNG_TIMEOUT_MS } from '../limits.ts';

/** Parent → child. */
export interface PngOrder {
  readonly svg: string;
  readonly dpr: number;
}

/** Child → parent. */
export type PngAnswer =
  | { readonly kind: 'drawn'; readonly png: Uint8Array }
  | { readonly kind: 'refused'; readonly message: string };

/** This picture was not drawn: the renderer refused it, crashed on it or took too long. */
export class PngRenderError extends AppError {}

/** Too many pictures wait, or the renderer is being closed: the same call may succeed later. */
export class PngBusyError extends RetryableError {}

interface Job {
  readonly order: PngOrder;
  readonly resolve: (png: Buffer) => void;
  readonly reject: (error: AppError) => void;
}

interface Work extends Job {
  readonly timer: NodeJS.Timeout;
}

interface Worker {
  readonly child: ChildProcess;
  readonly gone: Promise<void>;
}

export interface PngRendererOptions {
  readonly timeoutMs?: number;
  readonly queueLimit?: number;
}

/**
 * Draws PNGs in a process of its own: a panic of the native renderer ends that process and not the
 * server. It starts with the first picture, draws one at a time, is replaced after a crash, and ends
 * with its parent. An idle renderer does not keep the parent alive.
 */
export class PngRenderer {
  readonly #timeoutMs: number;
  readonly #queueLimit: number;
  readonly #waiting: Job[] = [];
  #work: Work | null = null;
  #worker: Worker | null = null;

  constructor(options: PngRendererOptions = {}) {
    this.#timeoutMs = options.timeoutMs ?? PNG_TIMEOUT_MS;
    this.#queueLimit = options.queueLimit ?? MAX_PNG_QUEUE;
  }

  /** Id of the running process, if one runs. */
  get pid(): number | undefined {
    return this.#worker?.child.pid;
  }

  get isDrawing(): boolean {
    return this.#work !== null;
  }

  /**
   * PNG of an SVG with fixed colours (`theme` light or dark), `dpr` pixels per SVG unit.
   * @throws PngBusyError when too many wait; PngRenderError when this picture cannot be drawn.
   */
  render(svg: string, dpr: number): Promise<Buffer> {
    if (this.#waiting.length >= this.#queueLimit) {
      return Promise.reject(
        new PngBusyError('Too many pictures are being drawn.', {
          facts: { waiting: this.#waiting.length },
          remedy: 'Try again in some seconds, or ask for the .svg.',
        }),
      );
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ order: { svg, dpr }, resolve, reject });
      this.#next();
    });
  }

  /** Refuses what still waits; resolves when the process is gone. A later picture starts another. */
  async close(): Promise<void> {
    const stopped = new PngBusyError('The server is stopping.');
    for (const job of this.#waiting.splice(0)) job.reject(stopped);
    this.#settle()?.reject(stopped);
    const worker = this.#worker;
    this.#worker = null;
    // Its end is awaited, so it must keep us alive until then.
    worker?.child.ref();
    // It holds nothing that a sudden end could harm.
    worker?.child.kill('SIGKILL');
    await worker?.gone;
  }

  #next(): void {
    if (this.#work !== null) return;
    const job = this.#waiting.shift();
    if (job === undefined) return;
    this.#worker ??= this.#start();
    const worker = this.#worker;
    const timer = setTimeout(() => {
      this.#lose(worker, { timeoutMs: this.#timeoutMs });
      worker.child.kill('SIGKILL');
    }, this.#timeoutMs);
    this.#work = { ...job, timer };
    worker.child.send(job.order, (error) => {
      if (error) this.#lose(worker, { reason: error.message });
    });
  }

  #start(): Worker {
    const child = fork(childModule(new URL('./png-child.ts', import.meta.url)), {
      execArgv: childExecArgv(),
      serialization: 'advanced',
      // Its stdout goes to our stderr: stdout may be a pipe that carries --json.
      stdio: ['ignore', 2, 2, 'ipc'],
    });
    const gone = new Promise<void>((resolve) => {
      child.once('exit', () => resolve());
      child.once('error', () => resolve());
    });
    const worker = { child, gone };
    child.on('message', (answer: PngAnswer) => this.#take(worker, answer));
    child.once('exit', (code, signal) => this.#lose(worker, { exit: code ?? signal ?? 'unknown' }));
    // `on`: a fault that is told twice must not end the server.
    child.on('error', (error) => this.#lose(worker, { reason: error.message }));
    child.unref();
    child.channel?.unref();
    return worker;
  }

  #take(worker: Worker, answer: PngAnswer): void {
    if (worker !== this.#worker) return;
    const work = this.#settle();
    if (answer.kind === 'drawn') work?.resolve(Buffer.from(answer.png));
    else work?.reject(notDrawn({ reason: answer.message }));
    this.#next();
  }

  /** The process is of no more use: its picture fails, the next one starts another. */
  #lose(worker: Worker, facts: AppError['facts']): void {
    if (worker !== this.#worker) return;
    this.#worker = null;
    this.#settle()?.reject(notDrawn(facts));
    this.#next();
  }

  #settle(): Work | null {
    const work = this.#work;
    this.#work = null;
    if (work) clearTimeout(work.timer);
    return work;
  }
}

function notDrawn(facts: AppError['facts']): PngRenderError {
  return new PngRenderError('The PNG could not be drawn.', {
    facts,
    remedy: 'Ask for the .svg of the same URL.',
  });
}

/** The renderer of this process; `startApiServer` closes it. */
export const pngRenderer = new PngRenderer();
