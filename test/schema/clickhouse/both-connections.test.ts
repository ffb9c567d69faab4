import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../../../schema/clickhouse/connection.ts';
import type { Database } from '../../../schema/clickhouse/database.ts';
import { migrate } from '../../../schema/clickhouse/migrate.ts';
import { CorruptDataError } from '../../../schema/errors.ts';
import { ClickHouseServerProcess } from '../../clickhouse-server/server-process.ts';

interface Connection {
  readonly database: Database;
  close(): Promise<void>;
}

const ANY_TEXT = 'it\'s "q" \\ \\n back\ttab\nline\rreturn é 漢 😀 \\N NULL {a:b} --';

/** The same promises for either kind of database. */
function describeDatabase(name: string, open: () => Promise<Connection>): void {
  describe(name, () => {
    let connection: Connection;
    let database: Database;
    beforeAll(async () => {
      connection = await open();
      database = connection.database;
      await database.command(`CREATE TABLE wide (
        id UInt32, i64 Int64, u256 UInt256, i256 Int256, d Decimal(76, 30), t String,
        n Nullable(Int256), a Array(String), m Map(String, UInt64)) ENGINE = MergeTree ORDER BY id`);
    });
    afterAll(() => connection.close());

    it('gives wide integers and decimals as exact text', async () => {
      const most = 2n ** 256n - 1n;
      const [row] = await database.select(
        `SELECT {a:UInt256} AS a, {b:Int256} AS b, toInt64(-9223372036854775808) AS c,
                CAST('1.000000000000000000000000000001', 'Decimal(76, 30)') AS d, count() AS n`,
        { a: most, b: -(2n ** 255n) },
      );
      expect(row).toEqual({
        a: String(most),
        b: String(-(2n ** 255n)),
        c: '-9223372036854775808',
        d: '1.000000000000000000000000000001',
        n: '1',
      });
    });

    it('binds parameters of every type as they are', async () => {
      const [row] = await database.select(
        `SELECT {t:String} AS t, {l:Array(String)} AS l, {u:Array(UInt64)} AS u, {o:Nullable(String)} AS o,
                {m:Map(String, String)} AS m, {f:Float64} AS f, {y:UInt8} AS y, {e:Array(String)} AS e,
                {w:Array(Array(UInt8))} AS w`,
        {
          t: ANY_TEXT,
          l: [ANY_TEXT, '', "'", '\\', '\t'],
          u: [2n ** 64n - 1n, 0n],
          o: null,
          m: { [ANY_TEXT]: ANY_TEXT },
          f: 0.1,
          y: 1,
          e: [],
          w: [[1], []],
        },
      );
      expect(row).toEqual({
        t: ANY_TEXT,
        l: [ANY_TEXT, '', "'", '\\', '\t'],
        u: ['18446744073709551615', '0'],
        o: null,
        m: { [ANY_TEXT]: ANY_TEXT },
        f: 0.1,
        y: 1,
        e: [],
        w: [[1], []],
      });
    });

    it('takes a list of parameters too long for an address', async () => {
      const keys = Array.from({ length: 3_000 }, (_, index) => `0x${'ab'.repeat(32)}'${index}`);
      const [row] = await database.select<{ n: string; last: string }>(
        'SELECT length({keys:Array(String)}) AS n, {keys:Array(String)}[-1] AS last',
        { keys },
      );
      expect(row).toEqual({ n: '3000', last: keys.at(-1) });
    });

    it('keeps rows of every column type exact', async () => {
      const columns = await database.select<{ name: string; type: string }>(
        "SELECT name, type FROM system.columns WHERE database = currentDatabase() AND table = 'wide'",
      );
      const row = {
        id: 1,
        i64: -(2n ** 63n),
        u256: 2n ** 256n - 1n,
        i256: -(2n ** 255n),
        d: '1.000000000000000000000000000001',
        t: ANY_TEXT,
        n: null,
        a: [ANY_TEXT, ''],
        m: { raw_logs: 3, "it's": 9_007_199_254_740_991 },
      };
      await database.insertRows('wide', columns, [row]);
      expect(await database.select('SELECT * FROM wide')).toEqual([
        {
          ...row,
          i64: String(row.i64),
          u256: String(row.u256),
          i256: String(row.i256),
          m: { raw_logs: '3', "it's": '9007199254740991' },
        },
      ]);
    });

    it('refuses null where a column has none, and stores nothing of the batch', async () => {
      const columns = [{ name: 'id', type: 'UInt32' }];
      const insert = database.insertRows('wide', columns, [{ id: 7 }, { id: null }]);
      await expect(insert).rejects.toThrow();
      expect(await database.select('SELECT 1 FROM wide WHERE id = 7')).toEqual([]);
    });

    it('checks rows in the binary form and stores none when one fails', async () => {
      const rows = (values: readonly number[]) => {
        const bytes = Buffer.alloc(values.length * 4);
        for (const [index, value] of values.entries()) bytes.writeUInt32LE(value, index * 4);
        return bytes;
      };
      const insert = (values: readonly number[]) =>
        database.insertChecked({
          table: 'wide',
          columns: ['id', 't'],
          expressions: ['id + {offset:UInt32}', "'it\\'s'"],
          structure: 'id UInt32',
          check: 'id < 20',
          source: { format: 'RowBinary', bytes: rows(values) },
          parameters: { offset: 1_000 },
        });
      await insert([10, 13, 10]);
      await expect(insert([11, 20])).rejects.toBeInstanceOf(CorruptDataError);
      const stored = 'SELECT id, t FROM wide WHERE id > 1000 ORDER BY id';
      expect(await database.select(stored)).toEqual(
        [1_010, 1_010, 1_013].map((id) => ({ id, t: "it's" })),
      );
      await database.deleteRows('wide', 'id > {least:UInt32}', { least: 1_010 });
      expect(await database.select(stored)).toHaveLength(2);
    });

    it('gives big answers whole, as rows and as bytes', async () => {
      const rows = await database.select<{ n: string; t: string }>(
        "SELECT number AS n, repeat('x', 50) AS t FROM numbers(100000)",
      );
      expect(rows).toHaveLength(100_000);
      expect(rows.at(-1)).toEqual({ n: '99999', t: 'x'.repeat(50) });
      const bytes = await database.selectBytes(
        'SELECT number, {b:UInt8} FROM numbers(200000) FORMAT RowBinary',
        { b: 10 },
      );
      expect(bytes).toHaveLength(200_000 * 9);
      expect(bytes.readBigUInt64LE(199_999 * 9)).toBe(199_999n);
      expect(bytes[8]).toBe(10);
    });

    it('keeps settings to their query', async () => {
      const value = "SELECT getSetting('max_block_size') AS size";
      const [before] = await database.select(value);
      expect(await database.select(value, {}, { max_block_size: '77' })).toEqual([{ size: 77 }]);
      expect(await database.select(value)).toEqual([before]);
    });

    it('names the error of a faulty query by its type', async () => {
      const fails = async (query: string, type: string) =>
        expect(database.command(query)).rejects.toMatchObject({ type });
      await fails('SELECT * FROM nowhere', 'UNKNOWN_TABLE');
      await fails('SELECT nothing FROM wide', 'UNKNOWN_IDENTIFIER');
      await fails('SELECT 1 +', 'SYNTAX_ERROR');
    });

    it('takes our migrations, statement by statement, and again', async () => {
      const applied = await migrate(database);
      expect(applied[0]).toBe('0001_raw_evidence.sql');
      expect(await migrate(database)).toEqual([]);
      const [row] = await database.select(
        "SELECT count() AS n FROM system.tables WHERE database = currentDatabase() AND name IN ('raw_logs', 'position_intervals', 'reversible_blocks')",
      );
      expect(row).toEqual({ n: '3' });
    });
  });
}

const folder = mkdtempSync(join(tmpdir(), 'bulkhead-both-'));
afterAll(() => rmSync(folder, { recursive: true }));

describeDatabase('database, embedded', async () => {
  const database = await openDatabase({ dataDir: join(folder, 'embedded') });
  return { database, close: () => database.close() };
});

describeDatabase('database, over HTTP', async () => {
  const server = await ClickHouseServerProcess.start({ dataDir: join(folder, 'server') });
  const database = await openDatabase({ url: server.url });
  return {
    database,
    close: async () => {
      await database.close();
      await server.kill();
    },
  };
});
