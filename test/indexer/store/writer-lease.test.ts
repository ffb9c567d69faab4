import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClickHouseStore } from '../../../indexer/store/clickhouse-store.ts';
import { WriterLeases } from '../../../indexer/store/writer-lease.ts';
import { openDatabase } from '../../../schema/clickhouse/connection.ts';
import type { Database } from '../../../schema/clickhouse/database.ts';
import { migrate } from '../../../schema/clickhouse/migrate.ts';
import { OperatorError, RetryableError } from '../../../schema/errors.ts';
import { commitOf } from '../../contracts/store-rows.ts';
import { temporaryFolder } from '../../e2e/run-cli.ts';

const TIMES = { expiryMs: 1_500, renewalMs: 200, settleMs: 100 };

describe('the right to write a chain', () => {
  const folder = temporaryFolder('leases');
  let database: Database;
  const opened: WriterLeases[] = [];
  const writer = (times: Partial<typeof TIMES> = {}): WriterLeases => {
    const leases = new WriterLeases(database, { ...TIMES, ...times });
    opened.push(leases);
    return leases;
  };
  /** A claim of a process that is not this one. */
  const claimBy = (chainId: number, id: string, machine: string, pid: number) =>
    database.command(
      `INSERT INTO writer_leases SELECT {id:String}, 'other:1', {machine:String}, {pid:UInt32},
         now64(3, 'UTC'), false, {chainId:UInt64}`,
      { chainId, id, machine, pid },
    );
  const released = async (chainId: number) =>
    (
      await database.select<{ n: string }>(
        'SELECT count() AS n FROM writer_leases WHERE chain_id = {chainId:UInt64} AND is_released',
        { chainId },
      )
    )[0]?.n;

  beforeAll(async () => {
    database = await openDatabase({ dataDir: folder.path });
    await migrate(database);
  });
  afterAll(async () => {
    for (const leases of opened) await leases.release();
    await database.close();
    folder.remove();
  });

  it('belongs to one process, which the other is told, and passes on when it is given back', async () => {
    const [first, second] = [writer({ expiryMs: 20_000 }), writer({ expiryMs: 20_000 })];
    await first.hold(1);
    const refused = second.hold(1);
    await expect(refused).rejects.toBeInstanceOf(OperatorError);
    await expect(refused).rejects.toMatchObject({
      facts: { chainId: 1, holder: `${hostname()}:${process.pid}` },
    });
    await second.hold(2);
    const state = { chainId: 1, sourceHeight: 9, safeDepth: 1, finalityDepth: 2, fault: '' };
    for (const [leases, name] of [
      [first, 'FOLLOWING'],
      [second, 'FAILED'],
    ] as const) {
      const store = createClickHouseStore(database, leases);
      await store.recordState({ ...state, state: name, failingSince: null });
    }
    // Who was refused does not speak for who writes.
    expect(await database.select('SELECT state FROM indexer_states')).toEqual([
      { state: 'FOLLOWING' },
    ]);
    await first.hold(1);
    await first.confirm(1);
    await first.release();
    await second.hold(1);
    await expect(first.hold(1)).rejects.toBeInstanceOf(OperatorError);
  });

  it('goes to one of two that ask at the same time', async () => {
    const both = [writer(), writer()];
    const asked = await Promise.allSettled(both.map((leases) => leases.hold(3)));
    expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('is taken over at once from a process that is gone from this machine', async () => {
    const own = writer();
    await own.hold(4);
    const [row] = await database.select<{ machine: string }>(
      'SELECT machine FROM writer_leases WHERE chain_id = 4 LIMIT 1',
    );
    await claimBy(5, 'dead', row?.machine ?? '', 2 ** 22 + 1);
    const heir = writer({ expiryMs: 600_000 });
    await heir.hold(5);
    expect(await released(5)).toBe('1');
  });

  it('is taken over from another machine when it has expired', async () => {
    await claimBy(6, 'silent', 'another machine', 1);
    const startedAt = performance.now();
    await writer().hold(6);
    expect(performance.now() - startedAt).toBeGreaterThan(TIMES.expiryMs / 2);
    expect(await released(6)).toBe('0');
  });

  it('is refused while another machine renews it', async () => {
    await claimBy(7, 'lively', 'another machine', 1);
    const renewals = setInterval(() => void claimBy(7, 'lively', 'another machine', 1), 100);
    try {
      await expect(writer({ expiryMs: 20_000 }).hold(7)).rejects.toMatchObject({
        facts: { holder: 'other:1' },
      });
    } finally {
      clearInterval(renewals);
    }
  });

  it('commits nothing for a process that slept while another took over', async () => {
    const sleeper = writer({ renewalMs: 600_000 });
    const store = createClickHouseStore(database, sleeper);
    await store.commit({ ...commitOf('land', 0, 4), chainId: 8 });
    await sleep(TIMES.expiryMs + 100);
    const heir = writer();
    await heir.hold(8);
    const late = store.commit({ ...commitOf('land', 5, 9), chainId: 8 });
    await expect(late).rejects.toThrow(/Another process/);
    await heir.release();
    expect((await store.lastCommit(8, 'land'))?.toBlock).toBe(4);
    // The heir is gone: whoever opens the chain again may write it.
    await store.repair(8);
    await store.commit({ ...commitOf('land', 5, 9), chainId: 8 });
    expect((await store.lastCommit(8, 'land'))?.toBlock).toBe(9);
  });

  it('has to be asked for again when another has come and gone', async () => {
    const sleeper = writer({ renewalMs: 600_000 });
    await sleeper.hold(9);
    await sleep(TIMES.expiryMs + 100);
    const heir = writer();
    await heir.hold(9);
    await heir.release();
    await expect(sleeper.hold(9)).rejects.toBeInstanceOf(RetryableError);
    await sleeper.hold(9);
  });

  it('outlives an absence of the server in which nobody else came', async () => {
    const patient = writer({ renewalMs: 600_000 });
    await patient.hold(10);
    await sleep(TIMES.expiryMs + 100);
    await patient.confirm(10);
    await patient.hold(10);
    const claims = await database.select<{ n: string }>(
      'SELECT uniqExact(lease_id) AS n, count() AS renewals FROM writer_leases WHERE chain_id = 10',
    );
    expect(claims).toEqual([{ n: '1', renewals: '2' }]);
  });
});
