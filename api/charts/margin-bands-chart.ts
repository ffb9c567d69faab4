import type { BandQuantiles } from '../../margin/margin-quantiles.ts';
import type { MarginBandColumn, MarketMarginBands } from '../queries/market-bands-answers.ts';
import { type ChartFrame, type ChartSize, composeChart, type LegendItem } from './frame.ts';
import { healthLevel } from './margin-history-chart.ts';
import { instantText, shortUsd, windowText } from './number-text.ts';
import { axis, grid, line, type PlotBox, type Shape, shapes, type ToPixels } from './plot.ts';
import { type ColourName, paint } from './theme.ts';
import { linearScale, type Scale, timeScale } from './ticks.ts';
import { shortHex, venueName } from './venue-name.ts';

const CAUTION = 1.5;

/** Bars of the lower panel, the widest threshold first: each is drawn over the one before. */
const UNDER: readonly { health: number; color: ColourName }[] = [
  { health: 1.5, color: 'caution' },
  { health: 1.1, color: 'danger' },
  { health: 1, color: 'series4' },
];

interface Instant {
  readonly time: number;
  readonly column: MarginBandColumn;
}

interface Facts {
  readonly instants: readonly Instant[];
  readonly from: number;
  readonly to: number;
  readonly lowest: Instant | null;
}

/**
 * The health of all open positions of a market through time: above, the median, the middle half and
 * the middle nine tenths of them with the least one; below, how much notional is under each threshold.
 */
export function marginBandsChart(answer: MarketMarginBands, size: ChartSize): string {
  const facts = readFacts(answer);
  return composeChart(bandsFrame(answer, facts), size);
}

function readFacts({ columns, provenance }: MarketMarginBands): Facts {
  const instants = columns.flatMap((column): Instant[] =>
    column.blockNumber === null ? [] : [{ time: Date.parse(column.toTime), column }],
  );
  const health = ({ column }: Instant) => column.closest?.healthFactor ?? Number.POSITIVE_INFINITY;
  const lowest = instants.reduce<Instant | null>(
    (least, one) =>
      one.column.closest && health(one) < (least ? health(least) : Number.POSITIVE_INFINITY)
        ? one
        : least,
    null,
  );
  const from = Date.parse(instants[0]?.column.fromTime ?? provenance.asOfTime);
  const to = Math.max(from + 1_000, instants.at(-1)?.time ?? from);
  return { instants, from, to, lowest };
}

function bandsFrame(answer: MarketMarginBands, facts: Facts): ChartFrame {
  const symbol = answer.marketSymbol ?? 'market';
  const most = Math.max(0, ...facts.instants.map(({ column }) => column.open.count));
  const subtitle = [
    venueName(answer.marketId),
    answer.side === null ? `${symbol}/USD` : `${symbol}/USD ${answer.side.toLowerCase()}s`,
    `up to ${most} open positions`,
    windowText(
      answer.columns[0]?.fromTime ?? answer.provenance.asOfTime,
      answer.columns.at(-1)?.toTime ?? answer.provenance.asOfTime,
    ),
  ].join(' · ');
  return {
    title: `Health of all ${symbol} positions`,
    subtitle,
    description: describe(answer, facts, subtitle),
    provenance: answer.provenance,
    legend: legend(),
    plot: (box) => plotOption(facts, box),
  };
}

function legend(): LegendItem[] {
  return [
    { mark: 'line', color: paint('health'), text: 'Median health (log axis)' },
    { mark: 'square', color: paint('series1'), text: 'Middle half, and 5–95 %' },
    { mark: 'dashed', color: paint('liquidation'), text: 'Least health' },
    ...[...UNDER].reverse().map(
      ({ health, color }): LegendItem => ({
        mark: 'square',
        color: paint(color),
        text: `Notional under ${health}`,
      }),
    ),
  ];
}

function describe({ provenance }: MarketMarginBands, facts: Facts, subtitle: string): string {
  const closest = facts.lowest?.column.closest;
  const low =
    facts.lowest && closest
      ? `Least health ${closest.healthFactor.toFixed(3)} at ${instantText(facts.lowest.column.toTime)}, position ` +
        `${shortHex(closest.positionId.split(':')[2] ?? '')}; 1 is the liquidation threshold.`
      : 'No position was open in this window.';
  const last = facts.instants.at(-1)?.column;
  const now = last
    ? `At the end ${last.open.count} positions, median health ${text(last.healthFactor.byCount.p50)}; ` +
      `${last.under.map(({ health, count, valueUsd }) => `${count} (${shortUsd(Number(valueUsd))}) under ${health}`).join(', ')}.`
    : '';
  return [`${subtitle}.`, low, now, ...provenance.caveats].filter(Boolean).join(' ');
}

function text(value: number | null): string {
  return value === null ? 'unknown' : value.toFixed(2);
}

