import { afterEach, describe, expect, it } from 'vitest';
import type { ReplayServer } from '../../../indexer/replay/replay-server.ts';
import { compareEvidence, rememberEvidence } from '../../../indexer/source/block-evidence.ts';
import { HeadReader } from '../../../indexer/source/head-reader.ts';
import { HypersyncEndpoint } from '../../../indexer/source/hypersync-endpoint.ts';
import { OperatorError } from '../../../schema/errors.ts';
import {
  ALL_LOGS,
  addLogs,
  CHAIN_ID,
  GENESIS_TIME,
  HEIGHT,
  makeChain,
  QUICK_BACKOFF,
  startServer,
} from './test-chain.ts';

const never = new AbortController().signal;
let server: ReplayServer;
let reader: HeadReader;

async function serve(...parameters: Parameters<typeof startServer>) {
  const started = await startServer(...parameters);
  server = started.server;
  reader = new HeadReader(
    new HypersyncEndpoint({
      url: started.url,
      token: 'a-token',
      expectedChainId: CHAIN_ID,
      backoff: QUICK_BACKOFF,
    }),
  );
}
afterEach(() => server.close());

/** The loop that a follower runs: read, compare, apply or roll back. */
class Follower {
  readonly known = new Map<number, string>();
  readonly logs: { readonly block: number; readonly transaction: string }[] = [];
  readonly rollbacks: number[] = [];
  cursor: number;

  constructor(cursor: number) {
    this.cursor = cursor;
  }

  async step(): Promise<'progress' | 'idle' | 'behind' | 'rolled back'> {
    const page = await reader.readHeadPage({
      cursor: this.cursor,
      selections: ALL_LOGS,
      signal: never,
    });
    const verdict = compareEvidence(this.known, page.evidence);
    if (!page.isScanned || verdict.kind === 'conflict') {
      const ancestor = await reader.findCommonAncestor(this.known, never);
      if (ancestor.kind === 'unchanged') return 'behind';
      this.rollBackTo(ancestor.number);
      return 'rolled back';
    }
    this.logs.push(
      ...page.logs.map((log) => ({ block: log.blockNumber, transaction: log.transactionHash })),
    );
    rememberEvidence(this.known, page.evidence, 50);
    const before = this.cursor;
    this.cursor = page.nextBlock;
    return this.cursor > before ? 'progress' : 'idle';
  }

  async catchUp(): Promise<void> {
    for (let steps = 0; (await this.step()) !== 'idle'; steps++) {
      if (steps > 60) throw new Error('the follower does not come to rest');
    }
  }

  private rollBackTo(block: number): void {
    this.rollbacks.push(block);
    this.cursor = block + 1;
    const kept = this.logs.filter((log) => log.block <= block);
    this.logs.splice(0, this.logs.length, ...kept);
    for (const number of this.known.keys()) if (number > block) this.known.delete(number);
  }
}

/** What a follower must hold that has seen only the branch served now. */
async function cleanRun(from: number) {
  const follower = new Follower(from);
  await follower.catchUp();
  return { logs: follower.logs, cursor: follower.cursor };
}

describe('readHeadPage', () => {
  it('gives rows from the cursor on, with headers of every block', async () => {
    await serve();
    const page = await reader.readHeadPage({ cursor: 98, selections: ALL_LOGS, signal: never });
    expect(page.nextBlock).toBe(HEIGHT + 1);
    expect(page.archiveHeight).toBe(HEIGHT);
    expect(page.blocks.map(({ number }) => number)).toEqual([98, 99, 100]);
    expect(page.blocks[0]?.timestamp).toBe(GENESIS_TIME + 2 * 98);
    expect(page.logs.map((log) => [log.blockNumber, log.logIndex])).toEqual([
      [99, 0],
      [99, 1],
    ]);
    expect(page.logs[0]?.topics).toHaveLength(2);
    expect(page.transactions).toMatchObject([
      { blockNumber: 99, status: 1, gasUsed: 21_000n, effectiveGasPrice: 10n ** 25n },
    ]);
  });

  it('starts one block below the cursor, and takes nothing from it', async () => {
    await serve();
    const page = await reader.readHeadPage({ cursor: 100, selections: ALL_LOGS, signal: never });
    expect(server.requests.at(-1)?.query?.from_block).toBe(99);
    expect(page.logs).toEqual([]);
    expect(page.evidence.map(({ number }) => number)).toEqual([98, 99, 100]);
  });

  it('says that nothing was scanned when the instance is behind', async () => {
    await serve();
    server.setHeight(90);
    const page = await reader.readHeadPage({ cursor: 95, selections: ALL_LOGS, signal: never });
    expect(page).toMatchObject({ isScanned: false, nextBlock: 95, evidence: [], logs: [] });
  });
});

