import { builder } from '../builder.ts';
import { ANALYTIC_COST } from '../limits.ts';
import type { CrossSourceDeviation, OracleLeadLag } from '../queries/oracle-answers.ts';
import { crossSourceDeviation, oracleLeadLag } from '../queries/oracle-pair.ts';
import { chooseSource } from '../queries/source-directory.ts';
import { SampleStatisticsType } from './oracle.ts';
import { ProvenanceType } from './provenance.ts';

const WorstDeviationType = builder
  .objectRef<NonNullable<CrossSourceDeviation['worst']>>('WorstDeviation')
  .implement({
    fields: (t) => ({
      blockNumber: t.exposeInt('blockNumber'),
      timestamp: t.expose('timestamp', { type: 'DateTime' }),
      logRatio: t.exposeFloat('logRatio', { description: 'ln(A ÷ B).' }),
    }),
  });

const CrossSourceDeviationType = builder
  .objectRef<CrossSourceDeviation>('CrossSourceDeviation')
  .implement({
    description: 'Two feeds of one thing, each at its last price, whenever one of them changed.',
    fields: (t) => ({
      provenance: t.expose('provenance', { type: ProvenanceType }),
      feedA: t.exposeString('feedA'),
      feedB: t.exposeString('feedB'),
      fromTime: t.expose('fromTime', { type: 'DateTime' }),
      toTime: t.expose('toTime', { type: 'DateTime' }),
      maxAgeSeconds: t.exposeInt('maxAgeSeconds'),
      deviation: t.expose('deviation', {
        type: SampleStatisticsType,
        description: 'Of |ln(A ÷ B)|.',
      }),
      bias: t.exposeFloat('bias', { nullable: true, description: 'Mean of ln(A ÷ B).' }),
      staleCount: t.exposeInt('staleCount', {
        description: 'Instants at which one was older than the bound: not compared.',
      }),
      worst: t.expose('worst', { type: WorstDeviationType, nullable: true }),
    }),
  });

const LagCorrelationType = builder
  .objectRef<OracleLeadLag['curve'][number]>('LagCorrelation')
  .implement({
    fields: (t) => ({ lag: t.exposeInt('lag'), correlation: t.exposeFloat('correlation') }),
  });

const OracleClockEnum = builder.enumType('OracleClock', {
  values: {
    BLOCK: { description: 'When the chain had the price.' },
    OBSERVED: {
      description: 'When the oracle says it saw it; prices without a time are left out.',
    },
  } as const,
});

const OracleLeadLagType = builder.objectRef<OracleLeadLag>('OracleLeadLag').implement({
  description: 'Which of two feeds moves first (Hayashi–Yoshida, on ticks).',
  fields: (t) => ({
    provenance: t.expose('provenance', { type: ProvenanceType }),
    feedA: t.exposeString('feedA'),
    feedB: t.exposeString('feedB'),
    fromTime: t.expose('fromTime', { type: 'DateTime' }),
    toTime: t.expose('toTime', { type: 'DateTime' }),
    clock: t.expose('clock', { type: OracleClockEnum }),
    ticksA: t.exposeInt('ticksA'),
    ticksB: t.exposeInt('ticksB'),
    lagSeconds: t.exposeInt('lagSeconds', {
      nullable: true,
      description: 'Positive: B leads A. Null where a feed has too few moves.',
    }),
    correlation: t.exposeFloat('correlation', { nullable: true, description: 'At that lag.' }),
    leadLagRatio: t.exposeFloat('leadLagRatio', {
      nullable: true,
      description: 'Σ correlation² where B leads ÷ where A leads.',
    }),
    curve: t.field({ type: [LagCorrelationType], resolve: ({ curve }) => [...curve] }),
  }),
});

const ONE_FEED = 'Feed id, token or symbol that means one feed.';

builder.queryField('crossSourceDeviation', (t) =>
  t.field({
    type: CrossSourceDeviationType,
    description: 'How far two oracles of one thing were apart on chain, over [from, to).',
    args: {
      feedA: t.arg.string({ required: true, description: ONE_FEED }),
      feedB: t.arg.string({ required: true, description: ONE_FEED }),
      maxAgeSeconds: t.arg.int({ description: 'A price older than this is not compared.' }),
      from: t.arg({ type: 'DateTime' }),
      to: t.arg({ type: 'DateTime' }),
      chainId: t.arg.int(),
      atBlock: t.arg.int(),
    },
    complexity: ANALYTIC_COST,
    resolve: async (_root, { chainId, ...args }, context) => {
      const snapshot = await context.snapshot(args.atBlock);
      return crossSourceDeviation(snapshot, { ...args, source: chooseSource(snapshot, chainId) });
    },
  }),
);

builder.queryField('oracleLeadLag', (t) =>
  t.field({
    type: OracleLeadLagType,
    description: 'Which of two feeds moves first, and by how many seconds, over [from, to).',
    args: {
      feedA: t.arg.string({ required: true, description: ONE_FEED }),
      feedB: t.arg.string({ required: true, description: ONE_FEED }),
      maxLagSeconds: t.arg.int({ defaultValue: 60 }),
      stepSeconds: t.arg.int({ defaultValue: 1 }),
      clock: t.arg({ type: OracleClockEnum, defaultValue: 'BLOCK' }),
      from: t.arg({ type: 'DateTime' }),
      to: t.arg({ type: 'DateTime' }),
      chainId: t.arg.int(),
      atBlock: t.arg.int(),
    },
    complexity: ANALYTIC_COST,
    resolve: async (_root, { chainId, ...args }, context) => {
      const snapshot = await context.snapshot(args.atBlock);
      return oracleLeadLag(snapshot, { ...args, source: chooseSource(snapshot, chainId) });
    },
  }),
);
