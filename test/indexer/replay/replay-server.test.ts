import hypersync, { type LogFilter, type LogSelection } from '@envio-dev/hypersync-client';
import { decodeEventLog, type Hex, parseAbi } from 'viem';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ReplayServer } from '../../../indexer/replay/replay-server.ts';
import {
  ALL_LOG_FIELDS,
  address,
  allLogs,
  connect,
  drain,
  essence,
  type FixtureLog,
  fixture,
  fixtureEssence,
  startSmallChain,
  TRANSFER,
  word,
} from './small-chain.ts';

const BLOCK = [
  'Number',
  'Hash',
  'ParentHash',
  'Timestamp',
  'GasUsed',
  'BaseFeePerGas',
  'Nonce',
  'Miner',
] as const;
const TRANSACTION = [
  'Hash',
  'BlockNumber',
  'BlockHash',
  'TransactionIndex',
  'From',
  'To',
  'Value',
  'Nonce',
  'Gas',
  'GasUsed',
  'GasPrice',
  'Input',
  'Sighash',
  'Type',
  'Status',
  'ChainId',
  'ContractAddress',
] as const;

let server: ReplayServer;
let url: string;
let client: ReturnType<typeof connect>;

beforeAll(async () => {
  ({ server, url } = await startSmallChain({ inMemoryBlocks: 32 }));
  client = connect(url);
});
beforeEach(() => {
  server.options = {
    ...server.options,
    maxBlocksPerRequest: 0,
    maxResponseBytes: 0,
  };
  server.setHeight(null);
});
afterAll(() => server.close());

