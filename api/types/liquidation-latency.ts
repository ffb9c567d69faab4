import { builder } from '../builder.ts';
import { ANALYTIC_COST } from '../limits.ts';
import { type BufferAdequacy, type BufferRow, bufferAdequacy } from '../queries/buffer-adequacy.ts';
import {
  type LiquidationDelay,
  type LiquidationLatency,
  liquidationLatency,
} from '../queries/liquidation-latency.ts';
import type {
  DelayStat,
  OvershootQuantileStat,
  OvershootSummary,
} from '../queries/liquidation-latency-summary.ts';
import { parseMarketId } from '../queries/market-ref.ts';
import { SideEnum } from './enums.ts';
import { ProvenanceType } from './provenance.ts';

export const BreachCauseEnum = builder.enumType('BreachCause', {
  values: {
    PRICE: { description: 'Found at a new price of the market.' },
    OWNER: { description: 'The position’s own change: without it the position was safe.' },
    ACCRUAL: { description: 'No new price: fees and funding that grew with time, or new rules.' },
  } as const,
});

const LatencyMeasureEnum = builder.enumType('LiquidationLatencyMeasure', {
  values: {
    DELAY: { description: 'From the block of the first price on chain that breached.' },
    DELAY_MOST: { description: 'From the block of the last safe price: the delay is below it.' },
    DELAY_BLOCKS: {},
    DELAY_UPDATES: { description: 'New prices after the breach, up to the liquidation.' },
    BREACH_TO_FLAG: { description: 'Venues that mark a position first.' },
    FLAG_TO_LIQUIDATION: {},
    OBSERVED_DELAY: { description: 'From when the first breaching price was observed.' },
    OBSERVED_DELAY_MOST: { description: 'From when the last safe price was observed.' },
  } as const,
});

const DelayStatType = builder.objectRef<DelayStat>('LiquidationDelayStat').implement({
  description: 'Exact percentiles; null below 10 ÷ (1 − p) liquidations.',
  fields: (t) => ({
    measure: t.expose('measure', { type: LatencyMeasureEnum }),
    unit: t.exposeString('unit'),
    n: t.exposeInt('n'),
    mean: t.exposeFloat('mean', { nullable: true }),
    min: t.exposeFloat('min', { nullable: true }),
    p50: t.exposeFloat('p50', { nullable: true }),
    p90: t.exposeFloat('p90', { nullable: true }),
    p95: t.exposeFloat('p95', { nullable: true }),
    p99: t.exposeFloat('p99', { nullable: true }),
    max: t.exposeFloat('max', { nullable: true }),
  }),
});

const QuantileType = builder.objectRef<OvershootQuantileStat>('OvershootQuantile').implement({
  fields: (t) => ({
    p: t.exposeFloat('p'),
    expected: t.exposeFloat('expected', {
      description: 'Of overshoot ÷ σ√Δt, for a price that moves at random.',
    }),
    observed: t.exposeFloat('observed', { nullable: true }),
    shareWithin: t.exposeFloat('shareWithin', {
      nullable: true,
      description: 'Share of breaches at or below `expected`: p, where the model holds.',
    }),
  }),
});

const OvershootType = builder.objectRef<OvershootSummary>('OvershootSummary').implement({
  description:
    'How far the first breaching price lay beyond the liquidation price, against what chance alone makes of the time between two prices.',
  fields: (t) => ({
    n: t.exposeInt('n', { description: 'Breaches by a price, with a volatility and a time.' }),
    meanOvershoot: t.exposeFloat('meanOvershoot', { nullable: true }),
    meanScaled: t.exposeFloat('meanScaled', { nullable: true }),
    expectedMean: t.exposeFloat('expectedMean'),
    quantiles: t.field({ type: [QuantileType], resolve: ({ quantiles }) => [...quantiles] }),
  }),
});

