/**
 * Every colour of every picture, in both themes. Charts are drawn with placeholders (`paint`), and
 * the finished picture is coloured once: so light, dark and auto are the same drawing.
 *
 * Side, event and provider colours are from Okabe and Ito's colour-blind-safe set, shifted in
 * lightness per theme; nothing is told by colour alone (fill, dash or shape differ too).
 */
export type ThemeName = 'light' | 'dark' | 'auto';

interface Shade {
  readonly light: string;
  readonly dark: string;
}

const SHADES = {
  background: { light: '#ffffff', dark: '#0b1420' },
  plot: { light: '#f7f9fb', dark: '#0e1a29' },
  text: { light: '#101c2b', dark: '#eaf1f8' },
  muted: { light: '#4a5a6c', dark: '#a3b3c4' },
  grid: { light: '#e1e7ed', dark: '#1d2c3e' },
  axis: { light: '#6a7a8c', dark: '#7b8c9f' },
  badge: { light: '#fff0d6', dark: '#3a2a0c' },
  badgeText: { light: '#6b4300', dark: '#ffd28a' },
  price: { light: '#101c2b', dark: '#ffffff' },
  casing: { light: '#ffffff', dark: '#0b1420' },
  long: { light: '#d55e00', dark: '#ff9a3d' },
  short: { light: '#a3308a', dark: '#f29ad8' },
  health: { light: '#0063a8', dark: '#5cb8f5' },
  liquidation: { light: '#c22f00', dark: '#ff8257' },
  good: { light: '#00735a', dark: '#3fd0a8' },
  danger: { light: '#d55e00', dark: '#ff7a45' },
  caution: { light: '#e69f00', dark: '#e6b54a' },
  lagMedian: { light: '#0063a8', dark: '#5cb8f5' },
  lagTail: { light: '#b04a00', dark: '#ffa657' },
  lagMax: { light: '#a3308a', dark: '#f29ad8' },
  series1: { light: '#0063a8', dark: '#5cb8f5' },
  series2: { light: '#b04a00', dark: '#ffa657' },
  series3: { light: '#00735a', dark: '#3fd0a8' },
  series4: { light: '#a3308a', dark: '#f29ad8' },
} as const satisfies Record<string, Shade>;

export type ColourName = keyof typeof SHADES;
const COLOUR_NAMES = Object.keys(SHADES) as ColourName[];

/** Steps of the heat scale; 0 is the faintest mass that is drawn. */
export const HEAT_STEPS = 24;
const HEAT: readonly Shade[] = Array.from({ length: HEAT_STEPS }, (_, step) => {
  const t = step / (HEAT_STEPS - 1);
  return { light: seaColour(t, 'light'), dark: seaColour(t, 'dark') };
});

/**
 * A sequential scale with lightness linear in t (OKLab), hue from deep blue to pale green: on dark
 * ground more mass is lighter, on light ground darker.
 */
function seaColour(t: number, theme: 'light' | 'dark'): string {
  const depth = theme === 'dark' ? t : 1 - t;
  const lightness = 0.27 + 0.68 * depth;
  const hue = 262 - 142 * depth ** 1.15;
  const chroma = 0.035 + 0.1 * Math.sin(Math.PI * Math.min(1, 0.12 + 0.8 * depth));
  return oklchToHex(lightness, chroma, hue);
}

/** OKLCH to sRGB hex, clipped to gamut (Björn Ottosson's published matrices). */
function oklchToHex(lightness: number, chroma: number, hueDegrees: number): string {
  const a = chroma * Math.cos((hueDegrees * Math.PI) / 180);
  const b = chroma * Math.sin((hueDegrees * Math.PI) / 180);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return `#${[
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ]
    .map(gammaByte)
    .join('')}`;
}

function gammaByte(linear: number): string {
  const bounded = Math.min(1, Math.max(0, linear));
  const encoded = bounded <= 0.0031308 ? 12.92 * bounded : 1.055 * bounded ** (1 / 2.4) - 0.055;
  return Math.round(encoded * 255)
    .toString(16)
    .padStart(2, '0');
}

/** Placeholder of a named colour: '#fe' and four digits, replaced by `applyTheme`. */
export function paint(name: ColourName): string {
  return placeholder(COLOUR_NAMES.indexOf(name));
}

/** Placeholder of a step of the heat scale, 0 … HEAT_STEPS − 1; others are clamped. */
export function paintHeat(step: number): string {
  const bounded = Math.min(HEAT_STEPS - 1, Math.max(0, Math.round(step)));
  return placeholder(COLOUR_NAMES.length + bounded);
}

function placeholder(index: number): string {
  return `#fe${index.toString(16).padStart(4, '0')}`;
}

/** Colour as drawn, for tests of contrast. */
export function shadeOf(name: ColourName, theme: 'light' | 'dark'): string {
  return SHADES[name][theme];
}

/** The heat scale as drawn, faintest first. */
export function heatScale(theme: 'light' | 'dark'): readonly string[] {
  return HEAT.map((shade) => shade[theme]);
}

function shadeAt(index: number): Shade {
  const name = COLOUR_NAMES[index];
  const shade = name === undefined ? HEAT[index - COLOUR_NAMES.length] : SHADES[name];
  if (shade === undefined) throw new RangeError(`no colour ${index}`);
  return shade;
}

/**
 * The drawing with real colours, and the style rules it needs: none for a fixed theme; for `auto`
 * custom properties that follow the reader's colour scheme.
 */
export function applyTheme(drawing: string, theme: ThemeName): { drawing: string; style: string } {
  const used = new Set<number>();
  const coloured = drawing.replace(/#fe([0-9a-f]{4})/g, (_match, digits: string) => {
    const index = Number.parseInt(digits, 16);
    used.add(index);
    return theme === 'auto' ? `var(--b${index})` : shadeAt(index)[theme];
  });
  if (theme !== 'auto') return { drawing: coloured, style: '' };
  const indexes = [...used].sort((left, right) => left - right);
  const rules = (side: 'light' | 'dark') =>
    `.bulkhead{${indexes.map((index) => `--b${index}:${shadeAt(index)[side]}`).join(';')}}`;
  return {
    drawing: coloured,
    style: `${rules('light')}@media (prefers-color-scheme:dark){${rules('dark')}}`,
  };
}
