import { decodeEventLog, toEventSelector } from 'viem';
import { describe, expect, it } from 'vitest';
import {
  answerUpdated,
  newRound,
  newTransmissionOcr1,
  newTransmissionOcr2,
} from '../../../../indexer/protocols/chainlink/events.ts';
import { listedFeeds } from '../../../../indexer/protocols/chainlink/feeds.ts';
import { chainlink } from '../../../../indexer/protocols/chainlink/index.ts';
import type { ChainReader } from '../../../../indexer/protocols/protocol-adapter.ts';
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

const arbitrum = chainlink.readerFor({ chainId: 42161, chain: 'arbitrum', manifest: null })!;
const ETH_USD = '0x3607e46698d218b3a5cae44bf381475c0a5e2ca7';
const TRANSMITTER = `0x${'7a'.repeat(20)}`;

function readerOf(chainId: number): ChainReader {
  const chain = { 1: 'ethereum', 137: 'polygon', 42161: 'arbitrum' }[chainId]!;
  return chainlink.readerFor({ chainId, chain, manifest: null })!;
}

function updatesOf(logs: readonly RecordedLog[]): readonly OracleUpdate[] {
  const { events, deadLetters } = readerOf(logs[0]!.chainId).normalize(batchOf(logs));
  expect(deadLetters).toEqual([]);
  return events as OracleUpdate[];
}

const round = {
  aggregatorRoundId: 77,
  answer: 180_012_345_678n,
  transmitter: TRANSMITTER,
  observations: [180_000_000_000n, 180_012_345_678n, 180_100_000_000n],
  observers: '0x000102',
};
const ocr1 = { ...round, rawReportContext: `0x${'11'.repeat(32)}` };
const ocr2 = {
  ...round,
  observationsTimestamp: BLOCK_TIME - 4,
  juelsPerFeeCoin: -5n,
  configDigest: `0x${'22'.repeat(32)}`,
  epochAndRound: 0x1234,
};
const answer = { current: round.answer, roundId: 77n, updatedAt: BigInt(BLOCK_TIME) };

describeProtocolAdapter(chainlink, ['archives/synthetix-v2-crash-2023-08-17']);

describeEventVersions({
  adapter: chainlink,
  context: { chainId: 42161, chain: 'arbitrum', manifest: null },
  addressOf: () => CONTRACT,
  events: abiOf('oracles').filter(({ name }) =>
    ['AnswerUpdated', 'NewRound', 'NewTransmission'].includes(name),
  ),
  ownsContracts: false,
});

describe('events of aggregators', () => {
  it.each([
    [newTransmissionOcr1, '0xf6a97944f31ea060dfde0566e4167c1a1082551e64b60ecb14d599a9d023d451'],
    [newTransmissionOcr2, '0xc797025feeeaf2cd924c99e9205acb8ec04d5cad21c41ce637a38fb6dee6016a'],
    [answerUpdated, '0x0559884fd3a460db3073b7fc896cc77986f16e378210ded43186175bf646fc5f'],
    [newRound, '0x0109fc6f55cf40689f02fbaad7af7fe7bbac8a3d2186600afc7d3e10cac60271'],
  ] as const)('has the topic of the deployed contracts', (event, topic0) => {
    expect(toEventSelector(event)).toBe(topic0);
  });
});

describe('recorded rounds', () => {
  const logs = readRecordedLogs('chainlink-logs.ndjson.gz');
  const byChain = [1, 137].map((chainId) => logs.filter((log) => log.chainId === chainId));

  it('become one update each: 29 of 87 logs, the rest repeat them', () => {
    const results = byChain.map((part) => readerOf(part[0]!.chainId).normalize(batchOf(part)));
    expect(results.flatMap((result) => result.deadLetters)).toEqual([]);
    expect(results.map((result) => result.events.length)).toEqual([5, 24]);
    expect(results.map((result) => result.ignored)).toEqual([10, 48]);
  });

  it('carry the answer, round and time of the AnswerUpdated that viem reads', () => {
    const updates = byChain.flatMap(updatesOf);
    const answers = byChain.flat().flatMap((log) => {
      if (log.topics[0] !== toEventSelector(answerUpdated)) return [];
      const { args } = decodeEventLog({
        abi: [answerUpdated],
        topics: log.topics as [`0x${string}`],
        data: log.data as `0x${string}`,
      });
      return [{ token: log.address, ...args }];
    });
    expect(
      updates.map(({ token, minPrice, details }) => ({
        token,
        current: minPrice,
        roundId: BigInt(String(details['roundId'])),
        updatedAt: BigInt(String(details['updatedAt'])),
      })),
    ).toEqual(answers);
    for (const update of updates) expectOracleUpdate(update);
  });

  it('say nothing of latency: OCR1 has no observation time, and updatedAt is the block time', () => {
    for (const update of byChain.flatMap(updatesOf)) {
      expect(update.observedAt).toBeNull();
      expect(update.timeIsBlockTime).toBe(true);
      expect(update.delivery).toBe('PUSH');
    }
  });

  it('have name and decimals where the aggregator is listed, and none where it is not', () => {
    const updates = byChain.flatMap(updatesOf);
    const named = updates.filter((update) => update.symbol !== '');
    expect(
      named.map(({ symbol, priceDecimals, minPrice }) => [symbol, priceDecimals, minPrice]),
    ).toEqual([['ETH / USD', 8, 191_174_000_000n]]);
    expect(
      updates.filter((update) => update.symbol === '').every((u) => u.priceDecimals === null),
    ).toBe(true);
  });
});