const LiquidationDelayType = builder.objectRef<LiquidationDelay>('LiquidationDelay').implement({
  description: 'Since when a position could have been liquidated, and what the wait cost.',
  fields: (t) => ({
    liquidationId: t.exposeID('liquidationId'),
    positionId: t.exposeID('positionId'),
    account: t.exposeString('account'),
    liquidator: t.exposeString('liquidator'),
    side: t.expose('side', { type: SideEnum }),
    closedSizeUsd: t.expose('closedSizeUsd', { type: 'Decimal' }),
    blockNumber: t.exposeInt('blockNumber'),
    timestamp: t.expose('timestamp', { type: 'DateTime' }),
    transactionHash: t.exposeString('transactionHash'),
    breachCause: t.expose('breachCause', { type: BreachCauseEnum }),
    lastSafeBlock: t.exposeInt('lastSafeBlock', {
      nullable: true,
      description: 'Null where it was liquidatable since it opened.',
    }),
    lastSafeAt: t.expose('lastSafeAt', { type: 'DateTime', nullable: true }),
    lastSafeObservedAt: t.expose('lastSafeObservedAt', { type: 'DateTime', nullable: true }),
    breachBlock: t.exposeInt('breachBlock'),
    breachAt: t.expose('breachAt', { type: 'DateTime' }),
    breachObservedAt: t.expose('breachObservedAt', { type: 'DateTime', nullable: true }),
    flaggedBlock: t.exposeInt('flaggedBlock', { nullable: true }),
    flaggedAt: t.expose('flaggedAt', { type: 'DateTime', nullable: true }),
    isImmediate: t.exposeBoolean('isImmediate', {
      description: 'In the block of the breaching price.',
    }),
  }),
});

builder.objectFields(LiquidationDelayType, (t) => ({
  delaySeconds: t.exposeInt('delaySeconds'),
  delaySecondsMost: t.exposeInt('delaySecondsMost', { nullable: true }),
  delayBlocks: t.exposeInt('delayBlocks'),
  delayUpdates: t.exposeInt('delayUpdates'),
  breachToFlagSeconds: t.exposeInt('breachToFlagSeconds', { nullable: true }),
  flagToLiquidationSeconds: t.exposeInt('flagToLiquidationSeconds', { nullable: true }),
  observedDelaySeconds: t.exposeInt('observedDelaySeconds', { nullable: true }),
  observedDelaySecondsMost: t.exposeInt('observedDelaySecondsMost', { nullable: true }),
  breachPriceUsd: t.expose('breachPriceUsd', { type: 'Decimal', nullable: true }),
  triggerPriceUsd: t.expose('triggerPriceUsd', {
    type: 'Decimal',
    nullable: true,
    description: 'The bound of the price range that the liquidation used.',
  }),
  liquidationPriceUsd: t.expose('liquidationPriceUsd', {
    type: 'Decimal',
    nullable: true,
    description: 'Where the test flipped, at the flag or else at the liquidation.',
  }),
  overshootAtBreach: t.exposeFloat('overshootAtBreach', {
    nullable: true,
    description: 'side × ln(liquidation price ÷ first breaching price).',
  }),
  overshoot: t.exposeFloat('overshoot', {
    nullable: true,
    description: 'The same at the flag, or else at the liquidation.',
  }),
  scaledOvershoot: t.exposeFloat('scaledOvershoot', {
    nullable: true,
    description: 'overshootAtBreach ÷ σ√Δt; null without a volatility or time in between.',
  }),
  volatility: t.exposeFloat('volatility', {
    nullable: true,
    description: 'Per √year, as of the last safe price.',
  }),
  delayCostRatio: t.exposeFloat('delayCostRatio', {
    description: 'side × ln(breaching price ÷ price used): + where the wait cost, 0 without one.',
  }),
  delayCostUsd: t.expose('delayCostUsd', {
    type: 'Decimal',
    description: 'Notional at the breach × delayCostRatio, to 12 digits of the ratio.',
  }),
}));

const LatencyType = builder.objectRef<LiquidationLatency>('LiquidationLatency').implement({
  description: 'How long after its breach each position was liquidated, and what that cost.',
  fields: (t) => ({
    provenance: t.expose('provenance', { type: ProvenanceType }),
    marketId: t.exposeID('marketId'),
    marketSymbol: t.exposeString('marketSymbol', { nullable: true }),
    tauSeconds: t.exposeFloat('tauSeconds'),
    count: t.exposeInt('count'),
    unexplainedCount: t.exposeInt('unexplainedCount', {
      description: 'Not liquidatable by our rules at the prices used: must be 0.',
    }),
    unknownCount: t.exposeInt('unknownCount', { description: 'Could not be judged.' }),
    immediateShare: t.exposeFloat('immediateShare', { nullable: true }),
    stats: t.field({ type: [DelayStatType], resolve: ({ stats }) => [...stats] }),
    overshoot: t.expose('overshoot', { type: OvershootType }),
    delayCostUsd: t.expose('delayCostUsd', { type: 'Decimal' }),
    liquidations: t.field({
      type: [LiquidationDelayType],
      resolve: ({ liquidations }) => [...liquidations],
    }),
  }),
});

