import { setTimeout as wait } from 'node:timers/promises';
import type { ApiContext } from './context.ts';
import { HEALTH_TIMEOUT_MS } from './limits.ts';
import { isStale } from './queries/indexer-report.ts';
import type { Source } from './queries/source-directory.ts';
import { chainLag } from './queries/status.ts';

/** What a probe asks for besides an answer of the database. */
interface Demands {
  /** Only this chain; all without. */
  readonly chainId: number | null;
  readonly maxLagBlocks: number | null;
  readonly maxLagSeconds: number | null;
}

interface ChainHealth {
  readonly chainId: number;
  readonly chain: string;
  readonly headBlock: number | null;
  readonly state: string | null;
  readonly isStale: boolean;
  readonly lagBlocks: number | null;
  readonly lagSeconds: number | null;
  /** Why the chain is not ready; [] when it is. */
  readonly faults: readonly string[];
}

/**
 * `/health/live`: the process answers. `/health` and `/health/ready`: the database answers, no chain
 * has failed, and none is further behind than `maxLagBlocks` or `maxLagSeconds` allow; 503 otherwise.
 * `chainId` looks at one chain only. JSON, or text for who accepts text/plain or asks `format=text`.
 */
export async function handleHealth(
  request: Request,
  context: ApiContext,
): Promise<Response | null> {
  const url = new URL(request.url);
  const isText =
    url.searchParams.get('format') === 'text' ||
    /^text\/plain\b/.test(request.headers.get('accept') ?? '');
  if (url.pathname === '/health/live') return reply(200, { status: 'ok' }, isText, 'live');
  if (url.pathname !== '/health' && url.pathname !== '/health/ready') return null;
  const demands = parseDemands(url.searchParams);
  if (typeof demands === 'string') {
    return reply(400, { status: 'bad request', fault: demands }, isText, demands);
  }
  const sources = await sourcesInTime(context);
  if (sources === null) {
    // The reason is for the operator's log, not for whoever asks.
    const code = 'DATABASE_UNAVAILABLE';
    return reply(503, { status: 'unavailable', code }, isText, `unavailable: ${code}`);
  }
  const chains = sources
    .filter(({ chainId }) => demands.chainId === null || demands.chainId === chainId)
    .map((source) => chainHealth(source, demands));
  const isMissing = demands.chainId !== null && chains.length === 0;
  const isReady = !isMissing && chains.every(({ faults }) => faults.length === 0);
  const lines = [isReady ? 'ready' : 'not ready', ...chains.map(lineOf)];
  if (isMissing) lines.push(`chain ${demands.chainId}: not in the store`);
  const status = isReady ? 'ok' : 'not ready';
  return reply(isReady ? 200 : 503, { status, chains }, isText, lines.join('\n'));
}

/** The demands of a probe, or what is wrong with them. */
function parseDemands(parameters: URLSearchParams): Demands | string {
  const values = ['chainId', 'maxLagBlocks', 'maxLagSeconds'].map((name) => {
    const value = parameters.get(name);
    return { name, value: value === null ? null : Number(value === '' ? Number.NaN : value) };
  });
  const wrong = values.find(({ value }) => value !== null && !(value >= 0));
  if (wrong) return `${wrong.name} is not a number from 0 up`;
  const [chainId, maxLagBlocks, maxLagSeconds] = values.map(({ value }) => value);
  return {
    chainId: chainId ?? null,
    maxLagBlocks: maxLagBlocks ?? null,
    maxLagSeconds: maxLagSeconds ?? null,
  };
}

/** Null when the database fails or lets a probe wait: probes have short time limits of their own. */
async function sourcesInTime(context: ApiContext): Promise<readonly Source[] | null> {
  const read = context.snapshot().then(
    ({ sources }) => sources,
    () => null,
  );
  return Promise.race([read, wait(HEALTH_TIMEOUT_MS, null, { ref: false })]);
}

function chainHealth(source: Source, { maxLagBlocks, maxLagSeconds }: Demands): ChainHealth {
  const nowMs = Date.now();
  const { indexer, chainId, chain, headBlock } = source;
  const lag = chainLag(source, nowMs);
  const isSilent = indexer !== null && isStale(indexer, nowMs);
  const faults = [
    ...(indexer?.state === 'FAILED' ? ['its indexer has failed'] : []),
    // The height that a silent indexer told is old.
    ...(isSilent && maxLagBlocks !== null ? ['its indexer is silent'] : []),
    // A lag that nobody can tell is no lag within a bound.
    ...overBound('blocks', lag.blocks, maxLagBlocks),
    ...overBound('seconds', lag.seconds, maxLagSeconds),
  ];
  return {
    chainId,
    chain,
    headBlock,
    state: indexer?.state ?? null,
    isStale: isSilent,
    lagBlocks: lag.blocks,
    lagSeconds: lag.seconds,
    faults,
  };
}

function overBound(unit: string, lag: number | null, most: number | null): string[] {
  if (most === null) return [];
  if (lag === null) return [`its lag in ${unit} is unknown`];
  return lag > most ? [`it is ${Math.round(lag)} ${unit} behind, more than ${most}`] : [];
}

function lineOf(chain: ChainHealth): string {
  const state = chain.state ?? 'no indexer';
  const stale = chain.isStale ? ' (silent)' : '';
  const lag = chain.lagBlocks === null ? '' : `, ${chain.lagBlocks} blocks behind`;
  const faults = chain.faults.length === 0 ? '' : `: ${chain.faults.join('; ')}`;
  return `chain ${chain.chainId} ${chain.chain}: ${state}${stale}, head ${chain.headBlock ?? 'none'}${lag}${faults}`;
}

function reply(status: number, body: unknown, isText: boolean, text: string): Response {
  const type = isText ? 'text/plain' : 'application/json';
  return new Response(isText ? `${text}\n` : `${JSON.stringify(body)}\n`, {
    status,
    headers: {
      'content-type': `${type}; charset=utf-8`,
      'cache-control': 'no-store',
      ...(status === 503 ? { 'retry-after': '2' } : {}),
    },
  });
}