describe('whole recorded blocks', () => {
  it.each([
    ['polygon-50000000.ndjson.gz', 877, 15],
    ['arbitrum-150000000.ndjson.gz', 18, 0],
  ])('gives the rounds in %s and nothing of the other logs', (file, count, rounds) => {
    const logs = readRecordedLogs(file);
    expect(logs).toHaveLength(count);
    const { events, deadLetters, ignored } = readerOf(logs[0]!.chainId).normalize(batchOf(logs));
    expect(deadLetters).toEqual([]);
    expect(events).toHaveLength(rounds);
    expect(ignored).toBe(2 * rounds); // NewRound and AnswerUpdated
  });
});

describe('made-up rounds', () => {
  it('take the observation time of OCR2, signed delay and all', () => {
    const logs = [
      madeUpLog(newTransmissionOcr2, ocr2, { logIndex: 0, address: ETH_USD }),
      madeUpLog(
        newRound,
        { roundId: 77n, startedBy: `0x${'00'.repeat(20)}`, startedAt: 1n },
        { logIndex: 1, address: ETH_USD },
      ),
      madeUpLog(answerUpdated, answer, { logIndex: 2, address: ETH_USD }),
    ];
    expect(updatesOf(logs)).toEqual([
      {
        chainId: 42161,
        blockNumber: 1000,
        blockTimestamp: BLOCK_TIME,
        transactionHash: `0x${'ab'.repeat(32)}`,
        transactionIndex: 3,
        logIndex: 0,
        subIndex: 0,
        venue: 'chainlink',
        kind: 'oracle',
        type: 'OracleUpdated',
        token: ETH_USD,
        symbol: 'ETH / USD',
        provider: TRANSMITTER,
        minPrice: 180_012_345_678n,
        maxPrice: 180_012_345_678n,
        priceDecimals: 8,
        delivery: 'PUSH',
        observedAt: BLOCK_TIME - 4,
        timeIsBlockTime: false,
        details: {
          event: 'NewTransmission (OCR2)',
          roundId: '77',
          updatedAt: String(BLOCK_TIME),
          observations: ['180000000000', '180012345678', '180100000000'],
          observers: '0x000102',
          observationsTimestamp: String(BLOCK_TIME - 4),
          juelsPerFeeCoin: '-5',
          configDigest: `0x${'22'.repeat(32)}`,
          epochAndRound: '4660',
        },
      },
    ]);
    const early = { ...ocr2, observationsTimestamp: BLOCK_TIME + 3 };
    expect(updatesOf([madeUpLog(newTransmissionOcr2, early)])[0]?.observedAt).toBe(BLOCK_TIME + 3);
  });

  it('have no observation time where OCR2 states none', () => {
    const [update] = updatesOf([
      madeUpLog(newTransmissionOcr2, { ...ocr2, observationsTimestamp: 0 }),
    ]);
    expect(update).toMatchObject({ observedAt: null, timeIsBlockTime: false });
  });

  it('of OCR1 keep all that the log says, and no time', () => {
    const [update] = updatesOf([madeUpLog(newTransmissionOcr1, ocr1)]);
    expect(update).toMatchObject({
      token: CONTRACT,
      symbol: '',
      provider: TRANSMITTER,
      minPrice: 180_012_345_678n,
      priceDecimals: null,
      observedAt: null,
      timeIsBlockTime: false,
      details: {
        event: 'NewTransmission (OCR1)',
        roundId: '77',
        observers: '0x000102',
        rawReportContext: `0x${'11'.repeat(32)}`,
      },
    });
    expect(update?.details['updatedAt']).toBeUndefined();
  });

  it('of AnswerUpdated alone are updates, negative answers too', () => {
    const [update] = updatesOf([
      madeUpLog(answerUpdated, { ...answer, current: -12n }, { address: ETH_USD }),
    ]);
    expect(update).toMatchObject({
      provider: ETH_USD,
      minPrice: -12n,
      maxPrice: -12n,
      priceDecimals: 8,
      observedAt: null,
      timeIsBlockTime: true,
      details: { event: 'AnswerUpdated', roundId: '77', updatedAt: String(BLOCK_TIME) },
    });
  });

  it('keep an updatedAt that is not the block time in the details only', () => {
    const other = { ...answer, updatedAt: BigInt(BLOCK_TIME - 60) };
    expect(updatesOf([madeUpLog(answerUpdated, other)])[0]).toMatchObject({
      observedAt: null,
      timeIsBlockTime: false,
      details: { updatedAt: String(BLOCK_TIME - 60) },
    });
  });

  it('are one only in the same transaction, of the same aggregator, round and answer', () => {
    const transmission = madeUpLog(newTransmissionOcr1, ocr1);
    const countWith = (args: object, place: Partial<RecordedLog> = {}) =>
      updatesOf([
        transmission,
        madeUpLog(answerUpdated, { ...answer, ...args }, { logIndex: 1, ...place }),
      ]).length;
    expect(countWith({})).toBe(1);
    expect(countWith({}, { transactionHash: `0x${'cd'.repeat(32)}`, transactionIndex: 4 })).toBe(2);
    expect(countWith({}, { address: ETH_USD })).toBe(2);
    expect(countWith({ roundId: 78n })).toBe(2);
    expect(countWith({ current: 1n })).toBe(2);
  });

  it('survive a transmission that cannot be read: the AnswerUpdated is then the update', () => {
    const whole = madeUpLog(newTransmissionOcr2, ocr2);
    const cut = { ...whole, data: whole.data.slice(0, 2 + 64 * 3) };
    const { events, deadLetters } = arbitrum.normalize(
      batchOf([cut, madeUpLog(answerUpdated, answer, { logIndex: 1 })]),
    );
    expect(events).toMatchObject([{ logIndex: 1, details: { event: 'AnswerUpdated' } }]);
    expect(deadLetters).toMatchObject([{ logIndex: 0, venue: 'chainlink' }]);
  });

  it('become a dead letter that names the topic when the topic count is of no known version', () => {
    const log = madeUpLog(answerUpdated, answer);
    const { events, deadLetters } = arbitrum.normalize(
      batchOf([{ ...log, topics: log.topics.slice(0, 1) }]),
    );
    expect(events).toEqual([]);
    expect(deadLetters).toMatchObject([{ reason: expect.stringContaining(log.topics[0]!) }]);
  });
});

