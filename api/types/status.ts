import { builder } from '../builder.ts';
import type { SourceStatus, TableCounts } from '../queries/records.ts';
import { readStatus } from '../queries/status.ts';
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

const SourceStatusType = builder.objectRef<SourceStatus>('SourceStatus').implement({
  description: 'One chain of the store, and how far it is.',
  fields: (t) => ({
    chainId: t.exposeInt('chainId'),
    chain: t.exposeString('chain'),
    name: t.exposeString('name'),
    description: t.exposeString('description'),
    origin: t.exposeString('origin', { description: 'Where the data comes from.' }),
    isSynthetic: t.exposeBoolean('isSynthetic'),
    firstBlock: t.exposeInt('firstBlock'),
    headBlock: t.exposeInt('headBlock', { nullable: true }),
    headTime: t.expose('headTime', { type: 'DateTime', nullable: true }),
    landedBlock: t.exposeInt('landedBlock', { nullable: true }),
    committedAt: t.expose('committedAt', { type: 'DateTime', nullable: true }),
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
