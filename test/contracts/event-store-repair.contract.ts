import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClickHouseStore } from '../../indexer/store/clickhouse-store.ts';
import type { Stage } from '../../indexer/store/event-store.ts';
import { DeathError, dyingAfter } from './dying-database.ts';
import { hashOf } from './head-branch.ts';
import { contentOf, copyChain, FORK_AT, runIndexer } from './made-up-run.ts';
import { commitOf, type StoreUnderTest } from './store-rows.ts';

/** What any event store promises of rollbacks and repairs. One store, a chain a test. */
export function describeRepair(open: () => Promise<StoreUnderTest>): void {
  describe('rollBack and repair', () => {
    let under: StoreUnderTest;
    let clean: Readonly<Record<string, unknown>>;
    let cleanB: Readonly<Record<string, unknown>>;
    let nextChain = 100;
    beforeAll(async () => {
      under = await open();
      await runIndexer(under, 1);
      await runIndexer(under, 2, 'b');
      clean = await contentOf(under, 1);
      cleanB = await contentOf(under, 2);
      expect(cleanB).not.toEqual(clean);
    }, 60_000);
    afterAll(() => under.close());

    /** A chain that the made-up indexer has indexed. */
    const indexed = async (): Promise<number> => {
      const chainId = nextChain++;
      await copyChain(under, 1, chainId);
      return chainId;
    };
    const commits = async (chainId: number, stage: Stage) =>
      (
        await under.database.select<{ from_block: string; to_block: string }>(
          `SELECT from_block, to_block FROM commits WHERE chain_id = {chainId:UInt64}
           AND stage = {stage:String} ORDER BY to_block, from_block`,
          { chainId, stage },
        )
      ).map((row) => `${row.from_block}-${row.to_block}`);
    const rollbacks = async (chainId: number) =>
      under.database.select(
        'SELECT to_block, depth, reason FROM rollbacks WHERE chain_id = {chainId:UInt64}',
        { chainId },
      );
    const damage = (chainId: number, statement: string) =>
      under.database.command(statement, { chainId });
    /** Repairs, sees that a second look finds nothing, goes on indexing, and compares. */
    const mends = async (chainId: number, said: readonly unknown[]) => {
      expect(await under.store.repair(chainId)).toEqual(said);
      expect(await under.store.repair(chainId)).toEqual([]);
      await runIndexer(under, chainId);
      expect(await contentOf(under, chainId)).toEqual(clean);
      expect(await under.store.repair(chainId)).toEqual([]);
    };

    it('finds nothing in a sound store, nor in a chain that is not there', async () => {
      expect(await under.store.repair(1)).toEqual([]);
      expect(await under.store.repair(99)).toEqual([]);
      expect(await rollbacks(1)).toEqual([]);
    });

    it.each([
      ['land', 8, '1-4', '0-4'],
      ['project', 8, '1-4 5-8 9-12', '0-4'],
      ['project', 4, '1-4 5-8 9-12', ''],
      ['land', 4, '', ''],
    ] as const)(
      'takes back what follows a deleted %s commit (to block %i)',
      async (stage, toBlock, landed, projected) => {
        const chainId = await indexed();
        await damage(
          chainId,
          `DELETE FROM commits WHERE chain_id = {chainId:UInt64} AND stage = '${stage}' AND to_block = ${toBlock}`,
        );
        const [said, ...more] = await under.store.repair(chainId);
        expect(more).toEqual([]);
        expect(said).toMatch(
          toBlock === 8
            ? `Chain ${chainId}: no ${stage} commit covers blocks 5 to 8; what lies above block 4 is`
            : /where commits count \d+; what lies above block -1 is/,
        );
        expect((await commits(chainId, 'land')).join(' ')).toBe(landed);
        expect((await commits(chainId, 'project')).join(' ')).toBe(projected);
        expect(await rollbacks(chainId)).toHaveLength(1);
        await mends(chainId, []);
      },
    );

    it('lets the projections follow when the last landed commit is lost', async () => {
      const chainId = await indexed();
      await damage(
        chainId,
        "DELETE FROM commits WHERE chain_id = {chainId:UInt64} AND stage = 'land' AND to_block = 12",
      );
      await mends(chainId, [
        `Chain ${chainId}: blocks up to 12 were projected, but only those up to 8 are landed; what lies above block 8 is projected again.`,
      ]);
    });

    it.each([
      ['position_events', 'lost', 'project', 7],
      ['market_events', 'doubled', 'project', 11],
      ['raw_logs', 'doubled', 'land', 8],
      ['transactions', 'lost', 'land', 10],
      ['blocks', 'lost', 'land', 2],
    ] as const)('finds rows of %s that are %s', async (table, fault, stage, block) => {
      const end = Math.ceil(block / 4) * 4;
      const above = end === 4 ? -1 : end - 4;
      const place = `chain_id = {chainId:UInt64} AND block_number = ${block}`;
      const chainId = await indexed();
      await damage(
        chainId,
        fault === 'lost'
          ? `DELETE FROM ${table} WHERE ${place}`
          : `INSERT INTO ${table} SELECT * FROM ${table} WHERE ${place}`,
      );
      await mends(chainId, [
        expect.stringMatching(
          `up to block ${end} there are \\d+ rows in ${table} where commits count \\d+; what lies above block ${above} is ${stage === 'land' ? 'landed and ' : ''}projected again`,
        ),
      ]);
      expect(await rollbacks(chainId)).toEqual([
        expect.objectContaining({
          to_block: String(Math.max(0, above)),
          depth: String(12 - above),
        }),
      ]);
    });

    it('removes a commit that is there twice, and takes overlapping ones back', async () => {
      const chainId = await indexed();
      await damage(
        chainId,
        `INSERT INTO commits SELECT * FROM commits WHERE chain_id = {chainId:UInt64} AND to_block = 8`,
      );
      await mends(chainId, [
        'The land commit of blocks 5 to 8 was there twice: one is left.',
        'The project commit of blocks 5 to 8 was there twice: one is left.',
      ]);
      await under.store.commit({ ...commitOf('project', 3, 6), chainId });
      await mends(chainId, [
        `Chain ${chainId}: two project commits cover blocks 3 to 4; what lies above block -1 is projected again.`,
      ]);
    });

    it('takes commits without counts as they are', async () => {
      const chainId = await indexed();
      const last = await under.store.lastCommit(chainId, 'project');
      await damage(
        chainId,
        "DELETE FROM commits WHERE chain_id = {chainId:UInt64} AND stage = 'project' AND to_block = 12",
      );
      expect(last).not.toBeNull();
      if (last) await under.store.commit({ ...last, rowCounts: {} });
      expect(await under.store.repair(chainId)).toEqual([]);
      await damage(
        chainId,
        'DELETE FROM position_events WHERE chain_id = {chainId:UInt64} AND block_number = 2',
      );
      expect(await under.store.repair(chainId)).toEqual([
        expect.stringMatching(
          'up to block 4 there are 4 rows in position_events where commits count 6',
        ),
      ]);
    });

    it('rolls back to the same block again without a trace', async () => {
      const chainId = await indexed();
      await under.store.rollBack(chainId, FORK_AT, 'once');
      const before = [await commits(chainId, 'land'), await commits(chainId, 'project')];
      expect(before).toEqual([
        ['1-4', '5-6'],
        ['0-4', '5-6'],
      ]);
      await under.store.rollBack(chainId, FORK_AT, 'twice');
      expect([await commits(chainId, 'land'), await commits(chainId, 'project')]).toEqual(before);
      expect(await rollbacks(chainId)).toEqual([
        { to_block: String(FORK_AT), depth: String(12 - FORK_AT), reason: 'once' },
      ]);
      expect((await under.store.lastCommit(chainId, 'land'))?.lastBlockHash).toBe(hashOf(FORK_AT));
      await mends(chainId, []);
    });

    it('does not go on over rows whose deletion did not happen', async () => {
      const chainId = await indexed();
      // What is left when another connection kills the mutation: a call that came back, and the rows.
      const forgetful = new Proxy(under.database, {
        get(target, key) {
          const value: unknown = Reflect.get(target, key, target);
          if (key === 'deleteRows') {
            return async (table: string, ...rest: [string, Record<string, unknown>]) => {
              if (table === 'commits') await target.deleteRows(table, ...rest);
            };
          }
          return typeof value === 'function' ? value.bind(target) : value;
        },
      });
      const store = createClickHouseStore(forgetful);
      await expect(store.rollBack(chainId, FORK_AT - 1, 'fork')).rejects.toThrow(
        'Rows that were to be deleted are still there.',
      );
      await under.store.repair(chainId);
      await under.store.rollBack(chainId, FORK_AT - 1, 'fork');
      await runIndexer(under, chainId, 'b');
      expect(await contentOf(under, chainId)).toEqual(cleanB);
    });

    /**
     * Calls `work` on stores that die after 0, 1, 2 ... writes, each on a chain of its own, until one
     * lives. The statements are the same on every connection: beyond the embedded one a few deaths do.
     */
    const dieEverywhere = async (
      prepare: (chainId: number) => Promise<void>,
      work: (store: StoreUnderTest['store'], chainId: number) => Promise<unknown>,
      check: (chainId: number) => Promise<void>,
    ): Promise<number> => {
      const step = under.database.kind === 'embedded' ? 1 : 12;
      for (let writes = 0; ; writes += step) {
        const chainId = await indexed();
        await prepare(chainId);
        const dying = createClickHouseStore(dyingAfter(under.database, writes));
        const died = await work(dying, chainId).then(
          () => false,
          (error: unknown) => {
            if (error instanceof DeathError) return true;
            throw error;
          },
        );
        await check(chainId);
        if (!died) return writes;
      }
    };

    it('goes on after a rollback that was killed between any two statements', async () => {
      const deaths = await dieEverywhere(
        async () => {},
        (store, chainId) => store.rollBack(chainId, FORK_AT - 1, 'fork'),
        async (chainId) => {
          await under.store.repair(chainId);
          // The follower compares hashes, sees the fork again and rolls back again.
          await under.store.rollBack(chainId, FORK_AT - 1, 'fork');
          await runIndexer(under, chainId, 'b');
          expect(await contentOf(under, chainId)).toEqual(cleanB);
          expect(await under.store.repair(chainId)).toEqual([]);
        },
      );
      expect(deaths).toBeGreaterThanOrEqual(9);
    }, 300_000);

    it('goes on after a repair that was killed between any two statements', async () => {
      const deaths = await dieEverywhere(
        (chainId) =>
          damage(
            chainId,
            'DELETE FROM raw_logs WHERE chain_id = {chainId:UInt64} AND block_number = 6',
          ),
        (store, chainId) => store.repair(chainId),
        async (chainId) => {
          await under.store.repair(chainId);
          await mends(chainId, []);
        },
      );
      expect(deaths).toBeGreaterThanOrEqual(8);
    }, 300_000);
  });
}
