import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { runChain } from '../../../indexer/pipeline/run-chain.ts';
import type { EventStore } from '../../../indexer/store/event-store.ts';
import { OperatorError } from '../../../schema/errors.ts';
import {
  type Digests,
  digestsOf,
  FollowedChain,
  Following,
  type RunOptions,
  requestFor,
  StoreFolder,
} from './follow-world.ts';

/** The archive cut here: about 300 logs, positions opened, changed and liquidated among them. */
const HEIGHT = 200;
const DEPTH = 60;

describe('following a chain through reorgs', () => {
  const folder = new StoreFolder();
  let chain: FollowedChain;
  let following: Following | null = null;
  const clean = new Map<string, Digests>();

  beforeAll(async () => {
    chain = await FollowedChain.serve('gmx-v1-crash-scenario', HEIGHT);
    chain.fork('three', HEIGHT - 2, HEIGHT + 3);
    chain.fork('window', HEIGHT - DEPTH + 1, HEIGHT + 5);
    chain.fork('ten', HEIGHT - 9, HEIGHT + 6);
  });
  afterEach(async () => {
    await following?.stop();
    following = null;
    chain.server.beforeAnswer = () => {};
    chain.server.options = { ...chain.server.options, maxBlocksPerRequest: 0 };
    chain.server.switchBranch('main', HEIGHT);
  });
  afterAll(async () => {
    await chain.server.close();
    await folder.close();
  });

  async function follow(options: RunOptions = {}) {
    const { store } = await folder.open('followed');
    return followOn(store, options);
  }

  function followOn(store: EventStore, options: RunOptions = {}) {
    following = new Following(chain, store, folder.workDirectory(), options);
    return { store, following };
  }

  /** What a run that has seen only the branch served now has in its tables. */
  async function cleanDigests(includeAllBlocks = true): Promise<Digests> {
    const { hash } = chain.tip();
    const key = `${hash} ${includeAllBlocks}`;
    const known = clean.get(key);
    if (known) return known;
    const { store } = await folder.open('clean');
    const work = folder.workDirectory();
    await runChain(requestFor(chain, store, work, { follow: false, includeAllBlocks }));
    const digests = await digestsOf(store, chain.plan.source.chainId);
    clean.set(key, digests);
    return digests;
  }

  const digests = (store: EventStore) => digestsOf(store, chain.plan.source.chainId);

  it('takes back what a branch of three blocks replaced', async () => {
    const { store, following } = await follow();
    await following.atTip();
    expect(await digests(store)).toEqual(await cleanDigests());
    const before = await digests(store);
    chain.server.switchBranch('three');
    await following.atTip();
    expect(following.rollbacks).toMatchObject([{ depth: 3, toBlock: HEIGHT - 3 }]);
    expect(following.rollbacks[0]?.reason).toMatch(
      /^block \d+ was 0x[0-9a-f]{64} and is 0x[0-9a-f]{64} now$/,
    );
    const after = await digests(store);
    expect(after).toEqual(await cleanDigests());
    expect(after['raw_logs']).not.toBe(before['raw_logs']);
    expect(after['position_events']).not.toBe(before['position_events']);
  });

  it('takes back as many blocks as the window has', async () => {
    const { store, following } = await follow();
    await following.atTip();
    chain.server.switchBranch('window');
    await following.atTip();
    expect(following.rollbacks).toMatchObject([{ depth: DEPTH, toBlock: HEIGHT - DEPTH }]);
    expect(await digests(store)).toEqual(await cleanDigests());
  });

  it('keeps headers of blocks with logs only, where the source does', async () => {
    const { store, following } = await follow({ includeAllBlocks: false });
    await following.atTip();
    chain.server.switchBranch('ten');
    await following.atTip();
    expect(following.rollbacks).toMatchObject([{ depth: 10, toBlock: HEIGHT - 10 }]);
    expect(await digests(store)).toEqual(await cleanDigests(false));
  });

  it('notices that the next page comes from another branch', async () => {
    chain.server.options = { ...chain.server.options, maxBlocksPerRequest: 8 };
    chain.server.beforeAnswer = ({ from_block: from }) => {
      if (from >= HEIGHT - 5) chain.server.switchBranch('ten');
    };
    const { store, following } = await follow();
    await following.atTip();
    expect(following.rollbacks).toHaveLength(1);
    expect(following.rollbacks[0]?.toBlock).toBe(HEIGHT - 10);
    expect(chain.tip().block).toBe(HEIGHT + 6);
    expect(await digests(store)).toEqual(await cleanDigests());
  });

  it('notices a branch that begins below the bulk part, between it and the head', async () => {
    chain.fork('below', HEIGHT - DEPTH - 4, HEIGHT + 2);
    let isBulkDone = false;
    chain.server.beforeAnswer = ({ from_block: from }) => {
      if (from === HEIGHT - DEPTH && !isBulkDone) {
        isBulkDone = true;
        chain.server.switchBranch('below');
      }
    };
    const { store, following } = await follow();
    await following.atTip();
    expect(following.rollbacks).toMatchObject([{ toBlock: HEIGHT - DEPTH - 5, depth: 5 }]);
    expect(await digests(store)).toEqual(await cleanDigests());
  });

  it('survives a second reorg while it deals with the first, and a third back', async () => {
    const { store, following } = await follow();
    await following.atTip();
    let looks = 0;
    // The second query after the switch is the search for the fork.
    chain.server.beforeAnswer = () => {
      looks += 1;
      if (looks === 2) chain.server.switchBranch('ten');
    };
    chain.server.switchBranch('three');
    await following.until(() => looks > 3);
    await following.atTip();
    expect(await digests(store)).toEqual(await cleanDigests());
    chain.server.switchBranch('main', HEIGHT + 8);
    await following.atTip();
    expect(following.rollbacks.at(-1)).toMatchObject({ toBlock: HEIGHT - 10 });
    expect(await digests(store)).toEqual(await cleanDigests());
  });

  it('takes back blocks for a branch that is still shorter', async () => {
    const { store, following } = await follow();
    await following.atTip();
    chain.server.switchBranch('ten', HEIGHT - 4);
    await following.atTip();
    expect(following.rollbacks).toMatchObject([{ depth: 10 }]);
    expect(await digests(store)).toEqual(await cleanDigests());
    chain.server.setHeight(null);
    await following.atTip();
    expect(following.rollbacks).toHaveLength(1);
    expect(await digests(store)).toEqual(await cleanDigests());
  });

  it('notices a last block without logs that was replaced at the same height', async () => {
    const numbers = chain.main.logs.numbers('block_number');
    const withLogs = new Set<number>();
    for (let row = 0; row < chain.main.logs.rows; row++) withLogs.add(numbers.at(row) ?? 0);
    let height = HEIGHT;
    while (withLogs.has(height)) height -= 1;
    chain.fork('sibling', height, height, { dropShare: 1 });
    chain.server.switchBranch('main', height);
    const { store, following } = await follow();
    await following.atTip();
    chain.server.switchBranch('sibling');
    await following.atTip();
    expect(following.rollbacks).toMatchObject([{ depth: 1, toBlock: height - 1 }]);
    expect(await digests(store)).toEqual(await cleanDigests());
  });

  it('notices at the start what was replaced while nobody looked', async () => {
    const { store, following } = await follow();
    await following.atTip();
    await following.stop();
    chain.server.switchBranch('ten');
    const again = followOn(store).following;
    await again.atTip();
    expect(again.rollbacks).toMatchObject([{ depth: 10, toBlock: HEIGHT - 10 }]);
    expect(await digests(store)).toEqual(await cleanDigests());
  });

  it('takes back everything when all that landed is young and was replaced', async () => {
    const { store } = await folder.open('followed');
    const request = requestFor(chain, store, folder.workDirectory(), { follow: false });
    const fromBlock = HEIGHT - 20;
    await runChain({ ...request, fromBlock });
    chain.server.switchBranch('window');
    await runChain({ ...request, fromBlock });
    const fresh = await folder.open('clean');
    await runChain({ ...request, fromBlock, store: fresh.store });
    expect(await digests(store)).toEqual(await digests(fresh.store));
  });

  it.each([true, false])(
    'stops at a reorg deeper than it expects, and says what mends it (all headers: %s)',
    async (includeAllBlocks) => {
      const options = { finalityDepth: 8, includeAllBlocks };
      const { store, following } = await follow(options);
      await following.atTip();
      expect(following.monitor.current.state).toBe('FOLLOWING');
      chain.server.switchBranch('ten');
      const outcome = await following.outcome;
      const error = outcome.kind === 'failed' ? outcome.error : null;
      expect(error).toBeInstanceOf(OperatorError);
      const remedy = (error as OperatorError).remedy ?? '';
      const to = Number(/rollback --chain local-gmx-v1 --to (\d+)`/.exec(remedy)?.[1]);
      if (includeAllBlocks) expect(to).toBe(HEIGHT - 10);
      else expect(to).toBeLessThanOrEqual(HEIGHT - 10);
      expect(following.monitor.current).toMatchObject({ state: 'FAILED' });
      // Nothing was taken back or stored on a guess.
      expect((await store.lastCommit(chain.plan.source.chainId, 'land'))?.toBlock).toBe(HEIGHT);
      await store.rollBack(chain.plan.source.chainId, to, 'by hand');
      const again = followOn(store, options).following;
      await again.atTip();
      expect(await digests(store)).toEqual(await cleanDigests(includeAllBlocks));
    },
  );
});
