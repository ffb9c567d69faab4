import { describe, expect, it } from 'vitest';
import { ADAPTERS } from '../../../../indexer/protocols/redstone/adapters.ts';
import { valueUpdate } from '../../../../indexer/protocols/redstone/events.ts';
import { listedDecimals } from '../../../../indexer/protocols/redstone/feeds.ts';
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

const ADAPTER = '0x89e60b56efd70a1d4fbbae947bc33cae41e37a72';

function updateOf(
  args: Partial<{ value: bigint; dataFeedId: string; updatedAt: bigint }>,
  address = ADAPTER,
) {
  const values = { value: 180_000_000_000n, dataFeedId: ETH, updatedAt: BigInt(BLOCK_TIME) };
  const reader = redstone.readerFor(ARBITRUM)!;
  const { events, deadLetters } = reader.normalize(
    batchOf([madeUpLog(valueUpdate, { ...values, ...args }, { address })]),
  );
  expect(deadLetters).toEqual([]);
  return events[0] as OracleUpdate;
}

describe('a value update', () => {
  it('is a price under the name that its id spells, with the decimals that its feed states', () => {
    expect(updateOf({})).toMatchObject({
      token: `${ADAPTER}${ETH.slice(2)}`,
      symbol: 'ETH',
      minPrice: 180_000_000_000n,
      priceDecimals: 8,
      provider: ADAPTER,
      delivery: 'PUSH',
      details: { updatedAt: String(BLOCK_TIME) },
    });
    expect(updateOf({ dataFeedId: idOf('USDC.DAI') })).toMatchObject({ priceDecimals: 14 });
  });

  it('is an integer where nobody states the decimals: a feed or a contract not listed', () => {
    const unpriced = { minPrice: 180_000_000_000n, priceDecimals: null };
    for (const name of ['sUSDe_RATE_PROVIDER', 'NOBODY']) {
      expect(updateOf({ dataFeedId: idOf(name) })).toMatchObject({ symbol: name, ...unpriced });
    }
    expect(updateOf({}, CONTRACT)).toMatchObject({ symbol: 'ETH', ...unpriced });
  });

  it('prices what its own contract says and nothing of another: the emitter is part of the token', () => {
    const [own, foreign] = [updateOf({}), updateOf({ value: 1n }, CONTRACT)];
    expect(own.token).toMatch(/^0x[0-9a-f]{104}$/);
    expect(foreign.token).toBe(`${CONTRACT}${ETH.slice(2)}`);
    expect(foreign.token).not.toBe(own.token);
    expect(foreign.symbol).toBe(own.symbol);
  });

  it('comes from adapters that every chain of the list names, and says what it lacks', () => {
    for (const { chainId, chain, adapters } of ADAPTERS) {
      expect(redstone.readerFor({ chainId, chain, manifest: null })).not.toBeNull();
      expect(adapters.every((adapter) => /^0x[0-9a-f]{40}$/.test(adapter))).toBe(true);
      expect(redstone.knownOn(chainId).map(({ isKnown }) => isKnown)).toEqual([true, false, false]);
    }
    expect(redstone.readerFor({ chainId: 42161, chain: 'somewhere', manifest: null })).toBeNull();
    expect(listedDecimals().size).toBe(127);
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
    expect(updateOf({ dataFeedId })).toMatchObject({
      token: `${ADAPTER}${dataFeedId.slice(2)}`,
      symbol: '',
    });
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
    expect(events).toMatchObject([{ priceDecimals: 18 }]);
    expect(ignored).toBe(0);
  });
});
