import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../../../schema/clickhouse/connection.ts';
import type { Database } from '../../../schema/clickhouse/database.ts';
import {
  DiskFullError,
  EngineLimitError,
  ServerAwayError,
} from '../../../schema/clickhouse/engine-errors.ts';
import { OperatorError, UsageError } from '../../../schema/errors.ts';
import type { Fault } from '../../clickhouse-server/faults.ts';
import { ClickHouseServerProcess } from '../../clickhouse-server/server-process.ts';

const COLUMNS = [{ name: 'a', type: 'UInt64' }];
const always = 1_000_000;

describe('a ClickHouse server that misbehaves', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-faults-'));
  let server: ClickHouseServerProcess;
  let database: Database;
  beforeAll(async () => {
    server = await ClickHouseServerProcess.start({ dataDir: folder, user: 'u', password: "p'w" });
    database = await openDatabase({
      url: server.url,
      user: 'u',
      password: "p'w",
      timeouts: { read: 1_500, write: 2_000 },
    });
    await database.command('CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a');
  });
  afterEach(async () => {
    await server.control({ clear: true });
    await database.command('TRUNCATE TABLE t');
  });
  afterAll(async () => {
    await database.close();
    await server.kill();
    rmSync(folder, { recursive: true });
  });

  const insert = () => database.insertRows('t', COLUMNS, [{ a: 1 }]);
  const stored = async () => (await database.select('SELECT a FROM t')).length;
  const failure = (call: Promise<unknown>): Promise<unknown> =>
    call.then(
      () => expect.fail('succeeds'),
      (error: unknown) => error,
    );
  const numbers = () => database.select<{ n: string }>('SELECT number AS n FROM numbers(5000)');

  it.each<[string, Fault]>([
    ['503 of a proxy', { kind: 'status', status: 503, times: 2 }],
    ['502 of a proxy', { kind: 'status', status: 502, times: 2 }],
    ['too many queries', { kind: 'exception', times: 3 }],
    ['a cut before the answer', { kind: 'executeAndCut', times: 2 }],
    ['a cut within the answer', { kind: 'cutAnswer', bytes: 20_000, times: 2 }],
    ['a server that hangs', { kind: 'hang', times: 1 }],
    ['a lost Keeper', { kind: 'exception', code: 999, name: 'KEEPER_EXCEPTION', times: 2 }],
  ])('answers a read all the same after %s', async (_, fault) => {
    await server.strike(fault);
    const rows = await numbers();
    expect(rows.map(({ n }) => Number(n))).toEqual(Array.from({ length: 5_000 }, (_x, i) => i));
    const { struck } = await server.report();
    expect(struck[fault.kind]).toBeGreaterThan(0);
  });

  it('reads bytes again that were cut', async () => {
    await server.strike({ kind: 'cutAnswer', bytes: 20_000, times: 2 });
    const bytes = await database.selectBytes('SELECT number FROM numbers(5000) FORMAT RowBinary');
    expect(bytes).toHaveLength(40_000);
  });

  it.each([false, true])(
    'takes an exception in place of the end of an answer as one (old server: %s)',
    async (isOldServer) => {
      for (const bytes of [0, 1, 5_000, 20_000]) {
        await server.strike({ kind: 'exceptionInAnswer', bytes, isOldServer });
        const error = await failure(numbers());
        expect(error).toBeInstanceOf(EngineLimitError);
        expect(error).toMatchObject({ type: 'MEMORY_LIMIT_EXCEEDED' });
        await server.strike({ kind: 'exceptionInAnswer', bytes, isOldServer });
        const query = 'SELECT number FROM numbers(5000) FORMAT RowBinary';
        expect(await failure(database.selectBytes(query))).toBeInstanceOf(EngineLimitError);
      }
    },
  );

  it('gives up a read after a while, as a passing fault', async () => {
    await server.strike({ kind: 'status', times: always });
    const error = await failure(numbers());
    expect(error).toBeInstanceOf(ServerAwayError);
    expect(JSON.stringify(error)).not.toContain("p'w");
  });

  it('never sends an insert twice whose fate is unknown', async () => {
    await server.strike({ kind: 'executeAndCut', query: '^INSERT' });
    const error = await failure(insert());
    expect(error).toBeInstanceOf(ServerAwayError);
    expect(error).toMatchObject({ isSurelyUndone: false });
    expect(await stored()).toBe(1);
    await server.strike({ kind: 'hang', query: '^INSERT' });
    expect(await failure(insert())).toBeInstanceOf(ServerAwayError);
    await server.strike({ kind: 'cutRequest', query: '^INSERT' });
    expect(await failure(insert())).toBeInstanceOf(ServerAwayError);
    expect(await stored()).toBe(1);
  });

  it('sends an insert again that the server did not let in', async () => {
    await server.strike({ kind: 'exception', query: '^INSERT', times: 3 });
    await insert();
    expect(await stored()).toBe(1);
  });

  it('repeats a CREATE that may be done twice, and no other command', async () => {
    const create = 'TABLE IF NOT EXISTS again (a UInt8) ENGINE = Memory';
    await server.strike({ kind: 'executeAndCut', query: '^CREATE' });
    await database.command(`CREATE ${create}`);
    await server.strike({ kind: 'executeAndCut', query: '^(INSERT|ALTER)', times: 2 });
    const twice = database.command('INSERT INTO t SELECT 1');
    expect(await failure(twice)).toBeInstanceOf(ServerAwayError);
    expect(await stored()).toBe(1);
  });

  it.each<[string, Partial<Fault>, object]>([
    ['a full disk', { code: 243, name: 'NOT_ENOUGH_SPACE' }, DiskFullError],
    [
      'a table that cannot be written now',
      { code: 242, name: 'TABLE_IS_READ_ONLY' },
      ServerAwayError,
    ],
    ['a memory limit', { code: 241, name: 'MEMORY_LIMIT_EXCEEDED' }, EngineLimitError],
    ['a time limit', { code: 159, name: 'TIMEOUT_EXCEEDED' }, EngineLimitError],
    ['a missing right', { code: 497, name: 'ACCESS_DENIED' }, OperatorError],
    ['a read-only user', { code: 164, name: 'READONLY' }, OperatorError],
    ['a page of another web server', { kind: 'status', status: 404 }, OperatorError],
  ])('sorts %s by its remedy', async (_, fault, expected) => {
    await server.strike({ kind: 'exception', query: '^INSERT', ...fault });
    const error = await failure(insert());
    expect(error).toBeInstanceOf(expected);
    expect((error as OperatorError).remedy).toBeTruthy();
    expect(await stored()).toBe(0);
  });

  it('does not fail the first query after a restart of the server', async () => {
    for (let round = 0; round < 2; round++) {
      await insert();
      await server.kill();
      await server.start();
      await insert();
    }
    expect(await stored()).toBe(4);
  });

  it('waits out a short absence', async () => {
    await server.control({ listen: 'down', upAfterMillis: 400 });
    await insert();
    expect(await stored()).toBe(1);
  });

  it('ends a write that the server still works on though nobody waits for it', async () => {
    const slow = (label: string | undefined) =>
      database.insertChecked(
        {
          table: 't',
          columns: ['a'],
          expressions: ['a + sleepEachRow(0.29)'],
          structure: 'a UInt64',
          check: 'true',
          source: { format: 'RowBinary', bytes: Buffer.alloc(8 * 10) },
          parameters: {},
        },
        label,
      );
    expect(await failure(slow('chain-1'))).toBeInstanceOf(ServerAwayError);
    await database.endWrites('chain-1');
    const [row] = await database.select(
      "SELECT count() AS n FROM system.processes WHERE query LIKE 'INSERT%'",
    );
    expect(row).toEqual({ n: '0' });
    expect(await stored()).toBe(0);
  });

  it('gives up at a start, so that a person looks', async () => {
    await server.strike({ kind: 'status', times: always });
    const open = (password: string) => openDatabase({ url: server.url, user: 'u', password });
    expect(await failure(open("p'w"))).toBeInstanceOf(OperatorError);
    await server.control({ clear: true });
    const refused = await failure(open('wrong'));
    expect(refused).toBeInstanceOf(OperatorError);
    expect(refused).not.toBeInstanceOf(UsageError);
    expect(String(refused)).toContain('refused the user name or password');
    const secure = openDatabase({ url: server.url.replace('http:', 'https:'), password: "p'w" });
    expect(String(await failure(secure))).toContain('No secure connection');
  });
});
