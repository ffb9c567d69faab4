import { element, escapeMarkup } from '../charts/svg-text.ts';

/** Text already safe to place in a page: only `html` and `raw` make it. */
export interface Markup {
  readonly markup: string;
}

type Value = string | number | Markup | readonly Markup[];

/** HTML from a template: every value is escaped unless it is markup itself. */
export function html(strings: TemplateStringsArray, ...values: readonly Value[]): Markup {
  const parts = strings.map((text, index) => {
    const value = values[index];
    return value === undefined ? text : text + markupOf(value);
  });
  return { markup: parts.join('') };
}

function markupOf(value: Value): string {
  if (typeof value === 'string' || typeof value === 'number') return escapeMarkup(String(value));
  return 'markup' in value ? value.markup : value.map((one) => one.markup).join('');
}

/** Our own fixed markup (style, logo), never anything from outside. */
export function raw(markup: string): Markup {
  return { markup };
}

/** A hull in section: four compartments, one of them flooded. */
const LOGO_SHAPES = [
  element('path', { d: 'M4 16h56v10a28 28 0 0 1-56 0z', fill: '#0063a8' }),
  element('path', { d: 'M33 16h12v36.5a28 28 0 0 1-12 1.5z', fill: '#3fd0a8' }),
  element('path', {
    d: 'M18 16v34M32 16v38M46 16v34',
    stroke: '#ffffff',
    'stroke-width': 3.5,
    fill: 'none',
  }),
  element('path', {
    d: 'M4 10h56',
    stroke: '#5cb8f5',
    'stroke-width': 4,
    'stroke-linecap': 'round',
  }),
].join('');

const LOGO_ATTRIBUTES = 'xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"';

export const LOGO: Markup = raw(`<svg ${LOGO_ATTRIBUTES} aria-hidden="true">${LOGO_SHAPES}</svg>`);

export const FAVICON_URL = `data:image/svg+xml,${encodeURIComponent(
  `<svg ${LOGO_ATTRIBUTES}>${LOGO_SHAPES}</svg>`,
)}`;
