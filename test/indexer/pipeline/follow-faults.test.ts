import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { runChain } from '../../../indexer/pipeline/run-chain.ts';
import type { EventStore } from '../../../indexer/store/event-store.ts';
import type { Database } from '../../../schema/clickhouse/database.ts';
import { RetryableError } from '../../../schema/errors.ts';
import {
  digestsOf,
  FollowedChain,
  Following,
  type RunOptions,
  requestFor,
  StoreFolder,
} from './follow-world.ts';

const HEIGHT = 150;

/** Does what it is asked and then says that it did not answer, every so often. */
function unsureStore(store: EventStore): EventStore & { readonly faults: number } {
  let calls = 0;
  let faults = 0;
  const unsure = new Set(['landHead', 'land', 'append', 'commit']);
  return new Proxy(store, {
    get(target, name) {
      if (name === 'faults') return faults;
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      return async (...args: unknown[]) => {
        const result: unknown = await Reflect.apply(value, target, args);
        if (unsure.has(String(name)) && ++calls % 7 === 0 && faults < 8) {
          faults += 1;
          throw new RetryableError('The ClickHouse server did not answer.');
        }
        return result;
      };
    },
  }) as EventStore & { readonly faults: number };
}

describe('following two chains in one store', () => {
  const folder = new StoreFolder();
  let one: FollowedChain;
  let two: FollowedChain;
  let store: EventStore;
  let database: Database;
  const running: Following[] = [];

  beforeAll(async () => {
    one = await FollowedChain.serve('gmx-v1-crash-scenario', HEIGHT);
    two = await FollowedChain.serve('synthetix-v2-crash-2023-08-17', HEIGHT, { chainId: 4243 });
    two.fork('fork', HEIGHT - 20, HEIGHT + 5);
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((following) => following.stop()));
    for (const chain of [one, two]) {
      chain.server.clearFaults();
      chain.server.beforeAnswer = () => {};
      chain.server.switchBranch('main', HEIGHT);
    }
  });
  afterAll(async () => {
    await Promise.all([one.server.close(), two.server.close()]);
    await folder.close();
  });

  async function openStore() {
    ({ store, database } = await folder.open('shared'));
  }
  function follow(chain: FollowedChain, options: RunOptions = {}, on = store): Following {
    const following = new Following(chain, on, folder.workDirectory(), options);
    running.push(following);
    return following;
  }
  const digests = (chain: FollowedChain, of = store) => digestsOf(of, chain.plan.source.chainId);
  async function cleanDigests(chain: FollowedChain) {
    const clean = await folder.open('clean');
    await runChain(requestFor(chain, clean.store, folder.workDirectory(), { follow: false }));
    return digests(chain, clean.store);
  }

  it('leaves the other alone when one is rolled back, fails, or stalls', async () => {
    await openStore();
    const first = follow(one);
    const second = follow(two, { finalityDepth: 30 });
    await Promise.all([first.atTip(), second.atTip()]);
    const before = await digests(one);

    two.server.switchBranch('fork');
    await second.atTip();
    expect(second.rollbacks).toHaveLength(1);
    expect(await digests(one)).toEqual(before);
    expect(await digests(two)).toEqual(await cleanDigests(two));

    // Its endpoint takes requests and never answers: the other goes on at its own pace.
    two.server.fail({ kind: 'hang' }, 1_000);
    const startedAt = performance.now();
    for (let height = HEIGHT + 1; height <= HEIGHT + 10; height++) {
      one.server.setHeight(height);
      await first.atTip();
    }
    const perBlock = (performance.now() - startedAt) / 10;
    await second.until(() => second.monitor.current.state === 'RETRYING');
    expect(perBlock).toBeLessThan(1_000);
    expect(await digests(one)).toEqual(await cleanDigests(one));
    two.server.clearFaults();

    await second.stop();
    two.server.switchBranch('main', HEIGHT + 60);
    const third = follow(two, { finalityDepth: 10 });
    expect((await third.outcome).kind).toBe('failed');
    one.server.setHeight(HEIGHT + 12);
    await first.atTip();
    expect(first.monitor.current.state).toBe('FOLLOWING');
    const rows = await database.select<{ state: string }>(
      'SELECT argMax(state, recorded_at) AS state FROM indexer_states GROUP BY chain_id ORDER BY chain_id',
    );
    expect(rows.map(({ state }) => state)).toEqual(['FAILED', 'FOLLOWING']);
  });

  it('waits for an endpoint that goes away, says since when, and goes on', async () => {
    await openStore();
    const first = follow(one);
    await first.atTip();
    one.server.fail({ kind: 'reset' }, 1_000_000);
    await first.until(() => first.notes.some((note) => /beginning again/.test(note)));
    await first.until(async () => {
      const [row] = await database.select<{ state: string; fault: string; since: string | null }>(
        'SELECT state, fault, failing_since AS since FROM indexer_states ORDER BY recorded_at DESC LIMIT 1',
      );
      return (
        row?.state === 'RETRYING' && /reached|unreachable/.test(row.fault) && row.since !== null
      );
    });
    one.server.clearFaults();
    one.server.setHeight(HEIGHT + 7);
    await first.atTip();
    await first.until(() => first.monitor.current.state === 'FOLLOWING');
    expect(await digests(one)).toEqual(await cleanDigests(one));
    await first.stop();
    const [last] = await database.select<{ state: string }>(
      'SELECT state FROM indexer_states ORDER BY recorded_at DESC LIMIT 1',
    );
    expect(last?.state).toBe('STOPPED');
  });

  it('loses and doubles nothing when the store does not say whether it wrote', async () => {
    await openStore();
    one.server.options = { ...one.server.options, maxBlocksPerRequest: 4 };
    const unsure = unsureStore(store);
    const first = follow(one, { bulkBlocks: 40 }, unsure);
    await first.atTip();
    expect(unsure.faults).toBe(8);
    one.server.options = { ...one.server.options, maxBlocksPerRequest: 0 };
    expect(await digests(one)).toEqual(await cleanDigests(one));
  });

  it('takes a head that goes down for a lagging instance, and changes nothing', async () => {
    await openStore();
    const first = follow(one);
    await first.atTip();
    let looks = 0;
    one.server.beforeAnswer = () => {
      looks += 1;
    };
    one.server.setHeight(HEIGHT - 25);
    const asked = looks;
    await first.until(() => looks > asked + 6);
    expect((await store.lastCommit(one.plan.source.chainId, 'project'))?.toBlock).toBe(HEIGHT);
    one.server.setHeight(HEIGHT + 2);
    await first.atTip();
    expect(first.rollbacks).toEqual([]);
    expect(await digests(one)).toEqual(await cleanDigests(one));
  });

  it('stays as far behind the head as it is told, and ends at the last block asked for', async () => {
    await openStore();
    const { chainId } = one.plan.source;
    const first = follow(one, { confirmations: 12, toBlock: HEIGHT - 5 });
    const landedTo = async () => (await store.lastCommit(chainId, 'land'))?.toBlock;
    await first.until(async () => (await landedTo()) === HEIGHT - 12);
    one.server.setHeight(HEIGHT + 3);
    await first.until(async () => (await landedTo()) === HEIGHT - 9);
    one.server.setHeight(HEIGHT + 20);
    expect(await first.outcome).toEqual({ kind: 'done' });
    expect(await landedTo()).toBe(HEIGHT - 5);
    expect((await store.lastCommit(chainId, 'project'))?.toBlock).toBe(HEIGHT - 5);
  });

  it('forgets reversible blocks once they are final, some hundred at a time', async () => {
    await openStore();
    const first = follow(one, { finalityDepth: 20, bulkBlocks: 10_000 });
    for (let height = 300; height <= 1_200; height += 300) {
      one.server.setHeight(height);
      await first.atTip();
    }
    const kept = [...(await store.reversibleBlocks(one.plan.source.chainId)).keys()];
    expect(Math.min(...kept)).toBeGreaterThan(300);
    expect(Math.min(...kept)).toBeLessThanOrEqual(1_180);
    expect(Math.max(...kept)).toBe(1_200);
  });
});
