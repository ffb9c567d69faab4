import type { PositionEvent } from '../../../schema/events/position.ts';
import { type KnownPosition, PositionMemory, positionsOf } from '../position-memory.ts';
import type { GmxV1Token } from './data/mainnet-tokens.ts';
import { VENUE } from './deployments.ts';

/**
 * What the Vault's closing logs leave out: the collateral before a close, and the entry price of a
 * liquidated position. Both stand in the position's earlier logs.
 */
export class PositionBook {
  readonly #memory = new PositionMemory();
  readonly #averagePrices = new Map<string, bigint>();
  readonly #decimals: ReadonlyMap<string, number>;

  constructor(tokens: readonly GmxV1Token[]) {
    this.#decimals = new Map(tokens.map((token) => [token.address, token.decimals]));
  }

  restore(positions: readonly KnownPosition[]): void {
    this.#memory.restore(positions, VENUE);
    for (const { positionKey, state } of positionsOf(positions, VENUE)) {
      const averagePrice = averagePriceIn(state);
      if (averagePrice !== null) this.#averagePrices.set(positionKey, averagePrice);
    }
  }

  note(event: PositionEvent, averagePrice: bigint): PositionEvent {
    this.#memory.note(event);
    this.#averagePrices.set(event.positionKey, averagePrice);
    return event;
  }

  /** The open position under that key, if it was seen at just this size; else null. */
  openAt(positionKey: string, sizeUsd: bigint): (KnownPosition & { averagePrice: bigint }) | null {
    const known = this.#memory.get(positionKey);
    const averagePrice = this.#averagePrices.get(positionKey);
    if (!known || !averagePrice || known.sizeUsd !== sizeUsd) return null;
    return { ...known, averagePrice };
  }

  /**
   * Size in base units of the index: size ÷ entry price, rounded down. The Vault counts in USD only;
   * with the index token's decimals unknown it is 0.
   */
  baseUnits(indexToken: string, sizeUsd: bigint, averagePrice: bigint): bigint {
    const decimals = this.#decimals.get(indexToken);
    if (decimals === undefined || averagePrice === 0n) return 0n;
    return (sizeUsd * 10n ** BigInt(decimals)) / averagePrice;
  }
}

/** The entry price in a fold state of the rules, by its name there. */
function averagePriceIn(state: unknown): bigint | null {
  if (typeof state !== 'object' || state === null || !('averagePrice' in state)) return null;
  return typeof state.averagePrice === 'bigint' ? state.averagePrice : null;
}
