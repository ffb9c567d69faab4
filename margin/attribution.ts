import type { FeeEvent, PositionEvent } from '../schema/events/position.ts';
import type { MarginAssessment } from './assessment.ts';
import type { Parameters, Prices } from './inputs.ts';
import type { AssessmentInput, VenueRules } from './venue-rules.ts';

/**
 * Why the equity of a position changed from one instant to the next. USD 1e30, signed: + raised the
 * equity. The six parts sum to `totalUsd` to the last unit.
 *
 * The inputs of the judgement are changed one kind at a time, always in this order, and each step is
 * the exact difference of two judgements by the venue's own rules:
 *
 * 1. prices → `priceUsd`;
 * 2. market state and time → `fundingUsd`, `borrowingUsd`; what else the costs changed by (a closing
 *    fee's other tier, rounding) → `feeUsd`; a cap on profit, or an impact, that the market's state
 *    changed → `priceUsd`;
 * 3. parameters → `parameterUsd`, with what the new values do to costs that are still accruing;
 * 4. the position's own event, see `attributeEvent`.
 *
 * Such a split depends on its order: a part is what its input changed while the inputs after it were
 * still those of before. Parts of neighbouring intervals may be summed.
 */
export interface MarginChange {
  readonly totalUsd: bigint;
  /** Mark, impact, spread, collateral price, and what an execution realized against the mark. */
  readonly priceUsd: bigint;
  readonly fundingUsd: bigint;
  readonly borrowingUsd: bigint;
  /** Fees and penalties taken, and the change of those of closing that the equity counts. */
  readonly feeUsd: bigint;
  /** Put in (+), taken out or paid out (−); what an insolvent close leaves unpaid is + too. */
  readonly ownerUsd: bigint;
  readonly parameterUsd: bigint;
}

export const NO_CHANGE: MarginChange = {
  totalUsd: 0n,
  priceUsd: 0n,
  fundingUsd: 0n,
  borrowingUsd: 0n,
  feeUsd: 0n,
  ownerUsd: 0n,
  parameterUsd: 0n,
};

export function addChanges(a: MarginChange, b: MarginChange): MarginChange {
  return {
    totalUsd: a.totalUsd + b.totalUsd,
    priceUsd: a.priceUsd + b.priceUsd,
    fundingUsd: a.fundingUsd + b.fundingUsd,
    borrowingUsd: a.borrowingUsd + b.borrowingUsd,
    feeUsd: a.feeUsd + b.feeUsd,
    ownerUsd: a.ownerUsd + b.ownerUsd,
    parameterUsd: a.parameterUsd + b.parameterUsd,
  };
}

/** One judged instant: what was judged, and the judgement. */
export interface JudgedInstant<Position = unknown, Market = unknown> {
  /** The two maps must not change afterwards. Equal values are best the same object: it saves work. */
  readonly input: AssessmentInput<Position, Market>;
  readonly assessment: MarginAssessment;
}

/** What an event settled between a position and its venue, in the units of `PositionEvent`. */
export interface Settlement {
  /** Profit (+) and impact that the event turned into collateral or payout, USD. */
  readonly realizedUsd: bigint;
  /** What was really taken, + = paid by the trader; null where no log of the event tells it. */
  readonly costs: SettledCosts | null;
  /** What is left after it goes to the venue, as a penalty, and not back to the owner. */
  readonly isForfeited?: boolean;
}

export interface SettledCosts {
  readonly fundingUsd: bigint;
  readonly borrowingUsd: bigint;
  /** Position, liquidation and other fees. */
  readonly feeUsd: bigint;
}

type SettledEvent = Pick<
  PositionEvent,
  'type' | 'realizedPnlUsd' | 'priceImpactUsd' | 'collateralPriceMin' | 'details'
>;
type SettledFee = Pick<
  FeeEvent,
  | 'type'
  | 'collateralPriceMin'
  | 'positionFeeRaw'
  | 'borrowFeeRaw'
  | 'fundingFeeRaw'
  | 'liquidationFeeRaw'
  | 'totalCostRaw'
>;

/**
 * Reads the settlement off an event and the fee events of its order. An insolvent close that charges
 * nothing names what was due: that is then its cost, and what nobody paid comes back as the owner's.
 */
