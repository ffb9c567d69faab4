import { resolveCursorConnection } from '@pothos/plugin-relay';
import { UsageError } from '../../schema/errors.ts';
import { parseId } from '../../schema/ids.ts';
import { builder, type ObjectFields } from '../builder.ts';
import type { ApiContext } from '../context.ts';
import { ANALYTIC_COST, DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE } from '../limits.ts';
import {
  type LiquidationFilter,
  type LiquidationItem,
  type LiquidationList,
  type LiquidationOrder,
  readLiquidation,
  readLiquidations,
  sumLiquidations,
} from '../queries/liquidations.ts';
import { parseMarketId } from '../queries/market-ref.ts';
import { readIndexTokens } from '../queries/markets.ts';
import { blockOfPage, type PageArguments, placeOfPage } from '../queries/page.ts';
import { makeProvenance } from '../queries/provenance.ts';
import {
  type RealizedLiquidations,
  type RealizedRow,
  realizedLiquidations,
} from '../queries/realized-by-interval.ts';
import type { AccountRecord, LiquidationRecord, LiquidationTotals } from '../queries/records.ts';
import { SIZE_CLASS_BOUNDS_USD } from '../queries/size-classes.ts';
import { chooseSource, resolveBlock } from '../queries/source-directory.ts';
import { DirectionEnum, LiquidationCauseEnum, LiquidationOrderEnum, SideEnum } from './enums.ts';
import { pageCost } from './page-cost.ts';
import { loadPositions, PositionType } from './position.ts';
import { PriceRangeType, ProvenanceType, rowProvenance, TokenType } from './provenance.ts';

export const LiquidationTotalsType = builder
  .objectRef<LiquidationTotals>('LiquidationTotals')
  .implement({
    description: 'Sums over a whole list of liquidations.',
    fields: (t) => ({
      count: t.exposeInt('count'),
      closedSizeUsd: t.expose('closedSizeUsd', { type: 'Decimal' }),
      penaltyUsd: t.expose('penaltyUsd', { type: 'Decimal' }),
      badDebtUsd: t.expose('badDebtUsd', { type: 'Decimal' }),
      insolventCount: t.exposeInt('insolventCount'),
    }),
  });

const LiquidationType = builder.objectRef<LiquidationRecord>('Liquidation').implement({
  description: 'A forced close. `size…` and `collateralRaw` are the state just before it.',
  fields: (t) => ({
    id: t.exposeID('id'),
    chainId: t.exposeInt('chainId'),
    venue: t.exposeString('venue'),
    cause: t.expose('cause', { type: LiquidationCauseEnum }),
    positionId: t.exposeID('positionId'),
    life: t.exposeInt('life'),
    account: t.exposeString('account'),
    liquidator: t.exposeString('liquidator', { description: 'Sender of the transaction.' }),
    marketId: t.exposeID('marketId'),
    marketSymbol: t.exposeString('marketSymbol', { nullable: true }),
    side: t.expose('side', { type: SideEnum }),
    collateralToken: t.expose('collateralToken', { type: TokenType }),
    orderKey: t.exposeString('orderKey'),
    sizeUsd: t.expose('sizeUsd', { type: 'Decimal' }),
    sizeBaseRaw: t.expose('sizeBaseRaw', { type: 'BigInt' }),
    collateralRaw: t.expose('collateralRaw', { type: 'BigInt' }),
    closedSizeUsd: t.expose('closedSizeUsd', { type: 'Decimal' }),
    closedSizeBaseRaw: t.expose('closedSizeBaseRaw', { type: 'BigInt' }),
    timestamp: t.expose('timestamp', { type: 'DateTime' }),
    blockNumber: t.exposeInt('blockNumber'),
    logIndex: t.exposeInt('logIndex'),
    transactionHash: t.exposeString('transactionHash'),
    asOfBlock: t.exposeInt('asOfBlock'),
    provenance: t.field({ type: ProvenanceType, resolve: rowProvenance('liquidation') }),
  }),
});

builder.objectFields(LiquidationType, (t) => ({
  executionPriceUsd: t.expose('executionPriceUsd', { type: 'Decimal', nullable: true }),
  indexPrice: t.expose('indexPrice', { type: PriceRangeType }),
  collateralPrice: t.expose('collateralPrice', { type: PriceRangeType }),
  realizedPnlUsd: t.expose('realizedPnlUsd', { type: 'Decimal' }),
  priceImpactUsd: t.expose('priceImpactUsd', { type: 'Decimal' }),
  positionFeeRaw: t.expose('positionFeeRaw', { type: 'BigInt' }),
  borrowFeeRaw: t.expose('borrowFeeRaw', { type: 'BigInt' }),
  fundingFeeRaw: t.expose('fundingFeeRaw', { type: 'BigInt' }),
  penaltyRaw: t.expose('penaltyRaw', { type: 'BigInt' }),
  penaltyUsd: t.expose('penaltyUsd', { type: 'Decimal', description: 'Liquidation fee.' }),
  isInsolvent: t.exposeBoolean('isInsolvent'),
  insolventStep: t.exposeString('insolventStep', {
    nullable: true,
    description: 'The cost that could not be paid in full.',
  }),
  badDebtUsd: t.expose('badDebtUsd', { type: 'Decimal' }),
  priceObservedAt: t.expose('priceObservedAt', { type: 'DateTime', nullable: true }),
  priceObservationLagSeconds: t.exposeInt('priceObservationLagSeconds', { nullable: true }),
  position: t.loadable({
    type: PositionType,
    description: 'The position as it stood at the as-of block.',
    load: loadPositions,
    resolve: ({ positionId, asOfBlock }) => `${positionId}@${asOfBlock}`,
  }),
}));

