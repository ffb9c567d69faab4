import type { Provenance } from '../queries/answers.ts';
import { groupDigits, instantText } from './number-text.ts';
import { FONT_FAMILY, type PlotBox, renderPlot } from './plot.ts';
import { element, escapeMarkup, fitText, textWidth } from './svg-text.ts';
import { applyTheme, paint, type ThemeName } from './theme.ts';

export interface ChartSize {
  readonly width: number;
  readonly height: number;
  readonly theme: ThemeName;
  readonly showTitle: boolean;
}

export type LegendMark =
  | 'line'
  | 'dashed'
  | 'dotted'
  | 'disc'
  | 'ring'
  | 'square'
  | 'cross'
  | 'up'
  | 'down'
  | 'plus';

export interface LegendItem {
  readonly mark: LegendMark;
  readonly color: string;
  readonly text: string;
}

export interface ChartFrame {
  readonly title: string;
  readonly subtitle: string;
  /** The same facts in words, for readers who cannot see the picture. */
  readonly description: string;
  readonly provenance: Provenance;
  readonly legend: readonly LegendItem[];
  /** Draws into the room left by title, legend and stamp. */
  readonly plot: (box: PlotBox) => Record<string, unknown>;
  /** Extra drawing (a colour scale) at the right of the legend row, and the width it takes. */
  readonly key?: { readonly width: number; readonly draw: (left: number, top: number) => string };
}

const PADDING = 16;
const LEGEND_SIZE = 12;
const LEGEND_ROW = 20;

/** A whole chart as SVG text. Same answer and size, same bytes. */
export function composeChart(frame: ChartFrame, size: ChartSize): string {
  const header = size.showTitle ? drawHeader(frame, size) : { svg: '', bottom: 8 };
  const legend = drawLegend(frame, size, header.bottom);
  const top = legend.bottom + 6;
  const footerTop = size.height - 26;
  const box = {
    left: PADDING,
    top,
    width: size.width - 2 * PADDING,
    height: Math.max(60, footerTop - top),
  };
  const plot = renderPlot(frame.plot(box), size.width, size.height);
  const drawing = [
    element('rect', { width: size.width, height: size.height, fill: paint('background') }),
    plot,
    header.svg,
    legend.svg,
    drawFooter(frame.provenance, size),
  ].join('\n');
  const themed = applyTheme(drawing, size.theme);
  const style = themed.style === '' ? '' : `<style>${themed.style}</style>\n`;
  const title = `${frame.title}${frame.provenance.isSynthetic ? ' (synthetic traders)' : ''}`;
  const attributes = [
    'xmlns="http://www.w3.org/2000/svg"',
    `width="${size.width}" height="${size.height}" viewBox="0 0 ${size.width} ${size.height}"`,
    'role="img" aria-labelledby="bh-title bh-desc" class="bulkhead"',
    `font-family="${FONT_FAMILY}"`,
  ].join(' ');
  return [
    `<svg ${attributes}>`,
    `<title id="bh-title">${escapeMarkup(title)}</title>`,
    `<desc id="bh-desc">${escapeMarkup(frame.description)}</desc>`,
    `${style}${themed.drawing}`,
    '</svg>\n',
  ].join('\n');
}

function drawHeader(frame: ChartFrame, size: ChartSize): { svg: string; bottom: number } {
  const badge = frame.provenance.isSynthetic ? 'synthetic traders' : '';
  const badgeWidth = badge === '' ? 0 : textWidth(badge, 11) + 20;
  const room = size.width - 2 * PADDING;
  const titleSize = size.width < 560 ? 15 : 18;
  const title = text(PADDING, 27, fitText(frame.title, titleSize * 1.04, room - badgeWidth - 12), {
    size: titleSize,
    color: paint('text'),
    weight: 600,
  });
  const subtitle = text(PADDING, 46, fitText(frame.subtitle, 12.5, room), {
    size: 12.5,
    color: paint('muted'),
  });
  const pill =
    badge === ''
      ? ''
      : element('rect', {
          x: size.width - PADDING - badgeWidth,
          y: 11,
          width: badgeWidth,
          height: 20,
          rx: 10,
          fill: paint('badge'),
        }) +
        text(size.width - PADDING - badgeWidth / 2, 25, badge, {
          size: 11,
          color: paint('badgeText'),
          weight: 600,
          anchor: 'middle',
        });
  return { svg: [title, subtitle, pill].filter(Boolean).join('\n'), bottom: 56 };
}

