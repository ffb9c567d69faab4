import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { liquidationHeatmap } from '../../api/queries/liquidation-heatmap.ts';
import { liquidationMap } from '../../api/queries/liquidation-map.ts';
import type {
  HeatmapLayer,
  LiquidationHeatmap,
  LiquidationMap,
} from '../../api/queries/liquidation-map-answers.ts';
import type { MarketRef } from '../../api/queries/market-ref.ts';
import { parseMarketId } from '../../api/queries/market-ref.ts';
import { realizedLiquidations } from '../../api/queries/realized-by-interval.ts';
import { openSnapshot, type Snapshot } from '../../api/queries/source-directory.ts';
import { UsageError } from '../../schema/errors.ts';
import { parseFixed } from '../../schema/units.ts';
import { type OpenStore, openArchiveStore } from './crash-store.ts';

const usd = (text: string): bigint => parseFixed(text, 30);
const ALL_LAYERS: readonly HeatmapLayer[] = [
  'REALIZED',
  'PROSPECTIVE',
  'CREATED',
  'MOVED_IN',
  'MOVED_OUT',
  'CLOSED',
  'LIQUIDATED',
  'DRIFT',
];
const COMES: Readonly<Record<string, bigint>> = {
  CREATED: 1n,
  MOVED_IN: 1n,
  MOVED_OUT: -1n,
  CLOSED: -1n,
  LIQUIDATED: -1n,
  DRIFT: 1n,
};

const sumOf = (cells: readonly { readonly valueUsd: string }[]): bigint =>
  cells.reduce((sum, cell) => sum + usd(cell.valueUsd), 0n);

const shown = ({ cells, unplaced, liquidatedIfPriceMoves, gamma, cumulative }: LiquidationMap) => ({
  cells,
  cumulative,
  gamma,
  liquidatedIfPriceMoves,
  unplaced,
});

/** A layer of one column as the cells of a map. */
function columnOf(heat: LiquidationHeatmap, layer: HeatmapLayer, column: number) {
  return heat.cells
    .filter((cell) => cell.layer === layer && cell.column === column)
    .map(({ row, side, valueUsd, count }) => ({ k: heat.rows[row]!.k, side, valueUsd, count }));
}

/** Cells of a side, each as often as it has positions, by price. */
function spread({ cells }: LiquidationMap, side: string): number[] {
  return cells
    .filter((cell) => cell.side === side)
    .flatMap((c) => Array<number>(c.count).fill(c.k));
}

/**
 * Sums over the ledger become USD once. Where size and price have more than 30 decimals together (GMX V1),
 * that cuts less than one unit of 1e-30 USD from each of the sums compared.
 */
function expectEqual(is: bigint, wanted: bigint, { venue }: MarketRef, sums: number): void {
  const apart = is > wanted ? is - wanted : wanted - is;
  expect(apart).toBeLessThanOrEqual(venue === 'gmx-v1' ? BigInt(sums) : 0n);
}

