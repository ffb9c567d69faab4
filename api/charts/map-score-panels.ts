import type { MapScoreLead } from '../queries/liquidation-map-score.ts';
import type { Fate } from '../queries/mass-fate.ts';
import type { LegendItem } from './frame.ts';
import { percentText, shortUsd } from './number-text.ts';
import {
  axis,
  type LinePoint,
  line,
  type PlotBox,
  type Shape,
  shapes,
  type ToPixels,
} from './plot.ts';
import { type ColourName, paint, paintHeat } from './theme.ts';
import { linearScale, type Scale } from './ticks.ts';

/** One panel over the leads: place k is at x = k, from −0.5 on. */
export interface Panel {
  readonly caption: string;
  readonly scale: Scale;
  readonly label: (value: number) => string;
  readonly series: (panel: number, box: PlotBox) => Record<string, unknown>[];
}

export const FATE_COLOURS: Readonly<Record<Fate, ColourName>> = {
  LIQUIDATED: 'liquidation',
  RESCUED: 'good',
  CLOSED: 'series1',
  MOVED: 'series4',
  STANDING: 'caution',
};

/** Widths that are drawn, the narrowest first; the answer has more. */
const DRAWN_WITHIN: readonly {
  readonly bps: number;
  readonly color: string;
  readonly mark: 'line' | 'dashed' | 'dotted';
  readonly dash?: readonly number[];
}[] = [
  { bps: 10, color: paintHeat(23), mark: 'line' },
  { bps: 50, color: paintHeat(16), mark: 'dashed', dash: [7, 4] },
  { bps: 200, color: paintHeat(10), mark: 'dotted', dash: [2, 3] },
];

/** Share of what was liquidated whose level was known, and what was not open yet. */
export function recallPanel(leads: readonly MapScoreLead[]): Panel {
  // Room for the dots of a recall of 1.
  const scale = { min: 0, max: 1.05, ticks: [0, 0.25, 0.5, 0.75, 1], step: 0.25 };
  const realized = (lead: MapScoreLead) =>
    [lead.known, lead.withoutLevel, lead.unknownLevel, lead.openedSince].reduce(
      (sum, { valueUsd }) => sum + Number(valueUsd),
      0,
    );
  const young = leads.map((lead) => {
    const whole = realized(lead);
    return whole > 0 ? Number(lead.openedSince.valueUsd) / whole : 0;
  });
  return {
    caption: 'Known before: share of what was liquidated, its level within so much of the trigger',
    scale,
    label: percentText,
    series: (panel) => [
      shapes(
        (toPixels) =>
          young.flatMap((share, place) => bar(toPixels, place, 1 - share, 1, 'axis', 0.28)),
        panel,
        { z: 1 },
      ),
      ...DRAWN_WITHIN.map(({ bps, color, dash }) =>
        line(
          {
            points: leads.map((lead, place): LinePoint => [place, recallAt(lead, bps)]),
            scale,
            color,
            width: 2.2,
            ...(dash ? { dash } : {}),
          },
          panel,
        ),
      ),
      shapes((toPixels) => recallDots(leads, toPixels), panel, { z: 5 }),
    ],
  };
}

function recallDots(leads: readonly MapScoreLead[], toPixels: ToPixels): Shape[] {
  return DRAWN_WITHIN.flatMap(({ bps, color }) =>
    leads.flatMap((lead, place): Shape[] => {
      const share = recallAt(lead, bps);
      if (share === null) return [];
      const [cx, cy] = toPixels(place, share);
      return [{ type: 'circle', shape: { cx, cy, r: 3 }, style: { fill: color } }];
    }),
  );
}

function recallAt(lead: MapScoreLead, bps: number): number | null {
  return lead.recall.find(({ withinBps }) => withinBps === bps)?.share ?? null;
}

export function recallLegend(): LegendItem[] {
  return DRAWN_WITHIN.map(({ bps, color, mark }, index) => ({
    mark,
    color,
    text: index === 0 ? `Within ${bps} bps` : `${bps} bps`,
  }));
}

/** Bounds of the axis of errors grow by the factor of ten: a crash has both 2 and 700 bps. */
const LINEAR_BPS = 5;
const squash = (bps: number) => Math.asinh(bps / LINEAR_BPS);
const ERROR_TICKS = [-3_000, -1_000, -300, -100, -30, -10, 0, 10, 30, 100, 300, 1_000, 3_000];

