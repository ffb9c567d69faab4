import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ColumnEnd } from '../../api/queries/heatmap-columns.ts';
import { ledgerLayers, ledgerStretches } from '../../api/queries/liquidation-heatmap-ledger.ts';
import {
  countJudgements,
  ledgerMassAt,
  ledgerReach,
} from '../../api/queries/liquidation-ledger.ts';
import { checkLedger } from '../../api/queries/liquidation-ledger-check.ts';
import type { HeatmapLayer, LedgerCheck } from '../../api/queries/liquidation-map-answers.ts';
import { readMarketTimeline } from '../../api/queries/market-timeline.ts';
import type { Source } from '../../api/queries/source-directory.ts';
import { PriceLattice } from '../../margin/price-lattice.ts';
import { type OpenStore, openEmptyStore } from './crash-store.ts';

type Cause = 'CREATED' | 'MOVED' | 'CLOSED' | 'LIQUIDATED' | 'DRIFT';

interface LedgerRow {
  readonly sign: 1 | -1;
  readonly cause: Cause;
  readonly key: string;
  readonly block: number;
  readonly isLong: boolean;
  /** Without a level: in cell 0 of its own. */
  readonly isPlaced: boolean;
  readonly cell: number;
  /** As liquidation price, weight and size: the tests count in plain integers. */
  readonly price: bigint;
  readonly weight: bigint;
}

/** What a position does at a block: it takes a level of that cell and weight, or none any more. */
interface Step {
  readonly gap: number;
  readonly cell: number;
  readonly weight: number;
  readonly isPlaced: boolean;
  readonly isOwner: boolean;
}

const BLOCKS = 40;
/** Price and size have 30 decimals together: a unit of weight is 1e-30 USD, and no sum is rounded. */
const TOKEN = { address: 'index', symbol: 'X', decimals: 10, priceDecimals: 20 };
const LATTICE = new PriceLattice('BPS_5');
const LAYERS: readonly HeatmapLayer[] = [
  'PROSPECTIVE',
  'CREATED',
  'MOVED_IN',
  'MOVED_OUT',
  'CLOSED',
  'LIQUIDATED',
  'DRIFT',
];

const steps = fc.array(
  fc.record({
    gap: fc.integer({ min: 1, max: 9 }),
    // Around price 1, where cells change their sign.
    cell: fc.integer({ min: -5, max: 4 }),
    weight: fc.integer({ min: 1, max: 1_000_000 }),
    isPlaced: fc.oneof({ weight: 3, arbitrary: fc.constant(true) }, fc.constant(false)),
    isOwner: fc.boolean(),
  }),
  { minLength: 1, maxLength: 5 },
);
const histories = fc.array(
  fc.record({
    steps,
    isLong: fc.boolean(),
    end: fc.constantFrom<Cause | null>('CLOSED', 'LIQUIDATED', null),
  }),
  {
    minLength: 1,
    maxLength: 8,
  },
);

/** The rows that an indexer writes of a position's history. */
function rowsOf(
  history: { steps: readonly Step[]; isLong: boolean; end: Cause | null },
  at: number,
): LedgerRow[] {
  const rows: LedgerRow[] = [];
  let block = 0;
  let last: LedgerRow | null = null;
  const take = (cause: Cause): void => {
    if (last) rows.push({ ...last, sign: -1, cause, block });
    last = null;
  };
  for (const step of history.steps) {
    block += step.gap;
    const cause: Cause = last ? (step.isOwner ? 'MOVED' : 'DRIFT') : 'CREATED';
    take(cause);
    const { isPlaced } = step;
    const price = isPlaced ? LATTICE.edge(step.cell) / 10n ** 10n + 1n : 0n;
    const cell = LATTICE.cellOf(price * 10n ** 10n) ?? 0;
    last = {
      sign: 1,
      cause,
      key: `p${at}`,
      block,
      isLong: history.isLong,
      isPlaced,
      cell,
      price,
      weight: BigInt(step.weight),
    };
    rows.push(last);
  }
  block += 3;
  if (history.end) take(history.end);
  return rows;
}

const standsAt = (rows: readonly LedgerRow[], block: number) => {
  const newest = new Map<string, LedgerRow>();
  for (const row of rows) if (row.block <= block) newest.set(row.key, row);
  return [...newest.values()].filter(({ sign }) => sign === 1);
};

