import { readFileSync } from 'node:fs';
import { toEventSelector } from 'viem';
import { describe, expect, it } from 'vitest';
import { DEPLOYMENTS } from '../../../../indexer/protocols/pyth/contracts.ts';
import { priceFeedUpdate, priceFeedUpdateV1 } from '../../../../indexer/protocols/pyth/events.ts';
import { listedFeeds, plainSymbol } from '../../../../indexer/protocols/pyth/feeds.ts';
import { pyth } from '../../../../indexer/protocols/pyth/index.ts';
import type { ArchiveManifest } from '../../../../schema/archive-manifest.ts';
import type { OracleUpdate } from '../../../../schema/events/oracle.ts';
import { abiOf, describeEventVersions } from '../../../contracts/event-versions.contract.ts';
import { describeProtocolAdapter } from '../../../contracts/protocol-adapter.contract.ts';
import {
  BLOCK_TIME,
  batchOf,
  CONTRACT,
  madeUpLog,
  type RecordedLog,
  readRecordedLogs,
} from '../../../fixtures/oracles/log-batches.ts';
import { expectMutatedLogsToBeSafe } from '../../../fixtures/oracles/mutated-logs.ts';
import { expectOracleUpdate } from '../../../fixtures/oracles/oracle-update-shape.ts';

const arbitrum = pyth.readerFor({ chainId: 42161, chain: 'arbitrum', manifest: null })!;
const PYTH = '0xff1a0f4744e8582df1ae09d5611b887b6a12925c';
const PYTH_PRO = '0xe15357fb7ab31e091583b9c4b4135bb2f176f38e';
const ETH_USD = '0xff61491a931112ddf1bd8147cd1b641375f79f5825126d665480874634fd0ace';
const UNKNOWN = `0x${'ee'.repeat(32)}`;

const current = {
  id: ETH_USD,
  publishTime: BigInt(BLOCK_TIME - 2),
  price: 180_012_345_678n,
  conf: 98_765n,
};
const first = {
  ...current,
  fresh: true,
  chainId: 26,
  sequenceNumber: 9n,
  lastPublishTime: BigInt(BLOCK_TIME - 300),
};

const manifest = (section: object): ArchiveManifest => ({
  name: 'made-up',
  chainId: 31337,
  chain: 'local',
  fromBlock: 12,
  toBlock: 20,
  description: '',
  provenance: '',
  synthetic: true,
  protocols: { pyth: section },
});
const localReader = (section: object) =>
  pyth.readerFor({ chainId: 31337, chain: 'local', manifest: manifest(section) })!;

function updateOf(log: RecordedLog, reader = arbitrum): OracleUpdate {
  const { events, deadLetters } = reader.normalize(batchOf([log]));
  expect(deadLetters).toEqual([]);
  expect(events).toHaveLength(1);
  expectOracleUpdate(events[0]!);
  return events[0] as OracleUpdate;
}

describeProtocolAdapter(pyth, ['archives/synthetix-v2-crash-2023-08-17']);

describeEventVersions({
  adapter: pyth,
  context: { chainId: 42161, chain: 'arbitrum', manifest: null },
  addressOf: () => PYTH,
  events: abiOf('oracles').filter(({ name }) => ['PriceFeedUpdate'].includes(name)),
  ownsContracts: false,
});

describe('events of Pyth', () => {
  it.each([
    [priceFeedUpdate, '0xd06a6b7f4918494b3719217d1802786c1f5112a6c1d88fe2cfec00b4584f6aec'],
    [priceFeedUpdateV1, '0xa61a654f1064b28d3c54ec0c7b61399fc29b75a3843ead0c09708b5b18adda6e'],
  ] as const)('have the topic of the deployed contracts', (event, topic0) => {
    expect(toEventSelector(event)).toBe(topic0);
  });
});

