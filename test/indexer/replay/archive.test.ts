import { readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Block, Log, Transaction } from '@envio-dev/hypersync-client';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { loadArchive } from '../../../indexer/replay/archive.ts';
import { ARCHIVE_COLUMNS } from '../../../indexer/replay/archive-columns.ts';
import { ReplayServer } from '../../../indexer/replay/replay-server.ts';
import { ALL_LOG_FIELDS, connect } from './small-chain.ts';
import {
  BLOCKS,
  LOGS,
  MANIFEST,
  makeTinyArchive,
  type Row,
  TRANSACTIONS,
  writeParquet,
} from './tiny-archive.ts';

const archiveFolder = (name: string) =>
  fileURLToPath(new URL(`../../../archives/${name}`, import.meta.url));

async function readParquet(directory: string, file: string): Promise<Row[]> {
  return parquetReadObjects({
    file: await asyncBufferFromFile(join(directory, file)),
    compressors,
  });
}

const hex = (value: bigint | undefined) => (value === undefined ? null : `0x${value.toString(16)}`);
const whole = (value: number | undefined) => (value === undefined ? null : BigInt(value));

/** The client's objects in the shape of an archive's rows. */
const blockRow = (block: Block): Row => ({
  number: whole(block.number),
  hash: block.hash,
  parent_hash: block.parentHash,
  timestamp: `0x${block.timestamp?.toString(16)}`,
});
const transactionRow = (transaction: Transaction): Row => ({
  block_number: whole(transaction.blockNumber),
  transaction_index: whole(transaction.transactionIndex),
  hash: transaction.hash,
  from: transaction.from ?? null,
  to: transaction.to ?? null,
  status: transaction.status ?? null,
  gas_used: hex(transaction.gasUsed),
  effective_gas_price: hex(transaction.effectiveGasPrice),
});
const logRow = (log: Log): Row => ({
  block_number: whole(log.blockNumber),
  block_hash: log.blockHash,
  transaction_hash: log.transactionHash,
  transaction_index: whole(log.transactionIndex),
  log_index: whole(log.logIndex),
  address: log.address,
  topic0: log.topics[0] ?? null,
  topic1: log.topics[1] ?? null,
  topic2: log.topics[2] ?? null,
  topic3: log.topics[3] ?? null,
  data: log.data,
  removed: log.removed ?? null,
});

async function fetchAll(url: string, fromBlock: number) {
  const client = connect(url);
  const blocks: Row[] = [];
  const transactions: Row[] = [];
  const logs: Row[] = [];
  let next = fromBlock;
  for (let head = next; next <= head; ) {
    const answer = await client.get({
      fromBlock: next,
      logs: [{}],
      transactions: [{}],
      includeAllBlocks: true,
      maxNumLogs: 5000,
      fieldSelection: {
        log: [...ALL_LOG_FIELDS],
        block: ['Number', 'Hash', 'ParentHash', 'Timestamp'],
        transaction: [
          'BlockNumber',
          'TransactionIndex',
          'Hash',
          'From',
          'To',
          'Status',
          'GasUsed',
          'EffectiveGasPrice',
        ],
      },
    });
    blocks.push(...answer.data.blocks.map(blockRow));
    transactions.push(...answer.data.transactions.map(transactionRow));
    logs.push(...answer.data.logs.map(logRow));
    next = answer.nextBlock;
    head = answer.archiveHeight!;
  }
  return { blocks, transactions, logs };
}

describe('the archive of the crash, served to the real client', () => {
  const directory = archiveFolder('gmx-v2-crash-2023-08-17');
  let server: ReplayServer;
  let url: string;
  let fetched: Awaited<ReturnType<typeof fetchAll>>;

  beforeAll(async () => {
    server = await ReplayServer.fromArchive(directory);
    url = await server.listen();
    fetched = await fetchAll(url, 0);
  });
  afterAll(() => server.close());

  it('has the chain id and height of its manifest', async () => {
    expect(await connect(url).getChainId()).toBe(42161);
    expect(await connect(url).getHeight()).toBe(3651);
  });

  it.each([
    ['blocks', 3652],
    ['transactions', 3356],
    ['logs', 31_924],
  ] as const)('gives back the rows of %s.parquet, all %i', async (table, count) => {
    const rows = await readParquet(directory, `${table}.parquet`);
    expect(rows).toHaveLength(count);
    expect(fetched[table]).toEqual(rows);
  });
});

describe('the sparse archive of recorded Arbitrum logs', () => {
  const directory = archiveFolder('gmx-v2-arbitrum-recorded');
  let server: ReplayServer;
  let url: string;
  let fetched: Awaited<ReturnType<typeof fetchAll>>;

  beforeAll(async () => {
    server = await ReplayServer.fromArchive(directory);
    url = await server.listen();
    fetched = await fetchAll(url, 0);
  });
  afterAll(() => server.close());

  it('gives back every recorded log and transaction', async () => {
    expect(fetched.logs).toEqual(await readParquet(directory, 'logs.parquet'));
    expect(fetched.logs).toHaveLength(475);
    const transactions = await readParquet(directory, 'transactions.parquet');
    expect(fetched.transactions).toEqual(transactions);
    expect(transactions).toHaveLength(9);
  });

  it('gives back its headers, and a derived parent hash where none was recorded', async () => {
    const blocks = await readParquet(directory, 'blocks.parquet');
    const known = new Map(blocks.map((block) => [block['number'], block]));
    const rows = fetched.blocks.filter((block) => known.has(block['number']));
    expect(rows).toHaveLength(68);
    expect(blocks.filter((block) => block['parent_hash'] === null)).toHaveLength(55);
    for (const row of rows) {
      const recorded = known.get(row['number'])!;
      expect(row).toMatchObject({ hash: recorded['hash'], timestamp: recorded['timestamp'] });
      expect(row['parent_hash']).toMatch(/^0x[0-9a-f]{64}$/);
      if (recorded['parent_hash'] !== null) {
        expect(row['parent_hash']).toBe(recorded['parent_hash']);
      }
    }
  });

  it('invents no header but the one that ends a page', async () => {
    const client = connect(url);
    const query = { includeAllBlocks: true, fieldSelection: { block: ['Number' as const] } };
    const { data } = await client.get({ ...query, fromBlock: 400_000_000, toBlock: 400_100_000 });
    expect(data.blocks.map((block) => block.number)).toEqual([400_099_999]);
  });
});

