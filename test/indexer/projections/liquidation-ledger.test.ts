import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Side } from '../../../api/queries/answers.ts';
import { liquidationMap } from '../../../api/queries/liquidation-map.ts';
import { marginAt } from '../../../api/queries/margin-at.ts';
import { marketMarginBands } from '../../../api/queries/market-bands.ts';
import { type MarketRef, parseMarketId } from '../../../api/queries/market-ref.ts';
import { parsePositionId } from '../../../api/queries/position-history.ts';
import { openSnapshot, type Snapshot } from '../../../api/queries/source-directory.ts';
import { openPastStore } from '../../../indexer/audit/past-store.ts';
import { RowComparison } from '../../../indexer/audit/row-comparison.ts';
import { ChainProjection } from '../../../indexer/pipeline/project.ts';
import { storedPlans } from '../../../indexer/rebuild/stored-plans.ts';
import { createClickHouseStore } from '../../../indexer/store/clickhouse-store.ts';
import { parseMarginSpread, type SpreadShare } from '../../../margin/margin-spread.ts';
import { PriceLattice } from '../../../margin/price-lattice.ts';
import { parseFixed } from '../../../schema/units.ts';
import { type OpenStore, openArchiveStore } from '../../api/crash-store.ts';

const LATTICE = new PriceLattice('BPS_5');
const usd = (text: string): bigint => parseFixed(text, 30);

interface LevelRow {
  readonly id: string;
  readonly block: string;
  readonly placement: 'LEVEL' | 'NONE' | 'UNKNOWN';
  readonly cell: number;
  readonly price: string;
  readonly level_notional: string;
  readonly notional_usd: string;
  readonly collateral_usd: string;
  readonly size_base: string;
}

interface Tick {
  readonly id: string;
  readonly block: string;
  readonly time: string;
}

