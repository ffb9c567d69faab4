/** Adds up the wall time of named stages, so that a run can say where its time went. */
export class StageClock {
  readonly #milliseconds = new Map<string, number>();

  async time<T>(stage: string, work: () => Promise<T> | T): Promise<T> {
    const startedAt = performance.now();
    try {
      return await work();
    } finally {
      this.add(stage, performance.now() - startedAt);
    }
  }

  add(stage: string, milliseconds: number): void {
    this.#milliseconds.set(stage, (this.#milliseconds.get(stage) ?? 0) + milliseconds);
  }

  /** Milliseconds by stage, in the order the stages first ran. */
  totals(): ReadonlyMap<string, number> {
    return this.#milliseconds;
  }
}
