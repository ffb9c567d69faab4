import { formatFixed, ONE_E30, USD_DECIMALS } from '../schema/units.ts';

/** Width of a cell; the base cell is 5 bps. */
export type CellWidth = 'BPS_5' | 'BPS_10' | 'BPS_25' | 'BPS_50' | 'BPS_100';

/**
 * The fixed log lattice of liquidation maps: base edge k is 1.0005^k USD per whole token, cut to 12
 * significant digits. It depends on nothing but k, so columns of different days line up, snapshots
 * can be subtracted, and a coarse cell is an exact sum of fine ones (its edges are base edges).
 */
const RATIO_NUMERATOR = 10_005n;
const RATIO_DENOMINATOR = 10_000n;
const SIGNIFICANT_DIGITS = 12;
/** Digits carried between edges, so that the cut never adds up. */
const GUARD = 10n ** 30n;
const LOG_RATIO = Math.log(1.0005);
/** Prices from about 1e-13 to 1e13 USD. */
const MAX_K = 60_000;

/** Base cells in a cell of each width. */
export const BASE_CELLS: Readonly<Record<CellWidth, number>> = {
  BPS_5: 1,
  BPS_10: 2,
  BPS_25: 5,
  BPS_50: 10,
  BPS_100: 20,
};

const upward: bigint[] = [ONE_E30 * GUARD];
const downward: bigint[] = [ONE_E30 * GUARD];

/** Base edge k, USD 1e30 per whole token. @throws RangeError beyond ±60,000. */
function baseEdge(k: number): bigint {
  if (!Number.isInteger(k) || Math.abs(k) > MAX_K) throw new RangeError(`no lattice edge: ${k}`);
  const edges = k >= 0 ? upward : downward;
  for (let next = edges.length; next <= Math.abs(k); next += 1) {
    const last = edges[next - 1] ?? 0n;
    edges.push(
      k >= 0
        ? (last * RATIO_NUMERATOR) / RATIO_DENOMINATOR
        : (last * RATIO_DENOMINATOR) / RATIO_NUMERATOR,
    );
  }
  return cutDigits((edges[Math.abs(k)] ?? 0n) / GUARD);
}

function cutDigits(value: bigint): bigint {
  const surplus = value.toString().length - SIGNIFICANT_DIGITS;
  if (surplus <= 0) return value;
  const unit = 10n ** BigInt(surplus);
  return (value / unit) * unit;
}

/** The cells of one width. */
export class PriceLattice {
  readonly #cells: number;

  constructor(width: CellWidth) {
    this.#cells = BASE_CELLS[width];
  }

  /** Lower edge of cell k, USD 1e30 per whole token. */
  edge(k: number): bigint {
    return baseEdge(k * this.#cells);
  }

  edgeText(k: number): string {
    return formatFixed(this.edge(k), USD_DECIMALS);
  }

  /**
   * The cell whose [lower, upper) holds the price (USD 1e30 per whole token, above 0); null outside
   * the lattice. A logarithm only proposes the cell: exact comparison decides.
   */
  cellOf(price: bigint): number | null {
    if (price <= 0n) return null;
    const guess = Math.floor(logOf(price) / (LOG_RATIO * this.#cells));
    if (Math.abs(guess) * this.#cells > MAX_K - 2 * this.#cells) return null;
    let k = guess;
    while (this.edge(k) > price) k -= 1;
    while (this.edge(k + 1) <= price) k += 1;
    return k;
  }
}

/** Natural logarithm of a 1e30 fixed-point number above 0, good to about 1e-15. */
function logOf(price: bigint): number {
  const digits = price.toString();
  const kept = digits.slice(0, 17);
  return Math.log(Number(kept)) + (digits.length - kept.length - USD_DECIMALS) * Math.LN10;
}