function plotOption(facts: Facts, box: PlotBox) {
  const axisRoom = 58;
  const gap = 22;
  const bottomRoom = 34;
  const usable = box.height - gap - bottomRoom - 6;
  const upper = {
    left: box.left + axisRoom,
    top: box.top + 6,
    width: box.width - axisRoom,
    height: Math.round(usable * 0.62),
  };
  const lower = { ...upper, top: upper.top + upper.height + gap, height: usable - upper.height };
  const time = timeScale(facts.from, facts.to, Math.floor(upper.width / 74));
  const health = healthScale(facts);
  const notional = notionalScale(facts, lower.height);
  const series = (pick: (band: BandQuantiles) => number | null) =>
    facts.instants.map(({ time: at, column }): [number, number | null] => {
      const value = pick(column.healthFactor.byCount);
      return [at, value === null ? null : healthLevel(value)];
    });
  return {
    grid: [grid(upper), grid(lower)],
    xAxis: [
      axis({ scale: time, label: () => '', showLabels: false }),
      axis({ scale: time, label: time.label, gridIndex: 1 }),
    ],
    yAxis: [
      axis({ scale: health, label: (level) => `${Number((10 ** level).toPrecision(2))}×` }),
      axis({ scale: notional, label: (value) => shortUsd(value), gridIndex: 1 }),
    ],
    series: [
      shapes((toPixels) => thresholdShapes(toPixels, facts, health), 0, { z: 1 }),
      shapes(
        (toPixels) => [
          ...between(
            toPixels,
            series(({ p5 }) => p5),
            series(({ p95 }) => p95),
            health,
            0.18,
          ),
          ...between(
            toPixels,
            series(({ p25 }) => p25),
            series(({ p75 }) => p75),
            health,
            0.3,
          ),
        ],
        0,
        { z: 2 },
      ),
      line({ points: series(({ p50 }) => p50), scale: health, color: paint('health'), width: 2 }),
      line({
        points: series(({ min }) => min),
        scale: health,
        color: paint('liquidation'),
        width: 1.8,
        dash: [6, 4],
      }),
      shapes((toPixels) => underShapes(toPixels, facts), 1, { z: 2 }),
    ],
  };
}

function healthScale({ instants }: Facts): Scale {
  const levels = instants.flatMap(({ column }) => {
    const { min, p95 } = column.healthFactor.byCount;
    return [min, p95].flatMap((value) => (value === null ? [] : [healthLevel(value)]));
  });
  const min = Math.min(Math.log10(0.9), ...levels) - 0.04;
  const max = Math.max(Math.log10(3), ...levels) + 0.06;
  const wanted =
    max - min > 1.2 ? [0.25, 0.5, 1, 2, 5, 10, 20, 50, 100, 200] : [0.25, 0.5, 1, 1.5, 2, 3, 5, 10];
  const ticks = wanted.map(Math.log10).filter((tick) => tick >= min && tick <= max);
  return { min, max, ticks, step: 1 };
}

/** What is under a threshold sets the axis; the whole open interest would leave it a hairline. */
function notionalScale({ instants }: Facts, height: number): Scale {
  const widest = UNDER[0]?.health;
  const values = instants.map(({ column }) => notionalUnder(column, widest));
  return linearScale(0, Math.max(1, ...values) * 1.05, Math.max(2, Math.floor(height / 40)));
}

function notionalUnder({ under }: MarginBandColumn, health: number | undefined): number {
  return Number(under.find((one) => one.health === health)?.valueUsd ?? 0);
}

function thresholdShapes(toPixels: ToPixels, facts: Facts, scale: Scale): Shape[] {
  const band = (from: number, to: number, color: ColourName, opacity: number): Shape[] => {
    const [low, high] = [Math.max(from, scale.min), Math.min(to, scale.max)];
    if (low >= high) return [];
    const [left, top] = toPixels(facts.from, high);
    const [right, bottom] = toPixels(facts.to, low);
    const shape = { x: left, y: top, width: right - left, height: bottom - top };
    return [{ type: 'rect', shape, style: { fill: paint(color), opacity } }];
  };
  return [...band(scale.min, 0, 'danger', 0.22), ...band(0, Math.log10(CAUTION), 'caution', 0.14)];
}

/** The areas between two series; a gap in either is a gap. */
function between(
  toPixels: ToPixels,
  lower: readonly (readonly [number, number | null])[],
  upper: readonly (readonly [number, number | null])[],
  { min, max }: Scale,
  opacity: number,
): Shape[] {
  const clip = (value: number) => Math.min(max, Math.max(min, value));
  const runs: [number, number, number][][] = [[]];
  for (const [index, [time, low]] of lower.entries()) {
    const high = upper[index]?.[1] ?? null;
    if (low === null || high === null) runs.push([]);
    else runs.at(-1)?.push([time, clip(low), clip(high)]);
  }
  return runs.flatMap((run): Shape[] => {
    if (run.length < 2) return [];
    const points = [
      ...run.map(([time, , high]) => toPixels(time, high)),
      ...run.toReversed().map(([time, low]) => toPixels(time, low)),
    ];
    return [{ type: 'polygon', shape: { points }, style: { fill: paint('series1'), opacity } }];
  });
}

/** Notional under each threshold at the end of a column; the narrower lies on the wider, a part of it. */
function underShapes(toPixels: ToPixels, { instants }: Facts): Shape[] {
  return UNDER.flatMap(({ health, color }) =>
    instants.flatMap(({ column }): Shape[] => {
      const notional = notionalUnder(column, health);
      if (notional === 0) return [];
      const [left, top] = toPixels(Date.parse(column.fromTime), notional);
      const [right, bottom] = toPixels(Date.parse(column.toTime), 0);
      const shape = { x: left, y: top, width: right - left, height: bottom - top };
      return [{ type: 'rect', shape, style: { fill: paint(color) } }];
    }),
  );
}
