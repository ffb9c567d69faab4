import { z } from 'zod';
import {
  addChanges,
  attributeChange,
  attributeEvent,
  type JudgedInstant,
  type MarginChange,
  NO_CHANGE,
  type Settlement,
  sameParameters,
  settlementOf,
} from '../../margin/attribution.ts';
import type { Parameters } from '../../margin/inputs.ts';
import type { VenueRules } from '../../margin/venue-rules.ts';
import { CorruptDataError } from '../../schema/errors.ts';
import { FEE_EVENT_TYPES, POSITION_EVENT_TYPES } from '../../schema/events/position.ts';
import type { MarginChangeAnswer } from './answers.ts';
import { usdText } from './margin-point.ts';
import type { MarginSample } from './margin-samples.ts';
import type { PositionRef, PositionStateRow } from './position-history.ts';
import { count, integer, loadQuery, type Reader, text } from './stored-query.ts';

const plainDetail = z.union([z.string(), z.boolean()]);
const details = z.record(z.string(), z.union([plainDetail, z.array(plainDetail)]));
const detailsText = text.transform((value) => details.parse(JSON.parse(value)));

const eventsQuery = loadQuery(
  'event-settlements',
  z.object({
    event_type: z.enum(POSITION_EVENT_TYPES),
    order_key: text,
    collateral_price_min: integer,
    realized_pnl_usd: integer,
    price_impact_usd: integer,
    details: detailsText,
    sub_index: count,
    transaction_hash: text,
    block_number: count,
    log_index: count,
  }),
);
type EventRow = Awaited<ReturnType<typeof eventsQuery.run>>[number];

const feesQuery = loadQuery(
  'event-fees',
  z.object({
    fee_type: z.enum(FEE_EVENT_TYPES),
    order_key: text,
    collateral_price_min: integer,
    position_fee_raw: integer,
    borrow_fee_raw: integer,
    funding_fee_raw: integer,
    liquidation_fee_raw: integer,
    total_cost_raw: integer,
    transaction_hash: text,
    block_number: count,
    log_index: count,
  }),
);
type FeeRow = Awaited<ReturnType<typeof feesQuery.run>>[number];

/** What the event that led to a state settled; null where the store does not hold that event. */
export type SettlementOfState = (row: PositionStateRow) => Settlement | null;

/** Reads what the events among some samples settled: their own facts, and the fees of their orders. */
export async function readSettlements(
  reader: Reader,
  ref: PositionRef,
  rules: VenueRules,
  samples: readonly MarginSample[],
): Promise<SettlementOfState> {
  const blocks = samples.flatMap((sample) => (sample.event === null ? [] : [sample.block]));
  if (blocks.length === 0) return () => null;
  const scope = { chainId: ref.source.chainId, venue: ref.venue, blocks };
  const events = await eventsQuery.run(reader, { ...scope, positionKey: ref.positionKey });
  const orderKeys = [...new Set(events.map((event) => event.order_key))];
  const fees = await feesQuery.run(reader, { ...scope, orderKeys });
  const feesOf = feesByEvent(events, fees);
  const settlements = new Map(
    events.map((event) => [placeOf(event), settled(rules, event, feesOf.get(event) ?? [])]),
  );
  return (row) => settlements.get(placeOf(row)) ?? null;
}

function placeOf(row: {
  readonly block_number: number;
  readonly log_index: number;
  readonly sub_index: number;
}): string {
  return `${row.block_number}:${row.log_index}:${row.sub_index}`;
}

/**
 * Each fee belongs to one event of its order and transaction: the first at or after its log, else the
 * last before it. An order, or a key that serves as one, may act twice in a transaction (a flip).
 */
function feesByEvent(
  events: readonly EventRow[],
  fees: readonly FeeRow[],
): Map<EventRow, FeeRow[]> {
  const byEvent = new Map<EventRow, FeeRow[]>();
  for (const fee of fees) {
    const ofOrder = events.filter(
      (event) =>
        event.transaction_hash === fee.transaction_hash && event.order_key === fee.order_key,
    );
    const event = ofOrder.find(({ log_index }) => log_index >= fee.log_index) ?? ofOrder.at(-1);
    if (event) byEvent.set(event, [...(byEvent.get(event) ?? []), fee]);
  }
  return byEvent;
}

