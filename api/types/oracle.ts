import { builder } from '../builder.ts';
import { ANALYTIC_COST } from '../limits.ts';
import type {
  HistogramBin,
  LatencyStat,
  OracleFeed,
  OracleFeeds,
  OracleLatency,
  OracleLatencyGroup,
  SurvivalPoint,
} from '../queries/answers.ts';
import { parseMarketId } from '../queries/market-ref.ts';
import type {
  BoundCheck,
  BoundViolation,
  QuantileInterval,
  RequestGroup,
  RequestToExecution,
  SampleStatistics,
  WriteCauses,
} from '../queries/oracle-answers.ts';
import { oracleFeeds } from '../queries/oracle-feeds.ts';
import { oracleLatency } from '../queries/oracle-latency.ts';
import { requestToExecution } from '../queries/oracle-requests.ts';
import { chooseSource } from '../queries/source-directory.ts';
import { OracleGroupEnum, OracleMetricEnum, OracleSampleEnum } from './enums.ts';
import { PriceRangeType, ProvenanceType, TokenType } from './provenance.ts';

const QuantileIntervalType = builder.objectRef<QuantileInterval>('QuantileInterval').implement({
  description: 'Free of any distribution: two samples by rank that enclose the quantile.',
  fields: (t) => ({
    p: t.exposeFloat('p'),
    lower: t.exposeFloat('lower'),
    upper: t.exposeFloat('upper'),
    lowerRank: t.exposeInt('lowerRank'),
    upperRank: t.exposeInt('upperRank'),
    coverage: t.exposeFloat('coverage', { description: 'Exact; at least 0.95.' }),
  }),
});

const BoundCheckType = builder.objectRef<BoundCheck>('BoundCheck').implement({
  description: 'A bound of a contract, as an invariant: violations must be 0.',
  fields: (t) => ({
    name: t.exposeString('name'),
    checked: t.exposeInt('checked'),
    violations: t.exposeInt('violations'),
  }),
});

const WriteCausesType = builder.objectRef<WriteCauses>('WriteCauses').implement({
  description: 'What made a push oracle write: shares of the updates whose rule is known.',
  fields: (t) => ({
    known: t.exposeInt('known'),
    unknown: t.exposeInt('unknown'),
    deviation: t.exposeFloat('deviation', { nullable: true }),
    heartbeat: t.exposeFloat('heartbeat', { nullable: true }),
    other: t.exposeFloat('other', { nullable: true }),
  }),
});

const DeliveryEnum = builder.enumType('OracleDelivery', {
  values: {
    PUSH: { description: 'A keeper writes, by schedule or deviation.' },
    PULL: { description: 'Written when somebody needs the price.' },
  } as const,
});

const LatencyStatType = builder.objectRef<LatencyStat>('LatencyStat').implement({
  description: 'Exact percentiles; null below 10 ÷ (1 − p) samples, and the caveats say so.',
  fields: (t) => ({
    metric: t.expose('metric', { type: OracleMetricEnum }),
    unit: t.exposeString('unit'),
    label: t.exposeString('label', { nullable: true }),
    n: t.exposeInt('n'),
    negativeCount: t.exposeInt('negativeCount'),
    mean: t.exposeFloat('mean', { nullable: true }),
    p50: t.exposeFloat('p50', { nullable: true }),
    p90: t.exposeFloat('p90', { nullable: true }),
    p95: t.exposeFloat('p95', { nullable: true }),
    p99: t.exposeFloat('p99', { nullable: true }),
    p999: t.exposeFloat('p999', { nullable: true }),
    max: t.exposeFloat('max', { nullable: true }),
    intervals: t.field({
      type: [QuantileIntervalType],
      description: 'Of each percentile that stands, at 95 %.',
      resolve: ({ intervals }) => [...intervals],
    }),
    bound: t.expose('bound', {
      type: BoundCheckType,
      nullable: true,
      description: 'DELIVERY_DELAY: the age that the venue forbids, where the chain states it.',
    }),
    causes: t.expose('causes', {
      type: WriteCausesType,
      nullable: true,
      description: 'DEVIATION_AT_UPDATE.',
    }),
    caveats: t.exposeStringList('caveats'),
  }),
});

const HistogramBinType = builder.objectRef<HistogramBin>('HistogramBin').implement({
  description: 'Delays in [lower, upper) seconds.',
  fields: (t) => ({
    lower: t.exposeInt('lower'),
    upper: t.exposeInt('upper'),
    count: t.exposeInt('count'),
  }),
});

