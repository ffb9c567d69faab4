/**
 * Thins a series to at most `maxPoints` without hiding an extreme: the first and last point stay,
 * and of each bucket in between its lowest and its highest (a minimum health is the fact; a mean
 * hides it). Points without a value stand only where a bucket has nothing else.
 * @param measure the number whose extremes matter; null where there is none
 */
export function thinPoints<Point>(
  points: readonly Point[],
  maxPoints: number,
  measure: (point: Point) => number | null,
): Point[] {
  if (points.length <= maxPoints) return [...points];
  if (maxPoints < 4) throw new RangeError(`no room for extremes in ${maxPoints} points`);
  const inner = points.length - 2;
  const buckets = Math.floor((maxPoints - 2) / 2);
  const kept = new Set<number>([0, points.length - 1]);
  for (let bucket = 0; bucket < buckets; bucket += 1) {
    const start = 1 + Math.floor((bucket * inner) / buckets);
    const end = 1 + Math.floor(((bucket + 1) * inner) / buckets);
    for (const index of extremes(points, start, end, measure)) kept.add(index);
  }
  return [...kept].sort((a, b) => a - b).flatMap((index) => points.slice(index, index + 1));
}

/** Indexes of the lowest and highest value in [start, end); the first of equals. */
function extremes<Point>(
  points: readonly Point[],
  start: number,
  end: number,
  measure: (point: Point) => number | null,
): number[] {
  let lowest: { index: number; value: number } | null = null;
  let highest: { index: number; value: number } | null = null;
  for (let index = start; index < end; index += 1) {
    const [point] = points.slice(index, index + 1);
    const value = point === undefined ? null : measure(point);
    if (value === null) continue;
    if (lowest === null || value < lowest.value) lowest = { index, value };
    if (highest === null || value > highest.value) highest = { index, value };
  }
  if (lowest === null || highest === null) return start < end ? [start] : [];
  return [lowest.index, highest.index];
}
