import { builder } from '../builder.ts';
import { ANALYTIC_COST, MAX_DEFAULT_JUDGEMENTS } from '../limits.ts';
import {
  type LiquidationRisk,
  liquidationRisk,
  type RiskyPosition,
} from '../queries/liquidation-risk.ts';
import { DEFAULT_CONFIDENCE } from '../queries/liquidation-risk-model.ts';
import type {
  BadDebtRisk,
  ClassRisk,
  Expected,
  SideRisk,
} from '../queries/liquidation-risk-sums.ts';
import { parseMarketId } from '../queries/market-ref.ts';
import { SIZE_CLASS_BOUNDS_USD } from '../queries/size-classes.ts';
import { LevelSourceEnum, SideEnum, VolatilityWindowEnum } from './enums.ts';
import { BucketType, ProvenanceType } from './provenance.ts';

const DriftEnum = builder.enumType('DriftConvention', {
  values: {
    MARTINGALE: {
      description: 'The price stays on average: its logarithm falls by half the variance.',
    },
    ZERO_LOG_DRIFT: { description: 'The logarithm of the price stays on average.' },
  } as const,
});

const CheckSourceEnum = builder.enumType('PriceCheckSource', {
  values: {
    ASKED: {},
    FEED_MEAN: { description: "Mean time between the index feed's prices in the last day." },
    UNKNOWN: { description: 'No two prices in the last day: levels stand where they are.' },
  } as const,
});

const ExpectedType = builder.objectRef<Expected>('ExpectedLiquidations').implement({
  description: 'Means over the horizon.',
  fields: (t) => ({
    valueUsd: t.expose('valueUsd', {
      type: 'Decimal',
      description: 'Σ notional at the liquidation price × probability (to 12 digits).',
    }),
    count: t.exposeFloat('count', { description: 'Σ probability.' }),
  }),
});

const SideRiskType = builder.objectRef<SideRisk>('SideLiquidationRisk').implement({
  fields: (t) => ({
    side: t.expose('side', { type: SideEnum }),
    expected: t.expose('expected', { type: ExpectedType }),
    atRisk: t.expose('atRisk', {
      type: BucketType,
      description: 'Exceeded with a probability of at most 1 − confidence.',
    }),
    movePercent: t.exposeFloat('movePercent', {
      description: 'The price is seen beyond this move with a probability of 1 − confidence.',
    }),
  }),
});

const BadDebtRiskType = builder.objectRef<BadDebtRisk>('BadDebtRisk').implement({
  description: 'Debt beyond margin and penalty, as the price is first seen beyond a level.',
  fields: (t) => ({
    side: t.expose('side', { type: SideEnum }),
    expectedUsd: t.expose('expectedUsd', { type: 'Decimal' }),
    atRiskUsd: t.expose('atRiskUsd', {
      type: 'Decimal',
      description: 'Mean debt if all that is at risk is liquidated.',
    }),
  }),
});

const ClassRiskType = builder.objectRef<ClassRisk>('SizeClassLiquidationRisk').implement({
  description: 'Positions with sizeUsd in [sizeFromUsd, sizeToUsd); the rows of a side sum to it.',
  fields: (t) => ({
    side: t.expose('side', { type: SideEnum }),
    sizeFromUsd: t.expose('sizeFromUsd', { type: 'Decimal' }),
    sizeToUsd: t.expose('sizeToUsd', { type: 'Decimal', nullable: true }),
    open: t.expose('open', { type: BucketType }),
    expected: t.expose('expected', { type: ExpectedType }),
    atRisk: t.expose('atRisk', { type: BucketType }),
  }),
});

const RiskyPositionType = builder.objectRef<RiskyPosition>('RiskyPosition').implement({
  fields: (t) => ({
    positionId: t.exposeID('positionId'),
    account: t.exposeString('account'),
    side: t.expose('side', { type: SideEnum }),
    notionalUsd: t.expose('notionalUsd', {
      type: 'Decimal',
      description: 'At the liquidation price.',
    }),
    liquidationPrice: t.expose('liquidationPrice', { type: 'Decimal', nullable: true }),
    distance: t.exposeFloat('distance', {
      description: 'side × ln(price ÷ liquidation price); 0 where it is liquidatable already.',
    }),
    probability: t.exposeFloat('probability', {
      description: 'Of a liquidation within the horizon.',
    }),
    expectedUsd: t.expose('expectedUsd', { type: 'Decimal' }),
    isAtRisk: t.exposeBoolean('isAtRisk'),
  }),
});