describe('a price', () => {
  it('has the exponent of its feed as decimals, its confidence in the details, its publish time', () => {
    expect(updateOf(madeUpLog(priceFeedUpdate, current, { address: PYTH }))).toEqual({
      chainId: 42161,
      blockNumber: 1000,
      blockTimestamp: BLOCK_TIME,
      transactionHash: `0x${'ab'.repeat(32)}`,
      transactionIndex: 3,
      logIndex: 0,
      subIndex: 0,
      venue: 'pyth',
      kind: 'oracle',
      type: 'OracleUpdated',
      token: ETH_USD,
      symbol: 'ETH / USD',
      provider: PYTH,
      minPrice: 180_012_345_678n,
      maxPrice: 180_012_345_678n,
      priceDecimals: 8,
      delivery: 'PULL',
      observedAt: BLOCK_TIME - 2,
      timeIsBlockTime: false,
      details: { price: '180012345678', confidence: '98765', exponent: '-8' },
    });
  });

  it('of the first form of the event is the same, where the price was stored', () => {
    const update = updateOf(madeUpLog(priceFeedUpdateV1, first, { address: PYTH }));
    expect(update).toEqual(updateOf(madeUpLog(priceFeedUpdate, current, { address: PYTH })));
    const stale = madeUpLog(priceFeedUpdateV1, { ...first, fresh: false }, { address: PYTH });
    expect(arbitrum.normalize(batchOf([stale]))).toEqual({
      events: [],
      deadLetters: [],
      ignored: 1,
    });
  });

  it('of an unknown feed is an integer without decimals', () => {
    const update = updateOf(
      madeUpLog(priceFeedUpdate, { ...current, id: UNKNOWN }, { address: PYTH }),
    );
    expect(update).toMatchObject({
      token: UNKNOWN,
      symbol: '',
      minPrice: current.price,
      priceDecimals: null,
    });
    expect(update.details['exponent']).toBeUndefined();
  });

  it('has no decimals where they were never seen: after the upgrade to Pyth Pro, and in its contract', () => {
    const lastSecond = Date.UTC(2026, 7, 17, 23, 59, 59) / 1000;
    const decimalsAt = (address: string, blockTimestamp: number) =>
      updateOf(madeUpLog(priceFeedUpdate, current, { address, blockTimestamp })).priceDecimals;
    expect(decimalsAt(PYTH, lastSecond)).toBe(8);
    expect(decimalsAt(PYTH, lastSecond + 1)).toBeNull();
    expect(decimalsAt(PYTH_PRO, lastSecond)).toBeNull();
  });

  it('with a positive exponent is multiplied out exactly', () => {
    const reader = localReader({
      contracts: [CONTRACT],
      feeds: [{ id: UNKNOWN, symbol: 'X / USD', exponent: 3 }],
    });
    const update = updateOf(
      madeUpLog(priceFeedUpdate, { ...current, id: UNKNOWN, price: -7n }),
      reader,
    );
    expect(update).toMatchObject({
      minPrice: -7000n,
      maxPrice: -7000n,
      priceDecimals: 0,
      details: { price: '-7', exponent: '3' },
    });
  });

  it('keeps a delay below zero, and no time where there is none', () => {
    const publish = (publishTime: bigint) =>
      updateOf(madeUpLog(priceFeedUpdate, { ...current, publishTime }, { address: PYTH }))
        .observedAt;
    expect(publish(BigInt(BLOCK_TIME + 5))).toBe(BLOCK_TIME + 5);
    expect(publish(0n)).toBeNull();
  });

  it('with a time beyond any calendar is a dead letter', () => {
    const log = madeUpLog(
      priceFeedUpdate,
      { ...current, publishTime: 2n ** 60n },
      { address: PYTH },
    );
    expect(arbitrum.normalize(batchOf([log]))).toMatchObject({
      events: [],
      deadLetters: [
        { reason: 'PriceFeedUpdate: publishTime 1152921504606846976 is no time in seconds' },
      ],
    });
  });

  it('of another contract is nobody we know', () => {
    const log = madeUpLog(priceFeedUpdate, current, { address: CONTRACT });
    expect(arbitrum.normalize(batchOf([log])).events).toEqual([]);
  });
});

describe('prices of a real Hermes answer', () => {
  interface HermesPrice {
    readonly id: string;
    readonly price: string;
    readonly conf: string;
    readonly expo: number;
    readonly publishTime: number;
    readonly fetchedAtMs: number;
  }
  const file = new URL('../../../fixtures/oracles/pyth-hermes-2025-06-27.json', import.meta.url);
  const prices = JSON.parse(readFileSync(file, 'utf8')) as readonly HermesPrice[];

  it('have their exponent in the registry, 20 of 20', () => {
    expect(prices.map(({ id }) => listedFeeds().get(id)?.exponent)).toEqual(
      prices.map(({ expo }) => expo),
    );
    expect(prices).toHaveLength(20);
  });

  it('put on chain at the clock of the one who asked, are 3 seconds younger than their block', () => {
    for (const { id, price, conf, expo, publishTime, fetchedAtMs } of prices) {
      const args = {
        id,
        price: BigInt(price),
        conf: BigInt(conf),
        publishTime: BigInt(publishTime),
      };
      const blockTimestamp = Math.floor(fetchedAtMs / 1000);
      const update = updateOf(madeUpLog(priceFeedUpdate, args, { address: PYTH, blockTimestamp }));
      expect(update.priceDecimals).toBe(-expo);
      expect(update.blockTimestamp - update.observedAt!).toBe(-3);
    }
  });
});

