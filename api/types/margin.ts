import { builder } from '../builder.ts';
import type {
  MarginAt,
  MarginChangeAnswer,
  MarginHistory,
  MarginHistoryMark,
  MarginHistoryPoint,
  MarginPoint,
} from '../queries/answers.ts';
import { SamplingEnum, SideEnum } from './enums.ts';
import { PriceRangeType, ProvenanceType } from './provenance.ts';

/** What the rules of the venue say at one instant. */
const MarginJudgement = builder.interfaceRef<MarginPoint>('MarginJudgement').implement({
  description: 'One position judged at one instant. Costs are positive when the trader owes them.',
  fields: (t) => ({
    blockNumber: t.exposeInt('blockNumber'),
    timestamp: t.expose('timestamp', { type: 'DateTime' }),
    cause: t.exposeString('cause', { description: 'The event, PRICE, GRID, BLOCK or WHAT_IF.' }),
    sizeUsd: t.expose('sizeUsd', {
      type: 'Decimal',
      description: 'Entry notional; of the last change where the venue rebases it.',
    }),
    collateralRaw: t.expose('collateralRaw', { type: 'BigInt' }),
    collateralUsd: t.expose('collateralUsd', { type: 'Decimal' }),
    equityUsd: t.expose('equityUsd', { type: 'Decimal' }),
    maintenanceMarginUsd: t.expose('maintenanceMarginUsd', { type: 'Decimal' }),
    notionalUsd: t.expose('notionalUsd', { type: 'Decimal' }),
    marginRatio: t.exposeFloat('marginRatio', {
      nullable: true,
      description: 'Equity ÷ notional.',
    }),
    healthFactor: t.exposeFloat('healthFactor', {
      nullable: true,
      description: 'Equity ÷ maintenance margin; 1 is the threshold.',
    }),
    liquidationPrice: t.expose('liquidationPrice', {
      type: 'Decimal',
      nullable: true,
      description: 'USD per whole index token; null when no price liquidates.',
    }),
    distance: t.exposeFloat('distance', {
      nullable: true,
      description: 'side × ln(price ÷ liquidation price); positive is safe.',
    }),
    isLiquidatable: t.exposeBoolean('isLiquidatable'),
    liquidationReason: t.exposeString('liquidationReason'),
    unrealizedPnlUsd: t.expose('unrealizedPnlUsd', { type: 'Decimal' }),
    fundingUsd: t.expose('fundingUsd', { type: 'Decimal' }),
    borrowFeeUsd: t.expose('borrowFeeUsd', { type: 'Decimal' }),
    positionFeeUsd: t.expose('positionFeeUsd', { type: 'Decimal' }),
    priceImpactUsd: t.expose('priceImpactUsd', { type: 'Decimal' }),
    indexPrice: t.expose('indexPrice', { type: PriceRangeType }),
    collateralPrice: t.expose('collateralPrice', { type: PriceRangeType }),
  }),
});

const MarginChangeType = builder.objectRef<MarginChangeAnswer>('MarginChange').implement({
  description:
    'Why the equity changed; + raised it. The parts sum exactly to totalUsd. Inputs are changed in a ' +
    'fixed order (prices, accrual, parameters, own event): another order would split otherwise.',
  fields: (t) => ({
    totalUsd: t.expose('totalUsd', { type: 'Decimal' }),
    priceUsd: t.expose('priceUsd', {
      type: 'Decimal',
      description: 'Mark, impact, spread, collateral price, execution against the mark.',
    }),
    fundingUsd: t.expose('fundingUsd', { type: 'Decimal' }),
    borrowingUsd: t.expose('borrowingUsd', { type: 'Decimal' }),
    feeUsd: t.expose('feeUsd', {
      type: 'Decimal',
      description: 'Fees and penalties taken, and the change of the closing fees that count.',
    }),
    ownerUsd: t.expose('ownerUsd', {
      type: 'Decimal',
      description:
        'Put in (+), taken or paid out (−); what an insolvent close left unpaid is + too.',
    }),
    parameterUsd: t.expose('parameterUsd', { type: 'Decimal' }),
  }),
});

export const MarginPointType = builder.objectRef<MarginHistoryPoint>('MarginPoint').implement({
  interfaces: [MarginJudgement],
  fields: (t) => ({
    change: t.expose('change', {
      type: MarginChangeType,
      nullable: true,
      description:
        'Since the point before, over points left out too. Null at the first, and where a part is unknown.',
    }),
    closing: t.expose('closing', {
      type: MarginChangeType,
      nullable: true,
      description:
        "At a closing event: what it did to the equity shown. Part of the next point's change, if there is one.",
    }),
  }),
});

export const MarginAtType = builder.objectRef<MarginAt>('MarginAt').implement({
  interfaces: [MarginJudgement],
  fields: (t) => ({ provenance: t.expose('provenance', { type: ProvenanceType }) }),
});

const MarkType = builder.objectRef<MarginHistoryMark>('MarginHistoryMark').implement({
  fields: (t) => ({
    blockNumber: t.exposeInt('blockNumber'),
    timestamp: t.expose('timestamp', { type: 'DateTime' }),
    cause: t.exposeString('cause'),
  }),
});

export const MarginHistoryType = builder.objectRef<MarginHistory>('MarginHistory').implement({
  description:
    'A thinned history keeps the extremes of the margin ratio, and says that it is thinned.',
  fields: (t) => ({
    provenance: t.expose('provenance', { type: ProvenanceType }),
    positionId: t.exposeID('positionId'),
    account: t.exposeString('account'),
    marketId: t.exposeID('marketId'),
    marketSymbol: t.exposeString('marketSymbol', { nullable: true }),
    side: t.expose('side', { type: SideEnum }),
    sampling: t.expose('sampling', { type: SamplingEnum }),
    points: t.field({ type: [MarginPointType], resolve: ({ points }) => [...points] }),
    totalPoints: t.exposeInt('totalPoints'),
    isDownsampled: t.exposeBoolean('isDownsampled'),
    marks: t.field({
      type: [MarkType],
      description: 'Every event of the position in the window.',
      resolve: ({ marks }) => [...marks],
    }),
  }),
});
