import type { PositionEvent } from '../../../schema/events/position.ts';
import { requiredInteger } from '../gmx-v2/event-details.ts';

/**
 * One life of a Level position (src/pool/PoolStorage.sol Position). USD 1e30; entry price USD 1e30 per
 * index base unit; borrow index 1e10.
 */
export interface LevelPosition {
  readonly positionKey: string;
  readonly account: string;
  readonly market: string;
  readonly collateralToken: string;
  readonly isLong: boolean;
  readonly size: bigint;
  /** Fixed at the collateral's price of the deposit, fees already taken out. */
  readonly collateralValue: bigint;
  readonly entryPrice: bigint;
  /** Of the collateral token, when the position last changed. */
  readonly borrowIndex: bigint;
}

/** The empty state before `event`, the first one seen of a life. */
export function initialPosition(event: PositionEvent): LevelPosition {
  const { positionKey, account, market, collateralToken, isLong } = event;
  return {
    positionKey,
    account,
    market,
    collateralToken,
    isLong,
    size: 0n,
    collateralValue: 0n,
    entryPrice: 0n,
    borrowIndex: 0n,
  };
}

/** @throws CorruptDataError when the event lacks the state behind it. */
export function evolvePosition(state: LevelPosition, event: PositionEvent): LevelPosition {
  return {
    ...state,
    size: event.sizeUsd,
    collateralValue: event.collateralRaw,
    entryPrice: requiredInteger(event, 'entryPrice'),
    borrowIndex: requiredInteger(event, 'entryInterestRate'),
  };
}
