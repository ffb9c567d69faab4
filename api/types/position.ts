import { resolveCursorConnection } from '@pothos/plugin-relay';
import type { GraphQLResolveInfo } from 'graphql';
import { CorruptDataError, UsageError } from '../../schema/errors.ts';
import { parseId } from '../../schema/ids.ts';
import { builder, type ObjectFields } from '../builder.ts';
import type { ApiContext } from '../context.ts';
import {
  ANALYTIC_COST,
  DEFAULT_HISTORY_POINTS,
  DEFAULT_PAGE_SIZE,
  MAX_PAGE_SIZE,
} from '../limits.ts';
import type { VolatilityWindow } from '../queries/answers.ts';
import { marginAt } from '../queries/margin-at.ts';
import type { ExtrasRequest } from '../queries/margin-extras.ts';
import { marginHistory } from '../queries/margin-history.ts';
import { parseMarketId } from '../queries/market-ref.ts';
import { blockOfPage, type PageArguments, placeOfPage } from '../queries/page.ts';
import { parsePositionId } from '../queries/position-history.ts';
import {
  countPositions,
  type PositionFilter,
  type PositionItem,
  type PositionList,
  type PositionOrder,
  readPositions,
} from '../queries/positions.ts';
import { makeProvenance } from '../queries/provenance.ts';
import type { AccountRecord, PositionRecord } from '../queries/records.ts';
import { chooseSource, resolveBlock, snapshotAt } from '../queries/source-directory.ts';
import { DEFAULT_VOLATILITY } from '../queries/volatility.ts';
import {
  DirectionEnum,
  PositionOrderEnum,
  PositionStatusEnum,
  SamplingEnum,
  SideEnum,
  VolatilityWindowEnum,
} from './enums.ts';
import { MarginAtType, MarginHistoryType } from './margin.ts';
import { loadMarkets, MarketType } from './market.ts';
import { pageCost } from './page-cost.ts';
import { ProvenanceType, rowProvenance, TokenType } from './provenance.ts';
import { selects } from './selected-fields.ts';

export const PositionType = builder.objectRef<PositionRecord>('Position').implement({
  description: 'One position key as it stood at a block.',
  fields: (t) => ({
    id: t.exposeID('id'),
    chainId: t.exposeInt('chainId'),
    venue: t.exposeString('venue'),
    positionKey: t.exposeString('positionKey'),
    life: t.exposeInt('life', { description: 'The key is reused after a close: 1, 2, ...' }),
    status: t.expose('status', { type: PositionStatusEnum }),
    cause: t.exposeString('cause', { description: 'What changed it last.' }),
    account: t.exposeString('account'),
    marketId: t.exposeID('marketId'),
    marketSymbol: t.exposeString('marketSymbol', { nullable: true }),
    side: t.expose('side', { type: SideEnum }),
    collateralToken: t.expose('collateralToken', { type: TokenType }),
    sizeUsd: t.expose('sizeUsd', {
      type: 'Decimal',
      description: 'Entry notional; of the last change where the venue rebases it.',
    }),
    sizeBaseRaw: t.expose('sizeBaseRaw', { type: 'BigInt' }),
    collateralRaw: t.expose('collateralRaw', { type: 'BigInt' }),
    openedAt: t.expose('openedAt', { type: 'DateTime' }),
    openedBlock: t.exposeInt('openedBlock'),
    updatedAt: t.expose('updatedAt', { type: 'DateTime' }),
    updatedBlock: t.exposeInt('updatedBlock'),
    transactionHash: t.exposeString('transactionHash'),
    asOfBlock: t.exposeInt('asOfBlock'),
    provenance: t.field({ type: ProvenanceType, resolve: rowProvenance('position') }),
  }),
});

const WhatIfPriceInput = builder.inputType('WhatIfPrice', {
  fields: (t) => ({
    token: t.string({ required: true, description: 'Token address or symbol.' }),
    minPriceUsd: t.field({ type: 'Decimal', required: true }),
    maxPriceUsd: t.field({ type: 'Decimal', description: 'Default: the minimum.' }),
  }),
});

/** @throws UsageError when the block is later than what the position is as of. */
function blockWithin({ id, asOfBlock }: PositionRecord, block: number | null | undefined): number {
  if (block === undefined || block === null) return asOfBlock;
  if (block <= asOfBlock) return block;
  throw new UsageError('That block is above the one its position is as of.', {
    facts: { id, block, asOfBlock },
    remedy: 'Ask for the position at a later block, or for an earlier block of it.',
  });
}

/** Of a point: what costs further judgements. */
const CHANGE_FIELDS = ['change', 'closing'];

interface VolatilityArguments {
  readonly volatilityWindow?: VolatilityWindow | null | undefined;
  readonly horizon?: number | null | undefined;
}

