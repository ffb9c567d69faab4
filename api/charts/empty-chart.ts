import type { Provenance } from '../queries/answers.ts';
import { type ChartSize, composeChart } from './frame.ts';
import { axis, grid, type PlotBox, type Shape, shapes } from './plot.ts';
import { textWidth } from './svg-text.ts';
import { paint } from './theme.ts';

export interface EmptyPicture {
  readonly title: string;
  readonly subtitle: string;
  /** One sentence: what is missing. */
  readonly sentence: string;
  readonly provenance: Provenance;
}

const FONT_SIZE = 15;
const LINE_HEIGHT = 23;
const SIGN_HEIGHT = 30;

/** A chart of the asked size whose subject is missing: an empty panel that says what. */
export function emptyChart(picture: EmptyPicture, size: ChartSize): string {
  return composeChart(
    {
      title: picture.title,
      subtitle: picture.subtitle,
      description: picture.sentence,
      provenance: picture.provenance,
      legend: [],
      plot: (box) => plotOption(picture.sentence, box),
    },
    size,
  );
}

function plotOption(sentence: string, box: PlotBox): Record<string, unknown> {
  // No legend stands above the panel: it may begin a little higher.
  const panel = { ...box, top: box.top - 12, height: box.height + 8 };
  const hidden = axis({
    scale: { min: 0, max: 1, ticks: [], step: 1 },
    label: () => '',
    showLabels: false,
    showGrid: false,
  });
  return {
    grid: grid(panel),
    xAxis: hidden,
    yAxis: hidden,
    series: [shapes(() => saying(sentence, panel))],
  };
}

/** The sentence in the middle, under the sign of an empty set. */
function saying(sentence: string, panel: PlotBox): Shape[] {
  const lines = wrapText(sentence, FONT_SIZE, panel.width - 32);
  const height = SIGN_HEIGHT + 14 + lines.length * LINE_HEIGHT;
  const center = panel.left + panel.width / 2;
  const top = panel.top + Math.max(0, (panel.height - height) / 2);
  const middle = top + SIGN_HEIGHT / 2;
  const stroke = { fill: 'none', stroke: paint('axis'), lineWidth: 2 };
  return [
    { type: 'circle', shape: { cx: center, cy: middle, r: 10 }, style: stroke },
    {
      type: 'line',
      shape: { x1: center - 11, y1: middle + 11, x2: center + 11, y2: middle - 11 },
      style: stroke,
    },
    ...lines.map(
      (text, index): Shape => ({
        type: 'text',
        style: {
          text,
          x: center,
          y: top + SIGN_HEIGHT + 14 + index * LINE_HEIGHT,
          align: 'center',
          verticalAlign: 'top',
          fill: paint('muted'),
          fontSize: FONT_SIZE,
        },
      }),
    ),
  ];
}

/** Lines of whole words, each within a width in pixels where a single word is. */
export function wrapText(text: string, fontSize: number, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && textWidth(`${last} ${word}`, fontSize) <= width) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else {
      lines.push(word);
    }
  }
  return lines;
}
