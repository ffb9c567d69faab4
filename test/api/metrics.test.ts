import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiServer, startApiServer } from '../../api/server.ts';
import { createClickHouseStore } from '../../indexer/store/clickhouse-store.ts';
import { keepingLogger, type OpenStore, openArchiveStore } from './crash-store.ts';

describe('/metrics', () => {
  let store: OpenStore;
  let server: ApiServer;

  beforeAll(async () => {
    store = await openArchiveStore('synthetix-v2-crash-2023-08-17');
    const { database } = store;
    server = await startApiServer({
      database,
      host: '127.0.0.1',
      port: 0,
      logger: keepingLogger(),
    });
  }, 120_000);
  afterAll(async () => {
    await server?.close();
    await store?.close();
  });

  /** Value of each series by its name and labels. */
  async function scrape(): Promise<Map<string, number>> {
    const response = await fetch(`${server.url}/metrics`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=/);
    const lines = (await response.text()).split('\n').filter((line) => /^bulkhead_/.test(line));
    return new Map(
      lines.map((line) => {
        const space = line.lastIndexOf(' ');
        return [line.slice(0, space), Number(line.slice(space + 1))] as const;
      }),
    );
  }
  const CHAIN = 'chain="local-synthetix-perps-v2",chain_id="31337"';
  const skewResiduals = (series: ReadonlyMap<string, number>) =>
    [...series].filter(([name]) => name.startsWith('bulkhead_open_interest_skew_residual'));

  it('tells how far each chain is and what is stored of it', async () => {
    const series = await scrape();
    expect(series.get(`bulkhead_head_block{${CHAIN}}`)).toBe(2127);
    expect(series.get(`bulkhead_rows{${CHAIN},kind="liquidations"}`)).toBe(87);
    expect(series.get(`bulkhead_rows{${CHAIN},kind="dead_letters"}`)).toBe(0);
  });

  it('shows a residual of 0 where the venue counts, and the fault where one was planted', async () => {
    const clean = skewResiduals(await scrape());
    expect(clean.map(([, value]) => value)).toEqual([0, 0]);
    const [row] = await store.database.select<Record<string, string | number | boolean>>(
      `SELECT * FROM open_interest WHERE chain_id = 31337
       ORDER BY block_number DESC, log_index DESC, sub_index DESC LIMIT 1`,
    );
    const skew = BigInt(row!['protocol_skew_base'] as string);
    const planted = { ...row!, protocol_skew_base: (skew + 5n).toString() };
    await createClickHouseStore(store.database).append('open_interest', [
      { ...planted, log_index: Number(row!['log_index']) + 1 },
    ]);
    const faulty = skewResiduals(await scrape()).map(([, value]) => value);
    expect(faulty.sort()).toEqual([0, 5]);
  });
});
