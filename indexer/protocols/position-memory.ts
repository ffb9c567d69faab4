import type { PositionEvent } from '../../schema/events/position.ts';

/** The last known state of a position, open or closed. Units as in `PositionEvent`. */
export type KnownPosition = Pick<
  PositionEvent,
  | 'venue'
  | 'positionKey'
  | 'account'
  | 'market'
  | 'collateralToken'
  | 'isLong'
  | 'sizeUsd'
  | 'sizeBase'
  | 'collateralRaw'
> & {
  /**
   * The rules' fold state, where a run continues: for what an adapter must know of a position and no
   * column holds. It is opaque here: a reader checks what it takes out.
   */
  readonly state?: unknown;
};

/**
 * What a reader knows of its venue's positions, by key: for venues whose later logs name a position
 * by its key alone. It is a function of the position events so far, so a run that continues after a
 * restart knows what an unbroken one knows.
 */
export class PositionMemory {
  readonly #known = new Map<string, KnownPosition>();

  get(positionKey: string): KnownPosition | null {
    return this.#known.get(positionKey) ?? null;
  }

  restore(positions: readonly KnownPosition[]): void {
    for (const position of positions) this.note(position);
  }

  /** Call it with every position event that the reader makes, in order. */
  note(position: KnownPosition): void {
    const { venue, positionKey, account, market, collateralToken, isLong } = position;
    const { sizeUsd, sizeBase, collateralRaw } = position;
    this.#known.set(positionKey, {
      venue,
      positionKey,
      account,
      market,
      collateralToken,
      isLong,
      sizeUsd,
      sizeBase,
      collateralRaw,
    });
  }
}
