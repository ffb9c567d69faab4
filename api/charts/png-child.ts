/** The process behind PngRenderer: draws one SVG after the other, ends with its parent. */
import { fileURLToPath } from 'node:url';
import { Resvg } from '@resvg/resvg-js';
import type { PngAnswer, PngOrder } from './png-renderer.ts';

/** Inter (SIL Open Font License, see fonts/OFL.txt), Latin subset: a server may have no fonts at all. */
const FONT_FILES = ['inter-regular.ttf', 'inter-semibold.ttf'].map((name) =>
  fileURLToPath(new URL(`./fonts/${name}`, import.meta.url)),
);

function draw({ svg, dpr }: PngOrder): PngAnswer {
  try {
    const renderer = new Resvg(svg, {
      fitTo: { mode: 'zoom', value: dpr },
      font: { fontFiles: FONT_FILES, loadSystemFonts: false, defaultFontFamily: 'Inter' },
    });
    return { kind: 'drawn', png: renderer.render().asPng() };
  } catch (error) {
    return { kind: 'refused', message: error instanceof Error ? error.message : String(error) };
  }
}

process.once('disconnect', () => process.exit(0));
// Ctrl-C reaches the whole process group: the parent may still answer while it stops in order.
process.on('SIGINT', () => undefined);
process.on('message', (order: PngOrder) => process.send?.(draw(order)));
