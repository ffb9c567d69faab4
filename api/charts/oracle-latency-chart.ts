import type {
  HistogramBin,
  LatencyStat,
  OracleLatency,
  OracleLatencyGroup,
} from '../queries/answers.ts';
import { type ChartFrame, type ChartSize, composeChart, type LegendItem } from './frame.ts';
import {
  clockText,
  dayText,
  groupDigits,
  percentText,
  secondsText,
  windowText,
} from './number-text.ts';
import { axis, grid, line, type PlotBox, type Shape, shapes, type ToPixels } from './plot.ts';
import { type ColourName, HEAT_STEPS, paint, paintHeat } from './theme.ts';
import { linearScale, type Scale, timeScale } from './ticks.ts';
import { shortHex } from './venue-name.ts';

const HOUR = 3_600_000;
const SERIES: readonly ColourName[] = ['series1', 'series2', 'series3', 'series4'];

export interface OracleLatencyPicture {
  /** One group over the whole window: its percentiles are marked. */
  readonly overall: OracleLatency;
  /** Grouped by provider or feed: one survival curve each, the first four with most samples. */
  readonly curves: OracleLatency;
  /** Grouped by hour. */
  readonly hourly: OracleLatency;
  /** What the window is about, e.g. a market; '' for every feed. */
  readonly subject: string;
}

interface HourLag {
  readonly time: number;
  readonly n: number;
  readonly mean: number | null;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly max: number | null;
  readonly histogram: readonly HistogramBin[];
}

/**
 * Observation lag (block time − observation time): the share of prices later than x, and the lag
 * hour by hour beside it.
 */
export function oracleLatencyChart(picture: OracleLatencyPicture, size: ChartSize): string {
  return composeChart(latencyFrame(picture, size), size);
}

function deliveryDelay(group: OracleLatencyGroup | undefined): LatencyStat | undefined {
  return group?.stats.find((stat) => stat.metric === 'DELIVERY_DELAY');
}

/** Push and pull feeds are groups apart: the marks and hours are of the kind with more prices. */
function mainGroup(overall: OracleLatency): OracleLatencyGroup | undefined {
  const samples = (group: OracleLatencyGroup) => deliveryDelay(group)?.n ?? 0;
  return [...overall.groups].sort((left, right) => samples(right) - samples(left))[0];
}

function readHours(hourly: OracleLatency, delivery: string | undefined): HourLag[] {
  return hourly.groups
    .filter((group) => group.delivery === delivery)
    .flatMap((group) => {
      const stat = deliveryDelay(group);
      const time = Date.parse(group.label);
      if (!stat || Number.isNaN(time)) return [];
      const { n, mean, p50, p95, max } = stat;
      return [{ time, n, mean, p50, p95, max, histogram: group.histogram }];
    })
    .sort((left, right) => left.time - right.time);
}

function latencyFrame(picture: OracleLatencyPicture, size: ChartSize): ChartFrame {
  const { overall } = picture;
  const main = mainGroup(overall);
  const stat = deliveryDelay(main);
  const hours = readHours(picture.hourly, main?.delivery);
  const sampled = overall.sample === 'TRANSACTION' ? 'price-posting transactions' : 'price updates';
  const curves = largestCurves(picture.curves);
  const [only] = curves;
  // Asked without a start, the window begins with the first price.
  const first = Math.max(Date.parse(overall.fromTime), hours[0]?.time ?? 0);
  const subtitle = [
    'Block time minus observation time',
    ...(picture.subject === '' ? [] : [picture.subject]),
    ...(main && overall.groups.length > 1 ? [`${main.delivery.toLowerCase()} feeds`] : []),
    windowText(new Date(first).toISOString(), overall.toTime),
    `${groupDigits(String(stat?.n ?? 0))} ${sampled}`,
    ...(only && curves.length === 1 ? [`provider ${label(only)}`] : []),
  ].join(' · ');
  return {
    title: 'Oracle latency',
    subtitle,
    description: describe(stat, subtitle, overall),
    provenance: overall.provenance,
    legend: latencyLegend(curves, hours),
    plot: (box) => plotOption(curves, stat, hours, box, size.width >= 600),
  };
}