export function settlementOf(
  rules: Pick<VenueRules, 'settledImpactUsd' | 'liquidationRemainder'>,
  event: SettledEvent,
  fees: readonly SettledFee[],
): Settlement {
  const impact = rules.settledImpactUsd?.(event) ?? (shrinks(event) ? event.priceImpactUsd : 0n);
  const due = fees.some((fee) => fee.type === 'InsolventClosed')
    ? fees.filter((fee) => fee.type === 'FeesDue')
    : [];
  const owed = due.length > 0 ? due : fees.filter((fee) => fee.type === 'FeesCharged');
  return {
    realizedUsd: event.realizedPnlUsd + impact,
    costs: owed.length === 0 ? null : owed.map((fee) => costsOf(fee, event)).reduce(addCosts),
    isForfeited: event.type === 'PositionLiquidated' && rules.liquidationRemainder === 'VENUE',
  };
}

/** An increase's impact is in its entry price, or pending: the judgement after it has it. */
function shrinks({ type }: SettledEvent): boolean {
  return type === 'PositionDecreased' || type === 'PositionClosed' || type === 'PositionLiquidated';
}

function costsOf(fee: SettledFee, event: SettledEvent): SettledCosts {
  const { fundingFeeRaw, borrowFeeRaw, positionFeeRaw, liquidationFeeRaw } = fee;
  const named = fundingFeeRaw + borrowFeeRaw + positionFeeRaw + liquidationFeeRaw;
  const totalRaw = fee.totalCostRaw === 0n ? named : fee.totalCostRaw;
  const price = fee.collateralPriceMin === 0n ? event.collateralPriceMin : fee.collateralPriceMin;
  return {
    fundingUsd: fundingFeeRaw * price,
    borrowingUsd: borrowFeeRaw * price,
    feeUsd: (totalRaw - fundingFeeRaw - borrowFeeRaw) * price,
  };
}

function addCosts(a: SettledCosts, b: SettledCosts): SettledCosts {
  return {
    fundingUsd: a.fundingUsd + b.fundingUsd,
    borrowingUsd: a.borrowingUsd + b.borrowingUsd,
    feeUsd: a.feeUsd + b.feeUsd,
  };
}

/**
 * Splits the change from `before` to `after`, two instants of one life with at most one event of the
 * position between them. Judges at most three mixtures of their inputs, none that must equal a known one.
 * @param settlement of the event that made `after`'s position out of `before`'s; null without one
 * @throws CorruptDataError when a mixture cannot be judged: there is then no attribution.
 */
export function attributeChange<Position, Market>(
  rules: Pick<VenueRules<Position, Market>, 'assess'>,
  before: JudgedInstant<Position, Market>,
  after: JudgedInstant<Position, Market>,
  settlement: Settlement | null,
): MarginChange {
  const { position, market, parameters, timestamp, block } = before.input;
  const to = after.input;
  const hasEvent = settlement !== null;
  const at = { timestamp, ...(block === undefined ? {} : { block }) };
  const then = { timestamp: to.timestamp, ...(to.block === undefined ? {} : { block: to.block }) };

  const priced = samePrices(before.input.prices, to.prices)
    ? before.assessment
    : rules.assess({ position, market, parameters, prices: to.prices, ...at });
  // Without an event, and where it changes nothing further, the last mixture is `after` itself.
  const known = sameParameters(parameters, to.parameters);
  const accrued =
    known && !hasEvent
      ? after.assessment
      : rules.assess({ position, market: to.market, parameters, prices: to.prices, ...then });
  const governed = hasEvent && !known ? rules.assess({ ...to, position }) : null;
  const beforeEvent = hasEvent ? (governed ?? accrued) : after.assessment;

  const steps = [
    priceStep(before.assessment, priced),
    accrualStep(priced, accrued),
    parameterStep(accrued, beforeEvent),
    hasEvent ? attributeEvent(beforeEvent, after.assessment, settlement) : NO_CHANGE,
  ];
  return steps.reduce(addChanges);
}

function priceStep(from: MarginAssessment, to: MarginAssessment): MarginChange {
  const totalUsd = to.equityUsd - from.equityUsd;
  return { ...NO_CHANGE, totalUsd, priceUsd: totalUsd };
}

function parameterStep(from: MarginAssessment, to: MarginAssessment): MarginChange {
  const totalUsd = to.equityUsd - from.equityUsd;
  return { ...NO_CHANGE, totalUsd, parameterUsd: totalUsd };
}

