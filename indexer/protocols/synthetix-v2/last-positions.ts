import { z } from 'zod';
import type { Details } from '../../../schema/events/place.ts';
import type { PositionEvent } from '../../../schema/events/position.ts';
import { type KnownPosition, positionsOf } from '../position-memory.ts';
import { amountOf, magnitude, multiplyDecimal, valueUsd } from './amounts.ts';
import { VENUE } from './contracts.ts';

/** A position as the market's contract stores it: 18-digit fixed point, size signed. */
export interface StoredPosition {
  readonly size: bigint;
  readonly margin: bigint;
  readonly lastPrice: bigint;
  readonly fundingIndex: bigint;
  /** Entry of the funding sequence at `fundingIndex`; null: not seen. */
  readonly fundingEntry: bigint | null;
}

/**
 * Open positions as last seen. The contracts fold profit and funding into the margin at every change
 * and emit the outcome alone: what was realized is told from the position before. It is a function
 * of the position events, so that a continued run knows what an unbroken one knows.
 */
export class LastPositions {
  readonly #open = new Map<string, StoredPosition>();

  /** Null where no event of it was seen, or the one seen leaves another size than the log starts from. */
  get(positionKey: string, size: bigint): StoredPosition | null {
    const position = this.#open.get(positionKey);
    return position?.size === size ? position : null;
  }

  /** From the fold states of the venue's margin rules (margin/rules/synthetix-v2/position-state.ts). */
  restore(positions: readonly KnownPosition[]): void {
    for (const { positionKey, state } of positionsOf(positions, VENUE)) {
      const parsed = foldState.safeParse(state);
      if (parsed.success && parsed.data.size !== 0n) this.#open.set(positionKey, parsed.data);
    }
  }

  /** Call it with every position event that the reader makes, in order. */
  note({ positionKey, isLong, sizeBase, collateralRaw, details }: PositionEvent): void {
    if (sizeBase === 0n) {
      this.#open.delete(positionKey);
      return;
    }
    this.#open.set(positionKey, {
      size: isLong ? sizeBase : -sizeBase,
      margin: amountOf(collateralRaw),
      lastPrice: integer(details, 'lastPrice') ?? 0n,
      fundingIndex: integer(details, 'fundingIndex') ?? 0n,
      fundingEntry: integer(details, 'fundingEntry'),
    });
  }
}

const foldState = z.object({
  size: z.bigint(),
  margin: z.bigint(),
  lastPrice: z.bigint(),
  fundingIndex: z.bigint(),
  fundingEntry: z.bigint().nullable(),
});

function integer(details: Details, name: string): bigint | null {
  const value = details[name];
  return typeof value === 'string' ? BigInt(value) : null;
}

/** Its notional, USD 1e30: at the price of its last change, which the next one rebases. */
export function notionalOf({ size, lastPrice }: StoredPosition): bigint {
  return valueUsd(magnitude(size), lastPrice);
}

/** PerpsV2MarketBase._profitLoss: of the whole position, without funding. */
export function profitLoss(position: StoredPosition, price: bigint): bigint {
  return multiplyDecimal(position.size, price - position.lastPrice);
}

/**
 * PerpsV2MarketBase._accruedFunding up to a recorded entry; negative: the position paid. Null where
 * one of the two entries was not seen.
 */
export function accruedFunding(position: StoredPosition, entry: bigint | null): bigint | null {
  if (position.fundingIndex === 0n) return 0n;
  if (entry === null || position.fundingEntry === null) return null;
  return multiplyDecimal(position.size, entry - position.fundingEntry);
}