/** Residual by its definition: walk every step and cell, in plain loops. */
function twinResidual(rows: readonly LedgerRow[], ends: readonly number[], width: number) {
  const signs: Readonly<Record<Cause, readonly number[]>> = {
    CREATED: [1],
    MOVED: [1, -1],
    DRIFT: [1, -1],
    CLOSED: [-1],
    LIQUIDATED: [-1],
  };
  const sorted = [...rows].sort((a, b) => a.block - b.block || a.sign - b.sign);
  const sides = rows.map(
    ({ isPlaced, isLong, cell }) => `${isPlaced}:${isLong}:${Math.floor(cell / width)}`,
  );
  let worst = 0n;
  let count = 0;
  ends.forEach((end, at) => {
    const start = at === 0 ? -1 : (ends[at - 1] ?? -1);
    for (const side of new Set(sides)) {
      const own = (row: LedgerRow) =>
        `${row.isPlaced}:${row.isLong}:${Math.floor(row.cell / width)}` === side;
      const sum = (block: number): readonly [bigint, number] => {
        const standing = standsAt(sorted, block).filter(own);
        return [standing.reduce((total, { weight }) => total + weight, 0n), standing.length];
      };
      const [after, before] = [sum(end), sum(start)];
      const layered = sorted.filter(
        (row) =>
          own(row) && row.block > start && row.block <= end && signs[row.cause].includes(row.sign),
      );
      const value = layered.reduce((s, r) => s + BigInt(r.sign) * r.weight, 0n);
      const times = layered.reduce((s, r) => s + r.sign, 0);
      const off = after[0] - before[0] - value;
      worst = off > worst ? off : -off > worst ? -off : worst;
      count = Math.max(count, Math.abs(after[1] - before[1] - times));
    }
  });
  return { worst, count };
}

const textOf = (value: bigint) =>
  value === 0n ? '0' : `0.${value.toString().padStart(30, '0')}`.replace(/0+$/, '');

