import type { PositionEvent } from '../../../schema/events/position.ts';
import { absolute, mulDiv } from '../../fixed-point.ts';
import { integerDetail, requiredInteger } from './event-details.ts';

/**
 * One life of a GMX V2 position, under the names of contracts/position/Position.sol. USD and factors
 * 1e30, collateral and size in base units of their tokens, times unix seconds.
 */
export interface GmxV2Position {
  readonly positionKey: string;
  readonly account: string;
  readonly market: string;
  readonly collateralToken: string;
  readonly isLong: boolean;
  readonly sizeInUsd: bigint;
  readonly sizeInTokens: bigint;
  readonly collateralAmount: bigint;
  /**
   * Price impact of increases that a decrease will settle, signed, index base units. No event holds
   * it: the fold adds it up. null where the life's beginning was not seen.
   */
  readonly pendingImpactAmount: bigint | null;
  readonly borrowingFactor: bigint;
  readonly fundingFeeAmountPerSize: bigint;
  readonly longTokenClaimableFundingAmountPerSize: bigint;
  readonly shortTokenClaimableFundingAmountPerSize: bigint;
  /** 0 = not in this life. */
  readonly increasedAtTime: number;
  readonly decreasedAtTime: number;
}

/** The empty state before `event`, the first event seen of a life; `evolvePosition` applies it. */
export function initialPosition(event: PositionEvent): GmxV2Position {
  return {
    positionKey: event.positionKey,
    account: event.account,
    market: event.market,
    collateralToken: event.collateralToken,
    isLong: event.isLong,
    sizeInUsd: 0n,
    sizeInTokens: 0n,
    collateralAmount: 0n,
    pendingImpactAmount: event.type === 'PositionOpened' ? 0n : null,
    borrowingFactor: 0n,
    fundingFeeAmountPerSize: 0n,
    longTokenClaimableFundingAmountPerSize: 0n,
    shortTokenClaimableFundingAmountPerSize: 0n,
    increasedAtTime: 0,
    decreasedAtTime: 0,
  };
}

/**
 * State after one more event. @throws CorruptDataError when the log lacks one of the accumulators
 * that every release of the contracts has written.
 */
export function evolvePosition(state: GmxV2Position, event: PositionEvent): GmxV2Position {
  const increases = isIncrease(event);
  return {
    ...state,
    sizeInUsd: event.sizeUsd,
    sizeInTokens: event.sizeBase,
    collateralAmount: event.collateralRaw,
    pendingImpactAmount: pendingImpactAfter(state, event, increases),
    borrowingFactor: requiredInteger(event, 'borrowingFactor'),
    fundingFeeAmountPerSize: requiredInteger(event, 'fundingFeeAmountPerSize'),
    longTokenClaimableFundingAmountPerSize: requiredInteger(
      event,
      'longTokenClaimableFundingAmountPerSize',
    ),
    shortTokenClaimableFundingAmountPerSize: requiredInteger(
      event,
      'shortTokenClaimableFundingAmountPerSize',
    ),
    increasedAtTime: increases ? changedAt(event, 'increasedAtTime') : state.increasedAtTime,
    decreasedAtTime: increases ? state.decreasedAtTime : changedAt(event, 'decreasedAtTime'),
  };
}

/** Logged as PositionIncrease. */
export function isIncrease(event: Pick<PositionEvent, 'type'>): boolean {
  switch (event.type) {
    case 'PositionOpened':
    case 'PositionIncreased':
    case 'MarginAdded':
      return true;
    case 'MarginRemoved':
    case 'PositionDecreased':
    case 'PositionClosed':
    case 'PositionLiquidated':
      return false;
  }
}

/** The log's own time; releases before it was written stored the block's. */
function changedAt(event: PositionEvent, name: string): number {
  return Number(integerDetail(event, name) ?? BigInt(event.blockTimestamp));
}

/**
 * Increases add their impact, decreases take out their share, rounded away from zero where it is
 * negative (IncreasePositionUtils, DecreasePositionCollateralUtils). Releases before v2.2 settled
 * impact at once and write no pending amount: it stays what it was.
 */
function pendingImpactAfter(
  state: GmxV2Position,
  event: PositionEvent,
  increases: boolean,
): bigint | null {
  const pending = state.pendingImpactAmount;
  if (event.sizeUsd === 0n) return 0n;
  if (pending === null) return null;
  if (increases) return pending + (integerDetail(event, 'pendingPriceImpactAmount') ?? 0n);
  const closed = absolute(event.sizeDeltaUsd);
  if (closed === 0n || state.sizeInUsd === 0n) return pending;
  return pending - mulDiv(pending, closed, state.sizeInUsd, pending < 0n ? 'up' : 'down');
}
