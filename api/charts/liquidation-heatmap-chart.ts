import type { HeatmapLayer, LiquidationHeatmap } from '../queries/liquidation-map-answers.ts';
import { type ChartFrame, type ChartSize, composeChart, text } from './frame.ts';
import {
  type ProfileBar,
  profileCaptions,
  profileShapes,
  readProfile,
  scaleOfProfile,
} from './liquidation-heatmap-profile.ts';
import { groupDigits, priceText, shortUsd, windowText } from './number-text.ts';
import { axis, grid, line, type PlotBox, type Shape, shapes } from './plot.ts';
import { element } from './svg-text.ts';
import { HEAT_STEPS, paint, paintHeat } from './theme.ts';
import { linearScale, type Scale, timeScale } from './ticks.ts';
import { venueName } from './venue-name.ts';

/** Mass below this is not drawn: a dollar of dust would tint the whole picture. */
const HEAT_FLOOR_USD = 100;
/** Room above and below the traded prices, as a share of price. */
const PRICE_MARGIN = 0.08;
const PROFILE_WIDTH = 92;

interface HeatRun {
  readonly fromTime: number;
  readonly toTime: number;
  readonly lower: number;
  readonly upper: number;
  readonly step: number;
}

interface Realized {
  readonly time: number;
  readonly price: number;
  readonly usd: number;
  readonly isLong: boolean;
}

interface HeatmapFacts {
  readonly layer: PaintedLayer;
  readonly times: readonly { readonly from: number; readonly to: number }[];
  readonly price: readonly (readonly [number, number])[];
  readonly prices: Scale;
  readonly runs: readonly HeatRun[];
  readonly realized: readonly Realized[];
  readonly heatFrom: number;
  readonly heatTo: number;
  readonly profile: readonly ProfileBar[];
}

/** Layers that a heatmap may be painted of: what stood, or what came and went in each column. */
export type PaintedLayer = Exclude<HeatmapLayer, 'REALIZED'>;

const TITLES: Readonly<Record<PaintedLayer, string>> = {
  PROSPECTIVE: 'liquidation heatmap',
  CREATED: 'liquidation levels: opened',
  MOVED_IN: 'liquidation levels: moved to',
  MOVED_OUT: 'liquidation levels: moved away',
  CLOSED: 'liquidation levels: closed',
  LIQUIDATED: 'liquidation levels: liquidated',
  DRIFT: 'liquidation levels: drifted',
};

/**
 * Price × time: standing mass that prices would liquidate as heat, the index price over it, and
 * the liquidations that happened as circles whose area is their notional.
 */
export function liquidationHeatmapChart(
  answer: LiquidationHeatmap,
  size: ChartSize,
  layer: PaintedLayer = 'PROSPECTIVE',
): string {
  const facts = readFacts(answer, size.height, layer);
  return composeChart(heatmapFrame(answer, facts, size), size);
}

function readFacts(answer: LiquidationHeatmap, height: number, layer: PaintedLayer): HeatmapFacts {
  const times = answer.columns.map((column) => ({
    from: Date.parse(column.fromTime),
    to: Date.parse(column.toTime),
  }));
  const price: [number, number][] = [];
  const traded: number[] = [];
  answer.columns.forEach((column, index) => {
    const at = times[index];
    if (!at || column.closePriceUsd === null) return;
    const open = Number(column.openPriceUsd ?? column.closePriceUsd);
    const low = Number(column.lowPriceUsd ?? column.closePriceUsd);
    const high = Number(column.highPriceUsd ?? column.closePriceUsd);
    const close = Number(column.closePriceUsd);
    const extremes = close < open ? [high, low] : [low, high];
    // Four points a column, from its start to its end: the line keeps every extreme.
    [open, ...extremes, close].forEach((value, place) => {
      price.push([at.from + ((at.to - at.from) * place) / 3, value]);
    });
    traded.push(low, high);
  });
  const low = traded.length > 0 ? Math.min(...traded) * (1 - PRICE_MARGIN) : 0;
  const high = traded.length > 0 ? Math.max(...traded) * (1 + PRICE_MARGIN) : 1;
  const prices = linearScale(low, high, Math.max(3, Math.floor(height / 60)));
  const heat = readHeat(answer, times, { low, high, layer });
  return { layer, times, price, prices, realized: readRealized(answer, times, prices), ...heat };
}

