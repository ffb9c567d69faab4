import { fileURLToPath } from 'node:url';
import { Resvg } from '@resvg/resvg-js';

/** Inter (SIL Open Font License, see fonts/OFL.txt), Latin subset: a server may have no fonts at all. */
const FONT_FILES = ['inter-regular.ttf', 'inter-semibold.ttf'].map((name) =>
  fileURLToPath(new URL(`./fonts/${name}`, import.meta.url)),
);

/** PNG of an SVG with fixed colours (`theme` light or dark), `dpr` pixels per SVG unit. */
export function renderPng(svg: string, dpr: number): Buffer {
  const renderer = new Resvg(svg, {
    fitTo: { mode: 'zoom', value: dpr },
    font: { fontFiles: FONT_FILES, loadSystemFonts: false, defaultFontFamily: 'Inter' },
  });
  return renderer.render().asPng();
}