function largestCurves(answer: OracleLatency): OracleLatencyGroup[] {
  const samples = (group: OracleLatencyGroup) => deliveryDelay(group)?.n ?? 0;
  return [...answer.groups]
    .filter((group) => group.survival.length > 0)
    .sort((left, right) => samples(right) - samples(left) || (left.key < right.key ? -1 : 1))
    .slice(0, SERIES.length);
}

function latencyLegend(
  curves: readonly OracleLatencyGroup[],
  hours: readonly HourLag[],
): LegendItem[] {
  const { middle, tail } = hourMeasures(hours);
  return [
    ...curves.map((group, index) => ({
      mark: 'line' as const,
      color: paint(SERIES[index] ?? 'series1'),
      text: curves.length === 1 ? 'Share later than x' : label(group),
    })),
    { mark: 'square', color: paintHeat(14), text: 'Prices by lag and hour' },
    {
      mark: 'line',
      color: paint('price'),
      text: `${middle === 'p50' ? 'Median' : 'Mean'} of the hour`,
    },
    ...(tail === null
      ? []
      : [{ mark: 'dashed' as const, color: paint('lagTail'), text: 'p95 of the hour' }]),
    { mark: 'disc', color: paint('lagMax'), text: 'Slowest' },
  ];
}

function label(group: OracleLatencyGroup): string {
  const named = /^0x[0-9a-f]{40}$/i.test(group.label) ? shortHex(group.label) : group.label;
  return named === 'all' ? 'all feeds' : named;
}

function describe(stat: LatencyStat | undefined, subtitle: string, answer: OracleLatency): string {
  if (!stat) return `${subtitle}. No price in this window says when it was observed.`;
  const percentiles = (['p50', 'p95', 'p99', 'max'] as const)
    .flatMap((name) => {
      const value = stat[name];
      return value === null ? [] : [`${name} ${secondsText(value)}`];
    })
    .join(', ');
  return [
    `${subtitle}. ${percentiles}.`,
    `${stat.negativeCount} prices were stamped later than their block.`,
    ...stat.caveats,
    ...answer.provenance.caveats,
  ].join(' ');
}

function plotOption(
  curves: readonly OracleLatencyGroup[],
  stat: LatencyStat | undefined,
  hours: readonly HourLag[],
  box: PlotBox,
  isWide: boolean,
) {
  const panels = isWide ? besides(box) : stacked(box);
  const slowest = Math.max(
    1,
    stat?.max ?? 1,
    ...curves.map((curve) => curve.survival.at(-1)?.seconds ?? 0),
  );
  const seconds = linearScale(0, slowest * 1.08, Math.floor(panels.left.width / 64));
  const shares = shareScale(curves);
  const time = timeScale(
    hours[0]?.time ?? 0,
    (hours.at(-1)?.time ?? 0) + HOUR,
    Math.floor(panels.right.width / 74),
  );
  const lag = linearScale(
    0,
    Math.max(1, ...hours.map((hour) => hour.max ?? hour.p95 ?? 0)) * 1.12,
    Math.floor(panels.right.height / 44),
  );
  return {
    grid: [grid(panels.left), grid(panels.right)],
    xAxis: [
      axis({ scale: seconds, label: (value) => `${value} s` }),
      axis({ scale: time, label: time.label, gridIndex: 1 }),
    ],
    yAxis: [
      axis({ scale: shares, label: (level) => percentText(10 ** level) }),
      axis({ scale: lag, label: (value) => `${value} s`, gridIndex: 1 }),
    ],
    series: [
      ...curves.map((curve, index) =>
        survivalLine(curve, SERIES[index] ?? 'series1', shares, index),
      ),
      shapes((toPixels) => percentileShapes(stat, toPixels, panels.left), 0, { z: 5 }),
      shapes(() => [caption('Share of prices later than x (log)', panels.left)], 0, { z: 6 }),
      shapes((toPixels) => hourShades(hours, toPixels, lag.max), 1, { z: 1 }),
      shapes((toPixels) => busiestHour(hours, toPixels, panels.right), 1, { z: 2 }),
      ...hourLines(hours, lag),
      shapes((toPixels) => slowestDots(hours, toPixels), 1, { z: 5 }),
      shapes(() => [caption('Lag by hour (UTC)', panels.right)], 1, { z: 6 }),
    ],
  };
}

