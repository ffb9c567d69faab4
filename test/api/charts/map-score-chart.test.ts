import { afterAll, describe, expect, test } from 'vitest';
import { mapScoreChart } from '../../../api/charts/map-score-chart.ts';
import { leadText } from '../../../api/charts/map-score-panels.ts';
import { PngRenderer } from '../../../api/charts/png-renderer.ts';
import type { ThemeName } from '../../../api/charts/theme.ts';
import type { Gain } from '../../../api/queries/information-gain.ts';
import { RECALL_WITHIN_BPS } from '../../../api/queries/level-errors.ts';
import type {
  LiquidationMapScore,
  MapScoreLead,
} from '../../../api/queries/liquidation-map-score.ts';
import { DEFAULT_LEADS } from '../../../api/queries/map-score-window.ts';
import { FATES } from '../../../api/queries/mass-fate.ts';
import { sampleProvenance } from './sample-answers.ts';

const renderer = new PngRenderer();
afterAll(() => renderer.close());

const bucket = (valueUsd: number, count: number) => ({ valueUsd: String(valueUsd), count });
const NO_GAIN: Gain = { mean: null, low: null, high: null };

/** Invented grades in the real shape: no figure in here was ever observed. */
function sampleLead(leadSeconds: number, place: number, count: number): MapScoreLead {
  const isGraded = count > 0;
  const error = isGraded ? 12 + 40 * place : null;
  return {
    leadSeconds,
    known: bucket((6 - place) * count, count),
    withoutLevel: bucket(0, 0),
    unknownLevel: bucket(0, 0),
    openedSince: bucket(place * count, place),
    levelErrorBps: {
      n: count,
      mean: error,
      min: isGraded ? -30 * place : null,
      p1: null,
      p10: place < 3 && isGraded ? 2 : null,
      p50: place < 4 ? error : null,
      p90: place < 3 && isGraded ? 300 : null,
      p99: null,
      max: isGraded ? 900 : null,
    },
    recall: RECALL_WITHIN_BPS.map((withinBps, index) => ({
      withinBps,
      ...bucket(1, 1),
      share: isGraded ? ((6 - place) / 6) * ((index + 1) / 6) : null,
      shareOfOpen: isGraded ? (index + 1) / 6 : null,
    })),
    fate: {
      steps: 9,
      whole: bucket(place === 5 ? 0 : 1_234_567, place === 5 ? 0 : 10 * count),
      parts: FATES.map((fate, index) => ({
        fate,
        ...bucket(1, 1),
        share: place === 5 || !isGraded ? null : [0.5, 0.2, 0.2, 0.05, 0.05][index]!,
      })),
    },
    informationGain: {
      events: count,
      outsideDomain: 0,
      withoutPrice: 0,
      emptyMap: 0,
      clusters: count,
      cells: 81,
      smoothing: 0.01,
      overUniform: isGraded
        ? { mean: 2 - place, low: place < 3 ? 1 - place : null, high: place < 3 ? 3 - place : null }
        : NO_GAIN,
      overLaplace: isGraded ? { mean: 1 - place, low: null, high: null } : NO_GAIN,
      laplaceScaleBps: isGraded ? 120 : null,
    },
  };
}

function sampleScore(count = 17, over: Partial<LiquidationMapScore> = {}): LiquidationMapScore {
  return {
    provenance: sampleProvenance({ method: 'liquidation-map-score' }),
    marketId: '42161:gmx-v2:0xaa',
    marketSymbol: 'ETH',
    side: null,
    cellWidth: 'BPS_50',
    fromTime: '2023-08-14T22:05:05.000Z',
    toTime: '2023-08-18T03:39:05.000Z',
    realized: bucket(825_331.6, count),
    leads: DEFAULT_LEADS.map((lead, place) => sampleLead(lead, place, count)),
    ...over,
  };
}

const draw = (
  answer: LiquidationMapScore,
  { width = 1_200, height = 620, theme = 'light' as ThemeName } = {},
) => mapScoreChart(answer, { width, height, theme, showTitle: true });

const NOT_FINITE = /NaN|undefined|Infinity/;

describe('the picture of the report card', () => {
  test('is the same bytes for the same answer, and another in another theme', () => {
    const answer = sampleScore();
    expect(draw(answer)).toBe(draw(answer));
    expect(draw(answer, { theme: 'dark' })).not.toBe(draw(answer));
  });

  test('says in words what it shows, lead by lead', () => {
    const svg = draw(sampleScore());
    expect(svg).toContain('Report card of the ETH liquidation map (synthetic traders)');
    expect(svg).toContain('17 liquidations, $825k');
    expect(svg).toContain(
      '1 min before: 67% known within 50 bps, 0 not open yet, 50% of the mass in',
    );
    expect(svg).toContain('gain 2.00.');
    expect(svg).toContain('24 h before: 11% known');
  });

  test('shows the mass that each bar stands for, and none where the price went through nothing', () => {
    const svg = draw(sampleScore());
    expect(svg.match(/>\$1\.23M</g)).toHaveLength(5);
    expect(svg.match(/>none</g)).toHaveLength(1);
  });

  test('draws as many panels as have room, and none outside the picture', async () => {
    const captions = (svg: string) =>
      svg.match(/>(?:Known before|What became|Level error|Information gain)/g);
    for (const [width, height, panels] of [
      [1_200, 620, 4],
      [640, 480, 4],
      [480, 520, 4],
      [2_400, 1_600, 4],
      [320, 200, 1],
    ] as const) {
      const svg = draw(sampleScore(), { width, height });
      expect(svg).not.toMatch(NOT_FINITE);
      expect(captions(svg), `${width} × ${height}`).toHaveLength(panels);
      for (const [, x, y] of svg.matchAll(/[ML](-?[\d.]+) (-?[\d.]+)/g)) {
        expect(Number(x)).toBeLessThanOrEqual(width);
        expect(Number(y)).toBeLessThanOrEqual(height);
        expect(Math.min(Number(x), Number(y))).toBeGreaterThanOrEqual(0);
      }
    }
    const png = await renderer.render(draw(sampleScore(), { theme: 'dark' }), 1);
    expect(png.readUInt32BE(16)).toBe(1_200);
  });

  test('draws a window in which nothing was liquidated, one lead, and one side', () => {
    for (const answer of [
      sampleScore(0),
      sampleScore(3, { leads: [sampleLead(90, 0, 3)] }),
      sampleScore(3, { side: 'SHORT', marketSymbol: null }),
    ]) {
      expect(draw(answer)).not.toMatch(NOT_FINITE);
    }
    expect(draw(sampleScore(3, { side: 'SHORT' }))).toContain('ETH/USD shorts');
    expect(draw(sampleScore(3, { leads: [sampleLead(90, 0, 3)] }))).toContain('>90 s<');
  });

  test('tells the median from the mean, which stands where few were liquidated', () => {
    const disc = /<circle[^>]* fill="#101c2b"/g;
    const few = sampleScore(3, { leads: [sampleLead(60, 5, 3)] });
    const many = sampleScore(3, { leads: [sampleLead(60, 0, 3)] });
    expect((draw(many).match(disc) ?? []).length).toBe((draw(few).match(disc) ?? []).length + 1);
  });

  test('names leads shortly', () => {
    expect([60, 90, 900, 3_600, 86_400, 5_400].map(leadText)).toEqual([
      '1 min',
      '90 s',
      '15 min',
      '1 h',
      '24 h',
      '90 min',
    ]);
  });
});