/** How far beyond its level a position was executed: least to most, p10 to p90, median. */
export function errorPanel(leads: readonly MapScoreLead[], height: number): Panel {
  const ends = leads.flatMap(({ levelErrorBps: { min, max } }) => [min ?? 0, max ?? 0]);
  const min = squash(Math.min(-10, ...ends)) - 0.4;
  const max = squash(Math.max(10, ...ends)) + 0.4;
  const isTight = height < 150;
  const ticks = ERROR_TICKS.filter((tick) => !isTight || /^-?(0|10|100|1000)$/.test(String(tick)))
    .map(squash)
    .filter((tick) => tick >= min && tick <= max);
  return {
    caption:
      'Level error, bps: + executed beyond the level (least to most; disc: median, ring: mean)',
    scale: { min, max, ticks, step: 1 },
    label: (value) => {
      const bps = Math.round(LINEAR_BPS * Math.sinh(value));
      return bps > 0 ? `+${bps}` : String(bps).replace('-', '−');
    },
    series: (panel) => [
      shapes((toPixels) => zeroLine(leads, toPixels), panel, { z: 1 }),
      shapes((toPixels) => leads.flatMap((lead, place) => whisker(lead, place, toPixels)), panel),
    ],
  };
}

function whisker(
  { levelErrorBps: error }: MapScoreLead,
  place: number,
  toPixels: ToPixels,
): Shape[] {
  const { min, max, p10, p50, p90, mean } = error;
  if (min === null || max === null || mean === null) return [];
  const color = paint('price');
  const at = (bps: number) => toPixels(place, squash(bps));
  const [x, top] = at(max);
  const [, bottom] = at(min);
  const cap = (y: number): Shape => ({
    type: 'line',
    shape: { x1: x - 5, y1: y, x2: x + 5, y2: y },
    style: { fill: 'none', stroke: color, lineWidth: 1.6 },
  });
  const body: Shape[] =
    p10 === null || p90 === null
      ? []
      : [
          {
            type: 'rect',
            shape: { x: x - 7, y: at(p90)[1], width: 14, height: at(p10)[1] - at(p90)[1] },
            style: { fill: color, opacity: 0.35 },
          },
        ];
  const [cx, cy] = at(p50 ?? mean);
  return [
    {
      type: 'line',
      shape: { x1: x, y1: top, x2: x, y2: bottom },
      style: { fill: 'none', stroke: color, lineWidth: 1.6 },
    },
    cap(top),
    cap(bottom),
    ...body,
    {
      type: 'circle',
      shape: { cx, cy, r: 4.5 },
      style: {
        fill: p50 === null ? paint('plot') : color,
        stroke: color,
        lineWidth: 2,
      },
    },
  ];
}

/** What became of the mass that the price went through: shares, with the whole above. */
export function fatePanel(leads: readonly MapScoreLead[]): Panel {
  return {
    caption: 'What became of the mass that the price went through',
    scale: { min: 0, max: 1.14, ticks: [0, 0.25, 0.5, 0.75, 1], step: 0.25 },
    label: percentText,
    series: (panel, box) => [
      shapes(
        (toPixels) => leads.flatMap((lead, place) => fateBar(lead, place, toPixels, box)),
        panel,
      ),
    ],
  };
}

function fateBar({ fate }: MapScoreLead, place: number, toPixels: ToPixels, box: PlotBox): Shape[] {
  let from = 0;
  const parts = fate.parts.flatMap(({ fate: name, share }) => {
    const start = from;
    from += share ?? 0;
    return [
      ...bar(toPixels, place, start, from, FATE_COLOURS[name], 1),
      ...(start > 0 && from > start ? [seam(toPixels, place, start)] : []),
    ];
  });
  const [x, top] = toPixels(place, 1);
  const isEmpty = fate.whole.count === 0;
  if (box.height < 70) return parts;
  return [
    ...parts,
    {
      type: 'text',
      style: {
        text: isEmpty ? 'none' : shortUsd(Number(fate.whole.valueUsd)),
        x,
        y: isEmpty ? toPixels(place, 0)[1] - 4 : top - 3,
        align: 'center',
        verticalAlign: 'bottom',
        fill: paint('muted'),
        fontSize: 11,
      },
    },
  ];
}

