import { ProgressBoard, type ProgressSurface } from './progress-board.ts';

/** Rewrites one line on a terminal this often; elsewhere writes a line of log every LOG_MS. */
const LINE_MS = 100;
const LOG_MS = 10_000;

export interface ProgressState {
  /** First and last block of the whole job, inclusive. */
  readonly fromBlock: number;
  readonly toBlock: number;
}

/**
 * Progress of an indexing run: blocks, events a second, time left. On stderr by default, so that
 * `--json` output on stdout stays clean.
 */
export class ProgressLine {
  readonly #surface: ProgressSurface;
  readonly #job: ProgressState;
  readonly #startedAt = performance.now();
  #block: number;
  #logs = 0;
  #events = 0;
  #writtenAt = Number.NEGATIVE_INFINITY;

  constructor(job: ProgressState, surface: ProgressSurface = new ProgressBoard().line()) {
    this.#job = job;
    this.#surface = surface;
    this.#block = job.fromBlock - 1;
  }

  landed(logs: number): void {
    this.#logs += logs;
    this.#write(false);
  }

  projected(toBlock: number, events: number): void {
    this.#block = toBlock;
    this.#events += events;
    this.#write(false);
  }

  /** Last line, with the totals. */
  finish(): void {
    this.#write(true);
    this.#surface.finish();
  }

  #write(force: boolean): void {
    const now = performance.now();
    if (!force && now - this.#writtenAt < (this.#surface.isTerminal ? LINE_MS : LOG_MS)) return;
    this.#writtenAt = now;
    this.#surface.show(
      formatProgress({
        job: this.#job,
        block: this.#block,
        logs: this.#logs,
        events: this.#events,
        seconds: (now - this.#startedAt) / 1000,
      }),
    );
  }
}

/** @example 'block 2,810 of 3,651 (77 %) · 24,210 logs · 21,004 events · 9,120 events/s · 1 s left' */
export function formatProgress(state: {
  readonly job: ProgressState;
  readonly block: number;
  readonly logs: number;
  readonly events: number;
  readonly seconds: number;
}): string {
  const { job, block, seconds } = state;
  const total = Math.max(1, job.toBlock - job.fromBlock + 1);
  const done = Math.min(total, Math.max(0, block - job.fromBlock + 1));
  const rate = seconds > 0 ? state.events / seconds : 0;
  const left = done > 0 && done < total ? (seconds / done) * (total - done) : 0;
  const parts = [
    `block ${count(Math.max(block, job.fromBlock))} of ${count(job.toBlock)} (${Math.floor((100 * done) / total)} %)`,
    `${count(state.logs)} logs`,
    `${count(state.events)} events`,
    `${count(Math.round(rate))} events/s`,
  ];
  if (done >= total) parts.push(`done in ${formatSeconds(seconds)}`);
  else if (done > 0) parts.push(`${formatSeconds(left)} left`);
  return parts.join(' · ');
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}

/** @example formatSeconds(3723) // '1 h 2 min' */
export function formatSeconds(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return `${Math.floor(seconds / 3600)} h ${Math.round((seconds % 3600) / 60)} min`;
}
