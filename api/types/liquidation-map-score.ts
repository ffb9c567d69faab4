import { builder } from '../builder.ts';
import { ANALYTIC_COST, MAX_SCORE_LEADS } from '../limits.ts';
import type { Gain } from '../queries/information-gain.ts';
import type { LevelErrors } from '../queries/level-errors.ts';
import {
  type LiquidationMapScore,
  liquidationMapScore,
  type MapScoreLead,
  type RecallPoint,
  type ScoredGain,
} from '../queries/liquidation-map-score.ts';
import { DEFAULT_LEADS } from '../queries/map-score-window.ts';
import { parseMarketId } from '../queries/market-ref.ts';
import type { FATES, FatePart, MassFate } from '../queries/mass-fate.ts';
import { CellWidthEnum, SideEnum } from './enums.ts';
import { BucketType, ProvenanceType } from './provenance.ts';

const LevelErrorsType = builder.objectRef<LevelErrors>('LevelErrors').implement({
  description:
    'side × 10,000 × ln(level ÷ trigger price): positive = executed beyond the level. Exact percentiles; null ' +
    'below 10 ÷ (1 − p) liquidations.',
  fields: (t) => ({
    n: t.exposeInt('n'),
    mean: t.exposeFloat('mean', { nullable: true }),
    min: t.exposeFloat('min', { nullable: true }),
    p1: t.exposeFloat('p1', { nullable: true }),
    p10: t.exposeFloat('p10', { nullable: true }),
    p50: t.exposeFloat('p50', { nullable: true }),
    p90: t.exposeFloat('p90', { nullable: true }),
    p99: t.exposeFloat('p99', { nullable: true }),
    max: t.exposeFloat('max', { nullable: true }),
  }),
});

const RecallType = builder.objectRef<RecallPoint>('LevelRecall').implement({
  description: 'What was liquidated within this distance of its level.',
  fields: (t) => ({
    withinBps: t.exposeFloat('withinBps'),
    valueUsd: t.expose('valueUsd', { type: 'Decimal' }),
    count: t.exposeInt('count'),
    share: t.exposeFloat('share', { nullable: true, description: 'Of all that was liquidated.' }),
    shareOfOpen: t.exposeFloat('shareOfOpen', {
      nullable: true,
      description: 'Of what was already open at the lead: no map knows the rest.',
    }),
  }),
});

const FateEnum = builder.enumType('MassFate', {
  values: {
    LIQUIDATED: { description: 'Closed by liquidations in the step.' },
    RESCUED: { description: 'The owner moved its level out of the reach of the step.' },
    CLOSED: { description: 'Closed otherwise, by its owner or by auto-deleveraging.' },
    MOVED: { description: 'Changed by its owner, and still within reach.' },
    STANDING: { description: 'Unchanged by its owner: the price went through, nobody liquidated.' },
  } satisfies Record<(typeof FATES)[number], { description: string }>,
});

const FatePartType = builder.objectRef<FatePart>('MassFatePart').implement({
  fields: (t) => ({
    fate: t.expose('fate', { type: FateEnum }),
    valueUsd: t.expose('valueUsd', { type: 'Decimal' }),
    count: t.exposeInt('count', { description: 'A position counts once a step.' }),
    share: t.exposeFloat('share', { nullable: true }),
  }),
});

const FateType = builder.objectRef<MassFate>('MassFates').implement({
  description:
    'Of all mass that stood just before a step, with a level between the extremes of the price in it: what had ' +
    'become of it by the end.',
  fields: (t) => ({
    steps: t.exposeInt('steps', { description: 'Whole steps of the lead with a price.' }),
    whole: t.expose('whole', { type: BucketType }),
    parts: t.field({
      type: [FatePartType],
      description: 'Sum to the whole exactly.',
      resolve: ({ parts }) => [...parts],
    }),
  }),
});

const GainType = builder.objectRef<Gain>('Gain').implement({
  description:
    'Mean of ln(p_map ÷ p_null). The 95 % interval takes steps of the lead as clusters; null below ten.',
  fields: (t) => ({
    mean: t.exposeFloat('mean', { nullable: true }),
    low: t.exposeFloat('low', { nullable: true }),
    high: t.exposeFloat('high', { nullable: true }),
  }),
});