describe('recorded logs of MockPyth', () => {
  const logs = readRecordedLogs('pyth-mock-logs.ndjson.gz');
  const section = {
    contracts: [logs[0]!.address],
    feeds: [
      { id: logs[0]!.topics[1], symbol: 'ETH / USD', exponent: -8 },
      { id: logs[1]!.topics[1], symbol: 'BTC / USD', exponent: -8 },
    ],
    swapsPublishTimes: true,
  };

  it('are one update each, published in the second of their block or the one before', () => {
    const { events, deadLetters, ignored } = localReader(section).normalize(batchOf(logs));
    expect({ deadLetters, ignored, count: events.length }).toEqual({
      deadLetters: [],
      ignored: 0,
      count: 272,
    });
    const updates = events as OracleUpdate[];
    const lags = updates.map((update) => update.blockTimestamp - update.observedAt!);
    expect([Math.min(...lags), Math.max(...lags)]).toEqual([0, 1]);
    expect(new Set(updates.map(({ symbol }) => symbol))).toEqual(
      new Set(['ETH / USD', 'BTC / USD']),
    );
    for (const update of updates) expectOracleUpdate(update);
  });

  it('would say the time of the price before, were the swap not told', () => {
    const { events } = localReader({ ...section, swapsPublishTimes: false }).normalize(
      batchOf(logs),
    );
    const updates = events as OracleUpdate[];
    expect(updates.filter((update) => update.observedAt === null)).toHaveLength(2); // none before the first
    expect(
      updates.some((update) => update.blockTimestamp - (update.observedAt ?? 0) > 10_000),
    ).toBe(true);
  });

  it('stay safe when mutated', () => {
    expectMutatedLogsToBeSafe(localReader(section), logs.slice(0, 6));
    expectMutatedLogsToBeSafe(arbitrum, [
      madeUpLog(priceFeedUpdate, current, { address: PYTH }),
      madeUpLog(priceFeedUpdateV1, first, { address: PYTH, logIndex: 1 }),
    ]);
  });
});

describe('where Pyth is read', () => {
  it('is its contracts of a public chain', () => {
    expect(arbitrum.selections).toEqual([
      {
        addresses: [PYTH, PYTH_PRO],
        topics: [[toEventSelector(priceFeedUpdate), toEventSelector(priceFeedUpdateV1)]],
      },
    ]);
    for (const { chainId, chain, contract, proContract } of DEPLOYMENTS) {
      const reader = pyth.readerFor({ chainId, chain, manifest: null })!;
      expect(reader.selections[0]?.addresses).toEqual(
        proContract === null ? [contract] : [contract, proContract],
      );
      expect(pyth.knownOn(chainId).map(({ isKnown }) => isKnown)).toEqual([true, true, false]);
    }
  });

  it('is no archive that says nothing of it, and no chain that only bears a public id', () => {
    const silent = { ...manifest({}), protocols: {} };
    expect(pyth.readerFor({ chainId: 42161, chain: 'arbitrum', manifest: silent })).toBeNull();
    expect(pyth.readerFor({ chainId: 42161, chain: 'somewhere', manifest: null })).toBeNull();
    expect(pyth.knownOn(31337)).toEqual([]);
  });

  it('says which field of a manifest is wrong', () => {
    expect(() => localReader({ contracts: [], feeds: [] })).toThrow(/cannot be read/);
  });

  it('knows 526 names and 29 exponents', () => {
    const feeds = [...listedFeeds().values()];
    expect(feeds.filter(({ symbol }) => symbol !== '')).toHaveLength(526);
    expect(feeds.filter(({ exponent }) => exponent !== null)).toHaveLength(29);
    expect(plainSymbol('FX.USD/JPY')).toBe('USD / JPY');
    expect(plainSymbol('Equity.US.CVX/USD')).toBe('Equity.US.CVX/USD');
    expect(plainSymbol('Rates.US10Y')).toBe('Rates.US10Y');
  });
});