function readHeat(
  answer: LiquidationHeatmap,
  times: HeatmapFacts['times'],
  {
    low,
    high,
    layer,
  }: { readonly low: number; readonly high: number; readonly layer: PaintedLayer },
): Pick<HeatmapFacts, 'runs' | 'heatFrom' | 'heatTo' | 'profile'> {
  const visible = new Map<number, { lower: number; upper: number }>();
  for (const row of answer.rows) {
    const lower = Number(row.lowerPriceUsd);
    const upper = Number(row.upperPriceUsd);
    if (upper <= low || lower >= high) continue;
    visible.set(row.row, { lower: Math.max(low, lower), upper: Math.min(high, upper) });
  }
  const mass = new Map<number, Float64Array>();
  for (const cell of answer.cells) {
    if (cell.layer !== layer || !visible.has(cell.row)) continue;
    const values = mass.get(cell.row) ?? new Float64Array(times.length);
    values[cell.column] = (values[cell.column] ?? 0) + Math.abs(Number(cell.valueUsd));
    mass.set(cell.row, values);
  }
  const peak = Math.max(HEAT_FLOOR_USD * 10, ...[...mass.values()].flatMap((row) => [...row]));
  const heatTo = roundUp(peak);
  const heatFrom = Math.max(HEAT_FLOOR_USD, heatTo / 500);
  const runs: HeatRun[] = [];
  for (const [row, values] of [...mass.entries()].sort(([left], [right]) => left - right)) {
    const band = visible.get(row);
    if (band) runs.push(...runsOf(values, band, times, (usd) => heatStep(usd, heatFrom, heatTo)));
  }
  return {
    runs,
    heatFrom,
    heatTo,
    profile: readProfile(answer.cells, visible, layer, times.length - 1),
  };
}

/** Neighbours of one colour in a row become one rectangle: the picture stays small. */
function runsOf(
  values: Float64Array,
  band: { readonly lower: number; readonly upper: number },
  times: HeatmapFacts['times'],
  stepOf: (usd: number) => number,
): HeatRun[] {
  const runs: HeatRun[] = [];
  let start = 0;
  for (let column = 1; column <= values.length; column += 1) {
    const step = stepOf(values[start] ?? 0);
    if (column < values.length && stepOf(values[column] ?? 0) === step) continue;
    const from = times[start];
    const to = times[column - 1];
    if (step >= 0 && from && to) runs.push({ fromTime: from.from, toTime: to.to, ...band, step });
    start = column;
  }
  return runs;
}

/** Step of the heat scale, logarithmic between its ends; −1 where there is nothing to draw. */
export function heatStep(usd: number, from: number, to: number): number {
  if (usd < HEAT_FLOOR_USD) return -1;
  const share = Math.log(usd / from) / Math.log(to / from);
  return Math.min(HEAT_STEPS - 1, Math.max(0, Math.floor(share * HEAT_STEPS)));
}

function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5, 10].find((unit) => unit * power >= value) ?? 10) * power;
}

function readRealized(
  answer: LiquidationHeatmap,
  times: HeatmapFacts['times'],
  prices: Scale,
): Realized[] {
  const rows = new Map(answer.rows.map((row) => [row.row, row]));
  return answer.cells
    .flatMap((cell) => {
      const row = rows.get(cell.row);
      const at = times[cell.column];
      if (cell.layer !== 'REALIZED' || !row || !at) return [];
      return {
        time: (at.from + at.to) / 2,
        price: (Number(row.lowerPriceUsd) + Number(row.upperPriceUsd)) / 2,
        usd: Number(cell.valueUsd),
        isLong: cell.side === 'LONG',
      };
    })
    .filter((one) => one.price >= prices.min && one.price <= prices.max)
    .sort((left, right) => right.usd - left.usd || left.time - right.time);
}

function heatmapFrame(
  answer: LiquidationHeatmap,
  facts: HeatmapFacts,
  size: ChartSize,
): ChartFrame {
  const symbol = answer.marketSymbol ?? 'market';
  const first = answer.columns[0]?.fromTime ?? answer.provenance.asOfTime;
  const last = answer.columns.at(-1)?.toTime ?? answer.provenance.asOfTime;
  const total = answer.realizedTotal;
  const subtitle = [
    venueName(answer.marketId),
    `${symbol}/USD`,
    windowText(first, last),
    `${total.count} liquidations, ${shortUsd(Number(total.valueUsd))}`,
  ].join(' · ');
  const [largest] = facts.realized;
  const largestOf = (isLong: boolean) =>
    largest?.isLong === isLong && size.width >= 700 ? ` (largest ${shortUsd(largest.usd)})` : '';
  const withProfile = size.width >= 720;
  return {
    title: `${symbol} ${TITLES[facts.layer]}`,
    subtitle,
    description: describe(answer, facts, subtitle),
    provenance: answer.provenance,
    legend: [
      { mark: 'line', color: paint('price'), text: 'Index price' },
      { mark: 'disc', color: paint('long'), text: `Long liquidated${largestOf(true)}` },
      { mark: 'ring', color: paint('short'), text: `Short liquidated${largestOf(false)}` },
    ],
    key: { width: 190, draw: (left, top) => drawHeatKey(facts, left, top) },
    plot: (box) => plotOption(facts, box, withProfile),
  };
}

