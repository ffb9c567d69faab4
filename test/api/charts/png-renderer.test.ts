import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  PngBusyError,
  PngRenderError,
  PngRenderer,
  pngRenderer,
} from '../../../api/charts/png-renderer.ts';
import { type ApiServer, startApiServer } from '../../../api/server.ts';
import { keepingLogger, type OpenStore, openArchiveStore } from '../crash-store.ts';

const SVG =
  '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30"><rect width="9" height="9"/></svg>';
const widthOf = (png: Buffer) => png.readUInt32BE(16);

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function until(isTrue: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!isTrue()) {
    if (Date.now() > deadline) throw new Error('that did not happen within ten seconds');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('the PNG renderer', () => {
  const opened: PngRenderer[] = [];
  const open = (options = {}) => {
    const renderer = new PngRenderer(options);
    opened.push(renderer);
    return renderer;
  };
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((renderer) => renderer.close()));
  });

  /** A renderer whose process exists and stands still, so that it cannot answer. */
  const openHalted = async (options = {}) => {
    const renderer = open(options);
    await renderer.render(SVG, 1);
    const pid = renderer.pid!;
    process.kill(pid, 'SIGSTOP');
    return { renderer, pid };
  };

  test('starts with the first picture and draws all that follow in one process', async () => {
    const renderer = open();
    expect(renderer.pid).toBeUndefined();
    const first = await renderer.render(SVG, 1);
    const { pid } = renderer;
    const pictures = await Promise.all([1, 2, 3].map((dpr) => renderer.render(SVG, dpr)));
    expect(pictures.map(widthOf)).toEqual([40, 80, 120]);
    expect(pictures[0]!.equals(first)).toBe(true);
    expect(renderer.pid).toBe(pid);
  });

  test('refuses what is no SVG and draws the next in the same process', async () => {
    const renderer = open();
    await renderer.render(SVG, 1);
    const { pid } = renderer;
    await expect(renderer.render('<svg', 1)).rejects.toThrow(PngRenderError);
    expect(widthOf(await renderer.render(SVG, 1))).toBe(40);
    expect(renderer.pid).toBe(pid);
  });

  test('fails the picture on which its process dies, and draws those that wait', async () => {
    const { renderer, pid } = await openHalted();
    const lost = renderer.render(SVG, 1);
    const waiting = renderer.render(SVG, 2);
    process.kill(pid, 'SIGKILL');
    await expect(lost).rejects.toMatchObject({
      name: 'PngRenderError',
      facts: { exit: 'SIGKILL' },
    });
    expect(widthOf(await waiting)).toBe(80);
    expect(renderer.pid).not.toBe(pid);
  });

  test('outlives a panic of the native renderer', async () => {
    const renderer = open();
    // A clipped group wholly outside the canvas: resvg 2.6.2 aborts the process that draws it.
    const clip = '<clipPath id="c"><rect width="40" height="30"/></clipPath>';
    const outside = '<path d="M0 1000L10 1200" fill="none" stroke="#000" stroke-width="2"/>';
    const fatal = SVG.replace('<rect', `${clip}<g clip-path="url(#c)">${outside}</g><rect`);
    await expect(renderer.render(fatal, 1)).rejects.toMatchObject({ facts: { exit: 'SIGABRT' } });
    expect(widthOf(await renderer.render(SVG, 1))).toBe(40);
  });

  test('replaces a process that does not answer in time', async () => {
    // Long enough for a process to start on a busy machine.
    const { renderer, pid } = await openHalted({ timeoutMs: 4_000 });
    await expect(renderer.render(SVG, 1)).rejects.toMatchObject({ facts: { timeoutMs: 4_000 } });
    expect(widthOf(await renderer.render(SVG, 1))).toBe(40);
    await until(() => !isRunning(pid));
  });

  test('refuses more than can wait, and drops what waits when it is closed', async () => {
    const { renderer, pid } = await openHalted({ queueLimit: 1 });
    const drawing = renderer.render(SVG, 1);
    const waiting = renderer.render(SVG, 1);
    await expect(renderer.render(SVG, 1)).rejects.toThrow(PngBusyError);
    const ends = Promise.allSettled([drawing, waiting]);
    await renderer.close();
    expect((await ends).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(isRunning(pid)).toBe(false);
  });

  test.each(['exit', 'SIGKILL'])('leaves no process when its parent ends by %s', async (end) => {
    const script = fileURLToPath(new URL('./render-and-end.ts', import.meta.url));
    const parent: ChildProcess = spawn(process.execPath, ['--import', 'tsx', script, end]);
    const ended = once(parent, 'exit');
    let told = '';
    parent.stdout?.on('data', (chunk) => {
      told += String(chunk);
    });
    await ended;
    const pid = Number(told.trim());
    expect(pid).toBeGreaterThan(1);
    await until(() => !isRunning(pid));
  });
});

describe('the server', () => {
  const logger = keepingLogger();
  let store: OpenStore;
  let server: ApiServer;
  const ask = (query: string) => fetch(`${server.url}/v1/charts/margin-history.png?${query}`);

  beforeAll(async () => {
    store = await openArchiveStore('gmx-v2-arbitrum-recorded');
    server = await startApiServer({ database: store.database, host: '127.0.0.1', port: 0, logger });
  }, 120_000);
  afterAll(async () => {
    await server?.close();
    await store?.close();
  });

  test('outlives its PNG renderer, says what to ask instead, and draws the next', async () => {
    expect((await ask('w=400')).status).toBe(200);
    const pid = pngRenderer.pid!;
    process.kill(pid, 'SIGSTOP');
    const asked = ask('w=401');
    await until(() => pngRenderer.isDrawing);
    process.kill(pid, 'SIGKILL');
    const answer = await asked;
    const body = await answer.text();
    expect(answer.status).toBe(500);
    expect(body).toMatch(
      /^The PNG could not be drawn\. Ask for the \.svg of the same URL\. \(\S{36}\)/,
    );
    expect(body).not.toContain('SIGKILL');
    expect(logger.lines.at(-1)?.fields).toMatchObject({ facts: { exit: 'SIGKILL' } });
    // A failure is not kept: the same URL is drawn the next time.
    const again = await ask('w=401');
    expect(again.status).toBe(200);
    expect(widthOf(Buffer.from(await again.arrayBuffer()))).toBe(401);
  });

  test('leaves no renderer behind when it is closed', async () => {
    await ask('w=402');
    const pid = pngRenderer.pid!;
    expect(isRunning(pid)).toBe(true);
    await server.close();
    expect(isRunning(pid)).toBe(false);
    expect(pngRenderer.pid).toBeUndefined();
  });
});