function settled(rules: VenueRules, event: EventRow, fees: readonly FeeRow[]): Settlement {
  return settlementOf(
    rules,
    {
      type: event.event_type,
      realizedPnlUsd: event.realized_pnl_usd,
      priceImpactUsd: event.price_impact_usd,
      collateralPriceMin: event.collateral_price_min,
      details: event.details,
    },
    fees.map((fee) => ({
      type: fee.fee_type,
      collateralPriceMin: fee.collateral_price_min,
      positionFeeRaw: fee.position_fee_raw,
      borrowFeeRaw: fee.borrow_fee_raw,
      fundingFeeRaw: fee.funding_fee_raw,
      liquidationFeeRaw: fee.liquidation_fee_raw,
      totalCostRaw: fee.total_cost_raw,
    })),
  );
}

/** What attribution says at one sample; null where an input or a mixture of inputs cannot be judged. */
export interface SampleChanges {
  /** Since the sample before; null at the first. */
  readonly change: MarginChange | null;
  /** At a closing event: what it then did to the equity that the sample shows. */
  readonly closing: MarginChange | null;
}

interface Taken {
  readonly sample: MarginSample;
  readonly instant: JudgedInstant;
  readonly closing: MarginChange | null;
}

/** Attributes the changes between the samples of one position, handed over in chain order. */
export class ChangeWalk {
  readonly #rules: VenueRules;
  readonly #settlementOf: SettlementOfState;
  #parameters: Parameters = new Map();
  #before: Taken | null = null;

  /** `settlementOf` must know every event among the samples. */
  constructor(rules: VenueRules, settlement: SettlementOfState) {
    this.#rules = rules;
    this.#settlementOf = settlement;
  }

  /** @param judged null where the sample cannot be judged: the changes to and from it are unknown. */
  step(sample: MarginSample, judged: JudgedInstant | null): SampleChanges {
    const before = this.#before;
    if (judged === null) {
      this.#before = null;
      return { change: null, closing: null };
    }
    const instant = { ...judged, input: { ...judged.input, parameters: this.#keep(judged) } };
    const closing = this.#closingOf(sample, instant);
    this.#before = { sample, instant, closing };
    const change = before === null ? null : this.#changeBetween(before, this.#before);
    return { change, closing };
  }

  /** The timeline's map is only good until its next block: a copy, the same one while nothing changes. */
  #keep({ input }: JudgedInstant): Parameters {
    if (!sameParameters(input.parameters, this.#parameters)) {
      this.#parameters = new Map(input.parameters);
    }
    return this.#parameters;
  }

  #closingOf({ event }: MarginSample, { assessment }: JudgedInstant): MarginChange | null {
    if (event === null || event.status === 'OPEN') return null;
    const settlement = this.#settlementOf(event);
    return settlement && attributeEvent(assessment, null, settlement);
  }

  #changeBetween(from: Taken, to: Taken): MarginChange | null {
    const opening = to.sample.event?.status === 'OPEN' ? to.sample.event : null;
    const settlement = opening && this.#settlementOf(opening);
    if (from.sample.event !== null && from.sample.event.status !== 'OPEN') {
      if (from.closing === null || settlement === null) return null;
      return addChanges(from.closing, attributeEvent(null, to.instant.assessment, settlement));
    }
    const isSameLife = from.sample.state.life === to.sample.state.life;
    const isExplained =
      opening === null ? from.sample.state === to.sample.state : settlement !== null;
    if (!isSameLife || !isExplained) return null;
    try {
      return attributeChange(this.#rules, from.instant, to.instant, settlement);
    } catch (error) {
      if (!(error instanceof CorruptDataError)) throw error;
      return null;
    }
  }
}

/**
 * The changes between the kept ones of a series: each is the sum over what lies between, so that the
 * parts still make up the difference of the equities shown. null for the first, and for a sum with an
 * unknown part.
 */
export function sumBetweenKept(
  changes: readonly { readonly change: MarginChange | null; readonly isKept: boolean }[],
): (MarginChange | null)[] {
  const sums: (MarginChange | null)[] = [];
  let sum: MarginChange | null = null; // there is nothing to compare the first with
  for (const { change, isKept } of changes) {
    sum = sum === null || change === null ? null : addChanges(sum, change);
    if (!isKept) continue;
    sums.push(sums.length === 0 ? null : sum);
    sum = NO_CHANGE;
  }
  return sums;
}

/** A change in the words of the API. */
export function toMarginChange(change: MarginChange | null): MarginChangeAnswer | null {
  if (change === null) return null;
  return {
    totalUsd: usdText(change.totalUsd),
    priceUsd: usdText(change.priceUsd),
    fundingUsd: usdText(change.fundingUsd),
    borrowingUsd: usdText(change.borrowingUsd),
    feeUsd: usdText(change.feeUsd),
    ownerUsd: usdText(change.ownerUsd),
    parameterUsd: usdText(change.parameterUsd),
  };
}
