import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RecordingRequest, recordArchive } from '../../../indexer/replay/recorder.ts';
import { ReplayServer } from '../../../indexer/replay/replay-server.ts';
import { HypersyncEndpoint } from '../../../indexer/source/hypersync-endpoint.ts';
import {
  address,
  FIXTURE_PATH,
  fixture,
  QUERY_PATH,
  queriedRanges,
  TRANSFER,
} from './small-chain.ts';

const CRASH = fileURLToPath(new URL('../../../archives/gmx-v2-crash-2023-08-17', import.meta.url));
const TABLES = ['blocks', 'transactions', 'logs'] as const;

async function readRows(directory: string, table: string) {
  const file = await asyncBufferFromFile(join(directory, `${table}.parquet`));
  return parquetReadObjects({ file, compressors });
}

async function schemaOf(directory: string, table: string) {
  const file = await asyncBufferFromFile(join(directory, `${table}.parquet`));
  const { schema } = await parquetMetadataAsync(file);
  return schema.slice(1).map(({ name, type, converted_type }) => [name, type, converted_type]);
}

let parent: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'record-test-'));
});
afterEach(() => rm(parent, { recursive: true, force: true }));

function request(url: string, changes: Partial<RecordingRequest> = {}): RecordingRequest {
  return {
    endpoint: new HypersyncEndpoint({
      url,
      token: 'any',
      expectedChainId: 42161,
      backoff: { budgetMillis: 1500, baseMillis: 10, ceilingMillis: 50, rateLimitBudgetMillis: 1 },
    }),
    directory: join(parent, 'recorded'),
    name: 'recorded',
    description: 'A recording',
    chain: 'local',
    synthetic: true,
    fromBlock: 0,
    toBlock: 999_999,
    addresses: [],
    topics0: [],
    signal: new AbortController().signal,
    onProgress: () => undefined,
    ...changes,
  };
}

describe('a recording of the replayed crash archive', () => {
  let server: ReplayServer;
  let url: string;
  beforeAll(async () => {
    server = await ReplayServer.fromArchive(CRASH, { maxBlocksPerRequest: 1000 });
    url = await server.listen();
  });
  afterAll(() => server.close());

  it('has the same rows and columns, and can be served again', async () => {
    const progress: number[] = [];
    const { manifest, rows } = await recordArchive(
      request(url, { onProgress: ({ block }) => progress.push(block) }),
    );
    const directory = join(parent, 'recorded');
    expect(rows).toEqual({ blocks: 3652, transactions: 3356, logs: 31_924 });
    for (const table of TABLES) {
      expect(await readRows(directory, table)).toEqual(await readRows(CRASH, table));
      expect(await schemaOf(directory, table)).toEqual(await schemaOf(CRASH, table));
    }
    expect(manifest).toMatchObject({ chainId: 42161, fromBlock: 0, toBlock: 3651 });
    expect(manifest.provenance).toMatch(/every log, transaction and header/);
    expect(progress.at(-1)).toBe(3651);
    const again = await ReplayServer.fromArchive(directory);
    expect(again.archiveHeight).toBe(3651);
    expect(again.branch.logs.rows).toBe(31_924);
    expect(await readdir(parent)).toEqual(['recorded']);
  });
});