const InformationGainType = builder.objectRef<ScoredGain>('InformationGain').implement({
  description: 'What the map knew of where liquidations were triggered, against two null models.',
  fields: (t) => ({
    events: t.exposeInt('events', { description: 'Liquidations triggered in the domain.' }),
    outsideDomain: t.exposeInt('outsideDomain'),
    withoutPrice: t.exposeInt('withoutPrice'),
    emptyMap: t.exposeInt('emptyMap', { description: 'Of the events; they gain 0.' }),
    clusters: t.exposeInt('clusters'),
    cells: t.exposeInt('cells', {
      description: 'Of the domain: ±20 % (log) around the price at the lead.',
    }),
    smoothing: t.exposeFloat('smoothing', { description: 'Share of the null in p_map.' }),
    overUniform: t.expose('overUniform', {
      type: GainType,
      description: 'Every cell alike. ln 2 of it is worth nothing: longs end below the price.',
    }),
    overLaplace: t.expose('overLaplace', {
      type: GainType,
      description: 'Double exponential around the price, with the scale that fits best.',
    }),
    laplaceScaleBps: t.exposeFloat('laplaceScaleBps', { nullable: true }),
  }),
});

const LeadType = builder.objectRef<MapScoreLead>('LiquidationMapScoreLead').implement({
  description: 'known + withoutLevel + unknownLevel + openedSince = realized.',
  fields: (t) => ({
    leadSeconds: t.exposeInt('leadSeconds'),
    known: t.expose('known', { type: BucketType, description: 'Had a level at the lead.' }),
    withoutLevel: t.expose('withoutLevel', {
      type: BucketType,
      description: 'No price would have liquidated it.',
    }),
    unknownLevel: t.expose('unknownLevel', {
      type: BucketType,
      description: 'A price or parameter that its rules need was missing.',
    }),
    openedSince: t.expose('openedSince', { type: BucketType, description: 'Not open yet.' }),
    levelErrorBps: t.expose('levelErrorBps', { type: LevelErrorsType }),
    recall: t.field({ type: [RecallType], resolve: ({ recall }) => [...recall] }),
    fate: t.expose('fate', { type: FateType }),
    informationGain: t.expose('informationGain', { type: InformationGainType }),
  }),
});

const ScoreType = builder.objectRef<LiquidationMapScore>('LiquidationMapScore').implement({
  description:
    'The report card of the liquidation map: how well the map of some time before foresaw what was liquidated, and ' +
    'what became of the mass that the price went through.',
  fields: (t) => ({
    provenance: t.expose('provenance', { type: ProvenanceType }),
    marketId: t.exposeID('marketId'),
    marketSymbol: t.exposeString('marketSymbol', { nullable: true }),
    side: t.expose('side', { type: SideEnum, nullable: true, description: 'Null: both.' }),
    cellWidth: t.expose('cellWidth', { type: CellWidthEnum }),
    fromTime: t.expose('fromTime', { type: 'DateTime' }),
    toTime: t.expose('toTime', { type: 'DateTime' }),
    realized: t.expose('realized', {
      type: BucketType,
      description: 'Liquidated in the window, at the trigger prices.',
    }),
    leads: t.field({ type: [LeadType], resolve: ({ leads }) => [...leads] }),
  }),
});

builder.queryField('liquidationMapScore', (t) =>
  t.field({
    type: ScoreType,
    args: {
      market: t.arg.id({ required: true }),
      from: t.arg({ type: 'DateTime', description: 'Default: 30 days before the end.' }),
      to: t.arg({ type: 'DateTime', description: 'Exclusive. Default: the as-of block.' }),
      leads: t.arg({
        type: ['Duration'],
        description: `How long before. At most ${MAX_SCORE_LEADS}.`,
        defaultValue: [...DEFAULT_LEADS],
      }),
      cells: t.arg({
        type: CellWidthEnum,
        description: 'Of the information gain.',
        defaultValue: 'BPS_50',
      }),
      side: t.arg({ type: SideEnum }),
      atBlock: t.arg.int(),
    },
    complexity: ({ leads }) => ANALYTIC_COST * Math.max(1, leads?.length ?? DEFAULT_LEADS.length),
    resolve: async (_root, { market, ...args }, context) => {
      const snapshot = await context.snapshot(args.atBlock);
      return liquidationMapScore(snapshot, { ...args, market: parseMarketId(snapshot, market) });
    },
  }),
);
