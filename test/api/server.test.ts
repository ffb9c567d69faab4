import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MAX_URL_BYTES } from '../../api/limits.ts';
import { type ApiServer, startApiServer } from '../../api/server.ts';
import { OperatorError } from '../../schema/errors.ts';
import { keepingLogger, type OpenStore, openEmptyStore } from './crash-store.ts';

describe('startApiServer', () => {
  const logger = keepingLogger();
  let store: OpenStore;
  let server: ApiServer;

  const start = (port = 0, extraRoutes = {}) =>
    startApiServer({ database: store.database, host: '127.0.0.1', port, logger, ...extraRoutes });

  beforeAll(async () => {
    store = await openEmptyStore();
    server = await start();
  });
  afterAll(async () => {
    await server?.close();
    await store?.close();
  });

  it('answers queries by POST and by GET, to any page, with the common headers', async () => {
    const query = '{ status { sources { chain } } }';
    const post = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: 'https://example.org' },
      body: JSON.stringify({ query }),
    });
    expect(await post.json()).toEqual({ data: { status: { sources: [] } } });
    expect(['*', 'https://example.org']).toContain(post.headers.get('access-control-allow-origin'));
    expect(post.headers.get('access-control-allow-credentials')).toBeNull();
    expect(post.headers.get('x-content-type-options')).toBe('nosniff');
    const get = await fetch(`${server.url}/graphql?query=${encodeURIComponent(query)}`);
    expect(await get.json()).toEqual({ data: { status: { sources: [] } } });
  });

  it('serves a GraphiQL that loads nothing from anywhere', async () => {
    const response = await fetch(`${server.url}/graphql`, { headers: { accept: 'text/html' } });
    const html = await response.text();
    expect(response.status).toBe(200);
    expect(html).toContain('Bulkhead GraphiQL');
    expect(html).not.toMatch(/<script[^>]+src=|<link[^>]+href="(?!data:)/);
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("connect-src 'self'");
    expect(policy).not.toMatch(/https?:/);
  });

  it('tells its health', async () => {
    const response = await fetch(`${server.url}/health`);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ status: 'ok', chains: [] });
  });

  it('refuses other paths, methods and endless URLs', async () => {
    expect((await fetch(`${server.url}/nothing`)).status).toBe(404);
    const put = await fetch(`${server.url}/graphql`, { method: 'PUT' });
    expect(put.status).toBe(405);
    expect(put.headers.get('allow')).toContain('POST');
    expect((await fetch(`${server.url}/health`, { method: 'POST' })).status).toBe(405);
    const long = await fetch(`${server.url}/graphql?query=${'x'.repeat(MAX_URL_BYTES)}`);
    expect([414, 431]).toContain(long.status);
  });

  it('explains a port in use', async () => {
    const port = Number(new URL(server.url).port);
    const failure = await start(port).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(OperatorError);
    expect(failure).toMatchObject({
      message: 'The port is already in use.',
      facts: { port },
      remedy: expect.stringContaining('--port'),
    });
  });

  it('masks the fault of a route, and serves on', async () => {
    const fragile = await start(0, {
      extraRoutes: [
        (request: Request) => {
          if (new URL(request.url).pathname !== '/break') return Promise.resolve(null);
          return Promise.reject(new Error('secret detail'));
        },
      ],
    });
    const broken = await fetch(`${fragile.url}/break`);
    expect(broken.status).toBe(500);
    expect(await broken.text()).toMatch(/^Internal error \([0-9a-f-]{36}\)/);
    expect(logger.lines.at(-1)?.message).toBe('request failed');
    expect((await fetch(`${fragile.url}/health`)).status).toBe(200);
    await fragile.close();
  });

  it('stops taking requests when closed, however often that is asked', async () => {
    const other = await start();
    await Promise.all([other.close(), other.close()]);
    await expect(fetch(`${other.url}/health`)).rejects.toThrow();
  });
});
