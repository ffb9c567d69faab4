import { CustomChart, LineChart } from 'echarts/charts';
import { GridComponent } from 'echarts/components';
import * as echarts from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { paint } from './theme.ts';
import type { Scale } from './ticks.ts';

echarts.use([CustomChart, LineChart, GridComponent, SVGRenderer]);

/** Fonts by name only: a picture loads nothing. PNG rendering has Inter bundled. */
export const FONT_FAMILY = "Inter, 'Helvetica Neue', Helvetica, Arial, sans-serif";

export interface PlotBox {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** What `renderItem` may use: data coordinates to pixels. */
export type ToPixels = (x: number, y: number) => [number, number];
export interface Shape {
  readonly type: 'rect' | 'circle' | 'line' | 'polyline' | 'polygon' | 'text' | 'path';
  readonly shape?: Record<string, unknown>;
  readonly style: Record<string, unknown>;
}

/**
 * ECharts on the server, made repeatable. Progressive rendering would silently leave out part of a
 * large series; ids carry a counter of the process; hover styles mean nothing in a still picture.
 * @returns the inside of an SVG element: no scripts, no styles, ids that depend on the picture only.
 */
export function renderPlot(option: Record<string, unknown>, width: number, height: number): string {
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    chart.setOption({
      animation: false,
      progressive: 0,
      progressiveThreshold: Number.POSITIVE_INFINITY,
      hoverLayerThreshold: Number.POSITIVE_INFINITY,
      useUTC: true,
      textStyle: { fontFamily: FONT_FAMILY, fontSize: 12 },
      ...option,
    });
    return tidy(chart.renderToSVGString());
  } finally {
    chart.dispose(); // else its timers keep the process alive
  }
}

function tidy(svg: string): string {
  const inside = svg.slice(svg.indexOf('>') + 1, svg.lastIndexOf('</svg>'));
  return (
    inside
      .replace(/<style\b[\s\S]*?<\/style>/g, '')
      .replace(/<clipPath\b[\s\S]*?<\/clipPath>| clip-path="[^"]*"/g, '')
      .replace(/<defs ?>\s*<\/defs>/g, '')
      .replace(/ (?:class="zr\d+-cls-\d+"|ecmeta_[a-z_]+="[^"]*"|pointer-events="[^"]*")/g, '')
      .replace(/\bzr\d+-/g, 'bh-')
      .replace(/ font-family:[^;"]*;|font-family:[^;"]*;/g, '')
      .replace(/-?\d+\.\d{3,}/g, (number) => String(Math.round(Number(number) * 100) / 100))
      .replace(/\s*\n\s*/g, '')
      // Boxes that would catch the mouse: they draw nothing.
      .replace(/<(path|rect)(?![^>]*stroke=)[^>]* fill="none"><\/\1>/g, '')
  );
}

export function grid(box: PlotBox): Record<string, unknown> {
  return {
    left: box.left,
    top: box.top,
    width: box.width,
    height: box.height,
    show: true,
    backgroundColor: paint('plot'),
    borderWidth: 0,
    borderColor: paint('grid'),
    outerBoundsMode: 'none',
  };
}

export interface AxisInput {
  readonly scale: Scale;
  readonly label: (value: number) => string;
  readonly gridIndex?: number;
  readonly position?: 'left' | 'right' | 'top' | 'bottom';
  readonly showLabels?: boolean;
  readonly showGrid?: boolean;
}

/** A value axis whose range and ticks are ours: nothing depends on locale or time zone. */
export function axis(input: AxisInput): Record<string, unknown> {
  const { scale } = input;
  const customValues = [...scale.ticks];
  return {
    type: 'value',
    min: scale.min,
    max: scale.max,
    gridIndex: input.gridIndex ?? 0,
    ...(input.position ? { position: input.position } : {}),
    axisLine: { show: false },
    axisTick: { show: false, customValues },
    splitLine: {
      show: input.showGrid ?? true,
      lineStyle: { color: paint('grid'), width: 1 },
    },
    axisLabel: {
      show: input.showLabels ?? true,
      color: paint('muted'),
      fontSize: 12,
      lineHeight: 15,
      hideOverlap: false,
      showMinLabel: true,
      showMaxLabel: true,
      customValues,
      formatter: input.label,
    },
  };
}

/**
 * Free shapes in the coordinates of one panel. Nothing is clipped by the renderer (see `line`): the
 * caller keeps shapes inside.
 */
export function shapes(
  draw: (toPixels: ToPixels) => readonly Shape[],
  panel = 0,
  options: { readonly z?: number } = {},
): Record<string, unknown> {
  return {
    type: 'custom',
    xAxisIndex: panel,
    yAxisIndex: panel,
    clip: false,
    silent: true,
    z: options.z ?? 2,
    data: [[0, 0]],
    renderItem: (_params: unknown, api: { coord: (value: number[]) => number[] }) => ({
      type: 'group',
      silent: true,
      children: draw((x, y) => {
        const [left = 0, top = 0] = api.coord([x, y]);
        return [left, top];
      }),
    }),
  };
}

export type LinePoint = readonly [number, number | null];

export interface LineInput {
  readonly points: readonly LinePoint[];
  /** Of the y axis: what lies outside is cut off. */
  readonly scale: Scale;
  readonly color: string;
  readonly width?: number;
  readonly dash?: readonly number[];
  /** Each value holds until the next point. */
  readonly step?: boolean;
  readonly opacity?: number;
  readonly z?: number;
}

/**
 * One line; a null breaks it. Every point given is drawn (no sampling: extremes are the fact). It is
 * cut to the panel here and not by a clip path: resvg ends the process on a clipped group that lies
 * wholly outside the canvas.
 */
export function line(input: LineInput, panel = 0): Record<string, unknown> {
  const points = input.step ? expandSteps(input.points) : input.points;
  return {
    type: 'line',
    xAxisIndex: panel,
    yAxisIndex: panel,
    data: cutToScale(points, input.scale),
    showSymbol: false,
    silent: true,
    clip: false,
    z: input.z ?? 3,
    lineStyle: {
      color: input.color,
      width: input.width ?? 2,
      join: 'round',
      cap: 'round',
      opacity: input.opacity ?? 1,
      type: input.dash ? [...input.dash] : 'solid',
    },
  };
}

function expandSteps(points: readonly LinePoint[]): LinePoint[] {
  return points.flatMap((point, index): LinePoint[] => {
    const before = points[index - 1];
    return before ? [[point[0], before[1]], point] : [point];
  });
}

/** The line inside [min, max]: where it leaves or enters, a point on the edge and a break. */
export function cutToScale(
  points: readonly LinePoint[],
  { min, max }: { readonly min: number; readonly max: number },
): LinePoint[] {
  const cut: LinePoint[] = [];
  points.forEach(([x, y], index) => {
    const [lastX, lastY] = points[index - 1] ?? [x, null];
    if (y === null) {
      cut.push([x, null]);
      return;
    }
    if (lastY !== null) {
      const crossings = [min, max]
        .filter((edge) => (lastY < edge && y > edge) || (lastY > edge && y < edge))
        .map((edge): LinePoint => [lastX + ((x - lastX) * (edge - lastY)) / (y - lastY), edge]);
      cut.push(...(y < lastY ? crossings.reverse() : crossings));
    }
    cut.push(y < min || y > max ? [x, null] : [x, y]);
  });
  return cut;
}