const SurvivalPointType = builder.objectRef<SurvivalPoint>('SurvivalPoint').implement({
  description: 'Share of samples with a delay above these seconds.',
  fields: (t) => ({ seconds: t.exposeFloat('seconds'), share: t.exposeFloat('share') }),
});

const LatencyGroupType = builder.objectRef<OracleLatencyGroup>('OracleLatencyGroup').implement({
  fields: (t) => ({
    key: t.exposeString('key'),
    label: t.exposeString('label'),
    delivery: t.expose('delivery', { type: DeliveryEnum }),
    stats: t.field({ type: [LatencyStatType], resolve: ({ stats }) => [...stats] }),
    histogram: t.field({
      type: [HistogramBinType],
      description: 'Of DELIVERY_DELAY.',
      resolve: ({ histogram }) => [...histogram],
    }),
    survival: t.field({
      type: [SurvivalPointType],
      description: 'Of DELIVERY_DELAY.',
      resolve: ({ survival }) => [...survival],
    }),
  }),
});

const OracleLatencyType = builder.objectRef<OracleLatency>('OracleLatency').implement({
  fields: (t) => ({
    provenance: t.expose('provenance', { type: ProvenanceType }),
    marketId: t.exposeID('marketId', { nullable: true }),
    fromTime: t.expose('fromTime', { type: 'DateTime' }),
    toTime: t.expose('toTime', { type: 'DateTime' }),
    groupBy: t.expose('groupBy', { type: OracleGroupEnum }),
    sample: t.expose('sample', { type: OracleSampleEnum }),
    groups: t.field({ type: [LatencyGroupType], resolve: ({ groups }) => [...groups] }),
  }),
});

const OracleFeedType = builder.objectRef<OracleFeed>('OracleFeed').implement({
  fields: (t) => ({
    id: t.exposeID('id'),
    venue: t.exposeString('venue'),
    symbol: t.exposeString('symbol', { nullable: true }),
    token: t.expose('token', { type: TokenType }),
    kind: t.exposeString('kind', {
      description: 'PULL: written when somebody needs the price; PUSH: by a keeper.',
    }),
    observedUpdates: t.exposeInt('observedUpdates', {
      description: 'Updates whose log says when the price was observed.',
    }),
    timeIsBlockTime: t.exposeBoolean('timeIsBlockTime', {
      description: 'The only time in its logs is the block’s: it says nothing about latency.',
    }),
    providers: t.exposeStringList('providers'),
    updates: t.exposeInt('updates'),
    firstUpdateAt: t.expose('firstUpdateAt', { type: 'DateTime' }),
    lastUpdateAt: t.expose('lastUpdateAt', { type: 'DateTime' }),
    lastUpdateBlock: t.exposeInt('lastUpdateBlock'),
    lastObservedAt: t.expose('lastObservedAt', { type: 'DateTime', nullable: true }),
    lastPrice: t.expose('lastPrice', { type: PriceRangeType }),
  }),
});

const OracleFeedsType = builder.objectRef<OracleFeeds>('OracleFeeds').implement({
  fields: (t) => ({
    provenance: t.expose('provenance', { type: ProvenanceType }),
    feeds: t.field({ type: [OracleFeedType], resolve: ({ feeds }) => [...feeds] }),
  }),
});

export const SampleStatisticsType = builder
  .objectRef<SampleStatistics>('SampleStatistics')
  .implement({
    description: 'Exact percentiles of one sample; null below 10 ÷ (1 − p) samples.',
    fields: (t) => ({
      unit: t.exposeString('unit'),
      n: t.exposeInt('n'),
      negativeCount: t.exposeInt('negativeCount'),
      mean: t.exposeFloat('mean', { nullable: true }),
      p50: t.exposeFloat('p50', { nullable: true }),
      p90: t.exposeFloat('p90', { nullable: true }),
      p95: t.exposeFloat('p95', { nullable: true }),
      p99: t.exposeFloat('p99', { nullable: true }),
      p999: t.exposeFloat('p999', { nullable: true }),
      max: t.exposeFloat('max', { nullable: true }),
      intervals: t.field({
        type: [QuantileIntervalType],
        resolve: ({ intervals }) => [...intervals],
      }),
      caveats: t.exposeStringList('caveats'),
    }),
  });

