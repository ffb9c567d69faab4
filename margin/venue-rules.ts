import type { MarketEvent } from '../schema/events/market.ts';
import type { ParameterChange } from '../schema/events/parameter.ts';
import type { PositionEvent } from '../schema/events/position.ts';
import type { MarginAssessment } from './assessment.ts';
import type { Feed, Parameters, Prices } from './inputs.ts';

export interface AssessmentInput<Position, Market> {
  readonly position: Position;
  readonly market: Market;
  readonly parameters: Parameters;
  readonly prices: Prices;
  /** Unix seconds up to which borrowing and funding accrue. */
  readonly timestamp: number;
  /** Block of that instant, for venues whose fees grow by block; without it they end where last stored. */
  readonly block?: number;
}

/** What was in force when a market event was logged: everything earlier in the chain's order. */
export interface FoldContext {
  /** Of the event's own venue. */
  readonly parameters: Parameters;
  readonly prices: Prices;
}

/**
 * What a venue's margin rules can do: folds of events into state, and the judgement of a position.
 * Pure: no I/O, no clock. States are plain objects whose only non-JSON values are bigints
 * (stored through `encodeState` / `decodeState` of margin/state-codec.ts).
 */
export interface VenueRules<Position = unknown, Market = unknown> {
  readonly venue: string;
  /** Method name and version that answers quote in their provenance. @example 'gmx-v2/1' */
  readonly method: string;
  /**
   * What collateral amounts count: base units of the collateral token, or USD 1e30 where the venue
   * books collateral in USD (GMX V1 and its descendants; margins in a USD stablecoin of its own).
   */
  readonly collateralUnit: 'TOKEN' | 'USD';
  /**
   * What the venue itself counts, against which our positions are proved: open interest per side, only
   * the skew (long minus short), or nothing in its logs.
   */
  readonly openInterestCounter: 'SIDES' | 'SKEW' | 'NONE';
  /** The empty state before `event`, the first one seen of a life: `evolvePosition` then applies it. */
  initialPosition(event: PositionEvent): Position;
  /**
   * `market` is the market's state with all market events of the event's transaction applied (undefined
   * while no event has named the market): some contracts start a position at accumulators of the market
   * that no position event carries.
   */
  evolvePosition(state: Position, event: PositionEvent, market?: Market): Position;
  initialMarket(market: string): Market;
  /**
   * `context` holds the parameters and prices in force just before the event: some contracts store
   * a value that no event carries (GMX V2: the saved funding factor), so the fold computes it.
   */
  evolveMarket(state: Market, event: MarketEvent, context: FoldContext): Market;
  /**
   * Who keeps what a liquidation leaves of the equity after its fees: the owner gets it back (left
   * out), or the venue keeps it.
   */
  readonly liquidationRemainder?: 'OWNER' | 'VENUE';
  /** Parameters this venue reads, as the projector hands them on. */
  parameterOf(change: ParameterChange): { readonly key: string; readonly value: bigint } | null;
  /**
   * Equity, requirement and the rest at one instant.
   * @throws CorruptDataError naming the price or parameter that is missing: unknown is never guessed.
   */
  assess(input: AssessmentInput<Position, Market>): MarginAssessment;
  /**
   * Whose parameters `assess` reads besides the market's own and the venue's: collateral tokens, pairs,
   * groups, as their ParameterChange names them under `market`. Left out: no others.
   */
  parameterScopes?(market: Market): readonly string[];
  /**
   * Seconds between two steps of what accrues by time alone; null while unknown. Without it: it accrues
   * by the second.
   */
  accrualSeconds?(parameters: Parameters): number | null;
  /**
   * Impact that an event turned into collateral or payout, USD 1e30, + = gained. Without it: the event's
   * `priceImpactUsd` where the size shrinks, else 0 (an increase's impact is in its entry price).
   */
  settledImpactUsd?(event: Pick<PositionEvent, 'type' | 'priceImpactUsd' | 'details'>): bigint;
  /**
   * What the contract would pay to whoever sends the transactions that flag and liquidate the position
   * then, USD 1e30. Left out: neither logs nor parameters tell.
   */
  senderPayUsd?(input: AssessmentInput<Position, Market>): bigint;
  /** The feeds whose prices `assess` needs for a position in this market, the index feed first. */
  feedsOf(market: Market): readonly Feed[];
}
