import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { createClient } from '@clickhouse/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixture } from '../contracts/store-rows.ts';
import { ClickHouseServerProcess } from './server-process.ts';

/** What a person with curl, or the client in its other ways of asking, meets. */
describe('the ClickHouse test server', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-test-server-'));
  let server: ClickHouseServerProcess;
  beforeAll(async () => {
    server = await ClickHouseServerProcess.start({ dataDir: folder, password: 'p' });
    expect(
      (await ask({}, 'CREATE TABLE t (a UInt64, b String) ENGINE = MergeTree ORDER BY a')).status,
    ).toBe(200);
  });
  afterAll(async () => {
    await server.kill();
    rmSync(folder, { recursive: true });
  });

  const ask = (
    parameters: Readonly<Record<string, string>>,
    body?: string | Uint8Array<ArrayBuffer>,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Response> =>
    fetch(`${server.url}/?${new URLSearchParams({ password: 'p', ...parameters })}`, {
      method: body === undefined ? 'GET' : 'POST',
      ...(body === undefined ? {} : { body }),
      headers,
    });
  const textOf = async (answer: Promise<Response>): Promise<string> => (await answer).text();

  it('answers a ping without a password', async () => {
    expect(await textOf(fetch(`${server.url}/ping`))).toBe('Ok.\n');
  });

  it.each([
    [403, '516', { password: 'x' }, 'SELECT 1'],
    [404, '81', { database: 'nowhere' }, 'SELECT 1'],
    [404, '60', {}, 'SELECT * FROM nowhere'],
    [404, '115', { no_such_setting: '1' }, 'SELECT 1'],
    [400, '62', {}, 'SELECT 1; SELECT 2'],
    [400, '62', {}, 'SELECT 1 +'],
    [500, '395', {}, "SELECT throwIf(1, 'no')"],
  ])('answers %i and exception code %s', async (status, code, parameters, sql) => {
    const answer = await ask(parameters as Record<string, string>, sql);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('x-clickhouse-exception-code')).toBe(code);
    expect(await answer.text()).toMatch(
      new RegExp(`^Code: ${code}\\. DB::Exception: .*\\([A-Z_]+\\) \\(version [\\d.]+ `, 's'),
    );
  });

  it('takes one statement with a semicolon or comment behind it', async () => {
    expect(await textOf(ask({}, "SELECT ';' -- one; two\n;"))).toBe(';\n');
  });

  it('reads by GET and does not write by it', async () => {
    expect(await textOf(ask({ query: 'SELECT 1' }))).toBe('1\n');
    const answer = await ask({ query: "INSERT INTO t VALUES (1, 'x')" });
    expect(answer.headers.get('x-clickhouse-exception-code')).toBe('164');
  });

  it('answers in the format asked for and says which', async () => {
    const answer = await ask({ default_format: 'JSONEachRow', query_id: 'q1' }, 'SELECT 1 AS a');
    expect(await answer.text()).toBe('{"a":1}\n');
    expect(answer.headers.get('x-clickhouse-format')).toBe('JSONEachRow');
    expect(answer.headers.get('x-clickhouse-query-id')).toBe('q1');
    expect(await textOf(ask({ default_format: 'JSONEachRow' }, 'SELECT 1 FORMAT CSV'))).toBe('1\n');
  });

  it('keeps settings and parameters to their request', async () => {
    const value = "SELECT getSetting('max_block_size') = 77";
    expect(await textOf(ask({ max_block_size: '77' }, value))).toBe('1\n');
    expect(await textOf(ask({}, value))).toBe('0\n');
    expect(await textOf(ask({ param_x: "it\\'s\\t" }, 'SELECT length({x:String})'))).toBe('5\n');
    expect(await textOf(ask({}, 'SELECT {x:String}'))).toContain('(UNKNOWN_QUERY_PARAMETER)');
  });

  it('takes rows behind the statement, packed or not, and in a form', async () => {
    const insert = 'INSERT INTO t (a, b) FORMAT JSONCompactEachRow';
    await textOf(ask({ query: insert }, '[1,"a"]\n'));
    const packed = new Uint8Array(gzipSync('[2,"b"]\n[3,"c"]\n'));
    await textOf(ask({ query: insert }, packed, { 'content-encoding': 'gzip' }));
    expect(await textOf(ask({}, 'SELECT a, b FROM t ORDER BY a'))).toBe('1\ta\n2\tb\n3\tc\n');
    const form = new FormData();
    form.append('query', 'SELECT b FROM t WHERE a = {x:UInt8}');
    form.append('param_x', '2');
    const answer = fetch(`${server.url}/?password=p`, { method: 'POST', body: form });
    expect(await textOf(answer)).toBe('b\n');
  });

  it('reads a Parquet file behind the statement', async () => {
    const query = `INSERT INTO t (a, b) SELECT number, 'parquet'
      FROM input('number UInt64') WHERE number >= {least:UInt64} FORMAT Parquet`;
    const body = new Uint8Array(readFileSync(fixture('blocks')));
    expect((await ask({ query, param_least: '150' }, body)).status).toBe(200);
    expect(await textOf(ask({}, "SELECT count() FROM t WHERE b = 'parquet'"))).toBe('7\n');
  });

  it('packs a big answer when asked to, and speaks with the client in every way', async () => {
    const client = createClient({
      url: server.url,
      password: 'p',
      compression: { request: true, response: true },
      use_multipart_params: true,
    });
    const result = await client.query({
      query: 'SELECT number AS n, {x:String} AS x FROM numbers(100000)',
      query_params: { x: "it's" },
      format: 'JSONEachRow',
    });
    const rows = await result.json<{ n: string; x: string }>();
    expect(rows).toHaveLength(100_000);
    expect(rows.at(-1)).toEqual({ n: 99_999, x: "it's" });
    const done = await client.insert({
      table: 't',
      values: [{ a: 9, b: 'z' }],
      format: 'JSONEachRow',
    });
    expect(done.summary?.written_rows).toBe('1');
    expect((await client.ping({ select: true })).success).toBe(true);
    const packed = await client.exec({
      query: 'SELECT 1',
      clickhouse_settings: { enable_http_compression: 1 },
      http_headers: { 'accept-encoding': 'gzip' },
      decompress_response_stream: false,
    });
    const pieces: Buffer[] = [];
    for await (const piece of packed.stream) pieces.push(piece as Buffer);
    expect(gunzipSync(Buffer.concat(pieces)).toString()).toBe('1\n');
    await client.close();
  });

  it('keeps its data and its address over a kill', async () => {
    const { url } = server;
    await server.kill();
    await server.start();
    expect(server.url).toBe(url);
    expect(await textOf(ask({}, 'SELECT b FROM t WHERE a = 1'))).toBe('a\n');
  });
});
