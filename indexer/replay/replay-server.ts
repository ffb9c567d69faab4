import http, {
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { OperatorError, UsageError } from '../../schema/errors.ts';
import { type AlternativeOptions, alternativeBranch } from './alternative-branch.ts';
import { loadArchive } from './archive.ts';
import { packDense, packRaw } from './capnp-packing.ts';
import { notCachedMessage, queryResponseMessage } from './capnp-response.ts';
import type { ChainBranch } from './chain-branch.ts';
import { type ControlRequest, controlRequestSchema } from './control-request.ts';
import { faultNamed } from './fault-catalogue.ts';
import { type ChaosOptions, type Fault, FaultQueue } from './fault-queue.ts';
import { HeightStream } from './height-stream.ts';
import { loadJsonFixture, type ReplayChain } from './json-fixture.ts';
import { Pace } from './pace.ts';
import type { QueryBody } from './query-body.ts';
import { type QueryAnswer, type QueryOptions, runQuery } from './query-run.ts';
import {
  parseCapnpQuery,
  parseJson,
  parseJsonQuery,
  RefusedRequest,
  readBody,
} from './request-body.ts';
import { sendAnswer, strike } from './strike.ts';

export interface ReplayOptions extends Omit<QueryOptions, 'height'> {
  /** Branch to answer from. */
  readonly branch: string;
  /** `dense` is the textbook packing, slower. */
  readonly packing: 'raw' | 'dense';
  /** When set, any other bearer token is answered 401. */
  readonly token: string | null;
  /** Keep-alive period of /height/sse. */
  readonly pingMs: number;
  /** Answer POST /_control (for tests in another process). */
  readonly control: boolean;
  /** Keep what was asked in `requests`; a server that runs for long should not. */
  readonly keepRequests: boolean;
}

const DEFAULTS: ReplayOptions = {
  branch: 'main',
  inMemoryBlocks: 200,
  maxBlocksPerRequest: 0,
  maxResponseBytes: 0,
  rowsPerBatch: 0,
  compression: 'none',
  packing: 'raw',
  token: null,
  pingMs: 5000,
  control: false,
  keepRequests: true,
};

export interface SeenRequest {
  readonly atMs: number;
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** The query, decoded from JSON or Cap'n Proto. */
  query?: QueryBody;
}

/**
 * A local server that speaks HyperSync's protocol to the real client: /height, /chain_id,
 * /height/sse, /query/arrow-ipc and /query/arrow-ipc/capnp. Not served: traces (the table stays
 * unset, which the client accepts), the plain-JSON POST /query, Bloom address filters, and
 * server-side query caching (every query id is answered "not cached").
 */
export class ReplayServer {
  readonly chainId: number;
  readonly branches: Map<string, ChainBranch>;
  readonly requests: SeenRequest[] = [];
  /** Of all requests, kept or not. */
  requestCount = 0;
  /** May be replaced while the server runs. */
  options: ReplayOptions;
  /** Headers sent with every good answer. */
  rateLimit: Readonly<Record<string, string>> | null = null;
  private readonly faults = new FaultQueue();
  private readonly heightStream = new HeightStream();
  private readonly server: http.Server;
  private branchName: string;
  private heightLimit: number | null = null;
  private lastQuery: QueryBody | null = null;
  private readonly pace = new Pace((blocks) => this.advance(blocks));

  constructor(chain: ReplayChain, options: Partial<ReplayOptions> = {}) {
    this.chainId = chain.chainId;
    this.branches = chain.branches;
    this.options = { ...DEFAULTS, ...options };
    this.branchName = this.options.branch;
    this.branchNamed(this.branchName);
    this.server = http.createServer((request, response) => {
      this.answer(request, response).catch((error: unknown) => refuse(response, error));
    });
  }

  /** Serves a recorded archive (a folder). Errors: see loadArchive. */
  static async fromArchive(
    directory: string,
    options: Partial<ReplayOptions> = {},
  ): Promise<ReplayServer> {
    const { manifest, branch } = await loadArchive(directory);
    const branches = new Map([['main', branch]]);
    return new ReplayServer({ chainId: manifest.chainId, branches }, options);
  }

  /** Serves a chain written as JSON (see loadJsonFixture). */
  static async fromJsonFixture(
    path: string,
    options: Partial<ReplayOptions> = {},
  ): Promise<ReplayServer> {
    return new ReplayServer(await loadJsonFixture(path), options);
  }

  get branch(): ChainBranch {
    return this.branchNamed(this.branchName);
  }

  get archiveHeight(): number {
    return this.heightLimit ?? this.branch.height;
  }

  /** Hides the blocks above `height`; null shows the branch's own height. */
  setHeight(height: number | null): void {
    this.heightLimit = height;
    this.heightStream.announce(this.archiveHeight);
  }

  /** A reorg: from now on every answer comes from another branch. Throws UsageError. */
  switchBranch(name: string, height: number | null = null): void {
    this.branchNamed(name);
    this.branchName = name;
    this.setHeight(height);
  }

  /**
   * Makes another course of a branch (the one that is served, unless `from` names one), to switch to.
   * A branch of that name is replaced unless it is served. Throws UsageError.
   */
  fork(options: AlternativeOptions & { readonly from?: string | undefined }): ChainBranch {
    if (options.name === this.branchName) throw served(options.name);
    const base = this.branchNamed(options.from ?? this.branchName);
    const branch = alternativeBranch(base, options);
    this.branches.set(options.name, branch);
    return branch;
  }

  /** Forgets a branch, so that its memory can go. Throws UsageError for the one that is served. */
  dropBranch(name: string): void {
    if (name === this.branchName) throw served(name);
    this.branches.delete(name);
  }

  /** Blocks per second by which the height grows, up to that of the branch; null stops. */
  setPace(blocksPerSecond: number | null): void {
    if (this.heightLimit === null) this.heightLimit = this.branch.height;
    this.pace.set(blocksPerSecond);
  }

  fail(fault: Fault, times = 1): void {
    this.faults.add(fault, times);
  }

  /** A seeded mix of faults from now on; null ends it. */
  setChaos(options: ChaosOptions | null): void {
    this.faults.setChaos(options);
  }

  clearFaults(): void {
    this.faults.clear();
  }

  dropHeightListeners(): void {
    this.heightStream.disconnectAll();
  }

  /** Cuts every connection, also those of answers that hang; new ones are taken. */
  dropConnections(): void {
    this.server.closeAllConnections();
  }

  /** Port 0 takes any free one. Resolves to the base URL. Throws OperatorError (port in use, ...). */
  listen(port = 0, host = '127.0.0.1'): Promise<string> {
    return new Promise((resolve, reject) => {
      this.server.once('error', (cause: NodeJS.ErrnoException) => {
        reject(listenError(cause, host, port));
      });
      this.server.listen(port, host, () => {
        const bound = this.server.address() as AddressInfo;
        const name = bound.family === 'IPv6' ? `[${bound.address}]` : bound.address;
        resolve(`http://${name}:${bound.port}`);
      });
    });
  }

  close(): Promise<void> {
    this.pace.stop();
    this.heightStream.disconnectAll();
    this.server.closeAllConnections();
    return new Promise((resolve) => {
      this.server.close(() => resolve());
    });
  }

  /** What a query is answered, without HTTP. */
  run(query: QueryBody, fault: Fault | null = null): QueryAnswer {
    const branch = fault?.branch === undefined ? this.branch : this.branchNamed(fault.branch);
    const height = Math.max(0, this.heightFor(fault, branch));
    const answer = runQuery(branch, query, { ...this.options, height }, fault?.page);
    return { ...answer, archiveHeight: claimed(answer.archiveHeight, fault) };
  }

  /** Height of the instance that a fault makes of this server. */
  private heightFor(fault: Fault | null, branch: ChainBranch): number {
    const height = branch === this.branch ? this.archiveHeight : branch.height;
    return height - (fault?.behind ?? 0);
  }

  /** A chain that grows by itself goes on from where it is when it changes its branch. */
  private heightToKeep(branch: string): number | null {
    if (!this.pace.isRunning) return null;
    return Math.min(this.archiveHeight, this.branchNamed(branch).height);
  }

  private advance(blocks: number): boolean {
    const end = this.branch.height;
    this.setHeight(Math.min(end, this.archiveHeight + blocks));
    return this.archiveHeight < end;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const method = request.method ?? 'GET';
    const path = (request.url ?? '/').split('?')[0]?.replace(/\/+$/, '') || '/';
    const seen: SeenRequest = { atMs: Date.now(), method, path, headers: request.headers };
    const isControl = this.options.control && path === '/_control';
    if (!isControl) this.requestCount += 1;
    if (this.options.keepRequests && !isControl) this.requests.push(seen);
    const body = method === 'POST' ? await readBody(request) : Buffer.alloc(0);
    if (isControl && method === 'POST') return this.control(body, response);
    const asked = method === 'POST' ? parseQuery(path, body) : null;
    if (asked?.kind === 'query') seen.query = asked.query;

    const fault = this.faults.take(path);
    if (fault && (await strike(fault, request, response))) return;
    const { token } = this.options;
    if (token !== null && request.headers.authorization !== `Bearer ${token}`) {
      throw new RefusedRequest(401, 'unauthorized');
    }
    if (asked) return this.send(response, this.messageFor(asked, fault), fault);
    if (method !== 'GET') throw new RefusedRequest(404, 'not found');
    await this.answerGet(path, response, fault);
  }

  private messageFor(asked: NonNullable<ReturnType<typeof parseQuery>>, fault: Fault | null) {
    if (asked.kind === 'queryId') return notCachedMessage();
    const query = fault?.repeat ? (this.lastQuery ?? asked.query) : asked.query;
    this.lastQuery = asked.query;
    return queryResponseMessage(this.run(query, fault));
  }

  private async answerGet(
    path: string,
    response: ServerResponse,
    fault: Fault | null,
  ): Promise<void> {
    const height = this.heightFor(fault, this.branch);
    if (path === '/height/sse') {
      this.heightStream.add(response, this.archiveHeight, this.options.pingMs);
    } else if (path === '/height') {
      await this.sendJson(response, { height: claimed(Math.max(0, height), fault) }, fault);
    } else if (path === '/chain_id') {
      await this.sendJson(response, { chain_id: fault?.chainId ?? this.chainId }, fault);
    } else throw new RefusedRequest(404, 'not found');
  }

  private async control(body: Buffer, response: ServerResponse): Promise<void> {
    const parsed = controlRequestSchema.safeParse(parseJson(body));
    if (!parsed.success) throw new RefusedRequest(400, z.prettifyError(parsed.error));
    try {
      this.obey(parsed.data);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      throw new RefusedRequest(400, `${error.message} ${JSON.stringify(error.facts)}`);
    }
    await this.sendJson(response, {
      branch: this.branchName,
      height: this.archiveHeight,
      branchHeight: this.branch.height,
      branches: [...this.branches.keys()],
      isGrowing: this.pace.isRunning,
      requests: this.requestCount,
      struck: this.faultsStruck,
    });
  }

  /** How often chaos has struck, by name of the fault. */
  get faultsStruck(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.faults.struck);
  }

  private obey(request: ControlRequest): void {
    const { branch, height, drop = [], pace, rateLimit, fail, times, chaos, options } = request;
    if (request.clear) this.clearFaults();
    if (request.fork) this.fork(request.fork);
    if (branch !== undefined) this.switchBranch(branch, height ?? this.heightToKeep(branch));
    else if (height !== undefined) this.setHeight(height);
    for (const name of [drop].flat()) this.dropBranch(name);
    if (pace !== undefined) this.setPace(pace);
    if (rateLimit !== undefined) this.rateLimit = rateLimit;
    if (fail) this.fail(typeof fail === 'string' ? faultNamed(fail) : fail, times);
    if (chaos !== undefined) this.setChaos(chaos);
    if (options) this.options = { ...this.options, ...definedOnly(options) };
  }

  private send(response: ServerResponse, message: Buffer, fault: Fault | null): Promise<void> {
    const body = this.options.packing === 'dense' ? packDense(message) : packRaw(message);
    return sendAnswer(response, body, { ...this.rateLimit }, fault);
  }

  private sendJson(response: ServerResponse, value: object, fault: Fault | null = null) {
    const headers = { 'content-type': 'application/json', ...this.rateLimit };
    return sendAnswer(response, Buffer.from(JSON.stringify(value)), headers, fault);
  }

  private branchNamed(name: string): ChainBranch {
    const branch = this.branches.get(name);
    if (branch) return branch;
    throw new UsageError('There is no branch of that name.', {
      facts: { branch: name, branches: [...this.branches.keys()].join(', ') },
    });
  }
}