describe('loadArchive', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await makeTinyArchive();
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  it('reads a good archive, and a time between those of its blocks', async () => {
    const { manifest, branch } = await loadArchive(directory);
    expect(manifest.name).toBe('tiny');
    expect(branch).toMatchObject({ height: 20 });
    expect([branch.blocks.rows, branch.transactions.rows, branch.logs.rows]).toEqual([3, 1, 2]);
    expect(branch.timeOf(15)).toBe(102 + 8);
    expect(branch.parentHashOf(20)).toEqual(branch.hashOf(19));
  });

  it('refuses a folder that is not there', async () => {
    await expect(loadArchive(join(directory, 'nowhere'))).rejects.toMatchObject({
      name: 'UsageError',
      message: 'There is no such archive.',
      facts: { archive: join(directory, 'nowhere') },
    });
  });

  it('refuses a folder without manifest', async () => {
    await rm(join(directory, 'archive.json'));
    await expect(loadArchive(directory)).rejects.toMatchObject({
      name: 'UsageError',
      message: expect.stringContaining('archive.json'),
    });
  });

  it.each([
    ['{', 'not JSON'],
    [JSON.stringify({ ...MANIFEST, chainId: 'seven' }), 'chainId'],
    [JSON.stringify({ ...MANIFEST, fromBlock: 21 }), 'fromBlock'],
  ])('refuses the manifest %s', async (text, problem) => {
    await writeFile(join(directory, 'archive.json'), text);
    const error: unknown = await loadArchive(directory).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: 'CorruptDataError' });
    expect(JSON.stringify({ ...(error as object), text: String(error) })).toContain(problem);
  });

  it.each(['blocks', 'transactions', 'logs'])('refuses an archive without %s', async (table) => {
    const file = join(directory, `${table}.parquet`);
    await rm(file);
    await expect(loadArchive(directory)).rejects.toMatchObject({
      name: 'UsageError',
      facts: { file },
    });
  });

  it('refuses truncated, overwritten and empty Parquet', async () => {
    const file = join(directory, 'logs.parquet');
    const good = await readFile(file);
    const isRefused = expect.objectContaining({
      name: 'CorruptDataError',
      message: 'A file of the archive cannot be read as Parquet.',
      facts: expect.objectContaining({ file }),
    });
    await truncate(file, good.length - 20);
    await expect(loadArchive(directory)).rejects.toEqual(isRefused);
    const spoiled = Buffer.from(good);
    spoiled.fill(0xff, 20, 120);
    await writeFile(file, spoiled);
    await expect(loadArchive(directory)).rejects.toEqual(isRefused);
    await writeFile(file, '');
    await expect(loadArchive(directory)).rejects.toEqual(isRefused);
  });

  it('refuses a file that lacks a column', async () => {
    const { data: _data, ...columns } = ARCHIVE_COLUMNS.logs;
    await writeParquet(directory, 'logs', LOGS, columns);
    await expect(loadArchive(directory)).rejects.toMatchObject({
      name: 'CorruptDataError',
      facts: { missing: 'data' },
    });
  });

  const change = (rows: readonly Row[], index: number, cells: Row) =>
    rows.map((row, i) => (i === index ? { ...row, ...cells } : row));

  it.each([
    ['a log whose block is missing', 'logs', change(LOGS, 1, { block_number: 12 }), 1],
    ['a log of another block hash', 'logs', change(LOGS, 0, { block_hash: BLOCKS[0]!['hash'] }), 0],
    ['logs out of order', 'logs', [...LOGS].reverse(), 1],
    ['the same log twice', 'logs', [LOGS[0]!, LOGS[0]!], 1],
    ['an address of 19 bytes', 'logs', change(LOGS, 0, { address: `0x${'11'.repeat(19)}` }), 0],
    ['data that is not hex', 'logs', change(LOGS, 0, { data: '0xzz' }), 0],
    [
      'a transaction whose block is missing',
      'transactions',
      change(TRANSACTIONS, 0, { block_number: 19 }),
      0,
    ],
    ['a negative quantity', 'transactions', change(TRANSACTIONS, 0, { gas_used: '-1' }), 0],
    ['blocks out of order', 'blocks', [BLOCKS[1]!, BLOCKS[0]!, BLOCKS[2]!], 1],
    ['a block outside the range', 'blocks', change(BLOCKS, 2, { number: 21 }), 2],
    ['a broken parent link', 'blocks', change(BLOCKS, 1, { parent_hash: BLOCKS[2]!['hash'] }), 1],
  ] as const)('refuses %s', async (_name, table, rows, row) => {
    await writeParquet(directory, table, rows);
    await expect(loadArchive(directory)).rejects.toMatchObject({
      name: 'CorruptDataError',
      facts: { file: join(directory, `${table}.parquet`), row },
      remedy: expect.stringContaining('record the archive again'),
    });
  });
});
