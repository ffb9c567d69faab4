import type { BlockField, TransactionField } from '@envio-dev/hypersync-client';
import { tableFromIPC } from 'apache-arrow';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { queryBodySchema } from '../../../indexer/replay/query-body.ts';
import type { ReplayServer } from '../../../indexer/replay/replay-server.ts';
import {
  ALL_LOG_FIELDS,
  address,
  allLogs,
  connect,
  essence,
  fixtureEssence,
  startSmallChain,
  TRANSFER,
  word,
} from './small-chain.ts';

const TOKEN = '00000000-0000-0000-0000-000000000000';
const BLOCK: BlockField[] = ['Number', 'Hash', 'ParentHash', 'Timestamp', 'GasUsed', 'Nonce'];
const TRANSACTION: TransactionField[] = [
  'Hash',
  'From',
  'To',
  'Value',
  'Input',
  'Sighash',
  'Status',
];

let server: ReplayServer;
let url: string;
let client: ReturnType<typeof connect>;

beforeAll(async () => {
  ({ server, url } = await startSmallChain({ token: TOKEN, control: true }));
  client = connect(url);
});
beforeEach(() => {
  server.options = {
    ...server.options,
    maxBlocksPerRequest: 0,
    rowsPerBatch: 0,
    compression: 'none',
    packing: 'raw',
  };
});
afterAll(() => server.close());

describe('encodings', () => {
  it.each([false, true])(
    "answers Cap'n Proto requests like JSON ones (query caching: %s)",
    async (enableQueryCaching) => {
      const query = allLogs({
        logs: [
          {
            include: { topics: [[TRANSFER], [], [word(0x203)]] },
            exclude: { address: [address(0xa1)] },
          },
        ],
        toBlock: 150,
        maxNumLogs: 3,
        fieldSelection: {
          log: [...ALL_LOG_FIELDS],
          block: BLOCK,
          transaction: TRANSACTION,
        },
      });
      const packed = connect(url, {
        serializationFormat: 'CapnProto',
        enableQueryCaching,
      });
      const before = server.requests.length;
      const byCapnp = await packed.get(query);
      expect(server.requests.at(-1)?.path).toBe('/query/arrow-ipc/capnp');
      expect(server.requests.length - before).toBe(enableQueryCaching ? 2 : 1);
      const byJson = await client.get(query);
      expect({ ...byCapnp, totalExecutionTime: 0 }).toEqual({ ...byJson, totalExecutionTime: 0 });
      expect(byJson.data.logs.length).toBeGreaterThan(2);
    },
  );

  it.each([{ packing: 'dense' }, { compression: 'lz4' }, { rowsPerBatch: 7 }] as const)(
    'reads the same rows with %o',
    async (option) => {
      server.options = { ...server.options, ...option };
      const answer = await client.get(allLogs());
      expect(answer.data.logs.map(essence)).toEqual(fixtureEssence());
    },
  );

  it('carries a log of 3 MB', async () => {
    const data = `0x${'cd'.repeat(3_000_000)}`;
    const { server: other, url: otherUrl } = await startSmallChain();
    other.branch.addLog({
      block_number: 160,
      log_index: 99,
      transaction_index: 0,
      transaction_hash: word(5),
      address: address(0xb3),
      topic0: word(1),
      data,
    });
    const answer = await connect(otherUrl).get(allLogs({ logs: [{ address: [address(0xb3)] }] }));
    await other.close();
    expect(answer.data.logs[0]?.data === data).toBe(true);
  });

  it('writes Arrow files that apache-arrow reads back', () => {
    const answer = server.run(
      queryBodySchema.parse({
        from_block: 0,
        logs: [{}],
        field_selection: { log: ['block_number', 'data', 'topic0', 'removed'] },
      }),
    );
    const table = tableFromIPC(answer.tables.logs);
    expect(table.numRows).toBe(answer.counts.logs);
    expect(table.getChild('block_number')?.get(0)).toBe(100n);
    expect(table.getChild('removed')?.get(0)).toBeNull();
  });
});

describe('access and control', () => {
  it('gets any token as bearer, and answers 401 to the wrong one', async () => {
    const before = server.requests.length;
    await expect(connect(url, { apiToken: 'not-a-uuid' }).getHeight()).rejects.toThrow(/401/);
    const sent = server.requests.slice(before);
    expect(sent).toHaveLength(2);
    expect(sent[0]?.headers).toMatchObject({
      authorization: 'Bearer not-a-uuid',
      'user-agent': 'hscn/0.0.0',
    });
    expect(sent[0]?.headers).not.toHaveProperty('accept-encoding');
  });

  it('refuses a client without token or with a malformed URL before any request', () => {
    expect(() => connect(url, { apiToken: undefined as unknown as string })).toThrow(/apiToken/);
    expect(() => connect('nonsense')).toThrow(/url is malformed/);
  });

  it('lets another process drive height, branch and options', async () => {
    const post = async (body: object) => {
      const response = await fetch(`${url}/_control`, {
        method: 'POST',
        body: JSON.stringify(body),
      });
      return { status: response.status, body: await response.text() };
    };
    expect(JSON.parse((await post({ branch: 'fork', height: 158 })).body)).toMatchObject({
      branch: 'fork',
      height: 158,
    });
    expect(await client.getHeight()).toBe(158);
    await post({ branch: 'main', options: { maxBlocksPerRequest: 10 } });
    expect((await client.get(allLogs())).nextBlock).toBe(10);
    expect(await post({ branch: 'nowhere' })).toEqual({
      status: 400,
      body: expect.stringContaining('no branch of that name'),
    });
  });
});