describe.each([
  ['gmx-v2-crash-2023-08-17', 'gmx-v1-crash-scenario'],
  ['synthetix-v2-crash-2023-08-17'],
])('the ledger of %s', (...archives) => {
  let store: OpenStore;
  let snapshot: Snapshot;
  const select = <T>(sql: string) => store.database.select<T>(sql);
  /** Of the full hours of every market, some that depend on nothing but the rows. */
  const ticks = (limit: number) =>
    select<Tick>(`SELECT concat(toString(chain_id), ':', venue, ':', market) AS id,
        block_number AS block, any(block_timestamp) AS time
      FROM margin_spreads GROUP BY chain_id, venue, market, block_number
      ORDER BY cityHash64(id, block) LIMIT ${limit}`);

  beforeAll(async () => {
    store = await openArchiveStore(...archives);
    snapshot = await openSnapshot(store.database);
  });
  afterAll(async () => {
    await store?.close();
  });

  it('has the level that the API states of a position at the block of its row', async () => {
    const rows = await select<LevelRow>(`SELECT
        concat(toString(chain_id), ':', venue, ':', position_key) AS id, block_number AS block, placement, cell,
        liquidation_price AS price, level_notional, notional_usd, collateral_usd, size_base
      FROM liquidation_levels WHERE sign = 1
      ORDER BY cause, cityHash64(position_key, block_number) LIMIT 8 BY cause, placement`);
    expect(rows.length).toBeGreaterThan(20);
    for (const row of rows) {
      const position = parsePositionId(snapshot, row.id);
      const point = await marginAt(snapshot, { position, block: Number(row.block) });
      expect(usd(point!.notionalUsd)).toBe(BigInt(row.notional_usd));
      expect(usd(point!.collateralUsd)).toBe(BigInt(row.collateral_usd));
      expect(row.placement).toBe(point!.liquidationPrice === null ? 'NONE' : 'LEVEL');
      if (point!.liquidationPrice === null) continue;
      const price = usd(point!.liquidationPrice);
      expect(row.cell).toBe(LATTICE.cellOf(price));
      // The same digits, before the decimals of the feed.
      expect(price.toString().replace(/0+$/, '')).toBe(row.price.replace(/0+$/, ''));
      expect(BigInt(row.level_notional)).toBe(BigInt(row.size_base) * BigInt(row.price));
    }
  });

  it('has at a full hour the very map that judges every position', async () => {
    let levels = 0;
    for (const { id, block } of await ticks(12)) {
      const market = parseMarketId(snapshot, id);
      const map = await liquidationMap(snapshot, {
        market,
        atBlock: Number(block),
        cells: 'BPS_5',
      });
      const standing = await select<{ k: number; side: Side; count: string }>(`SELECT
          cell AS k, if(is_long, 'LONG', 'SHORT') AS side, sum(sign) AS count
        FROM liquidation_levels
        WHERE venue = '${market.venue}' AND market = '${market.market}' AND placement = 'LEVEL'
          AND block_number <= ${block}
        GROUP BY k, side HAVING count != 0 ORDER BY k, side`);
      expect(standing.map((cell) => ({ ...cell, count: Number(cell.count) }))).toEqual(
        map.cells.map(({ k, side, count }) => ({ k, side, count })),
      );
      levels += standing.length;
    }
    expect(levels).toBeGreaterThan(40);
  });

  it('gives every open position a level and no other, and takes back what it gave', async () => {
    const columns = `life, placement, account, market, collateral_token, is_long, cell, liquidation_price,
      level_notional, notional_usd, collateral_usd, size_usd, size_base, opened_at`;
    const [found] = await select<Record<string, string>>(`
      WITH walked AS (
        SELECT *, tuple(${columns}) AS said,
          lagInFrame(said) OVER life AS said_before,
          sum(sign) OVER life AS standing
        FROM liquidation_levels
        WINDOW life AS (PARTITION BY chain_id, venue, position_key ORDER BY block_number, sign
          ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
      )
      SELECT countIf(standing NOT IN (0, 1)) AS doubled, countIf(sign = 1 AND standing != 1) AS over,
        countIf(sign = -1) AS taken, countIf(sign = -1 AND said != said_before) AS different,
        countIf(cause IN ('CREATED', 'CLOSED', 'LIQUIDATED') AND sign != if(cause = 'CREATED', 1, -1)) AS reversed
      FROM walked`);
    expect(Number(found?.['taken'])).toBeGreaterThan(500);
    expect(found).toMatchObject({ doubled: '0', over: '0', different: '0', reversed: '0' });
    const differing = await select<{ block: string }>(`
      WITH cuts AS (SELECT DISTINCT chain_id, venue, block_number AS cut FROM position_states
          WHERE cityHash64(block_number) % 20 = 0),
        open AS (SELECT chain_id, venue, cut, position_key FROM position_states AS s
          INNER JOIN cuts USING (chain_id, venue) WHERE s.block_number <= cut
          GROUP BY chain_id, venue, cut, position_key
          HAVING argMax(status, (block_number, log_index, sub_index)) = 'OPEN'),
        standing AS (SELECT chain_id, venue, cut, position_key FROM liquidation_levels AS l
          INNER JOIN cuts USING (chain_id, venue) WHERE l.block_number <= cut
          GROUP BY chain_id, venue, cut, position_key HAVING sum(sign) != 0)
      SELECT cut AS block FROM (SELECT * FROM open UNION ALL SELECT * FROM standing)
      GROUP BY chain_id, venue, cut, position_key HAVING count() != 2`);
    expect(differing).toEqual([]);
  });

  it('has at a full hour the spreads that the bands show of that block', async () => {
    let positions = 0;
    for (const { id, block, time } of await ticks(8)) {
      const market = parseMarketId(snapshot, id);
      for (const side of [null, 'LONG', 'SHORT'] as const) {
        const { open } = await expectBands(market, { side, block, time: Number(time) });
        positions += open.count;
      }
    }
    expect(positions).toBeGreaterThan(40);
  });

  async function expectBands(
    market: MarketRef,
    { side, block, time }: { side: Side | null; block: string; time: number },
  ) {
    const [row] = await select<{ spread: string }>(`SELECT spread FROM margin_spreads
      WHERE venue = '${market.venue}' AND market = '${market.market}' AND side = '${side ?? ''}'
        AND block_number = ${block}`);
    const spread = parseMarginSpread(row!.spread);
    const window = { from: time, to: time + 1, columns: 1, atBlock: Number(block) };
    const { columns } = await marketMarginBands(snapshot, { market, side, ...window });
    const bucket = ({ notionalUsd, count }: SpreadShare) => ({ value: notionalUsd, count });
    const [column] = columns;
    expect(column!.blockNumber).toBe(Number(block));
    const { open, liquidatable, under, closest } = column!;
    expect(bucket(spread.open)).toEqual({ value: usd(open.valueUsd), count: open.count });
    expect(bucket(spread.liquidatable).count).toBe(liquidatable.count);
    expect(spread.unjudged).toBe(column!.unjudged);
    expect(spread.marginRatio).toEqual(column!.marginRatio);
    expect(spread.healthFactor).toEqual(column!.healthFactor);
    expect(spread.under.map(({ health, ...share }) => ({ health, ...bucket(share) }))).toEqual(
      under.map(({ health, valueUsd, count }) => ({ health, value: usd(valueUsd), count })),
    );
    expect(spread.closest?.healthFactor).toBe(closest?.healthFactor);
    expect(closest?.positionId.endsWith(spread.closest?.positionKey ?? '-') ?? true).toBe(true);
    return spread;
  }

  it('goes on after a restart anywhere with the rows of a run that never stopped', async () => {
    const events = createClickHouseStore(store.database);
    let compared = 0;
    for (const plan of await storedPlans(events)) {
      const { chainId } = plan.source;
      const hours = await select<{ block: string }>(`SELECT DISTINCT block_number AS block
        FROM margin_spreads WHERE chain_id = ${chainId} ORDER BY cityHash64(block) LIMIT 2`);
      // At the block of a full hour, just after it, and just before.
      const cuts = hours.flatMap(({ block }) => [Number(block), Number(block) + 1]);
      for (const fromBlock of cuts) {
        const range = { fromBlock, toBlock: fromBlock + 150 };
        const comparison = new RowComparison(events, chainId);
        const past = await openPastStore({
          store: events,
          chainId,
          range,
          onBatch: async (rows, blocks) => {
            for (const table of ['liquidation_levels', 'margin_spreads'] as const) {
              await comparison.compare(table, rows.get(table) ?? [], blocks);
            }
          },
        });
        const { signal } = new AbortController();
        const { openReaders, method } = plan;
        const request = { store: past, chainId, openReaders, method, signal };
        await (await ChainProjection.open(request)).catchUp();
        expect(comparison.differences()).toEqual([]);
        compared += comparison.compared;
      }
    }
    expect(compared).toBeGreaterThan(100);
  });
});
