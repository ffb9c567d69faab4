import { z } from 'zod';
import { UsageError } from '../../schema/errors.ts';
import { MAX_LATENCY_GROUPS } from '../limits.ts';
import { ageOfInformation } from './age-of-information.ts';
import type {
  LatencyStat,
  OracleGroup,
  OracleLatency,
  OracleLatencyGroup,
  OracleMetric,
  OracleSample,
} from './answers.ts';
import { toAgeStat, toHistogram, toLatencyStat, toSurvival } from './latency-statistics.ts';
import { idOfMarket } from './market-ref.ts';
import type { BoundCheck, Delivery, WriteCauses } from './oracle-answers.ts';
import { AGE_BOUND, readAgeBounds } from './oracle-bounds.ts';
import {
  feedLabel,
  type OracleScope,
  type OracleWindowRequest,
  oracleScope,
  readFeedNames,
} from './oracle-scope.ts';
import { readStressHours } from './oracle-volatility.ts';
import { readWriteRules } from './oracle-write-rules.ts';
import type { Counts, RankedSample } from './order-statistics.ts';
import { isoTime, makeProvenance } from './provenance.ts';
import { type BlockRef, resolveBlock, type Snapshot, type Source } from './source-directory.ts';
import { count, loadQuery, type Reader, text } from './stored-query.ts';

const METHOD = 'oracle-latency';
const ALL_METRICS: readonly OracleMetric[] = [
  'DELIVERY_DELAY',
  'UPDATE_INTERVAL',
  'AGE',
  'DEVIATION_AT_UPDATE',
  'CONFIDENCE_RATIO',
  'MIN_MAX_SPREAD',
];

/** Oracles that log a lower and an upper price; others log one, which has no spread. */
const SPREAD_VENUES = ['gmx-v2'] as const;

const groupColumns = {
  group_venue: text,
  group_name: text,
  group_hour: count,
  group_delivery: z.enum(['PUSH', 'PULL']),
};
const countedColumns = {
  ...groupColumns,
  sample_values: z.array(z.number()),
  sample_counts: z.array(z.number()),
};
const delayColumns = { ...countedColumns, bound_checked: count, bound_violations: count };
/** Of samples with many values: only those around the ranks that will be asked. */
const rankedColumns = z.object({
  ...groupColumns,
  sample_size: z.number(),
  sample_sum: z.number(),
  below_zero: z.number(),
  largest: z.number(),
  kept_values: z.array(z.number()),
  kept_ranks: z.array(z.number()),
});
const delayQuery = loadQuery('oracle-delay', z.object(delayColumns));
const delayByTransactionQuery = loadQuery('oracle-delay-by-transaction', z.object(delayColumns));
const intervalQuery = loadQuery('oracle-interval', z.object(countedColumns));
const ageQuery = loadQuery(
  'oracle-age',
  z.object({
    ...groupColumns,
    start_values: z.array(z.number()),
    start_counts: z.array(z.number()),
    end_values: z.array(z.number()),
    end_counts: z.array(z.number()),
  }),
);
const deviationQuery = loadQuery('oracle-deviation', rankedColumns);
const causesQuery = loadQuery(
  'oracle-causes',
  z.object({ ...groupColumns, causes: z.record(z.string(), count) }),
);
const confidenceQuery = loadQuery('oracle-confidence', rankedColumns);
const spreadQuery = loadQuery('oracle-spread', rankedColumns);

export interface OracleLatencyRequest extends OracleWindowRequest {
  readonly groupBy?: OracleGroup | null | undefined;
  readonly sample?: OracleSample | null | undefined;
  readonly metrics?: readonly OracleMetric[] | null | undefined;
  readonly atBlock?: number | null | undefined;
}

