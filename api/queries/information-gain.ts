/** A trigger price against the map: how much more did the map expect there than a null model? */
export interface GainEvent {
  /** Cell of the trigger price, counted from the cell of the price in force when the map was made. */
  readonly offset: number;
  /** Share of the map's mass of that side in that cell; null where the map was empty. */
  readonly mapShare: number | null;
  /** Events of one cluster are not independent of each other. */
  readonly cluster: number;
}

/** Where events count, and how the map is smoothed. */
export interface GainDomain {
  /** Cells from the price in force, both inclusive: `first` ≤ 0 ≤ `last`. */
  readonly first: number;
  readonly last: number;
  /** Share of the null model in the map's distribution, so that an empty cell does not give −∞. */
  readonly smoothing: number;
}

export interface Gain {
  /** Mean of ln(p_map ÷ p_null), natural units; null without an event. */
  readonly mean: number | null;
  /** 95 % interval of the mean; null below FEWEST_CLUSTERS. */
  readonly low: number | null;
  readonly high: number | null;
}

export interface InformationGain {
  /** Inside the domain. */
  readonly events: number;
  readonly outsideDomain: number;
  /** Of `events`, those whose map was empty: the map is then taken for the null, gain 0. */
  readonly emptyMap: number;
  readonly clusters: number;
  readonly overUniform: Gain;
  readonly overLaplace: Gain;
  /** Scale of the Laplace null in cells, fitted to the same events; null without an event. */
  readonly laplaceScale: number | null;
}

/** The normal interval of a mean over clusters is too narrow on fewer. */
const FEWEST_CLUSTERS = 10;
/** Of the normal distribution, both tails together 5 %. */
const TWO_SIDED = 1.959963984540054;

/**
 * What the map knew of where liquidations were triggered (analytics C6): mean ln(p_map(x) ÷ p_null(x)),
 * p_map = (1 − smoothing) × mass share + smoothing × null, against every cell alike and against a
 * Laplace distribution around the price in force, cut to the domain, with the scale that fits best.
 */
export function informationGain(events: readonly GainEvent[], domain: GainDomain): InformationGain {
  const inside = events.filter(({ offset }) => offset >= domain.first && offset <= domain.last);
  const scale = inside.length === 0 ? null : fitLaplace(inside, domain);
  const uniform = uniformNull(domain);
  const laplace = scale === null ? uniform : laplaceNull(scale, domain);
  return {
    events: inside.length,
    outsideDomain: events.length - inside.length,
    emptyMap: inside.filter(({ mapShare }) => mapShare === null).length,
    clusters: new Set(inside.map(({ cluster }) => cluster)).size,
    overUniform: meanGain(inside, uniform, domain.smoothing),
    overLaplace: meanGain(inside, laplace, domain.smoothing),
    laplaceScale: scale,
  };
}

/** Probability of each cell under a null model. */
export type NullModel = (offset: number) => number;

export function uniformNull({ first, last }: GainDomain): NullModel {
  const share = 1 / (last - first + 1);
  return () => share;
}

/** The density e^(−|u| ÷ scale) over each cell, u in cells from the middle of cell 0, over the domain. */
export function laplaceNull(scale: number, { first, last }: GainDomain): NullModel {
  const whole = laplaceMass(first - 0.5, last + 0.5, scale);
  return (offset) => laplaceMass(offset - 0.5, offset + 0.5, scale) / whole;
}

/** ∫ e^(−|u| ÷ scale) du ÷ scale from `from` to `to`, without cancellation far out. */
function laplaceMass(from: number, to: number, scale: number): number {
  if (from < 0 && to > 0) return -Math.expm1(from / scale) - Math.expm1(-to / scale);
  const near = Math.min(Math.abs(from), Math.abs(to));
  return Math.exp(-near / scale) * -Math.expm1(-(to - from) / scale);
}

/** Smallest and largest scale looked at: a tenth of a cell, and so wide that it is uniform. */
const LEAST_SCALE = 0.1;
const DOMAINS_WIDE = 20;
const GOLDEN = (Math.sqrt(5) - 1) / 2;
/** Narrows the logarithm of the scale to 1e-8 of its range and below. */
const FIT_STEPS = 40;

/** The scale, in cells, under which the events are likeliest: by golden section on its logarithm. */
export function fitLaplace(
  events: readonly Pick<GainEvent, 'offset'>[],
  domain: GainDomain,
): number {
  const counts = new Map<number, number>();
  for (const { offset } of events) {
    counts.set(Math.abs(offset), (counts.get(Math.abs(offset)) ?? 0) + 1);
  }
  const likelihood = (logScale: number): number => {
    const model = laplaceNull(Math.exp(logScale), domain);
    let sum = 0;
    for (const [offset, times] of counts) sum += times * Math.log(model(offset));
    return sum;
  };
  let low = Math.log(LEAST_SCALE);
  let high = Math.log(DOMAINS_WIDE * (domain.last - domain.first + 1));
  let [left, right] = [high - GOLDEN * (high - low), low + GOLDEN * (high - low)];
  let [atLeft, atRight] = [likelihood(left), likelihood(right)];
  for (let step = 0; step < FIT_STEPS; step += 1) {
    if (atLeft >= atRight) {
      [high, right, atRight] = [right, left, atLeft];
      left = high - GOLDEN * (high - low);
      atLeft = likelihood(left);
    } else {
      [low, left, atLeft] = [left, right, atRight];
      right = low + GOLDEN * (high - low);
      atRight = likelihood(right);
    }
  }
  return Math.exp((low + high) / 2);
}

function meanGain(events: readonly GainEvent[], model: NullModel, smoothing: number): Gain {
  const gains = events.map(({ offset, mapShare, cluster }) => ({
    cluster,
    value: mapShare === null ? 0 : gainOf(mapShare, model(offset), smoothing),
  }));
  if (gains.length === 0) return { mean: null, low: null, high: null };
  const mean = gains.reduce((sum, { value }) => sum + value, 0) / gains.length;
  const margin = clusteredMargin(gains, mean);
  return {
    mean,
    low: margin === null ? null : mean - margin,
    high: margin === null ? null : mean + margin,
  };
}

/** ln of the mixture over the null; exactly 0 where the map says what the null says. */
function gainOf(mapShare: number, nullShare: number, smoothing: number): number {
  return Math.log1p((1 - smoothing) * (mapShare / nullShare - 1));
}

/**
 * Half the width of the normal 95 % interval of a mean of clustered values: the deviations are summed
 * within a cluster before they are squared (Liang and Zeger 1986), with C ÷ (C − 1) for C clusters.
 */
function clusteredMargin(
  gains: readonly { readonly cluster: number; readonly value: number }[],
  mean: number,
): number | null {
  const sums = new Map<number, number>();
  for (const { cluster, value } of gains) {
    sums.set(cluster, (sums.get(cluster) ?? 0) + (value - mean));
  }
  if (sums.size < FEWEST_CLUSTERS) return null;
  let squares = 0;
  for (const sum of sums.values()) squares += sum * sum;
  const variance = (squares * (sums.size / (sums.size - 1))) / gains.length ** 2;
  return TWO_SIDED * Math.sqrt(variance);
}
