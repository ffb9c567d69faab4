import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLNamedType,
  getNamedType,
  isEnumType,
  isObjectType,
  isScalarType,
} from 'graphql';
import { schema } from '../../api/schema.ts';

/**
 * Questions that reach every root field of the schema with every field of its answer, so that what is
 * added later falls under the laws of all answers too.
 */
export interface Question {
  readonly root: string;
  /** GraphQL literals by argument, without atBlock. */
  readonly args: Readonly<Record<string, string>>;
  /** Arguments of fields inside that are answers of their own, as '(first: 2)'; without, they are left out. */
  readonly inside?: Readonly<Record<string, string>>;
}

/** Of the present, not of a block: it has no past to answer from. */
export const WITHOUT_PAST = ['status'];

/** How sure a block is rises with time, while the bytes of the answer stay. */
const MAY_RISE = 'finality';

/** Fields that are answers of their own, by type. */
const ANSWERS_INSIDE: Readonly<Record<string, readonly string[]>> = {
  Position: ['market', 'marginHistory', 'marginAt'],
  Liquidation: ['position'],
  Account: ['positions', 'liquidations'],
  PositionConnection: ['edges'],
  LiquidationConnection: ['edges'],
};

export function rootFields(): GraphQLField<unknown, unknown>[] {
  const fields = Object.values(schema.getQueryType()?.getFields() ?? {});
  return fields.filter(({ name }) => !WITHOUT_PAST.includes(name));
}

/** Arguments of a root field, or of a field of a type as 'Position.marginAt'. */
export function argumentsOf(path: string): readonly GraphQLArgument[] {
  const [typeName = '', fieldName = ''] = path.includes('.') ? path.split('.') : ['Query', path];
  const type = schema.getType(typeName);
  if (!isObjectType(type)) throw new Error(`there is no type ${typeName}`);
  return type.getFields()[fieldName]?.args ?? [];
}

function selectionOf(type: GraphQLNamedType, inside: Question['inside']): string {
  if (isScalarType(type) || isEnumType(type)) return '';
  if (!isObjectType(type)) throw new Error(`${type.name} cannot be selected whole`);
  const parts = Object.values(type.getFields()).flatMap((field) => {
    const isAnswer = ANSWERS_INSIDE[type.name]?.includes(field.name) ?? false;
    const given = isAnswer ? inside?.[field.name] : '';
    if (given === undefined || field.name === MAY_RISE) return [];
    return [`${field.name}${given} ${selectionOf(getNamedType(field.type), inside)}`.trim()];
  });
  return `{ ${parts.join(' ')} }`;
}

/** The text of a question, as of a block, or of the head. */
export function textOf({ root, args, inside }: Question, atBlock: number | null): string {
  const field = rootFields().find(({ name }) => name === root);
  if (!field) throw new Error(`there is no field ${root}`);
  const given = Object.entries(args).map(([name, value]) => `${name}: ${value}`);
  if (atBlock !== null) given.push(`atBlock: ${atBlock}`);
  const list = given.length > 0 ? `(${given.join(', ')})` : '';
  return `{ ${root}${list} ${selectionOf(getNamedType(field.type), inside)} }`;
}

/** What a set of questions is about; ids as GraphQL literals. */
export interface Subject {
  readonly chainId: number;
  readonly markets: readonly [string, string];
  readonly account: string;
  /** Liquidated, and open, at the last block that is asked about. */
  readonly positions: readonly [string, string];
  readonly liquidation: string;
  /** Ids; any two may be compared. */
  readonly feeds: readonly [string, string, string];
  readonly venue: string;
  readonly collateralToken: string;
  /** Inside what is indexed at the last block that is asked about. */
  readonly window: readonly [string, string];
}

/** One question for each root field, and each answer inside. */
export function questionsOf(subject: Subject): Question[] {
  const chainId = String(subject.chainId);
  const [market] = subject.markets;
  const [position, open] = subject.positions;
  const [feedA, feedB] = subject.feeds;
  return [
    { root: 'account', args: { chainId, address: subject.account } },
    {
      root: 'account',
      args: { chainId, address: subject.account },
      inside: { positions: '(first: 3)', liquidations: '(first: 3)' },
    },
    { root: 'bufferAdequacy', args: { market } },
    { root: 'coverage', args: { chainId } },
    { root: 'crossSourceDeviation', args: { chainId, feedA, feedB } },
    {
      root: 'liquidation',
      args: { id: subject.liquidation },
      inside: { position: '', market: '' },
    },
    { root: 'liquidationHeatmap', args: { market, columns: '12' } },
    { root: 'liquidationLatency', args: { market } },
    { root: 'liquidationMap', args: { market } },
    { root: 'liquidationMapScore', args: { market, leads: '[60, 3600]' } },
    { root: 'liquidationRisk', args: { market, volatility: '0.9' } },
    { root: 'liquidations', args: { chainId, first: '3', direction: 'DESC' } },
    { root: 'liquidators', args: { chainId } },
    { root: 'market', args: { id: market } },
    { root: 'marketMarginBands', args: { market, columns: '12' } },
    { root: 'markets', args: { chainId } },
    { root: 'openBreaches', args: { market, standingSeconds: '0' } },
    { root: 'oracleFeeds', args: { chainId } },
    { root: 'oracleLatency', args: { chainId } },
    { root: 'oracleLeadLag', args: { chainId, feedA, feedB } },
    { root: 'position', args: { id: position }, inside: { market: '' } },
    { root: 'position', args: { id: position }, inside: { marginHistory: '(maxPoints: 50)' } },
    { root: 'position', args: { id: open }, inside: { marginAt: '' } },
    { root: 'positions', args: { chainId, first: '5', orderBy: 'UPDATED_AT', direction: 'DESC' } },
    { root: 'realizedLiquidations', args: { chainId } },
    { root: 'requestToExecution', args: { chainId } },
  ];
}

