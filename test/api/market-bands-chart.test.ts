import { describe, expect, it } from 'vitest';
import { marginBandsChart } from '../../api/charts/margin-bands-chart.ts';
import type { ThemeName } from '../../api/charts/theme.ts';
import type {
  MarginBandColumn,
  MarketMarginBands,
} from '../../api/queries/market-bands-answers.ts';
import { bandQuantiles } from '../../margin/margin-quantiles.ts';
import { sampleProvenance } from './charts/sample-answers.ts';

const START = Date.UTC(2023, 7, 17, 12);
const HOUR = 3_600_000;

/** Invented health factors in the real shape: no figure in here was ever observed. */
function sampleBands(columns: number, positions: number): MarketMarginBands {
  const at = (column: number): MarginBandColumn => {
    const health = Array.from(
      { length: column === 3 ? 0 : positions },
      (_, index) => 0.8 + index * (1 + Math.sin(column / 3) / 2),
    );
    const quantiles = bandQuantiles(health.map((value) => ({ value, weight: 1n })));
    const band = { byCount: quantiles, byNotional: quantiles };
    const below = (limit: number) => health.filter((value) => value < limit).length;
    return {
      column,
      fromTime: new Date(START + column * HOUR).toISOString(),
      toTime: new Date(START + (column + 1) * HOUR).toISOString(),
      blockNumber: column === 0 ? null : column,
      blockTime: column === 0 ? null : new Date(START + column * HOUR).toISOString(),
      closePriceUsd: '1800',
      open: { count: health.length, valueUsd: String(health.length * 1_000) },
      unjudged: 0,
      liquidatable: { count: below(1), valueUsd: String(below(1) * 1_000) },
      marginRatio: band,
      healthFactor: band,
      under: [1, 1.1, 1.25, 1.5].map((limit) => ({
        health: limit,
        count: below(limit),
        valueUsd: String(below(limit) * 1_000),
      })),
      closest:
        health[0] === undefined
          ? null
          : {
              positionId: '42161:gmx-v2:0x00112233445566778899',
              side: 'LONG',
              healthFactor: health[0],
              marginRatio: 0.01,
              notionalUsd: '1000',
              liquidationPrice: '1700',
            },
    };
  };
  return {
    provenance: sampleProvenance({ method: 'market-margin-bands' }),
    marketId: '42161:gmx-v2:0xaa',
    marketSymbol: 'ETH',
    side: null,
    levels: 'JUDGED',
    columns: Array.from({ length: columns }, (_, column) => at(column)),
  };
}

const draw = (answer: MarketMarginBands, theme: ThemeName = 'light') =>
  marginBandsChart(answer, { width: 900, height: 500, theme, showTitle: true });

describe('the picture of margin bands', () => {
  it('is the same bytes for the same answer, and another in another theme', () => {
    const answer = sampleBands(24, 9);
    expect(draw(answer)).toBe(draw(answer));
    expect(draw(answer, 'dark')).not.toBe(draw(answer));
  });

  it('says in words what it shows: the least health, and what is under the thresholds at the end', () => {
    const svg = draw(sampleBands(24, 9));
    expect(svg).toContain('Health of all ETH positions (synthetic traders)');
    expect(svg).toContain('Least health 0.800');
    expect(svg).toContain('1 ($1k) under 1,');
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  });

  it('draws a market without a position, and one column alone', () => {
    for (const answer of [sampleBands(24, 0), sampleBands(2, 5), sampleBands(1, 5)]) {
      const svg = draw(answer);
      expect(svg).not.toMatch(/NaN|undefined|Infinity/);
    }
    expect(draw(sampleBands(24, 0))).toContain('No position was open in this window.');
  });

  it('breaks its bands where no position was open', () => {
    // Columns 1 and 2, then a gap at 3: two runs, each of two bands.
    const polygons = (svg: string) => svg.split('fill-opacity').length - 1;
    expect(polygons(draw(sampleBands(24, 9)))).toBeGreaterThan(polygons(draw(sampleBands(3, 9))));
  });
});