builder.queryField('liquidationLatency', (t) =>
  t.field({
    type: LatencyType,
    description: 'Breach to liquidation in one market, over liquidations in [from, to).',
    args: {
      market: t.arg.id({ required: true }),
      from: t.arg({ type: 'DateTime' }),
      to: t.arg({ type: 'DateTime', description: 'Exclusive.' }),
      volatilityTau: t.arg({
        type: 'Duration',
        description: 'Time constant of the volatility. Default: an hour.',
      }),
      atBlock: t.arg.int(),
    },
    complexity: ANALYTIC_COST * 5,
    resolve: async (_root, { market, volatilityTau, ...args }, context) => {
      const snapshot = await context.snapshot(args.atBlock);
      return liquidationLatency(snapshot, {
        ...args,
        market: parseMarketId(snapshot, market),
        tauSeconds: volatilityTau,
      });
    },
  }),
);

const BufferRowType = builder.objectRef<BufferRow>('BufferRow').implement({
  fields: (t) => ({
    label: t.exposeString('label', {
      description: 'ASKED, or MEAN_INTERVAL and LONGEST_INTERVAL of the index feed’s last day.',
    }),
    seconds: t.exposeFloat('seconds'),
    requiredRatio: t.exposeFloat('requiredRatio', {
      nullable: true,
      description:
        'Smallest maintenance margin ÷ notional with a debt in at most 1 of 100 liquidations.',
    }),
    adequacy: t.exposeFloat('adequacy', {
      nullable: true,
      description: 'maintenanceRatio ÷ requiredRatio: below 1 the market asks for too little.',
    }),
  }),
});

const BufferType = builder.objectRef<BufferAdequacy>('BufferAdequacy').implement({
  description:
    'The maintenance margin that the time between prices calls for, and the one asked for.',
  fields: (t) => ({
    provenance: t.expose('provenance', { type: ProvenanceType }),
    marketId: t.exposeID('marketId'),
    marketSymbol: t.exposeString('marketSymbol', { nullable: true }),
    volatility: t.exposeFloat('volatility', { nullable: true, description: 'Per √year.' }),
    tauSeconds: t.exposeFloat('tauSeconds'),
    theta: t.exposeFloat('theta'),
    maintenanceRatio: t.exposeFloat('maintenanceRatio', {
      nullable: true,
      description: 'Median of maintenance margin ÷ notional over open positions.',
    }),
    leastMaintenanceRatio: t.exposeFloat('leastMaintenanceRatio', { nullable: true }),
    positions: t.exposeInt('positions'),
    penaltyRatio: t.exposeFloat('penaltyRatio', {
      nullable: true,
      description: 'Median of penalty ÷ closed notional over the newest 1,000 liquidations.',
    }),
    liquidations: t.exposeInt('liquidations'),
    rows: t.field({ type: [BufferRowType], resolve: ({ rows }) => [...rows] }),
  }),
});

builder.queryField('bufferAdequacy', (t) =>
  t.field({
    type: BufferType,
    args: {
      market: t.arg.id({ required: true }),
      intervals: t.arg({
        type: ['Duration'],
        description: 'Times between two prices. Default: 1 s, 1 min, 20 min, 1 h.',
      }),
      volatility: t.arg.float({
        description: 'Supposed, per √year. Default: that of the index feed at the block.',
      }),
      volatilityTau: t.arg({ type: 'Duration', description: 'Default: an hour.' }),
      theta: t.arg.float({
        description: 'Deviation that triggers an update, as a ratio; intervals are then delays.',
      }),
      atBlock: t.arg.int(),
    },
    complexity: ANALYTIC_COST,
    resolve: async (_root, { market, volatilityTau, ...args }, context) => {
      const snapshot = await context.snapshot(args.atBlock);
      return bufferAdequacy(snapshot, {
        ...args,
        market: parseMarketId(snapshot, market),
        tauSeconds: volatilityTau,
      });
    },
  }),
);
