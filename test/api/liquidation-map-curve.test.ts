import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApi } from '../../api/graphql-handler.ts';
import { liquidationMap } from '../../api/queries/liquidation-map.ts';
import { coarsen, gammaOf, movesOf } from '../../api/queries/liquidation-map-curve.ts';
import { type MarketRef, parseMarketId } from '../../api/queries/market-ref.ts';
import { openSnapshot, type Snapshot } from '../../api/queries/source-directory.ts';
import { BASE_CELLS, PriceLattice } from '../../margin/price-lattice.ts';
import { UsageError } from '../../schema/errors.ts';
import { ONE_E30, parseFixed } from '../../schema/units.ts';
import { askOf, dataOf, keepingLogger, type OpenStore, openCrashStore } from './crash-store.ts';

const usd = (text: string): bigint => parseFixed(text, 30);
const PERCENTS = [-95, -20, -7.25, -1, -0.000001, 0.5, 3, 12.5, 400];

interface Judged {
  readonly side: 'LONG' | 'SHORT';
  readonly marginAt: {
    readonly liquidationPrice: string | null;
    readonly notionalUsd: string;
  } | null;
}

describe('what goes when the price moves', () => {
  let store: OpenStore;
  let snapshot: Snapshot;
  let market: MarketRef;
  let ask: ReturnType<typeof askOf>;
  beforeAll(async () => {
    store = await openCrashStore();
    snapshot = await openSnapshot(store.database);
    const [eth] = [...(snapshot.sources[0]?.listedMarkets.values() ?? [])].filter(
      ({ symbol }) => symbol === 'ETH',
    );
    market = parseMarketId(snapshot, `42161:gmx-v2:${eth!.address}`);
    ask = askOf(createApi({ database: store.database, logger: keepingLogger() }));
  });
  afterAll(async () => {
    await store?.close();
  });

  /** Levels of the open positions, each judged by the field of one position. */
  async function levelsAt(block: number): Promise<Judged[]> {
    const { positions } = await dataOf(
      ask<{ positions: { nodes: Judged[] } }>(
        `query ($market: ID!, $block: Int!) { positions(chainId: 42161, first: 60, atBlock: $block,
          where: { market: $market, status: OPEN }) { nodes { side marginAt { liquidationPrice notionalUsd } } } }`,
        { market: `42161:gmx-v2:${market.market}`, block },
      ),
    );
    return positions.nodes;
  }

  it('is every position whose own level the moved price reaches', async () => {
    for (const atBlock of [1_500, 2_700, 3_651]) {
      const map = await liquidationMap(snapshot, {
        market,
        atBlock,
        priceMoves: PERCENTS,
        measure: 'COUNT',
      });
      const levels = await levelsAt(atBlock);
      const placed = map.cells.reduce((sum, { count }) => sum + count, map.unplaced.count);
      expect(levels).toHaveLength(placed);
      const price = usd(map.priceUsd);
      expect(map.liquidatedIfPriceMoves.map(({ movePercent }) => movePercent)).toEqual(PERCENTS);
      for (const move of map.liquidatedIfPriceMoves) {
        // p × (1 + x ÷ 100) held against p*, both times 1e8.
        const moved = price * BigInt(Math.round(1e8 + move.movePercent * 1e6));
        const gone = levels.filter(({ side, marginAt }) => {
          if (!marginAt?.liquidationPrice || side !== (move.movePercent < 0 ? 'LONG' : 'SHORT'))
            return false;
          const level = usd(marginAt.liquidationPrice) * 10n ** 8n;
          return side === 'LONG' ? level >= moved : level <= moved;
        });
        expect([move.movePercent, move.count]).toEqual([move.movePercent, gone.length]);
      }
      const [most] = map.liquidatedIfPriceMoves;
      expect(most?.count).toBeGreaterThan(0);
    }
  });

  it('grows with the move', async () => {
    const map = await liquidationMap(snapshot, {
      market,
      atBlock: 2_700,
      priceMoves: [-50, -30, -10, -5, -1],
    });
    const values = map.liquidatedIfPriceMoves.map(({ valueUsd }) => usd(valueUsd));
    expect(values).toEqual([...values].sort((a, b) => (a > b ? -1 : 1)));
    expect(new Set(values).size).toBeGreaterThan(2);
  });

  it('meets the cumulative curve at the edges of cells', async () => {
    const map = await liquidationMap(snapshot, {
      market,
      atBlock: 2_700,
      cells: 'BPS_5',
      priceMoves: [-90, 900],
    });
    const last = (side: string) => map.cumulative.filter((point) => point.side === side).at(-1);
    const [down, up] = map.liquidatedIfPriceMoves;
    expect(last('LONG')!.movePercent).toBeGreaterThan(-90);
    expect(last('SHORT')!.movePercent).toBeLessThan(900);
    expect(down).toMatchObject({ valueUsd: last('LONG')?.valueUsd, count: last('LONG')?.count });
    expect(up).toMatchObject({ valueUsd: last('SHORT')?.valueUsd, count: last('SHORT')?.count });
  });

  it.each([[0], [-100], [1_000.5], [0.0000001], [Number.NaN]])(
    'refuses a move of %d %%',
    (percent) => {
      expect(() => movesOf([percent], { price: 1n, priceUsd: 1n })).toThrow(UsageError);
    },
  );
});