function parseQuery(path: string, body: Buffer) {
  if (path === '/query/arrow-ipc') return { kind: 'query' as const, query: parseJsonQuery(body) };
  return path === '/query/arrow-ipc/capnp' ? parseCapnpQuery(body) : null;
}

/** The height that an answer names: true, off by something, or none. */
function claimed(height: number | null, fault: Fault | null): number | null {
  if (fault?.claimHeight === null) return null;
  return height === null ? null : Math.max(0, height + (fault?.claimHeight ?? 0));
}

function served(branch: string): UsageError {
  return new UsageError('That branch is being served.', { facts: { branch } });
}

function refuse(response: ServerResponse, error: unknown): void {
  if (response.destroyed) return;
  const status = error instanceof RefusedRequest ? error.status : 500;
  if (!response.headersSent) {
    response.writeHead(status, { 'content-type': 'text/plain', connection: 'close' });
  }
  response.end(error instanceof Error ? error.message : String(error));
}

function listenError(cause: NodeJS.ErrnoException, host: string, port: number): OperatorError {
  return new OperatorError('The replay server cannot listen.', {
    facts: { host, port, reason: cause.code ?? cause.message },
    remedy: 'Stop what uses that port, or choose another with --port.',
    cause,
  });
}

function definedOnly<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
