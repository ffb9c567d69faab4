/**
 * How client 1.3.0 behaves when a server misbehaves: the facts our own source is built on. To be
 * looked at again with every upgrade of the client.
 */
import hypersync, {
  type LogField,
  type Query,
  type StreamConfig,
} from '@envio-dev/hypersync-client';
import { Binary, Field, makeData, RecordBatch, Schema, Struct, Uint64 } from 'apache-arrow';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { arrowFileOf } from '../../../indexer/replay/arrow-file.ts';
import { packRaw } from '../../../indexer/replay/capnp-packing.ts';
import { queryResponseMessage } from '../../../indexer/replay/capnp-response.ts';
import type { ReplayServer } from '../../../indexer/replay/replay-server.ts';
import {
  connect,
  drain,
  fixture,
  QUERY_PATH,
  queriedRanges,
  startSmallChain,
  TRANSFER,
} from './small-chain.ts';

const LOGS = fixture.logs.length;
const query: Query & { toBlock: number } = {
  fromBlock: 100,
  toBlock: 161,
  logs: [{}],
  fieldSelection: { log: ['BlockNumber', 'LogIndex', 'Data'] },
};
const { toBlock: _, ...openQuery } = query;

let server: ReplayServer;
let url: string;

beforeAll(async () => {
  ({ server, url } = await startSmallChain());
});
beforeEach(() => {
  server.requests.length = 0;
  server.clearFaults();
  server.rateLimit = null;
  server.options = { ...server.options, maxBlocksPerRequest: 0 };
});
afterAll(() => server.close());

async function elapsedMs(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

describe('retries', () => {
  it.each([400, 401, 404, 500, 503])('retry status %i', async (status) => {
    server.fail({ path: QUERY_PATH, status, body: 'no' });
    expect((await connect(url).get(query)).data.logs).toHaveLength(LOGS);
    expect(server.requests).toHaveLength(2);
  });

  it('come to maxNumRetries + 1 attempts, and the error lists each', async () => {
    server.fail({ path: QUERY_PATH, status: 500, body: 'boom' }, 3);
    const error: unknown = await connect(url, { maxNumRetries: 2 })
      .get(query)
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'GenericFailure' });
    expect(String(error).match(/boom/g)).toHaveLength(3);
    expect(server.requests).toHaveLength(3);
  });

  it.each([{ kind: 'reset' }, { kind: 'raw', body: 'not capnp' }, { kind: 'hang' }] as const)(
    'retry %o',
    async (fault) => {
      server.fail({ path: QUERY_PATH, ...fault });
      await connect(url, { httpReqTimeoutMillis: 200 }).get(query);
      expect(server.requests).toHaveLength(2);
    },
  );
});

describe('rate limits', () => {
  it('make a 429 wait for x-ratelimit-reset and a second more', async () => {
    const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1' };
    server.fail({ path: QUERY_PATH, status: 429, headers });
    const ms = await elapsedMs(() => connect(url).get(query));
    expect(ms).toBeGreaterThan(1900);
    expect(ms).toBeLessThan(4500);
  });

  it('make a 429 without reset wait two seconds, whatever retry-after says', async () => {
    server.fail({ path: QUERY_PATH, status: 429, headers: { 'retry-after': '30' } });
    const ms = await elapsedMs(() => connect(url).get(query));
    expect(ms).toBeGreaterThan(1900);
    expect(ms).toBeLessThan(6000);
  });

  it('are retried by getWithRateLimit too', async () => {
    const headers = { 'x-ratelimit-reset': '0' };
    server.fail({ path: QUERY_PATH, status: 429, headers });
    const answer = await connect(url).getWithRateLimit(query);
    expect(answer.response.data.logs).toHaveLength(LOGS);
    expect(server.requests).toHaveLength(2);
  });

  it('make the call after one with nothing remaining sleep, unless told not to', async () => {
    server.rateLimit = {
      'x-ratelimit-limit': '50, 50;w=60',
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset': '1',
      'x-ratelimit-cost': '10',
    };
    const patient = connect(url);
    await patient.get(query);
    expect(patient.rateLimitInfo()).toEqual({ limit: 50, remaining: 0, resetSecs: 1, cost: 10 });
    expect(await elapsedMs(() => patient.get(query))).toBeGreaterThan(800);
    const eager = connect(url, { proactiveRateLimitSleep: false });
    await eager.get(query);
    expect(await elapsedMs(() => eager.get(query))).toBeLessThan(800);
  });
});

