/** Text for SVG and HTML: markup of a name or a note must stay text. Control characters are dropped. */
export function escapeMarkup(text: string): string {
  return text
    .replace(/[^\P{Cc}\t\n\r]|[\u{FFFE}\u{FFFF}]|\p{Cs}/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

export type Attributes = Readonly<Record<string, string | number | undefined>>;

/** One element; attributes in the order given, numbers with at most two decimals. */
export function element(name: string, attributes: Attributes, content = ''): string {
  const text = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${attributeText(value ?? '')}"`)
    .join('');
  return content === '' ? `<${name}${text}/>` : `<${name}${text}>${content}</${name}>`;
}

function attributeText(value: string | number): string {
  return typeof value === 'number' ? String(Math.round(value * 100) / 100) : escapeMarkup(value);
}

/** Rough width of a text in Inter, in pixels: for laying out one line, with a little slack. */
export function textWidth(text: string, fontSize: number): number {
  let units = 0;
  for (const character of text) units += characterWidth(character);
  return units * fontSize;
}

function characterWidth(character: string): number {
  if (/[iljI|.,:;'!· ]/.test(character)) return 0.29;
  if (/[ftr()\-/[\]]/.test(character)) return 0.38;
  if (/[mwMW@%—]/.test(character)) return 0.88;
  if (/[A-Z]/.test(character)) return 0.69;
  if (/[0-9$+=<>~≤≥×−–]/.test(character)) return 0.63;
  return 0.58;
}

/** The text cut to a width, with an ellipsis where something is missing. */
export function fitText(text: string, fontSize: number, width: number): string {
  if (textWidth(text, fontSize) <= width) return text;
  let kept = text;
  while (kept.length > 1 && textWidth(`${kept}…`, fontSize) > width) kept = kept.slice(0, -1);
  return `${kept.trimEnd()}…`;
}
