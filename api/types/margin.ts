import { builder } from '../builder.ts';
import type {
  MarginAt,
  MarginCarryAnswer,
  MarginChangeAnswer,
  MarginExtras,
  MarginHistory,
  MarginHistoryMark,
  MarginHistoryPoint,
  MarginPoint,
  PointVolatility,
} from '../queries/answers.ts';
import { SamplingEnum, SideEnum } from './enums.ts';
import { PriceRangeType, ProvenanceType } from './provenance.ts';

const MarginCarryType = builder.objectRef<MarginCarryAnswer>('MarginCarry').implement({
  description:
    'What time alone does: prices, market state, parameters, size and collateral frozen, while funding ' +
    'and borrowing run on by the rules of the venue.',
  fields: (t) => ({
    usdPerHour: t.expose('usdPerHour', {
      type: 'Decimal',
      description:
        'What equity − maintenance margin loses an hour, as fast as now; negative: it grows.',
    }),
    priceDriftPerHour: t.expose('priceDriftPerHour', {
      type: 'Decimal',
      nullable: true,
      description: 'Movement of the liquidation price an hour, as fast as now.',
    }),
    secondsToLiquidation: t.exposeInt('secondsToLiquidation', {
      nullable: true,
      description:
        'First second from now at which the venue would liquidate; null when time alone never does, or not ' +
        'in ten years.',
    }),
  }),
});

const PointVolatilityType = builder.objectRef<PointVolatility>('PointVolatility').implement({
  description:
    'MODELED: volatility of the index price as its updates before this second show it, and the distance in units of it.',
  fields: (t) => ({
    annualized: t.exposeFloat('annualized', { description: '√(variance a second × 365 days).' }),
    distanceInSigmas: t.exposeFloat('distanceInSigmas', {
      nullable: true,
      description: 'distance ÷ (σ √horizon).',
    }),
  }),
});

/** What the rules of the venue say at one instant. */
const MarginJudgement = builder
  .interfaceRef<MarginPoint & MarginExtras>('MarginJudgement')
  .implement({
    description:
      'One position judged at one instant. Costs are positive when the trader owes them.',
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
      collateralRatio: t.exposeFloat('collateralRatio', {
        nullable: true,
        description: 'Collateral ÷ notional: no PnL, no fees. Never what triggers a liquidation.',
      }),
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
      carry: t.expose('carry', {
        type: MarginCarryType,
        nullable: true,
        description: 'Null where a later second cannot be judged.',
      }),
      volatility: t.expose('volatility', {
        type: PointVolatilityType,
        nullable: true,
        description:
          'As volatilityWindow and horizon ask. Null before half of the weight of the window was seen. ' +
          'Makes the answer MODELED.',
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
    'A thinned history keeps the extremes of margin ratio, health, equity and distance, of the whole and of ' +
    'each stretch, and says that it is thinned.',
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