function drawLegend(frame: ChartFrame, size: ChartSize, top: number) {
  const key = frame.key;
  const keyFitsBeside = key !== undefined && key.width < size.width * 0.5;
  const room = size.width - 2 * PADDING - (keyFitsBeside ? key.width + 16 : 0);
  const parts: string[] = [];
  let left = PADDING;
  let row = top + 12;
  for (const item of frame.legend) {
    const width = 24 + textWidth(item.text, LEGEND_SIZE) + 16;
    if (left > PADDING && left + width - 16 > PADDING + room) {
      left = PADDING;
      row += LEGEND_ROW;
    }
    parts.push(drawMark(item, left + 8, row - 4));
    const label = fitText(item.text, LEGEND_SIZE, Math.max(40, room - 24));
    parts.push(text(left + 22, row, label, { size: LEGEND_SIZE, color: paint('muted') }));
    left += width;
  }
  if (key !== undefined && keyFitsBeside) {
    parts.push(key.draw(size.width - PADDING - key.width, top));
  }
  return { svg: parts.join('\n'), bottom: row + 8 };
}

/** The sign of a legend entry, about 14 px wide, centred at (x, y). */
export function drawMark(item: Omit<LegendItem, 'text'>, left: number, y: number): string {
  const x = Math.round(left);
  const { color } = item;
  const stroke = { fill: 'none', stroke: color, 'stroke-width': 2 };
  switch (item.mark) {
    case 'line':
      return element('path', { d: `M${x - 8} ${y}h16`, ...stroke });
    case 'dashed':
      return element('path', { d: `M${x - 8} ${y}h16`, ...stroke, 'stroke-dasharray': '5 3' });
    case 'dotted':
      return element('path', { d: `M${x - 8} ${y}h16`, ...stroke, 'stroke-dasharray': '2 2.5' });
    case 'disc':
      return element('circle', { cx: x, cy: y, r: 5, fill: color });
    case 'ring':
      return element('circle', { cx: x, cy: y, r: 4.5, ...stroke });
    case 'square':
      return element('rect', { x: x - 5, y: y - 5, width: 10, height: 10, fill: color });
    case 'cross':
      return element('path', { d: `M${x - 5} ${y - 5}l10 10m0 -10l-10 10`, ...stroke });
    case 'plus':
      return element('path', { d: `M${x - 5} ${y}h10m-5 -5v10`, ...stroke });
    case 'up':
      return element('path', { d: `M${x} ${y - 5}l5 9h-10z`, fill: color });
    case 'down':
      return element('path', { d: `M${x} ${y + 5}l5 -9h-10z`, fill: color });
  }
}

function drawFooter(provenance: Provenance, size: ChartSize): string {
  const stamp = [
    ...(provenance.isSynthetic ? ['Synthetic traders'] : []),
    `as of block ${groupDigits(String(provenance.asOfBlock))}`,
    instantText(provenance.asOfTime),
    provenance.finality.toLowerCase(),
  ].join(' · ');
  const source = [
    provenance.chain,
    `${provenance.method} ${provenance.version} (${provenance.basis.toLowerCase()})`,
    `digest ${provenance.digest.slice(0, 10)}`,
  ];
  const y = size.height - 10;
  const room = size.width - 2 * PADDING;
  const stampWidth = textWidth(stamp, 11);
  const left = text(PADDING, y, fitText(stamp, 11, room), { size: 11, color: paint('muted') });
  const sourceRoom = room - stampWidth - 20;
  // What does not fit is left out whole, the least needed first.
  const fitting = [3, 2, 1]
    .map((count) => source.slice(0, count).join(' · '))
    .find((candidate) => textWidth(candidate, 11) <= sourceRoom);
  if (fitting === undefined) return left;
  return `${left}\n${text(size.width - PADDING, y, fitting, {
    size: 11,
    color: paint('muted'),
    anchor: 'end',
  })}`;
}

export interface TextStyle {
  readonly size: number;
  readonly color: string;
  readonly weight?: number;
  readonly anchor?: 'start' | 'middle' | 'end';
}

export function text(x: number, y: number, content: string, style: TextStyle): string {
  return element(
    'text',
    {
      x,
      y,
      'font-size': style.size,
      'font-weight': style.weight,
      'text-anchor': style.anchor,
      fill: style.color,
    },
    escapeMarkup(content),
  );
}
