import { builder } from '../builder.ts';
import { ANALYTIC_COST, DEFAULT_HEATMAP_COLUMNS, MAX_DEFAULT_JUDGEMENTS } from '../limits.ts';
import { liquidationHeatmap } from '../queries/liquidation-heatmap.ts';
import { DEFAULT_PRICE_MOVES, liquidationMap } from '../queries/liquidation-map.ts';
import type {
  CumulativePoint,
  HeatmapCell,
  HeatmapColumn,
  HeatmapRow,
  LedgerCheck,
  LiquidationGamma,
  LiquidationHeatmap,
  LiquidationMap,
  MapCell,
  PriceMove,
} from '../queries/liquidation-map-answers.ts';
import { parseMarketId } from '../queries/market-ref.ts';
import {
  CellWidthEnum,
  HeatmapLayerEnum,
  LevelSourceEnum,
  MassMeasureEnum,
  SideEnum,
} from './enums.ts';
import { MassFilterInput, toFilter } from './liquidation-map-filter.ts';
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

const PriceMoveType = builder.objectRef<PriceMove>('PriceMove').implement({
  description: 'What a move of the price reaches: longs when it falls, shorts when it rises.',
  fields: (t) => ({
    movePercent: t.exposeFloat('movePercent'),
    priceUsd: t.expose('priceUsd', { type: 'Decimal' }),
    side: t.expose('side', { type: SideEnum }),
    valueUsd: t.expose('valueUsd', { type: 'Decimal' }),
    count: t.exposeInt('count'),
  }),
});

const GammaType = builder.objectRef<LiquidationGamma>('LiquidationGamma').implement({
  description: 'How much one percent of price forces, next to the price in force.',
  fields: (t) => ({
    side: t.expose('side', { type: SideEnum }),
    perPercentUsd: t.expose('perPercentUsd', {
      type: 'Decimal',
      description: 'valueUsd × 1 % of the price ÷ width of the window.',
    }),
    lowerPriceUsd: t.expose('lowerPriceUsd', {
      type: 'Decimal',
      description: 'The window: 20 base cells, beginning with that of the price.',
    }),
    upperPriceUsd: t.expose('upperPriceUsd', { type: 'Decimal' }),
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
    levels: t.expose('levels', { type: LevelSourceEnum }),
    measure: t.expose('measure', { type: MassMeasureEnum }),
    cellWidth: t.expose('cellWidth', { type: CellWidthEnum }),
    priceUsd: t.expose('priceUsd', { type: 'Decimal' }),
    cells: t.field({ type: [MapCellType], resolve: ({ cells }) => [...cells] }),
    cumulative: t.field({
      type: [CumulativePointType],
      resolve: ({ cumulative }) => [...cumulative],
    }),
    liquidatedIfPriceMoves: t.field({
      type: [PriceMoveType],
      description:
        'By exact levels, not by cells; levels passed already count. In the order asked.',
      resolve: ({ liquidatedIfPriceMoves }) => [...liquidatedIfPriceMoves],
    }),
    gamma: t.field({
      type: [GammaType],
      description: 'Market liquidation gamma, dΛ/dP × 1 % of price: LONG, then SHORT.',
      resolve: ({ gamma }) => [...gamma],
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

const LedgerCheckType = builder.objectRef<LedgerCheck>('LedgerCheck').implement({
  description:
    'PROSPECTIVE at the end of a step = at its start + CREATED + MOVED_IN − MOVED_OUT − CLOSED − LIQUIDATED + DRIFT, ' +
    'per cell and step in integers: PROSPECTIVE by intervals, the rest by the causes as stored.',
  fields: (t) => ({
    residualUsd: t.expose('residualUsd', {
      type: 'Decimal',
      description: 'The greatest over all cells and steps; must be 0.',
    }),
    residualCount: t.exposeInt('residualCount'),
    cellsChecked: t.exposeInt('cellsChecked', {
      description: 'Pairs of cell (by side) and step in which a level came or went.',
    }),
    positionsApart: t.exposeInt('positionsApart', {
      description:
        'Positions of the market open by their states but without one level at the end, or the reverse; must be 0.',
    }),
  }),
});

const HeatmapType = builder.objectRef<LiquidationHeatmap>('LiquidationHeatmap').implement({
  description:
    'Liquidations over time and price. PROSPECTIVE of a column equals liquidationMap at its block.',
  fields: (t) => ({
    provenance: t.expose('provenance', { type: ProvenanceType }),
    marketId: t.exposeID('marketId'),
    marketSymbol: t.exposeString('marketSymbol', { nullable: true }),
    levels: t.expose('levels', { type: LevelSourceEnum }),
    measure: t.expose('measure', { type: MassMeasureEnum }),
    cellWidth: t.expose('cellWidth', { type: CellWidthEnum }),
    layers: t.field({ type: [HeatmapLayerEnum], resolve: ({ layers }) => [...layers] }),
    rows: t.field({ type: [HeatmapRowType], resolve: ({ rows }) => [...rows] }),
    columns: t.field({ type: [HeatmapColumnType], resolve: ({ columns }) => [...columns] }),
    cells: t.field({ type: [HeatmapCellType], resolve: ({ cells }) => [...cells] }),
    realizedTotal: t.expose('realizedTotal', { type: BucketType }),
    ledger: t.field({
      type: LedgerCheckType,
      nullable: true,
      complexity: ANALYTIC_COST,
      description: 'Whether the layers balance; null where levels are JUDGED.',
      resolve: ({ checkLedger }) => checkLedger?.() ?? null,
    }),
  }),
});

const LEVELS_TEXT = `Default: JUDGED up to ${MAX_DEFAULT_JUDGEMENTS} judgements where it can tell what is asked, else LEDGER.`;

builder.queryField('liquidationMap', (t) =>
  t.field({
    type: LiquidationMapType,
    args: {
      market: t.arg.id({ required: true }),
      atBlock: t.arg.int(),
      levels: t.arg({ type: LevelSourceEnum, description: LEVELS_TEXT }),
      cells: t.arg({ type: CellWidthEnum, defaultValue: 'BPS_25' }),
      measure: t.arg({ type: MassMeasureEnum, defaultValue: 'NOTIONAL_AT_LIQUIDATION' }),
      filter: t.arg({ type: MassFilterInput }),
      priceMoves: t.arg.floatList({
        defaultValue: [...DEFAULT_PRICE_MOVES],
        description: 'Percents for liquidatedIfPriceMoves: above -100, up to 1000, not 0.',
      }),
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
      levels: t.arg({ type: LevelSourceEnum, description: LEVELS_TEXT }),
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
