import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { emptyChart, wrapText } from '../../../api/charts/empty-chart.ts';
import { liquidationHeatmapChart } from '../../../api/charts/liquidation-heatmap-chart.ts';
import { marginHistoryChart } from '../../../api/charts/margin-history-chart.ts';
import { oracleLatencyChart } from '../../../api/charts/oracle-latency-chart.ts';
import { cutToScale } from '../../../api/charts/plot.ts';
import { PngRenderer } from '../../../api/charts/png-renderer.ts';
import { textWidth } from '../../../api/charts/svg-text.ts';
import { heatScale } from '../../../api/charts/theme.ts';
import { sampleHeatmap, sampleHistory, sampleLatency, sampleProvenance } from './sample-answers.ts';

const renderer = new PngRenderer();
afterAll(() => renderer.close());

const size = { width: 1200, height: 620, theme: 'light', showTitle: true } as const;
const latencyPicture = (isSynthetic = true) => ({
  overall: sampleLatency('ALL', { isSynthetic }),
  curves: sampleLatency('ALL'),
  hourly: sampleLatency('HOUR'),
  subject: '',
});
const drawAll = (theme: 'light' | 'dark' | 'auto', width = 1200, height = 620) => {
  const at = { width, height, theme, showTitle: true };
  return [
    liquidationHeatmapChart(sampleHeatmap(), at),
    marginHistoryChart(sampleHistory(), at),
    oracleLatencyChart(latencyPicture(), at),
  ];
};
const digest = (text: string) => createHash('sha256').update(text).digest('hex');

/** Path data, coordinates and text of a picture that are not finite numbers would read NaN. */
const WELL_FORMED = [
  (svg: string) => !/NaN|undefined|Infinity/.test(svg.replace(/<desc[\s\S]*?<\/desc>/, '')),
  (svg: string) => (svg.match(/<g\b/g) ?? []).length === (svg.match(/<\/g>/g) ?? []).length,
  (svg: string) => !/<script|<style[^>]*>.*@import|href="http|url\(http|onload=|ecmeta/i.test(svg),
  (svg: string) => !/zr\d|#fe[0-9a-f]{4}/.test(svg),
];

