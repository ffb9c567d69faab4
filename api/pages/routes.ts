import { createHash } from 'node:crypto';
import type { ApiContext } from '../context.ts';
import { READY_QUERIES, readyQueriesOf } from '../queries/ready-queries.ts';
import type { Snapshot } from '../queries/source-directory.ts';
import { startPage } from './start-page.ts';
import { readStartPageFacts, type StartPageFacts } from './start-page-facts.ts';
import { START_PAGE_STYLE } from './start-page-style.ts';

/** The page's own style by its hash, pictures of this server, nothing else. */
const PAGE_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(START_PAGE_STYLE).digest('base64')}'`,
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Serves the start page at `/`; null for any other path. */
export async function handlePage(request: Request, context: ApiContext): Promise<Response | null> {
  const url = new URL(request.url);
  if (url.pathname !== '/') return null;
  const chain = /^\d{1,15}$/.exec(url.searchParams.get('chain') ?? '');
  const facts = await factsOf(await context.snapshot(), chain && Number(chain[0]));
  const { sources, shown } = facts;
  const queries =
    sources.length > 1 && shown !== null ? readyQueriesOf(shown.chainId) : READY_QUERIES;
  const page = startPage({ facts, queries, origin: url.origin });
  const etag = `"${createHash('sha256').update(page).digest('hex').slice(0, 32)}"`;
  const headers = {
    etag,
    'cache-control': 'no-cache',
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': PAGE_POLICY,
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  };
  if (request.headers.get('if-none-match') === etag) {
    return new Response(null, { status: 304, headers });
  }
  return new Response(request.method === 'HEAD' ? null : page, { headers });
}

/** An address may outlive its chain in the store: then the page shows what there is. */
function factsOf(snapshot: Snapshot, chainId: number | null): Promise<StartPageFacts> {
  const isHeld = snapshot.sources.some((source) => source.chainId === chainId);
  return readStartPageFacts(snapshot, isHeld ? chainId : null);
}
