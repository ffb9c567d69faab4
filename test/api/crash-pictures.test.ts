import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { handleChart } from '../../api/charts/routes.ts';
import { createContext } from '../../api/context.ts';
import { handlePage } from '../../api/pages/routes.ts';
import { type OpenStore, openCrashStore } from './crash-store.ts';

/** Charts and the start page over the bundled crash archive, through the real engine. */
let store: OpenStore;
beforeAll(async () => {
  store = await openCrashStore();
}, 180_000);
afterAll(() => store.close());

async function chart(path: string, init: RequestInit = {}): Promise<Response> {
  const request = new Request(`http://localhost:4000/v1/charts/${path}`, init);
  const response = await handleChart(request, createContext(store.database));
  if (!response) throw new Error(`no route for ${path}`);
  return response;
}

async function svg(path: string): Promise<string> {
  const response = await chart(path);
  const body = await response.text();
  expect(response.status, body.slice(0, 400)).toBe(200);
  return body;
}

const descriptionOf = (body: string) => /<desc[^>]*>([\s\S]*?)<\/desc>/.exec(body)?.[1] ?? '';

describe('charts of the crash', () => {
  test('show the busiest market by default, with all of its 17 liquidations', async () => {
    const body = await svg('liquidation-heatmap.svg');
    expect(descriptionOf(body)).toMatch(/^GMX V2 · ETH\/USD · .* · 17 liquidations, \$\d/);
    expect(body).toContain('>synthetic traders</text>');
    expect(body).toContain('as of block 3,651');
  });

  test.each([
    ['SOL', 22],
    ['BTC', 15],
  ])('show the liquidations of %s over the whole archive: %d', async (market, count) => {
    const body = await svg(
      `liquidation-heatmap.svg?market=${market}&w=640&from=2023-08-15&to=2023-08-19`,
    );
    expect(descriptionOf(body)).toContain(`${count} liquidations`);
  });

  test('show a position that was liquidated, with its health below the threshold', async () => {
    const words = descriptionOf(await svg('margin-history.svg'));
    expect(words).toContain('Liquidated 17 Aug 2023');
    const lowest = /Lowest health factor (-?[\d.]+) at 17 Aug 2023/.exec(words)?.[1];
    expect(Number(lowest)).toBeLessThan(1);
  });

  test('grade the map of the busiest market, lead by lead', async () => {
    const words = descriptionOf(await svg('map-score.svg'));
    expect(words).toContain('17 liquidations, $825k');
    expect(words).toContain(
      '1 min before: 98% known within 50 bps, 0 not open yet, 94% of the mass',
    );
    expect(words).toMatch(/24 h before: 1\.\d% known within 50 bps, 15 not open yet/);
  });

  test('show the observation lag that the archive is known for: 5, 18–19 and 40 s', async () => {
    const body = await svg('oracle-latency.svg');
    expect(descriptionOf(body)).toMatch(/p50 5 s, p95 1[89](\.\d)? s, .*max 40 s/);
    expect(body).toContain('>max 40 s</text>');
  });

  test('show the past as of a block: before the crash there is less', async () => {
    const body = await svg('liquidation-heatmap.svg?market=ETH&block=2000');
    expect(body).toContain('as of block 2,000');
    expect(descriptionOf(body)).not.toContain('17 liquidations');
  });

  test('come with an ETag that follows the bytes, and answer 304 to it', async () => {
    const first = await chart('oracle-latency.svg?theme=dark');
    const etag = first.headers.get('etag') ?? '';
    expect(etag).toMatch(/^"[0-9a-f]{32}"$/);
    expect(first.headers.get('x-as-of-block')).toBe('3651');
    expect(first.headers.get('cache-control')).toContain('max-age=');
    const again = await chart('oracle-latency.svg?theme=dark', {
      headers: { 'if-none-match': `W/"other", ${etag}` },
    });
    expect(again.status).toBe(304);
    expect(await again.text()).toBe('');
    const light = await chart('oracle-latency.svg?theme=light');
    expect(light.headers.get('etag')).not.toBe(etag);
  });

  test('come as PNG of the asked size', async () => {
    const response = await chart('margin-history.png?w=400&h=300&dpr=2&theme=auto');
    expect(response.headers.get('content-type')).toBe('image/png');
    const png = Buffer.from(await response.arrayBuffer());
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([800, 600]);
  });

  test.each([
    ['liquidation-heatmap.svg?utm=1', 400, /no such parameter[\s\S]*Known parameters: market/],
    ['liquidation-heatmap.svg?market=DOGE', 400, /no market of that name/],
    ['liquidation-heatmap.svg?from=2030-01-01', 400, /window is empty/],
    ['margin-history.svg?position=abc', 400, /not an id/],
    ['margin-history.svg?position=42161:gmx-v2:0x01', 400, /no such position/],
    ['oracle-latency.svg?chain=1', 400, /not in the store/],
    ['oracle-latency.gif', 404, /There are: margin-history/],
    ['..%2Foracle-latency.svg', 404, /No such chart/],
  ])('answer %s with %d in plain text', async (path, status, message) => {
    const response = await chart(path);
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(await response.text()).toMatch(message);
  });

  test('are read only, and other paths are left to other routes', async () => {
    expect((await chart('oracle-latency.svg', { method: 'POST' })).status).toBe(405);
    const head = await chart('oracle-latency.svg', { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    const other = new Request('http://localhost:4000/v1/other');
    expect(await handleChart(other, createContext(store.database))).toBeNull();
  });
});

describe('the start page of the crash', () => {
  test('tells the counts of the archive and a residual of zero', async () => {
    const request = new Request('http://localhost:4000/');
    const response = await handlePage(request, createContext(store.database));
    const body = (await response?.text()) ?? '';
    expect(response?.status).toBe(200);
    for (const fact of ['<dd>3,652<', '<dd>236<', '<dd>54<', '<dd>6,076<', '68 open']) {
      expect(body).toContain(fact);
    }
    expect(body).toMatch(/Open-interest residual<\/dt>\s*<dd>\$0</);
    expect(body).toContain('synthetic traders');
    for (const market of ['ETH/USD', 'BTC/USD', 'SOL/USD']) expect(body).toContain(market);
    expect(response?.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'sha256-/,
    );
  });

  test('points only to charts that can be drawn', async () => {
    const request = new Request('http://localhost:4000/');
    const response = await handlePage(request, createContext(store.database));
    const body = (await response?.text()) ?? '';
    const paths = [...body.matchAll(/(?:src|srcset|href)="\/v1\/charts\/([^"]+)"/g)].map(
      ([, path]) => (path ?? '').replaceAll('&amp;', '&'),
    );
    expect(paths.length).toBeGreaterThan(15);
    for (const path of new Set(paths)) expect((await chart(path)).status, path).toBe(200);
  });
});
