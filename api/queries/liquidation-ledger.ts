import { z } from 'zod';
import { PriceLattice } from '../../margin/price-lattice.ts';
import { ONE_E30, pricePerWhole, rescale, USD_DECIMALS } from '../../schema/units.ts';
import type { Side } from './answers.ts';
import type { MassMeasure } from './liquidation-map-answers.ts';
import { filterParameters, type MassFilter } from './liquidation-map-filter.ts';
import type { Mass } from './liquidation-mass.ts';
import type { IndexToken, MarketRef } from './market-ref.ts';
import { count, flag, integer, loadQuery, type Reader, text } from './stored-query.ts';

const mapQuery = loadQuery(
  'liquidation-ledger-map',
  z.object({
    placed: text,
    is_long: flag,
    cell: count,
    value: integer,
    positions: count,
  }),
);

const reachQuery = loadQuery(
  'liquidation-ledger-reach',
  z.object({ n: count, value: integer, positions: count }),
);

const countQuery = loadQuery(
  'liquidation-ledger-count',
  z.object({ start: count, positions: count }),
);

/** The rows of the ledger that an answer rests on. */
export interface LedgerScope {
  readonly ref: MarketRef;
  readonly filter: MassFilter;
  readonly measure: MassMeasure;
  /** Rows above it do not count. */
  readonly toBlock: number;
}

/** Placeholders that the statements over the ledger share. */
export function ledgerParameters({ ref, filter, measure, toBlock }: LedgerScope) {
  return {
    chainId: ref.source.chainId,
    venue: ref.venue,
    market: ref.market,
    toBlock,
    measure,
    ...filterParameters(filter),
  };
}

/** Decimals of the sums over rows of a placement; scaled to USD once, after summing. */
export function ledgerDecimals(
  { measure }: Pick<LedgerScope, 'measure'>,
  { decimals, priceDecimals }: IndexToken,
  placement: string,
): number {
  return placement === 'LEVEL' && measure !== 'COLLATERAL'
    ? decimals + priceDecimals
    : USD_DECIMALS;
}

/** A sum over the ledger in USD 1e30; exact where its decimals are at most 30, else truncated. */
export function ledgerUsd(
  scope: Pick<LedgerScope, 'measure'>,
  token: IndexToken,
  placement: string,
  value: bigint,
): bigint {
  return rescale(value, ledgerDecimals(scope, token, placement), USD_DECIMALS);
}

/** What stands at a block by the ledger. */
export interface LedgerMass {
  /** `side:k` of base cells → mass, in the ledger's own units (`ledgerUsd`). */
  readonly cells: ReadonlyMap<string, Mass>;
  /** USD 1e30. */
  readonly unplaced: Mass;
  /** Positions whose level is not known. */
  readonly unknown: number;
}

export async function ledgerMassAt(
  reader: Reader,
  scope: LedgerScope,
  token: IndexToken,
): Promise<LedgerMass> {
  const rows = await mapQuery.run(reader, ledgerParameters(scope));
  const cells = new Map<string, Mass>();
  const unplaced: Mass = { valueUsd: 0n, count: 0 };
  let unknown = 0;
  for (const { placed, is_long, cell, value, positions } of rows) {
    if (placed === 'LEVEL') {
      cells.set(`${is_long ? 'LONG' : 'SHORT'}:${cell}`, { valueUsd: value, count: positions });
    } else if (placed === 'NONE') {
      unplaced.valueUsd += ledgerUsd(scope, token, placed, value);
      unplaced.count += positions;
    } else {
      unknown += positions;
    }
  }
  return { cells, unplaced, unknown };
}

/** A price that levels are held against: longs fall at or above it, shorts at or below. */
export interface ReachLimit {
  readonly side: Side;
  /** With the decimals of the index feed. */
  readonly limit: bigint;
}

/**
 * What each price reaches of the levels that stand, in the ledger's own units: whole cells from their
 * sums, the cell that the price cuts from its rows.
 */
export async function ledgerReach(
  reader: Reader,
  scope: LedgerScope,
  {
    cells,
    token,
    limits,
  }: {
    readonly cells: ReadonlyMap<string, Mass>;
    readonly token: IndexToken;
    readonly limits: readonly ReachLimit[];
  },
): Promise<Mass[]> {
  const lattice = new PriceLattice('BPS_5');
  const cuts = limits.map(({ side, limit }) => ({
    side,
    limit,
    k: lattice.cellOf(pricePerWhole(limit, token.priceDecimals)),
  }));
  const masses = cuts.map(({ side, limit, k }) => {
    // Outside the lattice a price is below every cell, or above.
    const outside = pricePerWhole(limit, token.priceDecimals) < ONE_E30 ? -Infinity : Infinity;
    return reachedCells(cells, side, k ?? outside);
  });
  const within = cuts.flatMap((cut, index) =>
    cut.k === null ? [] : [{ ...cut, k: cut.k, index }],
  );
  if (within.length === 0) return masses;
  const rows = await reachQuery.run(reader, {
    ...ledgerParameters(scope),
    cells: within.map(({ k }) => k),
    longs: within.map(({ side }) => (side === 'LONG' ? 1 : 0)),
    limits: within.map(({ limit }) => limit),
  });
  for (const { n, value, positions } of rows) {
    const mass = masses[within[n - 1]?.index ?? -1];
    if (!mass) continue;
    mass.valueUsd += value;
    mass.count += positions;
  }
  return masses;
}

/** Cells wholly beyond the one that a price cuts. */
function reachedCells(cells: ReadonlyMap<string, Mass>, side: Side, cut: number): Mass {
  const sum: Mass = { valueUsd: 0n, count: 0 };
  for (const [key, mass] of cells) {
    const [of, k] = key.split(':');
    if (of !== side) continue;
    if (side === 'LONG' ? Number(k) <= cut : Number(k) >= cut) continue;
    sum.valueUsd += mass.valueUsd;
    sum.count += mass.count;
  }
  return sum;
}

/** Judgements that maps at the ends of these stretches would cost together, by the ledger's own count. */
export async function countJudgements(
  reader: Reader,
  scope: LedgerScope,
  ends: readonly number[],
): Promise<number> {
  const stretches = stretchesOf(ends);
  if (stretches.length === 0) return 0;
  const rows = await countQuery.run(reader, {
    ...ledgerParameters(scope),
    starts: stretches.map(({ start }) => start),
  });
  const came = new Map(rows.map(({ start, positions }) => [start, positions]));
  let open = 0;
  let judgements = 0;
  for (const { start } of stretches) {
    open += came.get(start) ?? 0;
    judgements += open;
  }
  return judgements;
}

/** Blocks in (end before, end]; the first from block 0. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** Stretches between distinct ends, rising. */
export function stretchesOf(ends: readonly number[]): Stretch[] {
  const distinct = [...new Set(ends)].sort((a, b) => a - b);
  return distinct.map((end, at) => ({ start: at === 0 ? 0 : (distinct[at - 1] ?? 0) + 1, end }));
}
