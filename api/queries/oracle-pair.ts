import { z } from 'zod';
import { UsageError } from '../../schema/errors.ts';
import { MAX_LEAD_LAG_STEPS, MAX_LEAD_LAG_TICKS } from '../limits.ts';
import { sampleStatistics } from './latency-statistics.ts';
import { leadLag } from './lead-lag.ts';
import type { CrossSourceDeviation, OracleClock, OracleLeadLag } from './oracle-answers.ts';
import { findFeeds, type OracleWindowRequest, oracleWindow } from './oracle-scope.ts';
import { isoTime, makeProvenance } from './provenance.ts';
import { type BlockRef, resolveBlock, type Snapshot, type Source } from './source-directory.ts';
import { count, countsByNumber, double, loadQuery, type Reader } from './stored-query.ts';

const QUANTA_PER_UNIT = 1e7;
const HOUR = 3_600;
const DEFAULT_MAX_LAG = 60;

/** Fewer moves of a feed have no lag to speak of. */
const LEAST_MOVES = 20;

const crossSourceQuery = loadQuery(
  'oracle-cross-source',
  z.object({
    distribution: countsByNumber,
    stale_count: count,
    worst_block: count,
    worst_time: count,
    worst_quanta: count,
  }),
);
const ticksQuery = loadQuery('oracle-ticks', z.object({ tick_time: count, log_price: double }));

export interface OraclePairRequest extends Omit<OracleWindowRequest, 'feed' | 'market'> {
  /** Feed id, token or symbol that means one feed. */
  readonly feedA: string;
  readonly feedB: string;
  readonly atBlock?: number | null | undefined;
}

/** How far two oracles of one thing were apart (analytics E5). */
export async function crossSourceDeviation(
  snapshot: Snapshot,
  request: OraclePairRequest & { readonly maxAgeSeconds?: number | null | undefined },
): Promise<CrossSourceDeviation> {
  const { reader } = snapshot;
  const { source } = request;
  const maxAge = request.maxAgeSeconds ?? HOUR;
  if (maxAge < 0) throw new UsageError('maxAgeSeconds is below 0.', { facts: { maxAge } });
  const { asOf, a, b, window } = await readPair(reader, request);
  const [row] = await crossSourceQuery.run(reader, {
    chainId: source.chainId,
    ...window,
    venueA: a.venue,
    tokenA: a.token,
    venueB: b.venue,
    tokenB: b.token,
    maxAge,
  });
  const signed: ReadonlyMap<number, number> = row?.distribution ?? new Map();
  const magnitudes = new Map<number, number>();
  let sum = 0;
  for (const [quanta, times] of signed) {
    magnitudes.set(Math.abs(quanta), (magnitudes.get(Math.abs(quanta)) ?? 0) + times);
    sum += quanta * times;
  }
  const deviation = sampleStatistics(magnitudes, 'log-ratio');
  const { fromTime, toTime } = window;
  return {
    provenance: makeProvenance({
      source,
      query: 'cross-source-deviation',
      parameters: { feedA: a.key, feedB: b.key, from: fromTime, to: toTime, maxAge },
      asOf,
      basis: 'DERIVED',
      method: 'cross-source-deviation',
      version: '1',
      caveats: [
        'Compared is what stood on chain at the end of a block; the two may have been observed at other moments.',
      ],
    }),
    feedA: a.key,
    feedB: b.key,
    fromTime: isoTime(fromTime),
    toTime: isoTime(toTime),
    maxAgeSeconds: maxAge,
    deviation,
    bias: deviation.n > 0 ? sum / deviation.n / QUANTA_PER_UNIT : null,
    staleCount: row?.stale_count ?? 0,
    worst:
      row && deviation.n > 0
        ? {
            blockNumber: row.worst_block,
            timestamp: isoTime(row.worst_time),
            logRatio: row.worst_quanta / QUANTA_PER_UNIT,
          }
        : null,
  };
}

export interface LeadLagRequest extends OraclePairRequest {
  readonly maxLagSeconds?: number | null | undefined;
  readonly stepSeconds?: number | null | undefined;
  readonly clock?: OracleClock | null | undefined;
}

