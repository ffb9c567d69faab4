export interface RangeLimits {
  readonly initialBlocks: number;
  readonly maxBlocks: number;
  /** What a range should come to; the next one is sized by how far the last one missed it. */
  readonly targetLogs: number;
  readonly targetBytes: number;
}

export const DEFAULT_RANGE_LIMITS: RangeLimits = {
  initialBlocks: 10_000,
  maxBlocks: 5_000_000,
  targetLogs: 25_000,
  targetBytes: 64 * 1024 * 1024,
};

/** Growth is slow because logs cluster: after a quiet stretch comes a launch day. */
const MAX_GROWTH = 4;
const MAX_SHRINK = 1 / 16;

/** How many blocks to ask for next, so that a range stays bounded in logs and bytes. */
export class RangeSizer {
  private blocks: number;
  private readonly limits: RangeLimits;

  constructor(limits: RangeLimits) {
    this.limits = limits;
    this.blocks = Math.max(1, Math.min(limits.initialBlocks, limits.maxBlocks));
  }

  get nextBlocks(): number {
    return this.blocks;
  }

  /** After a range of `blocks` came to so many logs and bytes on disk. */
  observe(range: { readonly blocks: number; readonly logs: number; readonly bytes: number }): void {
    const factor = Math.min(
      MAX_GROWTH,
      this.limits.targetLogs / Math.max(1, range.logs),
      this.limits.targetBytes / Math.max(1, range.bytes),
    );
    const wanted = Math.floor(range.blocks * Math.max(MAX_SHRINK, factor));
    // A short range at the end of the chain says nothing against a larger one.
    const floor = factor >= 1 ? this.blocks : 1;
    this.blocks = Math.min(this.limits.maxBlocks, Math.max(floor, wanted, 1));
  }

  /** After a failure that a smaller range may avoid (413, timeout). False when it is at one block. */
  halve(attempted: number): boolean {
    if (attempted <= 1) return false;
    this.blocks = Math.max(1, Math.floor(attempted / 2));
    return true;
  }
}