describe('following the head', () => {
  it('comes to the logs of the new branch after a reorg', async () => {
    await serve();
    const follower = new Follower(80);
    await follower.catchUp();
    expect(follower.logs.map(({ block }) => block)).toEqual([99, 99]);
    server.switchBranch('fork');
    await follower.catchUp();
    expect(follower.rollbacks).toEqual([95]);
    expect({ logs: follower.logs, cursor: follower.cursor }).toEqual(await cleanRun(80));
    expect(follower.logs.map(({ block }) => block)).toEqual([97, 99]);
  });

  it('notices a last block that was replaced at the same height', async () => {
    const chain = makeChain();
    chain.branches.set('sibling', chain.branches.get('main')!.fork('sibling', HEIGHT, HEIGHT));
    await serve({}, chain);
    const follower = new Follower(90);
    await follower.catchUp();
    server.switchBranch('sibling');
    expect(await follower.step()).toBe('rolled back');
    expect(follower.rollbacks).toEqual([HEIGHT - 1]);
    await follower.catchUp();
    expect(follower.known.get(HEIGHT)).toBe(`0x${server.branch.hashOf(HEIGHT).toString('hex')}`);
  });

  it('notices a replaced last block without logs that already has a child', async () => {
    const chain = makeChain();
    const sibling = chain.branches.get('main')!.fork('sibling', HEIGHT, HEIGHT + 3);
    addLogs(sibling, HEIGHT + 2, 1);
    chain.branches.set('sibling', sibling);
    await serve({}, chain);
    const follower = new Follower(90);
    await follower.catchUp();
    server.switchBranch('sibling');
    await follower.catchUp();
    expect(follower.rollbacks).toEqual([HEIGHT - 1]);
    expect({ logs: follower.logs, cursor: follower.cursor }).toEqual(await cleanRun(90));
  });

  it('rolls back when the new branch is still shorter than what was applied', async () => {
    await serve();
    const follower = new Follower(80);
    await follower.catchUp();
    server.switchBranch('fork', 97);
    expect(await follower.step()).toBe('rolled back');
    expect(follower.rollbacks).toEqual([95]);
    server.setHeight(null);
    await follower.catchUp();
    expect({ logs: follower.logs, cursor: follower.cursor }).toEqual(await cleanRun(80));
  });

  it('changes nothing when the instance is only behind', async () => {
    await serve();
    const follower = new Follower(80);
    await follower.catchUp();
    const logs = [...follower.logs];
    server.setHeight(90);
    expect(await follower.step()).toBe('behind');
    server.setHeight(null);
    await follower.catchUp();
    expect(follower.rollbacks).toEqual([]);
    expect(follower.logs).toEqual(logs);
  });

  it('survives a second reorg while it looks for the fork of the first', async () => {
    await serve();
    const follower = new Follower(80);
    await follower.catchUp();
    server.switchBranch('fork');
    const looking = follower.step();
    server.switchBranch('main');
    await looking;
    await follower.catchUp();
    expect({ logs: follower.logs, cursor: follower.cursor }).toEqual(await cleanRun(80));
  });

  it('stops when no stored block is on the new branch', async () => {
    await serve();
    const follower = new Follower(98);
    await follower.catchUp();
    server.switchBranch('fork');
    await expect(follower.step()).rejects.toThrow(OperatorError);
    expect(follower.cursor).toBe(HEIGHT + 1);
  });

  it('pages through headers when the endpoint answers in short pages', async () => {
    await serve({ maxBlocksPerRequest: 4 });
    const follower = new Follower(60);
    await follower.catchUp();
    server.switchBranch('fork');
    await follower.catchUp();
    expect(follower.rollbacks).toEqual([95]);
    expect({ logs: follower.logs, cursor: follower.cursor }).toEqual(await cleanRun(60));
  });
});
