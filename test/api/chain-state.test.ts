import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApi } from '../../api/graphql-handler.ts';
import { READY_QUERIES, readyQueriesOf } from '../../api/queries/ready-queries.ts';
import { type ApiServer, startApiServer } from '../../api/server.ts';
import { createClickHouseStore } from '../../indexer/store/clickhouse-store.ts';
import { askOf, dataOf, keepingLogger, type OpenStore, openArchiveStore } from './crash-store.ts';

const GMX = 42161;
const SYNTHETIX = 31337;
/** A live chain without facts: sources of other kinds are the two archives. */
const LIVE = 10;

interface Report {
  readonly state: string;
  readonly chainId?: number;
  readonly height?: number;
  readonly safeDepth?: number;
  readonly finalityDepth?: number;
  readonly fault?: string;
  readonly failingFor?: number;
  readonly ago?: number;
}

interface Status {
  readonly status: { readonly sources: readonly Record<string, unknown>[] };
}

describe('a store of several chains', () => {
  let store: OpenStore;
  let server: ApiServer;
  let ask: ReturnType<typeof askOf>;

  beforeAll(async () => {
    store = await openArchiveStore('gmx-v2-crash-2023-08-17', 'synthetix-v2-crash-2023-08-17');
    const { database } = store;
    const logger = keepingLogger();
    ask = askOf(createApi({ database, logger }));
    server = await startApiServer({ database, host: '127.0.0.1', port: 0, logger });
    // What the run that made the store said of itself.
    await database.command('TRUNCATE TABLE indexer_states');
  }, 90_000);
  afterAll(async () => {
    await server?.close();
    await store?.close();
  });

  async function report(said: Report): Promise<void> {
    const { failingFor, ago = 0 } = said;
    await store.database.command(
      `INSERT INTO indexer_states (state, source_height, safe_depth, finality_depth, fault, failing_since, writer, recorded_at, chain_id)
       SELECT {state:String}, {height:UInt64}, {safe:UInt32}, {final:UInt32}, {fault:String},
         ${failingFor === undefined ? 'NULL' : `now64(3) - ${failingFor}`}, 'here:1', now64(3) - ${ago}, {chainId:UInt64}`,
      {
        state: said.state,
        chainId: said.chainId ?? GMX,
        height: said.height ?? 3_651,
        safe: said.safeDepth ?? 20,
        final: said.finalityDepth ?? 200,
        fault: said.fault ?? '',
      },
    );
  }

  async function statusOf(chainId: number, fields: string): Promise<Record<string, unknown>> {
    const { status } = await dataOf(ask<Status>(`{ status { sources { chainId ${fields} } } }`));
    const { chainId: _id, ...found } =
      status.sources.find((one) => one['chainId'] === chainId) ?? {};
    return found;
  }

  async function finalityAt(block: number): Promise<string | undefined> {
    const { positions } = await dataOf(
      ask<{ positions: { provenance: { finality: string } } }>(
        `{ positions(first: 1, chainId: ${GMX}, atBlock: ${block}) { provenance { finality } } }`,
      ),
    );
    return positions.provenance.finality;
  }

  it('asks which chain is meant, and names those there are', async () => {
    const { errors } = await ask<object>('{ markets { id } }');
    expect(errors?.[0]).toMatchObject({
      message: 'The store holds several chains: say which. Give the argument chainId.',
      extensions: {
        facts: { chainIds: '31337 (local-synthetix-perps-v2), 42161 (local-gmx-v2)' },
      },
    });
  });

  it('finds a market by its symbol on any chain, and shows the ids where several are meant', async () => {
    const one = await dataOf(
      ask<{ liquidationMap: object }>('{ liquidationMap(market: "SOL") { marketSymbol } }'),
    );
    expect(one.liquidationMap).toEqual({ marketSymbol: 'SOL' });
    const { errors } = await ask<object>('{ liquidationMap(market: "ETH") { marketSymbol } }');
    expect(errors?.[0]?.message).toContain('Several markets go by that name.');
    const facts = errors?.[0]?.extensions?.['facts'] as { ids?: string } | undefined;
    const [first = '', second = ''] = facts?.ids?.split(', ') ?? [];
    expect([first.split(':')[0], second.split(':')[0]]).toEqual(['31337', '42161']);
    const chosen = await dataOf(
      ask<{ positions: { nodes: { marketId: string }[] } }>(
        `{ positions(first: 1, chainId: ${GMX}, where: { market: "ETH" }) { nodes { marketId } } }`,
      ),
    );
    expect(chosen.positions.nodes).toEqual([{ marketId: second }]);
    const other = await ask<object>(
      `{ positions(first: 1, chainId: ${GMX}, where: { market: "${first}" }) { nodes { id } } }`,
    );
    expect(other.errors?.[0]?.message).toContain('of another chain');
  });

  it('runs the ready queries of the start page on either chain', async () => {
    for (const chainId of [GMX, SYNTHETIX]) {
      const queries = readyQueriesOf(chainId);
      expect(queries).toHaveLength(READY_QUERIES.length);
      for (const { query } of queries) await dataOf(ask<object>(query));
    }
  });

  it('shows each chain on the start page, and the charts of the one asked for', async () => {
    const page = await (await fetch(`${server.url}/?chain=${GMX}`)).text();
    expect(page).toContain(`<a href="/?chain=${SYNTHETIX}">local-synthetix-perps-v2</a>`);
    expect(page).toMatch(/liquidation-heatmap\.svg\?[^"]*chain=42161/);
    expect(page).not.toMatch(/\.svg\?[^"]*chain=31337/);
    const chart = await fetch(`${server.url}/v1/charts/oracle-latency.svg?chain=${SYNTHETIX}`);
    expect(chart.headers.get('x-as-of-block')).toBe('2127');
  });

  it('calls a recorded archive final, unless it is followed as a chain', async () => {
    expect(await finalityAt(3_651)).toBe('FINAL');
    await report({ state: 'STOPPED', safeDepth: 0, finalityDepth: 0 });
    expect(await finalityAt(3_651)).toBe('FINAL');
  });

  it('counts finality down from the height of the chain', async () => {
    await report({ state: 'FOLLOWING', height: 3_660, safeDepth: 20, finalityDepth: 200 });
    const finality = [3_460, 3_461, 3_640, 3_641, 3_651].map(finalityAt);
    expect(await Promise.all(finality)).toEqual(['FINAL', 'SAFE', 'SAFE', 'HEAD', 'HEAD']);
    expect(
      await statusOf(GMX, 'finality { safeBlock finalBlock safeDepth finalityDepth }'),
    ).toEqual({
      finality: { safeBlock: 3_640, finalBlock: 3_460, safeDepth: 20, finalityDepth: 200 },
    });
    const { liquidations } = await dataOf(
      ask<{ liquidations: { nodes: { blockNumber: number; provenance: object }[] } }>(
        `{ liquidations(first: 1, chainId: ${GMX}) { nodes { blockNumber provenance { finality } } } }`,
      ),
    );
    // As final as the block it is as of, however old what it tells.
    expect(liquidations.nodes[0]?.blockNumber).toBeLessThan(3_460);
    expect(liquidations.nodes[0]?.provenance).toEqual({ finality: 'HEAD' });
  });

  it('never counts from a height below its own head', async () => {
    await report({ state: 'FOLLOWING', height: 3_000, safeDepth: 20, finalityDepth: 200 });
    expect(await finalityAt(3_451)).toBe('FINAL');
    expect(await finalityAt(3_452)).toBe('SAFE');
  });

  it('says HEAD of a live chain that no indexer has spoken of', async () => {
    await createClickHouseStore(store.database).claimSource({
      chainId: LIVE,
      chain: 'optimism',
      isSynthetic: false,
      name: 'optimism',
      description: '',
      provenance: '',
      firstBlock: 100,
      manifest: '',
    });
    await createClickHouseStore(store.database).commit({
      chainId: LIVE,
      stage: 'project',
      fromBlock: 100,
      toBlock: 199,
      lastBlockHash: `0x${'ab'.repeat(32)}`,
      lastBlockTimestamp: Math.floor(Date.now() / 1000) - 30,
      rowCounts: {},
      method: 'made by hand',
    });
    expect(
      await statusOf(LIVE, 'indexer { state } finality { finalBlock } provenance { finality }'),
    ).toEqual({
      indexer: null,
      finality: { finalBlock: null },
      provenance: { finality: 'HEAD' },
    });
  });

  it('tells the fault of an indexer without the secrets in its addresses', async () => {
    const fault =
      'The source did not answer.\n  url: https://me:pass@node.example/height?key=abc\n  fault: ECONNREFUSED';
    await report({ chainId: LIVE, state: 'RETRYING', height: 249, fault, failingFor: 120 });
    const { indexer, lag } = await statusOf(
      LIVE,
      'indexer { state fault failingSince isStale ageSeconds } lag { sourceHeight blocks seconds }',
    );
    expect(indexer).toMatchObject({
      state: 'RETRYING',
      isStale: false,
      fault:
        'The source did not answer.\n  url: https://node.example/height\n  fault: ECONNREFUSED',
    });
    const since = Date.parse((indexer as { failingSince: string }).failingSince);
    expect((Date.now() - since) / 1000).toBeGreaterThanOrEqual(119);
    expect(lag).toMatchObject({ sourceHeight: 249, blocks: 50 });
    expect((lag as { seconds: number }).seconds).toBeGreaterThanOrEqual(30);
    const page = await (await fetch(server.url)).text();
    expect(page).toContain('Retrying');
    expect(page).toContain(
      'The source did not answer (url: https://node.example/height, fault: ECONNREFUSED).',
    );
  });

  it('calls an indexer silent that claims to run and does not report', async () => {
    await report({ chainId: SYNTHETIX, state: 'FOLLOWING', ago: 61 });
    expect(await statusOf(SYNTHETIX, 'indexer { isStale }')).toEqual({
      indexer: { isStale: true },
    });
    expect(await (await fetch(server.url)).text()).toContain('has not reported since');
    await report({ chainId: SYNTHETIX, state: 'STOPPED', ago: 50 });
    expect(await statusOf(SYNTHETIX, 'indexer { isStale }')).toEqual({
      indexer: { isStale: false },
    });
  });

  it('lists rollbacks, the newest first', async () => {
    await store.database.command(
      `INSERT INTO rollbacks SELECT 150 - number, number + 1, 'reorg', now64(3) - 100 + number, ${LIVE} FROM numbers(12)`,
    );
    const { rollbacks } = await statusOf(
      LIVE,
      'rollbacks { count deepest last { toBlock depth reason } }',
    );
    const { last } = rollbacks as { last: object[] };
    expect(rollbacks).toMatchObject({ count: 12, deepest: 12 });
    expect(last).toHaveLength(10);
    expect(last[0]).toEqual({ toBlock: 139, depth: 12, reason: 'reorg' });
  });

  it('gives the state of each chain to Prometheus', async () => {
    const text = await (await fetch(`${server.url}/metrics`)).text();
    const seriesOf = (name: string, more = '') =>
      new RegExp(`^bulkhead_${name}\\{chain="optimism",chain_id="10"${more}\\} (\\S+)$`, 'm').exec(
        text,
      )?.[1];
    expect(text).toMatch(/^bulkhead_database_up 1$/m);
    expect(seriesOf('indexer_state', ',state="retrying"')).toBe('1');
    expect(seriesOf('indexer_state', ',state="following"')).toBe('0');
    expect(seriesOf('source_height')).toBe('249');
    expect(seriesOf('lag_blocks')).toBe('50');
    expect(seriesOf('rollbacks_total')).toBe('12');
    expect(seriesOf('last_rollback_depth_blocks')).toBe('12');
    expect(seriesOf('final_block')).toBe('49');
    expect(Number(seriesOf('indexer_failing_seconds'))).toBeGreaterThanOrEqual(119);
    expect(Number(seriesOf('last_commit_age_seconds', ',stage="project"'))).toBeGreaterThan(0);
    expect(text).not.toMatch(/undefined|NaN/);
  });

  it('is ready within the lag that is asked for, and not when a chain has failed', async () => {
    const health = async (path: string) => {
      const response = await fetch(`${server.url}${path}`);
      return { status: response.status, text: await response.text() };
    };
    expect((await health('/health')).status).toBe(200);
    expect((await health(`/health/ready?chainId=${LIVE}&maxLagBlocks=50`)).status).toBe(200);
    const late = await health(`/health/ready?chainId=${LIVE}&maxLagBlocks=49&format=text`);
    expect(late).toEqual({
      status: 503,
      text: 'not ready\nchain 10 optimism: RETRYING, head 199, 50 blocks behind: it is 50 blocks behind, more than 49\n',
    });
    expect((await health(`/health?chainId=${LIVE}&maxLagSeconds=1`)).status).toBe(503);
    expect((await health('/health?chainId=999')).status).toBe(503);
    expect((await health('/health?maxLagBlocks=some')).status).toBe(400);
    await report({ chainId: LIVE, state: 'FAILED', fault: 'Too deep a reorganization.' });
    const failed = await health('/health');
    expect(failed.status).toBe(503);
    expect(failed.text).toContain('its indexer has failed');
    expect((await health(`/health?chainId=${GMX}`)).status).toBe(200);
    expect((await health('/health/live')).status).toBe(200);
  });
});