const LiquidationRiskType = builder.objectRef<LiquidationRisk>('LiquidationRisk').implement({
  description:
    'What a market may see liquidated over a horizon, by a model of its price. MODELED: the caveats state every assumption.',
  fields: (t) => ({
    provenance: t.expose('provenance', { type: ProvenanceType }),
    marketId: t.exposeID('marketId'),
    marketSymbol: t.exposeString('marketSymbol', { nullable: true }),
    side: t.expose('side', { type: SideEnum, nullable: true, description: 'Null: both.' }),
    levels: t.expose('levels', { type: LevelSourceEnum }),
    priceUsd: t.expose('priceUsd', { type: 'Decimal' }),
    horizonSeconds: t.exposeInt('horizonSeconds'),
    confidence: t.exposeFloat('confidence'),
    drift: t.expose('drift', { type: DriftEnum }),
    volatility: t.exposeFloat('volatility', { description: 'Per √year.' }),
    volatilityWindow: t.expose('volatilityWindow', {
      type: VolatilityWindowEnum,
      nullable: true,
      description: 'Null where the volatility was given.',
    }),
    checkSeconds: t.exposeFloat('checkSeconds', {
      nullable: true,
      description: 'Time between two looks at the price.',
    }),
    checkSource: t.expose('checkSource', { type: CheckSourceEnum }),
    barrierShift: t.exposeFloat('barrierShift', {
      description: '0.5826 σ√dt: added to every distance, as the price is not always looked at.',
    }),
    open: t.expose('open', {
      type: BucketType,
      description: 'Positions with a liquidation price, valued at it.',
    }),
    unplaced: t.expose('unplaced', {
      type: BucketType,
      description: 'Positions that no price liquidates.',
    }),
    liquidatable: t.expose('liquidatable', {
      type: BucketType,
      description: 'Liquidatable as they stand: in all sums with a probability of 1.',
    }),
  }),
});

builder.objectFields(LiquidationRiskType, (t) => ({
  sides: t.field({ type: [SideRiskType], resolve: ({ sides }) => [...sides] }),
  expected: t.expose('expected', { type: ExpectedType, description: 'The sides sum to it.' }),
  atRiskUsd: t.expose('atRiskUsd', {
    type: 'Decimal',
    description:
      'Of both sides together, at the same confidence: not the sum of the sides, as a price seldom goes far down and far up.',
  }),
  sizeClasses: t.field({ type: [ClassRiskType], resolve: ({ sizeClasses }) => [...sizeClasses] }),
  badDebt: t.field({
    type: [BadDebtRiskType],
    nullable: true,
    description:
      'Never part of the sums above. Null where the time between prices is unknown, or with levels: LEDGER.',
    resolve: ({ badDebt }) => badDebt && [...badDebt],
  }),
  penaltyRatio: t.exposeFloat('penaltyRatio', {
    nullable: true,
    description: 'Median of penalty ÷ closed notional; null before the first liquidation.',
  }),
  positions: t.field({
    type: [RiskyPositionType],
    description: 'The ten that add most to what is expected.',
    resolve: ({ positions }) => [...positions],
  }),
}));

builder.queryField('liquidationRisk', (t) =>
  t.field({
    type: LiquidationRiskType,
    args: {
      market: t.arg.id({ required: true }),
      horizon: t.arg({ type: 'Duration', description: 'At most a year. Default: a day.' }),
      confidence: t.arg.float({ defaultValue: DEFAULT_CONFIDENCE }),
      checkSeconds: t.arg.float({
        description:
          "Time between two looks at the price; 0: always looked at. Default: the mean of the feed's last day.",
      }),
      volatility: t.arg.float({
        description: 'Per √year. Default: of the index feed as of the block.',
      }),
      volatilityWindow: t.arg({ type: VolatilityWindowEnum, defaultValue: 'ONE_HOUR' }),
      drift: t.arg({ type: DriftEnum, defaultValue: 'MARTINGALE' }),
      side: t.arg({ type: SideEnum }),
      sizeBoundsUsd: t.arg.intList({
        description: `Where size classes begin, rising; the first begins at 0. Default: ${SIZE_CLASS_BOUNDS_USD.join(', ')}.`,
      }),
      levels: t.arg({
        type: LevelSourceEnum,
        description: `Default: JUDGED up to ${MAX_DEFAULT_JUDGEMENTS} open positions, else LEDGER.`,
      }),
      atBlock: t.arg.int(),
    },
    complexity: ANALYTIC_COST,
    resolve: async (_root, { market, horizon, ...args }, context) => {
      const snapshot = await context.snapshot(args.atBlock);
      return liquidationRisk(snapshot, {
        ...args,
        market: parseMarketId(snapshot, market),
        horizonSeconds: horizon,
      });
    },
  }),
);