describe('the three charts', () => {
  test('come out byte for byte the same twice in one process', () => {
    expect(drawAll('light')).toEqual(drawAll('light'));
    expect(drawAll('auto')).toEqual(drawAll('auto'));
  });

  test('come out byte for byte the same in another process and time zone', () => {
    const script = fileURLToPath(new URL('./print-digests.ts', import.meta.url));
    const run = (zone: string) =>
      execFileSync(process.execPath, ['--import', 'tsx', script], {
        env: { ...process.env, TZ: zone, LC_ALL: 'de_DE.UTF-8' },
        encoding: 'utf8',
      })
        .trim()
        .split('\n');
    const here = drawAll('dark').map(digest);
    expect(run('Pacific/Auckland')).toEqual(here);
    expect(run('America/Los_Angeles')).toEqual(here);
  });

  test('are whole, static SVG in every theme and size', () => {
    for (const theme of ['light', 'dark', 'auto'] as const) {
      for (const [width, height] of [
        [320, 200],
        [800, 480],
        [2400, 1600],
      ] as const) {
        for (const svg of drawAll(theme, width, height)) {
          for (const check of WELL_FORMED) expect(check(svg), svg.slice(0, 300)).toBe(true);
          expect(svg).toContain(`viewBox="0 0 ${width} ${height}"`);
        }
      }
    }
  });

  test('say on the picture that traders are synthetic, with and without a title', () => {
    for (const svg of drawAll('light')) expect(svg).toContain('>synthetic traders</text>');
    const untitled = marginHistoryChart(sampleHistory(), { ...size, showTitle: false });
    expect(untitled).not.toContain('>Margin history of one ETH long</text>');
    expect(untitled).toMatch(/>Synthetic traders · as of block 3,651/);
    const narrow = marginHistoryChart(sampleHistory(), { ...size, width: 320, showTitle: false });
    expect(narrow).toContain('>Synthetic traders');
  });

  test('do not say so when traders are real', () => {
    const real = { isSynthetic: false, note: null };
    const drawn = [
      liquidationHeatmapChart(sampleHeatmap(20, real), size),
      marginHistoryChart(sampleHistory(real), size),
      oracleLatencyChart(latencyPicture(false), size),
    ];
    for (const svg of drawn) expect(svg.toLowerCase()).not.toContain('synthetic');
  });

  test('carry title and description for readers who cannot see them', () => {
    const [heatmap = '', history = '', latency = ''] = drawAll('light');
    expect(heatmap).toMatch(/<title id="bh-title">ETH liquidation heatmap \(synthetic traders\)</);
    expect(history).toMatch(/<desc id="bh-desc">[^<]*Lowest health factor/);
    expect(latency).toMatch(/<desc id="bh-desc">[^<]*p50 \d+ s, p95 \d+ s/);
    for (const svg of [heatmap, history, latency]) expect(svg).toContain('role="img"');
  });

  test('keep markup in names as text', () => {
    const hostile = { ...sampleHeatmap(8), marketSymbol: '<script>alert("x")</script>&\u0007' };
    const svg = liquidationHeatmapChart(hostile, size);
    expect(svg).not.toContain('<script');
    expect(svg).not.toContain('\u0007');
    expect(svg).toContain('&lt;script&gt;');
    const chain = sampleProvenance({ chain: '"><svg onload=1>' });
    const footer = liquidationHeatmapChart({ ...sampleHeatmap(8), provenance: chain }, size);
    expect(footer).not.toContain('<svg onload');
  });

  test('draw answers that hold nothing', () => {
    const heatmap = { ...sampleHeatmap(4), rows: [], cells: [] };
    const noPrice = {
      ...heatmap,
      columns: heatmap.columns.map((column) => ({
        ...column,
        openPriceUsd: null,
        highPriceUsd: null,
        lowPriceUsd: null,
        closePriceUsd: null,
      })),
    };
    const empty = { ...sampleLatency('ALL'), groups: [] };
    const drawn = [
      liquidationHeatmapChart(heatmap, size),
      liquidationHeatmapChart(noPrice, size),
      liquidationHeatmapChart({ ...heatmap, columns: [] }, size),
      marginHistoryChart({ ...sampleHistory(), points: [], marks: [] }, size),
      oracleLatencyChart({ overall: empty, curves: empty, hourly: empty, subject: '' }, size),
    ];
    for (const svg of drawn) for (const check of WELL_FORMED) expect(check(svg)).toBe(true);
  });

  test('follow the colour scheme of the reader under theme=auto', () => {
    for (const svg of drawAll('auto')) {
      expect(svg).toContain('@media (prefers-color-scheme:dark)');
      // Black fills are those of clip paths, which are never seen.
      const fixed = svg
        .replace(/<style>[\s\S]*?<\/style>/, '')
        .match(/(fill|stroke)="#(?!000")\w+"/g);
      expect(fixed).toBeNull();
    }
    for (const svg of drawAll('dark')) expect(svg).not.toContain('<style');
  });
});