describe('a recording of a part', () => {
  let server: ReplayServer;
  let url: string;
  beforeEach(async () => {
    server = await ReplayServer.fromJsonFixture(FIXTURE_PATH);
    url = await server.listen();
  });
  afterEach(() => server.close());

  it('holds the logs of the filter, with their transactions, headers and the last header', async () => {
    const emitter = address(0xa1);
    const { manifest, rows } = await recordArchive(
      request(url, { fromBlock: 110, toBlock: 133, addresses: [emitter], topics0: [TRANSFER] }),
    );
    const wanted = fixture.logs.filter(
      (log) => log.address === emitter && log.blockNumber >= 110 && log.blockNumber <= 133,
    );
    const logs = await readRows(join(parent, 'recorded'), 'logs');
    expect(logs.map((log) => [Number(log['block_number']), log['data']])).toEqual(
      wanted.map((log) => [log.blockNumber, log.data]),
    );
    expect(rows.transactions).toBe(wanted.length);
    const blocks = await readRows(join(parent, 'recorded'), 'blocks');
    expect(blocks.map((block) => Number(block['number']))).toEqual([
      ...wanted.map((log) => log.blockNumber),
      133,
    ]);
    expect(manifest.provenance).toContain(emitter);
    expect((await ReplayServer.fromArchive(join(parent, 'recorded'))).archiveHeight).toBe(133);
  });

  it('may hold no log at all', async () => {
    const { rows } = await recordArchive(
      request(url, { fromBlock: 110, toBlock: 120, addresses: [address(0xdead)] }),
    );
    expect(rows).toEqual({ blocks: 1, transactions: 0, logs: 0 });
    const served = await ReplayServer.fromArchive(join(parent, 'recorded'));
    expect(served.branch.logs.rows).toBe(0);
  });

  it('is clamped to the head: nothing above it is asked for', async () => {
    server.setHeight(140);
    const { manifest } = await recordArchive(request(url, { fromBlock: 100 }));
    expect(manifest.toBlock).toBe(140);
    expect(Math.max(...queriedRanges(server).map(([, to]) => to ?? Infinity))).toBe(141);
  });

  it('goes on after passing faults', async () => {
    server.fail({ path: QUERY_PATH, status: 503 }, 3);
    server.fail({ path: QUERY_PATH, kind: 'reset' });
    const { rows } = await recordArchive(request(url, { fromBlock: 100 }));
    expect(rows.logs).toBe(fixture.logs.length);
  });

  it('starts above the head: refused', async () => {
    await expect(recordArchive(request(url, { fromBlock: 161 }))).rejects.toMatchObject({
      name: 'UsageError',
      facts: { fromBlock: 161, head: 160 },
    });
  });

  it('never overwrites a folder', async () => {
    await recordArchive(request(url, { fromBlock: 150 }));
    const before = await readFile(join(parent, 'recorded', 'archive.json'), 'utf8');
    await expect(recordArchive(request(url))).rejects.toMatchObject({
      name: 'UsageError',
      facts: { folder: join(parent, 'recorded') },
    });
    expect(await readFile(join(parent, 'recorded', 'archive.json'), 'utf8')).toBe(before);
  });

  it('leaves nothing behind when it breaks or is stopped', async () => {
    server.fail({ path: QUERY_PATH, status: 500 }, 1000);
    await expect(recordArchive(request(url))).rejects.toMatchObject({ name: 'OperatorError' });
    expect(await readdir(parent)).toEqual([]);
    server.clearFaults();
    server.fail({ path: QUERY_PATH, kind: 'hang' }, 10);
    const stop = AbortSignal.timeout(300);
    await expect(recordArchive(request(url, { signal: stop }))).rejects.toThrow();
    expect(await readdir(parent)).toEqual([]);
  });

  it.each(['a*b', 'a{1}b', 'a?'])('refuses the folder name %s', async (name) => {
    await expect(
      recordArchive(request(url, { directory: join(parent, name) })),
    ).rejects.toMatchObject({ name: 'UsageError' });
    expect(existsSync(join(parent, basename(name)))).toBe(false);
  });

  it('says so when the folder cannot be made', async () => {
    const file = join(parent, 'file');
    await writeFile(file, '');
    await expect(
      recordArchive(request(url, { directory: join(file, 'recorded') })),
    ).rejects.toMatchObject({ name: 'OperatorError', facts: { folder: join(file, 'recorded') } });
  });

  it('refuses a name that no archive can have', async () => {
    await expect(recordArchive(request(url, { name: 'Not A Name' }))).rejects.toMatchObject({
      name: 'UsageError',
      facts: { name: 'Not A Name' },
    });
  });
});
