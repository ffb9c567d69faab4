import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApi } from '../../api/graphql-handler.ts';
import type { MarginAt } from '../../api/queries/answers.ts';
import { marginAt } from '../../api/queries/margin-at.ts';
import { marketMarginBands } from '../../api/queries/market-bands.ts';
import type {
  MarginBandColumn,
  MarketMarginBands,
} from '../../api/queries/market-bands-answers.ts';
import { type MarketRef, parseMarketId } from '../../api/queries/market-ref.ts';
import { parsePositionId } from '../../api/queries/position-history.ts';
import { openSnapshot, type Snapshot } from '../../api/queries/source-directory.ts';
import type { BandQuantiles } from '../../margin/margin-quantiles.ts';
import { HEALTH_THRESHOLDS } from '../../margin/margin-spread.ts';
import { parseFixed } from '../../schema/units.ts';
import { askOf, dataOf, keepingLogger, type OpenStore, openArchiveStore } from './crash-store.ts';

const HOUR = 3_600;

interface Kept {
  readonly id: string;
  readonly side: '' | 'LONG' | 'SHORT';
  readonly block: string;
  readonly time: string;
}

const usd = (text: string): bigint => parseFixed(text, 30);

/** A market's positions open at a block, by the plainest SQL. */
async function openIds(store: OpenStore, ref: MarketRef, block: number): Promise<string[]> {
  const rows = await store.database.select<{ id: string }>(`
    SELECT concat(toString(chain_id), ':', venue, ':', position_key) AS id FROM position_states
    WHERE chain_id = ${ref.source.chainId} AND venue = '${ref.venue}' AND market = '${ref.market}' AND block_number <= ${block}
    GROUP BY chain_id, venue, position_key
    HAVING argMax(status, (block_number, log_index, sub_index)) = 'OPEN' ORDER BY position_key`);
  return rows.map(({ id }) => id);
}

/** Quantiles by writing each value out as often as it weighs, in thousandths of a dollar. */
function twinQuantile(points: readonly (readonly [number, bigint])[], percent: number) {
  const sorted = [...points].sort(([a], [b]) => a - b);
  const total = sorted.reduce((sum, [, weight]) => sum + weight, 0n);
  const least = sorted.find((_, index) => {
    const upTo = sorted.slice(0, index + 1).reduce((sum, [, weight]) => sum + weight, 0n);
    return upTo * 100n >= total * BigInt(percent);
  });
  return least?.[0] ?? null;
}

function twinBand(points: readonly (readonly [number, bigint])[]): BandQuantiles {
  const at = (percent: number) => twinQuantile(points, percent);
  return { min: at(0), p5: at(5), p25: at(25), p50: at(50), p75: at(75), p95: at(95) };
}

function expectTwin(column: MarginBandColumn, ids: readonly string[], points: MarginAt[]): void {
  expect(column.open.count).toBe(points.length);
  const sum = points.reduce((total, point) => total + usd(point.notionalUsd), 0n);
  expect(usd(column.open.valueUsd)).toBe(sum);
  for (const measure of ['marginRatio', 'healthFactor'] as const) {
    const known = points.filter((point) => point[measure] !== null);
    expect(column[measure].byCount).toEqual(
      twinBand(known.map((point) => [point[measure]!, 1n] as const)),
    );
    expect(column[measure].byNotional).toEqual(
      twinBand(known.map((point) => [point[measure]!, usd(point.notionalUsd)] as const)),
    );
  }
  for (const { health, count, valueUsd } of column.under) {
    const below = points.filter((point) => (point.healthFactor ?? 9) < health);
    expect(count).toBe(below.length);
    expect(usd(valueUsd)).toBe(below.reduce((total, one) => total + usd(one.notionalUsd), 0n));
  }
  expect(column.liquidatable.count).toBe(points.filter((point) => point.isLiquidatable).length);
  const least = Math.min(...points.flatMap((point) => point.healthFactor ?? []));
  const at = points.findIndex((point) => point.healthFactor === least);
  if (at === -1) expect(column.closest).toBeNull();
  else {
    expect(column.closest).toEqual({
      positionId: ids[at],
      side: column.closest?.side,
      healthFactor: least,
      marginRatio: points[at]?.marginRatio,
      notionalUsd: points[at]?.notionalUsd,
      liquidationPrice: points[at]?.liquidationPrice,
    });
  }
}

