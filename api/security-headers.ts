import type { ServerResponse } from 'node:http';

const COMMON = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'cross-origin',
} as const;

/**
 * GraphiQL carries its scripts inline and starts its workers from blobs; it may talk to this server
 * only, so it cannot fetch anything from a network.
 */
const GRAPHIQL_POLICY = [
  "default-src 'none'",
  "script-src 'self' 'unsafe-inline' blob:",
  'worker-src blob:',
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Pages and pictures: own pictures and inline style, nothing that runs. */
const PAGE_POLICY = [
  "default-src 'none'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** Sets what every answer carries; a route may set stricter ones over it. */
export function protect(response: ServerResponse, path: string): void {
  for (const [name, value] of Object.entries(COMMON)) response.setHeader(name, value);
  response.setHeader(
    'content-security-policy',
    path === '/graphql' ? GRAPHIQL_POLICY : PAGE_POLICY,
  );
}