/** How late, how often and how far oracle prices came (analytics E1–E4, E8, E9), exactly. */
export async function oracleLatency(
  snapshot: Snapshot,
  request: OracleLatencyRequest,
): Promise<OracleLatency> {
  const { reader } = snapshot;
  const { source } = request;
  const asOf = await resolveBlock(reader, source, request.atBlock);
  const scope = await oracleScope(reader, request, asOf);
  const groupBy = request.groupBy ?? 'ALL';
  const sample = request.sample ?? 'UPDATE';
  const metrics = ALL_METRICS.filter((metric) => request.metrics?.includes(metric) ?? true);
  const stressHours = groupBy === 'VOL_REGIME' ? await readStressHours(reader, scope) : [];
  // Hours are counted without their providers and transactions.
  const isCounted = groupBy !== 'PROVIDER' && sample === 'UPDATE';
  const whole = isCounted ? {} : { wholeFrom: 0, wholeTo: 0 };
  const limit = MAX_LATENCY_GROUPS + 1;
  const grouping = { ...scope, ...whole, groupBy, sample, stressHours, limit };
  const groups = await readGroups(reader, { source, asOf, grouping, metrics });
  if (groups.length > MAX_LATENCY_GROUPS) {
    throw new UsageError('That window has too many groups.', {
      facts: { limit: MAX_LATENCY_GROUPS },
      remedy: 'Narrow from and to, or group by FEED.',
    });
  }
  const names = groupBy === 'FEED' ? await readFeedNames(reader, source, asOf.block) : new Map();
  const { feeds, fromTime, toTime } = scope;
  return {
    provenance: makeProvenance({
      source,
      query: METHOD,
      parameters: { feeds, from: fromTime, to: toTime, groupBy, sample, metrics },
      asOf,
      basis: metrics.includes('AGE') ? 'DERIVED' : 'OBSERVED',
      method: METHOD,
      version: '3',
      caveats: caveatsOf(metrics, groupBy),
    }),
    marketId: request.market ? idOfMarket(request.market) : null,
    fromTime: isoTime(fromTime),
    toTime: isoTime(toTime),
    groupBy,
    sample,
    groups: groups.map((group) => ({
      ...group,
      label: labelOf(source, groupBy, group.key, names),
    })),
  };
}

function caveatsOf(metrics: readonly OracleMetric[], groupBy: OracleGroup): string[] {
  const caveats = [
    'Observation times are those that logs state, after any adjustment the contract makes; a price without one tells no delay.',
    'Intervals of percentiles take the samples for independent; prices of one transaction are not.',
  ];
  if (metrics.includes('AGE')) {
    caveats.push('The age begins with the first price in the window.');
  }
  if (groupBy === 'VOL_REGIME') {
    caveats.push(
      'STRESS: the tenth of the hours of this window with the largest realised variance, each feed over its own average.',
    );
  }
  return caveats;
}

interface GroupRow {
  readonly group_venue: string;
  readonly group_name: string;
  readonly group_hour: number;
  readonly group_delivery: Delivery;
}

type Group = Pick<OracleLatencyGroup, 'key' | 'delivery' | 'histogram' | 'survival'> & {
  stats: LatencyStat[];
};

type Grouping = OracleScope & { readonly groupBy: OracleGroup; readonly sample: OracleSample };

interface GroupsWanted {
  readonly source: Source;
  readonly asOf: BlockRef;
  readonly grouping: Grouping;
  readonly metrics: readonly OracleMetric[];
}