function accrualStep(from: MarginAssessment, to: MarginAssessment): MarginChange {
  const totalUsd = to.equityUsd - from.equityUsd;
  const [were, are] = countedCosts(from, to);
  const fundingUsd = were.fundingUsd - are.fundingUsd;
  const borrowingUsd = were.borrowingUsd - are.borrowingUsd;
  const feeUsd = were.feeUsd - are.feeUsd;
  const priceUsd = totalUsd - fundingUsd - borrowingUsd - feeUsd;
  return { ...NO_CHANGE, totalUsd, priceUsd, fundingUsd, borrowingUsd, feeUsd };
}

/**
 * Splits what an event did to the equity; null = nothing was, or is, open.
 *
 * Costs: what was taken, less what the judgement before had counted already; so settling a funding or
 * borrowing fee is neutral, and only a difference (a discount, rounding) shows. Where no log tells the
 * costs, settling counts as neutral. Price: what was realized, against the profit and impact that it
 * takes out of the judgement. Owner: all the rest, which is what came in from or went out to the owner,
 * by the venue's own books. A liquidation is no other case: its penalty is a fee, and what is left goes
 * back to the owner (−), or is kept by the venue and counts as a fee (`isForfeited`), or was missing and is
 * borne by others (+).
 */
export function attributeEvent(
  before: MarginAssessment | null,
  after: MarginAssessment | null,
  { realizedUsd, costs, isForfeited = false }: Settlement,
): MarginChange {
  const totalUsd = (after?.equityUsd ?? 0n) - (before?.equityUsd ?? 0n);
  const [were, are] = countedCosts(before, after);
  const taken = costs ?? {
    fundingUsd: were.fundingUsd - are.fundingUsd,
    borrowingUsd: were.borrowingUsd - are.borrowingUsd,
    feeUsd: 0n,
  };
  const fundingUsd = were.fundingUsd - are.fundingUsd - taken.fundingUsd;
  const borrowingUsd = were.borrowingUsd - are.borrowingUsd - taken.borrowingUsd;
  const feesTaken = were.feeUsd - are.feeUsd - taken.feeUsd;
  const priceUsd = markResult(after) - markResult(before) + realizedUsd;
  const rest = totalUsd - fundingUsd - borrowingUsd - feesTaken - priceUsd;
  // What was missing (+) is borne by others in either case.
  const forfeited = isForfeited && rest < 0n ? rest : 0n;
  const feeUsd = feesTaken + forfeited;
  const ownerUsd = rest - forfeited;
  return { ...NO_CHANGE, totalUsd, priceUsd, fundingUsd, borrowingUsd, feeUsd, ownerUsd };
}

/** Profit and impact as the equity counts them. */
function markResult(assessment: MarginAssessment | null): bigint {
  return assessment === null ? 0n : assessment.unrealizedPnlUsd + assessment.priceImpactUsd;
}

/**
 * The costs that two equities subtract, by kind. Some venues hold costs against the requirement, not
 * the equity: `totalCostUsd` is then 0 and so is every kind, whatever fees the judgement names.
 */
function countedCosts(
  a: MarginAssessment | null,
  b: MarginAssessment | null,
): readonly [SettledCosts, SettledCosts] {
  const isCounted = (a?.totalCostUsd ?? 0n) !== 0n || (b?.totalCostUsd ?? 0n) !== 0n;
  return [costsIn(a, isCounted), costsIn(b, isCounted)];
}

function costsIn(assessment: MarginAssessment | null, isCounted: boolean): SettledCosts {
  if (assessment === null || !isCounted) return { fundingUsd: 0n, borrowingUsd: 0n, feeUsd: 0n };
  const { fundingUsd, borrowFeeUsd: borrowingUsd, totalCostUsd } = assessment;
  return { fundingUsd, borrowingUsd, feeUsd: totalCostUsd - fundingUsd - borrowingUsd };
}

function samePrices(a: Prices, b: Prices): boolean {
  if (a === b) return true;
  if (a.size !== b.size) return false;
  for (const [feed, price] of a) {
    const other = b.get(feed);
    if (other === undefined || other.min !== price.min || other.max !== price.max) return false;
  }
  return true;
}

/** Whether two sets of parameters say the same. */
export function sameParameters(a: Parameters, b: Parameters): boolean {
  if (a === b) return true;
  if (a.size !== b.size) return false;
  for (const [key, value] of a) if (b.get(key) !== value) return false;
  return true;
}
