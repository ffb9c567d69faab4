/** How few do most: 1 ÷ hhi is the number of equal ones that would give the same. */
export interface Concentration {
  /** Σ share²: 1 with one, 1 ÷ n with n equal ones. */
  readonly hhi: number;
  readonly effectiveNumber: number;
  readonly topShare: number;
}

/** Null where there is nothing to share. `weights` are not negative. */
export function concentrationOf(weights: readonly bigint[]): Concentration | null {
  const total = weights.reduce((sum, weight) => sum + weight, 0n);
  if (total <= 0n) return null;
  const shares = weights.map((weight) => Number(weight) / Number(total));
  // Squares are summed exactly: a double sum depends on the order.
  const squares = weights.reduce((sum, weight) => sum + weight * weight, 0n);
  return {
    hhi: ratioOf(squares, total * total),
    effectiveNumber: ratioOf(total * total, squares),
    topShare: Math.max(...shares),
  };
}

/** To 15 digits, of integers beyond what a double holds. */
function ratioOf(value: bigint, divisor: bigint): number {
  const scale = 10n ** 15n;
  return Number((value * scale * 10n + 5n * divisor) / divisor / 10n) / Number(scale);
}
