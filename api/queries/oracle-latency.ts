import { z } from 'zod';
import { UsageError } from '../../schema/errors.ts';
import { MAX_LATENCY_GROUPS } from '../limits.ts';
import type {
  LatencyStat,
  OracleGroup,
  OracleLatency,
  OracleLatencyGroup,
  OracleMetric,
  OracleSample,
} from './answers.ts';
import { ageStatistics, toHistogram, toLatencyStat, toSurvival } from './latency-statistics.ts';
import { idOfMarket, type MarketRef } from './market-ref.ts';
import { feedKeys, readMarketTimeline } from './market-timeline.ts';
import { isoTime, makeProvenance } from './provenance.ts';
import {
  type BlockRef,
  resolveBlock,
  type Snapshot,
  type Source,
  tokenOf,
} from './source-directory.ts';
import { count, double, loadQuery, type Reader, text } from './stored-query.ts';

const METHOD = 'oracle-latency';
const ALL_METRICS: readonly OracleMetric[] = [
  'DELIVERY_DELAY',
  'UPDATE_INTERVAL',
  'AGE',
  'DEVIATION_AT_UPDATE',
];

const statColumns = {
  group_key: text,
  sample_count: count,
  mean_value: double,
  percentiles: z.array(double),
  max_value: double,
};
const delayQuery = loadQuery(
  'oracle-delay',
  z.object({
    ...statColumns,
    negative_count: count,
    distribution: z
      .record(z.string(), count)
      .transform((map) => new Map(Object.entries(map).map(([delay, n]) => [Number(delay), n]))),
  }),
);
const intervalQuery = loadQuery(
  'oracle-interval',
  z.object({ ...statColumns, group_delivery: z.enum(['PUSH', 'PULL', 'MIXED']) }),
);
const deviationQuery = loadQuery('oracle-deviation', z.object(statColumns));
const ageQuery = loadQuery(
  'oracle-age',
  z.object({ group_key: text, stretch_shapes: z.array(z.tuple([count, count, count])) }),
);

const feedNamesQuery = loadQuery(
  'feed-names',
  z.object({ feed_venue: text, feed_token: text, feed_symbol: text }),
);
const firstUpdateQuery = loadQuery('first-update', z.object({ first_time: count, updates: count }));

export interface OracleLatencyRequest {
  readonly source: Source;
  /** Tokens of this market only. */
  readonly market?: MarketRef | null | undefined;
  /** Feed id, token or symbol; a symbol may mean the feeds of several oracles. */
  readonly feed?: string | null | undefined;
  /** Half-open, unix seconds. Default: from the first update to the as-of block. */
  readonly from?: number | null | undefined;
  readonly to?: number | null | undefined;
  readonly groupBy?: OracleGroup | null | undefined;
  readonly sample?: OracleSample | null | undefined;
  readonly metrics?: readonly OracleMetric[] | null | undefined;
  readonly atBlock?: number | null | undefined;
}

/** How late, how often and how far oracle prices came (analytics E1–E4), with exact percentiles. */
export async function oracleLatency(
  snapshot: Snapshot,
  request: OracleLatencyRequest,
): Promise<OracleLatency> {
  const { reader } = snapshot;
  const { source } = request;
  const asOf = await resolveBlock(reader, source, request.atBlock);
  const feeds = await chooseFeeds(reader, request, asOf.block);
  const from = request.from ?? (await firstUpdate(reader, source, feeds, asOf));
  const to = Math.min(request.to ?? asOf.timestamp + 1, asOf.timestamp + 1);
  if (from >= to) {
    throw new UsageError('The window is empty or lies after what is indexed.', {
      facts: { from: isoTime(from), indexedTo: isoTime(asOf.timestamp) },
    });
  }
  const groupBy = request.groupBy ?? 'ALL';
  const sample = request.sample ?? 'UPDATE';
  const metrics = ALL_METRICS.filter((metric) => request.metrics?.includes(metric) ?? true);
  const scope = {
    chainId: source.chainId,
    feeds,
    toBlock: asOf.block,
    fromTime: from,
    toTime: to,
    groupBy,
    limit: MAX_LATENCY_GROUPS + 1,
  };
  const groups = await readGroups(reader, { ...scope, sample }, metrics);
  const names = groupBy === 'FEED' ? await readFeedNames(reader, source, asOf.block) : new Map();
  if (groups.size > MAX_LATENCY_GROUPS) {
    throw new UsageError('That window has too many groups.', {
      facts: { limit: MAX_LATENCY_GROUPS },
      remedy: 'Narrow from and to, or group by FEED.',
    });
  }
  return {
    provenance: makeProvenance({
      source,
      query: METHOD,
      parameters: { feeds, from, to, groupBy, sample, metrics },
      asOf,
      basis: metrics.includes('AGE') ? 'DERIVED' : 'OBSERVED',
      method: METHOD,
      version: '1',
      caveats: [
        'Observation times are those that logs state, after any adjustment the contract makes; a price without one tells no delay.',
      ],
    }),
    marketId: request.market ? idOfMarket(request.market) : null,
    fromTime: isoTime(from),
    toTime: isoTime(to),
    groupBy,
    sample,
    groups: [...groups].map(([key, group]) => ({
      key,
      label: labelOf(source, groupBy, key, names),
      ...group,
    })),
  };
}

/** Unix seconds; the as-of time where there is no update at all. */
async function firstUpdate(
  reader: Reader,
  source: Source,
  feeds: readonly string[],
  asOf: BlockRef,
): Promise<number> {
  const parameters = { chainId: source.chainId, feeds, toBlock: asOf.block };
  const [row] = await firstUpdateQuery.run(reader, parameters);
  return row && row.updates > 0 ? row.first_time : asOf.timestamp;
}

