import { createHash } from 'node:crypto';
import { formatError, UsageError } from '../../schema/errors.ts';
import type { ApiContext } from '../context.ts';
import { finalityHeights } from '../queries/indexer-report.ts';
import { type Snapshot, snapshotAt } from '../queries/source-directory.ts';
import { QueryTimeoutError } from '../queries/stored-query.ts';
import { type DrawnChart, drawChart } from './chart-answers.ts';
import {
  CHART_NAMES,
  type ChartFormat,
  type ChartName,
  type ChartParameters,
  parseChartParameters,
} from './chart-parameters.ts';
import { PngBusyError, pngRenderer } from './png-renderer.ts';

/** Pictures kept ready: a page with three charts in two themes, many times over. */
const KEPT_PICTURES = 64;
/** Seconds an answer may be shown again without asking. A head moves within seconds. */
const FRESH_SECONDS = 5;

interface Picture {
  readonly body: Uint8Array;
  readonly etag: string;
  readonly asOfBlock: number;
  readonly digest: string;
  readonly chainId: number;
}

/** Finished and coming pictures by URL and heads; the oldest leave first. */
const pictures = new Map<string, Promise<Picture>>();

/**
 * Serves `/v1/charts/<name>.svg` and `.png`; null for any other path. Wrong use is a 400 that says
 * in plain text what is allowed; an empty store, and more PNGs than can wait, a 503. Same answer, same bytes, same ETag.
 */
export async function handleChart(request: Request, context: ApiContext): Promise<Response | null> {
  const url = new URL(request.url);
  const route = /^\/v1\/charts\/([^/]*)$/.exec(url.pathname);
  if (!route) return null;
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return plain(405, 'Charts are read with GET.\n', { allow: 'GET, HEAD' });
  }
  const file = /^([a-z-]{1,40})\.(svg|png)$/.exec(route[1] ?? '');
  const name = CHART_NAMES.find((candidate) => candidate === file?.[1]);
  if (!file || !name) {
    return plain(404, `No such chart. There are: ${CHART_NAMES.join(', ')} (.svg or .png).\n`);
  }
  const format: ChartFormat = file[2] === 'png' ? 'png' : 'svg';
  try {
    const parameters = parseChartParameters(name, format, url.searchParams);
    const snapshot = await context.snapshot();
    if (snapshot.sources.every((source) => source.headBlock === null)) {
      return plain(503, 'Nothing is indexed yet. Try again in some seconds.\n', {
        'retry-after': '5',
      });
    }
    const picture = await readyPicture(name, format, snapshot, parameters);
    // Another request may have read what it shows.
    context.uses(picture.chainId);
    return reply(request, format, picture);
  } catch (error) {
    if (error instanceof QueryTimeoutError) return plain(503, `${formatError(error)}\n`);
    if (error instanceof UsageError) return plain(400, `${formatError(error)}\n`);
    if (error instanceof PngBusyError) {
      return plain(503, `${formatError(error)}\n`, { 'retry-after': '5' });
    }
    throw error;
  }
}

function readyPicture(
  name: ChartName,
  format: ChartFormat,
  snapshot: Snapshot,
  parameters: ChartParameters,
): Promise<Picture> {
  // A head that comes back after a rollback is another commit; the footer says how final a block is.
  const heads = snapshot.sources.map((one) => {
    const { safeBlock, finalBlock } = finalityHeights(one);
    const build = [one.rowsMethod, String(one.tableVersions)];
    return [one.chain, one.headHash, one.committedAtMs, ...build, safeBlock, finalBlock];
  });
  const key = JSON.stringify([name, format, parameters, heads]);
  const known = pictures.get(key);
  if (known) return known;
  const coming = makePicture(name, format, snapshot, parameters);
  pictures.set(key, coming);
  // A failure is not kept: it may pass.
  coming.catch(() => pictures.delete(key));
  for (const oldest of pictures.keys()) {
    if (pictures.size <= KEPT_PICTURES) break;
    pictures.delete(oldest);
  }
  return coming;
}

async function makePicture(
  name: ChartName,
  format: ChartFormat,
  snapshot: Snapshot,
  parameters: ChartParameters,
): Promise<Picture> {
  // A PNG cannot follow the reader's colour scheme.
  const theme = format === 'png' && parameters.theme === 'auto' ? 'light' : parameters.theme;
  const named = snapshotAt(snapshot, parameters.atBlock);
  const drawn: DrawnChart = await drawChart(name, named, { ...parameters, theme });
  const body =
    format === 'png'
      ? await pngRenderer.render(drawn.svg, parameters.dpr)
      : new TextEncoder().encode(drawn.svg);
  return {
    body,
    etag: `"${createHash('sha256').update(body).digest('hex').slice(0, 32)}"`,
    asOfBlock: drawn.provenance.asOfBlock,
    digest: drawn.provenance.digest,
    chainId: drawn.provenance.chainId,
  };
}

function reply(request: Request, format: ChartFormat, picture: Picture): Response {
  const headers = {
    etag: picture.etag,
    'cache-control': `public, max-age=${FRESH_SECONDS}, stale-while-revalidate=60`,
    'x-as-of-block': String(picture.asOfBlock),
    'x-digest': picture.digest,
    'access-control-allow-origin': '*',
    'access-control-expose-headers': 'ETag, X-As-Of-Block, X-Digest',
    'cross-origin-resource-policy': 'cross-origin',
  };
  if (matchesEtag(request.headers.get('if-none-match'), picture.etag)) {
    return new Response(null, { status: 304, headers });
  }
  return new Response(request.method === 'HEAD' ? null : new Uint8Array(picture.body), {
    headers: {
      ...headers,
      'content-type': format === 'png' ? 'image/png' : 'image/svg+xml; charset=utf-8',
      'content-length': String(picture.body.byteLength),
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
      'x-content-type-options': 'nosniff',
    },
  });
}

function matchesEtag(header: string | null, etag: string): boolean {
  if (header === null) return false;
  return header.split(',').some((one) => ['*', etag].includes(one.trim().replace(/^W\//, '')));
}

function plain(status: number, text: string, headers: Record<string, string> = {}): Response {
  return new Response(text, {
    status,
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      ...headers,
    },
  });
}
