import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ReplayServer } from '../../indexer/replay/replay-server.ts';
import { indexedArchives } from '../indexed-archives.ts';
import { type CliResult, firstJsonLine, runCli, spawnCli, temporaryFolder } from './run-cli.ts';
import { storedDigests } from './stored-digests.ts';

const NAME = 'gmx-v2-crash-2023-08-17';
const ARCHIVE = `archives/${NAME}`;
const RECORDED = 'archives/gmx-v2-arbitrum-recorded';

/** One clear message: no stack, no more than a screenful, something to do next. */
function expectClear(result: CliResult, code: number, message: RegExp): void {
  expect(result.stderr).toMatch(message);
  expect(result.code, result.stderr).toBe(code);
  expect(result.stderr).not.toMatch(/\n\s+at .*:\d+:\d+/);
  // Waiting is told line by line; the message itself is one block.
  const lines = result.stderr.split('\n').filter((line) => !/trying again in/.test(line));
  expect(lines.length).toBeLessThan(15);
}

describe('what a user is told when something is wrong', () => {
  const folder = temporaryFolder('errors');
  const data = join(folder.path, 'store');
  let digests: unknown;

  beforeAll(async () => {
    const indexed = await indexedArchives(NAME);
    renameSync(indexed.path, data);
    digests = await storedDigests(data);
  });

  afterAll(async () => {
    // After every fault of this file the store is still what it was.
    expect(await storedDigests(data)).toEqual(digests);
    const verified = await runCli(['verify', '--json', '--sample', '0', '--data', data]);
    expect(verified.code, verified.stderr).toBe(0);
    expect(JSON.parse(verified.stdout)).toMatchObject({ ok: true });
    folder.remove();
  });

  it('names an unknown flag and an unknown command', async () => {
    expectClear(await runCli(['index', '--arhcive', ARCHIVE]), 2, /unknown option '--arhcive'/);
    expectClear(await runCli(['indx']), 2, /unknown command 'indx'/);
    expectClear(await runCli(['serve', '--port', '70000']), 2, /whole number from 0 to 65535/);
    expectClear(await runCli(['index', '--chain', 'arbitrun', '--data', data]), 2, /arbitrum/);
    expectClear(await runCli(['index', '--from', '9', '--to', '3', '--data', data]), 2, /--from/);
  });

  it('lists every wrong environment variable at once, and no secret', async () => {
    const result = await runCli(['index', '--data', data], {
      PORT: 'http',
      CLICKHOUSE_URL: 'ftp://x',
      CLICKHOUSE_PASSWORD: 'hunter2secret',
    });
    expectClear(result, 2, /PORT/);
    expect(result.stderr).toMatch(/CLICKHOUSE_URL/);
    expect(result.stderr).not.toContain('hunter2secret');
  });

  it('says that a public chain needs a token', async () => {
    expectClear(
      await runCli(['index', '--chain', 'arbitrum', '--data', data]),
      2,
      /ENVIO_API_TOKEN/,
    );
  });

  it('names a missing archive folder, and a folder that is none', async () => {
    const missing = join(folder.path, 'nowhere');
    const result = await runCli(['index', '--archive', missing, '--data', data]);
    expectClear(result, 2, /nowhere/);
    mkdirSync(join(folder.path, 'empty'));
    const empty = await runCli(['index', '--archive', join(folder.path, 'empty'), '--data', data]);
    expectClear(empty, 2, /archive\.json/);
  });

  it('names a corrupt and a truncated Parquet file', async () => {
    const broken = join(folder.path, 'broken');
    cpSync(ARCHIVE, broken, { recursive: true });
    const file = join(broken, 'logs.parquet');
    const bytes = readFileSync(file);
    writeFileSync(file, bytes.subarray(0, bytes.length - 1000));
    const truncated = await runCli(['index', '--archive', broken, '--data', data]);
    expectClear(truncated, 1, /logs\.parquet/);
    const dirty = Buffer.from(bytes);
    dirty.fill(0xa5, 2000, 6000);
    writeFileSync(file, dirty);
    expectClear(await runCli(['index', '--archive', broken, '--data', data]), 1, /logs\.parquet/);
  });

  it('refuses an archive of another chain over an existing store', async () => {
    const result = await runCli(['index', '--archive', RECORDED, '--data', data]);
    expectClear(result, 1, /local-gmx-v2[\s\S]*arbitrum|arbitrum[\s\S]*local-gmx-v2/);
    expect(result.stderr).toMatch(/--data/);
  });

  it('names the port that is in use', async () => {
    const blocker = createServer();
    await new Promise<void>((done) => blocker.listen(0, '127.0.0.1', done));
    const { port } = blocker.address() as AddressInfo;
    const result = await runCli(['serve', '--data', data, '--port', String(port)]);
    blocker.close();
    expectClear(result, 1, new RegExp(`${port}[\\s\\S]*--port`));
  });

  it('says which process uses the data folder', async () => {
    const holder = spawnCli(['serve', '--data', data, '--port', '0', '--json']);
    await firstJsonLine(holder);
    const result = await runCli(['verify', '--data', data]);
    holder.kill('SIGTERM');
    await new Promise((done) => holder.on('close', done));
    expectClear(result, 1, /in use/);
    expect(result.stderr).toContain(String(holder.pid));
  });

  it('says that a data folder cannot be made', async () => {
    const file = join(folder.path, 'a-file');
    writeFileSync(file, '');
    expectClear(await runCli(['verify', '--data', join(file, 'store')]), 1, /cannot be written/);
    // Making folders recursively under /proc never ends in Node: it must not be tried.
    expectClear(await runCli(['verify', '--data', '/proc/nowhere']), 1, /cannot be written/);
  });

  it('ends with 130 when it is stopped before it is done, at once at the second signal', async () => {
    const stop = async (signals: number) => {
      const child = spawnCli(['index', '--archive', ARCHIVE, '--data', `${data}-stopped`]);
      let stderr = '';
      let sent = 0;
      child.stderr?.on('data', (chunk: Buffer) => {
        stderr += chunk.toString();
        const cue = sent === 0 ? /^block /m : /^Stopping/m;
        if (sent < signals && cue.test(stderr)) {
          sent += 1;
          child.kill('SIGINT');
        }
      });
      const code = await new Promise((done) => child.on('close', done));
      return { code, signal: child.signalCode, stderr };
    };
    const once = await stop(1);
    expect(once.code, once.stderr).toBe(130);
    expect(once.stderr).toMatch(/Stopped on request/);
    expect((await stop(2)).signal).toBe('SIGKILL');
  });

  it('says that the disk is full', async (context) => {
    const small = join(folder.path, 'small');
    mkdirSync(small);
    const script = [
      `mount -t tmpfs -o size=64m tmpfs ${small}`,
      `exec ${process.execPath} --import tsx indexer/cli/main.ts index --archive ${ARCHIVE} --data ${small}/store`,
    ].join(' && ');
    const probe = spawnSync('unshare', ['-rm', 'true']);
    // Needs a mount namespace of its own; not every container allows one.
    if (probe.status !== 0) return context.skip();
    const result = spawnSync('unshare', ['-rm', 'sh', '-c', script], { encoding: 'utf8' });
    expectClear({ code: result.status, stdout: '', stderr: result.stderr }, 1, /disk|space/i);
  });

  describe('with a HyperSync endpoint that', () => {
    let server: ReplayServer;
    let url = '';
    const index = () =>
      runCli(
        [
          'index',
          '--chain',
          'arbitrum',
          '--hypersync-url',
          url,
          '--to',
          '100',
          '--data',
          `${data}-live`,
        ],
        {
          ENVIO_API_TOKEN: 'not-the-right-token',
          HYPERSYNC_RETRY_SECONDS: '1',
        },
      );

    beforeAll(async () => {
      server = await ReplayServer.fromArchive(ARCHIVE, { token: null });
      url = await server.listen();
    });
    afterEach(() => server.clearFaults());
    afterAll(() => server.close());

    it('refuses the token (401)', async () => {
      server.fail({ status: 401 }, 50);
      expectClear(await index(), 1, /ENVIO_API_TOKEN/);
    });

    it('limits the rate for longer than we wait (429)', async () => {
      server.fail({ status: 429, headers: { 'x-ratelimit-reset': '1' } }, 500);
      expectClear(await index(), 1, /429|rate/i);
    });

    it('is broken (503)', async () => {
      server.fail({ status: 503 }, 500);
      expectClear(await index(), 1, /503|unreachable|not answer/i);
    });

    it('is not there', async () => {
      const dead = await ReplayServer.fromArchive(ARCHIVE);
      const deadUrl = await dead.listen();
      await dead.close();
      const result = await runCli(
        ['index', '--chain', 'arbitrum', '--hypersync-url', deadUrl, '--data', `${data}-live`],
        { ENVIO_API_TOKEN: 'x', HYPERSYNC_RETRY_SECONDS: '1' },
      );
      expectClear(result, 1, /unreachable|could not be reached|not answer/i);
    });
  });

  it('says that ClickHouse refuses the password, without showing it', async () => {
    // Stands in for a server's refusal only: status and headers as ClickHouse 26 sends them.
    const refusing: Server = createServer((_request, response) => {
      response.writeHead(403, { 'x-clickhouse-exception-code': '516' });
      response.end(
        'Code: 516. DB::Exception: bulkhead: Authentication failed: password is incorrect, or there is no user with such name. (AUTHENTICATION_FAILED)',
      );
    });
    await new Promise<void>((done) => refusing.listen(0, '127.0.0.1', done));
    const { port } = refusing.address() as AddressInfo;
    const result = await runCli(['serve', '--port', '0'], {
      CLICKHOUSE_URL: `http://127.0.0.1:${port}`,
      CLICKHOUSE_PASSWORD: 'wrong-password-1',
    });
    refusing.close();
    expectClear(result, 1, /CLICKHOUSE_PASSWORD/);
    expect(result.stderr).not.toContain('wrong-password-1');
  });

  it('says that the ClickHouse server is not there', async () => {
    const result = await runCli(['serve', '--port', '0'], { CLICKHOUSE_URL: 'http://127.0.0.1:9' });
    expectClear(result, 1, /CLICKHOUSE_URL|ClickHouse/);
  });

  it('leaves no process behind', () => {
    const left = execFileSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' })
      .split('\n')
      .filter((line) => line.includes(folder.path));
    expect(left).toEqual([]);
    expect(existsSync(data)).toBe(true);
  });
});
