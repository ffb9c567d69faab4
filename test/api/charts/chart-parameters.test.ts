import { describe, expect, test } from 'vitest';
import { knownParameters, parseChartParameters } from '../../../api/charts/chart-parameters.ts';
import { UsageError } from '../../../schema/errors.ts';

const parse = (query: string, format: 'svg' | 'png' = 'svg') =>
  parseChartParameters('liquidation-heatmap', format, new URLSearchParams(query));

describe('chart parameters', () => {
  test('have defaults for all', () => {
    expect(parse('')).toEqual({
      width: 1200,
      height: 620,
      dpr: 1,
      theme: 'light',
      showTitle: true,
      market: null,
      position: null,
      chainId: null,
      from: null,
      to: null,
      atBlock: null,
      cells: null,
      levels: null,
      layer: null,
    });
  });

  test('take times as ISO-8601 or unix seconds', () => {
    const { from, to } = parse('from=2023-08-17T21:30:00Z&to=1692309600');
    expect(from).toBe(1_692_307_800);
    expect(to).toBe(1_692_309_600);
    expect(parse('from=2023-08-17').from).toBe(1_692_230_400);
  });

  test.each([
    ['colour=red', /no such parameter/],
    ['W=400', /no such parameter/],
    ['position=42161:gmx-v2:0x01', /no such parameter/],
    ['dpr=2', /no such parameter/],
    ['w=319', /out of bounds/],
    ['w=2401', /out of bounds/],
    ['h=199', /out of bounds/],
    ['h=1601', /out of bounds/],
    ['w=1e3', /out of bounds/],
    ['w=-500', /out of bounds/],
    ['w=', /empty/],
    ['w=400&w=500', /given twice/],
    ['theme=neon', /no such value/],
    ['title=yes', /no such value/],
    ['cells=7', /no such value/],
    ['layer=realized', /no such value/],
    ['levels=LEDGER', /no such value/],
    ['from=yesterday', /not a time/],
    ['from=2023-13-40', /not a time/],
    ['to=2023-08-17T21:30:00', /not a time/],
    ['block=latest', /out of bounds/],
  ])('refuse %s', (query, message) => {
    expect(() => parse(query)).toThrow(UsageError);
    expect(() => parse(query)).toThrow(message);
  });

  test('say what is known when a name is not', () => {
    try {
      parse('colour=red');
      expect.unreachable();
    } catch (error) {
      expect((error as UsageError).remedy).toBe(
        `Known parameters: ${knownParameters('liquidation-heatmap', 'svg').join(', ')}.`,
      );
    }
  });

  test('bound the pixels of a PNG, not of an SVG', () => {
    expect(parse('w=2400&h=1600&dpr=1', 'png').width).toBe(2400);
    expect(() => parse('w=2400&h=1600&dpr=3', 'png')).toThrow(/too many pixels/);
    expect(parse('w=2400&h=1600').height).toBe(1600);
  });
});
