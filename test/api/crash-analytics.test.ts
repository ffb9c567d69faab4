import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApi } from '../../api/graphql-handler.ts';
import type { OracleLatency } from '../../api/queries/answers.ts';
import { liquidationHeatmap } from '../../api/queries/liquidation-heatmap.ts';
import { liquidationMap } from '../../api/queries/liquidation-map.ts';
import type {
  LiquidationHeatmap,
  LiquidationMap,
} from '../../api/queries/liquidation-map-answers.ts';
import { parseMarketId } from '../../api/queries/market-ref.ts';
import type { RequestToExecution } from '../../api/queries/oracle-answers.ts';
import { openSnapshot, type Snapshot } from '../../api/queries/source-directory.ts';
import { parseFixed } from '../../schema/units.ts';
import { readTruth } from '../margin/gmx-v2-truth-rows.ts';
import { askOf, dataOf, keepingLogger, type OpenStore, openCrashStore } from './crash-store.ts';

describe('analytics over the bundled crash archive', () => {
  let store: OpenStore;
  let snapshot: Snapshot;
  let ask: ReturnType<typeof askOf>;

  beforeAll(async () => {
    store = await openCrashStore();
    snapshot = await openSnapshot(store.database);
    ask = askOf(createApi({ database: store.database, logger: keepingLogger() }));
  });
  afterAll(async () => {
    await store?.close();
  });

  it('agrees with the contracts on every position open at the end', async () => {
    const rows = readTruth('crash-positions').filter((row) => row.number('blockNumber') === 3651);
    expect(rows).toHaveLength(68);
    for (const row of rows) {
      const { position } = await dataOf(
        ask<{ position: { marginAt: Record<string, string> } }>(
          `query ($id: ID!) { position(id: $id) { marginAt {
            sizeUsd collateralRaw unrealizedPnlUsd borrowFeeUsd isLiquidatable } } }`,
          { id: `42161:gmx-v2:${row.text('positionKey')}` },
        ),
      );
      expect({
        sizeInUsd: parseFixed(position.marginAt['sizeUsd'] ?? '', 30).toString(),
        collateralAmount: position.marginAt['collateralRaw'],
        basePnlUsd: parseFixed(position.marginAt['unrealizedPnlUsd'] ?? '', 30).toString(),
        borrowingFeeUsd: parseFixed(position.marginAt['borrowFeeUsd'] ?? '', 30).toString(),
      }).toEqual({
        sizeInUsd: row.text('sizeInUsd'),
        collateralAmount: row.text('collateralAmount'),
        basePnlUsd: row.text('basePnlUsd'),
        borrowingFeeUsd: row.text('borrowingFeeUsd'),
      });
    }
  });

  it('calls a position liquidatable beyond its liquidation price and not before it', async () => {
    const { positions } = await dataOf(
      ask<{
        positions: { nodes: OpenNode[] };
      }>(`{ positions(first: 60, where: { status: OPEN, market: "ETH" }) {
        nodes { id side collateralToken { symbol } marginAt { liquidationPrice isLiquidatable } } } }`),
    );
    let tried = 0;
    for (const { id, side, marginAt } of positions.nodes) {
      if (marginAt.liquidationPrice === null || marginAt.isLiquidatable) continue;
      const level = Number(marginAt.liquidationPrice);
      const beyond = side === 'LONG' ? 0.99 : 1.01;
      const { position } = await dataOf(
        ask<{ position: Record<'safe' | 'lost', { isLiquidatable: boolean }> }>(
          `query ($id: ID!, $safe: Decimal!, $lost: Decimal!) { position(id: $id) {
            safe: marginAt(prices: [{ token: "WETH", minPriceUsd: $safe }]) { isLiquidatable }
            lost: marginAt(prices: [{ token: "WETH", minPriceUsd: $lost }]) { isLiquidatable } } }`,
          { id, safe: (level / beyond).toFixed(6), lost: (level * beyond).toFixed(6) },
        ),
      );
      expect({ id, ...position }).toEqual({
        id,
        safe: { isLiquidatable: false },
        lost: { isLiquidatable: true },
      });
      tried += 1;
    }
    expect(tried).toBeGreaterThan(20);
  });

  it('places every open position of a market in one cell or among the unplaced', async () => {
    for (const symbol of ['ETH', 'BTC', 'SOL']) {
      const map = await mapAt(symbol, 3651);
      const placed = map.cells.reduce((sum, cell) => sum + cell.count, 0);
      expect(placed + map.unplaced.count).toBe(map.provenance.coverage?.positions);
      expect(map.provenance.coverage?.residualUsd).toBe('0');
      expect(map.provenance.caveats).toHaveLength(1);
    }
  });

  it('makes each coarse cell the exact sum of its fine cells', async () => {
    const fine = await mapAt('ETH', 3000, 'BPS_5');
    const coarse = await mapAt('ETH', 3000, 'BPS_100');
    const summed = new Map<string, bigint>();
    for (const cell of fine.cells) {
      const key = `${cell.side}:${Math.floor(cell.k / 20)}`;
      summed.set(key, (summed.get(key) ?? 0n) + parseFixed(cell.valueUsd, 30));
    }
    const got = new Map(
      coarse.cells.map((cell) => [`${cell.side}:${cell.k}`, parseFixed(cell.valueUsd, 30)]),
    );
    expect(got).toEqual(summed);
  });

  it('ends the cumulative curve of a side at the mass of the side', async () => {
    const map = await mapAt('ETH', 3000);
    for (const side of ['LONG', 'SHORT'] as const) {
      const mass = map.cells
        .filter((cell) => cell.side === side)
        .reduce((sum, cell) => sum + parseFixed(cell.valueUsd, 30), 0n);
      const last = map.cumulative.findLast((point) => point.side === side);
      expect(parseFixed(last?.valueUsd ?? '0', 30)).toBe(mass);
    }
  });

  it('shows in each heatmap column the map of its block, and every liquidation once', async () => {
    const heat = await liquidationHeatmap(snapshot, { market: market('SOL'), columns: 12 });
    for (const column of heat.columns.filter((one) => one.blockNumber !== null)) {
      const map = await mapAt('SOL', column.blockNumber ?? 0);
      expect(prospective(heat, column.column)).toEqual(
        map.cells.map(({ k, side, valueUsd, count }) => ({ k, side, valueUsd, count })),
      );
    }
    expect(heat.realizedTotal.count).toBe(22);
    const realized = heat.cells.filter((cell) => cell.layer === 'REALIZED');
    expect(realized.reduce((sum, cell) => sum + cell.count, 0)).toBe(22);
  });

  it('answers a heatmap of 96 columns within two seconds', async () => {
    const started = performance.now();
    const heat = await liquidationHeatmap(snapshot, { market: market('ETH'), columns: 96 });
    expect(heat.columns).toHaveLength(96);
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  it('measures the delays that the archive was made with, one value a price transaction', async () => {
    const latency = await latencyOf('TRANSACTION', 'ALL');
    const [stat] = latency.groups[0]?.stats ?? [];
    expect(stat).toMatchObject({ n: 1516, negativeCount: 0, p50: 5, max: 40, p999: null });
    expect(stat?.p95).toBeGreaterThanOrEqual(18);
    expect(stat?.p95).toBeLessThanOrEqual(19);
    expect(stat?.mean).toBeCloseTo(6.31, 2);
    const bins = Object.fromEntries(
      (latency.groups[0]?.histogram ?? []).map((bin) => [bin.lower, bin.count]),
    );
    expect(bins).toMatchObject({ 1: 290, 3: 375, 5: 649, 9: 87, 16: 91, 31: 24 });
    expect(latency.groups[0]?.survival.at(-1)).toEqual({ seconds: 40, share: 0 });
  });

  it('groups delays by feed, provider and hour without losing an update', async () => {
    for (const groupBy of ['ALL', 'FEED', 'PROVIDER', 'HOUR']) {
      const latency = await latencyOf('UPDATE', groupBy);
      const total = latency.groups.reduce((sum, group) => sum + (group.stats[0]?.n ?? 0), 0);
      expect(total).toBe(6064);
    }
    const byFeed = await latencyOf('UPDATE', 'FEED');
    expect(byFeed.groups.map((group) => group.label).sort()).toEqual([
      'SOL',
      'USDC',
      'WBTC',
      'WETH',
    ]);
  });

  it('gives every metric, and hides percentiles of too few samples with a caveat', async () => {
    const { oracleLatency } = await dataOf(
      ask<{
        oracleLatency: OracleLatency;
      }>(`{ oracleLatency(feed: "WETH", from: "2023-08-17T21:40:00Z", to: "2023-08-17T21:51:00Z") {
        groups { stats { metric unit label n p50 p90 p95 p99 max mean caveats } } } }`),
    );
    const stats = oracleLatency.groups[0]?.stats ?? [];
    expect(stats.map((stat) => stat.metric)).toEqual([
      'DELIVERY_DELAY',
      'UPDATE_INTERVAL',
      'AGE',
      'DEVIATION_AT_UPDATE',
      'MIN_MAX_SPREAD',
    ]);
    expect(stats[0]).toMatchObject({ n: 93, p50: 5, p90: null, p95: null, max: 37 });
    expect(stats[0]?.mean).toBeCloseTo(7.7, 1);
    expect(stats[0]?.caveats.join()).toContain('Too few samples');
    expect(stats[1]?.label).toBe('PULL');
  });

  it('finds no price older than the venue allows, and no order outside its bounds', async () => {
    const { oracleLatency, requestToExecution } = await dataOf(
      ask<{ oracleLatency: OracleLatency; requestToExecution: RequestToExecution }>(`{
        oracleLatency(metrics: [DELIVERY_DELAY]) { groups { stats { bound { name checked violations } } } }
        requestToExecution { groups { venue kind executionDelay { n p50 max } priceDelay { n max } bound { checked violations } violations { orderKey } } } }`),
    );
    expect(oracleLatency.groups[0]?.stats[0]?.bound).toEqual({
      name: 'gmx-v2 maxOraclePriceAge',
      checked: 6068,
      violations: 0,
    });
    expect(requestToExecution.groups).toMatchObject([
      {
        venue: 'gmx-v2',
        kind: 'MARKET',
        executionDelay: { n: 752, max: 42 },
        priceDelay: { n: 752, max: 2 },
        bound: { checked: 752, violations: 0 },
        violations: [],
      },
    ]);
  });

  const market = (symbol: string) => parseMarketId(snapshot, symbol);

  function mapAt(
    symbol: string,
    atBlock: number,
    cells: LiquidationMap['cellWidth'] = 'BPS_25',
  ): Promise<LiquidationMap> {
    return liquidationMap(snapshot, { market: market(symbol), atBlock, cells });
  }

  async function latencyOf(sample: string, groupBy: string): Promise<OracleLatency> {
    const { oracleLatency } = await dataOf(
      ask<{ oracleLatency: OracleLatency }>(
        `query ($sample: OracleSample, $groupBy: OracleGroup) {
          oracleLatency(from: "2023-08-15T00:00:00Z", sample: $sample, groupBy: $groupBy, metrics: [DELIVERY_DELAY]) {
            groups { key label stats { n negativeCount mean p50 p95 p999 max } histogram { lower upper count } survival { seconds share } } } }`,
        { sample, groupBy },
      ),
    );
    return oracleLatency;
  }
});

interface OpenNode {
  id: string;
  side: 'LONG' | 'SHORT';
  marginAt: { liquidationPrice: string | null; isLiquidatable: boolean };
}

function prospective(heat: LiquidationHeatmap, column: number) {
  return heat.cells
    .filter((cell) => cell.layer === 'PROSPECTIVE' && cell.column === column)
    .map(({ row, side, valueUsd, count }) => ({ k: heat.rows[row]?.k, side, valueUsd, count }));
}
