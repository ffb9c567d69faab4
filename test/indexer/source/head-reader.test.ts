import { afterEach, describe, expect, it } from 'vitest';
import type { QueryBody } from '../../../indexer/replay/query-body.ts';
import type { ReplayServer } from '../../../indexer/replay/replay-server.ts';
import { RetriesExhaustedError } from '../../../indexer/source/backoff.ts';
import { compareEvidence } from '../../../indexer/source/block-evidence.ts';
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
import { TamperingServer } from './test-source.ts';

const never = new AbortController().signal;
let server: ReplayServer;
let reader: HeadReader;

async function serve(...parameters: Parameters<typeof startServer>) {
  const started = await startServer(...parameters);
  connect(started.server, started.url);
}

function connect(started: ReplayServer, url: string): void {
  server = started;
  reader = new HeadReader(
    new HypersyncEndpoint({
      url,
      token: 'a-token',
      expectedChainId: CHAIN_ID,
      backoff: QUICK_BACKOFF,
    }),
    false,
  );
}
afterEach(() => server.close());

const readPage = (cursor: number, lastBlock = Number.POSITIVE_INFINITY) =>
  reader.readHeadPage({ cursor, lastBlock, selections: ALL_LOGS, signal: never });

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
    const page = await readPage(this.cursor);
    const verdict = compareEvidence(this.known, page.evidence);
    if (!page.isScanned || verdict.kind === 'conflict') {
      const ancestor = await reader.findCommonAncestor(this.known, never);
      if (ancestor.kind === 'unchanged') return 'behind';
      if (ancestor.kind === 'deeper') throw new Error('deeper than what is known');
      this.rollBackTo(ancestor.number);
      return 'rolled back';
    }
    const { range } = page;
    if (!range) return 'idle';
    this.logs.push(
      ...range.logs.map((log) => ({ block: log.blockNumber, transaction: log.transactionHash })),
    );
    for (const { number, hash } of range.headers) this.known.set(number, hash);
    this.cursor = range.toBlock + 1;
    return 'progress';
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
    const page = await readPage(98);
    expect(page.range).toMatchObject({ fromBlock: 98, toBlock: HEIGHT, keepsAllHeaders: false });
    expect(page.archiveHeight).toBe(HEIGHT);
    expect(page.range?.headers.map(({ number }) => number)).toEqual([98, 99, 100]);
    expect(page.range?.headers[0]?.timestamp).toBe(GENESIS_TIME + 2 * 98);
    expect(page.range?.logs.map((log) => [log.blockNumber, log.logIndex])).toEqual([
      [99, 0],
      [99, 1],
    ]);
    expect(page.range?.logs[0]?.topics).toHaveLength(2);
    expect(page.range?.transactions).toMatchObject([
      { blockNumber: 99, status: 1, gasUsed: 21_000n, effectiveGasPrice: 10n ** 25n },
    ]);
  });

  it('starts one block below the cursor, and takes nothing from it', async () => {
    await serve();
    const page = await readPage(100);
    expect(server.requests.at(-2)?.query?.from_block).toBe(99);
    expect(page.range).toMatchObject({ fromBlock: 100, toBlock: 100, logs: [] });
    expect(page.evidence.map(({ number }) => number)).toEqual([98, 99, 100]);
  });

  it('says that nothing was scanned when the instance is behind', async () => {
    await serve();
    server.setHeight(90);
    const page = await readPage(95);
    expect(page).toMatchObject({ isScanned: false, range: null, evidence: [] });
  });
});

describe('a page that is not what it claims to be', () => {
  /** Answers the first `times` page queries with a changed one. */
  async function serveTampered(tamper: (query: QueryBody) => QueryBody, times: number) {
    const tampering = new TamperingServer(makeChain());
    let left = times;
    tampering.tamper = (query) => {
      const isPage = query.field_selection.log.length > 0;
      return isPage && left-- > 0 ? tamper(query) : query;
    };
    connect(tampering, await tampering.listen());
    return tampering;
  }

  it('is asked for again when blocks of it have no header', async () => {
    await serveTampered((query) => ({ ...query, include_all_blocks: false }), 2);
    const { range } = await readPage(90);
    expect(range?.headers).toHaveLength(HEIGHT - 90 + 1);
    expect(server.requests.filter(({ query }) => query?.from_block === 89)).toHaveLength(3);
  });

  it('ends in an error that may pass when it stays so', async () => {
    await serveTampered((query) => ({ ...query, include_all_blocks: false }), 1_000);
    const failure = await readPage(90).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(OperatorError);
    expect((failure as OperatorError).cause).toBeInstanceOf(RetriesExhaustedError);
  });

  it('gives nothing new when it repeats older blocks', async () => {
    await serveTampered((query) => ({ ...query, from_block: 50, to_block: 80 }), 1);
    expect(await readPage(90)).toMatchObject({ range: null });
    expect((await readPage(90)).range).toMatchObject({ fromBlock: 90, toBlock: HEIGHT });
  });

  it('takes no block beyond the last one asked for', async () => {
    await serve();
    expect((await readPage(90, 95)).range).toMatchObject({ fromBlock: 90, toBlock: 95 });
    const overlap = await readPage(96, 95);
    expect(overlap).toMatchObject({ isScanned: true, range: null });
    expect(overlap.evidence.map(({ number }) => number)).toContain(95);
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

  it('says so when no known block is on the new branch', async () => {
    await serve();
    const follower = new Follower(98);
    await follower.catchUp();
    server.switchBranch('fork');
    expect(await reader.findCommonAncestor(follower.known, never)).toEqual({
      kind: 'deeper',
      height: 103,
    });
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