/** What a judgement at `path` of the answer shall show besides, by the fields asked for. */
function extrasAt(
  info: GraphQLResolveInfo,
  path: readonly string[],
  { volatilityWindow, horizon }: VolatilityArguments,
): ExtrasRequest {
  const horizonSeconds = horizon ?? DEFAULT_VOLATILITY.horizonSeconds;
  if (horizonSeconds < 1) {
    throw new UsageError('horizon must be at least one second.', { facts: { horizonSeconds } });
  }
  return {
    withCarry: selects(info, [...path, 'carry']),
    volatility: selects(info, [...path, 'volatility'])
      ? { window: volatilityWindow ?? DEFAULT_VOLATILITY.window, horizonSeconds }
      : null,
  };
}

builder.objectFields(PositionType, (t) => ({
  market: t.loadable({
    type: MarketType,
    load: loadMarkets,
    resolve: ({ marketId, asOfBlock }) => `${marketId}@${asOfBlock}`,
  }),
  marginHistory: t.field({
    type: MarginHistoryType,
    nullable: true,
    description:
      'How its margin went over [from, to). Default: its whole life. Null only with an error.',
    args: {
      from: t.arg({ type: 'DateTime' }),
      to: t.arg({ type: 'DateTime' }),
      sampling: t.arg({ type: SamplingEnum, defaultValue: 'ORACLE_UPDATES' }),
      interval: t.arg({ type: 'Duration', description: 'Of GRID. Default: one hour.' }),
      maxPoints: t.arg.int({ defaultValue: DEFAULT_HISTORY_POINTS }),
      volatilityWindow: t.arg({ type: VolatilityWindowEnum, defaultValue: 'ONE_HOUR' }),
      horizon: t.arg({ type: 'Duration', description: 'Of distanceInSigmas. Default: one day.' }),
      atBlock: t.arg.int(),
    },
    complexity: ({ maxPoints }) => ANALYTIC_COST + (maxPoints ?? DEFAULT_HISTORY_POINTS),
    resolve: async (parent, { interval, volatilityWindow, horizon, ...args }, context, info) => {
      const atBlock = blockWithin(parent, args.atBlock);
      const snapshot = await context.snapshot(atBlock);
      return marginHistory(snapshot, {
        ...args,
        position: parsePositionId(snapshot, parent.id),
        intervalSeconds: interval,
        atBlock,
        withChanges: CHANGE_FIELDS.some((field) => selects(info, ['points', field])),
        ...extrasAt(info, ['points'], { volatilityWindow, horizon }),
      });
    },
  }),
  marginAt: t.field({
    type: MarginAtType,
    nullable: true,
    description:
      'Its margin at a block, at the prices in force or at supposed ones. Null when it is not open then.',
    args: {
      block: t.arg.int(),
      prices: t.arg({ type: [WhatIfPriceInput] }),
      volatilityWindow: t.arg({ type: VolatilityWindowEnum, defaultValue: 'ONE_HOUR' }),
      horizon: t.arg({ type: 'Duration', description: 'Of distanceInSigmas. Default: one day.' }),
    },
    complexity: ANALYTIC_COST,
    resolve: async (parent, { block, prices, ...model }, context, info) => {
      const asOf = blockWithin(parent, block);
      const snapshot = await context.snapshot(asOf);
      return marginAt(snapshot, {
        position: parsePositionId(snapshot, parent.id),
        block: asOf,
        prices,
        ...extrasAt(info, [], model),
      });
    },
  }),
}));

export const PositionFilterInput = builder.inputType('PositionFilter', {
  description: 'Only positions that pass every given test.',
  fields: (t) => ({
    positionKey: t.string(),
    account: t.string(),
    market: t.id({ description: 'Market id; symbol or address where clear.' }),
    venue: t.string(),
    side: t.field({ type: SideEnum }),
    status: t.field({ type: PositionStatusEnum }),
    cause: t.string({ description: 'What changed it last: OPEN, INCREASE, LIQUIDATION, ADL, ...' }),
  }),
});

const PositionConnection = builder.connectionObject(
  { type: PositionType, name: 'PositionConnection' },
  { name: 'PositionEdge' },
);

interface PositionListArguments extends PageArguments {
  readonly where?:
    | (Omit<PositionFilter, 'positionKeys'> & { readonly positionKey?: string | null | undefined })
    | null
    | undefined;
  readonly orderBy?: PositionOrder | null | undefined;
  readonly direction?: 'ASC' | 'DESC' | null | undefined;
  readonly chainId?: number | null | undefined;
  readonly atBlock?: number | null | undefined;
}

