/**
 * Whatever an endpoint does for a moment, what is read in the end is what a clean read gives: each
 * row once, no hole, and no storm of requests on the way.
 */
import { describe, expect, it } from 'vitest';
import {
  FAULT_NAMES,
  type FaultName,
  faultNamed,
} from '../../../indexer/replay/fault-catalogue.ts';
import { ReplayServer } from '../../../indexer/replay/replay-server.ts';
import { HeadReader } from '../../../indexer/source/head-reader.ts';
import { HypersyncEndpoint } from '../../../indexer/source/hypersync-endpoint.ts';
import {
  HypersyncSource,
  type HypersyncSourceOptions,
} from '../../../indexer/source/hypersync-source.ts';
import { DEFAULT_RANGE_LIMITS } from '../../../indexer/source/range-sizer.ts';
import { CorruptDataError } from '../../../schema/errors.ts';
import { ALL_LOGS, addLogs, CHAIN_ID, HEIGHT, makeChain, QUICK_BACKOFF } from './test-chain.ts';
import { failureOf, never, QUERY, rowsOf } from './test-source.ts';

const FIRST_BLOCK = 5;

async function serving<T>(work: (server: ReplayServer, url: string) => Promise<T>): Promise<T> {
  const chain = makeChain();
  const main = chain.branches.get('main')!;
  addLogs(main, HEIGHT + 40, 3);
  const server = new ReplayServer(chain, { maxBlocksPerRequest: 45 });
  try {
    return await work(server, await server.listen());
  } finally {
    await server.close();
  }
}

const endpointOptions = (url: string) => ({
  url,
  token: 'a-token',
  expectedChainId: CHAIN_ID,
  backoff: { ...QUICK_BACKOFF, budgetMillis: 15_000, rateLimitBudgetMillis: 60_000 },
  requestTimeoutMillis: 250,
});

/** Everything that would be stored, in one text a row; and the ranges themselves. */
async function land(url: string, options: Partial<HypersyncSourceOptions> = {}) {
  const rows: string[] = [];
  const spans: (readonly [number, number, string])[] = [];
  const source = new HypersyncSource({
    ...endpointOptions(url),
    includeAllBlocks: false,
    limits: { ...DEFAULT_RANGE_LIMITS, initialBlocks: 80, maxBlocks: 80 },
    ...options,
  });
  const request = { fromBlock: FIRST_BLOCK, toBlock: HEIGHT + 40, selections: ALL_LOGS };
  for await (const range of source.ranges({ ...request, signal: never })) {
    spans.push([range.fromBlock, range.toBlock, range.lastBlockHash]);
    const tables = [
      [
        range.logsFile,
        ['block_number', 'log_index', 'block_hash', 'transaction_hash', 'topic0', 'data'],
      ],
      [range.blocksFile, ['number', 'hash', 'parent_hash', 'timestamp']],
      [range.transactionsFile, ['block_number', 'transaction_index', 'hash']],
    ] as const;
    for (const [file, columns] of tables) {
      for (const row of await rowsOf(file, [...columns])) {
        rows.push(columns.map((column) => `${column}=${textOf(row[column])}`).join(' '));
      }
    }
    await range.discard();
  }
  return { rows: rows.sort(), spans };
}

const textOf = (value: unknown) =>
  value instanceof Uint8Array ? Buffer.from(value).toString('hex') : String(value);

function expectWhole(landed: Awaited<ReturnType<typeof land>>, clean: typeof landed): void {
  expect(landed.rows).toEqual(clean.rows);
  let next = FIRST_BLOCK;
  for (const [from, to] of landed.spans) {
    expect(from).toBe(next);
    next = to + 1;
  }
  expect(landed.spans.at(-1)).toEqual([expect.any(Number), ...clean.spans.at(-1)!.slice(1)]);
}

describe.concurrent('a clean read is what comes of', () => {
  it.each(FAULT_NAMES)('%s, struck early, in bulk and late', { timeout: 30_000 }, async (name) => {
    await serving(async (server, url) => {
      const clean = await land(url);
      const cleanRequests = server.requestCount;
      // A rate limit is waited out for seconds: once is enough.
      for (const position of name.includes('limit') ? [1] : [0, 1, 2, 4]) {
        for (let i = 0; i < position; i++) server.fail({ path: QUERY, delayMs: 0 });
        for (const path of [QUERY, '/height', '/chain_id']) {
          if (path === QUERY || !name.includes('limit')) server.fail({ ...faultNamed(name), path });
        }
        server.requestCount = 0;
        const landed = await land(url);
        server.clearFaults();
        expectWhole(landed, clean);
        expect(server.requestCount).toBeLessThan(cleanRequests + 20);
      }
    });
  });

  it.each(['null', 'missing-column'] as const)('data that is left out (%s)', async (kind) => {
    await serving(async (server, url) => {
      const clean = await land(url);
      // Behind the two pages of the count.
      for (let i = 0; i < 2; i++) server.fail({ path: QUERY, delayMs: 0 });
      server.fail({ path: QUERY, page: { kind, table: 'logs', column: 'data' } });
      const notices: string[] = [];
      expectWhole(await land(url, { onRetry: (text) => notices.push(text) }), clean);
      expect(notices).toHaveLength(1);
    });
  });

  it.each([1, 2, 3])(
    'a third of all requests struck by anything (seed %i)',
    { timeout: 60_000 },
    async (seed) => {
      await serving(async (server, url) => {
        const clean = await land(url, { includeAllBlocks: true });
        const kinds = FAULT_NAMES.filter((name) => !name.includes('limit'));
        server.requestCount = 0;
        server.setChaos({ share: 0.33, seed, kinds });
        const notices: string[] = [];
        expectWhole(
          await land(url, { includeAllBlocks: true, onRetry: (text) => notices.push(text) }),
          clean,
        );
        expect(server.requestCount).toBeLessThan(400);
        expect(notices.length).toBeGreaterThan(0);
      });
    },
  );
});

