import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EVIDENCE_TABLES } from '../../indexer/store/event-store.ts';
import { CorruptDataError } from '../../schema/errors.ts';
import { hashOf, headRange } from './head-branch.ts';
import { commitOf, type StoreUnderTest } from './store-rows.ts';

/** What any event store promises of blocks that may still be replaced. One store, a chain a test. */
export function describeHead(open: () => Promise<StoreUnderTest>): void {
  describe('at the head', () => {
    let under: StoreUnderTest;
    beforeAll(async () => {
      under = await open();
    });
    afterAll(() => under.close());

    it('stores logs, transactions and headers as they were', async () => {
      const { store, database } = under;
      expect(await store.landHead(1, headRange(1, 5))).toEqual({
        raw_logs: 4,
        blocks: 2,
        transactions: 2,
      });
      const { batch } = await store.readRawLogs({
        chainId: 1,
        fromBlock: 0,
        toBlock: 9,
        maxLogs: 99,
      });
      const { logs, transactions } = headRange(1, 5);
      expect([...batch.blockNumber]).toEqual(logs.map((log) => log.blockNumber));
      expect([...batch.logIndex]).toEqual(logs.map((log) => log.logIndex));
      expect([...batch.blockTimestamp]).toEqual(logs.map((log) => 1_700_000_000 + log.blockNumber));
      expect(batch.topics).toEqual(logs.map((log) => log.topics));
      expect(batch.data.map((data) => `0x${Buffer.from(data).toString('hex')}`)).toEqual(
        logs.map((log) => log.data),
      );
      expect(
        await database.select(
          `SELECT status, to_address = '' AS creates, gas_used, effective_gas_price
           FROM transactions WHERE chain_id = 1 ORDER BY block_number`,
        ),
      ).toEqual([
        {
          status: 1,
          creates: 0,
          gas_used: '2000000000',
          effective_gas_price: '0',
        },
        {
          status: 0,
          creates: 1,
          gas_used: '4000000000',
          effective_gas_price: (2n ** 255n).toString(),
        },
      ]);
      expect(await store.transactionSenders(1, 2, 2)).toEqual(
        new Map([[transactions[0]?.hash, transactions[0]?.from]]),
      );
      expect((await store.blockHeader(1, 4))?.hash).toBe(hashOf(4));
      expect(await store.blockHeader(1, 5)).toBeNull();
    });

    it('keeps headers of blocks without logs where the bulk ranges do', async () => {
      const { store } = under;
      const counts = await store.landHead(2, headRange(1, 5, { keepsAllHeaders: true }));
      expect(counts.blocks).toBe(5);
      expect((await store.blockHeader(2, 5))?.hash).toBe(hashOf(5));
    });

    it('refuses blocks that are not one unbroken branch', async () => {
      const { store, database } = under;
      const range = headRange(10, 14);
      const other = headRange(10, 14, { branch: 'b', forkAt: 12 });
      for (const broken of [
        { headers: range.headers.filter((header) => header.number !== 12) },
        { headers: range.headers.slice(1) },
        { headers: range.headers.slice(0, -1) },
        { headers: [...range.headers.slice(0, 2), ...other.headers.slice(3)] },
        { lastBlockHash: hashOf(14, 'b') },
        { logs: other.logs },
        { logs: headRange(10, 16).logs },
      ]) {
        await expect(store.landHead(3, { ...range, ...broken })).rejects.toBeInstanceOf(
          CorruptDataError,
        );
      }
      expect(await database.select('SELECT 1 FROM reversible_blocks WHERE chain_id = 3')).toEqual(
        [],
      );
    });

    it('knows the hash of every reversible block that is committed, and forgets the final ones', async () => {
      const { store } = under;
      await store.landHead(4, headRange(1, 5));
      await store.commit({ ...commitOf('land', 1, 5), chainId: 4 });
      await store.landHead(4, headRange(6, 7));
      const hashes = (from: number, to: number) =>
        new Map(headRange(from, to).headers.map((header) => [header.number, header.hash]));
      expect(await store.reversibleBlocks(4)).toEqual(hashes(1, 5));
      await store.trim(4, 'land');
      await store.landHead(4, headRange(6, 9));
      await store.commit({ ...commitOf('land', 6, 9), chainId: 4 });
      expect(await store.reversibleBlocks(4)).toEqual(hashes(1, 9));
      const long = headRange(10, 609);
      await store.landHead(4, long);
      await store.commit({ ...commitOf('land', 10, 609), chainId: 4 });
      await store.forgetReversible(4, 600);
      expect(await store.reversibleBlocks(4)).toEqual(
        new Map(long.headers.slice(590).map((header) => [header.number, header.hash])),
      );
      expect(await store.reversibleBlocks(99)).toEqual(new Map());
    });

    it('ends like a clean run on the branch that stayed', async () => {
      const { store } = under;
      const landTo = async (chainId: number, range: ReturnType<typeof headRange>) => {
        const rowCounts = await store.landHead(chainId, range);
        await store.commit({
          ...commitOf('land', range.fromBlock, range.toBlock),
          lastBlockHash: range.lastBlockHash,
          chainId,
          rowCounts,
        });
      };
      const b = { branch: 'b', forkAt: 4 };
      await landTo(5, headRange(1, 6));
      await store.rollBack(5, 3, 'fork');
      expect(await store.lastCommit(5, 'land')).toMatchObject({
        fromBlock: 1,
        toBlock: 3,
        lastBlockHash: hashOf(3),
        lastBlockTimestamp: 1_700_000_003,
        rowCounts: { raw_logs: 2, blocks: 1, transactions: 1 },
      });
      await landTo(5, headRange(4, 8, b));
      await landTo(6, headRange(1, 8, b));
      expect(await withoutChain(under, 5)).toEqual(await withoutChain(under, 6));
      expect(await store.reversibleBlocks(5)).toEqual(await store.reversibleBlocks(6));
      expect(await store.repair(5)).toEqual([]);
    });

    it('says what an indexer says of itself, newest first', async () => {
      const { store } = under;
      const state = {
        chainId: 7,
        state: 'RETRYING',
        sourceHeight: 900,
        safeDepth: 10,
        finalityDepth: 100,
        fault: "it's away",
        failingSince: 1_700_000_000_123,
      } as const;
      await store.recordState({ ...state, state: 'FOLLOWING', fault: '', failingSince: null });
      await new Promise((done) => setTimeout(done, 2));
      await store.recordState(state);
      const rows = await store.select(
        `SELECT state, source_height, safe_depth, finality_depth, fault, failing_since
         FROM indexer_states WHERE chain_id = 7 ORDER BY recorded_at DESC`,
        {},
      );
      expect(rows).toEqual([
        {
          state: 'RETRYING',
          source_height: '900',
          safe_depth: 10,
          finality_depth: 100,
          fault: "it's away",
          failing_since: '2023-11-14 22:13:20.123',
        },
        expect.objectContaining({ state: 'FOLLOWING', fault: '', failing_since: null }),
      ]);
    });
  });
}

/** Evidence of a chain as text, but for its id: two chains of a test hold the same blocks. */
async function withoutChain({ database }: StoreUnderTest, chainId: number): Promise<unknown> {
  return Promise.all(
    EVIDENCE_TABLES.map((table) =>
      database.select(
        `SELECT sum(cityHash64(tuple(* EXCEPT chain_id))) AS content FROM ${table} WHERE chain_id = {chainId:UInt64}`,
        { chainId },
      ),
    ),
  );
}
