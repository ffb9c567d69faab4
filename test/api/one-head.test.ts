import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createApi } from '../../api/graphql-handler.ts';
import type { Reader } from '../../api/queries/stored-query.ts';
import { type ApiServer, startApiServer } from '../../api/server.ts';
import { createClickHouseStore } from '../../indexer/store/clickhouse-store.ts';
import type { EventStore } from '../../indexer/store/event-store.ts';
import { askOf, dataOf, keepingLogger, type OpenStore, openArchiveStore } from './crash-store.ts';

const CHAIN = 31337;
const QUERY = `{
  markets { id asOfBlock openInterest { side positionsUsd openPositions } provenance { asOfBlock digest } }
  positions(first: 5, orderBy: UPDATED_AT, direction: DESC) { totalCount nodes { id updatedBlock sizeUsd } }
  liquidations(first: 1) { totalCount provenance { asOfBlock digest } }
}`;

interface Answer {
  readonly markets: readonly { readonly asOfBlock: number }[];
  readonly positions: { readonly nodes: readonly { readonly updatedBlock: number }[] };
  readonly liquidations: { readonly provenance: { readonly asOfBlock: number } };
}

describe('an answer while the store changes', () => {
  let store: OpenStore;
  let events: EventStore;
  let server: ApiServer;
  let ask: ReturnType<typeof askOf>;
  /** What happens to the store before the reads of each attempt to answer, after it saw its heads. */
  let meddle: ((attempt: number) => Promise<void>) | null = null;
  let attempts = 0;

  beforeAll(async () => {
    store = await openArchiveStore('synthetix-v2-crash-2023-08-17');
    const { database } = store;
    events = createClickHouseStore(database);
    let pending: Promise<void> | null = null;
    const reader: Reader = {
      async select(query, parameters, settings) {
        if (query.includes('argMax(s.chain, s.recorded_at)')) {
          attempts += 1;
          pending = null;
          return database.select(query, parameters, settings);
        }
        const isMarkets = query.includes('market_states') && !query.includes('market_listings');
        if (isMarkets && meddle) pending ??= meddle(attempts);
        await pending;
        return database.select(query, parameters, settings);
      },
    };
    const logger = keepingLogger();
    ask = askOf(createApi({ database: reader, logger }));
    server = await startApiServer({ database: reader, host: '127.0.0.1', port: 0, logger });
  }, 60_000);
  afterAll(async () => {
    await server?.close();
    await store?.close();
  });
  beforeEach(() => {
    attempts = 0;
    meddle = null;
  });

  /** The answer of a store that nobody changes. */
  async function quiet(): Promise<Answer> {
    meddle = null;
    return dataOf(ask<Answer>(QUERY));
  }

  function blocksOf({ markets, positions, liquidations }: Answer): number[] {
    const asOf = liquidations.provenance.asOfBlock;
    const late = positions.nodes.filter((node) => node.updatedBlock > asOf);
    return [...new Set([asOf, ...markets.map((one) => one.asOfBlock), ...late.map(() => -1)])];
  }

  it('is made again, of the head that is left, when its head is taken back', async () => {
    meddle = async (attempt) => {
      if (attempt === 1) await events.rollBack(CHAIN, 2_000, 'reorg');
    };
    const answer = await dataOf(ask<Answer>(QUERY));
    expect(attempts).toBe(2);
    expect(blocksOf(answer)).toEqual([2_000]);
    expect(answer).toEqual(await quiet());
  });

  it('is made again when the same head came back: rows were gone in between', async () => {
    const head = await events.lastCommit(CHAIN, 'project');
    meddle = async (attempt) => {
      if (attempt > 1 || !head) return;
      await events.rollBack(CHAIN, 1_990, 'reorg');
      await events.commit({ ...head, fromBlock: 1_991 });
    };
    const answer = await dataOf(ask<Answer>(QUERY));
    expect(attempts).toBe(2);
    expect(answer).toEqual(await quiet());
  });

  it('is made once, and stops at its own head, when blocks are added', async () => {
    const head = await events.lastCommit(CHAIN, 'project');
    meddle = async () => {
      if (head) await events.commit({ ...head, fromBlock: head.toBlock + 1, toBlock: 2_010 });
    };
    const answer = await dataOf(ask<Answer>(QUERY));
    expect(attempts).toBe(1);
    expect(blocksOf(answer)).toEqual([2_000]);
  });

  it('says to ask again where the chain does not come to rest', async () => {
    meddle = (attempt) => events.rollBack(CHAIN, 1_900 - 10 * attempt, 'reorg');
    const response = await fetch(`${server.url}/graphql?query=${encodeURIComponent(QUERY)}`);
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('2');
    const { data, errors } = (await response.json()) as Record<string, { message: string }[]>;
    expect(data).toBeUndefined();
    expect(errors).toMatchObject([
      { message: expect.stringContaining('Ask again.'), extensions: { code: 'HEADS_MOVED' } },
    ]);
    expect(attempts).toBe(3);
  });

  it('draws a chart of one head', async () => {
    meddle = async (attempt) => {
      if (attempt === 1) await events.rollBack(CHAIN, 1_800, 'reorg');
    };
    const response = await fetch(`${server.url}/v1/charts/liquidation-heatmap.svg?w=480&h=320`);
    expect(response.status).toBe(200);
    expect(attempts).toBe(2);
    expect(response.headers.get('x-as-of-block')).toBe('1800');
    const again = await fetch(`${server.url}/v1/charts/liquidation-heatmap.svg?w=480&h=320`);
    expect(await again.text()).toBe(await response.text());
  });

  it('is of one build of the tables while a rebuild swaps them in', async () => {
    const { database } = store;
    await database.command('CREATE DATABASE bulkhead_rebuild ENGINE = Atomic');
    for (const table of ['open_interest', 'position_states']) {
      await database.command(`CREATE TABLE bulkhead_rebuild.${table} AS bulkhead.${table}`);
      await database.command(
        `INSERT INTO bulkhead_rebuild.${table} SELECT * FROM bulkhead.${table}`,
      );
    }
    const exchange = (table: string) =>
      database.command(`EXCHANGE TABLES bulkhead.${table} AND bulkhead_rebuild.${table}`);
    await database.command(
      `CREATE TABLE bulkhead_rebuild.swap_journal ENGINE = MergeTree ORDER BY name AS
       SELECT name, toString(uuid) AS wanted FROM system.tables
       WHERE database = 'bulkhead_rebuild' AND name IN ('open_interest', 'position_states')`,
    );
    await quiet();
    attempts = 0;
    meddle = async (attempt) => {
      if (attempt === 1) await exchange('open_interest');
    };
    const between = await ask<Answer>(QUERY);
    expect(between.errors?.[0]?.extensions?.['code']).toBe('HEADS_MOVED');
    meddle = null;
    await exchange('position_states');
    attempts = 0;
    await dataOf(ask<Answer>(QUERY));
    expect(attempts).toBe(1);
    await database.command('DROP DATABASE bulkhead_rebuild SYNC');
  });
});