/** Which of two feeds moves first, and by how many seconds (analytics E6). */
export async function oracleLeadLag(
  snapshot: Snapshot,
  request: LeadLagRequest,
): Promise<OracleLeadLag> {
  const { reader } = snapshot;
  const { source } = request;
  const maxLag = request.maxLagSeconds ?? DEFAULT_MAX_LAG;
  const step = request.stepSeconds ?? 1;
  if (maxLag < 0 || step < 1 || maxLag / step > MAX_LEAD_LAG_STEPS) {
    throw new UsageError('There are too many lags, or the step is below a second.', {
      facts: { maxLagSeconds: maxLag, stepSeconds: step, limit: MAX_LEAD_LAG_STEPS },
    });
  }
  const clock = request.clock ?? 'BLOCK';
  const { asOf, a, b, window } = await readPair(reader, request);
  const scope = { chainId: source.chainId, ...window, clock };
  const [ticksA, ticksB] = await Promise.all([
    readTicks(reader, { ...scope, venue: a.venue, token: a.token }),
    readTicks(reader, { ...scope, venue: b.venue, token: b.token }),
  ]);
  const isEnough = Math.min(ticksA.length, ticksB.length) > LEAST_MOVES;
  const found = isEnough
    ? leadLag(ticksA, ticksB, { maxLag, step })
    : { curve: [], peak: null, ratio: null };
  const { fromTime, toTime } = window;
  return {
    provenance: makeProvenance({
      source,
      query: 'oracle-lead-lag',
      parameters: { feedA: a.key, feedB: b.key, from: fromTime, to: toTime, maxLag, step, clock },
      asOf,
      basis: 'DERIVED',
      method: 'oracle-lead-lag',
      version: '1',
      caveats: [
        'Clocks count whole seconds: ±1 s. A correlation near 0 at the peak means that there is no lag, not that it is known.',
        ...(isEnough ? [] : [`Fewer than ${LEAST_MOVES} moves of a feed: no lag is given.`]),
      ],
    }),
    feedA: a.key,
    feedB: b.key,
    fromTime: isoTime(fromTime),
    toTime: isoTime(toTime),
    clock,
    ticksA: ticksA.length,
    ticksB: ticksB.length,
    lagSeconds: found.peak?.lag ?? null,
    correlation: found.peak?.correlation ?? null,
    leadLagRatio: found.ratio,
    curve: found.curve,
  };
}

async function readTicks(reader: Reader, parameters: Readonly<Record<string, unknown>>) {
  const rows = await ticksQuery.run(reader, { ...parameters, limit: MAX_LEAD_LAG_TICKS + 1 });
  if (rows.length > MAX_LEAD_LAG_TICKS) {
    throw new UsageError('A feed has too many prices in that window.', {
      facts: { limit: MAX_LEAD_LAG_TICKS },
      remedy: 'Narrow from and to.',
    });
  }
  return rows.map((row) => ({ time: row.tick_time, logPrice: row.log_price }));
}

/** The two feeds and the window of a question. */
async function readPair(reader: Reader, request: OraclePairRequest) {
  const { source, feedA, feedB } = request;
  const asOf = await resolveBlock(reader, source, request.atBlock);
  const a = await oneFeed(reader, source, feedA, asOf);
  const b = await oneFeed(reader, source, feedB, asOf);
  return { asOf, a, b, window: await oracleWindow(reader, request, asOf) };
}

async function oneFeed(reader: Reader, source: Source, wanted: string, asOf: BlockRef) {
  const found = await findFeeds(reader, source, wanted, asOf.block);
  const [key] = found;
  if (key === undefined || found.length > 1) {
    throw new UsageError(
      key === undefined ? 'There is no such feed.' : 'That means several feeds.',
      {
        facts: { feed: wanted.slice(0, 80), feeds: found.slice(0, 5).join(', ') },
        remedy: 'Take an id from an `oracleFeeds` answer.',
      },
    );
  }
  return { key, venue: key.slice(0, key.indexOf(':')), token: key.slice(key.indexOf(':') + 1) };
}
