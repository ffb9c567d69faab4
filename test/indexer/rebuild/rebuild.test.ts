import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureCurrentProjections } from '../../../indexer/rebuild/current-projections.ts';
import { type RebuiltChain, rebuild } from '../../../indexer/rebuild/rebuild.ts';
import { openSecondCopy } from '../../../indexer/rebuild/second-copy.ts';
import { storedPlans } from '../../../indexer/rebuild/stored-plans.ts';
import { dropCopy } from '../../../indexer/rebuild/swap.ts';
import { DERIVED_TABLES, EVIDENCE_TABLES } from '../../../indexer/store/event-store.ts';
import { openDatabase } from '../../../schema/clickhouse/connection.ts';
import { type OldStore, openFirstRelease } from './first-release-store.ts';

const CHAIN = 42161;
const never = new AbortController().signal;

describe('a rebuild of stored logs', () => {
  let old: OldStore;
  const why: string[] = [];
  let first: readonly RebuiltChain[];
  let clean: Record<string, unknown>;

  const digests = async () => {
    const tables: Record<string, unknown> = {};
    for (const table of [...EVIDENCE_TABLES, ...DERIVED_TABLES]) {
      tables[table] = await old.store.digest(table, CHAIN);
    }
    return tables;
  };
  const databases = async () =>
    (await old.database.select<{ name: string }>('SHOW DATABASES')).map(({ name }) => name);
  const request = async (signal = never) => ({
    database: old.database,
    store: old.store,
    guard: null,
    openBeside: old.openBeside,
    plans: await storedPlans(old.store),
    signal,
  });
  /** A wrong value in one table, a row too many in another. */
  const plantFaults = async () => {
    await old.database.command(
      `ALTER TABLE position_states UPDATE size_usd = size_usd + 1
       WHERE log_index = (SELECT max(log_index) FROM position_states) SETTINGS mutations_sync = 1`,
    );
    await old.database.command(
      'INSERT INTO market_events SELECT * FROM market_events ORDER BY block_number LIMIT 1',
    );
  };

  beforeAll(async () => {
    old = await openFirstRelease();
    first = await ensureCurrentProjections({
      ...(await request()),
      onStale: (_plan, text) => why.push(text),
    });
    clean = await digests();
  });
  afterAll(() => old.close());

  it('remakes the rows of the first release, and says why', () => {
    expect(why).toEqual([
      expect.stringMatching(
        /^gmx-v2\/1 → gmx-v2\/\d+, none → rules:gmx-v2\/\d+, none → projections\/\d+$/,
      ),
    ]);
    expect(first).toMatchObject([{ chain: 'local-gmx-v2', chainId: CHAIN, toBlock: 500 }]);
    // What later releases say in other words, or added; facts that they left alone are equal.
    const changed = first.flatMap(({ changes }) => changes.map(({ table }) => table));
    expect(changed).toEqual([
      'market_events',
      'oracle_updates',
      'open_interest',
      'liquidation_levels',
      'oracle_hours',
    ]);
  });

  it('says that it rebuilt in the state of the chain', async () => {
    const states = await old.database.select(
      'SELECT state, source_height FROM indexer_states ORDER BY recorded_at',
    );
    expect(states).toEqual([{ state: 'REBUILDING', source_height: '500' }]);
  });

  it('finds nothing to do where the rules are the plan’s', async () => {
    expect(await ensureCurrentProjections(await request())).toEqual([]);
  });

  it('mends what was changed by hand, names the tables, and touches nothing else', async () => {
    await plantFaults();
    const [chain] = await rebuild(await request());
    expect(
      chain?.changes.map(({ table, rowsBefore, rowsAfter }) => [
        table,
        rowsAfter - Number(rowsBefore),
      ]),
    ).toEqual([
      ['market_events', -1],
      ['position_states', 0],
    ]);
    expect(await digests()).toEqual(clean);
    expect(await databases()).not.toContain('bulkhead_rebuild');
    expect((await rebuild(await request()))[0]?.changes).toEqual([]);
  });

  it('shows a reader the old rows, then the new ones, and nothing else', async () => {
    await plantFaults();
    const reader = await openDatabase({ dataDir: old.path });
    const query = `SELECT lower(hex(sum(sipHash64(*)))) AS digest FROM position_states
      WHERE block_number <= (SELECT max(to_block) FROM commits WHERE stage = 'project')`;
    const ask = async () => (await reader.select<{ digest: string }>(query))[0]?.digest;
    try {
      const before = await ask();
      const seen: unknown[] = [];
      let isOver = false;
      const asking = (async () => {
        while (!isOver) seen.push(await ask());
      })();
      await rebuild(await request());
      isOver = true;
      await asking;
      const after = await ask();
      expect(after).not.toBe(before);
      expect(seen.length).toBeGreaterThan(10);
      const turn = seen.indexOf(after) < 0 ? seen.length : seen.indexOf(after);
      expect(new Set(seen.slice(0, turn))).toEqual(new Set([before]));
      expect(new Set(seen.slice(turn))).toEqual(turn < seen.length ? new Set([after]) : new Set());
    } finally {
      await reader.close();
    }
  });

  it('takes over the rows of chains that it does not project', async () => {
    await old.database.command(
      'INSERT INTO market_events SELECT * REPLACE (7 AS chain_id) FROM market_events',
    );
    await old.database.command('INSERT INTO commits SELECT * REPLACE (7 AS chain_id) FROM commits');
    const of7 = async () => ({
      rows: await old.store.digest('market_events', 7),
      land: await old.store.lastCommit(7, 'land'),
      project: await old.store.lastCommit(7, 'project'),
    });
    const before = await of7();
    expect(before.rows.rows).toBeGreaterThan(100);
    // An interrupted run that had taken over half of them.
    const copy = await openSecondCopy(old.database, old.openBeside, await storedPlans(old.store));
    await copy.database.command(
      'INSERT INTO market_events SELECT * FROM bulkhead.market_events WHERE chain_id = 7 LIMIT 20',
    );
    await copy.database.close();
    const [chain] = await rebuild(await request());
    expect(chain?.changes).toEqual([]);
    expect(await of7()).toEqual(before);
    expect(await digests()).toEqual(clean);
    for (const table of ['market_events', 'commits']) {
      await old.database.deleteRows(table, 'chain_id = 7', {});
    }
  });

  it('is refused before it begins where the disk has no room for a copy', async () => {
    const spareBytes = Number.MAX_SAFE_INTEGER;
    await expect(rebuild({ ...(await request()), spareBytes })).rejects.toThrow(
      /no room for a second copy/,
    );
    expect(await databases()).not.toContain('bulkhead_rebuild');
  });

  it('leaves the live tables alone when it is stopped', async () => {
    const stop = new AbortController();
    stop.abort();
    await expect(rebuild(await request(stop.signal))).rejects.toThrow();
    expect(await digests()).toEqual(clean);
    expect(await databases()).toContain('bulkhead_rebuild');
  });

  it('goes on with an interrupted copy only while rules and evidence are the same', async () => {
    const { database, openBeside, plans } = await request();
    const isResumed = async (wanted = plans) => {
      const copy = await openSecondCopy(database, openBeside, wanted);
      await copy.database.close();
      return copy.isResumed;
    };
    await dropCopy(database);
    expect(await isResumed()).toBe(false);
    expect(await isResumed()).toBe(true);
    const otherRules = plans.map((plan) => ({ ...plan, method: `${plan.method}0` }));
    expect(await isResumed(otherRules)).toBe(false);
    expect(await isResumed(otherRules)).toBe(true);
    expect(await isResumed()).toBe(false);
    await database.command('CREATE TABLE bulkhead_rebuild.left_behind (n UInt8) ENGINE = Memory');
    await old.store.rollBack(CHAIN, 400, 'test');
    expect(await isResumed()).toBe(false);
    const [left] = await database.select<{ n: string }>(
      "SELECT count() AS n FROM system.tables WHERE database = 'bulkhead_rebuild' AND name = 'left_behind'",
    );
    expect(Number(left?.n)).toBe(0);
  });

  it('begins a copy anew that lost rows, and refuses evidence that did', async () => {
    const { database, openBeside, plans } = await request();
    const stop = new AbortController();
    const stopped = rebuild({
      ...(await request(stop.signal)),
      onProjected: () => stop.abort(),
    });
    await expect(stopped).rejects.toThrow();
    await database.command('TRUNCATE TABLE bulkhead_rebuild.market_states');
    const copy = await openSecondCopy(database, openBeside, plans);
    expect(copy.isResumed).toBe(false);
    await copy.database.close();
    const before = await digests();
    await database.command('CREATE TABLE kept AS raw_logs');
    await database.command('INSERT INTO kept SELECT * FROM raw_logs');
    await database.deleteRows('raw_logs', 'block_number = 390', {});
    await expect(rebuild(await request())).rejects.toThrow(/stored logs do not add up/);
    await database.command('EXCHANGE TABLES kept AND raw_logs');
    await database.command('DROP TABLE kept SYNC');
    expect(await digests()).toEqual(before);
  });

  it('does not swap when blocks were rolled back meanwhile', async () => {
    const { plans, ...rest } = await request();
    const before = await digests();
    const running = rebuild({
      ...rest,
      plans,
      onChain: () => void old.store.rollBack(CHAIN, 350, 'test'),
    });
    await expect(running).rejects.toThrow(/are not whole|landed or rolled back/);
    expect(await digests()).not.toEqual(before);
    expect(await old.store.lastCommit(CHAIN, 'project')).toMatchObject({ toBlock: 350 });
    await rebuild(await request());
    expect(await old.store.lastCommit(CHAIN, 'project')).toMatchObject({ toBlock: 350 });
  });
});