/** Statistics of each metric, put together by group. Push and pull are groups of their own. */
async function readGroups(reader: Reader, wanted: GroupsWanted): Promise<Group[]> {
  const { grouping } = wanted;
  const groups = new Map<string, Group>();
  const append = (row: GroupRow, stat: LatencyStat, shape?: Counts) => {
    const key = keyOf(grouping, row);
    const id = groupId(grouping, row);
    const group = groups.get(id) ?? {
      key,
      delivery: row.group_delivery,
      stats: [],
      histogram: shape ? toHistogram(shape) : [],
      survival: shape ? toSurvival(shape) : [],
    };
    group.stats.push(stat);
    groups.set(id, group);
  };
  for (const read of await Promise.all(
    wanted.metrics.map((one) => readMetric(reader, one, wanted)),
  )) {
    for (const { row, stat, shape } of read) append(row, stat, shape);
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
}

interface ReadStat {
  readonly row: GroupRow;
  readonly stat: LatencyStat;
  /** What histogram and survival curve are drawn of. */
  readonly shape?: Counts;
}

async function readMetric(
  reader: Reader,
  metric: OracleMetric,
  { source, asOf, grouping }: GroupsWanted,
): Promise<ReadStat[]> {
  if (metric === 'AGE') {
    const rows = await ageQuery.run(reader, { ...grouping });
    return rows.map((row) => {
      const starts = countsOf(row.start_values, row.start_counts);
      const ends = countsOf(row.end_values, row.end_counts);
      return { row, stat: toAgeStat(ageOfInformation({ starts, ends })) };
    });
  }
  if (metric === 'DELIVERY_DELAY') {
    const bounds = await readAgeBounds(reader, source, asOf);
    const query = grouping.sample === 'TRANSACTION' ? delayByTransactionQuery : delayQuery;
    const rows = await query.run(reader, { ...grouping, ...bounds });
    return rows.map((row) => {
      const shape = countsOf(row.sample_values, row.sample_counts);
      const stat = statOf(metric, row, shape, { bound: boundOf(row) });
      return { row, stat, shape };
    });
  }
  if (metric === 'UPDATE_INTERVAL') {
    const rows = await intervalQuery.run(reader, { ...grouping });
    return rows.map((row) => {
      const sample = countsOf(row.sample_values, row.sample_counts);
      return { row, stat: statOf(metric, row, sample) };
    });
  }
  return readRanked(reader, metric, source, grouping);
}

async function readRanked(
  reader: Reader,
  metric: 'DEVIATION_AT_UPDATE' | 'CONFIDENCE_RATIO' | 'MIN_MAX_SPREAD',
  source: Source,
  grouping: Grouping,
): Promise<ReadStat[]> {
  if (metric === 'DEVIATION_AT_UPDATE') {
    const causes = await readCauses(reader, source, grouping);
    const rows = await deviationQuery.run(reader, { ...grouping });
    return rows.map((row) => {
      const known = causes.get(groupId(grouping, row));
      return {
        row,
        stat: statOf(metric, row, rankedSample(row), {
          causes: causesOf(known ?? {}, row.sample_size),
        }),
      };
    });
  }
  const rows =
    metric === 'CONFIDENCE_RATIO'
      ? await confidenceQuery.run(reader, { ...grouping })
      : await spreadQuery.run(reader, { ...grouping, spreadVenues: [...SPREAD_VENUES] });
  return rows.map((row) => ({ row, stat: statOf(metric, row, rankedSample(row)) }));
}

/** What made the feeds write of which a rule is known, by group. */
async function readCauses(reader: Reader, source: Source, grouping: Grouping) {
  const rules = readWriteRules(source, grouping);
  const rows = rules ? await causesQuery.run(reader, { ...grouping, ...rules }) : [];
  return new Map(rows.map((row) => [groupId(grouping, row), row.causes]));
}

function countsOf(values: readonly number[], counts: readonly number[]): Counts {
  return new Map(values.map((value, index) => [value, counts[index] ?? 0]));
}

function rankedSample(row: {
  readonly sample_size: number;
  readonly sample_sum: number;
  readonly below_zero: number;
  readonly largest: number;
  readonly kept_values: readonly number[];
  readonly kept_ranks: readonly number[];
}): RankedSample {
  return {
    n: row.sample_size,
    sum: row.sample_sum,
    negativeCount: row.below_zero,
    max: row.largest,
    values: row.kept_values,
    upTo: row.kept_ranks,
  };
}

function statOf(
  metric: Exclude<OracleMetric, 'AGE'>,
  row: GroupRow,
  distribution: Counts | RankedSample,
  more: { readonly bound?: BoundCheck | null; readonly causes?: WriteCauses | null } = {},
): LatencyStat {
  return toLatencyStat({ metric, delivery: row.group_delivery, distribution, ...more });
}

function boundOf(row: {
  readonly bound_checked: number;
  readonly bound_violations: number;
}): BoundCheck | null {
  if (row.bound_checked === 0) return null;
  const { venue, parameter } = AGE_BOUND;
  return {
    name: `${venue} ${parameter}`,
    checked: row.bound_checked,
    violations: row.bound_violations,
  };
}

function causesOf(causes: Readonly<Record<string, number>>, moves: number): WriteCauses {
  const of = (cause: string) => causes[cause] ?? 0;
  const known = of('DEVIATION') + of('HEARTBEAT') + of('OTHER');
  const share = (cause: string) => (known > 0 ? of(cause) / known : null);
  return {
    known,
    unknown: moves - known,
    deviation: share('DEVIATION'),
    heartbeat: share('HEARTBEAT'),
    other: share('OTHER'),
  };
}

function groupId(grouping: Grouping, row: GroupRow): string {
  return `${keyOf(grouping, row)} ${row.group_delivery}`;
}

function keyOf({ groupBy, chainId }: Grouping, row: GroupRow): string {
  if (groupBy === 'FEED') return `${row.group_venue}:${row.group_name}`;
  if (groupBy === 'PROVIDER') return row.group_name;
  if (groupBy === 'HOUR') return String(row.group_hour);
  if (groupBy === 'CHAIN') return String(chainId);
  if (groupBy === 'VOL_REGIME') return row.group_hour === 1 ? 'STRESS' : 'CALM';
  return 'all';
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
  if (groupBy === 'CHAIN') return source.chain;
  if (groupBy === 'VOL_REGIME') return key === 'STRESS' ? 'hours of stress' : 'calm hours';
  return 'all feeds';
}
