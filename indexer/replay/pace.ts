/** Raises a height by so many blocks a second, as a chain that lives. */
export class Pace {
  private timer: NodeJS.Timeout | null = null;
  private readonly raise: (blocks: number) => boolean;

  /** `raise` is told by how many blocks, and says whether there is more to come. */
  constructor(raise: (blocks: number) => boolean) {
    this.raise = raise;
  }

  /** Starts anew at that speed; null or 0 stops. */
  set(blocksPerSecond: number | null): void {
    this.stop();
    if (!blocksPerSecond) return;
    // At most twenty steps a second: a faster chain takes several blocks at once.
    const intervalMs = Math.max(50, 1000 / blocksPerSecond);
    let last = performance.now();
    let owed = 0;
    this.timer = setInterval(() => {
      const now = performance.now();
      owed += ((now - last) / 1000) * blocksPerSecond;
      last = now;
      const blocks = Math.floor(owed);
      owed -= blocks;
      if (blocks > 0 && !this.raise(blocks)) this.stop();
    }, intervalMs);
    this.timer.unref();
  }

  stop(): void {
    if (this.timer) clearInterval(this.timer);
    this.timer = null;
  }

  get isRunning(): boolean {
    return this.timer !== null;
  }
}