/** The list that arguments describe, and one page of it. */
async function positionPage(args: PositionListArguments, context: ApiContext) {
  const atBlock = blockOfPage(args, args.atBlock);
  const snapshot = await context.snapshot(atBlock);
  const { positionKey, market: marketText, ...where } = args.where ?? {};
  const market = marketText ? parseMarketId(snapshot, marketText, args.chainId) : null;
  const source = market?.source ?? chooseSource(snapshot, args.chainId);
  const asOf = await resolveBlock(context.reader, source, atBlock);
  const list: PositionList = {
    source,
    block: asOf.block,
    filter: {
      ...where,
      market: market?.market,
      venue: where.venue ?? market?.venue,
      ...(positionKey ? { positionKeys: [positionKey] } : {}),
    },
    orderBy: args.orderBy ?? 'OPENED_AT',
    descending: args.direction === 'DESC',
  };
  const page = await resolveCursorConnection<Promise<PositionItem[]>>(
    {
      args,
      defaultSize: DEFAULT_PAGE_SIZE,
      maxSize: MAX_PAGE_SIZE,
      toCursor: (item) => item.cursor,
    },
    (request) => readPositions(context.reader, list, request),
  );
  return {
    ...page,
    countAll: () => countPositions(context.reader, list),
    provenance: makeProvenance({
      source,
      query: 'positions',
      parameters: {
        ...list.filter,
        orderBy: list.orderBy,
        descending: list.descending,
        ...placeOfPage(args),
      },
      asOf,
      basis: 'DERIVED',
      method: 'positions',
      version: '1',
      coverageOf: market,
    }),
  };
}

builder.queryField('positions', (t) =>
  t.connection(
    {
      type: PositionType,
      description: 'Positions as they stood at a block.',
      args: {
        where: t.arg({ type: PositionFilterInput }),
        orderBy: t.arg({ type: PositionOrderEnum, defaultValue: 'OPENED_AT' }),
        direction: t.arg({ type: DirectionEnum, defaultValue: 'ASC' }),
        chainId: t.arg.int(),
        atBlock: t.arg.int(),
      },
      complexity: pageCost,
      resolve: (_root, args, context) => positionPage(args, context),
    },
    PositionConnection,
  ),
);

builder.queryField('position', (t) =>
  t.field({
    type: PositionType,
    nullable: true,
    description: 'One position by id; null where its key had no event by then.',
    args: { id: t.arg.id({ required: true }), atBlock: t.arg.int() },
    complexity: 20,
    resolve: async (_root, { id, atBlock }, context) => {
      const { source, venue, positionKey } = parsePositionId(await context.snapshot(atBlock), id);
      const { block } = await resolveBlock(context.reader, source, atBlock);
      const filter = { venue, positionKeys: [positionKey] };
      const list = { source, block, filter, orderBy: 'OPENED_AT', descending: false } as const;
      const [found] = await readPositions(context.reader, list, { limit: 1, inverted: false });
      return found ?? null;
    },
  }),
);

/** Loads positions by `<id>@<block>`: one read a chain, venue and block. */
export async function loadPositions(
  keys: readonly string[],
  context: ApiContext,
): Promise<(PositionRecord | Error)[]> {
  const snapshot = await context.snapshot();
  const groups = new Map<string, string[]>();
  for (const key of keys) {
    const [id = '', block = '0'] = key.split('@');
    const { chainId, venue, key: positionKey } = parseId(id);
    const place = `${chainId}@${venue}@${block}`;
    groups.set(place, [...(groups.get(place) ?? []), positionKey]);
  }
  const read = await Promise.all(
    [...groups].map(([place, positionKeys]) => {
      const [chainId, venue = '', block] = place.split('@');
      const list = {
        source: chooseSource(snapshotAt(snapshot, Number(block)), Number(chainId)),
        block: Number(block),
        filter: { venue, positionKeys },
        orderBy: 'OPENED_AT',
        descending: false,
      } as const;
      return readPositions(context.reader, list, { limit: positionKeys.length, inverted: false });
    }),
  );
  const found = new Map(read.flat().map((item) => [`${item.id}@${item.asOfBlock}`, item]));
  return keys.map((key) => found.get(key) ?? new CorruptDataError('A position has no state.'));
}

/** Positions of one account, for its object. */
export function accountPositions(t: ObjectFields<AccountRecord>) {
  return t.connection(
    {
      type: PositionType,
      args: {
        where: t.arg({ type: PositionFilterInput }),
        orderBy: t.arg({ type: PositionOrderEnum, defaultValue: 'OPENED_AT' }),
        direction: t.arg({ type: DirectionEnum, defaultValue: 'ASC' }),
      },
      complexity: pageCost,
      resolve: ({ address, chainId, asOfBlock }, args, context) =>
        positionPage(
          { ...args, where: { ...args.where, account: address }, chainId, atBlock: asOfBlock },
          context,
        ),
    },
    PositionConnection,
  );
}