describe.each([
  {
    archives: ['gmx-v2-crash-2023-08-17', 'gmx-v1-crash-scenario'],
    drift: { levels: 379, inAnotherCell: 41, cellsAtMost: 28 },
  },
  {
    archives: ['synthetix-v2-crash-2023-08-17'],
    drift: { levels: 146, inAnotherCell: 85, cellsAtMost: 3 },
  },
])('maps and heatmaps by the ledger of $archives', ({ archives, drift }) => {
  let store: OpenStore;
  let snapshot: Snapshot;
  let markets: MarketRef[];
  const select = <T>(sql: string) => store.database.select<T>(sql);

  beforeAll(async () => {
    store = await openArchiveStore(...archives);
    snapshot = await openSnapshot(store.database);
    const rows = await select<{ id: string }>(
      `SELECT DISTINCT concat(toString(chain_id), ':', venue, ':', market) AS id FROM liquidation_levels ORDER BY id`,
    );
    markets = rows.map(({ id }) => parseMarketId(snapshot, id));
  });
  afterAll(async () => {
    await store?.close();
  });

  it('is the judged map where every level was made at the block', async () => {
    const rows = await select<{ id: string; account: string; block: string }>(`
      SELECT concat(toString(chain_id), ':', venue, ':', market) AS id, account, block_number AS block
      FROM liquidation_levels WHERE sign = 1 AND cause != 'DRIFT'
      ORDER BY cityHash64(position_key, block_number) LIMIT 7`);
    for (const { id, account, block } of rows) {
      const request = {
        market: parseMarketId(snapshot, id),
        atBlock: Number(block),
        cells: 'BPS_10' as const,
      };
      const [{ levelled } = { levelled: false }] = await select<{ levelled: boolean }>(`
        SELECT min(made) = ${block} AS levelled FROM (
          SELECT max(block_number) AS made FROM liquidation_levels
          WHERE account = '${account}' AND market = '${request.market.market}' AND block_number <= ${block}
          GROUP BY position_key HAVING sum(sign) = 1)`);
      if (!levelled) continue;
      for (const measure of ['NOTIONAL_AT_LIQUIDATION', 'COLLATERAL', 'COUNT'] as const) {
        const asked = { ...request, measure, filter: { account } };
        const judged = await liquidationMap(snapshot, { ...asked, levels: 'JUDGED' });
        const ledger = await liquidationMap(snapshot, { ...asked, levels: 'LEDGER' });
        expect(ledger.cells.length + ledger.unplaced.count).toBeGreaterThan(0);
        expect(shown(ledger)).toEqual(shown(judged));
        expect(ledger.liquidatable).toEqual(judged.liquidatable);
        expect(ledger.provenance.digest).not.toBe(judged.provenance.digest);
      }
    }
  });

  it('differs from the judged map by what drifted in less than an hour, and in nothing else', async () => {
    let moved = 0;
    let all = 0;
    let farthest = 0;
    for (const market of markets) {
      const head = market.source.headBlock ?? 0;
      for (const share of [0.45, 0.8, 1]) {
        const request = { market, atBlock: Math.floor(head * share), cells: 'BPS_5' as const };
        const judged = await liquidationMap(snapshot, { ...request, levels: 'JUDGED' });
        const ledger = await liquidationMap(snapshot, { ...request, levels: 'LEDGER' });
        for (const side of ['LONG', 'SHORT']) {
          const [is, was] = [spread(judged, side), spread(ledger, side)];
          expect(was).toHaveLength(is.length);
          all += is.length;
          is.forEach((k, at) => {
            const cells = Math.abs(k - (was[at] ?? 0));
            moved += cells > 0 ? 1 : 0;
            farthest = Math.max(farthest, cells);
          });
        }
      }
    }
    expect({ levels: all, inAnotherCell: moved, cellsAtMost: farthest }).toEqual(drift);
  });

  it('shows in each column the map of its block, and layers that explain every change', async () => {
    for (const market of markets) {
      const request = { market, levels: 'LEDGER' as const, columns: 7, layers: ALL_LAYERS };
      const heat = await liquidationHeatmap(snapshot, request);
      let before = new Map<string, bigint>();
      for (const { column, blockNumber, unplaced } of heat.columns) {
        const standing = columnOf(heat, 'PROSPECTIVE', column);
        if (blockNumber !== null) {
          const map = await liquidationMap(snapshot, {
            market,
            levels: 'LEDGER',
            atBlock: blockNumber,
          });
          expect(standing).toEqual(
            map.cells.map(({ k, side, valueUsd, count }) => ({ k, side, valueUsd, count })),
          );
          expect(unplaced).toEqual(map.unplaced);
        }
        const after = new Map(before);
        for (const [layer, sign] of Object.entries(COMES)) {
          for (const cell of columnOf(heat, layer as HeatmapLayer, column)) {
            const key = `${cell.side}:${cell.k}`;
            after.set(key, (after.get(key) ?? 0n) + sign * usd(cell.valueUsd));
          }
        }
        const now = new Map(standing.map((cell) => [`${cell.side}:${cell.k}`, usd(cell.valueUsd)]));
        for (const [key, value] of after) expectEqual(now.get(key) ?? 0n, value, market, 8);
        expect(now.size).toBeLessThanOrEqual(after.size);
        before = now;
      }
    }
  });

  it('balances in every cell and step, at any width and by any filter', async () => {
    const filters = [
      {},
      { side: 'SHORT' as const },
      { minLeverage: 5_000_000n, maxSizeUsd: usd('50000') },
      { maxAgeSeconds: 86_400 },
    ];
    for (const market of markets) {
      for (const [at, filter] of filters.entries()) {
        // Every filter by some markets, no filter by all.
        if (at > 0 && at !== 1 + (markets.indexOf(market) % 3)) continue;
        const heat = await liquidationHeatmap(snapshot, {
          market,
          filter,
          levels: 'LEDGER',
          columns: 60,
          cells: at % 2 === 0 ? 'BPS_5' : 'BPS_100',
          measure: at > 1 ? 'COLLATERAL' : 'NOTIONAL_AT_LIQUIDATION',
        });
        const check = await heat.checkLedger?.();
        expect(check).toMatchObject({ residualUsd: '0', residualCount: 0, positionsApart: 0 });
        if (at === 0) expect(check?.cellsChecked).toBeGreaterThan(50);
      }
    }
  });

  it('sums: coarse cells those of fine ones, sides both, REALIZED what was liquidated', async () => {
    for (const market of markets) {
      const map = (cells: 'BPS_5' | 'BPS_100', filter = {}) =>
        liquidationMap(snapshot, { market, cells, filter, levels: 'LEDGER' });
      const fine = await map('BPS_5');
      const coarse = await map('BPS_100');
      for (const { k, side, valueUsd } of coarse.cells) {
        const parts = fine.cells.filter(
          (cell) => cell.side === side && Math.floor(cell.k / 20) === k,
        );
        expectEqual(sumOf(parts), usd(valueUsd), market, 21);
      }
      const sides = await Promise.all(
        (['LONG', 'SHORT'] as const).map((side) => map('BPS_5', { side })),
      );
      expect(sumOf(sides.flatMap(({ cells }) => cells))).toBe(sumOf(fine.cells));
      const heat = await liquidationHeatmap(snapshot, { market, levels: 'LEDGER', columns: 9 });
      const realized = await realizedLiquidations(snapshot, {
        market,
        source: market.source,
        cause: 'LIQUIDATION',
      });
      expect(heat.realizedTotal.count).toBe(realized.totals.count);
    }
  });

  it('filters alike whether levels are judged or kept', async () => {
    const [market] = markets;
    const filters = [
      { minSizeUsd: usd('10000') },
      { maxSizeUsd: usd('10000') },
      { minAgeSeconds: 40_000 },
      { maxAgeSeconds: 40_000 },
    ];
    for (const filter of filters) {
      const counts = [];
      for (const levels of ['JUDGED', 'LEDGER'] as const) {
        const { cells, unplaced } = await liquidationMap(snapshot, {
          market: market!,
          filter,
          levels,
        });
        counts.push(cells.reduce((sum, cell) => sum + cell.count, unplaced.count));
      }
      expect(counts[0]).toBe(counts[1]);
      const whole = await liquidationMap(snapshot, { market: market!, levels: 'JUDGED' });
      const all = whole.cells.reduce((sum, cell) => sum + cell.count, whole.unplaced.count);
      expect(counts[0]).toBeGreaterThan(0);
      expect(counts[0]).toBeLessThan(all);
    }
  });

  it('refuses what a source cannot tell, and takes the ledger by itself where only it can', async () => {
    const market = markets[0]!;
    const heat = (request: object) =>
      liquidationHeatmap(snapshot, { market, columns: 4, ...request });
    expect((await heat({ layers: ['CREATED'] })).levels).toBe('LEDGER');
    expect((await heat({ measure: 'EQUITY_AT_RISK' })).levels).toBe('JUDGED');
    expect((await heat({})).levels).toBe('JUDGED');
    for (const request of [
      { levels: 'LEDGER', measure: 'EQUITY_AT_RISK' },
      { levels: 'LEDGER', measure: 'NOTIONAL_NOW' },
      { levels: 'JUDGED', layers: ['DRIFT'] },
      { layers: ['MOVED_IN'], measure: 'NOTIONAL_NOW' },
    ]) {
      await expect(heat(request)).rejects.toThrow(UsageError);
    }
  });
});