describe('the books of drawn ledgers', () => {
  let store: OpenStore;
  let markets = 0;
  beforeAll(async () => {
    store = await openEmptyStore();
  });
  afterAll(async () => {
    await store?.close();
  });

  /** Writes rows as those of a market of their own. */
  async function writeMarket(rows: readonly LedgerRow[]): Promise<string> {
    markets += 1;
    const market = `m${markets}`;
    const values = rows.map(
      (row) =>
        `(${row.sign}, '${row.cause}', '${row.isPlaced ? 'LEVEL' : 'NONE'}', '${row.key}', '${market}', ${row.isLong}, ${row.cell}, ${row.price}, ${row.isPlaced ? row.weight : 0}, ${row.weight}, 1, ${row.block}, 'gmx-v2', 1)`,
    );
    if (values.length > 0) {
      await store.database.command(`INSERT INTO liquidation_levels (sign, cause, placement, position_key, market, is_long,
        cell, liquidation_price, level_notional, notional_usd, collateral_usd, block_number, venue, chain_id) VALUES ${values.join(', ')}`);
    }
    return market;
  }

  function scopeOf(market: string) {
    const ref = { source: { chainId: 1 } as Source, venue: 'gmx-v2', market };
    return { ref, filter: {}, measure: 'NOTIONAL_AT_LIQUIDATION', toBlock: BLOCKS } as const;
  }

  async function check(rows: readonly LedgerRow[], ends: readonly number[]): Promise<LedgerCheck> {
    const scope = scopeOf(await writeMarket(rows));
    const stretches = ledgerStretches(columnsOf(ends.slice(1)), ends[0] ?? null);
    return checkLedger(store.database, {
      scope,
      stretches,
      cellWidth: 'BPS_10',
      indexToken: TOKEN,
    });
  }

  const columnsOf = (ends: readonly number[]): ColumnEnd[] =>
    ends.map((block, column) => ({
      column,
      fromTime: 0,
      toTime: 1,
      block: { block, timestamp: block },
    }));

  const ends = fc
    .uniqueArray(fc.integer({ min: 0, max: BLOCKS }), { minLength: 3, maxLength: 6 })
    .map((blocks) => blocks.sort((a, b) => a - b));

  it('stand, change and balance as a walk over every position says', async () => {
    await fc.assert(
      fc.asyncProperty(histories, ends, async (drawn, blocks) => {
        const rows = drawn.flatMap(rowsOf);
        const scope = scopeOf(await writeMarket(rows));
        const [opening = 0, ...columns] = blocks;
        const timeline = await readMarketTimeline(store.database, {
          ...scope.ref,
          blocks: [BLOCKS],
        });
        const layers = await ledgerLayers(store.database, {
          scope,
          ends: columnsOf(columns),
          openingBlock: opening,
          cellWidth: 'BPS_10',
          layers: LAYERS,
          indexToken: TOKEN,
          timeline,
        });
        const is = layers.cells.map(({ layer, column, side, k, valueUsd, count }) =>
          [layer, column, side, k, valueUsd, count].join(' '),
        );
        const twin: string[] = [];
        const put = (layer: string, column: number, of: readonly LedgerRow[], signed: boolean) => {
          const cells = new Map<string, [bigint, number]>();
          for (const row of of) {
            if (!row.isPlaced) continue;
            const key = `${row.isLong ? 'LONG' : 'SHORT'} ${Math.floor(row.cell / 2)}`;
            const [value, count] = cells.get(key) ?? [0n, 0];
            const sign = signed ? row.sign : 1;
            cells.set(key, [value + BigInt(sign) * row.weight, count + sign]);
          }
          for (const [key, [value, count]] of cells) {
            if (value === 0n && count === 0) continue;
            const text = value < 0n ? `-${textOf(-value)}` : textOf(value);
            twin.push(`${layer} ${column} ${key} ${text} ${count}`);
          }
        };
        columns.forEach((end, column) => {
          const start = column === 0 ? opening : (columns[column - 1] ?? 0);
          const within = rows.filter(({ block }) => block > start && block <= end);
          const by = (cause: Cause, sign: number) =>
            within.filter((row) => row.cause === cause && row.sign === sign);
          put('PROSPECTIVE', column, standsAt(rows, end), false);
          put('CREATED', column, by('CREATED', 1), false);
          put('MOVED_IN', column, by('MOVED', 1), false);
          put('MOVED_OUT', column, by('MOVED', -1), false);
          put('CLOSED', column, by('CLOSED', -1), false);
          put('LIQUIDATED', column, by('LIQUIDATED', -1), false);
          put(
            'DRIFT',
            column,
            within.filter(({ cause }) => cause === 'DRIFT'),
            true,
          );
        });
        expect(is.sort()).toEqual(twin.sort());
        const unplaced = columns.map((end) => {
          const of = standsAt(rows, end).filter(({ isPlaced }) => !isPlaced);
          return { valueUsd: of.reduce((sum, { weight }) => sum + weight, 0n), count: of.length };
        });
        expect(layers.unplaced).toEqual(unplaced);
        const judged = columns.reduce((sum, end) => sum + standsAt(rows, end).length, 0);
        expect(
          await countJudgements(
            store.database,
            { ...scope, toBlock: columns.at(-1) ?? 0 },
            columns,
          ),
        ).toBe(judged);
        const stretches = ledgerStretches(columnsOf(columns), opening);
        const books = await checkLedger(store.database, {
          scope,
          stretches,
          cellWidth: 'BPS_10',
          indexToken: TOKEN,
        });
        expect(books).toMatchObject({ residualUsd: '0', residualCount: 0 });
      }),
      { numRuns: 15 },
    );
  });

  it('no longer balance when one row is lost, doubled or changed', async () => {
    const change = fc.constantFrom('lost', 'doubled', 'cell', 'weight', 'cause');
    await fc.assert(
      fc.asyncProperty(histories, ends, fc.nat(), change, async (drawn, blocks, pick, how) => {
        const all = drawn.flatMap(rowsOf);
        const last = blocks.at(-1) ?? 0;
        // A row of sign -1 within the window: what it takes back is known from the row before. Lost as the
        // last of its position, it would leave the books of a position that stays: another check.
        const taken = all.filter(
          (one) =>
            one.sign === -1 &&
            one.block <= last &&
            (how !== 'cell' || one.isPlaced) &&
            (how !== 'lost' ||
              all.some(
                (later) => later.key === one.key && later.sign === 1 && later.block === one.block,
              )),
        );
        const row = taken[pick % Math.max(1, taken.length)];
        fc.pre(row !== undefined);
        if (!row) return;
        const rest = all.filter((one) => one !== row);
        const changed =
          {
            lost: rest,
            doubled: [...all, row],
            cell: [...rest, { ...row, cell: row.cell + 7 }],
            weight: [...rest, { ...row, weight: row.weight + 1n }],
            cause: [...rest, { ...row, cause: 'CREATED' as const }],
          }[how] ?? [];
        const { residualUsd, residualCount } = await check(changed, blocks);
        const twin = twinResidual(changed, blocks, 2);
        expect(twin.worst).toBeGreaterThan(0n);
        expect({ residualUsd, residualCount }).toEqual({
          residualUsd: textOf(twin.worst),
          residualCount: twin.count,
        });
      }),
      { numRuns: 20 },
    );
  });

  it('reach by exact levels, also in the cell that a price cuts', async () => {
    await fc.assert(
      fc.asyncProperty(histories, async (drawn) => {
        const rows = drawn.flatMap(rowsOf);
        const scope = scopeOf(await writeMarket(rows));
        const standing = standsAt(rows, BLOCKS);
        const { cells } = await ledgerMassAt(store.database, scope, TOKEN);
        const limits = rows
          .slice(0, 8)
          .flatMap(({ price }) =>
            (['LONG', 'SHORT'] as const).flatMap((side) =>
              [-1n, 0n, 1n].map((off) => ({ side, limit: price + off })),
            ),
          );
        const masses = await ledgerReach(store.database, scope, { cells, token: TOKEN, limits });
        const twin = limits.map(({ side, limit }) => {
          const hit = standing.filter(
            (row) =>
              row.isPlaced &&
              row.isLong === (side === 'LONG') &&
              (row.isLong ? row.price >= limit : row.price <= limit),
          );
          return { valueUsd: hit.reduce((sum, { weight }) => sum + weight, 0n), count: hit.length };
        });
        expect(masses).toEqual(twin);
      }),
      { numRuns: 10 },
    );
  });

  it('say so when the last row of an open position is lost, which the books alone cannot', async () => {
    await store.database.command(`INSERT INTO position_states (position_key, life, status, market, block_number, venue, chain_id)
      VALUES ('p0', 1, 'OPEN', 'm${markets + 1}', 3, 'gmx-v2', 1)`);
    const books = await check([], [1, 10]);
    expect(books).toEqual({
      residualUsd: '0',
      residualCount: 0,
      cellsChecked: 0,
      positionsApart: 1,
    });
  });
});
