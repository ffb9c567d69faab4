import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { OperatorError } from '../schema/errors.ts';
import { PngRenderError, pngRenderer } from './charts/png-renderer.ts';
import { handleChart } from './charts/routes.ts';
import { type ApiContext, makeWhole } from './context.ts';
import { createApi } from './graphql-handler.ts';
import { handleHealth } from './health.ts';
import { MAX_URL_BYTES, REQUEST_TIMEOUT_MS, SHUTDOWN_GRACE_MS } from './limits.ts';
import { type ApiLogger, maskError } from './mask-error.ts';
import { handleMetrics } from './metrics.ts';
import { handlePage } from './pages/routes.ts';
import { unavailablePage } from './pages/unavailable-page.ts';
import type { Reader } from './queries/stored-query.ts';
import { protect } from './security-headers.ts';

/** Answers the paths it knows; null lets the next route try. */
export type Route = (request: Request, context: ApiContext) => Promise<Response | null>;

export interface ApiServerOptions {
  readonly database: Reader;
  readonly host: string;
  /** 0 = any free one. */
  readonly port: number;
  readonly logger: ApiLogger;
  readonly extraRoutes?: readonly Route[];
}

export interface ApiServer {
  /** @example 'http://127.0.0.1:4000' */
  readonly url: string;
  /** Stops taking requests, lets open ones end, then cuts them off. Safe to call twice. */
  close(): Promise<void>;
}

/**
 * Serves /graphql, /health, /metrics, /v1/charts/* and the pages.
 * @throws OperatorError when the address cannot be listened on.
 */
export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const api = createApi(options);
  const routes = [
    handleHealth,
    handleMetrics,
    handleChart,
    handlePage,
    ...(options.extraRoutes ?? []),
  ];
  const server = createServer((request, response) => {
    bound(request, response);
    if (!isAcceptable(request, response)) return;
    if (pathOf(request) === '/graphql') {
      void answerGraphQL(api, request, response, options);
      return;
    }
    void answer(request, response, routes, options);
  });
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  server.headersTimeout = REQUEST_TIMEOUT_MS;
  await listen(server, options.host, options.port);
  let closing: Promise<void> | null = null;
  return {
    url: urlOf(server, options.host),
    close() {
      closing ??= stop(server).then(async () => {
        await Promise.all([api.dispose(), pngRenderer.close()]);
      });
      return closing;
    },
  };
}

/** Headers on everything, and an end to answers that take too long. */
function bound(request: IncomingMessage, response: ServerResponse): void {
  protect(response, pathOf(request));
  // A client that goes away mid-answer is no fault of the server.
  response.on('error', () => undefined);
  const timer = setTimeout(() => {
    if (response.headersSent) response.destroy();
    else refuseLate(request, response);
  }, REQUEST_TIMEOUT_MS);
  timer.unref();
  response.on('close', () => clearTimeout(timer));
}

function isAcceptable(request: IncomingMessage, response: ServerResponse): boolean {
  if ((request.url ?? '').length > MAX_URL_BYTES) {
    refuse(response, 414, 'The URL is too long.');
    return false;
  }
  const path = pathOf(request);
  const allowed =
    path === '/graphql' ? ['GET', 'HEAD', 'POST', 'OPTIONS'] : ['GET', 'HEAD', 'OPTIONS'];
  if (allowed.includes(request.method ?? '')) return true;
  response.setHeader('allow', allowed.join(', '));
  refuse(response, 405, 'That method is not allowed here.');
  return false;
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split('?', 1)[0] ?? '/';
}

function refuse(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(`${message}\n`);
}

function refuseLate(request: IncomingMessage, response: ServerResponse): void {
  const message = 'The answer took too long.';
  if (pathOf(request) !== '/graphql') {
    refuse(response, 503, message);
    return;
  }
  response.writeHead(503, { 'content-type': 'application/json; charset=utf-8' });
  response.end(
    `${JSON.stringify({ errors: [{ message, extensions: { code: 'ANSWER_TIMEOUT' } }] })}\n`,
  );
}

