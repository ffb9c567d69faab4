import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CorruptDataError, OperatorError } from '../../../schema/errors.ts';
import {
  ALL_LOGS,
  CHAIN_ID,
  HEIGHT,
  makeChain,
  QUICK_BACKOFF,
  queriedRanges,
} from './test-chain.ts';
import { expectedLogs, failureOf, never, QUERY, readAll, serve, sourceOf } from './test-source.ts';

describe('faults', () => {
  it('accepts an endpoint with a trailing slash', async () => {
    const { server, url } = await serve();
    await sourceOf(`${url}//`).head(never);
    expect(new Set(server.requests.map(({ path }) => path))).toEqual(
      new Set(['/chain_id', '/height']),
    );
  });

  it.each([401, 403])('tells at once that the token is refused (%i)', async (status) => {
    const { server, url } = await serve();
    server.fail({ status, body: 'no' }, 50);
    const error = await failureOf(readAll(sourceOf(url)));
    expect(error).toBeInstanceOf(OperatorError);
    expect((error as OperatorError).remedy).toContain('ENVIO_API_TOKEN');
    expect(server.requests).toHaveLength(1);
  });

  it('tells that the token is refused when the refusal comes in the middle', async () => {
    const { server, url } = await serve();
    server.fail({ path: QUERY, delayMs: 1 });
    server.fail({ path: QUERY, status: 401 }, 2);
    const error = await failureOf(readAll(sourceOf(url)));
    expect(error.message).toContain('refused the token');
    // The count, then one call in bulk, of which the client asks for each piece twice.
    expect(queriedRanges(server)).toHaveLength(3);
  });

  it.each([400, 404])('tells at once that the URL is wrong (%i)', async (status) => {
    const { server, url } = await serve();
    server.fail({ status, body: 'no' }, 50);
    const error = await failureOf(sourceOf(url).head(never));
    expect(error).toBeInstanceOf(OperatorError);
    expect((error as OperatorError).remedy).toContain('HYPERSYNC_URL');
    expect(server.requests).toHaveLength(1);
  });

  it('refuses an endpoint of another chain, before any query', async () => {
    const { server, url } = await serve();
    const error = await failureOf(readAll(sourceOf(url, { expectedChainId: 1 })));
    expect(error).toBeInstanceOf(OperatorError);
    expect((error as OperatorError).facts).toMatchObject({ expected: 1, served: CHAIN_ID });
    expect(queriedRanges(server)).toEqual([]);
  });

  it.each([
    ['5xx', { status: 503, body: 'busy' }],
    ['a reset connection', { kind: 'reset' as const }],
    ['an unreadable body', { kind: 'raw' as const, body: 'not a message' }],
    ['no answer', { kind: 'hang' as const }],
  ])('goes on after %s, on every path', async (_, fault) => {
    const { server, url } = await serve();
    for (const path of ['/chain_id', '/height']) server.fail({ path, ...fault });
    server.fail({ path: QUERY, ...fault }, 3);
    const notices: string[] = [];
    const source = sourceOf(url, {
      requestTimeoutMillis: 150,
      backoff: { ...QUICK_BACKOFF, budgetMillis: 20_000 },
      onRetry: (text) => notices.push(text),
    });
    const { logs } = await readAll(source);
    expect(logs).toEqual(expectedLogs);
    expect(notices.length).toBeGreaterThanOrEqual(3);
    expect(notices[0]).toMatch(/trying again in \d+\.\d s/);
  });

  it('keeps no files of the attempts that failed', async () => {
    const { server, url } = await serve({ maxBlocksPerRequest: 30 });
    const workDirectory = mkdtempSync(join(tmpdir(), 'bulkhead-test-'));
    const request = { fromBlock: 0, toBlock: HEIGHT, selections: ALL_LOGS, signal: never };
    server.fail({ path: QUERY, status: 503 }, 4);
    let ranges = 0;
    for await (const range of sourceOf(url, { workDirectory }).ranges(request)) {
      ranges += 1;
      const [own] = readdirSync(workDirectory);
      expect(readdirSync(join(workDirectory, own ?? ''))).toHaveLength(1);
      await range.discard();
    }
    expect(ranges).toBeGreaterThan(0);
  });

  it('gives up after its budget and says what is unreachable, without native stack traces', async () => {
    const { server, url } = await serve();
    await server.close();
    const started = performance.now();
    const backoff = { ...QUICK_BACKOFF, budgetMillis: 700 };
    const error = await failureOf(sourceOf(url, { backoff }).head(never));
    expect(performance.now() - started).toBeLessThan(2_500);
    expect(error).toBeInstanceOf(OperatorError);
    expect(error.message).toContain('unreachable');
    const { facts } = error as OperatorError;
    expect(facts['endpoint']).toBe(url);
    expect(facts['reason']).toContain('Connection refused');
    expect(JSON.stringify(facts)).not.toMatch(/unknown|backtrace/i);
  });

  it('waits out a rate limit on a query, and does not count it as failure', async () => {
    const { server, url } = await serve();
    server.fail({ path: QUERY, status: 429, headers: { 'x-ratelimit-reset': '0' } }, 3);
    const backoff = { ...QUICK_BACKOFF, budgetMillis: 1 };
    const { logs } = await readAll(sourceOf(url, { backoff }));
    expect(logs).toEqual(expectedLogs);
  });

  it('lets the client sleep when an answer says that the limit is used up', async () => {
    const { server, url } = await serve();
    server.rateLimit = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1' };
    const notices: string[] = [];
    const started = performance.now();
    const { logs } = await readAll(sourceOf(url, { onRetry: (text) => notices.push(text) }), {
      fromBlock: 20,
      toBlock: 60,
    });
    expect(performance.now() - started).toBeGreaterThan(900);
    expect(logs.map(({ block }) => block)).toEqual([
      20,
      20,
      ...Array(5).fill(50),
      ...Array(5).fill(51),
    ]);
    expect(notices).toEqual([]);
  });

  it('waits two seconds after a rate limit on the height', async () => {
    const { server, url } = await serve();
    server.fail({ path: '/height', status: 429 });
    const started = performance.now();
    expect((await sourceOf(url).head(never)).height).toBe(HEIGHT);
    expect(performance.now() - started).toBeGreaterThan(1_900);
  });

  it('gives up a rate limit that does not end', async () => {
    const { server, url } = await serve();
    server.fail({ path: '/height', status: 429 }, 50);
    const backoff = { ...QUICK_BACKOFF, rateLimitBudgetMillis: 1_000 };
    const error = await failureOf(sourceOf(url, { backoff }).head(never));
    expect(error).toBeInstanceOf(OperatorError);
    expect(error.message).toContain('limiting the rate');
  });

  it('takes a shorter range after 413', async () => {
    const { server, url } = await serve();
    server.fail({ path: QUERY, status: 413 }, 3);
    const { logs, spans } = await readAll(sourceOf(url));
    expect(logs).toEqual(expectedLogs);
    expect(spans).toEqual([[0, HEIGHT]]);
    expect(queriedRanges(server).slice(0, 4)).toEqual([
      [0, 101],
      [0, 50],
      [0, 25],
      [0, 12],
    ]);
  });

  it('goes down to single blocks when the client has no shorter range left', async () => {
    const { server, url } = await serve();
    server.fail({ path: QUERY, status: 413 }, 25);
    const { logs } = await readAll(sourceOf(url));
    expect(logs).toEqual(expectedLogs);
  });

  it('names the block whose logs never fit', async () => {
    const { server, url } = await serve();
    server.fail({ path: QUERY, status: 413 }, 10_000);
    const error = await failureOf(readAll(sourceOf(url), { fromBlock: 50 }));
    expect(error).toBeInstanceOf(OperatorError);
    expect((error as OperatorError).facts).toMatchObject({ block: 50 });
  });

  it('calls a block time beyond all bounds corrupt', async () => {
    const chain = makeChain();
    chain.branches.get('main')!.addBlock({ number: 99, timestamp: 2n ** 60n + 1n });
    const { url } = await serve({}, chain);
    const error = await failureOf(readAll(sourceOf(url), { fromBlock: 90, toBlock: 99 }));
    expect(error).toBeInstanceOf(CorruptDataError);
  });

  it('calls a value that cannot be what it claims corrupt, after a few looks', async () => {
    const chain = makeChain();
    // A quantity with a leading zero makes the client panic; the process must live.
    chain.branches.get('main')!.addBlock({ number: HEIGHT, timestamp: Uint8Array.of(0, 1) });
    const { server, url } = await serve({}, chain);
    const error = await failureOf(readAll(sourceOf(url), { fromBlock: HEIGHT }));
    expect(error).toBeInstanceOf(CorruptDataError);
    expect(queriedRanges(server)).toHaveLength(6);
  });
});

