import { OperatorError } from '../../schema/errors.ts';
import { sleep } from '../source/backoff.ts';
import { compareEvidence, type EvidenceVerdict } from '../source/block-evidence.ts';
import type { HeadReader } from '../source/head-reader.ts';
import type { EventStore } from '../store/event-store.ts';
import type { ChainPlan } from './chain-plan.ts';
import type { IndexProgress } from './index-chain.ts';
import { ChainProjection } from './project.ts';
import { highestSharedBlock } from './shared-block.ts';

/** What a run tells while it goes on. */
export interface RunListener {
  /** Highest block the source names; may go down (instances differ). */
  readonly onHeight?: (height: number) => void;
  readonly onProgress?: (progress: IndexProgress) => void;
  readonly onRolledBack?: (rollback: Rollback) => void;
}

export interface Rollback {
  /** Blocks taken back. */
  readonly depth: number;
  /** Last block kept. */
  readonly toBlock: number;
  /** @example 'block 102 was 0x12… and is 0x34… now' */
  readonly reason: string;
}

export interface FollowRequest extends RunListener {
  readonly plan: ChainPlan;
  readonly head: HeadReader;
  readonly store: EventStore;
  /** First block to read when nothing has landed yet. */
  readonly fromBlock: number;
  /** A reorg may take back this many blocks; a deeper one needs a person. */
  readonly finalityDepth: number;
  /** Between two looks at a head that has not moved. */
  readonly pollMillis: number;
  readonly signal: AbortSignal;
  /** Flags that name this store, for commands that a person is told to give; '' for the default one. */
  readonly storeFlags?: string;
}

/**
 * - advanced: new blocks are landed and projected
 * - idle: what we have is what the chain has
 * - behind: the instance that answered is not as far as we are, and contradicts nothing
 * - unsettled: it contradicted us, but no longer
 * - rolled back: blocks of a branch that is gone were taken back
 */
export type StepOutcome = 'advanced' | 'idle' | 'behind' | 'unsettled' | 'rolled back';

/** Blocks between two sweeps over what has become final, when the window itself is shorter. */
const MIN_FORGET_BLOCKS = 100;

/**
 * Keeps one chain's store on the branch that its source serves, page by page. Every page is compared
 * with the stored hashes before anything of it is stored; in memory stay the hashes of the window
 * within which blocks may be replaced, and the fold state.
 */
export class ChainFollower {
  readonly #request: FollowRequest;
  readonly #known = new Map<number, string>();
  #projection: ChainProjection | null = null;
  #cursor = 0;
  #height: number | null = null;
  #forgottenTo = 0;

  private constructor(request: FollowRequest) {
    this.#request = request;
  }

  /** Continues after the last landed block of a store that is trimmed. */
  static async open(request: FollowRequest): Promise<ChainFollower> {
    const follower = new ChainFollower(request);
    await follower.reload();
    return follower;
  }

  /** First block not landed yet. */
  get cursor(): number {
    return this.#cursor;
  }

  /** Highest block that the source named last; it is asked when it has not yet. */
  async height(): Promise<number> {
    return this.#height ?? (await this.askHeight());
  }

  async askHeight(): Promise<number> {
    const { height } = await this.#request.head.head(this.#request.signal);
    this.#see(height);
    return height;
  }

  /** Frees the fold state, before others write to the store; `reload` afterwards. */
  rest(): void {
    this.#projection = null;
  }

  /** Reads cursor and window from the store again, after others have written to it. */
  async reload(): Promise<void> {
    const { store, plan, fromBlock, finalityDepth } = this.#request;
    const { chainId } = plan.source;
    const last = await store.lastCommit(chainId, 'land');
    this.#projection = null;
    this.#known.clear();
    this.#cursor = last ? last.toBlock + 1 : fromBlock;
    if (!last) return;
    const windowStart = last.toBlock - finalityDepth;
    const commits = await store.select<{ block: string; hash: string }>(
      `SELECT to_block AS block, last_block_hash AS hash FROM commits
       WHERE chain_id = {chainId:UInt64} AND stage = 'land' AND to_block >= {windowStart:Int64}`,
      { chainId, windowStart },
    );
    for (const { block, hash } of commits) this.#learn(Number(block), hash);
    for (const [block, hash] of await store.reversibleBlocks(chainId)) {
      if (block >= windowStart) this.#learn(block, hash);
    }
    this.#forgottenTo = windowStart;
  }