describe('413', () => {
  it('halves the range without delay, and starts at 200 blocks when there is no toBlock', async () => {
    server.fail({ path: QUERY_PATH, status: 413 }, 2);
    expect((await connect(url).get(query)).nextBlock).toBe(115);
    expect(queriedRanges(server)).toEqual([
      [100, 161],
      [100, 130],
      [100, 115],
    ]);
    server.requests.length = 0;
    server.fail({ path: QUERY_PATH, status: 413 });
    await connect(url).get(openQuery);
    expect(queriedRanges(server)).toEqual([
      [100, null],
      [100, 300],
    ]);
  });

  it('down to the floor is an error, and then the whole ladder is retried', async () => {
    server.fail({ path: QUERY_PATH, status: 413 }, 6);
    await expect(connect(url).get({ ...query, toBlock: 105 })).rejects.toThrow(
      /minimum block range/,
    );
    const ladder = [
      [100, 105],
      [100, 102],
      [100, 101],
    ];
    expect(queriedRanges(server)).toEqual([...ladder, ...ladder]);
  });
});

describe('stream', () => {
  it('without toBlock ends with a request from above its end', async () => {
    const pages = await drain(await connect(url).stream(openQuery, {}));
    expect(queriedRanges(server)).toEqual([
      [100, null],
      [161, 160],
    ]);
    expect(pages.map((page) => [page.nextBlock, page.data.logs.length])).toEqual([
      [161, LOGS],
      [161, 0],
    ]);
  });

  it('without toBlock stops one block short when the first answer is a page', async () => {
    server.options = { ...server.options, maxBlocksPerRequest: 25 };
    const pages = await drain(await connect(url).stream(openQuery, {}));
    expect(pages.at(-1)?.nextBlock).toBe(160);
    const logs = pages.reduce((sum, page) => sum + page.data.logs.length, 0);
    const inLastBlock = fixture.logs.filter((log) => log.blockNumber === 160).length;
    expect(inLastBlock).toBe(2);
    expect(logs).toBe(LOGS - inLastBlock);
  });

  const refused: StreamConfig[] = [
    { hexOutput: 'Prefixed' },
    { columnMapping: { log: { data: 'Float64' } } },
    { eventSignature: 'A(uint256 x)' },
    { concurrency: 0 },
  ];
  it.each(refused)('fails with %o', async (config) => {
    const receive = async () => (await connect(url).stream(query, config)).recv();
    await expect(receive()).rejects.toThrow();
  });

  it('asks for the whole range first and for batches of the rest, each page with its guard', async () => {
    server.options = { ...server.options, maxBlocksPerRequest: 25 };
    const batches = { batchSize: 10, minBatchSize: 10, maxBatchSize: 10 };
    const pages = await drain(await connect(url).stream(query, batches));
    expect(queriedRanges(server)[0]).toEqual([100, 161]);
    expect(
      pages.map(({ rollbackGuard }) => [
        rollbackGuard?.firstBlockNumber,
        rollbackGuard?.blockNumber,
      ]),
    ).toEqual([
      [100, 124],
      [125, 134],
      [135, 144],
      [145, 154],
      [155, 160],
    ]);
  });

  it('with toBlock beyond the head asks again without pause, even after close', async () => {
    const stream = await connect(url).stream({ ...query, toBlock: 300 }, {});
    await stream.recv();
    await new Promise((resolve) => setTimeout(resolve, 400));
    await stream.close();
    const before = server.requests.length;
    await new Promise((resolve) => setTimeout(resolve, 200));
    const after = server.requests.length;
    server.switchBranch('fork', 400); // the head covers the range now: let it end
    await new Promise((resolve) => setTimeout(resolve, 300));
    server.switchBranch('main');
    expect(before).toBeGreaterThan(20);
    expect(after).toBeGreaterThan(before);
  });
});

