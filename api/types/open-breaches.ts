import { builder } from '../builder.ts';
import { ANALYTIC_COST } from '../limits.ts';
import { parseMarketId } from '../queries/market-ref.ts';
import {
  DEFAULT_STANDING_SECONDS,
  type OpenBreach,
  type OpenBreaches,
  openBreaches,
} from '../queries/open-breaches.ts';
import { SideEnum } from './enums.ts';
import { BreachCauseEnum } from './liquidation-latency.ts';
import { ProvenanceType } from './provenance.ts';

const OpenBreachType = builder.objectRef<OpenBreach>('OpenBreach').implement({
  description: 'A position that could be liquidated, and is still open.',
  fields: (t) => ({
    positionId: t.exposeID('positionId'),
    account: t.exposeString('account'),
    side: t.expose('side', { type: SideEnum }),
    notionalUsd: t.expose('notionalUsd', { type: 'Decimal' }),
    equityUsd: t.expose('equityUsd', { type: 'Decimal' }),
    healthFactor: t.exposeFloat('healthFactor', { nullable: true }),
    liquidationPriceUsd: t.expose('liquidationPriceUsd', { type: 'Decimal', nullable: true }),
    breachCause: t.expose('breachCause', { type: BreachCauseEnum }),
    lastSafeAt: t.expose('lastSafeAt', {
      type: 'DateTime',
      nullable: true,
      description: 'Null where it was liquidatable since it opened.',
    }),
    breachBlock: t.exposeInt('breachBlock'),
    breachAt: t.expose('breachAt', { type: 'DateTime' }),
    standingSeconds: t.exposeInt('standingSeconds', {
      description: 'From the first breaching instant on the chain to the as-of block.',
    }),
    updates: t.exposeInt('updates', { description: 'New prices since the breach.' }),
    senderPayUsd: t.expose('senderPayUsd', {
      type: 'Decimal',
      nullable: true,
      description:
        'What the contract would pay those who flag and liquidate it now; null where nothing tells.',
    }),
    isUnprofitable: t.exposeBoolean('isUnprofitable', {
      nullable: true,
      description: 'Pays less than a liquidation typically costs in gas.',
    }),
  }),
});

const OpenBreachesType = builder.objectRef<OpenBreaches>('OpenBreaches').implement({
  description: 'The quiet source of bad debt: positions beyond their threshold that nobody closes.',
  fields: (t) => ({
    provenance: t.expose('provenance', { type: ProvenanceType }),
    marketId: t.exposeID('marketId'),
    marketSymbol: t.exposeString('marketSymbol', { nullable: true }),
    standingSeconds: t.exposeInt('standingSeconds'),
    openCount: t.exposeInt('openCount', { description: 'Open, and could be judged.' }),
    liquidatableCount: t.exposeInt('liquidatableCount', { description: 'However long.' }),
    unprofitableCount: t.exposeInt('unprofitableCount', {
      nullable: true,
      description: 'Of breaches; null where pay or gas is unknown.',
    }),
    typicalGasUsd: t.expose('typicalGasUsd', {
      type: 'Decimal',
      nullable: true,
      description: 'Median of the newest liquidating transactions of the venue, at prices now.',
    }),
    gasSample: t.exposeInt('gasSample', { description: 'Transactions behind typicalGasUsd.' }),
    breaches: t.field({
      type: [OpenBreachType],
      description: 'Longest standing first.',
      resolve: ({ breaches }) => [...breaches],
    }),
  }),
});

builder.queryField('openBreaches', (t) =>
  t.field({
    type: OpenBreachesType,
    description: 'Judges every open position of the market at the block.',
    args: {
      market: t.arg.id({ required: true }),
      standingSeconds: t.arg.int({
        description: 'Liquidatable for at least so long.',
        defaultValue: DEFAULT_STANDING_SECONDS,
      }),
      atBlock: t.arg.int(),
    },
    complexity: ANALYTIC_COST * 2,
    resolve: async (_root, { market, ...args }, context) => {
      const snapshot = await context.snapshot(args.atBlock);
      return openBreaches(snapshot, {
        ...args,
        market: parseMarketId(snapshot, market),
      });
    },
  }),
);
