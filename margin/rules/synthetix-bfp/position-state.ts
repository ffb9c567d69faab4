import type { PositionEvent } from '../../../schema/events/position.ts';
import { integerDetail, requiredInteger } from '../gmx-v2/event-details.ts';
import type { BfpMarket } from './market-state.ts';

/** One life of a BFP position (storage/Position.sol). 1e18; margin is in the market's state. */
export interface BfpPosition {
  readonly positionKey: string;
  readonly accountId: string;
  readonly market: string;
  /** + = long. */
  readonly size: bigint;
  readonly entryPrice: bigint;
  /** The market's accumulators at the last settlement; null: the market was not known then. */
  readonly entry: EntryAccumulators | null;
}

export interface EntryAccumulators {
  readonly funding: bigint;
  readonly fundingGaps: number;
  readonly utilization: bigint;
}

/** The empty state before `event`, the first one seen of a life. */
export function initialPosition(event: PositionEvent): BfpPosition {
  return {
    positionKey: event.positionKey,
    accountId: String(event.details['accountId'] ?? ''),
    market: event.market,
    size: 0n,
    entryPrice: 0n,
    entry: null,
  };
}

/**
 * An order settles the whole position and starts it anew at the fill price and at the market's
 * accumulators of that moment; a liquidation only makes it smaller.
 * @throws CorruptDataError when the event lacks its size.
 */
export function evolvePosition(
  state: BfpPosition,
  event: PositionEvent,
  market?: BfpMarket,
): BfpPosition {
  const size = requiredInteger(event, 'size');
  if (event.details['settlesAll'] !== true) return { ...state, size };
  const entry = market && {
    funding: market.fundingAccrued,
    fundingGaps: market.fundingGaps,
    utilization: market.utilizationAccrued,
  };
  const entryPrice = integerDetail(event, 'entryPrice') ?? 0n;
  return { ...state, size, entryPrice, entry: entry ?? null };
}