/** Mean information gain against both nulls, with intervals where they stand. */
export function gainPanel(leads: readonly MapScoreLead[], height: number): Panel {
  const values = leads.flatMap(({ informationGain: { overUniform, overLaplace } }) =>
    [overUniform, overLaplace].flatMap(({ mean, low, high }) => [mean ?? 0, low ?? 0, high ?? 0]),
  );
  const [least, most] = [Math.min(-0.5, ...values), Math.max(1, ...values)];
  const room = (most - least) * 0.08;
  return {
    caption: 'Information gain, nats a liquidation: above 0 the map knew more than the null',
    scale: linearScale(least - room, most + room, Math.max(3, Math.floor(height / 38))),
    label: (value) => String(value).replace('-', '−'),
    series: (panel) => [
      shapes((toPixels) => zeroLine(leads, toPixels), panel, { z: 1 }),
      shapes((toPixels) => leads.flatMap((lead, place) => gainMarks(lead, place, toPixels)), panel),
    ],
  };
}

const GAIN_SHIFT = 0.12;

function gainMarks({ informationGain }: MapScoreLead, place: number, toPixels: ToPixels): Shape[] {
  const { overUniform, overLaplace } = informationGain;
  return [
    { gain: overUniform, at: place - GAIN_SHIFT, isFilled: true },
    { gain: overLaplace, at: place + GAIN_SHIFT, isFilled: false },
  ].flatMap(({ gain, at, isFilled }): Shape[] => {
    if (gain.mean === null) return [];
    const color = paint('price');
    const [x, y] = toPixels(at, gain.mean);
    const interval: Shape[] =
      gain.low === null || gain.high === null
        ? []
        : [
            {
              type: 'line',
              shape: {
                x1: x,
                y1: toPixels(at, gain.high)[1],
                x2: x,
                y2: toPixels(at, gain.low)[1],
              },
              style: { fill: 'none', stroke: color, lineWidth: 1.8 },
            },
          ];
    const style = { fill: isFilled ? color : paint('plot'), stroke: color, lineWidth: 2 };
    const mark: Shape = { type: 'circle', shape: { cx: x, cy: y, r: 4.2 }, style };
    return [...interval, mark];
  });
}

/** Axis of the leads, from the shortest. */
export function leadAxis(leads: readonly MapScoreLead[], panel: number, showLabels: boolean) {
  const ticks = leads.map((_, place) => place);
  return axis({
    scale: { min: -0.5, max: leads.length - 0.5, ticks, step: 1 },
    label: (place) => (leads[place] ? leadText(leads[place].leadSeconds) : ''),
    gridIndex: panel,
    showLabels,
    showGrid: false,
  });
}

/** @example leadText(14_400) // '4 h' */
export function leadText(seconds: number): string {
  if (seconds % 3_600 === 0) return `${seconds / 3_600} h`;
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}

function zeroLine(leads: readonly MapScoreLead[], toPixels: ToPixels): Shape[] {
  const [x1, y] = toPixels(-0.5, 0);
  const [x2] = toPixels(leads.length - 0.5, 0);
  return [
    {
      type: 'line',
      shape: { x1, y1: y, x2, y2: y },
      style: { fill: 'none', stroke: paint('axis'), lineWidth: 1.2 },
    },
  ];
}

/** Parts of a bar are told apart by more than their colours. */
function seam(toPixels: ToPixels, place: number, at: number): Shape {
  const [x1, y] = toPixels(place - 0.32, at);
  const [x2] = toPixels(place + 0.32, at);
  const style = { fill: 'none', stroke: paint('plot'), lineWidth: 1.5 };
  return { type: 'line', shape: { x1, y1: y, x2, y2: y }, style };
}

/** A bar of a place from one value to another; nothing where they are the same. */
function bar(
  toPixels: ToPixels,
  place: number,
  from: number,
  to: number,
  color: ColourName,
  opacity: number,
): Shape[] {
  if (to <= from) return [];
  const [left, top] = toPixels(place - 0.32, to);
  const [right, bottom] = toPixels(place + 0.32, from);
  const shape = { x: left, y: top, width: right - left, height: bottom - top };
  return [{ type: 'rect', shape, style: { fill: paint(color), opacity } }];
}
