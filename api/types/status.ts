import { builder } from '../builder.ts';
import type { FinalityHeights } from '../queries/indexer-report.ts';
import type {
  ChainLag,
  IndexerStatus,
  Rollback,
  RollbackSummary,
  SourceStatus,
  TableCounts,
} from '../queries/records.ts';
import { readStatus } from '../queries/status.ts';
import { IndexerStateEnum } from './enums.ts';
import { ProvenanceType } from './provenance.ts';

const TableCountsType = builder.objectRef<TableCounts>('TableCounts').implement({
  description: 'Whole numbers; those that can pass 2^31 are typed Float.',
  fields: (t) => ({
    blocks: t.exposeFloat('blocks'),
    rawLogs: t.exposeFloat('rawLogs'),
    positionEvents: t.exposeFloat('positionEvents'),
    marketEvents: t.exposeFloat('marketEvents'),
    oracleUpdates: t.exposeFloat('oracleUpdates'),
    deadLetters: t.exposeInt('deadLetters', { description: 'Logs that could not be read.' }),
    positions: t.exposeInt('positions'),
    openPositions: t.exposeInt('openPositions'),
    accounts: t.exposeInt('accounts'),
    liquidations: t.exposeInt('liquidations'),
    autoDeleveragings: t.exposeInt('autoDeleveragings'),
    markets: t.exposeInt('markets'),
  }),
});

const IndexerStatusType = builder.objectRef<IndexerStatus>('IndexerStatus').implement({
  description: 'What the indexer of a chain said of itself last.',
  fields: (t) => ({
    state: t.expose('state', { type: IndexerStateEnum }),
    fault: t.exposeString('fault', {
      nullable: true,
      description: 'What it waits out (RETRYING) or ended by (FAILED).',
    }),
    failingSince: t.expose('failingSince', { type: 'DateTime', nullable: true }),
    reportedAt: t.expose('reportedAt', { type: 'DateTime' }),
    ageSeconds: t.exposeFloat('ageSeconds', { description: 'Seconds since it reported.' }),
    isStale: t.exposeBoolean('isStale', {
      description: 'It claims to run, but has not reported for more than a minute.',
    }),
  }),
});

const ChainLagType = builder.objectRef<ChainLag>('ChainLag').implement({
  description: 'How far the visible head is behind its chain.',
  fields: (t) => ({
    sourceHeight: t.exposeInt('sourceHeight', {
      nullable: true,
      description: 'Highest block the source has shown; null where no indexer has told.',
    }),
    blocks: t.exposeInt('blocks', { nullable: true }),
    seconds: t.exposeFloat('seconds', {
      nullable: true,
      description: 'Now minus the time of the head; null of recorded data.',
    }),
  }),
});

const FinalityHeightsType = builder.objectRef<FinalityHeights>('FinalityHeights').implement({
  description:
    'Highest blocks of the chain that count as SAFE and FINAL, above the head while catching up; null where nothing is known.',
  fields: (t) => ({
    safeBlock: t.exposeInt('safeBlock', { nullable: true }),
    finalBlock: t.exposeInt('finalBlock', { nullable: true }),
    safeDepth: t.exposeInt('safeDepth', {
      nullable: true,
      description: 'Blocks below the height of the chain.',
    }),
    finalityDepth: t.exposeInt('finalityDepth', { nullable: true }),
  }),
});

const RollbackType = builder.objectRef<Rollback>('Rollback').implement({
  description: 'Blocks that were taken back because the chain replaced them, or by hand.',
  fields: (t) => ({
    toBlock: t.exposeInt('toBlock', { description: 'Last block kept.' }),
    depth: t.exposeInt('depth', { description: 'Blocks taken back.' }),
    reason: t.exposeString('reason'),
    at: t.expose('at', { type: 'DateTime' }),
  }),
});

const RollbackSummaryType = builder.objectRef<RollbackSummary>('RollbackSummary').implement({
  fields: (t) => ({
    count: t.exposeInt('count'),
    deepest: t.exposeInt('deepest'),
    last: t.field({
      type: [RollbackType],
      description: 'The newest ten, newest first.',
      resolve: ({ last }) => [...last],
    }),
  }),
});

const SourceStatusType = builder.objectRef<SourceStatus>('SourceStatus').implement({
  description: 'One chain of the store, and how far it is.',
  fields: (t) => ({
    chainId: t.exposeInt('chainId'),
    chain: t.exposeString('chain'),
    name: t.exposeString('name'),
    description: t.exposeString('description'),
    origin: t.exposeString('origin', { description: 'Where the data comes from.' }),
    isSynthetic: t.exposeBoolean('isSynthetic'),
    isRecorded: t.exposeBoolean('isRecorded', {
      description: 'An archive, read here or through an endpoint; not a live chain.',
    }),
    firstBlock: t.exposeInt('firstBlock'),
    headBlock: t.exposeInt('headBlock', { nullable: true }),
    headTime: t.expose('headTime', { type: 'DateTime', nullable: true }),
    landedBlock: t.exposeInt('landedBlock', {
      nullable: true,
      description: 'Last block whose raw logs are stored.',
    }),
    landedAt: t.expose('landedAt', { type: 'DateTime', nullable: true }),
    committedAt: t.expose('committedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the last facts became visible.',
    }),
    indexer: t.expose('indexer', {
      type: IndexerStatusType,
      nullable: true,
      description: 'Null of a store that no indexer reports on.',
    }),
    lag: t.expose('lag', { type: ChainLagType }),
    finality: t.expose('finality', { type: FinalityHeightsType }),
    rollbacks: t.expose('rollbacks', { type: RollbackSummaryType }),
    counts: t.expose('counts', { type: TableCountsType }),
    provenance: t.expose('provenance', { type: ProvenanceType, nullable: true }),
  }),
});

interface Status {
  readonly sources: readonly SourceStatus[];
}

const StatusType = builder.objectRef<Status>('Status').implement({
  fields: (t) => ({
    sources: t.field({ type: [SourceStatusType], resolve: ({ sources }) => [...sources] }),
  }),
});

builder.queryField('status', (t) =>
  t.field({
    type: StatusType,
    description: 'What the store holds.',
    complexity: 100,
    resolve: async (_root, _args, context) => ({
      sources: await readStatus(await context.snapshot()),
    }),
  }),
);