const BoundViolationType = builder.objectRef<BoundViolation>('BoundViolation').implement({
  fields: (t) => ({
    blockNumber: t.exposeInt('blockNumber'),
    transactionHash: t.exposeString('transactionHash'),
    orderKey: t.exposeString('orderKey'),
  }),
});

const RequestKindEnum = builder.enumType('RequestKind', {
  values: {
    MARKET: { description: 'GMX V2: at the price of its moment.' },
    OFFCHAIN: { description: 'Synthetix V2: at a price of Pyth after the request.' },
    DELAYED: { description: 'Synthetix V2: at a later price of Chainlink.' },
  } as const,
});

const RequestGroupType = builder.objectRef<RequestGroup>('RequestGroup').implement({
  fields: (t) => ({
    venue: t.exposeString('venue'),
    kind: t.expose('kind', { type: RequestKindEnum }),
    executionDelay: t.expose('executionDelay', {
      type: SampleStatisticsType,
      description: 'Execution minus request.',
    }),
    priceDelay: t.expose('priceDelay', {
      type: SampleStatisticsType,
      description: 'Observation of the oldest price used minus request.',
    }),
    bound: t.expose('bound', { type: BoundCheckType, nullable: true }),
    violations: t.field({
      type: [BoundViolationType],
      description: 'The first 20.',
      resolve: ({ violations }) => [...violations],
    }),
  }),
});

const RequestToExecutionType = builder
  .objectRef<RequestToExecution>('RequestToExecution')
  .implement({
    fields: (t) => ({
      provenance: t.expose('provenance', { type: ProvenanceType }),
      marketId: t.exposeID('marketId', { nullable: true }),
      fromTime: t.expose('fromTime', { type: 'DateTime' }),
      toTime: t.expose('toTime', { type: 'DateTime' }),
      groups: t.field({ type: [RequestGroupType], resolve: ({ groups }) => [...groups] }),
    }),
  });

builder.queryField('requestToExecution', (t) =>
  t.field({
    type: RequestToExecutionType,
    description: 'How long orders took from request to execution, and whether the bounds held.',
    args: {
      market: t.arg.id(),
      from: t.arg({ type: 'DateTime' }),
      to: t.arg({ type: 'DateTime' }),
      chainId: t.arg.int(),
      atBlock: t.arg.int(),
    },
    complexity: ANALYTIC_COST,
    resolve: async (_root, { market: marketText, chainId, ...args }, context) => {
      const snapshot = await context.snapshot(args.atBlock);
      const market = marketText ? parseMarketId(snapshot, marketText, chainId) : null;
      const source = market?.source ?? chooseSource(snapshot, chainId);
      return requestToExecution(snapshot, { ...args, source, market });
    },
  }),
);

builder.queryField('oracleFeeds', (t) =>
  t.field({
    type: OracleFeedsType,
    description: 'Every price feed of a chain, with its last price.',
    args: { chainId: t.arg.int(), atBlock: t.arg.int() },
    complexity: { field: 50, multiplier: 20 },
    resolve: async (_root, { chainId, atBlock }, context) => {
      const snapshot = await context.snapshot(atBlock);
      return oracleFeeds(snapshot, chooseSource(snapshot, chainId), atBlock);
    },
  }),
);

builder.queryField('oracleLatency', (t) =>
  t.field({
    type: OracleLatencyType,
    description: 'How late, how often and how far oracle prices came, over [from, to).',
    args: {
      market: t.arg.id({ description: "Only this market's tokens." }),
      feed: t.arg.string({ description: 'Only this token: address or symbol.' }),
      from: t.arg({ type: 'DateTime' }),
      to: t.arg({ type: 'DateTime' }),
      groupBy: t.arg({ type: OracleGroupEnum, defaultValue: 'ALL' }),
      sample: t.arg({ type: OracleSampleEnum, defaultValue: 'UPDATE' }),
      metrics: t.arg({ type: [OracleMetricEnum] }),
      chainId: t.arg.int(),
      atBlock: t.arg.int(),
    },
    complexity: ANALYTIC_COST,
    resolve: async (_root, { market: marketText, chainId, ...args }, context) => {
      const snapshot = await context.snapshot(args.atBlock);
      const market = marketText ? parseMarketId(snapshot, marketText, chainId) : null;
      const source = market?.source ?? chooseSource(snapshot, chainId);
      return oracleLatency(snapshot, { ...args, source, market });
    },
  }),
);
