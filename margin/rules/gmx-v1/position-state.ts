import { CorruptDataError } from '../../../schema/errors.ts';
import type { PositionEvent } from '../../../schema/events/position.ts';

/**
 * One life of a GMX V1 position, under the names of Vault.sol's Position. USD and prices 30 decimals
 * (price of one whole token), funding rates 6; collateral is USD, frozen at the price of its deposit.
 */
export interface GmxV1Position {
  readonly positionKey: string;
  readonly account: string;
  /** The market: the index token. */
  readonly indexToken: string;
  readonly collateralToken: string;
  readonly isLong: boolean;
  readonly size: bigint;
  readonly collateral: bigint;
  /** Entry price. */
  readonly averagePrice: bigint;
  readonly entryFundingRate: bigint;
  /** Collateral token base units that the pool sets aside for the position's profit. */
  readonly reserveAmount: bigint;
  /** Signed sum of this life. */
  readonly realisedPnl: bigint;
  /** Unix seconds; 0 where no increase of this life was seen. */
  readonly lastIncreasedTime: number;
}

/** The empty state before `event`, the first event seen of a life; `evolvePosition` applies it. */
export function initialPosition(event: PositionEvent): GmxV1Position {
  return {
    positionKey: event.positionKey,
    account: event.account,
    indexToken: event.market,
    collateralToken: event.collateralToken,
    isLong: event.isLong,
    size: 0n,
    collateral: 0n,
    averagePrice: 0n,
    entryFundingRate: 0n,
    reserveAmount: 0n,
    realisedPnl: 0n,
    lastIncreasedTime: 0,
  };
}

/**
 * State after one more event: the Vault logs the whole position. @throws CorruptDataError when an event
 * that leaves the position open lacks a stored value.
 */
export function evolvePosition(state: GmxV1Position, event: PositionEvent): GmxV1Position {
  if (event.sizeUsd === 0n) {
    // What was stored is kept for who asks how the life ended; the Vault deletes it.
    return { ...state, size: 0n, collateral: 0n, reserveAmount: 0n };
  }
  return {
    ...state,
    size: event.sizeUsd,
    collateral: event.collateralRaw,
    averagePrice: stored(event, 'averagePrice'),
    entryFundingRate: stored(event, 'entryFundingRate'),
    reserveAmount: stored(event, 'reserveAmount'),
    realisedPnl: stored(event, 'realisedPnl'),
    lastIncreasedTime: increases(event) ? event.blockTimestamp : state.lastIncreasedTime,
  };
}

function increases({ type }: PositionEvent): boolean {
  return type === 'PositionOpened' || type === 'PositionIncreased' || type === 'MarginAdded';
}

function stored(event: PositionEvent, name: string): bigint {
  const text = event.details[name];
  if (typeof text === 'string' && /^-?\d+$/.test(text)) return BigInt(text);
  throw new CorruptDataError('An event lacks a value that the margin rules need.', {
    facts: { event: event.type, missing: name, block: event.blockNumber, logIndex: event.logIndex },
    remedy: 'Check that the adapter knows this version of the Vault, then rebuild.',
  });
}
