import type { MarginHistory, MarginPoint } from '../queries/answers.ts';
import {
  type ChartFrame,
  type ChartSize,
  composeChart,
  type LegendItem,
  type LegendMark,
} from './frame.ts';
import { groupDigits, instantText, priceText, shortUsd, windowText } from './number-text.ts';
import { axis, grid, line, type PlotBox, type Shape, shapes, type ToPixels } from './plot.ts';
import { type ColourName, paint } from './theme.ts';
import { linearScale, type Scale, timeScale } from './ticks.ts';
import { shortHex, venueName } from './venue-name.ts';

/** Health is drawn on a log axis between these: below, it lies on the floor; above, at the top. */
const HEALTH_FLOOR = 0.25;
const HEALTH_TOP_MOST = 200;
const CAUTION = 1.5;
const JUMPS = new Set(['INCREASE', 'MARGIN_ADD', 'MARGIN_REMOVE', 'DECREASE', 'ADL']);
const SIGN_ROW = 14;
const MOST_SIGN_ROWS = 3;

interface EventKind {
  readonly text: string;
  readonly mark: LegendMark;
  readonly color: ColourName;
}

/** Shape and colour of what happened to the position. */
const EVENT_KINDS: Readonly<Record<string, EventKind>> = {
  OPEN: { text: 'Opened', mark: 'disc', color: 'good' },
  INCREASE: { text: 'Increased', mark: 'up', color: 'good' },
  MARGIN_ADD: { text: 'Margin added', mark: 'plus', color: 'good' },
  MARGIN_REMOVE: { text: 'Margin removed', mark: 'down', color: 'long' },
  DECREASE: { text: 'Decreased', mark: 'down', color: 'short' },
  CLOSE: { text: 'Closed', mark: 'square', color: 'muted' },
  LIQUIDATION: { text: 'Liquidated', mark: 'cross', color: 'danger' },
  ADL: { text: 'Auto-deleveraged', mark: 'cross', color: 'short' },
};

interface Mark {
  readonly time: number;
  readonly kind: EventKind;
}

interface Facts {
  readonly health: readonly (readonly [number, number | null])[];
  readonly price: readonly (readonly [number, number | null])[];
  readonly liquidation: readonly (readonly [number, number | null])[];
  readonly marks: readonly Mark[];
  readonly from: number;
  readonly to: number;
  readonly lowest: MarginPoint | null;
}

/**
 * One position's margin over time: health factor (1 is the threshold) above, index price and the
 * price of liquidation below, with everything that happened to the position marked in both.
 */
export function marginHistoryChart(answer: MarginHistory, size: ChartSize): string {
  const facts = readFacts(answer);
  return composeChart(historyFrame(answer, facts), size);
}

function readFacts(answer: MarginHistory): Facts {
  const health: [number, number | null][] = [];
  const price: [number, number | null][] = [];
  const liquidation: [number, number | null][] = [];
  let lowest: MarginPoint | null = null;
  for (const point of answer.points) {
    const time = Date.parse(point.timestamp);
    const level = point.healthFactor === null ? null : healthLevel(point.healthFactor);
    // What an owner does changes health at once: the line stands until then, and jumps.
    const last = health.at(-1);
    if (last && JUMPS.has(point.cause)) health.push([time, last[1]]);
    health.push([time, level]);
    price.push([time, middle(point)]);
    liquidation.push([
      time,
      point.liquidationPrice === null ? null : Number(point.liquidationPrice),
    ]);
    if (point.healthFactor !== null && point.healthFactor < (lowest?.healthFactor ?? Infinity)) {
      lowest = point;
    }
  }
  const marks = answer.marks.flatMap((mark) => {
    const kind = EVENT_KINDS[mark.cause];
    return kind ? [{ time: Date.parse(mark.timestamp), kind }] : [];
  });
  const times = [...health.map(([time]) => time), ...marks.map((mark) => mark.time)];
  const from = times.length > 0 ? Math.min(...times) : Date.parse(answer.provenance.asOfTime);
  const to = times.length > 0 ? Math.max(...times) : from;
  const slack = Math.max((to - from) * 0.015, 30_000);
  return { health, price, liquidation, marks, from: from - slack, to: to + slack, lowest };
}

/** Logarithm of the health factor, kept on the axis: a negative equity lies on its floor. */
export function healthLevel(health: number): number {
  return Math.log10(Math.min(HEALTH_TOP_MOST, Math.max(HEALTH_FLOOR, health)));
}

function middle(point: MarginPoint): number | null {
  const { minPriceUsd, maxPriceUsd } = point.indexPrice;
  if (minPriceUsd === null || maxPriceUsd === null) return null;
  return (Number(minPriceUsd) + Number(maxPriceUsd)) / 2;
}