describe('the liquidation heatmap', () => {
  test('draws every cell of a large map, none left out by progressive rendering', () => {
    const answer = sampleHeatmap(4);
    const columns = Array.from({ length: 150 }, (_, column) => ({
      ...answer.columns[0]!,
      column,
      fromTime: new Date(Date.UTC(2023, 7, 17) + column * 60_000).toISOString(),
      toTime: new Date(Date.UTC(2023, 7, 17) + (column + 1) * 60_000).toISOString(),
      lowPriceUsd: '1600',
      highPriceUsd: '1640',
    }));
    // Neighbours differ in colour, so that no two cells merge into one rectangle.
    const cells = answer.rows.flatMap(({ row }) =>
      columns.map(({ column }) => ({
        row,
        column,
        layer: 'PROSPECTIVE' as const,
        side: 'LONG' as const,
        valueUsd: column % 2 === 0 ? '900000' : '5000',
        count: 1,
      })),
    );
    const svg = liquidationHeatmapChart({ ...answer, columns, cells }, size);
    const visible = answer.rows.filter(
      (row) => Number(row.upperPriceUsd) > 1600 * 0.92 && Number(row.lowerPriceUsd) < 1640 * 1.08,
    ).length;
    const shades = new Set(heatScale('light'));
    const drawn = [...svg.matchAll(/<path d="[^"]*" fill="(#[0-9a-f]{6})"/g)].filter(([, fill]) =>
      shades.has(fill!),
    );
    expect(visible * columns.length).toBeGreaterThan(3_000);
    expect(drawn).toHaveLength(visible * columns.length);
  });

  test('draws one circle for each cell with a liquidation', () => {
    const answer = sampleHeatmap();
    const svg = liquidationHeatmapChart(answer, { ...size, width: 640 });
    const realized = answer.cells.filter((cell) => cell.layer === 'REALIZED');
    const longs = realized.filter((cell) => cell.side === 'LONG').length;
    expect(realized.length).toBeGreaterThan(10);
    // Legend marks are <circle>, those of the plot come from ECharts.
    const body = svg.slice(svg.indexOf('<path'));
    expect(
      body.match(/fill="#d55e00" fill-opacity="0\.85"|fill="#d55e00"[^>]*opacity="0\.85"/g),
    ).toHaveLength(longs);
  });
});

describe('a picture', () => {
  test('needs no clipping: what lies off its panels is cut before it is drawn', async () => {
    const history = sampleHistory();
    const far = history.points.map((point, index) => ({
      ...point,
      liquidationPrice: index % 2 === 0 ? '1' : '99999999',
      healthFactor: index % 3 === 0 ? -5 : 1e9,
    }));
    const svg = marginHistoryChart({ ...history, points: far }, size);
    expect(svg).not.toContain('clip-path');
    const heights = [...svg.matchAll(/[ML](-?[\d.]+) (-?[\d.]+)/g)].map(([, , y]) => Number(y));
    expect(heights.length).toBeGreaterThan(100);
    expect(Math.min(...heights)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...heights)).toBeLessThanOrEqual(size.height);
    // A line wholly outside, behind a clip path, made the PNG renderer end the process.
    const below = history.points.map((point) => ({ ...point, liquidationPrice: '1' }));
    const drawn = marginHistoryChart({ ...history, points: below }, size);
    expect((await renderer.render(drawn, 1)).readUInt32BE(16)).toBe(size.width);
  });

  test('keeps the part of a line that is inside its panel', () => {
    const scale = { min: 0, max: 10 };
    expect(
      cutToScale(
        [
          [0, 5],
          [1, 15],
          [2, 20],
          [3, -10],
          [4, 5],
        ],
        scale,
      ).filter(([, y]) => y !== null),
    ).toEqual([
      [0, 5],
      [0.5, 10],
      [2 + 1 / 3, 10],
      [2 + 2 / 3, 0],
      [3 + 2 / 3, 0],
      [4, 5],
    ]);
    expect(
      cutToScale(
        [
          [0, 30],
          [1, 40],
        ],
        scale,
      ).every(([, y]) => y === null),
    ).toBe(true);
  });
});

describe('a picture without a subject', () => {
  const sentence = 'No position was open in this window.';
  const draw = (over: { width: number; height: number }) =>
    emptyChart(
      { title: 'Heatmap', subtitle: 'arbitrum', sentence, provenance: sampleProvenance() },
      { ...size, ...over },
    );

  test('has the asked size, says what is missing and as of when', () => {
    for (const [width, height] of [
      [320, 200],
      [480, 520],
      [2400, 1600],
    ] as const) {
      const svg = draw({ width, height });
      for (const check of WELL_FORMED) expect(check(svg)).toBe(true);
      expect(svg).toContain(`viewBox="0 0 ${width} ${height}"`);
      expect(svg).toContain(`<desc id="bh-desc">${sentence}</desc>`);
      expect(svg).toMatch(/>No position was open[^<]*<\/text>/);
      expect(svg).toContain('as of block 3,651');
    }
  });

  test('breaks a sentence between words where it is too wide', () => {
    const lines = wrapText(sentence, 15, 150);
    expect(lines.length).toBeGreaterThan(1);
    expect(lines.join(' ')).toBe(sentence);
    for (const text of lines) expect(textWidth(text, 15)).toBeLessThanOrEqual(150);
    expect(wrapText(sentence, 15, 1000)).toEqual([sentence]);
  });
});

describe('a PNG', () => {
  test('has the asked size in pixels and draws text without any system font', async () => {
    const svg = liquidationHeatmapChart(sampleHeatmap(), { ...size, width: 400, height: 300 });
    const png = await renderer.render(svg, 2);
    expect(png.readUInt32BE(16)).toBe(800);
    expect(png.readUInt32BE(20)).toBe(600);
    const withoutText = await renderer.render(svg.replace(/<text[\s\S]*?<\/text>/g, ''), 2);
    expect(withoutText.byteLength).toBeLessThan(png.byteLength * 0.8);
  });

  test('is byte for byte the same twice, in one process and in two', async () => {
    const [svg = ''] = drawAll('dark', 640, 400);
    const first = await renderer.render(svg, 1);
    expect(first.equals(await renderer.render(svg, 1))).toBe(true);
    const { pid } = renderer;
    await renderer.close();
    expect(first.equals(await renderer.render(svg, 1))).toBe(true);
    expect(renderer.pid).not.toBe(pid);
  });
});
