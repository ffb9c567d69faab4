import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../../schema/clickhouse/connection.ts';
import type { Database } from '../../schema/clickhouse/database.ts';
import { indexedArchives } from '../indexed-archives.ts';
import { firstJsonLine, runCli, spawnCli } from './run-cli.ts';

const NAME = 'gmx-v1-crash-scenario';
const ARCHIVE = `archives/${NAME}`;

describe('the GMX V1 archive: liquidations for margin and for leverage', () => {
  let folder: Awaited<ReturnType<typeof indexedArchives>>;
  let database: Database;

  beforeAll(async () => {
    folder = await indexedArchives(NAME);
    database = await openDatabase({ dataDir: folder.path });
  });
  afterAll(async () => {
    await database?.close();
    folder?.remove();
  });

  it('reads every log', async () => {
    const [letters] = await database.select<{ n: string }>('SELECT count() AS n FROM dead_letters');
    expect(letters?.n).toBe('0');
  });

  // The Vault was asked about 238 of them: one opens in block 162 and is closed in 168, between two questions.
  it('follows 239 positions, 66 of them open at the end', async () => {
    const [row] = await database.select<Record<string, string>>(`
      SELECT uniqExact(position_key) AS positions, countIf(status = 'OPEN') AS open FROM (
        SELECT position_key, status FROM position_states
        ORDER BY block_number DESC, log_index DESC, sub_index DESC LIMIT 1 BY position_key)`);
    expect(row).toEqual({ positions: '239', open: '66' });
  });

  it('tells 26 liquidations for margin from 81 for leverage, which have no event of their own', async () => {
    const rows = await database.select<Record<string, string>>(`
      SELECT JSONExtractString(details, 'liquidationSubtype') AS subtype, count() AS n,
        countIf(liquidator = account) AS by_owner, countIf(penalty_usd > 0) AS fined
      FROM liquidations WHERE cause = 'LIQUIDATION' GROUP BY subtype ORDER BY subtype`);
    expect(rows).toEqual([
      { subtype: 'margin', n: '26', by_owner: '0', fined: '26' },
      { subtype: 'max_leverage', n: '81', by_owner: '0', fined: '0' },
    ]);
  });

  it('counts as bad debt what a late liquidation lost beyond the collateral', async () => {
    const rows = await database.select<Record<string, string>>(`
      SELECT insolvent_step AS step, countIf(bad_debt_usd > 0) AS with_debt, count() AS n,
        countIf(bad_debt_usd + before.collateral_raw != -realized_pnl_usd) AS off
      FROM (SELECT *, liquidations.collateral_raw AS collateral_before FROM liquidations) AS before
      WHERE is_insolvent GROUP BY step`);
    expect(rows).toEqual([
      { step: 'pnl', with_debt: expect.any(String), n: expect.any(String), off: '0' },
    ]);
    expect(Number(rows[0]?.['n'])).toBeGreaterThan(0);
    expect(rows[0]?.['with_debt']).toBe(rows[0]?.['n']);
  });

  it('adds up, and answers with prices and pictures of the right size', async () => {
    await database.close();
    const verified = await runCli(['verify', '--json', '--data', folder.path]);
    expect(JSON.parse(verified.stdout)).toMatchObject({ ok: true, findings: [] });
    const child = spawnCli([
      'start',
      '--archive',
      ARCHIVE,
      '--data',
      folder.path,
      '--port',
      '0',
      '--json',
    ]);
    const url = String((await firstJsonLine(child))['url']);
    try {
      await judgesLiquidations(url);
      await placesOpenPositions(url);
      for (const chart of ['margin-history', 'liquidation-heatmap', 'oracle-latency']) {
        const picture = await fetch(`${url}/v1/charts/${chart}.png`);
        expect(picture.status).toBe(200);
        expect((await picture.arrayBuffer()).byteLength).toBeGreaterThan(10_000);
      }
    } finally {
      child.kill('SIGTERM');
    }
    await new Promise((done) => child.on('close', done));
    database = await openDatabase({ dataDir: folder.path });
  });
});

async function ask<Data>(url: string, query: string, variables: object = {}): Promise<Data> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await response.json()) as { data: Data; errors?: unknown };
  expect(errors).toBeUndefined();
  return data;
}

interface Point {
  readonly blockNumber: number;
  readonly cause: string;
  readonly isLiquidatable: boolean;
  readonly equityUsd: string;
  readonly indexPrice: { readonly minPriceUsd: string };
}

/** The prices of the scenario go from half to double of where they start: 2400, 45,000 and 15 USD. */
const PRICES: Readonly<Record<string, readonly [number, number]>> = {
  ETH: [1000, 5000],
  BTC: [20_000, 100_000],
  LINK: [5, 40],
};

/** Every third one: all of them are judged in test/margin/gmx-v1-truth.test.ts, beside the contracts. */
async function judgesLiquidations(url: string): Promise<void> {
  const { liquidations } = await ask<{
    liquidations: { nodes: { positionId: string; blockNumber: number; marketSymbol: string }[] };
  }>(url, '{ liquidations(first: 107) { nodes { positionId blockNumber marketSymbol } } }');
  expect(liquidations.nodes).toHaveLength(107);
  const third = liquidations.nodes.filter((_one, index) => index % 3 === 0);
  for (const { positionId, blockNumber, marketSymbol } of third) {
    const { position } = await ask<{ position: { marginHistory: { points: Point[] } } }>(
      url,
      `query ($id: ID!) { position(id: $id) { marginHistory(sampling: EVENTS) {
        points { blockNumber cause isLiquidatable equityUsd indexPrice { minPriceUsd } } } } }`,
      { id: positionId },
    );
    const point = position.marginHistory.points.find(
      (one) => one.blockNumber === blockNumber && one.cause === 'LIQUIDATION',
    );
    expect(point, positionId).toMatchObject({ isLiquidatable: true });
    const [least = 0, most = 0] = PRICES[marketSymbol] ?? [];
    expect(Number(point?.indexPrice.minPriceUsd)).toBeGreaterThan(least);
    expect(Number(point?.indexPrice.minPriceUsd)).toBeLessThan(most);
    expect(Math.abs(Number(point?.equityUsd))).toBeLessThan(1_000_000);
  }
}

async function placesOpenPositions(url: string): Promise<void> {
  let placed = 0;
  for (const [symbol, [least, most]] of Object.entries(PRICES)) {
    const { liquidationMap: map } = await ask<{
      liquidationMap: {
        priceUsd: string;
        cells: { count: number; valueUsd: string }[];
        unplaced: { count: number };
      };
    }>(
      url,
      `query ($market: ID!) { liquidationMap(market: $market) {
        priceUsd cells { count valueUsd } unplaced { count } } }`,
      { market: `${symbol}/USD` },
    );
    expect(Number(map.priceUsd)).toBeGreaterThan(least);
    expect(Number(map.priceUsd)).toBeLessThan(most);
    placed += map.cells.reduce((sum, cell) => sum + cell.count, 0) + map.unplaced.count;
    for (const { valueUsd } of map.cells) expect(Number(valueUsd)).toBeLessThan(10_000_000);
  }
  expect(placed).toBe(66);
}