describe('what the real client reads', () => {
  it('knows height and chain id', async () => {
    expect(await client.getHeight()).toBe(160);
    expect(await client.getChainId()).toBe(42161);
  });

  it('gets every log with exact values and four topics', async () => {
    const answer = await client.get(allLogs());
    expect(answer.data.logs.map(essence)).toEqual(fixtureEssence());
    expect(answer).toMatchObject({ nextBlock: 161, archiveHeight: 160 });
    const bare = answer.data.logs.find((log) => log.address === address(0xb1));
    expect(bare?.topics).toEqual([null, null, null, null]);
    expect(bare).not.toHaveProperty('removed');
  });

  it('treats toBlock as exclusive', async () => {
    const answer = await client.get(allLogs({ fromBlock: 110, toBlock: 120 }));
    expect(answer.data.logs.map(essence)).toEqual(
      fixtureEssence((log) => log.blockNumber >= 110 && log.blockNumber < 120),
    );
    expect(answer.nextBlock).toBe(120);
  });

  const emitter = address(0xa1);
  const filters: [string, (LogFilter | LogSelection)[], (log: FixtureLog) => boolean][] = [
    ['an address', [{ address: [emitter] }], (log) => log.address === emitter],
    ['topic 0', [{ topics: [[TRANSFER]] }], (log) => log.topics[0] === TRANSFER],
    [
      'topic 1, any of two',
      [{ topics: [[], [word(0x101), word(0x102)]] }],
      (log) => [word(0x101), word(0x102)].includes(log.topics[1] ?? ''),
    ],
    [
      'topics 0 and 2',
      [{ topics: [[TRANSFER], [], [word(0x203)]] }],
      (log) => log.topics[0] === TRANSFER && log.topics[2] === word(0x203),
    ],
    ['topic 3', [{ topics: [[], [], [], [word(2)]] }], (log) => log.topics[3] === word(2)],
    [
      'one selection or another',
      [{ address: [emitter] }, { topics: [[word(9)]] }],
      (log) => log.address === emitter || log.topics[0] === word(9),
    ],
    [
      'all but an excluded address',
      [{ include: { topics: [[TRANSFER]] }, exclude: { address: [emitter] } }],
      (log) => log.topics[0] === TRANSFER && log.address !== emitter,
    ],
  ];
  it.each(filters)('filters logs by %s', async (_name, logs, test) => {
    const answer = await client.get(allLogs({ logs }));
    expect(answer.data.logs.length).toBeGreaterThan(0);
    expect(answer.data.logs.map(essence)).toEqual(fixtureEssence(test));
  });

  it('scans to the end when nothing matches', async () => {
    const answer = await client.get(allLogs({ logs: [{ address: [address(0xdead)] }] }));
    expect(answer.data).toEqual({ blocks: [], transactions: [], logs: [], traces: [] });
    expect(answer.nextBlock).toBe(161);
  });

  it('leaves unselected fields out and keeps four empty topics', async () => {
    const answer = await client.get(allLogs({ fieldSelection: { log: ['Address'] } }));
    expect(Object.keys(answer.data.logs[0]!).sort()).toEqual(['address', 'topics']);
    expect(answer.data.logs[0]!.topics).toEqual([null, null, null, null]);
  });

  it('joins transactions and blocks with bigints, numbers and text as they should be', async () => {
    const fieldSelection = {
      log: [...ALL_LOG_FIELDS],
      transaction: [...TRANSACTION],
      block: [...BLOCK],
    };
    const { data } = await client.get(allLogs({ fieldSelection }));
    expect(data.transactions).toHaveLength(fixture.transactions.length);
    const transaction = data.transactions.find((candidate) => candidate.blockNumber === 110)!;
    expect(transaction).toMatchObject({
      value: (1n << 256n) - 1n,
      nonce: 110n,
      gasUsed: 100000n,
      type: 2,
      chainId: 42161,
      sighash: '0xa9059cbb',
    });
    expect(transaction).not.toHaveProperty('contractAddress');
    expect(data.blocks.find((block) => block.number === 110)).toMatchObject({
      timestamp: 1700000220,
      baseFeePerGas: 110000n,
    });
  });

  it('adds every log of the joined transactions with JoinAll, and nothing with JoinNothing', async () => {
    const only = { logs: [{ address: [address(0xb2)] }] };
    const fieldSelection = {
      log: [...ALL_LOG_FIELDS],
      transaction: ['Hash' as const],
      block: ['Number' as const],
    };
    const all = await client.get(
      allLogs({ ...only, fieldSelection, joinMode: hypersync.JoinMode.JoinAll }),
    );
    expect(all.data.logs.map(essence)).toEqual(fixtureEssence((log) => log.blockNumber === 102));
    const nothing = await client.get(
      allLogs({ ...only, fieldSelection, joinMode: hypersync.JoinMode.JoinNothing }),
    );
    expect(nothing.data).toMatchObject({ blocks: [], transactions: [] });
    expect(nothing.data.logs).toHaveLength(1);
  });

  it('selects transactions by sender, recipient, method and status', async () => {
    const count = async (filter: object) => {
      const fieldSelection = { transaction: ['Hash' as const] };
      const answer = await client.get({ fromBlock: 0, transactions: [filter], fieldSelection });
      return answer.data.transactions.length;
    };
    const total = fixture.transactions.length;
    expect(await count({ to: [address(0xc0ffee)], sighash: ['0xa9059cbb'] })).toBe(total);
    expect(await count({ from: [address(0x101)] })).toBeGreaterThan(0);
    expect((await count({ status: 1 })) + (await count({ status: 0 }))).toBe(total);
    expect(await count({ type: [1] })).toBe(0);
  });

  it('links every parent hash, listed or not', async () => {
    const { data } = await client.get({
      fromBlock: 100,
      toBlock: 161,
      includeAllBlocks: true,
      fieldSelection: { block: [...BLOCK] },
    });
    expect(data.blocks.map((block) => block.number)).toEqual(
      Array.from({ length: 61 }, (_, i) => 100 + i),
    );
    expect(data.blocks.slice(1).map((block) => block.parentHash)).toEqual(
      data.blocks.slice(0, -1).map((block) => block.hash),
    );
    expect(data.blocks.every((block) => block.timestamp === 1700000000 + block.number! * 2)).toBe(
      true,
    );
  });

  it('joins block and transaction to each event', async () => {
    const fieldSelection = {
      log: ['Address' as const, 'Data' as const, 'LogIndex' as const],
      block: ['Timestamp' as const, 'Hash' as const],
      transaction: ['From' as const],
    };
    const { data } = await client.getEvents(allLogs({ fieldSelection }));
    expect(
      data.map((event) => [
        event.block?.timestamp,
        event.block?.hash,
        event.transaction?.from,
        event.log.blockNumber,
      ]),
    ).toEqual(
      fixture.logs.map((log) => [
        1700000000 + log.blockNumber * 2,
        log.blockHash,
        address(0x100 + (log.blockNumber % 3)),
        log.blockNumber,
      ]),
    );
  });

  it('decodes to what viem decodes', async () => {
    const { data } = await client.get(allLogs({ logs: [{ topics: [[TRANSFER]] }] }));
    const signature = 'Transfer(address indexed from, address indexed to, uint256 amount)';
    const decoder = hypersync.Decoder.fromSignatures([signature]);
    const abi = parseAbi([
      'event Transfer(address indexed from, address indexed to, uint256 amount)',
    ]);
    const decoded = decoder.decodeLogsSync(data.logs);
    expect(decoded.map((event) => [event?.indexed[0]?.val, event?.body[0]?.val])).toEqual(
      data.logs.map((log) => {
        const topics = log.topics.filter((topic) => topic != null) as [Hex, ...Hex[]];
        const { args } = decodeEventLog({ abi, topics, data: log.data as Hex });
        return [args.from.toLowerCase(), args.amount];
      }),
    );
    const undecodable = [
      { topics: [word(1)], data: '0x' },
      { topics: [null], data: '0x' },
    ];
    expect(decoder.decodeLogsSync(undecodable)).toEqual([null, null]);
  });
});

