/** What the real client makes of each wrong page: the ground that our own checks stand on. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FaultName, faultNamed } from '../../../indexer/replay/fault-catalogue.ts';
import type { ReplayServer } from '../../../indexer/replay/replay-server.ts';
import { HEIGHT, LOG_COUNT, startServer } from '../source/test-chain.ts';
import { connect } from './small-chain.ts';

let server: ReplayServer;
let url: string;
beforeAll(async () => {
  ({ server, url } = await startServer());
});
afterAll(() => server.close());

const ask = (toBlock = HEIGHT + 1, fromBlock = 0) =>
  connect(url, { maxNumRetries: 0 }).get({
    fromBlock,
    toBlock,
    logs: [{}],
    fieldSelection: {
      block: ['Number', 'Hash', 'ParentHash', 'Timestamp'],
      transaction: ['Hash', 'BlockNumber'],
      log: ['BlockNumber', 'LogIndex', 'BlockHash', 'TransactionHash', 'Topic0', 'Data'],
    },
  });
const struck = (name: FaultName, ...range: number[]) => {
  server.fail(faultNamed(name));
  return ask(...range);
};

describe('a page', () => {
  it('that claims what it did not scan arrives as if it were whole', async () => {
    const page = await struck('skip-blocks');
    expect(page.nextBlock).toBe(HEIGHT + 1);
    expect(page.data.logs.length).toBeLessThan(LOG_COUNT);
    expect(page.rollbackGuard?.blockNumber).toBe(HEIGHT);
  });

  it('arrives without a log, a transaction or a header that should be there', async () => {
    const whole = await ask();
    expect((await struck('lost-log')).data.logs).toHaveLength(LOG_COUNT - 1);
    expect((await struck('lost-transaction')).data.transactions).toHaveLength(
      whole.data.transactions.length - 1,
    );
    expect((await struck('lost-header')).data.blocks).toHaveLength(whole.data.blocks.length - 1);
  });

  it('arrives with logs twice, with logs of other blocks, and in the wrong order', async () => {
    expect((await struck('doubled-logs')).data.logs).toHaveLength(2 * LOG_COUNT);
    const foreign = await struck('foreign-log', 50, 0);
    expect(Math.max(...foreign.data.logs.map((log) => log.blockNumber!))).toBe(50);
    const reversed = (await struck('reversed')).data.logs.map((log) => log.blockNumber!);
    expect(reversed).toEqual([...reversed].sort((a, b) => b - a));
  });

  it('arrives with logs of a block hash that its header does not have', async () => {
    const { data } = await struck('altered-hashes');
    const hashes = new Map(data.blocks.map((block) => [block.number, block.hash]));
    const wrong = data.logs.filter((log) => hashes.get(log.blockNumber) !== log.blockHash);
    expect(wrong).toHaveLength(LOG_COUNT);
  });

  it('can be the page before once more', async () => {
    await ask(15, 10);
    const page = await struck('page-repeated', 60, 50);
    expect(page.nextBlock).toBe(15);
    expect(page.data.logs.map((log) => log.blockNumber)).toEqual([10, 10, 11, 12, 12, 12]);
  });

  it('can have scanned nothing, lack its guard, and name no height', async () => {
    expect(await struck('nothing-scanned', 60, 50)).toMatchObject({ nextBlock: 50 });
    expect((await struck('no-guard')).rollbackGuard).toBeUndefined();
    expect((await struck('height-absent')).archiveHeight).toBeUndefined();
  });

  it('without a column arrives, with the values left out', async () => {
    const { data } = await struck('missing-column');
    expect(data.logs.map((log) => log.logIndex)).toEqual(Array(LOG_COUNT).fill(undefined));
  });

  it.each<FaultName>(['wrong-type', 'wrong-width', 'null-cells'])(
    'with %s is refused by the client',
    async (name) => {
      await expect(struck(name)).rejects.toThrow();
      expect((await ask()).data.logs).toHaveLength(LOG_COUNT);
    },
  );

  it.each<FaultName>(['cut', 'cut-at-once', 'shortened', 'garbage', 'empty-body', 'reset'])(
    'that is broken by %s is an error',
    async (name) => {
      await expect(struck(name)).rejects.toThrow();
    },
  );
});
