import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { afterEach, expect } from 'vitest';
import type { QueryBody } from '../../../indexer/replay/query-body.ts';
import { runQuery } from '../../../indexer/replay/query-run.ts';
import { ReplayServer } from '../../../indexer/replay/replay-server.ts';
import {
  type CollectedRange,
  HypersyncSource,
  type HypersyncSourceOptions,
} from '../../../indexer/source/hypersync-source.ts';
import { DEFAULT_RANGE_LIMITS } from '../../../indexer/source/range-sizer.ts';
import {
  ALL_LOGS,
  CHAIN_ID,
  LOG_BLOCKS,
  makeChain,
  QUICK_BACKOFF,
  startServer,
} from './test-chain.ts';

export const QUERY = '/query/arrow-ipc';
export const never = new AbortController().signal;
const open: ReplayServer[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

export async function serve(...parameters: Parameters<typeof startServer>) {
  const started = await startServer(...parameters);
  open.push(started.server);
  return started;
}

export function sourceOf(
  url: string,
  options: Partial<HypersyncSourceOptions> = {},
): HypersyncSource {
  return new HypersyncSource({
    url,
    token: 'a-token',
    expectedChainId: CHAIN_ID,
    includeAllBlocks: false,
    backoff: QUICK_BACKOFF,
    requestTimeoutMillis: 2_000,
    ...options,
  });
}

export const blocksPerRange = (initialBlocks: number, maxBlocks = initialBlocks) => ({
  limits: { ...DEFAULT_RANGE_LIMITS, initialBlocks, maxBlocks },
});

interface SeenLog {
  readonly block: number;
  readonly index: number;
}

/** Reads everything; the logs in the order of the files. */
export async function readAll(
  source: HypersyncSource,
  request: { fromBlock?: number; toBlock?: number; signal?: AbortSignal } = {},
) {
  const ranges: CollectedRange[] = [];
  const logs: SeenLog[] = [];
  const iterated = source.ranges({
    fromBlock: request.fromBlock ?? 0,
    toBlock: request.toBlock ?? Number.POSITIVE_INFINITY,
    selections: ALL_LOGS,
    signal: request.signal ?? never,
  });
  for await (const range of iterated) {
    ranges.push(range);
    for (const row of await rowsOf(range.logsFile, ['block_number', 'log_index'])) {
      logs.push({ block: Number(row['block_number']), index: Number(row['log_index']) });
    }
    await range.discard();
  }
  return { ranges, logs, spans: ranges.map(({ fromBlock, toBlock }) => [fromBlock, toBlock]) };
}

export async function rowsOf(path: string | null, columns: string[]) {
  if (path === null) return [];
  return parquetReadObjects({ file: await asyncBufferFromFile(path), columns, utf8: false });
}

export const expectedLogs = [...LOG_BLOCKS].flatMap(([block, count]) =>
  Array.from({ length: count }, (_, index) => ({ block, index })),
);

export async function failureOf(work: Promise<unknown>): Promise<Error> {
  return work.then(
    () => expect.unreachable('expected a failure'),
    (error: Error) => error,
  );
}

/** Answers bulk queries like an instance that is still at `scannedHeight`. */
export class LaggingServer extends ReplayServer {
  scannedHeight = 40;

  override run(query: QueryBody) {
    const isBulk = query.field_selection.log.length > 2;
    const height = isBulk ? this.scannedHeight : this.archiveHeight;
    return runQuery(this.branch, query, { ...this.options, height });
  }
}

/** Answers what the test makes of the query. */
export class TamperingServer extends ReplayServer {
  tamper: (query: QueryBody) => QueryBody = (query) => query;

  override run(query: QueryBody) {
    return super.run(this.tamper(query));
  }
}

/** Like `serve`, for a server made by the test. */
export async function serveThis<S extends ReplayServer>(server: S) {
  open.push(server);
  return { server, url: await server.listen() };
}
export const serveLagging = () => serveThis(new LaggingServer(makeChain()));
export const serveTampering = () => serveThis(new TamperingServer(makeChain()));
