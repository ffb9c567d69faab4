import { copyFileSync, mkdtempSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  DERIVED_TABLES,
  EVIDENCE_TABLES,
  type EventStore,
} from '../../indexer/store/event-store.ts';
import type { Database } from '../../schema/clickhouse/database.ts';
import { CorruptDataError, RetryableError } from '../../schema/errors.ts';
import { describeHead } from './event-store-head.contract.ts';
import { describeRecords } from './event-store-records.contract.ts';
import { describeRepair } from './event-store-repair.contract.ts';
import { headRange } from './head-branch.ts';
import {
  CHAIN,
  commitOf,
  emptied,
  fixture,
  RANGE,
  rowFor,
  type StoreUnderTest,
} from './store-rows.ts';

/** What any event store promises. `open` gives an empty, migrated store each time. */
export function describeEventStore(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(name, () => {
    describeBatches(open);
    describeRecords(open);
    describeHead(open);
    describeRepair(open);
  });
}

export function describeBatches(open: () => Promise<StoreUnderTest>): void {
  describe('batches', () => {
    let store: EventStore;
    let database: Database;
    let under: StoreUnderTest;

    beforeAll(async () => {
      under = await open();
      ({ store, database } = under);
    });
    afterEach(() => emptied(under));
    afterAll(() => under.close());

    const appendBlocks = async (blocks: readonly number[]) => {
      for (const block of blocks) {
        const rows = [0, 1, 2].map((logIndex) =>
          rowFor(database, 'position_events', { chainId: CHAIN, block, logIndex }),
        );
        await store.append('position_events', await Promise.all(rows));
      }
    };

    describe('land', () => {
      it('stores what HyperSync wrote, byte for byte', async () => {
        const counts = await store.land(CHAIN, RANGE);
        expect(counts).toEqual({ raw_logs: 89, blocks: 41, transactions: 41 });
        expect(await store.blockHeader(CHAIN, 100)).toEqual({
          hash: '0x17faaae300447eb01929bcfc728134a9f375f4c31036eb48a71d9721ee253f73',
          timestamp: 1_700_000_200,
        });
        const senders = await store.transactionSenders(CHAIN, 100, 100);
        expect([...senders]).toEqual([
          [
            '0x88092e1005e5c0b0f62cebe410f927507f223227e121cb2130d2e89c3f663e9b',
            '0x0000000000000000000000000000000000000101',
          ],
        ]);
        const [transaction] = await database.select(
          'SELECT gas_used, effective_gas_price, status FROM transactions WHERE block_number = 100',
        );
        expect(transaction).toEqual({
          gas_used: '100000',
          effective_gas_price: '1000000000',
          status: 1,
        });
      });

      it('takes a range in which nothing happened', async () => {
        const rowCounts = { logs: 0, blocks: 0, transactions: 0 };
        const files = { logsFile: null, blocksFile: null, transactionsFile: null };
        const empty = { ...RANGE, ...files, rowCounts };
        expect(await store.land(CHAIN, empty)).toEqual({ raw_logs: 0, blocks: 0, transactions: 0 });
      });

      it('stores nothing of a file that is cut short, holds other columns or rows of another range', async () => {
        const folder = mkdtempSync(join(tmpdir(), 'bulkhead-cut-'));
        const cut = join(folder, 'logs.parquet');
        copyFileSync(fixture('logs'), cut);
        truncateSync(cut, 6_000);
        const others = { blocksFile: null, transactionsFile: null };
        for (const part of [
          { logsFile: cut },
          { logsFile: fixture('blocks') },
          { toBlock: 159 }, // rows of block 160 belong to the next range
        ]) {
          await expect(store.land(CHAIN, { ...RANGE, ...others, ...part })).rejects.toBeInstanceOf(
            CorruptDataError,
          );
        }
        expect(await database.select('SELECT 1 FROM raw_logs')).toEqual([]);
        rmSync(folder, { recursive: true });
      });
    });

    it('commits no rows that it did not land itself', async () => {
      await store.land(CHAIN, { ...RANGE, fromBlock: 90 });
      await expect(store.land(CHAIN, RANGE)).rejects.toThrow(
        'A range holds other rows than were landed.',
      );
      await store.trim(CHAIN, 'land');
      expect(await store.land(CHAIN, RANGE)).toMatchObject({ raw_logs: 89 });
      const head = headRange(1, 5);
      await store.landHead(7, head);
      await expect(store.landHead(7, head)).rejects.toBeInstanceOf(RetryableError);
    });

    describe('readRawLogs', () => {
      const readAll = async (maxLogs: number) => {
        const seen: string[] = [];
        for (let fromBlock = 0; fromBlock <= 200; ) {
          const { batch, toBlock } = await store.readRawLogs({
            chainId: CHAIN,
            fromBlock,
            toBlock: 200,
            maxLogs,
          });
          for (let i = 0; i < batch.length; i++) {
            const data = Buffer.from(batch.data[i] ?? []).toString('hex');
            seen.push(
              [batch.blockNumber[i], batch.blockTimestamp[i], batch.logIndex[i], batch.address[i]]
                .concat([batch.transactionHash[i], ...(batch.topics[i] ?? []), data])
                .join(' '),
            );
          }
          expect(toBlock).toBeGreaterThanOrEqual(fromBlock);
          fromBlock = toBlock + 1;
        }
        return seen;
      };

      it('gives the same logs in the same order however they are cut into batches', async () => {
        await store.land(CHAIN, RANGE);
        const whole = await readAll(1_000);
        expect(whole).toHaveLength(89);
        for (const maxLogs of [1, 7, 88, 89]) expect(await readAll(maxLogs)).toEqual(whole);
      });

      it('joins block times and keeps only topics that are there', async () => {
        await store.land(CHAIN, RANGE);
        const request = { chainId: CHAIN, fromBlock: 0, toBlock: 200, maxLogs: 1 };
        const { batch, toBlock } = await store.readRawLogs(request);
        expect(toBlock).toBe(100);
        expect(batch.blockTimestamp[0]).toBe(1_700_000_200);
        expect(batch.address[0]).toBe('0x00000000000000000000000000000000000000a1');
        expect(batch.topics[0]).toEqual([
          '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef',
          `0x${'101'.padStart(64, '0')}`,
          `0x${'200'.padStart(64, '0')}`,
        ]);
        expect(batch.data[0]).toHaveLength(32);
        expect(batch.data[1]).toHaveLength(0);
      });

      it('refuses a log whose block has no header', async () => {
        await store.land(CHAIN, {
          ...RANGE,
          blocksFile: null,
          rowCounts: { ...RANGE.rowCounts, blocks: 0 },
        });
        await expect(readAll(1_000)).rejects.toBeInstanceOf(CorruptDataError);
      });
    });

    describe('append', () => {
      it('keeps 256-bit integers exact at both ends', async () => {
        const row = await rowFor(database, 'position_events', {
          chainId: CHAIN,
          block: 1,
          logIndex: 0,
        });
        const most = 2n ** 255n - 1n;
        await store.append('position_events', [
          { ...row, size_usd: most, size_base: -(2n ** 255n), collateral_raw: (-7n).toString() },
        ]);
        const [read] = await store.select<Record<string, string>>(
          'SELECT size_usd, size_base, collateral_raw FROM position_events',
          {},
        );
        expect(BigInt(read?.['size_usd'] ?? 0)).toBe(most);
        expect(BigInt(read?.['size_base'] ?? 0)).toBe(-(2n ** 255n));
        expect(read?.['collateral_raw']).toBe('-7');
      });

      it('keeps any text as it is', async () => {
        const text = 'it\'s "q" \\ \\n back\ttab\nline\r\0nul é 漢 😀 \\N NULL';
        const row = await rowFor(database, 'dead_letters', {
          chainId: CHAIN,
          block: 1,
          logIndex: 0,
        });
        await store.append('dead_letters', [{ ...row, reason: text, topics: [text, ''] }]);
        const rows = await store.select('SELECT reason, topics FROM dead_letters', {});
        expect(rows).toEqual([{ reason: text, topics: [text, ''] }]);
      });

      it('keeps null apart from zero and refuses it where a column has none', async () => {
        const place = { chainId: CHAIN, block: 1, logIndex: 0 };
        const row = await rowFor(database, 'market_events', place);
        await store.append('market_events', [{ ...row, delta: null, value: 0n, is_long: null }]);
        const rows = await store.select('SELECT delta, value, is_long FROM market_events', {});
        expect(rows).toEqual([{ delta: null, value: '0', is_long: null }]);
        await expect(store.append('market_events', [{ ...row, market: null }])).rejects.toThrow();
        await expect(
          store.append('market_events', [{ ...row, market: undefined }]),
        ).rejects.toBeInstanceOf(TypeError);
        expect(await store.select('SELECT count() AS n FROM market_events', {})).toEqual([
          { n: '1' },
        ]);
      });

      it('refuses a number that does not fit its column', async () => {
        const place = { chainId: CHAIN, block: 1, logIndex: 0 };
        const row = await rowFor(database, 'market_events', place);
        for (const wrong of [
          { delta: 2n ** 255n },
          { delta: (-(2n ** 255n) - 1n).toString() },
          { sub_index: 65_536 },
          { block_number: -1 },
          { block_timestamp: 1.5 },
        ]) {
          await expect(
            store.append('market_events', [{ ...row, ...wrong }]),
          ).rejects.toBeInstanceOf(CorruptDataError);
        }
      });
    });

    describe('commit', () => {
      it('comes back as it was written, the highest first', async () => {
        expect(await store.lastCommit(CHAIN, 'land')).toBeNull();
        await store.commit(commitOf('land', 5, 9));
        await store.commit(commitOf('land', 0, 4));
        expect(await store.lastCommit(CHAIN, 'land')).toEqual(commitOf('land', 5, 9));
        expect(await store.lastCommit(CHAIN, 'project')).toBeNull();
        expect(await store.lastCommit(1, 'land')).toBeNull();
      });
    });

    describe('digest', () => {
      it('does not see rows above the last commit', async () => {
        await appendBlocks([1, 2]);
        expect((await store.digest('position_events', CHAIN)).rows).toBe(0);
        await store.commit(commitOf('project', 0, 1));
        expect((await store.digest('position_events', CHAIN)).rows).toBe(3);
      });

      it('is the same for the same rows in another order, and another for a row stored twice', async () => {
        await store.commit(commitOf('project', 0, 10));
        await appendBlocks([1, 2, 3]);
        const forward = await store.digest('position_events', CHAIN);
        await store.rollBack(CHAIN, 0, 'again');
        await store.commit(commitOf('project', 0, 10));
        await appendBlocks([3, 1, 2]);
        expect(await store.digest('position_events', CHAIN)).toEqual(forward);
        await appendBlocks([2]);
        const doubled = await store.digest('position_events', CHAIN);
        expect(doubled.rows).toBe(forward.rows + 3);
        expect(doubled.digest).not.toBe(forward.digest);
      });
    });

    describe('trim', () => {
      it('lets the very same batch land again, every time', async () => {
        await appendBlocks([1]);
        await store.commit(commitOf('project', 0, 1));
        for (let attempt = 0; attempt < 4; attempt++) {
          await appendBlocks([2, 3]);
          await store.trim(CHAIN, 'project');
          // Gone at once, not when some background work has run.
          expect(
            await store.select('SELECT DISTINCT block_number FROM position_events', {}),
          ).toEqual([{ block_number: '1' }]);
        }
        await appendBlocks([2, 3]);
        await store.commit(commitOf('project', 2, 3));
        await store.trim(CHAIN, 'project');
        expect((await store.digest('position_events', CHAIN)).rows).toBe(9);
      });

      it('empties a stage that never committed and leaves the other alone', async () => {
        await store.land(CHAIN, RANGE);
        await appendBlocks([1]);
        await store.trim(CHAIN, 'project');
        expect(await store.select('SELECT 1 FROM position_events', {})).toEqual([]);
        expect(await store.select('SELECT count() AS n FROM raw_logs', {})).toEqual([{ n: '89' }]);
        await store.trim(CHAIN, 'land');
        for (const table of EVIDENCE_TABLES) {
          expect(await store.select(`SELECT 1 FROM ${table}`, {})).toEqual([]);
        }
      });
    });

    describe('rollBack', () => {
      it('deletes rows above the block in every table, and a replay gives a clean run', async () => {
        const fill = async (from: number, to: number) => {
          for (const table of DERIVED_TABLES) {
            const blocks = Array.from({ length: to - from + 1 }, (_, index) => from + index);
            const rows = blocks.map((block) =>
              rowFor(database, table, { chainId: CHAIN, block, logIndex: 0 }),
            );
            await store.append(table, await Promise.all(rows));
          }
          await store.commit(commitOf('project', from, to));
        };
        const digests = () =>
          Promise.all(DERIVED_TABLES.map((table) => store.digest(table, CHAIN)));
        await fill(1, 2);
        await fill(3, 6);
        const clean = await digests();
        await store.rollBack(CHAIN, 4, 'parent hash differs');
        for (const table of DERIVED_TABLES) {
          const [row] = await store.select(
            `SELECT count() AS n, max(block_number) AS top FROM ${table}`,
            {},
          );
          expect({ table, row }).toEqual({ table, row: { n: '4', top: '4' } });
        }
        expect((await store.lastCommit(CHAIN, 'project'))?.toBlock).toBe(4);
        expect(await store.select('SELECT to_block, depth, reason FROM rollbacks', {})).toEqual([
          { to_block: '4', depth: '2', reason: 'parent hash differs' },
        ]);
        await fill(5, 6);
        expect(await digests()).toEqual(clean);
      });

      it('shortens a landed range to the block and its own hash', async () => {
        await store.land(CHAIN, RANGE);
        await store.commit(commitOf('land', 100, 160));
        await store.rollBack(CHAIN, 100, 'fork');
        expect(await store.lastCommit(CHAIN, 'land')).toMatchObject({
          fromBlock: 100,
          toBlock: 100,
          lastBlockHash: '0x17faaae300447eb01929bcfc728134a9f375f4c31036eb48a71d9721ee253f73',
          lastBlockTimestamp: 1_700_000_200,
        });
        await store.rollBack(CHAIN, 50, 'deeper');
        expect(await store.lastCommit(CHAIN, 'land')).toBeNull();
        expect(await store.select('SELECT 1 FROM blocks', {})).toEqual([]);
      });
    });
  });
}
