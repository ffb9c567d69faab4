import { builder } from '../builder.ts';
import { ANALYTIC_COST } from '../limits.ts';
import { type Liquidator, type Liquidators, liquidators } from '../queries/liquidators.ts';
import type { Concentration } from '../queries/liquidators-concentration.ts';
import type { PenaltyRecipient } from '../queries/liquidators-payment.ts';
import { type LiquidatorSpeed, liquidatorSpeeds } from '../queries/liquidators-speed.ts';
import { parseMarketId } from '../queries/market-ref.ts';
import { chooseSource } from '../queries/source-directory.ts';
import { ProvenanceType } from './provenance.ts';

const ConcentrationType = builder.objectRef<Concentration>('Concentration').implement({
  fields: (t) => ({
    hhi: t.exposeFloat('hhi', { description: 'Σ share²: 1 with one, 1 ÷ n with n equal ones.' }),
    effectiveNumber: t.exposeFloat('effectiveNumber', { description: '1 ÷ hhi.' }),
    topShare: t.exposeFloat('topShare'),
  }),
});

const RecipientType = builder.objectRef<PenaltyRecipient>('PenaltyRecipient').implement({
  description: 'Who gets a share of what a liquidation takes, by the venue’s contracts.',
  fields: (t) => ({
    venue: t.exposeString('venue'),
    recipient: t.exposeString('recipient'),
    isSender: t.exposeBoolean('isSender', {
      description: 'Whoever sends the liquidating or flagging transaction.',
    }),
    description: t.exposeString('description'),
  }),
});

const SpeedType = builder.objectRef<LiquidatorSpeed>('LiquidatorSpeed').implement({
  fields: (t) => ({
    address: t.exposeString('address'),
    rank: t.exposeInt('rank', { description: '1 is the lowest median; equal ones share a rank.' }),
    n: t.exposeInt('n'),
    medianSeconds: t.exposeFloat('medianSeconds', {
      description: 'From the first breaching price on the chain.',
    }),
    lowerSeconds: t.exposeFloat('lowerSeconds', {
      nullable: true,
      description: 'With upperSeconds: holds the median with at least 95 %; null below six.',
    }),
    upperSeconds: t.exposeFloat('upperSeconds', { nullable: true }),
  }),
});

const LiquidatorType = builder.objectRef<Liquidator>('Liquidator').implement({
  description:
    'A sender of liquidating transactions, or of flags of positions that were liquidated.',
  fields: (t) => ({
    address: t.exposeString('address'),
    count: t.exposeInt('count'),
    flagCount: t.exposeInt('flagCount'),
    transactions: t.exposeInt('transactions'),
    closedSizeUsd: t.expose('closedSizeUsd', { type: 'Decimal' }),
    share: t.exposeFloat('share', { description: 'Of all closed notional.' }),
    penaltyUsd: t.expose('penaltyUsd', {
      type: 'Decimal',
      description: 'Taken from the positions, whoever got it.',
    }),
    paidUsd: t.expose('paidUsd', {
      type: 'Decimal',
      nullable: true,
      description: 'For liquidating and flagging; null where the venue’s logs do not tell.',
    }),
    gasWei: t.expose('gasWei', {
      type: 'BigInt',
      nullable: true,
      description: 'Of its liquidating transactions, each once, in the chain’s native token.',
    }),
    gasUsd: t.expose('gasUsd', {
      type: 'Decimal',
      nullable: true,
      description: 'Null where no feed prices the native token.',
    }),
    netUsd: t.expose('netUsd', {
      type: 'Decimal',
      nullable: true,
      description: 'Paid for liquidating − gas of liquidating.',
    }),
    unprofitableCount: t.exposeInt('unprofitableCount', {
      nullable: true,
      description: 'Liquidations that paid less than the gas of their transaction.',
    }),
    failedAttempts: t.exposeInt('failedAttempts', { nullable: true }),
  }),
});

const LiquidatorsType = builder.objectRef<Liquidators>('Liquidators').implement({
  description: 'Who liquidates, who is paid for it, and what it leaves.',
  fields: (t) => ({
    provenance: t.expose('provenance', { type: ProvenanceType }),
    marketId: t.exposeID('marketId', { nullable: true }),
    count: t.exposeInt('count'),
    liquidators: t.field({
      type: [LiquidatorType],
      description: 'Most closed notional first.',
      resolve: (answer) => [...answer.liquidators],
    }),
    byNotional: t.expose('byNotional', { type: ConcentrationType, nullable: true }),
    byCount: t.expose('byCount', { type: ConcentrationType, nullable: true }),
    penaltyRecipients: t.field({
      type: [RecipientType],
      resolve: (answer) => [...answer.penaltyRecipients],
    }),
    failedAttempts: t.exposeInt('failedAttempts', {
      nullable: true,
      description:
        'Failed transactions of liquidators to contracts through which they liquidate: on a venue where that contract does more, a bound from above.',
    }),
    failedAttemptsNote: t.exposeString('failedAttemptsNote', { nullable: true }),
    speeds: t.field({
      type: [SpeedType],
      description: 'Fastest first. Judges every breach, as liquidationLatency does.',
      complexity: ANALYTIC_COST * 5,
      resolve: async ({ scope }, _args, context) =>
        liquidatorSpeeds(await context.snapshot(), scope),
    }),
  }),
});

builder.queryField('liquidators', (t) =>
  t.field({
    type: LiquidatorsType,
    description: 'Over liquidations in [from, to), without auto-deleveraging.',
    args: {
      market: t.arg.id({ description: 'Default: all markets of the chain.' }),
      from: t.arg({ type: 'DateTime' }),
      to: t.arg({ type: 'DateTime', description: 'Exclusive.' }),
      chainId: t.arg.int(),
      atBlock: t.arg.int(),
    },
    complexity: ANALYTIC_COST,
    resolve: async (_root, { market: marketText, chainId, ...args }, context) => {
      const snapshot = await context.snapshot(args.atBlock);
      const market = marketText ? parseMarketId(snapshot, marketText, chainId) : null;
      return liquidators(snapshot, {
        ...args,
        market,
        source: market?.source ?? chooseSource(snapshot, chainId),
      });
    },
  }),
);
