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

/** Those of one venue: other venues of the chain may use the same keys. */
export function positionsOf(
  positions: readonly KnownPosition[],
  venue: string,
): readonly KnownPosition[] {
  return positions.filter((position) => position.venue === venue);
}

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

  /** Takes the venue's own positions out of all that are known. */
  restore(positions: readonly KnownPosition[], venue: string): void {
    for (const position of positionsOf(positions, venue)) this.note(position);
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
