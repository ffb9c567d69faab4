import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApi } from '../../api/graphql-handler.ts';
import type { OracleFeed } from '../../api/queries/answers.ts';
import { askOf, dataOf, keepingLogger, type OpenStore, openArchiveStore } from './crash-store.ts';

describe('the API over recorded logs of Arbitrum', () => {
  const logger = keepingLogger();
  let store: OpenStore;
  let ask: ReturnType<typeof askOf>;

  beforeAll(async () => {
    store = await openArchiveStore('gmx-v2-arbitrum-recorded');
    ask = askOf(createApi({ database: store.database, logger }));
  });
  afterAll(async () => {
    await store?.close();
  });

  it('does not call real traders synthetic', async () => {
    const { status } = await dataOf(
      ask<{ status: { sources: object[] } }>(
        '{ status { sources { chain isSynthetic provenance { note isSynthetic } } } }',
      ),
    );
    expect(status.sources).toEqual([
      { chain: 'arbitrum', isSynthetic: false, provenance: { note: null, isSynthetic: false } },
    ]);
  });

  it('names markets and states prices in USD per whole token', async () => {
    const { markets } = await dataOf(
      ask<{ markets: { name: string }[] }>('{ markets { id name symbol } }'),
    );
    expect(markets.map((market) => market.name)).toContain('BTC/USD [WBTC-USDC]');
    const { oracleFeeds } = await dataOf(
      ask<{ oracleFeeds: { feeds: OracleFeed[] } }>(
        '{ oracleFeeds { feeds { token { symbol decimals } lastPrice { minPriceUsd maxPriceUsd } } } }',
      ),
    );
    const price = (symbol: string) =>
      Number(oracleFeeds.feeds.find((feed) => feed.token.symbol === symbol)?.lastPrice.minPriceUsd);
    expect(price('USDC')).toBeCloseTo(1, 1);
    for (const feed of oracleFeeds.feeds) {
      expect(feed.token.decimals === null).toBe(feed.lastPrice.minPriceUsd === null);
    }
  });

  it('says that a symbol of several markets is not enough', async () => {
    const { errors } = await ask<object>('{ liquidationMap(market: "BTC") { priceUsd } }');
    expect(errors?.[0]?.message).toContain('Several markets');
  });

  it('answers a map without positions as empty, or says which price is missing', async () => {
    const { markets } = await dataOf(ask<{ markets: { id: string }[] }>('{ markets { id } }'));
    for (const { id } of markets) {
      const { data, errors } = await ask<{ liquidationMap: { cells: object[] } }>(
        'query ($id: ID!) { liquidationMap(market: $id) { cells { k } } }',
        { id },
      );
      if (errors) expect(errors[0]?.extensions?.['code']).toBe('BAD_USER_INPUT');
      else expect(data?.liquidationMap.cells).toEqual([]);
    }
    expect(logger.lines).toEqual([]);
  });
});