function historyFrame(answer: MarginHistory, facts: Facts): ChartFrame {
  const symbol = answer.marketSymbol ?? 'market';
  const side = answer.side === 'LONG' ? 'long' : 'short';
  const key = answer.positionId.split(':')[2] ?? answer.positionId;
  const largest = Math.max(0, ...answer.points.map((point) => Number(point.sizeUsd)));
  const first = answer.points[0]?.timestamp ?? answer.provenance.asOfTime;
  const last = answer.points.at(-1)?.timestamp ?? answer.provenance.asOfTime;
  const subtitle = [
    venueName(answer.positionId),
    `${symbol}/USD ${side}`,
    `position ${shortHex(key)}`,
    `up to ${shortUsd(largest)}`,
    windowText(first, last),
  ].join(' · ');
  return {
    title: `Margin history of one ${symbol} ${side}`,
    subtitle,
    description: describe(answer, facts, subtitle),
    provenance: answer.provenance,
    legend: historyLegend(facts),
    plot: (box) => plotOption(facts, box),
  };
}

function historyLegend(facts: Facts): LegendItem[] {
  const kinds = [...new Set(facts.marks.map((mark) => mark.kind))];
  const order = Object.values(EVENT_KINDS);
  return [
    { mark: 'line', color: paint('health'), text: 'Health factor (log axis)' },
    { mark: 'line', color: paint('price'), text: 'Index price, USD' },
    { mark: 'dashed', color: paint('liquidation'), text: liquidationText(facts) },
    ...kinds
      .sort((left, right) => order.indexOf(left) - order.indexOf(right))
      .map(({ mark, color, text }) => ({ mark, color: paint(color), text })),
  ];
}

/** A level far from the traded prices is told in words: the axis is that of the prices. */
function liquidationText(facts: Facts): string {
  const { min, max } = priceScale(facts, 120);
  const levels = facts.liquidation.flatMap(([, value]) => (value === null ? [] : [value]));
  const last = levels.at(-1);
  if (last === undefined) return 'Liquidation price: none';
  if (levels.some((level) => level >= min && level <= max)) return 'Liquidation price';
  const level = priceText(last, last / 1_000);
  return `Liquidation price ${level}, ${last < min ? 'below' : 'above'} the axis`;
}

function describe(answer: MarginHistory, facts: Facts, subtitle: string): string {
  const { lowest } = facts;
  const low =
    lowest === null || lowest.healthFactor === null
      ? 'No health factor in this window.'
      : `Lowest health factor ${lowest.healthFactor.toFixed(3)} at ${instantText(lowest.timestamp)}; 1 is the liquidation threshold.`;
  const events = facts.marks.map(
    (mark) => `${mark.kind.text} ${instantText(new Date(mark.time).toISOString())}`,
  );
  const thinned = answer.isDownsampled
    ? `${answer.points.length} of ${groupDigits(String(answer.totalPoints))} points, extremes kept.`
    : '';
  return [`${subtitle}.`, low, events.length > 0 ? `${events.join('; ')}.` : '', thinned]
    .concat(answer.provenance.caveats)
    .filter(Boolean)
    .join(' ');
}

function plotOption(facts: Facts, box: PlotBox) {
  const axisRoom = 58;
  const gap = 22;
  const bottomRoom = 34;
  const width = box.width - axisRoom;
  const toX = (time: number) => ((time - facts.from) / (facts.to - facts.from)) * width;
  const rows = signRows(facts.marks.map((mark) => toX(mark.time)));
  const signRoom = 6 + SIGN_ROW * (Math.max(0, ...rows) + 1);
  const usable = box.height - gap - bottomRoom - signRoom;
  const upper = {
    left: box.left + axisRoom,
    top: box.top + signRoom,
    width,
    height: Math.round(usable * 0.55),
  };
  const lower = { ...upper, top: upper.top + upper.height + gap, height: usable - upper.height };
  const time = timeScale(facts.from, facts.to, Math.floor(upper.width / 74));
  const health = healthScale(facts);
  const prices = priceScale(facts, lower.height);
  return {
    grid: [grid(upper), grid(lower)],
    xAxis: [
      axis({ scale: time, label: () => '', showLabels: false }),
      axis({ scale: time, label: time.label, gridIndex: 1 }),
    ],
    yAxis: [
      axis({ scale: health, label: (level) => `${Number((10 ** level).toPrecision(2))}×` }),
      axis({ scale: prices, label: (value) => priceText(value, prices.step), gridIndex: 1 }),
    ],
    series: [
      shapes((toPixels) => thresholdShapes(toPixels, facts, health), 0, { z: 1 }),
      line({ points: facts.health, scale: health, color: paint('health'), width: 2 }),
      shapes((toPixels) => markShapes(toPixels, facts.marks, upper, rows), 0, { z: 6 }),
      line(
        {
          points: facts.liquidation,
          scale: prices,
          color: paint('liquidation'),
          width: 1.8,
          dash: [6, 4],
          step: true,
        },
        1,
      ),
      line({ points: facts.price, scale: prices, color: paint('price'), width: 1.8 }, 1),
      shapes((toPixels) => markShapes(toPixels, facts.marks, lower, null), 1, { z: 6 }),
    ],
  };
}

