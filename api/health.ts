import type { ApiContext } from './context.ts';

/** /health: 200 while the store answers, with the head of each chain; 503 otherwise. */
export async function handleHealth(
  request: Request,
  context: ApiContext,
): Promise<Response | null> {
  if (new URL(request.url).pathname !== '/health') return null;
  try {
    const { sources } = await context.snapshot();
    return json(200, {
      status: 'ok',
      chains: sources.map(({ chainId, chain, headBlock }) => ({ chainId, chain, headBlock })),
    });
  } catch {
    // The reason is for the operator's log, not for whoever asks.
    return json(503, { status: 'unavailable' });
  }
}

function json(status: number, body: unknown): Response {
  return new Response(`${JSON.stringify(body)}\n`, {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' },
  });
}