describe('market liquidation gamma', () => {
  const lattice = new PriceLattice('BPS_5');

  it('is the mass of one percent of price where mass lies evenly', () => {
    // 1,000 USD in each cell of longs: 20.0… cells, of 1.0005^-1 the width each, are one percent.
    const own = lattice.cellOf(2_000n * ONE_E30) ?? 0;
    const cells = new Map(
      Array.from({ length: 200 }, (_, at) => [
        `LONG:${own - 100 + at}`,
        { valueUsd: 1_000n * ONE_E30, count: 1 },
      ]),
    );
    const [long, short] = gammaOf(cells, {
      price: lattice.edge(own + 1) - 1n,
      toUsd: (value) => value,
    });
    expect(Number(long?.perPercentUsd)).toBeCloseTo(20_000 * (0.01 / (1 - 1.0005 ** -20)), 3);
    expect(long?.count).toBe(20);
    expect(short).toMatchObject({ perPercentUsd: '0', count: 0 });
  });

  it('counts the 20 cells from the price on, each side its own way', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(
            fc.constantFrom('LONG', 'SHORT'),
            fc.integer({ min: -30, max: 30 }),
            fc.nat(1_000),
          ),
        ),
        (drawn) => {
          const own = 15_000;
          const cells = new Map(
            drawn.map(([side, k, value]) => [
              `${side}:${own + k}`,
              { valueUsd: BigInt(value), count: 1 },
            ]),
          );
          const gamma = gammaOf(cells, {
            price: lattice.edge(own),
            toUsd: (value) => value * ONE_E30,
          });
          for (const {
            side,
            count,
            valueUsd,
            lowerPriceUsd,
            upperPriceUsd,
            perPercentUsd,
          } of gamma) {
            const within = [...cells].filter(([key]) => {
              const [of, k = '0'] = key.split(':');
              const away = side === 'LONG' ? own - Number(k) : Number(k) - own;
              return of === side && away >= 0 && away < 20;
            });
            const mass = within.reduce((sum, [, one]) => sum + one.valueUsd, 0n) * ONE_E30;
            expect([count, usd(valueUsd)]).toEqual([within.length, mass]);
            const width = usd(upperPriceUsd) - usd(lowerPriceUsd);
            expect(usd(perPercentUsd)).toBe((mass * lattice.edge(own)) / (100n * width));
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  it('leaves no mass out and puts none in twice when cells are merged, below price 1 too', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: -500, max: 500 }), { minLength: 1 }),
        fc.constantFrom(
          'BPS_10' as const,
          'BPS_25' as const,
          'BPS_50' as const,
          'BPS_100' as const,
        ),
        (ks, width) => {
          const cells = new Map(
            ks.map((k) => [`SHORT:${k}`, { valueUsd: BigInt(k + 501), count: 1 }]),
          );
          const coarse = new PriceLattice(width);
          for (const cell of coarsen(cells, width)) {
            const parts = ks.filter((k) => {
              const price = lattice.edge(k);
              return coarse.edge(cell.k) <= price && price < coarse.edge(cell.k + 1);
            });
            expect(cell.count).toBe(parts.length);
            expect(cell.valueUsd).toBe(parts.reduce((sum, k) => sum + BigInt(k + 501), 0n));
            expect(cell.k).toBe(Math.floor((parts[0] ?? 0) / BASE_CELLS[width]));
          }
        },
      ),
      { numRuns: 50 },
    );
  });
});