describe('mutated logs', () => {
  it('never throw past the adapter, never give half an event', () => {
    const recorded = readRecordedLogs('chainlink-logs.ndjson.gz').filter(
      (log) => log.chainId === 1,
    );
    expectMutatedLogsToBeSafe(readerOf(1), recorded);
    expectMutatedLogsToBeSafe(arbitrum, [
      madeUpLog(newTransmissionOcr2, ocr2),
      madeUpLog(answerUpdated, answer, { logIndex: 1 }),
      madeUpLog(newTransmissionOcr1, ocr1, { logIndex: 2, address: ETH_USD }),
    ]);
  });
});

describe('where Chainlink is read', () => {
  const manifest = {
    name: 'made-up',
    chainId: 31337,
    chain: 'local',
    fromBlock: 12,
    toBlock: 20,
    description: '',
    provenance: '',
    synthetic: true,
    protocols: {
      chainlink: {
        feeds: [
          {
            aggregator: CONTRACT.toUpperCase().replace('0X', '0x'),
            description: 'BTC / USD',
            decimals: 8,
          },
        ],
      },
    },
  };

  it('is any contract of a public chain, without the NewRound that repeats the others', () => {
    expect(arbitrum.selections).toEqual([
      {
        addresses: [],
        topics: [
          [newTransmissionOcr1, newTransmissionOcr2, answerUpdated].map((e) => toEventSelector(e)),
        ],
      },
    ]);
  });

  it('is the aggregators of a manifest and no other contract', () => {
    const reader = chainlink.readerFor({ ...manifest, manifest })!;
    expect(reader.firstBlock).toBe(12);
    expect(reader.selections[0]?.addresses).toEqual([CONTRACT]);
    const logs = [
      madeUpLog(answerUpdated, answer),
      madeUpLog(answerUpdated, answer, { logIndex: 1, address: ETH_USD }),
    ];
    expect(reader.normalize(batchOf(logs)).events).toMatchObject([
      { token: CONTRACT, symbol: 'BTC / USD', priceDecimals: 8 },
    ]);
  });

  it('is no archive that says nothing of it, and no chain that only bears a public id', () => {
    expect(
      chainlink.readerFor({ ...manifest, manifest: { ...manifest, protocols: {} } }),
    ).toBeNull();
    expect(chainlink.readerFor({ chainId: 42161, chain: 'somewhere', manifest: null })).toBeNull();
  });

  it('says which field of a manifest is wrong', () => {
    const wrong = {
      ...manifest,
      protocols: { chainlink: { feeds: [{ aggregator: '0x12', description: '', decimals: 8 }] } },
    };
    expect(() => chainlink.readerFor({ ...manifest, manifest: wrong })).toThrow(/cannot be read/);
  });

  it('knows 964 aggregators, and says what it does not know', () => {
    const counts = [1, 10, 56, 137, 8453, 42161, 43114, 59144].map((id) => listedFeeds(id).size);
    expect(counts).toEqual([192, 138, 136, 152, 77, 173, 69, 27]);
    expect(chainlink.knownOn(42161).map(({ isKnown }) => isKnown)).toEqual([true, false]);
    expect(chainlink.knownOn(534352).map(({ isKnown }) => isKnown)).toEqual([false, false]);
    expect(chainlink.knownOn(31337)).toEqual([]);
  });
});
