import { BASE_CELLS, type CellWidth, PriceLattice } from '../../margin/price-lattice.ts';
import { UsageError } from '../../schema/errors.ts';
import { toNumber, USD_DECIMALS } from '../../schema/units.ts';
import { MAX_PRICE_MOVES } from '../limits.ts';
import type { Side } from './answers.ts';
import type { ReachLimit } from './liquidation-ledger.ts';
import type { CumulativePoint, LiquidationGamma } from './liquidation-map-answers.ts';
import { cellMass, type Mass, parseCellKey } from './liquidation-mass.ts';
import { usdText } from './margin-point.ts';

/** Base cells of the window that the gamma is measured over: 1.0005^20 is 1.005 % of price. */
const GAMMA_CELLS = 20;
/** Moves are whole millionths of a percent. */
const MOVE_UNIT = 1_000_000;
const PER_WHOLE = 100n * BigInt(MOVE_UNIT);
/** Prices may rise eleven-fold; they cannot fall by all. */
const MOST_PERCENT = 1_000;

export interface PlacedMass extends Mass {
  readonly side: Side;
  readonly k: number;
}

/** Masses of base cells summed into cells of a width, by k, LONG before SHORT. */
export function coarsen(base: ReadonlyMap<string, Mass>, width: CellWidth): PlacedMass[] {
  const cells = new Map<string, Mass>();
  for (const [key, { valueUsd, count }] of base) {
    const { side, k } = parseCellKey(key);
    const mass = cellMass(cells, `${side}:${Math.floor(k / BASE_CELLS[width])}`);
    mass.valueUsd += valueUsd;
    mass.count += count;
  }
  return [...cells]
    .map(([key, mass]) => ({ ...mass, ...parseCellKey(key) }))
    .sort((a, b) => a.k - b.k || (a.side < b.side ? -1 : 1));
}

/** Masses are summed in units of their source and become USD 1e30 once. */
export type ToUsd = (value: bigint) => bigint;

interface CurveContext {
  readonly lattice: PriceLattice;
  /** USD 1e30. */
  readonly price: bigint;
  readonly toUsd: ToUsd;
}

/**
 * Λ(P): mass from the price in force outward. Longs fall with the price (their cells' lower edges),
 * shorts rise with it (upper edges). Levels the price has already passed count from the first point.
 */
export function cumulate(
  cells: readonly PlacedMass[],
  side: Side,
  { lattice, price, toUsd }: CurveContext,
): CumulativePoint[] {
  const own = cells.filter((cell) => cell.side === side);
  const outward = side === 'LONG' ? own.toReversed() : own;
  let valueUsd = 0n;
  let count = 0;
  return outward.map((cell) => {
    valueUsd += cell.valueUsd;
    count += cell.count;
    const edge = lattice.edge(side === 'LONG' ? cell.k : cell.k + 1);
    return {
      priceUsd: usdText(edge),
      movePercent: toNumber(((edge - price) * 10n ** 30n) / price, USD_DECIMALS) * 100,
      side,
      valueUsd: usdText(toUsd(valueUsd)),
      count,
    };
  });
}

export interface AskedMove extends ReachLimit {
  readonly percent: number;
  /** USD 1e30, truncated. */
  readonly price: bigint;
}

/**
 * Prices that moves in percent lead to, each with the side that it reaches: a long is reached when its
 * level is at or above the moved price, exactly; a short at or below.
 * @param price Middle price with the decimals of the index feed; `priceUsd` the same in USD 1e30.
 * @throws UsageError on a move of nothing, of −100 % or below, above 1,000 %, finer than a millionth
 * of a percent, or on too many.
 */
export function movesOf(
  percents: readonly number[],
  { price, priceUsd }: { readonly price: bigint; readonly priceUsd: bigint },
): AskedMove[] {
  if (percents.length > MAX_PRICE_MOVES) {
    throw new UsageError('Those are too many price moves.', {
      facts: { priceMoves: percents.length, most: MAX_PRICE_MOVES },
    });
  }
  return percents.map((percent) => {
    const units = Math.round(percent * MOVE_UNIT);
    const isPossible = percent > -100 && percent <= MOST_PERCENT && units !== 0;
    // The nearest double of a decimal with six digits comes back from its own rounding.
    if (!isPossible || units / MOVE_UNIT !== percent) {
      throw new UsageError('That is no price move in percent.', {
        facts: { priceMove: percent },
        remedy: `Give percents above -100 and up to ${MOST_PERCENT}, not 0, with at most 6 decimals.`,
      });
    }
    const scaled = PER_WHOLE + BigInt(units);
    const isFall = units < 0;
    const product = price * scaled;
    return {
      percent,
      side: isFall ? 'LONG' : 'SHORT',
      limit: isFall ? (product + PER_WHOLE - 1n) / PER_WHOLE : product / PER_WHOLE,
      price: (priceUsd * scaled) / PER_WHOLE,
    };
  });
}

/**
 * dΛ/dP × 1 % of the price: for each side the mass in the window of 20 base cells that begins with the
 * price's own and goes the way that reaches the side, × price ÷ (100 × width of the window).
 */
export function gammaOf(
  base: ReadonlyMap<string, Mass>,
  { price, toUsd }: Omit<CurveContext, 'lattice'>,
): LiquidationGamma[] {
  const lattice = new PriceLattice('BPS_5');
  const own = lattice.cellOf(price);
  if (own === null) return [];
  return (['LONG', 'SHORT'] as const).map((side) => {
    const first = side === 'LONG' ? own - GAMMA_CELLS + 1 : own;
    let value = 0n;
    let count = 0;
    for (let k = first; k < first + GAMMA_CELLS; k += 1) {
      const mass = base.get(`${side}:${k}`);
      value += mass?.valueUsd ?? 0n;
      count += mass?.count ?? 0;
    }
    const valueUsd = toUsd(value);
    const lower = lattice.edge(first);
    const upper = lattice.edge(first + GAMMA_CELLS);
    return {
      side,
      perPercentUsd: usdText((valueUsd * price) / (100n * (upper - lower))),
      lowerPriceUsd: usdText(lower),
      upperPriceUsd: usdText(upper),
      valueUsd: usdText(valueUsd),
      count,
    };
  });
}
