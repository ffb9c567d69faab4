import type { HeatmapCell, HeatmapLayer } from '../queries/liquidation-map-answers.ts';
import { shortUsd } from './number-text.ts';
import type { PlotBox, Shape } from './plot.ts';
import { paint } from './theme.ts';
import type { Scale } from './ticks.ts';

export interface ProfileBar {
  readonly lower: number;
  readonly upper: number;
  readonly longUsd: number;
  readonly shortUsd: number;
}

type ToPixels = (x: number, y: number) => [number, number];

/** Per row, lowest price first: what stands in the last column, or what came or went over all of them. */
export function readProfile(
  cells: readonly HeatmapCell[],
  visible: ReadonlyMap<number, { lower: number; upper: number }>,
  layer: HeatmapLayer,
  lastColumn: number,
): ProfileBar[] {
  const bars = new Map<number, ProfileBar>();
  for (const cell of cells) {
    const band = visible.get(cell.row);
    if (cell.layer !== layer || !band) continue;
    if (layer === 'PROSPECTIVE' && cell.column !== lastColumn) continue;
    const bar = bars.get(cell.row) ?? { ...band, longUsd: 0, shortUsd: 0 };
    const usd = Math.abs(Number(cell.valueUsd));
    bars.set(cell.row, {
      ...bar,
      longUsd: bar.longUsd + (cell.side === 'LONG' ? usd : 0),
      shortUsd: bar.shortUsd + (cell.side === 'SHORT' ? usd : 0),
    });
  }
  return [...bars.entries()].sort(([left], [right]) => left - right).map(([, bar]) => bar);
}

export function scaleOfProfile(profile: readonly ProfileBar[]): Scale {
  const largest = longest(profile);
  return { min: 0, max: largest * 1.05, ticks: [], step: largest };
}

function longest(profile: readonly ProfileBar[]): number {
  return Math.max(1, ...profile.map((bar) => bar.longUsd + bar.shortUsd));
}

/** What goes in all when the price falls through the visible longs, or rises through the shorts. */
function summed(profile: readonly ProfileBar[]): {
  readonly longs: number;
  readonly shorts: number;
} {
  return {
    longs: profile.reduce((sum, bar) => sum + bar.longUsd, 0),
    shorts: profile.reduce((sum, bar) => sum + bar.shortUsd, 0),
  };
}

/** Bars by row; of what stands also the curve of what goes with the price, from it outward. */
export function profileShapes(
  profile: readonly ProfileBar[],
  layer: HeatmapLayer,
  prices: Scale,
  toPixels: ToPixels,
): Shape[] {
  const bars = profile.flatMap((bar) => barShapes(bar, toPixels));
  return layer === 'PROSPECTIVE' ? [...bars, ...curves(profile, prices, toPixels)] : bars;
}

function barShapes(bar: ProfileBar, toPixels: ToPixels): Shape[] {
  const [start, top] = toPixels(0, bar.upper);
  const [middle, bottom] = toPixels(bar.longUsd, bar.lower);
  const [end] = toPixels(bar.longUsd + bar.shortUsd, bar.lower);
  const height = Math.max(1, bottom - top - 0.4);
  return [
    {
      type: 'rect',
      shape: { x: start, y: top, width: middle - start, height },
      style: { fill: paint('long') },
    },
    {
      type: 'rect',
      shape: { x: middle, y: top, width: end - middle, height },
      style: { fill: paint('short') },
    },
  ];
}

/** Both sides on one scale of their own: the larger sum is as wide as the longest bar. */
function curves(profile: readonly ProfileBar[], prices: Scale, toPixels: ToPixels): Shape[] {
  const { longs, shorts } = summed(profile);
  const unit = longest(profile) / Math.max(1, longs, shorts);
  const sides = [
    { bars: profile.toReversed(), usd: (bar: ProfileBar) => bar.longUsd, isFall: true },
    { bars: profile, usd: (bar: ProfileBar) => bar.shortUsd, isFall: false },
  ];
  return sides.flatMap(({ bars, usd, isFall }): Shape[] => {
    const own = bars.filter((bar) => usd(bar) > 0);
    if (own.length === 0) return [];
    let sum = 0;
    const points = own.flatMap((bar) => {
      const from = toPixels(sum * unit, isFall ? bar.upper : bar.lower);
      sum += usd(bar);
      return [from, toPixels(sum * unit, isFall ? bar.lower : bar.upper)];
    });
    points.push(toPixels(sum * unit, isFall ? prices.min : prices.max));
    const line = { type: 'polyline', shape: { points } } as const;
    return [
      { ...line, style: { fill: 'none', stroke: paint('casing'), lineWidth: 3.4, opacity: 0.8 } },
      { ...line, style: { fill: 'none', stroke: paint('text'), lineWidth: 1.3 } },
    ];
  });
}

export function profileCaptions(
  profile: readonly ProfileBar[],
  layer: HeatmapLayer,
  box: PlotBox,
): Shape[] {
  const { longs, shorts } = summed(profile);
  const bars = shortUsd(longest(profile));
  const lines =
    layer === 'PROSPECTIVE'
      ? ['Standing at end', `bar ${bars} · sum ${shortUsd(Math.max(longs, shorts))}`]
      : ['Over the window', `longest ${bars}`];
  return lines.map((content, index) => ({
    type: 'text',
    style: {
      text: content,
      x: box.left + box.width,
      y: box.top + box.height + 7 + 14 * index,
      align: 'right',
      verticalAlign: 'top',
      fill: paint('muted'),
      fontSize: 11,
    },
  }));
}
