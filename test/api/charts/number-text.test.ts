import { expect, test } from 'vitest';
import {
  groupDigits,
  instantText,
  percentText,
  priceText,
  secondsText,
  shortUsd,
  windowText,
} from '../../../api/charts/number-text.ts';
import { linearScale, timeScale } from '../../../api/charts/ticks.ts';

test.each([
  [0, '$0'],
  [0.5, '$0.5'],
  [999.4, '$999'],
  [999.9, '$1k'],
  [1_234, '$1.23k'],
  [45_600, '$45.6k'],
  [999_700, '$1M'],
  [12_000_000, '$12M'],
  [3_400_000_000, '$3.4B'],
  [-2_500, '−$2.5k'],
])('writes %d USD as %s', (value, text) => {
  expect(shortUsd(value)).toBe(text);
});

test('writes prices with the decimals that their axis needs', () => {
  expect(priceText(1684.5, 0.5)).toBe('1,684.5');
  expect(priceText(1700, 50)).toBe('1,700');
  expect(priceText(0.00012, 0.00002)).toBe('0.00012');
});

test('writes digits, shares, seconds and instants in one fixed form', () => {
  expect(groupDigits('1234567.891')).toBe('1,234,567.891');
  expect(groupDigits('-1234')).toBe('-1,234');
  expect([percentText(1), percentText(0.05), percentText(0.0012)]).toEqual(['100%', '5%', '0.12%']);
  expect([secondsText(18.1), secondsText(300), secondsText(7_200)]).toEqual([
    '18.1 s',
    '5 min',
    '2 h',
  ]);
  expect(instantText('2023-08-17T21:44:05.000Z')).toBe('17 Aug 2023 21:44:05 UTC');
});

test('writes a window without saying anything twice', () => {
  const at = (text: string) => `2023-08-${text}:00.000Z`;
  expect(windowText(at('17T21:20'), at('17T22:10'))).toBe('17 Aug 2023 21:20 – 22:10 UTC');
  expect(windowText(at('16T03:00'), at('18T03:39'))).toBe('16 Aug 03:00 – 18 Aug 2023 03:39 UTC');
  expect(windowText('2022-12-31T23:00:00.000Z', at('01T00:00'))).toBe(
    '31 Dec 2022 23:00 – 1 Aug 2023 00:00 UTC',
  );
});

test('places at least three round ticks inside any range', () => {
  for (const [min, max, count] of [
    [1558, 1828, 9],
    [19.7, 23.9, 4],
    [0, 44.8, 2],
    [0.00011, 0.00019, 5],
    [-3, 5e9, 6],
  ] as const) {
    const scale = linearScale(min, max, count);
    expect(scale.ticks.length).toBeGreaterThanOrEqual(3);
    for (const tick of scale.ticks) {
      expect(tick).toBeGreaterThanOrEqual(min - scale.step * 1e-6);
      expect(tick).toBeLessThanOrEqual(max + scale.step * 1e-6);
    }
  }
  expect(linearScale(5, 5, 4).max).toBeGreaterThan(5);
});

test('labels midnights with the day and the first tick with both', () => {
  const scale = timeScale(Date.UTC(2023, 7, 17, 20, 10), Date.UTC(2023, 7, 18, 4), 8);
  expect(scale.ticks.map(scale.label)).toEqual([
    '21:00\n17 Aug',
    '22:00',
    '23:00',
    '18 Aug',
    '01:00',
    '02:00',
    '03:00',
    '04:00',
  ]);
});
