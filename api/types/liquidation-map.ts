import { parseFixed, USD_DECIMALS } from '../../schema/units.ts';
import { builder } from '../builder.ts';
import { ANALYTIC_COST, DEFAULT_HEATMAP_COLUMNS } from '../limits.ts';
import type {
  CumulativePoint,
  HeatmapCell,
  HeatmapColumn,
  HeatmapRow,
  LiquidationHeatmap,
  LiquidationMap,
  MapCell,
  Side,
} from '../queries/answers.ts';
import { liquidationHeatmap } from '../queries/liquidation-heatmap.ts';
import { liquidationMap } from '../queries/liquidation-map.ts';
import type { MassFilter } from '../queries/liquidation-mass.ts';
import { parseMarketId } from '../queries/market-ref.ts';
import { CellWidthEnum, HeatmapLayerEnum, MassMeasureEnum, SideEnum } from './enums.ts';
import { BucketType, ProvenanceType } from './provenance.ts';

const MapCellType = builder.objectRef<MapCell>('LiquidationMapCell').implement({
  description: 'Prices in [lower, upper). The side is that of the position that would be closed.',
  fields: (t) => ({
    k: t.exposeInt('k'),
    lowerPriceUsd: t.expose('lowerPriceUsd', { type: 'Decimal' }),
    upperPriceUsd: t.expose('upperPriceUsd', { type: 'Decimal' }),
    side: t.expose('side', { type: SideEnum }),
    valueUsd: t.expose('valueUsd', { type: 'Decimal' }),
    count: t.exposeInt('count'),
  }),
});

const CumulativePointType = builder.objectRef<CumulativePoint>('CumulativePoint').implement({
  description: 'Mass between the price in force and this price.',
  fields: (t) => ({
    priceUsd: t.expose('priceUsd', { type: 'Decimal' }),
    movePercent: t.exposeFloat('movePercent'),
    side: t.expose('side', { type: SideEnum }),
    valueUsd: t.expose('valueUsd', { type: 'Decimal' }),
    count: t.exposeInt('count'),
  }),
});

const LiquidationMapType = builder.objectRef<LiquidationMap>('LiquidationMap').implement({
  description: 'How much would be liquidated at which price, at one instant.',
  fields: (t) => ({
    provenance: t.expose('provenance', { type: ProvenanceType }),
    marketId: t.exposeID('marketId'),
    marketSymbol: t.exposeString('marketSymbol', { nullable: true }),
    measure: t.expose('measure', { type: MassMeasureEnum }),
    cellWidth: t.expose('cellWidth', { type: CellWidthEnum }),
    priceUsd: t.expose('priceUsd', { type: 'Decimal' }),
    cells: t.field({ type: [MapCellType], resolve: ({ cells }) => [...cells] }),
    cumulative: t.field({
      type: [CumulativePointType],
      resolve: ({ cumulative }) => [...cumulative],
    }),
    unplaced: t.expose('unplaced', {
      type: BucketType,
      description: 'Positions that no price liquidates: counted, not dropped.',
    }),
    liquidatable: t.expose('liquidatable', {
      type: BucketType,
      description: 'Liquidatable at the price in force; also in their cells.',
    }),
  }),
});

const HeatmapRowType = builder.objectRef<HeatmapRow>('HeatmapRow').implement({
  fields: (t) => ({
    row: t.exposeInt('row'),
    k: t.exposeInt('k'),
    lowerPriceUsd: t.expose('lowerPriceUsd', { type: 'Decimal' }),
    upperPriceUsd: t.expose('upperPriceUsd', { type: 'Decimal' }),
  }),
});

const HeatmapColumnType = builder.objectRef<HeatmapColumn>('HeatmapColumn').implement({
  fields: (t) => ({
    column: t.exposeInt('column'),
    fromTime: t.expose('fromTime', { type: 'DateTime' }),
    toTime: t.expose('toTime', { type: 'DateTime' }),
    blockNumber: t.exposeInt('blockNumber', { nullable: true }),
    openPriceUsd: t.expose('openPriceUsd', { type: 'Decimal', nullable: true }),
    highPriceUsd: t.expose('highPriceUsd', { type: 'Decimal', nullable: true }),
    lowPriceUsd: t.expose('lowPriceUsd', { type: 'Decimal', nullable: true }),
    closePriceUsd: t.expose('closePriceUsd', { type: 'Decimal', nullable: true }),
    unplaced: t.expose('unplaced', { type: BucketType }),
  }),
});

