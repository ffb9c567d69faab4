/** Log price from a second on. */
export interface Tick {
  readonly time: number;
  readonly logPrice: number;
}

export interface LagCorrelation {
  /** Seconds by which the second series is moved back before they are compared. */
  readonly lag: number;
  readonly correlation: number;
}

/**
 * Hayashi–Yoshida correlation of A(t) and B(t − lag): every pair of moves whose time spans overlap counts
 * with its product, so that nothing is interpolated onto a grid. Ticks by time, each second once.
 * @returns null where a series does not move.
 */
export function laggedCorrelation(
  a: readonly Tick[],
  b: readonly Tick[],
  lag: number,
): number | null {
  const scale = Math.sqrt(squaredMoves(a) * squaredMoves(b));
  if (!(scale > 0)) return null;
  let sum = 0;
  let first = 1;
  for (let i = 1; i < a.length; i += 1) {
    const [from, to] = [a[i - 1], a[i]];
    if (!from || !to) continue;
    // Moves of B whose span (b[j − 1], b[j]] + lag overlaps (from, to]: first ≤ j < last.
    while (first < b.length && timeOf(b, first) + lag <= from.time) first += 1;
    let last = first;
    while (last < b.length && timeOf(b, last - 1) + lag < to.time) last += 1;
    if (last > first) {
      sum += (to.logPrice - from.logPrice) * (priceOf(b, last - 1) - priceOf(b, first - 1));
    }
  }
  return sum / scale;
}

/** A tick of a place that is known to be one. */
function timeOf(ticks: readonly Tick[], index: number): number {
  return ticks[index]?.time ?? Number.NaN;
}

function priceOf(ticks: readonly Tick[], index: number): number {
  return ticks[index]?.logPrice ?? Number.NaN;
}

function squaredMoves(ticks: readonly Tick[]): number {
  let sum = 0;
  for (let i = 1; i < ticks.length; i += 1) sum += (priceOf(ticks, i) - priceOf(ticks, i - 1)) ** 2;
  return sum;
}

export interface LeadLag {
  /** By lag. */
  readonly curve: readonly LagCorrelation[];
  /** Lag of the largest |correlation|, the smallest such lag; positive: B leads A. Null without moves. */
  readonly peak: LagCorrelation | null;
  /** Σ correlation² at positive lags ÷ that at negative ones; above 1: B leads. */
  readonly ratio: number | null;
}

/** Contrast over lags from −`maxLag` to `maxLag` by `step` (Hoffmann, Rosenbaum, Yoshida 2013). */
export function leadLag(
  a: readonly Tick[],
  b: readonly Tick[],
  { maxLag, step }: { readonly maxLag: number; readonly step: number },
): LeadLag {
  const curve: LagCorrelation[] = [];
  const steps = Math.floor(maxLag / step);
  for (let k = -steps; k <= steps; k += 1) {
    const correlation = laggedCorrelation(a, b, k * step);
    if (correlation !== null) curve.push({ lag: k * step, correlation });
  }
  const [peak] = [...curve].sort(
    (x, y) =>
      Math.abs(y.correlation) - Math.abs(x.correlation) || Math.abs(x.lag) - Math.abs(y.lag),
  );
  const behind = sumOfSquares(curve.filter(({ lag }) => lag < 0));
  const ahead = sumOfSquares(curve.filter(({ lag }) => lag > 0));
  return { curve, peak: peak ?? null, ratio: behind > 0 ? ahead / behind : null };
}

function sumOfSquares(points: readonly LagCorrelation[]): number {
  return points.reduce((sum, { correlation }) => sum + correlation ** 2, 0);
}
