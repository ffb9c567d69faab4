/**
 * P(z > x) for x = 0, 0.1, … 6: how far beyond a level a price is first seen that is looked at every dt, z = overshoot ÷
 * σ√dt. The limit law of a Gaussian random walk, √2 ∫ P(H > t) dt from x on with H its ladder height (E[H] = 1 ÷ √2),
 * from the Wiener–Hopf equation of its ladder heights by Gauss–Legendre quadrature (700 nodes; its mean
 * 0.58259716 is −ζ(½) ÷ √(2π)).
 */
const TAIL = [
  1, 0.8658180343, 0.7455801282, 0.6384547884, 0.5435787615, 0.4600671089, 0.3870238835,
  0.3235530342, 0.2687691571, 0.2218077284, 0.1818344896, 0.1480537074, 0.1197150949, 0.09611925386,
  0.07662156974, 0.06063456571, 0.04762878537, 0.03713232949, 0.02872921451, 0.02205674945,
  0.01680214276, 0.01269855332, 0.009520790409, 0.007080850095, 0.00522345091, 0.00382170363,
  0.002773020059, 0.001995336389, 0.001423699397, 0.001007239665, 0.0007065358582, 0.0004913581772,
  0.0003387674077, 0.0002315380928, 0.0001568699132, 0.0001053496726, 7.012678694e-5,
  4.626724932e-5, 3.025415462e-5, 1.960655878e-5, 1.259235358e-5, 8.014685983e-6, 5.055053423e-6,
  3.159445309e-6, 1.956719711e-6, 1.20078844e-6, 7.301505985e-7, 4.399010066e-7, 2.625929256e-7,
  1.553052403e-7, 9.100267041e-8, 5.282961492e-8, 3.038412854e-8, 1.731224105e-8, 9.772112626e-9,
  5.464421034e-9, 3.027000856e-9, 1.661063091e-9, 9.029375291e-10, 4.862060442e-10, 2.593387597e-10,
] as const;
const STEP = 0.1;
/** What lies beyond is less than 3e−10 of all overshoots. */
const LAST = (TAIL.length - 1) * STEP;
const LOG_TAIL = TAIL.map(Math.log);

/** P(overshoot > x σ√dt), to 5 digits: the logarithm is a parabola through three entries. */
export function overshootTail(x: number): number {
  if (x <= 0) return 1;
  if (x >= LAST) return 0;
  const middle = Math.min(Math.max(1, Math.round(x / STEP)), TAIL.length - 2);
  const [before = 0, at = 0, after = 0] = LOG_TAIL.slice(middle - 1, middle + 2);
  const u = x / STEP - middle;
  return Math.exp(at + (u * (after - before)) / 2 + (u * u * (after - 2 * at + before)) / 2);
}

/** Intervals of Simpson's rule over the part of the law that counts. */
const INTERVALS = 60;

/**
 * E[max(0, exposure × |1 − e^(−s o)| − cushion)], o the overshoot where the logarithm of the price moves by `deviation`
 * = σ√dt between two looks, s = +1 for longs, −1 for shorts (analytics D3). In the unit of exposure and cushion.
 * By parts: ∫ d loss × P(overshoot > o), from where the loss passes the cushion.
 */
export function expectedExcessLoss(terms: {
  readonly isLong: boolean;
  /** USD that the position loses while the price moves by all of itself, at the level. */
  readonly exposure: number;
  /** Equity that is left at the level, after the penalty; below 0 a debt is there already. */
  readonly cushion: number;
  readonly deviation: number;
}): number {
  const { isLong, exposure, cushion, deviation } = terms;
  const owedAtOnce = Math.max(0, -cushion);
  if (deviation <= 0 || exposure <= 0) return owedAtOnce;
  const from = breakEven(isLong, Math.max(0, cushion) / exposure) / deviation;
  if (from >= LAST) return owedAtOnce;
  const sign = isLong ? -1 : 1;
  const rate = (z: number) => Math.exp(sign * deviation * z) * overshootTail(z);
  const step = (LAST - from) / INTERVALS;
  let sum = rate(from) + rate(LAST);
  for (let at = 1; at < INTERVALS; at += 1) sum += rate(from + at * step) * (at % 2 === 1 ? 4 : 2);
  return owedAtOnce + (exposure * deviation * sum * step) / 3;
}

/** Overshoot at which a loss of this share of the exposure is reached; a long cannot lose more than all. */
function breakEven(isLong: boolean, share: number): number {
  if (!isLong) return Math.log1p(share);
  return share >= 1 ? Number.POSITIVE_INFINITY : -Math.log1p(-share);
}