/** `feedKey`s; none = all. */
async function chooseFeeds(
  reader: Reader,
  request: OracleLatencyRequest,
  block: number,
): Promise<string[]> {
  const { source, market, feed } = request;
  const ofMarket = market
    ? feedKeys((await readMarketTimeline(reader, { ...market, blocks: [block] })).feeds)
    : null;
  if (market && ofMarket?.length === 0) {
    throw new UsageError('That market has no state at that block.', {
      facts: { market: idOfMarket(market) },
      remedy: 'Take an id from a `markets` answer.',
    });
  }
  if (!feed) return [...(ofMarket ?? [])].sort();
  const found = (await findFeeds(reader, source, feed, block)).filter(
    (key) => ofMarket?.includes(key) ?? true,
  );
  if (found.length === 0) {
    throw new UsageError('There is no such feed.', {
      facts: { feed: feed.slice(0, 80) },
      remedy: 'Take an id, token address or symbol from an `oracleFeeds` answer.',
    });
  }
  return found;
}

type Group = Pick<OracleLatencyGroup, 'histogram' | 'survival'> & { stats: LatencyStat[] };

/** Statistics of each metric, put together by group. */
async function readGroups(
  reader: Reader,
  scope: Readonly<Record<string, unknown>>,
  metrics: readonly OracleMetric[],
): Promise<Map<string, Group>> {
  const wants = (metric: OracleMetric) => metrics.includes(metric);
  const { sample: _sample, ...perUpdate } = scope;
  const [delays, intervals, ages, deviations] = await Promise.all([
    wants('DELIVERY_DELAY') ? delayQuery.run(reader, scope) : [],
    wants('UPDATE_INTERVAL') ? intervalQuery.run(reader, scope) : [],
    wants('AGE') ? ageQuery.run(reader, perUpdate) : [],
    wants('DEVIATION_AT_UPDATE') ? deviationQuery.run(reader, perUpdate) : [],
  ]);
  const groups = new Map<string, Group>();
  for (const row of delays) {
    const { group_key: key, distribution, negative_count: negativeCount } = row;
    groups.set(key, {
      stats: [toLatencyStat({ ...toRaw('DELIVERY_DELAY', row), negativeCount })],
      histogram: toHistogram(distribution),
      survival: toSurvival(distribution),
    });
  }
  const append = (key: string, stat: LatencyStat) => {
    const group = groups.get(key) ?? { stats: [], histogram: [], survival: [] };
    group.stats.push(stat);
    groups.set(key, group);
  };
  for (const row of intervals) {
    const delivery = row.group_delivery;
    append(row.group_key, toLatencyStat({ ...toRaw('UPDATE_INTERVAL', row), delivery }));
  }
  for (const row of ages) {
    const stretches = row.stretch_shapes.map(([delay, width, times]) => ({ delay, width, times }));
    append(row.group_key, toLatencyStat(ageStatistics(stretches)));
  }
  for (const row of deviations) {
    append(row.group_key, toLatencyStat(toRaw('DEVIATION_AT_UPDATE', row)));
  }
  return new Map([...groups].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function toRaw(
  metric: OracleMetric,
  row: {
    readonly sample_count: number;
    readonly mean_value: number;
    readonly percentiles: readonly number[];
    readonly max_value: number;
  },
) {
  return {
    metric,
    n: row.sample_count,
    negativeCount: 0,
    mean: row.mean_value,
    percentiles: row.percentiles,
    max: row.max_value,
  };
}

/** `venue:token` keys of the feeds that go by an id, a token, or a symbol. */
async function findFeeds(
  reader: Reader,
  source: Source,
  wanted: string,
  block: number,
): Promise<string[]> {
  const token = wanted.toLowerCase().split(':').at(-1) ?? '';
  const rows = await feedNamesQuery.run(reader, { chainId: source.chainId, block });
  return rows
    .filter(({ feed_venue: venue, feed_token: of, feed_symbol: symbol }) =>
      wanted.includes(':')
        ? wanted.toLowerCase() === `${source.chainId}:${venue}:${of}`
        : [of, symbol, baseOf(symbol), tokenOf(source, venue, of).symbol].some(
            (name) => name === wanted || name === token,
          ),
    )
    .map(({ feed_venue: venue, feed_token: of }) => `${venue}:${of}`)
    .sort();
}

/** @example baseOf('ETH / USD') // 'ETH' */
function baseOf(symbol: string): string {
  return symbol.split('/')[0]?.trim() ?? symbol;
}

/** A venue's own symbol of the token, else the oracle's name of the feed, else its key. */
function feedLabel(source: Source, key: string, names: ReadonlyMap<string, string>): string {
  const venue = key.slice(0, key.indexOf(':'));
  const token = key.slice(venue.length + 1);
  return tokenOf(source, venue, token).symbol ?? (names.get(key) || token);
}

/** Names that oracles give their feeds, by `venue:token`. */
async function readFeedNames(
  reader: Reader,
  source: Source,
  block: number,
): Promise<Map<string, string>> {
  const rows = await feedNamesQuery.run(reader, { chainId: source.chainId, block });
  return new Map(rows.map((row) => [`${row.feed_venue}:${row.feed_token}`, row.feed_symbol]));
}

function labelOf(
  source: Source,
  groupBy: OracleGroup,
  key: string,
  names: ReadonlyMap<string, string>,
): string {
  if (groupBy === 'FEED') return feedLabel(source, key, names);
  if (groupBy === 'HOUR') return isoTime(Number(key));
  if (groupBy === 'PROVIDER') return key === '' ? 'not named' : key;
  return 'all feeds';
}
