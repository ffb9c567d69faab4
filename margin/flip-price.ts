/** Beyond this multiple of the starting price there is no flip worth a number. */
const FARTHEST = 1_000_000n;

/**
 * The integer price at which a liquidation test flips: liquidatable at it, not one unit toward
 * safety. Looks from `start` (the closed form's answer, so usually a step or two away) in growing
 * steps for a price that is judged otherwise, then halves the gap, asking the venue's own test each
 * time. Rounding may let a test flip more than once within a few units: one flip is given.
 *
 * `towardSafety`: 1n where a higher price is safer (a long), −1n where a lower one is.
 * @returns null where the test does not flip between 1 and a million times `start` (or `today`).
 */
export function flipPrice(request: {
  readonly start: bigint;
  readonly today: bigint;
  readonly towardSafety: 1n | -1n;
  isLiquidatable(price: bigint): boolean;
}): bigint | null {
  const { today, towardSafety } = request;
  const farthest = today * FARTHEST;
  const start = between(request.start, 1n, farthest);
  const startsUnsafe = request.isLiquidatable(start);
  const direction = startsUnsafe ? towardSafety : -towardSafety;
  let near = start;
  let far = start;
  for (let step = 1n; ; step *= 4n) {
    const isAtEdge = direction < 0n ? near === 1n : near === farthest;
    if (isAtEdge) return null;
    far = between(near + direction * step, 1n, farthest);
    if (request.isLiquidatable(far) !== startsUnsafe) break;
    near = far;
  }
  let unsafe = startsUnsafe ? near : far;
  let safe = startsUnsafe ? far : near;
  while (unsafe + towardSafety !== safe) {
    const middle = (unsafe + safe) / 2n;
    if (request.isLiquidatable(middle)) unsafe = middle;
    else safe = middle;
  }
  return unsafe;
}

function between(value: bigint, low: bigint, high: bigint): bigint {
  if (value < low) return low;
  return value > high ? high : value;
}
