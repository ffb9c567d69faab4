import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SeenRequest } from '../../../indexer/replay/replay-server.ts';
import { DEFAULT_RANGE_LIMITS } from '../../../indexer/source/range-sizer.ts';
import { UsageError } from '../../../schema/errors.ts';
import {
  ALL_LOGS,
  addLogs,
  GENESIS_TIME,
  HEIGHT,
  LOG_COUNT,
  makeChain,
  queriedRanges,
} from './test-chain.ts';
import {
  blocksPerRange,
  expectedLogs,
  never,
  readAll,
  rowsOf,
  serve,
  sourceOf,
} from './test-source.ts';

describe('ranges', () => {
  it('gives every log once, without holes or overlaps, whatever the range length', async () => {
    const { server, url } = await serve();
    for (const length of [1, 7, 40, 1000]) {
      const { logs, spans } = await readAll(sourceOf(url, blocksPerRange(length)));
      expect(logs).toEqual(expectedLogs);
      expect(spans[0]?.[0]).toBe(0);
      expect(spans.at(-1)?.[1]).toBe(HEIGHT);
      for (let i = 1; i < spans.length; i++) expect(spans[i]![0]).toBe(spans[i - 1]![1]! + 1);
      expect(Math.max(...spans.map(([from, to]) => to! - from! + 1))).toBeLessThanOrEqual(length);
    }
    expect(server.branch.height).toBe(HEIGHT);
  });

  it('names hash and time of the last block, also of a range without logs', async () => {
    const { server, url } = await serve();
    const { ranges } = await readAll(sourceOf(url, blocksPerRange(10)));
    for (const range of ranges) {
      expect(range.lastBlockHash).toBe(`0x${server.branch.hashOf(range.toBlock).toString('hex')}`);
      expect(range.lastBlockTimestamp).toBe(GENESIS_TIME + 2 * range.toBlock);
    }
    const empty = ranges.filter((range) => range.rowCounts.logs === 0);
    expect(empty.length).toBeGreaterThan(3);
    for (const range of empty) {
      expect([range.logsFile, range.blocksFile, range.transactionsFile]).toEqual([
        null,
        null,
        null,
      ]);
    }
  });

  it('writes binary columns: hashes as 32 bytes, times and gas as quantities', async () => {
    const { url } = await serve();
    const iterated = sourceOf(url).ranges({
      fromBlock: 0,
      toBlock: HEIGHT,
      selections: ALL_LOGS,
      signal: never,
    });
    for await (const range of iterated) {
      const [block = {}] = await rowsOf(range.blocksFile, [
        'number',
        'hash',
        'parent_hash',
        'timestamp',
      ]);
      expect(block).toMatchObject({ number: 10n });
      expect((block['hash'] as Uint8Array).length).toBe(32);
      expect(Buffer.from(block['timestamp'] as Uint8Array).toString('hex')).toBe(
        (GENESIS_TIME + 20).toString(16),
      );
      const [transaction = {}] = await rowsOf(range.transactionsFile, [
        'status',
        'effective_gas_price',
        'to',
      ]);
      expect(transaction['status']).toBe(1);
      expect(
        BigInt(
          `0x${Buffer.from(transaction['effective_gas_price'] as Uint8Array).toString('hex')}`,
        ),
      ).toBe(10n ** 25n);
      const [log = {}] = await rowsOf(range.logsFile, ['topic0', 'topic3', 'data', 'address']);
      expect((log['topic0'] as Uint8Array).length).toBe(32);
      expect(log['topic3'] ?? null).toBeNull();
      expect((log['data'] as Uint8Array).length).toBe(40);
    }
  });

  it('asks only for the fields that are stored, and always for an end', async () => {
    const { server, url } = await serve();
    await readAll(sourceOf(url));
    const bulk = ({ query }: SeenRequest) => (query?.field_selection.log.length ?? 0) > 2;
    const first = server.requests.find(bulk)?.query;
    expect(first?.field_selection.block.toSorted()).toEqual([
      'hash',
      'number',
      'parent_hash',
      'timestamp',
    ]);
    expect(first?.field_selection.log).not.toContain('removed');
    expect(first?.field_selection.transaction).toHaveLength(8);
    expect(queriedRanges(server).every(([, to]) => to !== null)).toBe(true);
  });

  it('lands the header of every block when asked to', async () => {
    const { url } = await serve();
    const { ranges, logs } = await readAll(
      sourceOf(url, { includeAllBlocks: true, ...blocksPerRange(33) }),
    );
    expect(ranges.reduce((sum, range) => sum + range.rowCounts.blocks, 0)).toBe(HEIGHT + 1);
    expect(logs).toEqual(expectedLogs);
  });

  it('clamps the end to the head, exclusively asked for as head + 1', async () => {
    const { server, url } = await serve();
    const { ranges } = await readAll(sourceOf(url), { fromBlock: 90, toBlock: 5_000 });
    expect(ranges.at(-1)?.toBlock).toBe(HEIGHT);
    expect(Math.max(...queriedRanges(server).map(([, to]) => to ?? 0))).toBe(HEIGHT + 1);
  });

  it('gives nothing above the head', async () => {
    const { server, url } = await serve();
    expect((await readAll(sourceOf(url), { fromBlock: HEIGHT + 1 })).ranges).toEqual([]);
    expect(queriedRanges(server)).toEqual([]);
  });

  it('puts short pages together', async () => {
    const { url } = await serve({ maxBlocksPerRequest: 3 });
    const { logs, spans } = await readAll(sourceOf(url));
    expect(logs).toEqual(expectedLogs);
    expect(spans).toEqual([[0, HEIGHT]]);
  });

  it('ends a range where the files end, not where it was asked to end', async () => {
    const chain = makeChain();
    const main = chain.branches.get('main')!;
    for (let block = 110; block < 10_000; block += 10) addLogs(main, block, 1);
    // The client stops at its row limit in the middle of the range and says nothing.
    const { server, url } = await serve({ maxBlocksPerRequest: 100 }, chain);
    const limits = { ...DEFAULT_RANGE_LIMITS, targetLogs: 150 };
    const { logs, ranges, spans } = await readAll(sourceOf(url, { limits }));
    expect(logs).toHaveLength(LOG_COUNT + 989);
    expect(new Set(logs.map(({ block, index }) => `${block}:${index}`)).size).toBe(logs.length);
    expect(spans.length).toBeGreaterThan(2);
    for (let i = 1; i < spans.length; i++) expect(spans[i]![0]).toBe(spans[i - 1]![1]! + 1);
    for (const range of ranges) {
      expect(range.lastBlockHash).toBe(`0x${server.branch.hashOf(range.toBlock).toString('hex')}`);
    }
  });

  it('takes smaller ranges where logs are dense and larger ones where they are not', async () => {
    const chain = makeChain();
    const main = chain.branches.get('main')!;
    for (let block = 200; block < 300; block++) addLogs(main, block, 20);
    main.height = 2_000;
    const { url } = await serve({}, chain);
    const limits = { ...DEFAULT_RANGE_LIMITS, initialBlocks: 50, targetLogs: 200 };
    const { ranges, logs } = await readAll(sourceOf(url, { limits }));
    expect(logs).toHaveLength(LOG_COUNT + 2_000);
    expect(Math.max(...ranges.map((range) => range.rowCounts.logs))).toBeLessThan(1_200);
    const last = ranges.at(-1)!;
    expect(last.toBlock - last.fromBlock).toBeGreaterThan(100);
  });

  it('leaves no file behind, also when the reader stops early', async () => {
    const { url } = await serve();
    const workDirectory = mkdtempSync(join(tmpdir(), 'bulkhead-test-'));
    const source = sourceOf(url, { workDirectory, ...blocksPerRange(12) });
    await readAll(source);
    expect(readdirSync(workDirectory)).toEqual([]);
    const request = { fromBlock: 0, toBlock: HEIGHT, selections: ALL_LOGS, signal: never };
    for await (const range of source.ranges(request)) {
      expect(readdirSync(workDirectory)).toHaveLength(1);
      if (range.logsFile !== null) break;
    }
    expect(readdirSync(workDirectory)).toEqual([]);
  });

  it('fetches nothing ahead while a range is being stored', async () => {
    const { server, url } = await serve();
    const request = { fromBlock: 0, toBlock: HEIGHT, selections: ALL_LOGS, signal: never };
    let ranges = 0;
    for await (const range of sourceOf(url, blocksPerRange(20)).ranges(request)) {
      const asked = server.requestCount;
      await new Promise((resolve) => setTimeout(resolve, 60));
      expect(server.requestCount).toBe(asked);
      ranges += 1;
      await range.discard();
    }
    expect(ranges).toBeGreaterThan(4);
  });

  it('refuses a selection that is not one before it asks for anything', async () => {
    const { server, url } = await serve();
    const selections = [{ addresses: ['0x1234'], topics: [] }];
    const iterated = sourceOf(url).ranges({ fromBlock: 0, toBlock: 5, selections, signal: never });
    await expect(iterated.next()).rejects.toThrow(UsageError);
    expect(server.requests).toEqual([]);
  });
});
