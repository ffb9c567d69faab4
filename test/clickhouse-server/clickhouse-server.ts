import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { createGzip } from 'node:zlib';
import { Engine, type EngineAnswer } from './engine.ts';
import { type ExceptionAnswer, exceptionAnswer, namedException } from './exception-answer.ts';
import { type Fault, FaultList } from './faults.ts';
import { credentialsOf, decodedBody, type HttpQuery, readQuery } from './http-query.ts';

export interface ServerSettings {
  readonly dataDir: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

/** What an answer holds besides its status: sent in pieces of this many bytes. */
const PIECE_BYTES = 65_536;
const EXCEPTION_TAG = 'bulkheadtesttag0';

/**
 * ClickHouse's HTTP interface over the embedded engine, as far as `@clickhouse/client` and a person
 * with curl use it: statements in URL or body, data behind them, settings, parameters, forms, gzip
 * both ways, formats, summary and exception headers, status by error code, GET read-only, /ping.
 * Not offered: sessions, roles, compressed native blocks. Answers are made whole by the engine, then
 * sent piece by piece; so without wait_end_of_query nothing comes earlier, as it would on a server.
 */
export class ClickHouseServer {
  readonly faults = new FaultList();
  readonly #settings: ServerSettings;
  readonly #engine: Engine;
  readonly #server: Server;
  #port: number;
  #version = '';
  #requests = 0;

  constructor(settings: ServerSettings) {
    this.#settings = settings;
    this.#port = settings.port;
    this.#engine = new Engine(settings.dataDir);
    // A server takes URLs of up to 1 MiB.
    this.#server = createServer({ maxHeaderSize: 1_100_000, keepAliveTimeout: 10_000 });
    this.#server.on('request', (request, response) => void this.#serve(request, response));
  }

  get requests(): number {
    return this.#requests;
  }

