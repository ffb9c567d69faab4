import { seededRandom } from '../../indexer/replay/seeded-random.ts';

/** One way in which the server misbehaves. */
export interface Fault {
  /**
   * `slow` waits `millis` and goes on; `hang` never answers; `cutRequest` drops the connection after
   * `bytes` of the body (only statements in the URL can be matched); `cutAnswer` after `bytes` of
   * the answer; `executeAndCut` does what was asked and drops the connection without a word;
   * `status` answers `status` with a page of a proxy; `exception` answers `code` and `name` without
   * executing; `exceptionInAnswer` sends `bytes` of a 200 answer and then the exception.
   */
  readonly kind:
    | 'slow'
    | 'hang'
    | 'cutRequest'
    | 'cutAnswer'
    | 'executeAndCut'
    | 'status'
    | 'exception'
    | 'exceptionInAnswer';
  /** Source of a regular expression the statement must match (flag i); without it any statement. */
  readonly query?: string;
  /** How many requests it strikes; 1 without it. */
  readonly times?: number;
  /** Chance that it strikes a request it matches; 1 without it. */
  readonly probability?: number;
  readonly millis?: number;
  readonly bytes?: number;
  readonly status?: number;
  readonly code?: number;
  readonly name?: string;
  /** Servers before 25.11 give no X-ClickHouse-Exception-Tag and put the bare text into an answer. */
  readonly isOldServer?: boolean;
}

interface PendingFault {
  readonly fault: Fault;
  readonly pattern: RegExp;
  left: number;
}

/** Faults to come. The draws follow from the seed, so that a run can be repeated. */
export class FaultList {
  readonly #pending: PendingFault[] = [];
  readonly #struck = new Map<string, number>();
  #draw = seededRandom(1);

  add(fault: Fault): void {
    const pattern = new RegExp(fault.query ?? '', 'i');
    this.#pending.push({ fault, pattern, left: fault.times ?? 1 });
  }

  seed(seed: number): void {
    this.#draw = seededRandom(seed);
  }

  clear(): void {
    this.#pending.length = 0;
  }

  /** How often each kind struck. */
  get struck(): Record<string, number> {
    return Object.fromEntries(this.#struck);
  }

  /** The first fault for a statement: those of the request's body only, or all the others. */
  take(statement: string, when: 'beforeBody' | 'afterBody'): Fault | null {
    for (const pending of this.#pending) {
      const { fault, pattern } = pending;
      if ((fault.kind === 'cutRequest') !== (when === 'beforeBody')) continue;
      if (pending.left <= 0 || !pattern.test(statement)) continue;
      if (this.#draw() >= (fault.probability ?? 1)) continue;
      pending.left--;
      this.#struck.set(fault.kind, (this.#struck.get(fault.kind) ?? 0) + 1);
      return fault;
    }
    return null;
  }
}
