import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { defaultMarket } from '../../../api/charts/default-subjects.ts';
import { handleChart } from '../../../api/charts/routes.ts';
import { createContext } from '../../../api/context.ts';
import { handlePage } from '../../../api/pages/routes.ts';
import { readMarkets } from '../../../api/queries/markets.ts';
import { oracleFeeds } from '../../../api/queries/oracle-feeds.ts';
import { type OpenStore, openArchiveStore } from '../crash-store.ts';

/** Recorded logs that list 134 markets and post prices, and in which nobody trades. */
let store: OpenStore;
beforeAll(async () => {
  store = await openArchiveStore('gmx-v2-arbitrum-recorded');
}, 120_000);
afterAll(() => store?.close());

async function chart(path: string): Promise<{ status: number; body: string; description: string }> {
  const request = new Request(`http://localhost:4000/v1/charts/${path}`);
  const response = await handleChart(request, createContext(store.database));
  const body = (await response?.text()) ?? '';
  const description = /<desc[^>]*>([\s\S]*?)<\/desc>/.exec(body)?.[1] ?? '';
  return { status: response?.status ?? 0, body, description };
}

describe('a store in which nobody trades', () => {
  test.each([
    ['liquidation-heatmap', 'No position was open in this window.'],
    ['margin-history', 'No position to draw yet: none was opened in what is indexed.'],
    ['map-score', 'Nothing was liquidated in this window, and the price went through no level.'],
  ])('draws a %s that says what is missing', async (name, sentence) => {
    const { status, body, description } = await chart(`${name}.svg?w=640&h=480`);
    expect([status, description]).toEqual([200, sentence]);
    expect(body).toContain('viewBox="0 0 640 480"');
    expect(body).toContain('as of block 495,841,404');
  });

  test('draws the latency of the prices there are', async () => {
    const { status, description } = await chart('oracle-latency.svg');
    expect(status).toBe(200);
    expect(description).toMatch(/\d+ price-posting transactions/);
  });

  test.each([
    ['liquidation-heatmap.svg?market=NOPE', /no market of that name/],
    ['liquidation-heatmap.svg?market=SKY', /no price by that block/],
    ['liquidation-heatmap.svg?block=1', /outside what is indexed/],
    ['margin-history.svg?position=42161:gmx-v2:0x01', /no such position/],
    ['margin-history.svg?block=1', /outside what is indexed/],
  ])('still refuses what is wrong: %s', async (path, message) => {
    const { status, body } = await chart(path);
    expect([status, body]).toEqual([400, expect.stringMatching(message)]);
  });

  test('chooses the market whose index token got most prices', async () => {
    const snapshot = await createContext(store.database).snapshot();
    const [source] = snapshot.sources;
    const ref = await defaultMarket(snapshot, source!, null);
    const block = source!.headBlock!;
    const markets = await readMarkets(store.database, { source: source!, block });
    const { feeds } = await oracleFeeds(snapshot, source!);
    const updatesOf = (token: string) =>
      feeds.find((feed) => feed.token.address === token)?.updates ?? 0;
    const chosen = markets.find((market) => market.address === ref?.market)!;
    const drawable = markets.filter(({ indexToken }) => indexToken.decimals !== null);
    const most = Math.max(...drawable.map(({ indexToken }) => updatesOf(indexToken.address)));
    expect(most).toBeGreaterThan(1);
    expect(chosen.indexToken.decimals).not.toBeNull();
    expect(updatesOf(chosen.indexToken.address)).toBe(most);
  });

  test('has a start page whose pictures can all be drawn', async () => {
    const request = new Request('http://localhost:4000/');
    const response = await handlePage(request, createContext(store.database));
    const body = (await response?.text()) ?? '';
    const paths = [...body.matchAll(/(?:src|srcset|href)="\/v1\/charts\/([^"]+)"/g)].map(
      ([, path]) => (path ?? '').replaceAll('&amp;', '&'),
    );
    expect(paths.length).toBeGreaterThanOrEqual(15);
    for (const path of new Set(paths.filter((one) => !one.includes('.png')))) {
      expect((await chart(path)).status, path).toBe(200);
    }
  });
});
