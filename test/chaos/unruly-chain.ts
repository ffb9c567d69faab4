import { alternativeBranch } from '../../indexer/replay/alternative-branch.ts';
import type { ReplayServer } from '../../indexer/replay/replay-server.ts';

/** How a chain grows and changes its mind. */
export interface UnrulyChain {
  readonly finalityDepth: number;
  /** Height when the follower starts. */
  readonly startBlock: number;
  /** Blocks that the head moves on at a time, at most. */
  readonly stride: number;
  readonly pauseMillis: number;
  /** Chance that a step is a reorg. */
  readonly reorgShare: number;
}

/** Lets the chain grow to `toBlock`, now and then on another branch; returns the number of reorgs. */
export async function moveOn(
  server: ReplayServer,
  toBlock: number,
  chain: UnrulyChain,
  random: () => number,
): Promise<number> {
  let reorgs = 0;
  let highest = server.archiveHeight;
  while (server.archiveHeight < toBlock) {
    await new Promise((done) => setTimeout(done, chain.pauseMillis * (0.5 + random())));
    const height = server.archiveHeight;
    highest = Math.max(highest, height);
    const next = Math.min(toBlock, height + Math.ceil(random() * chain.stride));
    if (random() >= chain.reorgShare) {
      server.setHeight(next);
      continue;
    }
    // Counted from the highest block ever shown: what was final once stays.
    const reach = height - (highest - chain.finalityDepth);
    if (reach < 1) {
      server.setHeight(next);
      continue;
    }
    reorgs += 1;
    const depth = 1 + Math.floor(random() * reach);
    const name = `reorg-${reorgs}`;
    const leaving = server.branch;
    const branch = alternativeBranch(leaving, {
      name,
      forkBlock: height + 1 - depth,
      seed: reorgs,
      // None dropped: the venue's own counters still add up, so that verify has nothing to say.
      moveShare: 0.3,
    });
    server.branches.set(name, branch);
    // As often shorter than what it replaces as longer.
    server.switchBranch(name, random() < 0.5 ? next : height + 1 - depth);
    server.branches.delete(leaving.name);
  }
  return reorgs;
}