const LiquidationFilterInput = builder.inputType('LiquidationFilter', {
  description: 'Only liquidations that pass every given test.',
  fields: (t) => ({
    positionKey: t.string(),
    account: t.string(),
    liquidator: t.string(),
    market: t.id({ description: 'Market id; symbol or address where clear.' }),
    venue: t.string(),
    side: t.field({ type: SideEnum }),
    cause: t.field({ type: LiquidationCauseEnum }),
    isInsolvent: t.boolean(),
    from: t.field({ type: 'DateTime' }),
    to: t.field({ type: 'DateTime', description: 'Exclusive.' }),
  }),
});

const LiquidationConnection = builder.connectionObject(
  {
    type: LiquidationType,
    name: 'LiquidationConnection',
    fields: (t) => ({
      totals: t.field({
        type: LiquidationTotalsType,
        nullable: true,
        resolve: ({ sumAll }) => sumAll?.() ?? null,
      }),
    }),
  },
  { name: 'LiquidationEdge' },
);

interface LiquidationListArguments extends PageArguments {
  readonly where?: LiquidationFilter | null | undefined;
  readonly orderBy?: LiquidationOrder | null | undefined;
  readonly direction?: 'ASC' | 'DESC' | null | undefined;
  readonly chainId?: number | null | undefined;
  readonly atBlock?: number | null | undefined;
}

async function liquidationPage(args: LiquidationListArguments, { reader, snapshot }: ApiContext) {
  const atBlock = blockOfPage(args, args.atBlock);
  const opened = await snapshot(atBlock);
  const { market: marketText, ...where } = args.where ?? {};
  const market = marketText ? parseMarketId(opened, marketText, args.chainId) : null;
  const source = market?.source ?? chooseSource(opened, args.chainId);
  const asOf = await resolveBlock(reader, source, atBlock);
  const list: LiquidationList = {
    source,
    block: asOf.block,
    filter: { ...where, market: market?.market, venue: where.venue ?? market?.venue },
    orderBy: args.orderBy ?? 'TIME',
    descending: args.direction === 'DESC',
    indexTokens: await readIndexTokens(reader, source, asOf.block),
  };
  const page = await resolveCursorConnection<Promise<LiquidationItem[]>>(
    {
      args,
      defaultSize: DEFAULT_PAGE_SIZE,
      maxSize: MAX_PAGE_SIZE,
      toCursor: (item) => item.cursor,
    },
    (request) => readLiquidations(reader, list, request),
  );
  const { filter, orderBy, descending } = list;
  return {
    ...page,
    countAll: async () => (await sumLiquidations(reader, list)).count,
    sumAll: () => sumLiquidations(reader, list),
    provenance: makeProvenance({
      source,
      query: 'liquidations',
      parameters: { ...filter, orderBy, descending, ...placeOfPage(args) },
      asOf,
      basis: 'DERIVED',
      method: 'liquidations',
      version: '1',
      coverageOf: market,
    }),
  };
}

builder.queryField('liquidations', (t) =>
  t.connection(
    {
      type: LiquidationType,
      description: 'Liquidations and auto-deleveragings up to a block.',
      args: {
        where: t.arg({ type: LiquidationFilterInput }),
        orderBy: t.arg({ type: LiquidationOrderEnum, defaultValue: 'TIME' }),
        direction: t.arg({ type: DirectionEnum, defaultValue: 'ASC' }),
        chainId: t.arg.int(),
        atBlock: t.arg.int(),
      },
      complexity: pageCost,
      resolve: (_root, args, context) => liquidationPage(args, context),
    },
    LiquidationConnection,
  ),
);

