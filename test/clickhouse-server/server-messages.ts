import type { Fault } from './faults.ts';

/** Parent → server process. */
export interface Control {
  readonly id: number;
  readonly fault?: Fault;
  readonly seed?: number;
  readonly clear?: boolean;
  readonly listen?: 'up' | 'down';
  /** With `down`: up again after this long. */
  readonly upAfterMillis?: number;
}

/** Server process → parent: to each control call, and once without an id when it listens. */
export interface Report {
  readonly id: number | null;
  readonly url: string;
  readonly requests: number;
  readonly struck: Readonly<Record<string, number>>;
}