  /** Waits until the last landed block is known to be the chain's, or the endpoint is behind it. */
  async settle(): Promise<void> {
    if (this.#known.size === 0) return;
    for (;;) {
      const outcome = await this.step(this.#cursor - 1);
      if (outcome === 'idle' || outcome === 'behind') return;
      await this.pause();
    }
  }

  pause(): Promise<void> {
    return sleep(this.#request.pollMillis, this.#request.signal);
  }

  /** Projects what has landed. */
  async catchUp(): Promise<void> {
    const { signal } = this.#request;
    this.#projection ??= await this.#openProjection();
    await this.#projection.catchUp();
    signal.throwIfAborted();
  }

  /** One look at the head, up to `lastBlock`. */
  async step(lastBlock: number): Promise<StepOutcome> {
    const { head, plan, signal, store } = this.#request;
    const { chainId } = plan.source;
    const page = await head.readHeadPage({
      cursor: this.#cursor,
      lastBlock,
      selections: plan.selections,
      signal,
    });
    if (page.archiveHeight !== null) this.#see(page.archiveHeight);
    const verdict = compareEvidence(this.#known, page.evidence);
    if (verdict.kind === 'conflict' || !page.isScanned) return this.#reconcile(verdict);
    const { range } = page;
    if (!range) return 'idle';
    const rowCounts = await store.landHead(chainId, range);
    await store.commit({
      chainId,
      stage: 'land',
      fromBlock: range.fromBlock,
      toBlock: range.toBlock,
      lastBlockHash: range.lastBlockHash,
      lastBlockTimestamp: range.lastBlockTimestamp,
      rowCounts,
      method: plan.method,
    });
    for (const { number, hash } of range.headers) this.#learn(number, hash);
    this.#cursor = range.toBlock + 1;
    this.#request.onProgress?.({
      stage: 'land',
      toBlock: range.toBlock,
      count: rowCounts.raw_logs,
    });
    await this.catchUp();
    await this.#forget();
    return 'advanced';
  }

  #see(height: number): void {
    this.#height = height;
    this.#request.onHeight?.(height);
  }

  #learn(block: number, hash: string): void {
    if (hash !== '') this.#known.set(block, hash);
  }

  #openProjection(): Promise<ChainProjection> {
    const { store, plan, signal, onProgress } = this.#request;
    return ChainProjection.open({
      store,
      chainId: plan.source.chainId,
      openReaders: plan.openReaders,
      method: plan.method,
      signal,
      onProjected: ({ toBlock, events }) =>
        onProgress?.({ stage: 'project', toBlock, count: events }),
    });
  }

  /** Drops what is deeper than the window: in memory at once, in the store from time to time. */
  async #forget(): Promise<void> {
    const { store, plan, finalityDepth } = this.#request;
    const windowStart = this.#cursor - 1 - finalityDepth;
    for (const block of this.#known.keys()) if (block < windowStart) this.#known.delete(block);
    if (windowStart - this.#forgottenTo < Math.max(finalityDepth, MIN_FORGET_BLOCKS)) return;
    await store.forgetReversible(plan.source.chainId, windowStart);
    this.#forgottenTo = windowStart;
  }

  async #reconcile(verdict: EvidenceVerdict): Promise<StepOutcome> {
    const { head, signal } = this.#request;
    const found = await head.findCommonAncestor(this.#known, signal);
    if (found.kind === 'unchanged') return verdict.kind === 'conflict' ? 'unsettled' : 'behind';
    const toBlock =
      found.kind === 'ancestor' ? found.number : await this.#deepAncestor(found.height);
    const reason =
      verdict.kind === 'conflict'
        ? `block ${verdict.number} was ${verdict.knownHash} and is ${verdict.seenHash} now`
        : `the chain is another one from block ${toBlock + 1} on`;
    await this.#rollBack(toBlock, reason);
    return 'rolled back';
  }

  async #rollBack(toBlock: number, reason: string): Promise<void> {
    const { store, plan, onRolledBack } = this.#request;
    const depth = this.#cursor - 1 - toBlock;
    this.#projection = null;
    await store.rollBack(plan.source.chainId, toBlock, `reorg: ${reason}`);
    await this.reload();
    onRolledBack?.({ depth, toBlock, reason });
  }

  /**
   * Last block to keep when none of the known hashes is the chain's: bulk ranges keep few of them.
   * @throws OperatorError when it lies deeper than blocks are expected to be replaced.
   */
  async #deepAncestor(height: number): Promise<number> {
    const { store, plan, head, signal, finalityDepth } = this.#request;
    const { chainId } = plan.source;
    const windowStart = this.#cursor - 1 - finalityDepth;
    const belowBlock = Math.min(this.#cursor, height + 1);
    const shared = await highestSharedBlock({ store, head, chainId, belowBlock, signal });
    if (shared !== null && shared >= windowStart) return shared;
    const [first] = await store.select<{ block: string }>(
      `SELECT min(from_block) AS block FROM commits
       WHERE chain_id = {chainId:UInt64} AND stage = 'land'`,
      { chainId },
    );
    const beforeFirst = Number(first?.block ?? 0) - 1;
    // All that landed is young enough to be replaced, and was.
    if (shared === null && beforeFirst >= windowStart) return beforeFirst;
    throw this.#tooDeep(shared);
  }

  #tooDeep(shared: number | null): OperatorError {
    const { plan, finalityDepth, storeFlags = '' } = this.#request;
    const { chain, chainId } = plan.source;
    const facts = { chain, chainId, 'last block here': this.#cursor - 1, finalityDepth };
    if (shared === null) {
      return new OperatorError('Nothing that is stored of this chain is on the chain served now.', {
        facts,
        remedy:
          'Check that the endpoint serves the chain that was indexed before; if it does, index it anew into another --data folder.',
      });
    }
    return new OperatorError('The chain was reorganized deeper than its finality depth.', {
      facts: { ...facts, 'last block in common': shared },
      remedy: `If the new branch is the right one: \`npm run bulkhead -- ${['rollback', '--chain', chain, '--to', shared, storeFlags].join(' ').trimEnd()}\`, then start again.`,
    });
  }
}