function describe(answer: LiquidationHeatmap, facts: HeatmapFacts, subtitle: string): string {
  const longs = facts.realized.filter((one) => one.isLong).length;
  const [low, high] = [Math.min, Math.max].map((pick) =>
    facts.price.length === 0 ? 0 : pick(...facts.price.map(([, value]) => value)),
  );
  return [
    `${subtitle}.`,
    `Index price from ${groupDigits((low ?? 0).toPrecision(6))} to ${groupDigits((high ?? 0).toPrecision(6))} USD.`,
    `Colour is the notional ${facts.layer === 'PROSPECTIVE' ? 'standing to be liquidated at each price' : 'whose levels came or went so at each price, by column'}, logarithmic from ${shortUsd(facts.heatFrom)} to ${shortUsd(facts.heatTo)} in one cell.`,
    `Circles are liquidations that happened, ${longs} cells of longs and ${facts.realized.length - longs} of shorts; area is notional.`,
    ...answer.provenance.caveats,
  ].join(' ');
}

function drawHeatKey(facts: HeatmapFacts, left: number, top: number): string {
  const width = 190;
  const cells = Array.from({ length: HEAT_STEPS }, (_, step) =>
    element('rect', {
      x: left + (width * step) / HEAT_STEPS,
      y: top - 4,
      width: width / HEAT_STEPS + 0.5,
      height: 9,
      fill: paintHeat(step),
    }),
  );
  const label = { size: 11, color: paint('muted') };
  const middle = Math.sqrt(facts.heatFrom * facts.heatTo);
  return [
    ...cells,
    text(left, top + 17, shortUsd(facts.heatFrom), label),
    text(left + width / 2, top + 17, shortUsd(roundNice(middle)), { ...label, anchor: 'middle' }),
    text(left + width, top + 17, shortUsd(facts.heatTo), { ...label, anchor: 'end' }),
  ].join('');
}

function roundNice(value: number): number {
  return Number(value.toPrecision(2));
}

function plotOption(facts: HeatmapFacts, box: PlotBox, withProfile: boolean) {
  const axisRoom = 58;
  const profileRoom = withProfile ? PROFILE_WIDTH + 14 : 0;
  const main = {
    left: box.left + axisRoom,
    top: box.top,
    width: box.width - axisRoom - profileRoom,
    height: box.height - 34,
  };
  const side = { ...main, left: main.left + main.width + 14, width: PROFILE_WIDTH };
  const from = facts.times[0]?.from ?? 0;
  const to = facts.times.at(-1)?.to ?? from + 60_000;
  const time = timeScale(from, to, Math.floor(main.width / 74));
  const profileScale = scaleOfProfile(facts.profile);
  const prices = facts.prices;
  const priceLabel = (value: number) => priceText(value, prices.step);
  const hidden = { scale: prices, label: () => '', gridIndex: 1, showLabels: false };
  return {
    grid: withProfile ? [grid(main), grid(side)] : [grid(main)],
    xAxis: [
      axis({ scale: time, label: time.label, showGrid: true }),
      ...(withProfile
        ? [axis({ scale: profileScale, label: () => '', gridIndex: 1, showGrid: false })]
        : []),
    ],
    yAxis: [axis({ scale: prices, label: priceLabel }), ...(withProfile ? [axis(hidden)] : [])],
    series: [
      shapes((toPixels) => facts.runs.map((run) => heatShape(run, toPixels)), 0, { z: 1 }),
      line({
        points: facts.price,
        scale: prices,
        color: paint('casing'),
        width: 4.5,
        opacity: 0.75,
        z: 3,
      }),
      line({ points: facts.price, scale: prices, color: paint('price'), width: 1.8, z: 4 }),
      shapes((toPixels) => circles(facts.realized, toPixels, main), 0, { z: 5 }),
      ...(withProfile
        ? [
            shapes((toPixels) => profileShapes(facts.profile, facts.layer, prices, toPixels), 1),
            shapes(() => profileCaptions(facts.profile, facts.layer, side), 1),
          ]
        : []),
    ],
  };
}

function heatShape(run: HeatRun, toPixels: (x: number, y: number) => [number, number]): Shape {
  const [left, top] = toPixels(run.fromTime, run.upper);
  const [right, bottom] = toPixels(run.toTime, run.lower);
  // A whisker of overlap hides the seams that antialiasing leaves between neighbours.
  const shape = { x: left, y: top, width: right - left + 0.4, height: bottom - top + 0.4 };
  return { type: 'rect', shape, style: { fill: paintHeat(run.step) } };
}

function circles(
  realized: readonly Realized[],
  toPixels: (x: number, y: number) => [number, number],
  box: PlotBox,
): Shape[] {
  const largest = realized[0]?.usd ?? 1;
  const widest = Math.min(17, Math.max(8, box.width / 50));
  return realized.map((one) => {
    const [cx, cy] = toPixels(one.time, one.price);
    const r = Math.max(3, widest * Math.sqrt(one.usd / largest));
    return one.isLong
      ? {
          type: 'circle',
          shape: { cx, cy, r },
          style: { fill: paint('long'), opacity: 0.85, stroke: paint('casing'), lineWidth: 1.2 },
        }
      : {
          type: 'circle',
          shape: { cx, cy, r },
          style: { fill: paint('casing'), opacity: 0.95, stroke: paint('short'), lineWidth: 2.4 },
        };
  });
}