  /** Returns the URL. A second call after `down` takes the same port. */
  async up(): Promise<string> {
    if (!this.#server.listening) {
      this.#version ||= await this.#readVersion();
      this.#server.listen(this.#port, '127.0.0.1');
      await once(this.#server, 'listening');
      this.#port = (this.#server.address() as AddressInfo).port;
    }
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Refuses connections and drops those there are. */
  down(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async close(): Promise<void> {
    this.down();
    this.#engine.close();
  }

  async #readVersion(): Promise<string> {
    const answer = await this.#engine.run(statement('SELECT version()'));
    return Buffer.from(answer.bytes).toString('utf8').trim();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#requests++;
    try {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://server');
      if (pathname === '/ping' || pathname === '/replicas_status') {
        response.end('Ok.\n');
        return;
      }
      this.#checkAccess(request);
      const cut = this.faults.take(searchParams.get('query') ?? '', 'beforeBody');
      const body = await readBody(request, cut);
      if (body !== null) await this.#answer(readQuery(request, body), request, response);
    } catch (error) {
      if (!response.headersSent) refuse(response, exceptionAnswer(error, this.#version));
      else response.destroy();
    }
  }

  #checkAccess(request: IncomingMessage): void {
    const { user, password } = credentialsOf(request);
    if (user === this.#settings.user && password === this.#settings.password) return;
    request.resume();
    throw namedException(
      516,
      'AUTHENTICATION_FAILED',
      `${user}: Authentication failed: password is incorrect, or there is no user with such name.`,
    );
  }

  async #answer(
    query: HttpQuery,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const fault = this.faults.take(query.sql, 'afterBody');
    if (fault?.kind === 'hang') return;
    if (fault?.kind === 'slow') await sleep(fault.millis ?? 1_000);
    if (fault?.kind === 'status') {
      const status = fault.status ?? 503;
      response
        .writeHead(status, { 'Content-Type': 'text/html' })
        .end(`<html><head><title>${status} Service Temporarily Unavailable</title></head></html>`);
      return;
    }
    if (fault?.kind === 'exception') {
      throw namedException(fault.code ?? 202, fault.name ?? 'TOO_MANY_SIMULTANEOUS_QUERIES', 'No');
    }
    const answer = await this.#engine.run(query);
    if (fault?.kind === 'executeAndCut') {
      request.socket.destroy();
      return;
    }
    const isGzip = fault === null && mayPack(request, query);
    response.writeHead(200, {
      ...this.#headers(query, answer, fault?.isOldServer ?? false),
      ...(isGzip ? { 'Content-Encoding': 'gzip' } : {}),
    });
    if (fault?.kind === 'cutAnswer' || fault?.kind === 'exceptionInAnswer') {
      await breakOff(response, answer, fault, this.#version);
      return;
    }
    await send(answer.bytes, isGzip, response);
  }

  #headers(query: HttpQuery, answer: EngineAnswer, isOldServer: boolean): Record<string, string> {
    return {
      'Content-Type': 'text/plain; charset=UTF-8',
      'X-ClickHouse-Server-Display-Name': 'test',
      'X-ClickHouse-Query-Id': query.queryId,
      'X-ClickHouse-Format': answer.format,
      'X-ClickHouse-Timezone': 'UTC',
      ...(isOldServer ? {} : { 'X-ClickHouse-Exception-Tag': EXCEPTION_TAG }),
      'X-ClickHouse-Summary': JSON.stringify({
        read_rows: String(answer.readRows),
        read_bytes: String(answer.readBytes),
        written_rows: String(answer.writtenRows),
        elapsed_ns: String(Math.round(answer.elapsedSeconds * 1e9)),
      }),
    };
  }
}

function statement(sql: string): HttpQuery {
  return {
    sql,
    data: null,
    parameters: new Map(),
    settings: new Map(),
    database: '',
    queryId: '',
    defaultFormat: 'TabSeparated',
    waitsForEnd: true,
    isReadOnly: false,
  };
}

/** The whole body, or null when the connection ended (or was cut by the fault) before it did. */
async function readBody(request: IncomingMessage, cut: Fault | null): Promise<Buffer | null> {
  if (cut !== null) {
    let seen = 0;
    request.on('data', (piece: Buffer) => {
      seen += piece.length;
      if (seen >= (cut.bytes ?? 0)) request.socket.destroy();
    });
    // Also when the body is shorter: a cut must happen.
    request.once('end', () => request.socket.destroy());
    return null;
  }
  const pieces: Buffer[] = [];
  try {
    for await (const piece of decodedBody(request)) pieces.push(piece as Buffer);
  } catch (error) {
    if (request.complete) throw error;
    return null;
  }
  return Buffer.concat(pieces);
}

function refuse(response: ServerResponse, exception: ExceptionAnswer): void {
  response
    .writeHead(exception.status, {
      'Content-Type': 'text/plain; charset=UTF-8',
      'X-ClickHouse-Exception-Code': String(exception.code),
    })
    .end(exception.text);
}

function mayPack(request: IncomingMessage, query: HttpQuery): boolean {
  return (
    query.settings.get('enable_http_compression') === '1' &&
    /\bgzip\b/.test(request.headers['accept-encoding'] ?? '')
  );
}

async function send(bytes: Uint8Array, isGzip: boolean, response: ServerResponse): Promise<void> {
  const pieces = Readable.from(piecesOf(bytes), { objectMode: false });
  // The client may go while it is answered; that is no fault of ours.
  await (isGzip ? pipeline(pieces, createGzip(), response) : pipeline(pieces, response)).catch(
    () => undefined,
  );
}

function* piecesOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    yield bytes.subarray(at, at + PIECE_BYTES);
  }
}

/** Part of the answer, and then nothing more, or an exception in place of the rest. */
async function breakOff(
  response: ServerResponse,
  answer: EngineAnswer,
  fault: Fault,
  version: string,
): Promise<void> {
  const part = answer.bytes.subarray(0, fault.bytes ?? 0);
  // Even an empty part must reach the client as the beginning of an answer.
  response.flushHeaders();
  if (part.length > 0) await new Promise((resolve) => response.write(part, resolve));
  if (fault.kind === 'cutAnswer') {
    await sleep(20);
    response.socket?.destroy();
    return;
  }
  const error = namedException(fault.code ?? 241, fault.name ?? 'MEMORY_LIMIT_EXCEEDED', 'No more');
  const { text } = exceptionAnswer(error, version);
  const length = Buffer.byteLength(text);
  response.end(
    fault.isOldServer
      ? `${part.length > 0 ? '\n' : ''}${text}`
      : `\r\n__exception__\r\n${EXCEPTION_TAG}\r\n${text}${length} ${EXCEPTION_TAG}\r\n__exception__\r\n`,
  );
}
