import type { BandQuantiles } from '../../margin/margin-quantiles.ts';
import type { MarginBand } from '../../margin/margin-spread.ts';
import { builder } from '../builder.ts';
import { ANALYTIC_COST, DEFAULT_HEATMAP_COLUMNS } from '../limits.ts';
import { marketMarginBands } from '../queries/market-bands.ts';
import type {
  ClosestPosition,
  HealthThreshold,
  MarginBandColumn,
  MarketMarginBands,
} from '../queries/market-bands-answers.ts';
import { parseMarketId } from '../queries/market-ref.ts';
import { LevelSourceEnum, SideEnum } from './enums.ts';
import { BucketType, ProvenanceType } from './provenance.ts';

const QuantilesType = builder.objectRef<BandQuantiles>('BandQuantiles').implement({
  description:
    'pX: the least value at or below which X % of the weight lies, so always the value of a position. All null ' +
    'without positions.',
  fields: (t) => ({
    min: t.exposeFloat('min', { nullable: true }),
    p5: t.exposeFloat('p5', { nullable: true }),
    p25: t.exposeFloat('p25', { nullable: true }),
    p50: t.exposeFloat('p50', { nullable: true }),
    p75: t.exposeFloat('p75', { nullable: true }),
    p95: t.exposeFloat('p95', { nullable: true }),
  }),
});

const BandType = builder.objectRef<MarginBand>('MarginBand').implement({
  fields: (t) => ({
    byCount: t.expose('byCount', { type: QuantilesType, description: 'Each position counts 1.' }),
    byNotional: t.expose('byNotional', {
      type: QuantilesType,
      description: 'Each position counts its notional then.',
    }),
  }),
});

const HealthThresholdType = builder.objectRef<HealthThreshold>('HealthThreshold').implement({
  description: 'Positions with a health factor below `health`.',
  fields: (t) => ({
    health: t.exposeFloat('health'),
    valueUsd: t.expose('valueUsd', { type: 'Decimal' }),
    count: t.exposeInt('count'),
  }),
});

const ClosestPositionType = builder.objectRef<ClosestPosition>('ClosestPosition').implement({
  description: 'The position with the least health factor; of equals the first by key.',
  fields: (t) => ({
    positionId: t.exposeID('positionId'),
    side: t.expose('side', { type: SideEnum }),
    healthFactor: t.exposeFloat('healthFactor'),
    marginRatio: t.exposeFloat('marginRatio', { nullable: true }),
    notionalUsd: t.expose('notionalUsd', { type: 'Decimal' }),
    liquidationPrice: t.expose('liquidationPrice', { type: 'Decimal', nullable: true }),
  }),
});

const ColumnType = builder.objectRef<MarginBandColumn>('MarginBandColumn').implement({
  description:
    'All open positions at one instant: the last block before `toTime`, or (LEDGER) the last full hour.',
  fields: (t) => ({
    column: t.exposeInt('column'),
    fromTime: t.expose('fromTime', { type: 'DateTime' }),
    toTime: t.expose('toTime', { type: 'DateTime' }),
    blockNumber: t.exposeInt('blockNumber', {
      nullable: true,
      description: 'The instant; null where nothing was stored or kept yet.',
    }),
    blockTime: t.expose('blockTime', { type: 'DateTime', nullable: true }),
    closePriceUsd: t.expose('closePriceUsd', { type: 'Decimal', nullable: true }),
    open: t.expose('open', { type: BucketType, description: 'All that could be judged.' }),
    unjudged: t.exposeInt('unjudged', {
      description:
        'Open, but a price or parameter that the rules need is unknown; caveats say which.',
    }),
    liquidatable: t.expose('liquidatable', {
      type: BucketType,
      description: "By the venue's own test.",
    }),
    marginRatio: t.expose('marginRatio', { type: BandType }),
    healthFactor: t.expose('healthFactor', { type: BandType }),
    under: t.field({ type: [HealthThresholdType], resolve: ({ under }) => [...under] }),
    closest: t.expose('closest', { type: ClosestPositionType, nullable: true }),
  }),
});

const MarketMarginBandsType = builder.objectRef<MarketMarginBands>('MarketMarginBands').implement({
  description:
    'How the margins of all open positions of a market are spread through time. Every position of a column ' +
    'is judged as Position.marginAt judges it at that block.',
  fields: (t) => ({
    provenance: t.expose('provenance', { type: ProvenanceType }),
    marketId: t.exposeID('marketId'),
    marketSymbol: t.exposeString('marketSymbol', { nullable: true }),
    side: t.expose('side', { type: SideEnum, nullable: true, description: 'Null: both.' }),
    levels: t.expose('levels', {
      type: LevelSourceEnum,
      description: 'LEDGER: the spreads that were kept at full hours of chain time.',
    }),
    columns: t.field({ type: [ColumnType], resolve: ({ columns }) => [...columns] }),
  }),
});

builder.queryField('marketMarginBands', (t) =>
  t.field({
    type: MarketMarginBandsType,
    args: {
      market: t.arg.id({ required: true }),
      from: t.arg({ type: 'DateTime', description: 'Default: the first price of the market.' }),
      to: t.arg({ type: 'DateTime', description: 'Exclusive. Default: the as-of block.' }),
      step: t.arg({ type: 'Duration', description: 'Width of a column; wins over columns.' }),
      columns: t.arg.int({ defaultValue: DEFAULT_HEATMAP_COLUMNS }),
      side: t.arg({ type: SideEnum }),
      levels: t.arg({
        type: LevelSourceEnum,
        description:
          'Default: JUDGED up to 20,000 judgements or where step is shorter than an hour, else LEDGER, with columns of an hour or more.',
      }),
      atBlock: t.arg.int(),
    },
    complexity: ({ columns }) =>
      ANALYTIC_COST + Math.max(0, columns ?? DEFAULT_HEATMAP_COLUMNS) * 10,
    resolve: async (_root, { market, step, ...args }, context) => {
      const snapshot = await context.snapshot(args.atBlock);
      return marketMarginBands(snapshot, {
        ...args,
        market: parseMarketId(snapshot, market),
        stepSeconds: step,
      });
    },
  }),
);
