import { CorruptDataError } from '../../../schema/errors.ts';
import type { PositionEvent } from '../../../schema/events/position.ts';

/**
 * A position as the market's contract stores it (contracts/interfaces/IPerpsV2MarketBaseTypes.sol),
 * 18-digit fixed point. The adapter reads it back when a run continues
 * (indexer/protocols/synthetix-v2/last-positions.ts).
 */
export interface SynthetixV2Position {
  readonly positionKey: string;
  readonly account: string;
  readonly market: string;
  /** Signed: a short is negative. 0 = closed. */
  readonly size: bigint;
  /** Profit, funding and fees up to the last change are in it. */
  readonly margin: bigint;
  /** Price that profit counts from: of the last change, a trade or not. */
  readonly lastPrice: bigint;
  readonly fundingIndex: bigint;
  /** Entry of the market's funding sequence at `fundingIndex`; null: it was not seen. */
  readonly fundingEntry: bigint | null;
}

/** The empty state before the first event seen of a life; every event brings the whole state. */
export function initialPosition({ positionKey, account, market }: PositionEvent) {
  return { positionKey, account, market, ...CLOSED };
}

const CLOSED = { size: 0n, margin: 0n, lastPrice: 0n, fundingIndex: 0n, fundingEntry: null };

/** @throws CorruptDataError when an event of an open position lacks its price or funding index. */
export function evolvePosition(
  state: SynthetixV2Position,
  event: PositionEvent,
): SynthetixV2Position {
  const { sizeBase, isLong, collateralRaw } = event;
  if (sizeBase === 0n) return { ...state, ...CLOSED };
  return {
    ...state,
    size: isLong ? sizeBase : -sizeBase,
    margin: collateralRaw / 10n ** 12n, // exact: the adapter multiplied
    lastPrice: required(event, 'lastPrice'),
    fundingIndex: required(event, 'fundingIndex'),
    fundingEntry: integer(event, 'fundingEntry'),
  };
}

function integer(event: PositionEvent, name: string): bigint | null {
  const value = event.details[name];
  return typeof value === 'string' ? BigInt(value) : null;
}

function required(event: PositionEvent, name: string): bigint {
  const value = integer(event, name);
  if (value !== null) return value;
  throw new CorruptDataError('A position event lacks a value that its log must have.', {
    facts: { position: event.positionKey, value: name, block: event.blockNumber },
    remedy: 'Rebuild the domain events from the stored logs.',
  });
}