/** Yoga answers its own faults; what escapes it must not end the process. */
async function answerGraphQL(
  api: ReturnType<typeof createApi>,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { logger }: ApiServerOptions,
): Promise<void> {
  try {
    await api(incoming, outgoing);
  } catch (error) {
    fail(incoming, outgoing, error, logger);
  }
}

async function answer(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  routes: readonly Route[],
  { database, logger }: ApiServerOptions,
): Promise<void> {
  try {
    const request = toRequest(incoming);
    const response =
      request && (await makeWhole(database, (context) => firstAnswer(routes, request, context)));
    if (response) await send(outgoing, response, incoming.method === 'HEAD');
    else refuse(outgoing, 404, 'There is nothing here. Try /, /graphql, /health or /metrics.');
  } catch (error) {
    fail(incoming, outgoing, error, logger);
  }
}

async function firstAnswer(
  routes: readonly Route[],
  request: Request,
  context: ApiContext,
): Promise<Response | null> {
  for (const route of routes) {
    const response = await route(request, context);
    if (response) return response;
  }
  return null;
}

function fail(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  error: unknown,
  logger: ApiLogger,
): void {
  const { message, extensions } = maskError(error, logger);
  if (outgoing.headersSent) {
    outgoing.destroy();
    return;
  }
  // What passes by itself says so by its status; a page tries again by itself.
  if (extensions['http'] !== undefined) {
    outgoing.setHeader('retry-after', '2');
    if (pathOf(incoming) === '/') {
      outgoing.writeHead(503, { 'content-type': 'text/html; charset=utf-8' });
      outgoing.end(unavailablePage());
    } else refuse(outgoing, 503, `${message} (${String(extensions['code'])})`);
    return;
  }
  // Why is in the log; what to ask instead may be told.
  const told = error instanceof PngRenderError ? `${error.message} ${error.remedy ?? ''}` : message;
  refuse(outgoing, 500, `${told} (${String(extensions['id'] ?? '')})`);
}

/** Null for a URL that is none. */
function toRequest(incoming: IncomingMessage): Request | null {
  const base = `http://${incoming.headers.host ?? 'localhost'}`;
  if (!URL.canParse(incoming.url ?? '/', base)) return null;
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  return new Request(new URL(incoming.url ?? '/', base), {
    method: incoming.method ?? 'GET',
    headers,
  });
}

async function send(outgoing: ServerResponse, response: Response, isHead: boolean): Promise<void> {
  const body = Buffer.from(await response.arrayBuffer());
  // The answer may have taken so long that it was refused meanwhile.
  if (outgoing.headersSent) return;
  for (const [name, value] of response.headers) outgoing.setHeader(name, value);
  if (response.status !== 304 && !(isHead && body.byteLength === 0)) {
    outgoing.setHeader('content-length', body.byteLength);
  }
  outgoing.writeHead(response.status);
  outgoing.end(isHead ? undefined : body);
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, host, port)));
    server.listen(port, host, () => resolve());
  });
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): OperatorError {
  const details = { facts: { host, port }, cause: error };
  switch (error.code) {
    case 'EADDRINUSE':
      return new OperatorError('The port is already in use.', {
        ...details,
        remedy: 'Stop what uses it, or choose another: --port 4001 (0 takes any free one).',
      });
    case 'EACCES':
      return new OperatorError('Listening on that port is not permitted.', {
        ...details,
        remedy: 'Choose a port above 1023: --port 4000.',
      });
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new OperatorError('This machine does not have that address.', {
        ...details,
        remedy: 'Choose another: --host 127.0.0.1 for this machine only, 0.0.0.0 for all.',
      });
    default:
      return new OperatorError(`The server cannot listen: ${error.code ?? error.message}.`, {
        ...details,
        remedy: 'Choose another address or port (--host, --port).',
      });
  }
}

function urlOf(server: Server, host: string): string {
  const { port } = server.address() as AddressInfo;
  const isAny = host === '0.0.0.0' || host === '::';
  const name = isAny ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${port}`;
}

async function stop(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  server.closeIdleConnections();
  const cutOff = setTimeout(() => server.closeAllConnections(), SHUTDOWN_GRACE_MS);
  await closed;
  clearTimeout(cutOff);
}