/** The same chain read page by page, as it is at the head. */
async function followHead(url: string) {
  const reader = new HeadReader(new HypersyncEndpoint(endpointOptions(url)), false);
  const rows: string[] = [];
  let cursor = FIRST_BLOCK;
  for (let looks = 0; cursor <= HEIGHT + 40; looks++) {
    expect(looks).toBeLessThan(60);
    const request = { cursor, lastBlock: HEIGHT + 40, selections: ALL_LOGS, signal: never };
    const { range } = await reader.readHeadPage(request);
    if (!range) continue;
    expect(range.fromBlock).toBe(cursor);
    for (const row of [...range.headers, ...range.logs]) rows.push(JSON.stringify(row));
    for (const { hash, blockNumber } of range.transactions) rows.push(`${blockNumber} ${hash}`);
    cursor = range.toBlock + 1;
  }
  return rows.sort();
}

describe.concurrent('pages at the head are whole in spite of', () => {
  const query = FAULT_NAMES.filter((name) => !name.includes('limit'));
  it.each(query)('%s', async (name) => {
    await serving(async (server, url) => {
      const clean = await followHead(url);
      for (const position of [0, 1, 2]) {
        for (let i = 0; i < position; i++) server.fail({ path: QUERY, delayMs: 0 });
        server.fail({ ...faultNamed(name), path: QUERY });
        server.requestCount = 0;
        expect(await followHead(url)).toEqual(clean);
        server.clearFaults();
        expect(server.requestCount).toBeLessThan(60);
      }
    });
  });

  it.each([4, 5])('a third of all answers struck by anything (seed %i)', async (seed) => {
    await serving(async (server, url) => {
      const clean = await followHead(url);
      server.setChaos({ share: 0.33, seed, kinds: query });
      expect(await followHead(url)).toEqual(clean);
    });
  });
});

describe.concurrent('without a count', () => {
  it('the same is read, by no more requests', async () => {
    await serving(async (server, url) => {
      const counted = await land(url);
      const requests = server.requestCount;
      server.requestCount = 0;
      const uncounted = await land(url, { recount: false });
      expect(uncounted.rows).toEqual(counted.rows);
      expect(server.requestCount).toBeLessThanOrEqual(requests);
    });
  });

  it('logs that an answer leaves out at its end are still found', async () => {
    await serving(async (server, url) => {
      const clean = await land(url);
      server.options = { ...server.options, maxBlocksPerRequest: 0 };
      server.fail({ path: QUERY, page: { kind: 'skip-blocks' } });
      expectWhole(await land(url, { recount: false }), clean);
    });
  });
});

describe.concurrent('an endpoint that goes on lying', () => {
  const inBulk = ['lost-log', 'doubled-logs', 'lost-header', 'foreign-log'] satisfies FaultName[];
  it.each(inBulk)('by %s in bulk is not believed, after a few looks', async (name) => {
    await serving(async (server, url) => {
      class Lying extends ReplayServer {
        override run(...[query, fault]: Parameters<ReplayServer['run']>) {
          const isBulk = query.field_selection.log.length > 2;
          return super.run(query, isBulk ? faultNamed(name) : fault);
        }
      }
      const lying = new Lying({ chainId: server.chainId, branches: server.branches });
      const error = await failureOf(land(await lying.listen()));
      await lying.close();
      expect(error).toBeInstanceOf(CorruptDataError);
      expect(lying.requestCount).toBeLessThan(30);
      expect(url).not.toBe('');
    });
  });

  it('about a block of another branch is not believed', async () => {
    await serving(async (server, url) => {
      server.options = { ...server.options, maxBlocksPerRequest: 0 };
      server.fail({ path: QUERY, page: { kind: 'altered', table: 'blocks', column: 'hash' } }, 100);
      const error = await failureOf(land(url, { includeAllBlocks: true }));
      expect(error).toBeInstanceOf(CorruptDataError);
      expect(error.message).toContain('link');
    });
  });
});