describe.each([
  { archives: ['gmx-v2-crash-2023-08-17', 'gmx-v1-crash-scenario'], least: 100 },
  { archives: ['synthetix-v2-crash-2023-08-17'], least: 10 },
])('the margin bands of the markets of $archives', ({ archives, least }) => {
  let store: OpenStore;
  let snapshot: Snapshot;
  let markets: MarketRef[];

  beforeAll(async () => {
    store = await openArchiveStore(...archives);
    snapshot = await openSnapshot(store.database);
    const rows = await store.database.select<{ id: string }>(
      `SELECT DISTINCT concat(toString(chain_id), ':', venue, ':', market) AS id FROM position_states ORDER BY id`,
    );
    markets = rows.map(({ id }) => parseMarketId(snapshot, id));
  });
  afterAll(async () => {
    await store?.close();
  });

  it('are what marginAt says of each position, put in order by hand', async () => {
    let judged = 0;
    for (const market of markets) {
      const bands = await marketMarginBands(snapshot, { market, columns: 2 });
      for (const column of bands.columns) {
        if (column.blockNumber === null) continue;
        const ids = await openIds(store, market, column.blockNumber);
        const points: MarginAt[] = [];
        for (const id of ids) {
          const position = parsePositionId(snapshot, id);
          const point = await marginAt(snapshot, { position, block: column.blockNumber });
          if (point) points.push(point);
        }
        expectTwin(column, ids, points);
        judged += points.length;
      }
    }
    expect(judged).toBeGreaterThan(least);
  });

  it('hold together: quantiles rise, thresholds nest, sides sum to both', async () => {
    for (const market of markets) {
      const [both, long, short] = await Promise.all(
        [null, 'LONG' as const, 'SHORT' as const].map((side) =>
          marketMarginBands(snapshot, { market, columns: 24, side }),
        ),
      );
      for (const [at, column] of both!.columns.entries()) {
        for (const band of [column.marginRatio, column.healthFactor]) {
          for (const { min, p5, p25, p50, p75, p95 } of [band.byCount, band.byNotional]) {
            const known = [min, p5, p25, p50, p75, p95].flatMap((one) => one ?? []);
            expect(known).toEqual([...known].sort((a, b) => a - b));
          }
        }
        expect(column.under.map(({ health }) => health)).toEqual([...HEALTH_THRESHOLDS]);
        const counts = column.under.map(({ count }) => count);
        expect(counts).toEqual([...counts].sort((a, b) => a - b));
        const sides = [long!.columns[at]!, short!.columns[at]!];
        expect(sides[0]!.open.count + sides[1]!.open.count).toBe(column.open.count);
        expect(usd(sides[0]!.open.valueUsd) + usd(sides[1]!.open.valueUsd)).toBe(
          usd(column.open.valueUsd),
        );
        const least = sides.flatMap(({ closest }) => closest?.healthFactor ?? []);
        if (least.length > 0) expect(column.closest?.healthFactor).toBe(Math.min(...least));
      }
    }
  });

  it('are byte for byte what was kept at full hours, of both sides and of each', async () => {
    const kept = await store.database.select<Kept>(
      `SELECT concat(toString(chain_id), ':', venue, ':', market) AS id, side, toString(block_number) AS block,
         toString(block_timestamp) AS time FROM margin_spreads ORDER BY id, block_number, side`,
    );
    // A dozen from all over: a stride that is no multiple of three meets each side.
    const stride = 3 * Math.floor(kept.length / 36) + 1;
    const some = kept.filter((_, index) => index % stride === 0);
    let peopled = 0;
    for (const { id, side, block, time } of some) {
      const question = {
        market: parseMarketId(snapshot, id),
        side: side === '' ? null : side,
        atBlock: Number(block),
        from: Number(time) - HOUR,
        to: Number(time) + 1,
        columns: 1,
      };
      const judged = await marketMarginBands(snapshot, { ...question, levels: 'JUDGED' });
      const ledger = await marketMarginBands(snapshot, { ...question, levels: 'LEDGER' });
      expect(JSON.stringify(ledger.columns)).toBe(JSON.stringify(judged.columns));
      expect(ledger.columns[0]?.blockNumber).toBe(Number(block));
      expect(ledger.provenance.digest).not.toBe(judged.provenance.digest);
      expect(ledger.provenance.caveats.join()).toContain('full hour');
      peopled += ledger.columns[0]!.open.count;
    }
    expect(new Set(some.map(({ side }) => side)).size).toBe(3);
    expect(peopled).toBeGreaterThan(least);
  });

  it('carry what was kept over columns without a full hour, and know nothing before the first', async () => {
    for (const market of markets) {
      const question = { market, stepSeconds: HOUR, levels: 'LEDGER' } as const;
      const { columns, levels } = await marketMarginBands(snapshot, question);
      expect(levels).toBe('LEDGER');
      const hours = await store.database.select<{ block: string }>(
        `SELECT toString(block_number) AS block FROM margin_spreads WHERE side = '' AND venue = '${market.venue}'
         AND market = '${market.market}' AND chain_id = ${market.source.chainId} ORDER BY block_number`,
      );
      const judged = await marketMarginBands(snapshot, { ...question, levels: 'JUDGED' });
      for (const [at, { blockNumber, blockTime, toTime }] of columns.entries()) {
        const end = judged.columns[at]!.blockNumber;
        const before = hours.filter(({ block }) => end !== null && Number(block) <= end);
        expect(blockNumber).toBe(before.length === 0 ? null : Number(before.at(-1)!.block));
        if (blockTime !== null) expect(Date.parse(blockTime)).toBeLessThan(Date.parse(toTime));
      }
      const long = await marketMarginBands(snapshot, { ...question, stepSeconds: 10 * HOUR });
      const ends = long.columns.map(({ toTime }) => toTime);
      const matching = columns.filter(({ toTime }) => ends.includes(toTime));
      const shown = ({ column: _, fromTime: __, ...rest }: MarginBandColumn) => rest;
      expect(long.columns.map(shown)).toEqual(matching.map(shown));
    }
  });

  it('are not kept for less than an hour, and say what to ask instead', async () => {
    const question = { market: markets[0]!, stepSeconds: HOUR - 1 };
    await expect(marketMarginBands(snapshot, { ...question, levels: 'LEDGER' })).rejects.toThrow(
      'once an hour',
    );
    await expect(marketMarginBands(snapshot, question)).resolves.toMatchObject({
      levels: 'JUDGED',
    });
  });

  it('are the same at an earlier head as of that block later', async () => {
    const [market] = markets;
    const whole = await marketMarginBands(snapshot, { market: market!, columns: 8 });
    const { blockNumber, fromTime, toTime } = whole.columns[3]!;
    const then = await marketMarginBands(snapshot, {
      market: market!,
      from: Date.parse(fromTime) / 1000,
      to: Date.parse(toTime) / 1000,
      columns: 1,
      atBlock: blockNumber,
    });
    const { column: _then, toTime: _to, ...earlier } = then.columns[0]!;
    const { column: _now, toTime: _too, ...later } = whole.columns[3]!;
    expect(earlier).toEqual(later);
  });

  it('come with every field over GraphQL', async () => {
    const ask = askOf(createApi({ database: store.database, logger: keepingLogger() }));
    const { chainId } = markets[0]!.source;
    const market = `${chainId}:${markets[0]!.venue}:${markets[0]!.market}`;
    const quantiles = 'byCount { min p5 p25 p50 p75 p95 } byNotional { min p5 p25 p50 p75 p95 }';
    const { marketMarginBands: answer } = await dataOf(
      ask<{ marketMarginBands: MarketMarginBands }>(
        `query ($market: ID!) { marketMarginBands(market: $market, columns: 3) {
          provenance { basis method version digest methodology { formula } } marketId marketSymbol side levels
          columns { column fromTime toTime blockNumber blockTime closePriceUsd open { valueUsd count } unjudged
            liquidatable { valueUsd count } marginRatio { ${quantiles} } healthFactor { ${quantiles} }
            under { health valueUsd count }
            closest { positionId side healthFactor marginRatio notionalUsd liquidationPrice } } } }`,
        { market },
      ),
    );
    const direct = await marketMarginBands(snapshot, { market: markets[0]!, columns: 3 });
    expect(answer.columns).toEqual(direct.columns);
    expect(answer.provenance).toMatchObject({
      method: 'market-margin-bands',
      digest: direct.provenance.digest,
    });
  });

  // Last: it leaves the store with rows that no log explains.
  it('refuse more judgements than one answer may take, and say what to ask instead', async () => {
    const [market] = markets;
    const window = { market: market!, columns: 500 };
    await expect(marketMarginBands(snapshot, window)).resolves.toMatchObject({ side: null });
    // The same market with forty times its positions.
    await store.database.command(`INSERT INTO position_states
      SELECT * REPLACE (concat(position_key, '-', toString(arrayJoin(range(40)))) AS position_key)
      FROM position_states WHERE market = '${market!.market}'`);
    const refused = expect(marketMarginBands(snapshot, window)).rejects;
    await refused.toThrow('too many judgements');
    // The ledger counts what judging would cost; columns of an hour or more are then read from it.
    const hourly = { market: market!, stepSeconds: HOUR };
    await store.database.command(`INSERT INTO liquidation_levels
      SELECT * REPLACE (concat(position_key, '-', toString(arrayJoin(range(40)))) AS position_key)
      FROM liquidation_levels WHERE market = '${market!.market}'`);
    await expect(marketMarginBands(snapshot, hourly)).resolves.toMatchObject({ levels: 'LEDGER' });
    // A number of columns alone is one at most: columns become hours.
    const { columns, levels } = await marketMarginBands(snapshot, window);
    expect(levels).toBe('LEDGER');
    const [first] = columns;
    expect(Date.parse(first!.toTime) - Date.parse(first!.fromTime)).toBe(HOUR * 1000);
  });
});
