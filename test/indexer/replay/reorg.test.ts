import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ReplayServer } from '../../../indexer/replay/replay-server.ts';
import { evidenceOf, REORG_FIELDS, ReferenceIndexer } from './reference-indexer.ts';
import { address, connect, fixture, startSmallChain } from './small-chain.ts';

const FORK_BLOCK = 151;
type LogIdentity = {
  readonly blockNumber?: number;
  readonly logIndex?: number;
  readonly transactionHash?: string;
};
const identity = (log: LogIdentity) => `${log.blockNumber}:${log.logIndex}:${log.transactionHash}`;

function canonical(branch: 'main' | 'fork', height: number): string[] {
  const logs =
    branch === 'main'
      ? fixture.logs
      : [
          ...fixture.logs.filter((log) => log.blockNumber < FORK_BLOCK),
          ...fixture.branches[0].logs,
        ];
  return logs.filter((log) => log.blockNumber <= height).map(identity);
}

let server: ReplayServer;
let client: ReturnType<typeof connect>;
let indexer: ReferenceIndexer;

beforeEach(async () => {
  const started = await startSmallChain({ inMemoryBlocks: 64 });
  server = started.server;
  client = connect(started.url, { maxNumRetries: 0 });
  indexer = new ReferenceIndexer(client, 100);
});
afterEach(() => server.close());

describe('a change of branch', () => {
  it('shows in the guard: the new page does not follow the old one', async () => {
    const query = (fromBlock: number) =>
      client.get({ fromBlock, logs: [{}], fieldSelection: REORG_FIELDS });
    const before = await query(150);
    server.switchBranch('fork');
    const after = await query(before.nextBlock);
    expect(after.rollbackGuard?.firstBlockNumber).toBe(before.rollbackGuard!.blockNumber + 1);
    expect(after.rollbackGuard?.firstParentHash).not.toBe(before.rollbackGuard!.hash);
  });

  it('to a longer fork is rolled back to the block before the fork', async () => {
    await indexer.settle();
    expect(indexer.logs.map(identity)).toEqual(canonical('main', 160));
    server.switchBranch('fork');
    await indexer.settle();
    expect(indexer.rollbacks).toEqual([{ from: 160, to: 150 }]);
    expect(indexer.logs.map(identity)).toEqual(canonical('fork', 165));
  });

  it('at the same height is seen', async () => {
    await indexer.settle();
    server.switchBranch('fork', 160);
    await indexer.settle();
    expect(indexer.rollbacks).toEqual([{ from: 160, to: 150 }]);
    expect(indexer.logs.map(identity)).toEqual(canonical('fork', 160));
  });

  it('of the last block only is seen once a block is built on it', async () => {
    server.branches.set('one', server.branch.fork('one', 160, 161));
    await indexer.settle();
    server.switchBranch('one');
    await indexer.settle();
    expect(indexer.rollbacks).toEqual([{ from: 160, to: 159 }]);
    expect(indexer.logs.map(identity)).toEqual(canonical('main', 159));
  });

  it('of a last block that never had a log is seen', async () => {
    server.branches.set('one', server.branch.fork('one', 157, 158));
    server.setHeight(157);
    await indexer.settle();
    expect(indexer.cursor).toBe(158);
    server.switchBranch('one');
    await indexer.settle();
    expect(indexer.rollbacks.map((rollback) => rollback.to)).toEqual([156]);
    expect(indexer.logs.map(identity)).toEqual(canonical('main', 156));
  });

  it('of such a block is hidden from an overlapping poll without headers', async () => {
    server.branches.set('one', server.branch.fork('one', 157, 158));
    server.setHeight(157);
    const poll = (fromBlock: number) =>
      client.get({
        fromBlock,
        logs: [{ address: [address(0)] }],
        fieldSelection: REORG_FIELDS,
      });
    const before = new Map(evidenceOf(await poll(150)));
    server.switchBranch('one');
    const contradicts = async (fromBlock: number) =>
      evidenceOf(await poll(fromBlock)).some(
        ([number, hash]) => before.has(number) && before.get(number) !== hash,
      );
    expect(await contradicts(157)).toBe(false);
    expect(await contradicts(158)).toBe(true);
  });

  it('to a fork that is still shorter is rolled back, then followed', async () => {
    await indexer.settle();
    server.switchBranch('fork', 154);
    await indexer.settle();
    expect(indexer.rollbacks).toEqual([{ from: 160, to: 150 }]);
    expect(indexer.logs.map(identity)).toEqual(canonical('fork', 154));
    server.setHeight(165);
    await indexer.settle();
    expect(indexer.logs.map(identity)).toEqual(canonical('fork', 165));
  });

  it('in the middle of paging to the head is rolled back', async () => {
    while (indexer.cursor <= 152) await indexer.step();
    expect(indexer.cursor).toBeLessThan(161);
    server.switchBranch('fork');
    await indexer.settle();
    expect(indexer.rollbacks.map((rollback) => rollback.to)).toEqual([150]);
    expect(indexer.logs.map(identity)).toEqual(canonical('fork', 165));
  });

  it('deeper than the hashes kept leaves no common ancestor', async () => {
    const forgetful = new ReferenceIndexer(client, 100, 5);
    await forgetful.settle();
    server.switchBranch('fork');
    await expect(forgetful.settle()).rejects.toThrow(/deeper/);
  });
});

describe('a lagging replica', () => {
  it('is no reorg: nothing is rolled back', async () => {
    await indexer.settle();
    server.setHeight(140);
    expect(await indexer.settle()).toBe('behind');
    server.setHeight(null);
    await indexer.settle();
    expect(indexer.rollbacks).toEqual([]);
    expect(indexer.logs.map(identity)).toEqual(canonical('main', 160));
  });
});