describe('streamHeight', () => {
  it('does not close while a recv is pending', async () => {
    const stream = await connect(url).streamHeight();
    await stream.recv();
    await stream.recv();
    const pending = stream.recv();
    // The native call takes the lock a moment after it is made.
    await new Promise((resolve) => setTimeout(resolve, 150));
    let closed = false;
    const closing = stream.close().then(() => {
      closed = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(closed).toBe(false);
    server.setHeight(159);
    expect(await pending).toEqual({ type: 'Height', height: 159 });
    await closing;
    server.setHeight(null);
  });

  it('reconnects by itself and says so', async () => {
    const stream = await connect(url).streamHeight();
    await stream.recv();
    await stream.recv();
    server.dropHeightListeners();
    expect(await stream.recv()).toMatchObject({ type: 'Reconnecting', delayMillis: 0 });
    expect(await stream.recv()).toEqual({ type: 'Connected' });
    expect(await stream.recv()).toEqual({ type: 'Height', height: 160 });
    await stream.close();
  });
});

/** An answer of one table with one row, whatever its bytes. */
function answerWith(table: 'blocks' | 'logs', columns: Readonly<Record<string, Buffer>>): Buffer {
  const empty = arrowFileOf(new Schema([]), []);
  const fields = Object.keys(columns).map((name) =>
    name === 'number'
      ? new Field(name, new Uint64(), false)
      : new Field(name, new Binary(), name.startsWith('topic')),
  );
  const schema = new Schema(fields);
  const children = Object.entries(columns).map(([name, bytes]) =>
    name === 'number'
      ? makeData({ type: new Uint64(), length: 1, data: BigUint64Array.of(1n) })
      : makeData({
          type: new Binary(),
          length: 1,
          valueOffsets: Int32Array.of(0, bytes.length),
          data: bytes,
        }),
  );
  const data = makeData({ type: new Struct(fields), length: 1, nullCount: 0, children });
  const file = arrowFileOf(schema, [new RecordBatch(schema, data)]);
  return packRaw(
    queryResponseMessage({
      archiveHeight: 1,
      nextBlock: 2,
      totalExecutionTimeMs: 0,
      guard: null,
      tables: { blocks: empty, transactions: empty, logs: empty, [table]: file },
    }),
  );
}

describe('values', () => {
  it.each([Buffer.from([0, 1]), Buffer.alloc(0)])(
    'panic inside the client when a quantity is not minimal (%o), and the process lives',
    async (timestamp) => {
      const body = answerWith('blocks', { number: Buffer.alloc(0), timestamp });
      server.fail({ path: QUERY_PATH, kind: 'raw', body });
      await expect(connect(url).get(query)).rejects.toThrow(/assertion failed/);
      expect((await connect(url).get(query)).data.logs).toHaveLength(LOGS);
    },
  );

  it('of a wrong width are an error that is not retried', async () => {
    const body = answerWith('logs', { topic0: Buffer.alloc(31) });
    server.fail({ path: QUERY_PATH, kind: 'raw', body });
    await expect(connect(url).get(query)).rejects.toThrow(/Expected 32 got 31/);
    expect(server.requests).toHaveLength(1);
  });

  it('of mixHash, sendCount and sendRoot are transactionsRoot (a bug of the client)', async () => {
    const block = ['Number', 'MixHash', 'SendCount', 'SendRoot', 'TransactionsRoot'] as const;
    const { data } = await connect(url).get({ ...query, fieldSelection: { block: [...block] } });
    const header = data.blocks[0]! as Readonly<Record<string, unknown>>;
    expect(header['transactionsRoot']).toEqual(expect.any(String));
    for (const name of ['mixHash', 'sendCount', 'sendRoot']) {
      expect(header[name]).toBe(header['transactionsRoot']);
    }
    const alone = await connect(url).get({
      ...query,
      fieldSelection: { block: ['Number', 'MixHash'] },
    });
    expect(alone.data.blocks[0]).not.toHaveProperty('mixHash');
  });

  it('decode to null, never an error, when a topic or data is missing or short', async () => {
    const signature = 'Transfer(address indexed from, address indexed to, uint256 amount)';
    const decoder = hypersync.Decoder.fromSignatures([signature]);
    const logsWith = async (log: LogField[]) => {
      const selection = { logs: [{ topics: [[TRANSFER]] }], fieldSelection: { log } };
      return (await connect(url).get({ ...query, ...selection })).data.logs;
    };
    expect(decoder.decodeLogsSync(await logsWith(['Topic0', 'Data']))[0]).toBeNull();
    expect(decoder.decodeLogsSync(await logsWith(['Topic0', 'Topic1', 'Topic2']))[0]).toBeNull();
    const [whole] = await logsWith(['Topic0', 'Topic1', 'Topic2', 'Data']);
    expect(decoder.decodeLogsSync([whole!])[0]).not.toBeNull();
    expect(decoder.decodeLogsSync([{ ...whole!, data: '0x01' }])[0]).toBeNull();
  });
});
