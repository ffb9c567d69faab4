import { describe, expect, it } from 'vitest';
import { opPoked, poked } from '../../../../indexer/protocols/chronicle/events.ts';
import { chronicle } from '../../../../indexer/protocols/chronicle/index.ts';
import { abiOf, describeEventVersions } from '../../../contracts/event-versions.contract.ts';
import { BLOCK_TIME, batchOf, CONTRACT, madeUpLog } from '../../../fixtures/oracles/log-batches.ts';

const ETHEREUM = { chainId: 1, chain: 'ethereum', manifest: null };
const CALLER = `0x${'ca'.repeat(20)}`;
const FEED = `0x${'fe'.repeat(20)}`;

describeEventVersions({
  adapter: chronicle,
  context: ETHEREUM,
  addressOf: () => CONTRACT,
  events: abiOf('oracles').filter(({ name }) => ['Poked', 'OpPoked'].includes(name)),
  ownsContracts: false,
});

const read = (...logs: Parameters<typeof batchOf>[0]) =>
  chronicle.readerFor(ETHEREUM)!.normalize(batchOf(logs)).events;

describe('a poke', () => {
  it('is a price of 18 decimals with the time of the signed value, signed delay and all', () => {
    const price = { caller: CALLER, val: 1_800n * 10n ** 18n };
    const early = madeUpLog(poked, { ...price, age: BLOCK_TIME + 3 });
    expect(read(early)).toMatchObject([
      {
        token: CONTRACT,
        minPrice: price.val,
        priceDecimals: 18,
        observedAt: BLOCK_TIME + 3,
        timeIsBlockTime: false,
        delivery: 'PUSH',
      },
    ]);
  });

  it('of the optimistic form tells who signed, and is told apart', () => {
    const schnorrData = { signature: `0x${'01'.repeat(32)}`, commitment: FEED, feedIds: '0x0102' };
    const pokeData = { val: 7n, age: BLOCK_TIME - 9 };
    const log = madeUpLog(opPoked, { caller: CALLER, opFeed: FEED, schnorrData, pokeData });
    expect(read(log)).toMatchObject([
      { minPrice: 7n, observedAt: BLOCK_TIME - 9, details: { event: 'OpPoked', opFeed: FEED } },
    ]);
  });

  it('without an age has no observation time', () => {
    const log = madeUpLog(poked, { caller: CALLER, val: 1n, age: 0 });
    expect(read(log)).toMatchObject([{ observedAt: null }]);
  });
});