const HeatmapCellType = builder.objectRef<HeatmapCell>('HeatmapCell').implement({
  fields: (t) => ({
    row: t.exposeInt('row'),
    column: t.exposeInt('column'),
    layer: t.expose('layer', { type: HeatmapLayerEnum }),
    side: t.expose('side', { type: SideEnum }),
    valueUsd: t.expose('valueUsd', { type: 'Decimal' }),
    count: t.exposeInt('count'),
  }),
});

const HeatmapType = builder.objectRef<LiquidationHeatmap>('LiquidationHeatmap').implement({
  description:
    'Liquidations over time and price. PROSPECTIVE of a column equals liquidationMap at its block.',
  fields: (t) => ({
    provenance: t.expose('provenance', { type: ProvenanceType }),
    marketId: t.exposeID('marketId'),
    marketSymbol: t.exposeString('marketSymbol', { nullable: true }),
    measure: t.expose('measure', { type: MassMeasureEnum }),
    cellWidth: t.expose('cellWidth', { type: CellWidthEnum }),
    layers: t.field({ type: [HeatmapLayerEnum], resolve: ({ layers }) => [...layers] }),
    rows: t.field({ type: [HeatmapRowType], resolve: ({ rows }) => [...rows] }),
    columns: t.field({ type: [HeatmapColumnType], resolve: ({ columns }) => [...columns] }),
    cells: t.field({ type: [HeatmapCellType], resolve: ({ cells }) => [...cells] }),
    realizedTotal: t.expose('realizedTotal', { type: BucketType }),
  }),
});

const MassFilterInput = builder.inputType('LiquidationMapFilter', {
  description: 'Only positions that pass every given test.',
  fields: (t) => ({
    side: t.field({ type: SideEnum }),
    account: t.string(),
    collateralToken: t.string({ description: 'Token address.' }),
    minSizeUsd: t.field({
      type: 'Decimal',
      description: 'Least notional, as `sizeUsd` counts it.',
    }),
  }),
});

type MassFilterArgument =
  | {
      readonly side?: Side | null | undefined;
      readonly account?: string | null | undefined;
      readonly collateralToken?: string | null | undefined;
      readonly minSizeUsd?: string | null | undefined;
    }
  | null
  | undefined;

function toFilter(filter: MassFilterArgument): MassFilter {
  const { minSizeUsd, ...rest } = filter ?? {};
  return minSizeUsd ? { ...rest, minSizeUsd: parseFixed(minSizeUsd, USD_DECIMALS) } : rest;
}

builder.queryField('liquidationMap', (t) =>
  t.field({
    type: LiquidationMapType,
    args: {
      market: t.arg.id({ required: true }),
      atBlock: t.arg.int(),
      cells: t.arg({ type: CellWidthEnum, defaultValue: 'BPS_25' }),
      measure: t.arg({ type: MassMeasureEnum, defaultValue: 'NOTIONAL_AT_LIQUIDATION' }),
      filter: t.arg({ type: MassFilterInput }),
    },
    complexity: ANALYTIC_COST,
    resolve: async (_root, { market, filter, ...args }, context) => {
      const snapshot = await context.snapshot(args.atBlock);
      return liquidationMap(snapshot, {
        ...args,
        market: parseMarketId(snapshot, market),
        filter: toFilter(filter),
      });
    },
  }),
);

builder.queryField('liquidationHeatmap', (t) =>
  t.field({
    type: HeatmapType,
    args: {
      market: t.arg.id({ required: true }),
      from: t.arg({ type: 'DateTime', description: 'Default: the first price of the market.' }),
      to: t.arg({ type: 'DateTime', description: 'Exclusive. Default: the as-of block.' }),
      step: t.arg({ type: 'Duration', description: 'Width of a column; wins over columns.' }),
      columns: t.arg.int({ defaultValue: DEFAULT_HEATMAP_COLUMNS }),
      cells: t.arg({ type: CellWidthEnum, defaultValue: 'BPS_25' }),
      layers: t.arg({ type: [HeatmapLayerEnum], defaultValue: ['REALIZED', 'PROSPECTIVE'] }),
      measure: t.arg({ type: MassMeasureEnum, defaultValue: 'NOTIONAL_AT_LIQUIDATION' }),
      filter: t.arg({ type: MassFilterInput }),
      atBlock: t.arg.int(),
    },
    complexity: ({ columns }) =>
      ANALYTIC_COST + Math.max(0, columns ?? DEFAULT_HEATMAP_COLUMNS) * 10,
    resolve: async (_root, { market, filter, step, ...args }, context) => {
      const snapshot = await context.snapshot(args.atBlock);
      return liquidationHeatmap(snapshot, {
        ...args,
        market: parseMarketId(snapshot, market),
        stepSeconds: step,
        filter: toFilter(filter),
      });
    },
  }),
);
