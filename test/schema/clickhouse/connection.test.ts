import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../../../schema/clickhouse/connection.ts';
import type { AppError } from '../../../schema/errors.ts';
import { formatError, OperatorError, UsageError } from '../../../schema/errors.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-connection-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The error of a call that must fail. */
async function failureOf(call: Promise<unknown>): Promise<AppError> {
  return call.then(
    () => expect.unreachable('it should have failed'),
    (error: AppError) => error,
  );
}

describe('openDatabase, embedded', () => {
  it('keeps wide integers exact and binds values, quotes and all', async () => {
    const database = await openDatabase({ dataDir: folder });
    const parameters = { text: "it's \\ 'x'", list: ["a'b", 'c'], wide: (2n ** 255n).toString() };
    const [row] = await database.select(
      `SELECT {wide:UInt256} AS wide, toDecimal256('1.000000000000000000000000000001', 30) AS exact,
              toUInt64(18446744073709551615) AS u64, {text:String} AS text, {list:Array(String)} AS list`,
      parameters,
    );
    expect(row).toEqual({
      ...parameters,
      exact: '1.000000000000000000000000000001',
      u64: '18446744073709551615',
    });
    await database.close();
  });

  it('applies settings to their query only', async () => {
    const database = await openDatabase({ dataDir: folder });
    const slow = database.select(
      'SELECT sum(sipHash64(number)) FROM numbers(20000000000)',
      {},
      { max_execution_time: 0.2 },
    );
    await expect(slow).rejects.toMatchObject({ type: 'TIMEOUT_EXCEEDED' });
    expect(await database.select("SELECT getSetting('max_execution_time') AS s")).toEqual([
      { s: 0 },
    ]);
    await database.close();
  });

  it('lets one process read on a second connection while the first is busy', async () => {
    const writer = await openDatabase({ dataDir: folder });
    const reader = await openDatabase({ dataDir: folder });
    let isWriterDone = false;
    const long = writer
      .select('SELECT sleepEachRow(0.5) FROM numbers(4)')
      .then(() => (isWriterDone = true));
    expect(await reader.select('SELECT currentDatabase() AS d')).toEqual([{ d: 'bulkhead' }]);
    expect(isWriterDone).toBe(false);
    await long;
    await reader.close();
    expect(await writer.select('SELECT 1 AS a')).toEqual([{ a: 1 }]);
    await writer.close();
  });

  it('says which process holds the folder, and opens it when that process was killed', async () => {
    const script = fileURLToPath(new URL('./hold-folder.ts', import.meta.url));
    const holder: ChildProcess = spawn(process.execPath, ['--import', 'tsx', script, folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      await once(holder.stdout as NodeJS.EventEmitter, 'data');
      const error = await failureOf(openDatabase({ dataDir: folder }));
      expect(error).toBeInstanceOf(OperatorError);
      expect(formatError(error)).toContain(`in use by process ${holder.pid}`);
      expect(error.remedy).toContain('--data');
    } finally {
      holder.kill('SIGKILL');
      await once(holder, 'exit');
    }
    const database = await openDatabase({ dataDir: folder });
    expect(await database.select('SELECT 1 AS a')).toEqual([{ a: 1 }]);
    await database.close();
  });

  it('refuses a folder that cannot be made', async () => {
    writeFileSync(join(folder, 'file'), '');
    const error = await failureOf(openDatabase({ dataDir: join(folder, 'file', 'data') }));
    expect(error).toBeInstanceOf(OperatorError);
    expect(error.message).toContain('cannot be written');
  });

  it('refuses a disk that is nearly full', async () => {
    const error = await failureOf(
      openDatabase({ dataDir: folder, minimumFreeBytes: Number.MAX_SAFE_INTEGER }),
    );
    expect(error).toBeInstanceOf(OperatorError);
    expect(error.message).toContain('nearly full');
  });

  it('explains a write that finds the disk full, and goes on when there is space', async () => {
    const database = await openDatabase({ dataDir: folder });
    // The engine's own guard, set so high that any disk is full: it refuses as it would for real.
    await database.command(`CREATE TABLE t (a UInt8) ENGINE = MergeTree ORDER BY a
      SETTINGS min_free_disk_bytes_to_perform_insert = 1152921504606846976`);
    const insert = () => database.insertRows('t', [{ name: 'a', type: 'UInt8' }], [{ a: 1 }]);
    const error = await failureOf(insert());
    expect(error).toBeInstanceOf(OperatorError);
    expect(error.message).toContain('disk is full');
    expect(error.remedy).toContain('--data');
    await database.command(
      'ALTER TABLE t MODIFY SETTING min_free_disk_bytes_to_perform_insert = 0',
    );
    await insert();
    expect(await database.select('SELECT a FROM t')).toEqual([{ a: 1 }]);
    await database.close();
  });

  it('refuses a second folder in one process', async () => {
    const database = await openDatabase({ dataDir: join(folder, 'one') });
    const error = await failureOf(openDatabase({ dataDir: join(folder, 'two') }));
    expect(error).toBeInstanceOf(OperatorError);
    expect(error.message).toContain('another data folder');
    await database.close();
    await (await openDatabase({ dataDir: join(folder, 'two') })).close();
  });

  it('refuses a database name that is not a plain word', async () => {
    const error = await failureOf(openDatabase({ dataDir: folder, database: 'a; DROP' }));
    expect(error).toBeInstanceOf(UsageError);
  });
});

describe('openDatabase, server', () => {
  it('says that nothing answers at the address', async () => {
    const error = await failureOf(
      openDatabase({ url: 'http://reader:s3cret@127.0.0.1:9', password: 's3cret' }),
    );
    expect(error).toBeInstanceOf(OperatorError);
    expect(formatError(error)).toContain('127.0.0.1:9');
    expect(formatError(error)).toContain('CLICKHOUSE_URL');
    expect(JSON.stringify([formatError(error), error.stack])).not.toContain('s3cret');
  });

  it('says that the password was refused, without showing it', async () => {
    // No server can be had here: this one only answers a refusal in ClickHouse's own words.
    const refusal =
      'Code: 516. DB::Exception: reader: Authentication failed: password is incorrect, or there is no user with such name. (AUTHENTICATION_FAILED) (version 26.7.2.1)';
    const server = createServer((_, response) => {
      response.writeHead(403, { 'X-ClickHouse-Exception-Code': '516' }).end(refusal);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const error = await failureOf(
      openDatabase({ url: `http://127.0.0.1:${port}`, user: 'reader', password: 's3cret' }),
    );
    expect(error).toBeInstanceOf(OperatorError);
    expect(error.message).toContain('refused the user name or password');
    expect(error.remedy).toContain('CLICKHOUSE_PASSWORD');
    expect(JSON.stringify([formatError(error), error.stack])).not.toContain('s3cret');
    server.close();
  });

  it('refuses an address that is none, without quoting it', async () => {
    for (const url of ['localhost:8123', 'tcp://reader:s3cret@host:9000', '']) {
      const error = await failureOf(openDatabase({ url }));
      expect(error).toBeInstanceOf(UsageError);
      expect(formatError(error)).not.toContain('s3cret');
    }
  });
});