function healthScale(facts: Facts): Scale {
  const levels = facts.health.flatMap(([, level]) => (level === null ? [] : [level]));
  const min = Math.max(Math.log10(HEALTH_FLOOR), Math.min(Math.log10(0.7), ...levels) - 0.04);
  const max = Math.max(Math.log10(3), ...levels) + 0.06;
  const ticks = [0.25, 0.5, 1, 1.5, 2, 3, 5, 10, 20, 50, 100, 200].map(Math.log10);
  const inside = ticks.filter((tick) => tick >= min - 1e-9 && tick <= max + 1e-9);
  const kept =
    max - min > 1.2 ? inside.filter((tick) => ![1.5, 3].includes(round(10 ** tick))) : inside;
  return { min, max, ticks: kept, step: 1 };
}

function round(value: number): number {
  return Number(value.toPrecision(3));
}

/** The price's own range sets the axis; the liquidation price may leave it by half a range. */
function priceScale(facts: Facts, height: number): Scale {
  const traded = facts.price.flatMap(([, value]) => (value === null ? [] : [value]));
  const levels = facts.liquidation.flatMap(([, value]) => (value === null ? [] : [value]));
  const low = traded.length > 0 ? Math.min(...traded) : 0;
  const high = traded.length > 0 ? Math.max(...traded) : 1;
  const reach = Math.max(high - low, high * 0.005);
  const near = levels.filter((value) => value > low - 1.5 * reach && value < high + 1.5 * reach);
  const min = Math.min(low, ...near) - reach * 0.08;
  const max = Math.max(high, ...near) + reach * 0.08;
  return linearScale(min, max, Math.max(3, Math.floor(height / 40)));
}

function thresholdShapes(toPixels: ToPixels, facts: Facts, scale: Scale): Shape[] {
  const band = (from: number, to: number, color: ColourName, opacity: number): Shape => {
    const [left, top] = toPixels(facts.from, Math.min(to, scale.max));
    const [right, bottom] = toPixels(facts.to, Math.max(from, scale.min));
    const shape = { x: left, y: top, width: right - left, height: bottom - top };
    return { type: 'rect', shape, style: { fill: paint(color), opacity } };
  };
  const [left, y] = toPixels(facts.from, 0);
  const [right] = toPixels(facts.to, 0);
  return [
    band(scale.min, 0, 'danger', 0.22),
    band(0, Math.log10(CAUTION), 'caution', 0.14),
    {
      type: 'line',
      shape: { x1: left, y1: y, x2: right, y2: y },
      style: { fill: 'none', stroke: paint('danger'), lineWidth: 1.4, lineDash: [5, 3] },
    },
    {
      type: 'text',
      style: {
        text: 'liquidatable below 1×',
        x: left + 26,
        y: y + 5,
        align: 'left',
        verticalAlign: 'top',
        fill: paint('text'),
        fontSize: 11,
      },
    },
  ];
}

/** Row of each sign above the panel: one that would cover its neighbour goes a row up. */
export function signRows(positions: readonly number[]): number[] {
  const ends: number[] = [];
  return positions.map((x) => {
    const free = ends.findIndex((end) => x >= end);
    const row = free >= 0 ? free : Math.min(ends.length, MOST_SIGN_ROWS - 1);
    ends[row] = x + SIGN_ROW;
    return row;
  });
}

function markShapes(
  toPixels: ToPixels,
  marks: readonly Mark[],
  box: PlotBox,
  signRowOf: readonly number[] | null,
): Shape[] {
  return marks.flatMap(({ time, kind }, index) => {
    const [x] = toPixels(time, 0);
    const color = paint(kind.color);
    const top = box.top - (signRowOf ? SIGN_ROW * (signRowOf[index] ?? 0) : 0);
    const rule: Shape = {
      type: 'line',
      shape: { x1: x, y1: top, x2: x, y2: box.top + box.height },
      style: { fill: 'none', stroke: color, lineWidth: 1, lineDash: [2, 3], opacity: 0.8 },
    };
    return signRowOf ? [rule, sign(kind.mark, x, top - SIGN_ROW / 2, color)] : [rule];
  });
}

function sign(mark: LegendMark, x: number, y: number, color: string): Shape {
  const stroked = { fill: 'none', stroke: color, lineWidth: 2.2 };
  const path = (pathData: string, style: Record<string, unknown>): Shape => ({
    type: 'path',
    shape: { pathData },
    style,
  });
  switch (mark) {
    case 'up':
      return path(`M${x} ${y - 5}l5 9h-10z`, { fill: color });
    case 'down':
      return path(`M${x} ${y + 5}l5 -9h-10z`, { fill: color });
    case 'plus':
      return path(`M${x - 5} ${y}h10M${x} ${y - 5}v10`, stroked);
    case 'cross':
      return path(`M${x - 4.5} ${y - 4.5}l9 9M${x + 4.5} ${y - 4.5}l-9 9`, stroked);
    case 'square':
      return {
        type: 'rect',
        shape: { x: x - 4, y: y - 4, width: 8, height: 8 },
        style: { fill: color },
      };
    default:
      return { type: 'circle', shape: { cx: x, cy: y, r: 4.5 }, style: { fill: color } };
  }
}