function besides(box: PlotBox): { left: PlotBox; right: PlotBox } {
  const axisRoom = 48;
  const gap = 20;
  // The last label of an axis reaches a little over its end.
  const width = (box.width - 2 * axisRoom - gap - 6) / 2;
  const left = { left: box.left + axisRoom, top: box.top + 20, width, height: box.height - 54 };
  return { left, right: { ...left, left: left.left + width + gap + axisRoom } };
}

function stacked(box: PlotBox): { left: PlotBox; right: PlotBox } {
  const axisRoom = 48;
  const height = (box.height - 2 * 54) / 2;
  const left = {
    left: box.left + axisRoom,
    top: box.top + 20,
    width: box.width - axisRoom,
    height,
  };
  return { left, right: { ...left, top: left.top + height + 54 } };
}

function shareScale(curves: readonly OracleLatencyGroup[]): Scale {
  const smallest = Math.min(
    0.1,
    ...curves.flatMap((curve) =>
      curve.survival.map((point) => point.share).filter((one) => one > 0),
    ),
  );
  const min = Math.floor(Math.log10(smallest) * 2) / 2;
  const ticks: number[] = [];
  for (let level = 0; level >= min - 1e-9; level -= 1) ticks.push(level);
  for (const share of [0.5, 0.05]) if (Math.log10(share) > min) ticks.push(Math.log10(share));
  return { min, max: 0.02, ticks: ticks.sort((left, right) => left - right), step: 1 };
}

function survivalLine(
  curve: OracleLatencyGroup,
  color: ColourName,
  shares: Scale,
  order: number,
): Record<string, unknown> {
  const points = curve.survival.map((point): [number, number] => [
    Math.max(0, point.seconds),
    point.share > 0 ? Math.log10(point.share) : shares.min,
  ]);
  const dash = order === 0 ? {} : { dash: [8 - 2 * order, 3] };
  const start: [number, number] = [0, points[0]?.[0] === 0 ? (points[0]?.[1] ?? 0) : 0];
  return line({
    points: [start, ...points],
    scale: shares,
    color: paint(color),
    width: 2.2,
    step: true,
    ...dash,
  });
}

function percentileShapes(
  stat: LatencyStat | undefined,
  toPixels: ToPixels,
  box: PlotBox,
): Shape[] {
  if (!stat) return [];
  const marks = (['p50', 'p95', 'max'] as const).flatMap((name) => {
    const value = stat[name];
    return value === null ? [] : [{ name, value }];
  });
  return marks.flatMap(({ name, value }, index) => {
    const [x] = toPixels(value, 0);
    const nearRight = x > box.left + box.width - 80;
    return [
      {
        type: 'line' as const,
        shape: { x1: x, y1: box.top, x2: x, y2: box.top + box.height },
        style: { fill: 'none', stroke: paint('axis'), lineWidth: 1, lineDash: [3, 3] },
      },
      {
        type: 'text' as const,
        style: {
          text: `${name} ${secondsText(value)}`,
          x: nearRight ? x - 5 : x + 5,
          y: box.top + 6 + 16 * index,
          align: nearRight ? 'right' : 'left',
          verticalAlign: 'top',
          fill: paint('text'),
          fontSize: 12,
          fontWeight: 600,
        },
      },
    ];
  });
}

