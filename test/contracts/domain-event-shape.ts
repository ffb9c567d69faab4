import { z } from 'zod';
import type { DomainEvent } from '../../schema/events/domain-event.ts';
import { MARKET_EVENT_TYPES } from '../../schema/events/market.ts';
import {
  FEE_EVENT_TYPES,
  ORDER_EVENT_TYPES,
  POSITION_EVENT_TYPES,
} from '../../schema/events/position.ts';

/** The shape of every domain event at run time: what TypeScript promises, checked on hostile bytes. */
const whole = z.number().int().min(0);
const lowerCase = z.string().regex(/^[^A-Z]*$/);
const INT256 = 2n ** 255n;
const integer = z.bigint().refine((value) => value >= -INT256 && value < INT256, 'not an int256');
const natural = integer.refine((value) => value >= 0n, 'negative');
const scalar = z.union([z.string(), z.boolean()]);
const details = z.record(z.string(), z.union([scalar, z.array(scalar)]));

const place = {
  chainId: whole,
  blockNumber: whole,
  blockTimestamp: whole,
  transactionHash: lowerCase,
  transactionIndex: whole,
  logIndex: whole,
  subIndex: whole,
  venue: z.string().min(1),
};

const position = z.strictObject({
  ...place,
  kind: z.literal('position'),
  type: z.enum(POSITION_EVENT_TYPES),
  positionKey: z.string().regex(/^0x[0-9a-f]{1,128}$/),
  account: z.string().regex(/^(0x[0-9a-f]{40})?$/),
  market: lowerCase.min(1),
  collateralToken: z.string(),
  isLong: z.boolean(),
  orderKey: z.string(),
  orderType: whole.nullable(),
  sizeUsd: natural,
  sizeBase: natural,
  collateralRaw: integer,
  sizeDeltaUsd: integer,
  sizeDeltaBase: integer,
  collateralDeltaRaw: integer,
  executionPrice: natural,
  indexPriceMin: natural,
  indexPriceMax: natural,
  collateralPriceMin: natural,
  collateralPriceMax: natural,
  realizedPnlUsd: integer,
  priceImpactUsd: integer,
  details,
});

const fee = z.strictObject({
  ...place,
  kind: z.literal('fee'),
  type: z.enum(FEE_EVENT_TYPES),
  positionKey: z.string(),
  orderKey: z.string(),
  market: z.string(),
  collateralToken: z.string(),
  collateralPriceMin: natural,
  positionFeeRaw: integer,
  borrowFeeRaw: integer,
  borrowFeeUsd: integer,
  fundingFeeRaw: integer,
  liquidationFeeRaw: integer,
  totalCostRaw: integer,
  remainingCostUsd: integer,
  step: z.string(),
  details,
});

const order = z.strictObject({
  ...place,
  kind: z.literal('order'),
  type: z.enum(ORDER_EVENT_TYPES),
  orderKey: z.string(),
  account: z.string(),
  market: z.string(),
  orderType: whole.nullable(),
  secondaryOrderType: whole.nullable(),
  sizeDeltaUsd: integer,
  requestedAt: whole.nullable(),
  reason: z.string(),
  details,
});

const market = z.strictObject({
  ...place,
  kind: z.literal('market'),
  type: z.enum(MARKET_EVENT_TYPES),
  market: z.string(),
  token: z.string(),
  isLong: z.boolean().nullable(),
  delta: integer.nullable(),
  value: integer.nullable(),
  details,
});

const oracle = z.strictObject({
  ...place,
  kind: z.literal('oracle'),
  type: z.literal('OracleUpdated'),
  token: lowerCase.min(1),
  symbol: z.string(),
  provider: z.string(),
  minPrice: integer,
  maxPrice: integer,
  priceDecimals: whole.max(77).nullable(),
  delivery: z.enum(['PUSH', 'PULL']),
  observedAt: whole.nullable(),
  timeIsBlockTime: z.boolean(),
  details,
});

const parameter = z.strictObject({
  ...place,
  kind: z.literal('parameter'),
  type: z.literal('ParameterChanged'),
  market: z.string(),
  name: z.string().min(1),
  value: z.bigint().nullable(),
  valueText: z.string(),
  baseKey: z.string(),
  keyData: z.string(),
  source: z.enum(['EVENT', 'MANIFEST', 'SNAPSHOT']),
});

export const domainEventShape: z.ZodType<DomainEvent> = z.discriminatedUnion('kind', [
  position,
  fee,
  order,
  market,
  oracle,
  parameter,
]);

/** What is wrong with the first misshapen event; '' when all are well-shaped. */
export function misshapen(events: readonly DomainEvent[]): string {
  for (const event of events) {
    const parsed = domainEventShape.safeParse(event);
    if (!parsed.success) return `${event.kind} ${event.type}: ${z.prettifyError(parsed.error)}`;
  }
  return '';
}
