/** A number whose extremes matter, exact where it is a bigint; null where a point has none. */
export type Measure<Point> = (point: Point) => number | bigint | null;

/** Least room that `thinPoints` needs: both ends, and two extremes a measure. */
export function leastPoints(measures: number): number {
  return 2 + 2 * measures;
}

/**
 * Thins a series to at most `maxPoints` without hiding an extreme: the first and last point stay,
 * and of each bucket in between the lowest and the highest point of every measure (a minimum health
 * is the fact; a mean hides it). So the minimum and maximum of each measure over the thinned series,
 * and within each bucket, are those of the whole one. There are as many buckets as fit: measures
 * that have their extremes together leave room for more. Points without a value stand only where a
 * bucket has nothing else.
 * @throws RangeError when `maxPoints` is below `leastPoints`
 */
export function thinPoints<Point>(
  points: readonly Point[],
  maxPoints: number,
  measures: readonly Measure<Point>[],
): Point[] {
  if (points.length <= maxPoints) return [...points];
  if (maxPoints < leastPoints(measures.length)) {
    throw new RangeError(`no room for extremes in ${maxPoints} points`);
  }
  const values = measures.map((measure) => points.map(measure));
  // Each bucket keeps one point or more, at most two a measure.
  const surelyFits = Math.floor((maxPoints - 2) / Math.max(1, 2 * measures.length));
  let buckets = Math.min(maxPoints - 2, points.length - 2);
  let kept = keptOf(points.length, values, buckets);
  while (kept.size > maxPoints) {
    buckets = Math.max(surelyFits, Math.floor((buckets * maxPoints) / (kept.size + 1)));
    kept = keptOf(points.length, values, buckets);
  }
  return [...kept].sort((a, b) => a - b).flatMap((index) => points.slice(index, index + 1));
}

type Values = readonly (number | bigint | null)[];

function keptOf(length: number, values: readonly Values[], buckets: number): Set<number> {
  const inner = length - 2;
  const kept = new Set<number>([0, length - 1]);
  for (let bucket = 0; bucket < buckets; bucket += 1) {
    const start = 1 + Math.floor((bucket * inner) / buckets);
    const end = 1 + Math.floor(((bucket + 1) * inner) / buckets);
    const found = values.flatMap((series) => extremes(series, start, end));
    for (const index of found.length === 0 && start < end ? [start] : found) kept.add(index);
  }
  return kept;
}

/** Indexes of the lowest and highest value in [start, end); the first of equals. */
function extremes(values: Values, start: number, end: number): number[] {
  let lowest: { index: number; value: number | bigint } | null = null;
  let highest: { index: number; value: number | bigint } | null = null;
  for (let index = start; index < end; index += 1) {
    const value = values[index] ?? null;
    if (value === null) continue;
    if (lowest === null || value < lowest.value) lowest = { index, value };
    if (highest === null || value > highest.value) highest = { index, value };
  }
  return lowest === null || highest === null ? [] : [lowest.index, highest.index];
}