describe('abort', () => {
  it('lets go of a hanging call at once and cleans up', async () => {
    const { server, url } = await serve();
    const workDirectory = mkdtempSync(join(tmpdir(), 'bulkhead-test-'));
    server.fail({ path: QUERY, kind: 'hang' });
    const controller = new AbortController();
    const source = sourceOf(url, { workDirectory });
    const reading = readAll(source, { signal: controller.signal });
    setTimeout(() => controller.abort(new Error('stop')), 300);
    const started = performance.now();
    expect((await failureOf(reading)).message).toBe('stop');
    // The call itself would hang for 30 s.
    expect(performance.now() - started).toBeLessThan(5_000);
    expect(readdirSync(workDirectory)).toEqual([]);
  });

  it('leaves nothing behind of a call whose answer comes after the abort', async () => {
    const { server, url } = await serve();
    const workDirectory = mkdtempSync(join(tmpdir(), 'bulkhead-test-'));
    server.fail({ path: QUERY, delayMs: 400 });
    const controller = new AbortController();
    const reading = readAll(sourceOf(url, { workDirectory }), { signal: controller.signal });
    setTimeout(() => controller.abort(new Error('stop')), 200);
    expect((await failureOf(reading)).message).toBe('stop');
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(readdirSync(workDirectory)).toEqual([]);
  });

  it('lets go of a wait between retries', async () => {
    const { server, url } = await serve();
    server.fail({ status: 500 }, 1_000);
    const backoff = {
      ...QUICK_BACKOFF,
      baseMillis: 60_000,
      ceilingMillis: 60_000,
      budgetMillis: 600_000,
    };
    const controller = new AbortController();
    const waiting = sourceOf(url, { backoff }).head(controller.signal);
    setTimeout(() => controller.abort(new Error('stop')), 200);
    expect((await failureOf(waiting)).message).toBe('stop');
  });

  it('asks for nothing when the signal has fired before', async () => {
    const { server, url } = await serve();
    const aborted = AbortSignal.abort(new Error('stop'));
    expect((await failureOf(sourceOf(url).head(aborted))).message).toBe('stop');
    expect(server.requests).toEqual([]);
  });
});
