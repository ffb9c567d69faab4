import type { LiquidationMapScore, MapScoreLead } from '../queries/liquidation-map-score.ts';
import { type ChartFrame, type ChartSize, composeChart, type LegendItem } from './frame.ts';
import {
  errorPanel,
  FATE_COLOURS,
  fatePanel,
  gainPanel,
  leadAxis,
  leadText,
  type Panel,
  recallLegend,
  recallPanel,
} from './map-score-panels.ts';
import { percentText, shortUsd, windowText } from './number-text.ts';
import { axis, grid, type PlotBox, type Shape, shapes } from './plot.ts';
import { fitText } from './svg-text.ts';
import { paint } from './theme.ts';
import { venueName } from './venue-name.ts';

/** From this width on the panels stand two by two. */
const TWO_COLUMNS = 560;
/** Lower than this a picture shows how much was known, and nothing else. */
const LEAST_CARD = 320;
/** Lower than this a panel says nothing: the last ones are left out. */
const LEAST_PANEL = 58;
const AXIS_ROOM = 48;
const COLUMN_GAP = 12;
const CAPTION_ROOM = 26;
const LABEL_ROOM = 22;

/**
 * The report card of a liquidation map by lead: how much of what was liquidated was known before, how
 * far off its level was, what became of the mass that the price went through, and what the map knew
 * beyond two null models.
 */
export function mapScoreChart(answer: LiquidationMapScore, size: ChartSize): string {
  return composeChart(scoreFrame(answer, size.height < LEAST_CARD), size);
}

function scoreFrame(answer: LiquidationMapScore, isThumbnail: boolean): ChartFrame {
  const symbol = answer.marketSymbol ?? 'market';
  const sides = answer.side === null ? '' : ` ${answer.side.toLowerCase()}s`;
  const subtitle = [
    venueName(answer.marketId),
    `${symbol}/USD${sides}`,
    `${answer.realized.count} liquidations, ${shortUsd(Number(answer.realized.valueUsd))}`,
    windowText(answer.fromTime, answer.toTime),
  ].join(' · ');
  return {
    title: `Report card of the ${symbol} liquidation map`,
    subtitle,
    description: describe(answer, subtitle),
    provenance: answer.provenance,
    legend: isThumbnail ? recallLegend() : [...recallLegend(), ...legend()],
    plot: (box) => plotOption(answer.leads, box, isThumbnail ? 1 : 4),
  };
}

function legend(): LegendItem[] {
  const fate = (text: string, name: keyof typeof FATE_COLOURS): LegendItem => ({
    mark: 'square',
    color: paint(FATE_COLOURS[name]),
    text,
  });
  return [
    { mark: 'square', color: paint('axis'), text: 'Not open yet' },
    fate('Liquidated', 'LIQUIDATED'),
    fate('Rescued', 'RESCUED'),
    fate('Closed', 'CLOSED'),
    fate('Moved', 'MOVED'),
    fate('Still standing', 'STANDING'),
    { mark: 'disc', color: paint('price'), text: 'Over uniform null' },
    { mark: 'ring', color: paint('price'), text: 'Laplace null' },
  ];
}

function describe({ leads, provenance }: LiquidationMapScore, subtitle: string): string {
  const lines = leads.map((lead) => {
    const near = lead.recall.find(({ withinBps }) => withinBps === 50);
    const liquidated = lead.fate.parts.find(({ fate }) => fate === 'LIQUIDATED');
    const gain = lead.informationGain.overUniform.mean;
    return [
      `${leadText(lead.leadSeconds)} before:`,
      `${shareText(near?.share)} known within 50 bps,`,
      `${lead.openedSince.count} not open yet,`,
      `${shareText(liquidated?.share)} of the mass in reach liquidated,`,
      `gain ${gain === null ? 'unknown' : gain.toFixed(2)}.`,
    ].join(' ');
  });
  return [`${subtitle}.`, ...lines, ...provenance.caveats].join(' ');
}

function shareText(share: number | null | undefined): string {
  return share === null || share === undefined ? 'none' : percentText(share);
}

function plotOption(leads: readonly MapScoreLead[], box: PlotBox, most: number) {
  const boxes = panelBoxes(box, most);
  const height = boxes[0]?.height ?? 0;
  const panels: readonly Panel[] = [
    recallPanel(leads),
    fatePanel(leads),
    errorPanel(leads, height),
    gainPanel(leads, height),
  ];
  const drawn = boxes.flatMap((at, index) => {
    const panel = panels[index];
    return panel ? [{ at, index, panel }] : [];
  });
  const lowest = Math.max(...boxes.map(({ top }) => top));
  const isLowest = ({ top }: PlotBox) => top === lowest;
  return {
    grid: drawn.map(({ at }) => grid(at)),
    xAxis: drawn.map(({ at, index }) => leadAxis(leads, index, isLowest(at))),
    yAxis: drawn.map(({ index, panel }) =>
      axis({ scale: panel.scale, label: panel.label, gridIndex: index }),
    ),
    series: drawn.flatMap(({ at, index, panel }) => [
      ...panel.series(index, at),
      shapes(() => [caption(panel.caption, at)], index, { z: 6 }),
    ]),
  };
}

/** As many of the four panels as have room, two by two where it is wide; the lowest bear the leads. */
function panelBoxes(box: PlotBox, most: number): PlotBox[] {
  const columns = most > 1 && box.width >= TWO_COLUMNS ? 2 : 1;
  const usable = box.height - LABEL_ROOM;
  const least = LEAST_PANEL + CAPTION_ROOM;
  const rows = Math.max(1, Math.min(most / columns, Math.floor(usable / least)));
  const width = (box.width - columns * AXIS_ROOM - (columns - 1) * COLUMN_GAP - 6) / columns;
  const pitch = usable / rows;
  return Array.from({ length: rows * columns }, (_, index) => ({
    left: box.left + AXIS_ROOM + (index % columns) * (width + AXIS_ROOM + COLUMN_GAP),
    top: box.top + Math.floor(index / columns) * pitch + CAPTION_ROOM,
    width,
    height: Math.max(8, pitch - CAPTION_ROOM),
  }));
}

function caption(content: string, box: PlotBox): Shape {
  return {
    type: 'text',
    style: {
      text: fitText(content, 12, box.width),
      x: box.left,
      y: box.top - 5,
      align: 'left',
      verticalAlign: 'bottom',
      fill: paint('muted'),
      fontSize: 12,
    },
  };
}
