import { describe, expect, test } from 'vitest';
import {
  applyTheme,
  type ColourName,
  HEAT_STEPS,
  heatScale,
  paint,
  paintHeat,
  shadeOf,
} from '../../../api/charts/theme.ts';

const THEMES = ['light', 'dark'] as const;

function channels(hex: string): [number, number, number] {
  return [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255) as [
    number,
    number,
    number,
  ];
}

/** WCAG 2 relative luminance. */
function luminance(hex: string): number {
  const [r, g, b] = channels(hex).map((value) =>
    value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4,
  ) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(left: string, right: string): number {
  const [high, low] = [luminance(left), luminance(right)].sort((a, b) => b - a) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

describe.each(THEMES)('the %s theme', (theme) => {
  test('has text and axis labels at a contrast of 4.5 or more on both grounds', () => {
    const pairs: [ColourName, ColourName][] = [
      ['text', 'background'],
      ['text', 'plot'],
      ['muted', 'background'],
      ['muted', 'plot'],
      ['badgeText', 'badge'],
    ];
    for (const [ink, ground] of pairs) {
      expect(
        contrast(shadeOf(ink, theme), shadeOf(ground, theme)),
        `${ink} on ${ground}`,
      ).toBeGreaterThanOrEqual(4.5);
    }
  });

  test('has lines and marks at a contrast of 3 or more on the plot', () => {
    const marks: ColourName[] = [
      'price',
      'long',
      'short',
      'health',
      'liquidation',
      'good',
      'danger',
      'lagTail',
      'lagMax',
      'series1',
      'series2',
      'series3',
      'series4',
    ];
    for (const mark of marks) {
      expect(contrast(shadeOf(mark, theme), shadeOf('plot', theme)), mark).toBeGreaterThanOrEqual(
        3,
      );
    }
  });

  test('has a heat scale whose lightness moves one way in even steps, away from the ground', () => {
    const scale = heatScale(theme);
    expect(scale).toHaveLength(HEAT_STEPS);
    // CIE lightness, which the eye reads as evenly spaced.
    const lightness = scale.map((hex) => 116 * Math.cbrt(luminance(hex)) - 16);
    const direction = theme === 'dark' ? 1 : -1;
    const steps = lightness.slice(1).map((value, at) => (value - lightness[at]!) * direction);
    const mean = steps.reduce((sum, step) => sum + step, 0) / steps.length;
    for (const step of steps) {
      expect(step).toBeGreaterThan(mean * 0.5);
      expect(step).toBeLessThan(mean * 1.6);
    }
  });
});

describe('colour-blind readers', () => {
  // Machado, Oliveira and Fernandes (2009), severity 1, on linear light.
  const SIMULATIONS: Record<string, readonly number[]> = {
    protanopia: [
      0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998,
    ],
    deuteranopia: [
      0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881,
    ],
  };

  test.each(Object.keys(SIMULATIONS))('tell long from short under %s', (kind) => {
    const matrix = SIMULATIONS[kind]!;
    const seen = (hex: string) => {
      const [r, g, b] = channels(hex).map((value) => value ** 2.2) as [number, number, number];
      return [0, 3, 6].map((row) => {
        const linear = matrix[row]! * r + matrix[row + 1]! * g + matrix[row + 2]! * b;
        return Math.max(0, linear) ** (1 / 2.2);
      });
    };
    for (const theme of THEMES) {
      const [long, short] = [seen(shadeOf('long', theme)), seen(shadeOf('short', theme))];
      const distance = Math.hypot(...long.map((value, at) => value - short[at]!));
      expect(distance).toBeGreaterThan(0.25);
    }
  });
});

test('placeholders become colours once, and never stay', () => {
  const drawing = `<a fill="${paint('text')}" stroke="${paintHeat(3)}"/>`;
  expect(applyTheme(drawing, 'light').drawing).toBe(
    `<a fill="${shadeOf('text', 'light')}" stroke="${heatScale('light')[3]}"/>`,
  );
  const auto = applyTheme(drawing, 'auto');
  expect(auto.drawing).toMatch(/^<a fill="var\(--b\d+\)" stroke="var\(--b\d+\)"\/>$/);
  expect(auto.style).toContain(shadeOf('text', 'dark'));
});
