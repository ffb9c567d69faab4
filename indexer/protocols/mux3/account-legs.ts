import { type KnownPosition, PositionMemory, positionsOf } from '../position-memory.ts';
import { VENUE } from './facts.ts';

/**
 * Key of one market's position in one position account: position id and market id, 64 hex digits
 * each. The position id is the owner's address (20 bytes) and the account's index (12 bytes).
 */
export function positionKeyOf(positionId: string, marketId: string): string {
  return `0x${positionId.slice(2)}${marketId.slice(2)}`;
}

/** The position account of a position key. */
export function positionIdOf(positionKey: string): string {
  return positionKey.slice(0, 66);
}

/**
 * The open positions of every account. All markets of an account share its margin, so a change of
 * one is a change of the others. A function of the position events so far, like the memory itself.
 */
export class AccountLegs {
  readonly #memory = new PositionMemory();
  readonly #open = new Map<string, Set<string>>();

  restore(positions: readonly KnownPosition[]): void {
    for (const position of positionsOf(positions, VENUE)) this.note(position);
  }

  note(position: KnownPosition): void {
    this.#memory.note(position);
    const account = positionIdOf(position.positionKey);
    const open = this.#open.get(account) ?? new Set();
    if (position.sizeUsd > 0n) open.add(position.positionKey);
    else open.delete(position.positionKey);
    this.#open.set(account, open);
  }

  get(positionKey: string): KnownPosition | null {
    return this.#memory.get(positionKey);
  }

  /** Open positions of the account in the order of their keys: it must not depend on a restart. */
  openOf(positionId: string): readonly KnownPosition[] {
    const keys = [...(this.#open.get(positionId) ?? [])].sort();
    return keys.flatMap((key) => this.#memory.get(key) ?? []);
  }
}
