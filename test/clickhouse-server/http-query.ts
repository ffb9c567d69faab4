import type { IncomingMessage } from 'node:http';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

/** What a request asks of the engine, wherever in the request it stood. */
export interface HttpQuery {
  readonly sql: string;
  /** What follows the statement in an INSERT, or null when the body was the statement itself. */
  readonly data: Buffer | null;
  /** Values of `{name:Type}` placeholders as they came: escaped as in TabSeparated. */
  readonly parameters: ReadonlyMap<string, string>;
  readonly settings: ReadonlyMap<string, string>;
  /** '' means 'default'. */
  readonly database: string;
  readonly queryId: string;
  readonly defaultFormat: string;
  readonly waitsForEnd: boolean;
  readonly isReadOnly: boolean;
}

/** URL parameters that the HTTP interface keeps for itself; every other one is a setting. */
const RESERVED = new Set([
  'query',
  'query_id',
  'database',
  'default_format',
  'user',
  'password',
  'quota_key',
  'role',
  'session_id',
  'session_timeout',
  'session_check',
  'close_session',
  'wait_end_of_query',
  'buffer_size',
  'compress',
  'decompress',
  'stacktrace',
]);

/** The body as the client meant it: a gzip Content-Encoding is undone. Other encodings throw. */
export function decodedBody(request: IncomingMessage): Readable {
  const encoding = request.headers['content-encoding'];
  if (encoding === undefined) return request;
  if (encoding !== 'gzip') throw new RangeError(`no such Content-Encoding here: ${encoding}`);
  return pipeline(request, createGunzip(), () => undefined);
}

/**
 * Reads URL and body as ClickHouse does: the statement is the URL's `query` followed by the body;
 * with multipart/form-data every part counts as a URL parameter.
 */
export function readQuery(request: IncomingMessage, body: Buffer): HttpQuery {
  const url = new URL(request.url ?? '/', 'http://server');
  const given = new Map(url.searchParams);
  const boundary = /^multipart\/form-data;.*boundary="?([^";]+)/i.exec(
    request.headers['content-type'] ?? '',
  )?.[1];
  if (boundary !== undefined)
    for (const [key, value] of formParts(body, boundary)) given.set(key, value);
  const inUrl = url.searchParams.get('query') ?? '';
  const isData = boundary === undefined && inUrl !== '' && body.length > 0;
  const parameters = new Map<string, string>();
  const settings = new Map<string, string>();
  for (const [key, value] of given) {
    if (key.startsWith('param_')) parameters.set(key.slice('param_'.length), value);
    else if (!RESERVED.has(key)) settings.set(key, value);
  }
  return {
    sql:
      boundary === undefined && inUrl === '' ? body.toString('utf8') : (given.get('query') ?? ''),
    data: isData ? body : null,
    parameters,
    settings,
    database: given.get('database') ?? '',
    queryId: given.get('query_id') ?? '',
    defaultFormat: given.get('default_format') ?? 'TabSeparated',
    waitsForEnd: given.get('wait_end_of_query') === '1',
    isReadOnly: request.method === 'GET',
  };
}

/** Names and values of the text parts of a form. */
function* formParts(body: Buffer, boundary: string): Generator<[string, string]> {
  for (const part of body.toString('utf8').split(`--${boundary}`)) {
    const [head, ...rest] = part.split('\r\n\r\n');
    const name = /name="([^"]+)"/.exec(head ?? '')?.[1];
    if (name !== undefined) yield [name, rest.join('\r\n\r\n').replace(/\r\n$/, '')];
  }
}

/** User and password of a request: Basic, X-ClickHouse-User and -Key, or the URL's. */
export function credentialsOf(request: IncomingMessage): { user: string; password: string } {
  const { headers } = request;
  const basic = /^Basic (.+)$/.exec(headers.authorization ?? '')?.[1];
  if (basic !== undefined) {
    const [user = '', ...password] = Buffer.from(basic, 'base64').toString('utf8').split(':');
    return { user, password: password.join(':') };
  }
  const { searchParams } = new URL(request.url ?? '/', 'http://server');
  const user = headers['x-clickhouse-user'] ?? searchParams.get('user') ?? 'default';
  const password = headers['x-clickhouse-key'] ?? searchParams.get('password') ?? '';
  return { user: String(user), password: String(password) };
}
