import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiServer, startApiServer } from '../../api/server.ts';
import { createClickHouseStore } from '../../indexer/store/clickhouse-store.ts';
import type { Database } from '../../schema/clickhouse/database.ts';
import { migrate } from '../../schema/clickhouse/migrate.ts';
import { openServer } from '../../schema/clickhouse/server-database.ts';
import { ClickHouseServerProcess } from '../clickhouse-server/server-process.ts';
import { temporaryFolder } from '../e2e/run-cli.ts';
import { keepingLogger } from './crash-store.ts';

const STATUS = '{ status { sources { chain headBlock } } }';
const PASSWORD = 'not-for-readers';

describe('the API over a ClickHouse server', () => {
  const logger = keepingLogger();
  const folder = temporaryFolder('api-away');
  let clickHouse: ClickHouseServerProcess;
  let database: Database;
  let api: ApiServer;

  beforeAll(async () => {
    clickHouse = await ClickHouseServerProcess.start({ dataDir: folder.path, password: PASSWORD });
    database = await openServer({ url: clickHouse.url, user: 'default', password: PASSWORD });
    await migrate(database);
    const store = createClickHouseStore(database);
    await store.claimSource({
      chainId: 10,
      chain: 'optimism',
      isSynthetic: false,
      name: 'optimism',
      description: '',
      provenance: '',
      firstBlock: 1,
      manifest: '',
    });
    await store.commit({
      chainId: 10,
      stage: 'project',
      fromBlock: 1,
      toBlock: 99,
      lastBlockHash: `0x${'cd'.repeat(32)}`,
      lastBlockTimestamp: 1_790_000_000,
      rowCounts: {},
      method: 'made by hand',
    });
    api = await startApiServer({ database, host: '127.0.0.1', port: 0, logger });
  }, 60_000);
  afterAll(async () => {
    await api?.close();
    await database?.close();
    await clickHouse?.kill();
    folder.remove();
  });

  async function ask(query: string) {
    const response = await fetch(`${api.url}/graphql?query=${encodeURIComponent(query)}`);
    return { status: response.status, body: await response.text() };
  }
  const codeOf = ({ body }: { body: string }) =>
    (JSON.parse(body) as { errors?: { extensions: { code: string } }[] }).errors?.[0]?.extensions
      .code;
  const HEALTHY = {
    status: 200,
    body: '{"data":{"status":{"sources":[{"chain":"optimism","headBlock":99}]}}}',
  };

  it('answers', async () => {
    expect(await ask(STATUS)).toEqual(HEALTHY);
  });

  it('says that the database is away, and why only in the log', async () => {
    await clickHouse.kill();
    const [answer, live, ready, metrics, page, chart] = await Promise.all([
      ask(STATUS),
      fetch(`${api.url}/health/live`),
      fetch(`${api.url}/health`),
      fetch(`${api.url}/metrics`),
      fetch(api.url),
      fetch(`${api.url}/v1/charts/oracle-latency.svg`),
    ]);
    expect(answer.status).toBe(503);
    expect(codeOf(answer)).toBe('DATABASE_UNAVAILABLE');
    expect([live.status, ready.status, page.status, chart.status]).toEqual([200, 503, 503, 503]);
    expect(await ready.json()).toEqual({ status: 'unavailable', code: 'DATABASE_UNAVAILABLE' });
    expect(await metrics.text()).toMatch(/^bulkhead_database_up 0$/m);
    const html = await page.text();
    expect(html).toContain('The database does not answer at the moment');
    for (const told of [answer.body, html, await chart.text()]) {
      expect(told).not.toContain(new URL(clickHouse.url).port);
      expect(told).not.toMatch(/ECONNREFUSED|at .*\.ts|SELECT/);
      expect(told).not.toContain(PASSWORD);
    }
    const logged = JSON.stringify(
      logger.lines.map(({ fields, message }) => [message, fields['facts']]),
    );
    expect(logged).toContain('ECONNREFUSED');
    expect(logged).not.toContain(PASSWORD);
  });

  it('comes back by itself with the database', async () => {
    await clickHouse.start();
    expect(await ask(STATUS)).toEqual(HEALTHY);
    expect((await fetch(`${api.url}/health`)).status).toBe(200);
    expect((await fetch(api.url)).status).toBe(200);
  });

  it.each([
    [
      'too many queries',
      { code: 202, name: 'TOO_MANY_SIMULTANEOUS_QUERIES' },
      503,
      'DATABASE_UNAVAILABLE',
    ],
    ['a query over its time', { code: 159, name: 'TIMEOUT_EXCEEDED' }, 200, 'QUERY_TIMEOUT'],
    [
      'a query over its memory',
      { code: 241, name: 'MEMORY_LIMIT_EXCEEDED' },
      200,
      'QUERY_TOO_LARGE',
    ],
  ])('names %s by a code, and answers the next request', async (_name, fault, status, code) => {
    // More often than the connection tries by itself.
    await clickHouse.strike({ kind: 'exception', query: 'FROM sources', times: 50, ...fault });
    const answer = await ask(STATUS);
    await clickHouse.control({ clear: true });
    expect([answer.status, codeOf(answer)]).toEqual([status, code]);
    expect(await ask(STATUS)).toEqual(HEALTHY);
  });

  it('is not ready while the database lets it wait, and answers again afterwards', async () => {
    await clickHouse.strike({ kind: 'hang', query: 'FROM sources' });
    const before = Date.now();
    const ready = await fetch(`${api.url}/health`);
    expect(ready.status).toBe(503);
    expect(Date.now() - before).toBeLessThan(6_000);
    expect(await ask(STATUS)).toEqual(HEALTHY);
  });

  it('lets go of a bounded query that the server never answers', async () => {
    await clickHouse.strike({ kind: 'hang', query: 'SELECT 42' });
    await expect(
      database.select('SELECT 42 AS n', {}, { max_execution_time: 0.1 }),
    ).rejects.toMatchObject({ message: 'The ClickHouse server did not answer in time.' });
  }, 15_000);
});
