/** One way to misbehave. Without `path` it strikes the next request, whatever it is. */
export interface Fault {
  readonly path?: string | undefined;
  /** Wait this long first; alone it only slows the answer down. */
  readonly delayMs?: number | undefined;
  /** `reset` drops the connection, `hang` never answers, `raw` answers 200 with `body`. */
  readonly kind?: 'reset' | 'hang' | 'raw' | undefined;
  readonly status?: number | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | Uint8Array | undefined;
}

/** Faults to come, each struck once, in order. */
export class FaultQueue {
  private readonly faults: Fault[] = [];

  add(fault: Fault, times: number): void {
    for (let i = 0; i < times; i++) this.faults.push(fault);
  }

  /** Removes and returns the first fault meant for `path`. */
  take(path: string): Fault | null {
    const index = this.faults.findIndex((fault) => !fault.path || fault.path === path);
    return index < 0 ? null : (this.faults.splice(index, 1)[0] ?? null);
  }

  clear(): void {
    this.faults.length = 0;
  }
}