/**
 * Another value for every argument of every field, by root field or 'Type.field'. Each asks another
 * question than the one of `questionsOf`, so its answer has another digest.
 */
export function otherArguments(
  subject: Subject,
): Readonly<Record<string, Readonly<Record<string, string>>>> {
  const [, market] = subject.markets;
  const [from, to] = subject.window.map((time) => JSON.stringify(time));
  const window = { from: from ?? '', to: to ?? '' };
  const side = 'SHORT';
  const [feed, , other] = subject.feeds;
  const filters = [
    '{ side: LONG }',
    `{ account: ${subject.account} }`,
    `{ collateralToken: ${subject.collateralToken} }`,
    '{ minSizeUsd: "1000" }',
  ];
  return {
    account: { address: '"0x00000000000000000000000000000000000000aa"' },
    bufferAdequacy: {
      market,
      intervals: '[30, 90]',
      theta: '0.005',
      volatility: '0.8',
      volatilityTau: '600',
    },
    coverage: { market },
    crossSourceDeviation: { ...window, feedA: other, feedB: other, maxAgeSeconds: '600' },
    liquidation: {},
    liquidationHeatmap: {
      ...window,
      market,
      cells: 'BPS_50',
      columns: '9',
      filter: filters[0] ?? '',
      layers: '[REALIZED]',
      levels: 'LEDGER',
      measure: 'COLLATERAL',
      step: '"PT4H"',
    },
    liquidationLatency: { ...window, market, volatilityTau: '600' },
    liquidationMap: {
      market,
      cells: 'BPS_100',
      levels: 'LEDGER',
      measure: 'EQUITY_AT_RISK',
      filter: filters[1] ?? '',
      priceMoves: '[-3, 3]',
    },
    liquidationMapScore: { ...window, market, cells: 'BPS_25', leads: '["PT5M"]', side },
    liquidationRisk: {
      market,
      checkSeconds: '60',
      confidence: '0.99',
      drift: 'ZERO_LOG_DRIFT',
      horizon: '"PT4H"',
      levels: 'LEDGER',
      side,
      sizeBoundsUsd: '[5000]',
      volatility: '1.2',
      volatilityWindow: 'TEN_MINUTES',
    },
    liquidations: {
      direction: 'ASC',
      first: '2',
      orderBy: 'SIZE_USD',
      where: '{ cause: LIQUIDATION }',
    },
    liquidators: { ...window, market },
    market: {},
    marketMarginBands: { ...window, market, columns: '9', levels: 'LEDGER', side, step: '"PT4H"' },
    markets: {},
    openBreaches: { market, standingSeconds: '60' },
    oracleFeeds: {},
    oracleLatency: {
      ...window,
      market,
      feed,
      groupBy: 'FEED',
      metrics: '[AGE]',
      sample: 'TRANSACTION',
    },
    oracleLeadLag: {
      ...window,
      feedA: other,
      feedB: other,
      clock: 'OBSERVED',
      maxLagSeconds: '30',
      stepSeconds: '2',
    },
    position: {},
    'Position.marginHistory': {
      ...window,
      maxPoints: '40',
      sampling: 'GRID',
      interval: '"PT30M"',
      horizon: '"PT1H"',
      volatilityWindow: 'ONE_DAY',
    },
    'Position.marginAt': {
      prices: '[{ token: "WETH", minPriceUsd: "1500" }]',
      horizon: '"PT1H"',
      volatilityWindow: 'ONE_DAY',
    },
    positions: {
      direction: 'ASC',
      first: '4',
      orderBy: 'SIZE_USD',
      where: '{ status: OPEN }',
    },
    realizedLiquidations: {
      ...window,
      market,
      cause: 'LIQUIDATION',
      interval: '"PT6H"',
      side,
      sizeBoundsUsd: '[5000]',
    },
    requestToExecution: { ...window, market },
  };
}

/** They choose among rows that bear their own provenance, or turn pages (tested with pages). */
export const CHOOSE_ROWS: readonly string[] = [
  'atBlock',
  'chainId',
  'account.chainId',
  'liquidation.id',
  'market.id',
  'markets.venue',
  'position.id',
  // The as-of block of the answer inside.
  'Position.marginAt.block',
  'after',
  'before',
  'last',
];
