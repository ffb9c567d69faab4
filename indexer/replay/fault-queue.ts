import type { FaultName } from './fault-catalogue.ts';
import { faultNamed, namesFor } from './fault-catalogue.ts';
import type { PageFault } from './page-fault.ts';
import { seededRandom } from './seeded-random.ts';

/** One way to misbehave. Without `path` it strikes the next request, whatever it is. */
export interface Fault {
  readonly path?: string | undefined;
  /** Wait this long first; alone it only slows the answer down. */
  readonly delayMs?: number | undefined;
  /** Wait this long once the answer is made: what it says may be over when it arrives. */
  readonly lateMs?: number | undefined;
  /**
   * `reset` drops the connection before any answer, `cut` in the middle of it (after `afterBytes`),
   * `shorten` ends a good answer after `afterBytes`, `hang` never answers, `raw` answers 200 with
   * `body`.
   */
  readonly kind?: 'reset' | 'cut' | 'shorten' | 'hang' | 'raw' | undefined;
  readonly afterBytes?: number | undefined;
  readonly status?: number | undefined;
  /** Sent with `status`, or with a good answer. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | Uint8Array | undefined;
  /** What is wrong with the page of a query. */
  readonly page?: PageFault | undefined;
  /** Answers the query before this one once more. */
  readonly repeat?: boolean | undefined;
  /** Answers as an instance that has this branch. */
  readonly branch?: string | undefined;
  /** Answers as an instance that is so many blocks behind. */
  readonly behind?: number | undefined;
  /** Names a height so much higher or lower than the one it answers from; null: none at all. */
  readonly claimHeight?: number | null | undefined;
  readonly chainId?: number | undefined;
}

/** A seeded mix of faults: each request is struck with a probability. */
export interface ChaosOptions {
  /** Share of the requests, 0 to 1. */
  readonly share: number;
  readonly seed: number;
  /** Which faults; all that pass by themselves within seconds when left out. */
  readonly kinds?: readonly FaultName[] | undefined;
}

/** Faults to come: first those in the queue, each struck once, in order; then chaos, if any. */
export class FaultQueue {
  /** How often chaos has struck, by name of the fault. */
  readonly struck = new Map<FaultName, number>();
  private readonly faults: Fault[] = [];
  private chaos: (ChaosOptions & { readonly random: () => number }) | null = null;

  add(fault: Fault, times: number): void {
    for (let i = 0; i < times; i++) this.faults.push(fault);
  }

  setChaos(options: ChaosOptions | null): void {
    this.chaos = options && { ...options, random: seededRandom(options.seed) };
  }

  /** Removes and returns the first fault meant for `path`. */
  take(path: string): Fault | null {
    const index = this.faults.findIndex((fault) => !fault.path || fault.path === path);
    return index < 0 ? this.strikeBlindly(path) : (this.faults.splice(index, 1)[0] ?? null);
  }

  clear(): void {
    this.faults.length = 0;
    this.chaos = null;
  }

  private strikeBlindly(path: string): Fault | null {
    if (!this.chaos || this.chaos.random() >= this.chaos.share) return null;
    const names = namesFor(path, this.chaos.kinds);
    const name = names[Math.floor(this.chaos.random() * names.length)];
    if (name === undefined) return null;
    this.struck.set(name, (this.struck.get(name) ?? 0) + 1);
    return faultNamed(name);
  }
}