describe('pages and streams', () => {
  it('pages on block boundaries when a maximum of logs is set', async () => {
    const seen: unknown[] = [];
    let pages = 0;
    for (let from = 0; from <= 160; pages++) {
      const answer = await client.get(allLogs({ fromBlock: from, maxNumLogs: 10 }));
      expect(answer.nextBlock).toBeGreaterThan(from);
      expect(answer.data.logs.every((log) => log.blockNumber! < answer.nextBlock)).toBe(true);
      seen.push(...answer.data.logs.map(essence));
      from = answer.nextBlock;
    }
    expect(seen).toEqual(fixtureEssence());
    expect(pages).toBeGreaterThan(5);
  });

  it('pages by bytes, at least a block at a time', async () => {
    server.options = { ...server.options, maxResponseBytes: 1 };
    const answer = await client.get(allLogs({ fromBlock: 100 }));
    expect(answer.nextBlock).toBe(101);
    expect(answer.data.logs).toHaveLength(2);
  });

  it('streams in order and completely over many pages', async () => {
    server.options = { ...server.options, maxBlocksPerRequest: 9 };
    const pages = await drain(
      await client.stream(allLogs({ fromBlock: 100, toBlock: 161 }), {
        batchSize: 13,
        minBatchSize: 5,
        concurrency: 4,
      }),
    );
    expect(pages.flatMap((page) => page.data.logs.map(essence))).toEqual(fixtureEssence());
    const next = pages.map((page) => page.nextBlock);
    expect(next).toEqual([...next].sort((a, b) => a - b));
    expect(next.at(-1)).toBe(161);
  });

  it('streams events, and collects without a guard', async () => {
    const query = allLogs({ fromBlock: 100, toBlock: 161 });
    const fieldSelection = {
      log: [...ALL_LOG_FIELDS],
      block: ['Number' as const, 'Timestamp' as const],
    };
    const pages = await drain(
      await client.streamEvents({ ...query, fieldSelection }, { batchSize: 20 }),
    );
    const events = pages.flatMap((page) => page.data);
    expect(events.map((event) => essence(event.log))).toEqual(fixtureEssence());
    expect(events.map((event) => event.block?.timestamp)).toEqual(
      fixture.logs.map((log) => 1700000000 + log.blockNumber * 2),
    );
    const collected = await client.collect(query, {});
    expect(collected.data.logs.map(essence)).toEqual(fixtureEssence());
    expect(collected).not.toHaveProperty('rollbackGuard');
  });

  it('announces heights', async () => {
    const stream = await client.streamHeight();
    const seen = [await stream.recv(), await stream.recv()];
    server.setHeight(155);
    seen.push(await stream.recv());
    server.setHeight(null);
    seen.push(await stream.recv());
    await stream.close();
    expect(seen).toEqual([
      { type: 'Connected' },
      { type: 'Height', height: 160 },
      { type: 'Height', height: 155 },
      { type: 'Height', height: 160 },
    ]);
  });

  it('does not advance past the head', async () => {
    const answer = await client.get(allLogs({ fromBlock: 161 }));
    expect(answer.nextBlock).toBe(161);
    expect(answer).not.toHaveProperty('rollbackGuard');
  });
});

describe('rollback guards', () => {
  it('come near the head only', async () => {
    const buried = await client.get(allLogs({ fromBlock: 100, toBlock: 120 }));
    expect(buried).not.toHaveProperty('rollbackGuard');
  });

  it('link one page to the next, and start at the first block still in memory', async () => {
    const first = await client.get(allLogs({ fromBlock: 130, toBlock: 150 }));
    const second = await client.get(allLogs({ fromBlock: first.nextBlock }));
    expect(first.rollbackGuard).toMatchObject({ blockNumber: 149, firstBlockNumber: 130 });
    expect(second.rollbackGuard).toMatchObject({
      firstBlockNumber: 150,
      firstParentHash: first.rollbackGuard!.hash,
    });
    const wide = await client.get(allLogs());
    expect(wide.rollbackGuard?.firstBlockNumber).toBe(129);
  });
});