function busiestHour(hours: readonly HourLag[], toPixels: ToPixels, box: PlotBox): Shape[] {
  const busiest = [...hours].sort((left, right) => right.n - left.n || left.time - right.time)[0];
  if (!busiest || hours.length < 8 || box.width < 320) return [];
  const [left] = toPixels(busiest.time, 0);
  const [right] = toPixels(busiest.time + HOUR, 0);
  const onRight = left > box.left + box.width / 2;
  return [
    {
      type: 'rect',
      shape: { x: left, y: box.top, width: Math.max(2, right - left), height: box.height },
      style: { fill: 'none', stroke: paint('caution'), lineWidth: 1.6 },
    },
    {
      type: 'text',
      style: {
        text: `busiest hour: ${dayText(busiest.time)} ${clockText(busiest.time)}, n = ${busiest.n}`,
        x: onRight ? left - 5 : right + 5,
        y: box.top + 6,
        align: onRight ? 'right' : 'left',
        verticalAlign: 'top',
        fill: paint('text'),
        fontSize: 11,
      },
    },
  ];
}

/** Each hour as a column of shades: how many prices came with that lag, per second of lag. */
function hourShades(hours: readonly HourLag[], toPixels: ToPixels, most: number): Shape[] {
  const density = (bin: HistogramBin) => bin.count / Math.max(1, bin.upper - bin.lower);
  const densest = Math.max(1, ...hours.flatMap((hour) => hour.histogram.map(density)));
  return hours.flatMap((hour) =>
    hour.histogram.flatMap((bin): Shape[] => {
      if (bin.count === 0 || bin.lower >= most || bin.upper <= 0) return [];
      const [left, top] = toPixels(hour.time, Math.min(bin.upper, most));
      const [right, bottom] = toPixels(hour.time + HOUR, Math.max(0, bin.lower));
      const step = (HEAT_STEPS - 1) * Math.sqrt(density(bin) / densest);
      const shape = { x: left, y: top, width: right - left + 0.4, height: bottom - top };
      return [{ type: 'rect', shape, style: { fill: paintHeat(step) } }];
    }),
  );
}

/** Percentiles of an hour with few prices are unknown: the line is then the mean, or left out. */
function hourMeasures(hours: readonly HourLag[]): { middle: 'p50' | 'mean'; tail: 'p95' | null } {
  const isMostlyKnown = (name: 'p50' | 'p95') =>
    hours.filter((hour) => hour[name] !== null).length >= hours.length * 0.8;
  return {
    middle: isMostlyKnown('p50') ? 'p50' : 'mean',
    tail: isMostlyKnown('p95') ? 'p95' : null,
  };
}

function hourLines(hours: readonly HourLag[], scale: Scale): Record<string, unknown>[] {
  const { middle, tail } = hourMeasures(hours);
  const through = (name: 'p50' | 'mean' | 'p95') =>
    hours.map((hour): [number, number | null] => [hour.time + HOUR / 2, hour[name]]);
  const points = through(middle);
  return [
    ...(tail === null
      ? []
      : [
          line(
            { points: through(tail), scale, color: paint('lagTail'), width: 1.8, dash: [5, 3] },
            1,
          ),
        ]),
    line({ points, scale, color: paint('casing'), width: 4.5, opacity: 0.75 }, 1),
    line({ points, scale, color: paint('price'), width: 1.8, z: 4 }, 1),
  ];
}

function slowestDots(hours: readonly HourLag[], toPixels: ToPixels): Shape[] {
  return hours.flatMap((hour) => {
    if (hour.max === null) return [];
    const [cx, cy] = toPixels(hour.time + HOUR / 2, hour.max);
    return [
      { type: 'circle', shape: { cx, cy, r: 2.6 }, style: { fill: paint('lagMax') } } as const,
    ];
  });
}

function caption(content: string, box: PlotBox): Shape {
  return {
    type: 'text',
    style: {
      text: content,
      x: box.left,
      y: box.top - 5,
      align: 'left',
      verticalAlign: 'bottom',
      fill: paint('muted'),
      fontSize: 12,
    },
  };
}
