import { describe, expect, it } from 'vitest';
import { valueUpdate } from '../../../../indexer/protocols/redstone/events.ts';
import { redstone } from '../../../../indexer/protocols/redstone/index.ts';
import type { OracleUpdate } from '../../../../schema/events/oracle.ts';
import { abiOf, describeEventVersions } from '../../../contracts/event-versions.contract.ts';
import { BLOCK_TIME, batchOf, CONTRACT, madeUpLog } from '../../../fixtures/oracles/log-batches.ts';

const ARBITRUM = { chainId: 42161, chain: 'arbitrum', manifest: null };
const idOf = (name: string) => `0x${Buffer.from(name).toString('hex').padEnd(64, '0')}`;
const ETH = idOf('ETH');

describeEventVersions({
  adapter: redstone,
  context: ARBITRUM,
  addressOf: () => CONTRACT,
  events: abiOf('oracles').filter(({ name }) =>
    ['ValueUpdate', 'UpdateSkipDueToDataTimestamp'].includes(name),
  ),
  ownsContracts: false,
});

function updateOf(args: Partial<{ value: bigint; dataFeedId: string; updatedAt: bigint }>) {
  const values = { value: 180_000_000_000n, dataFeedId: ETH, updatedAt: BigInt(BLOCK_TIME) };
  const reader = redstone.readerFor(ARBITRUM)!;
  const { events, deadLetters } = reader.normalize(
    batchOf([madeUpLog(valueUpdate, { ...values, ...args })]),
  );
  expect(deadLetters).toEqual([]);
  return events[0] as OracleUpdate;
}

describe('a value update', () => {
  it('is a price under the name that its id spells, with the default decimals said to be that', () => {
    expect(updateOf({})).toMatchObject({
      token: ETH,
      symbol: 'ETH',
      minPrice: 180_000_000_000n,
      priceDecimals: 8,
      delivery: 'PUSH',
      details: { decimalsAre: 'DEFAULT' },
    });
  });

  it('says nothing of latency: its time is the block’s', () => {
    expect(updateOf({})).toMatchObject({ observedAt: null, timeIsBlockTime: true });
    const other = updateOf({ updatedAt: BigInt(BLOCK_TIME - 5) });
    expect(other).toMatchObject({ observedAt: null, timeIsBlockTime: false });
    expect(other.details['updatedAt']).toBe(String(BLOCK_TIME - 5));
  });

  it.each([
    ['bytes that are no ASCII', `0x${'ff'.repeat(32)}`],
    ['nothing', `0x${'00'.repeat(32)}`],
    ['a control character', idOf('E\n')],
  ])('has no name where its id spells %s', (_name, dataFeedId) => {
    expect(updateOf({ dataFeedId })).toMatchObject({ token: dataFeedId, symbol: '' });
  });

  it('takes decimals and contracts from a manifest', () => {
    const manifest = {
      name: 'made-up',
      chainId: 42161,
      chain: 'arbitrum',
      fromBlock: 3,
      toBlock: 9,
      description: '',
      provenance: '',
      synthetic: true,
      protocols: { redstone: { adapters: [CONTRACT], feeds: [{ id: ETH, decimals: 18 }] } },
    };
    const reader = redstone.readerFor({ ...ARBITRUM, manifest })!;
    const log = madeUpLog(valueUpdate, { value: 1n, dataFeedId: ETH, updatedAt: 1n });
    const elsewhere = { ...log, address: `0x${'dd'.repeat(20)}`, logIndex: 8 };
    const { events, ignored } = reader.normalize(batchOf([log, elsewhere]));
    expect(events).toMatchObject([{ priceDecimals: 18, details: { decimalsAre: 'DECLARED' } }]);
    expect(ignored).toBe(0);
  });
});