builder.queryField('liquidation', (t) =>
  t.field({
    type: LiquidationType,
    nullable: true,
    description: 'One liquidation by id (chain:venue:block:log index).',
    args: { id: t.arg.id({ required: true }), atBlock: t.arg.int() },
    complexity: 50,
    resolve: async (_root, { id, atBlock }, { reader, snapshot }) => {
      const { chainId, venue, key } = parseId(id);
      const [block, logIndex] = key.split(':').map(Number);
      if (key.startsWith('0x') || block === undefined || logIndex === undefined) {
        throw new UsageError('That is not the id of a liquidation.', {
          facts: { id: id.slice(0, 120) },
          remedy: 'Take one from a `liquidations` answer, like 42161:gmx-v2:2810:17.',
        });
      }
      const source = chooseSource(await snapshot(atBlock), chainId);
      const asOf = await resolveBlock(reader, source, atBlock);
      const list: LiquidationList = {
        source,
        block: asOf.block,
        filter: { venue },
        orderBy: 'TIME',
        descending: false,
        indexTokens: await readIndexTokens(reader, source, asOf.block),
      };
      return readLiquidation(reader, list, { block, logIndex });
    },
  }),
);

/** Liquidations of one account, for its object. */
export function accountLiquidations(t: ObjectFields<AccountRecord>) {
  return t.connection(
    {
      type: LiquidationType,
      args: {
        orderBy: t.arg({ type: LiquidationOrderEnum, defaultValue: 'TIME' }),
        direction: t.arg({ type: DirectionEnum, defaultValue: 'ASC' }),
      },
      complexity: pageCost,
      resolve: ({ address, chainId, asOfBlock }, args, context) =>
        liquidationPage(
          { ...args, where: { account: address }, chainId, atBlock: asOfBlock },
          context,
        ),
    },
    LiquidationConnection,
  );
}

const RealizedRowType = builder.objectRef<RealizedRow>('RealizedLiquidationRow').implement({
  fields: (t) => ({
    fromTime: t.expose('fromTime', { type: 'DateTime' }),
    toTime: t.expose('toTime', { type: 'DateTime', description: 'Exclusive.' }),
    side: t.expose('side', { type: SideEnum }),
    sizeFromUsd: t.expose('sizeFromUsd', { type: 'Decimal', description: 'Of closed notional.' }),
    sizeToUsd: t.expose('sizeToUsd', {
      type: 'Decimal',
      nullable: true,
      description: 'Exclusive; null in the last class.',
    }),
    count: t.exposeInt('count'),
    accounts: t.exposeInt('accounts'),
    liquidators: t.exposeInt('liquidators'),
    closedSizeUsd: t.expose('closedSizeUsd', { type: 'Decimal' }),
    collateralUsd: t.expose('collateralUsd', {
      type: 'Decimal',
      description: 'Of the positions closed whole, before fees and losses, at its minimum price.',
    }),
    penaltyUsd: t.expose('penaltyUsd', { type: 'Decimal' }),
    badDebtUsd: t.expose('badDebtUsd', { type: 'Decimal' }),
    insolventCount: t.exposeInt('insolventCount'),
  }),
});

const RealizedType = builder.objectRef<RealizedLiquidations>('RealizedLiquidations').implement({
  description: 'Forced closes per interval, side and size class: only where there were some.',
  fields: (t) => ({
    provenance: t.expose('provenance', { type: ProvenanceType }),
    marketId: t.exposeID('marketId', { nullable: true }),
    stepSeconds: t.exposeFloat('stepSeconds'),
    sizeBoundsUsd: t.intList({ resolve: ({ sizeBoundsUsd }) => [...sizeBoundsUsd] }),
    rows: t.field({ type: [RealizedRowType], resolve: ({ rows }) => [...rows] }),
    totals: t.expose('totals', {
      type: LiquidationTotalsType,
      description: 'What `liquidations` with the same filter sums to; the rows sum to it.',
    }),
  }),
});

builder.queryField('realizedLiquidations', (t) =>
  t.field({
    type: RealizedType,
    args: {
      market: t.arg.id({ description: 'Default: all markets of the chain.' }),
      interval: t.arg({ type: 'Duration', description: 'Default: a day (UTC).' }),
      from: t.arg({ type: 'DateTime' }),
      to: t.arg({ type: 'DateTime', description: 'Exclusive.' }),
      side: t.arg({ type: SideEnum }),
      cause: t.arg({ type: LiquidationCauseEnum }),
      sizeBoundsUsd: t.arg.intList({
        description: `Where classes of closed notional begin, rising; the first begins at 0. Default: ${SIZE_CLASS_BOUNDS_USD.join(', ')}.`,
      }),
      chainId: t.arg.int(),
      atBlock: t.arg.int(),
    },
    complexity: ANALYTIC_COST,
    resolve: async (_root, { market: marketText, interval, chainId, ...args }, context) => {
      const snapshot = await context.snapshot(args.atBlock);
      const market = marketText ? parseMarketId(snapshot, marketText, chainId) : null;
      return realizedLiquidations(snapshot, {
        ...args,
        market,
        source: market?.source ?? chooseSource(snapshot, chainId),
        stepSeconds: interval,
      });
    },
  }),
);
