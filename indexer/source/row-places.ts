import { CorruptDataError } from '../../schema/errors.ts';

/** More logs or transactions than any block has. */
const INDEXES_PER_BLOCK = 2 ** 21;

/**
 * Where rows are: (block, index) pairs of one range as ascending numbers, each once. A block alone
 * is its own place with index 0.
 */
export class RowPlaces {
  private readonly places: Float64Array;
  private readonly firstBlock: number;

  private constructor(firstBlock: number, places: Float64Array) {
    this.firstBlock = firstBlock;
    this.places = places;
  }

  /** @throws CorruptDataError when a row is there twice, or lies outside the blocks asked for. */
  static of(
    what: string,
    asked: { readonly fromBlock: number; readonly toBlock: number },
    blocks: readonly unknown[],
    indexes: readonly unknown[] | null,
  ): RowPlaces {
    const { fromBlock, toBlock } = asked;
    const places = new Float64Array(blocks.length);
    for (let row = 0; row < blocks.length; row++) {
      const block = Number(blocks[row] ?? Number.NaN);
      const index = indexes === null ? 0 : Number(indexes[row] ?? Number.NaN);
      if (!(block >= fromBlock && block <= toBlock)) {
        throw new CorruptDataError('HyperSync sent rows of blocks that were not asked for.', {
          facts: { row: what, asked: `${fromBlock} to ${toBlock}`, sent: String(blocks[row]) },
          remedy: 'Try another endpoint of this chain.',
        });
      }
      if (!(index >= 0 && index < INDEXES_PER_BLOCK)) {
        throw new CorruptDataError('HyperSync sent a row without a place in its block.', {
          facts: { row: what, block, index: String(indexes?.[row]) },
          remedy: 'Try another endpoint of this chain.',
        });
      }
      places[row] = (block - fromBlock) * INDEXES_PER_BLOCK + index;
    }
    places.sort();
    for (let row = 1; row < places.length; row++) {
      if (places[row] !== places[row - 1]) continue;
      const [block, index] = placeOf(places[row] ?? 0);
      throw new CorruptDataError('HyperSync sent a row twice.', {
        facts: { row: what, block: fromBlock + block, index },
        remedy: 'Try another endpoint of this chain.',
      });
    }
    return new RowPlaces(fromBlock, places);
  }

  get count(): number {
    return this.places.length;
  }

  /** First block above `block` that has a row; null when there is none. */
  firstBlockAbove(block: number): number | null {
    const place = this.places[this.from(block + 1)];
    return place === undefined ? null : this.firstBlock + placeOf(place)[0];
  }

  /** Number of rows up to a block, inclusive. */
  countTo(block: number): number {
    return this.from(block + 1);
  }

  /** The first block up to `lastBlock` where the two do not have the same rows; null when there is none. */
  firstDifference(other: RowPlaces, lastBlock: number): number | null {
    const count = Math.max(this.countTo(lastBlock), other.countTo(lastBlock));
    for (let row = 0; row < count; row++) {
      const [mine, theirs] = [this.places[row], other.places[row]];
      if (mine === theirs) continue;
      const place = Math.min(mine ?? Number.POSITIVE_INFINITY, theirs ?? Number.POSITIVE_INFINITY);
      return this.firstBlock + placeOf(place)[0];
    }
    return null;
  }

  /** Position of the first row at or above a block. */
  private from(block: number): number {
    const wanted = (block - this.firstBlock) * INDEXES_PER_BLOCK;
    let low = 0;
    let high = this.places.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.places[middle] ?? 0) < wanted) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function placeOf(place: number): readonly [block: number, index: number] {
  return [Math.floor(place / INDEXES_PER_BLOCK), place % INDEXES_PER_BLOCK];
}
