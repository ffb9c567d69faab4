import { z } from 'zod';
import { BASE_CELLS, type CellWidth } from '../../margin/price-lattice.ts';
import type { Side } from './answers.ts';
import type { ColumnEnd } from './heatmap-columns.ts';
import type { LatticeCell, LevelLayers } from './liquidation-heatmap-layers.ts';
import {
  type LedgerScope,
  ledgerParameters,
  ledgerUsd,
  type Stretch,
  stretchesOf,
} from './liquidation-ledger.ts';
import type { HeatmapLayer } from './liquidation-map-answers.ts';
import { LEDGER_CAVEAT, ledgerUnknown, mayHaveReadPublished } from './liquidation-map-levels.ts';
import type { Mass } from './liquidation-mass.ts';
import { usdText } from './margin-point.ts';
import type { IndexToken } from './market-ref.ts';
import type { MarketTimeline } from './market-timeline.ts';
import { judgedWith } from './parameter-values.ts';
import { count, flag, loadQuery, type Reader, text } from './stored-query.ts';

const columnsQuery = loadQuery(
  'liquidation-ledger-columns',
  z.object({
    placed: text,
    is_long: flag,
    k: count,
    cause_asked: text,
    sign_asked: count,
    changes: z.array(z.tuple([z.number(), text, z.number()])),
  }),
);

export interface LedgerLayersRequest {
  readonly scope: LedgerScope;
  readonly ends: readonly ColumnEnd[];
  /** Last block before the first column; null: nothing is stored before it. */
  readonly openingBlock: number | null;
  readonly cellWidth: CellWidth;
  readonly layers: readonly HeatmapLayer[];
  readonly indexToken: IndexToken;
  /** Of the market at the end of the window. */
  readonly timeline: MarketTimeline;
}

/** What of the ledger is a layer of its own. MOVED has two, so that neither hides the other. */
const LAYER_OF: Readonly<Record<string, HeatmapLayer>> = {
  'CREATED 1': 'CREATED',
  'MOVED 1': 'MOVED_IN',
  'MOVED -1': 'MOVED_OUT',
  'CLOSED -1': 'CLOSED',
  'LIQUIDATED -1': 'LIQUIDATED',
  'DRIFT 1': 'DRIFT',
  'DRIFT -1': 'DRIFT',
};

/** Stretches of blocks between what stood before the first column and the ends of the columns. */
export function ledgerStretches(
  ends: readonly ColumnEnd[],
  openingBlock: number | null,
): Stretch[] {
  const blocks = ends.flatMap(({ block }) => (block ? [block.block] : []));
  return blocks.length === 0
    ? []
    : stretchesOf([...(openingBlock === null ? [] : [openingBlock]), ...blocks]);
}

/** PROSPECTIVE as running sums over the ledger, and what made it change in each column, by cause. */
export async function ledgerLayers(
  reader: Reader,
  request: LedgerLayersRequest,
): Promise<LevelLayers> {
  const { scope, ends, cellWidth, timeline } = request;
  const stretches = ledgerStretches(ends, request.openingBlock);
  const judged = judgedWith(mayHaveReadPublished(timeline, [scope.toBlock]));
  if (stretches.length === 0) return { ...judged, cells: [], unplaced: [] };
  const rows = await columnsQuery.run(reader, {
    ...ledgerParameters({ ...scope, toBlock: stretches.at(-1)?.end ?? scope.toBlock }),
    starts: stretches.map(({ start }) => start),
    width: BASE_CELLS[cellWidth],
    byCause: request.layers.some((layer) => layer !== 'PROSPECTIVE' && layer !== 'REALIZED'),
  });
  const books = new LedgerBooks(request, stretches);
  for (const row of rows) books.enter(row);
  return {
    ...judged,
    caveats: [LEDGER_CAVEAT, ...judged.caveats, ...ledgerUnknown(books.unknownLevels())],
    cells: books.cells(),
    unplaced: books.unplaced(),
  };
}

type LedgerRow = Awaited<ReturnType<typeof columnsQuery.run>>[number];

/** Changes of one cell by stretch, in the units of the ledger. */
class CellBook {
  readonly placement: string;
  readonly side: Side;
  readonly k: number;
  readonly #values: bigint[];
  readonly #counts: number[];

  constructor(row: Pick<LedgerRow, 'placed' | 'is_long' | 'k'>, stretches: number) {
    this.placement = row.placed;
    this.side = row.is_long ? 'LONG' : 'SHORT';
    this.k = row.k;
    this.#values = Array.from({ length: stretches }, () => 0n);
    this.#counts = Array.from({ length: stretches }, () => 0);
  }

  add(stretch: number, value: bigint, times: number): void {
    this.#values[stretch] = (this.#values[stretch] ?? 0n) + value;
    this.#counts[stretch] = (this.#counts[stretch] ?? 0) + times;
  }

  at(stretch: number): Mass {
    return { valueUsd: this.#values[stretch] ?? 0n, count: this.#counts[stretch] ?? 0 };
  }
}

class LedgerBooks {
  readonly #request: LedgerLayersRequest;
  readonly #stretches: readonly Stretch[];
  readonly #stretchOf: ReadonlyMap<number, number>;
  /** By layer (changes) and cell. PROSPECTIVE holds the changes of all causes. */
  readonly #books = new Map<HeatmapLayer, Map<string, CellBook>>();

  constructor(request: LedgerLayersRequest, stretches: readonly Stretch[]) {
    this.#request = request;
    this.#stretches = stretches;
    this.#stretchOf = new Map(stretches.map(({ start }, index) => [start, index]));
  }

  enter(row: LedgerRow): void {
    this.#add('PROSPECTIVE', row, 1);
    const layer = LAYER_OF[`${row.cause_asked} ${row.sign_asked}`];
    // A layer counts what came or went as such; only DRIFT is both.
    if (layer) this.#add(layer, row, layer === 'DRIFT' ? 1 : row.sign_asked);
  }

  #add(layer: HeatmapLayer, row: LedgerRow, sign: number): void {
    const books = this.#books.get(layer) ?? new Map<string, CellBook>();
    this.#books.set(layer, books);
    const key = `${row.placed}:${row.is_long}:${row.k}`;
    const book = books.get(key) ?? new CellBook(row, this.#stretches.length);
    books.set(key, book);
    for (const [start, sum, positions] of row.changes) {
      const stretch = this.#stretchOf.get(start) ?? 0;
      const value = BigInt(sum);
      book.add(stretch, sign < 0 ? -value : value, sign < 0 ? -positions : positions);
    }
  }

  #sorted(layer: HeatmapLayer): CellBook[] {
    return [...(this.#books.get(layer)?.values() ?? [])].sort(
      (a, b) => a.k - b.k || (a.side < b.side ? -1 : 1),
    );
  }

  cells(): LatticeCell[] {
    const order: HeatmapLayer[] = ['PROSPECTIVE', 'CREATED', 'MOVED_IN', 'MOVED_OUT', 'CLOSED'];
    return [...order, 'LIQUIDATED' as const, 'DRIFT' as const].flatMap((layer) =>
      this.#request.layers.includes(layer) ? this.#layer(layer) : [],
    );
  }

  #layer(layer: HeatmapLayer): LatticeCell[] {
    const byColumn = this.#request.ends.map((): LatticeCell[] => []);
    const columns = layer === 'PROSPECTIVE' ? this.#columnsAtEnd() : this.#columnsWithin();
    for (const book of this.#sorted(layer)) {
      if (book.placement === 'LEVEL') this.#place(book, { layer, columns, byColumn });
    }
    return byColumn.flat();
  }

  #place(
    book: CellBook,
    {
      layer,
      columns,
      byColumn,
    }: {
      readonly layer: HeatmapLayer;
      readonly columns: readonly (readonly number[])[];
      readonly byColumn: readonly LatticeCell[][];
    },
  ): void {
    const isStanding = layer === 'PROSPECTIVE';
    let mass: Mass = { valueUsd: 0n, count: 0 };
    let valueUsd = '0';
    for (const [stretch, ending] of columns.entries()) {
      const change = book.at(stretch);
      const isChange = change.valueUsd !== 0n || change.count !== 0;
      if (isStanding && isChange) {
        mass = { valueUsd: mass.valueUsd + change.valueUsd, count: mass.count + change.count };
      } else if (!isStanding) {
        mass = change;
      }
      // Text is the dear part: a cell that stands still keeps its own.
      if (isChange) valueUsd = usdText(this.#usd(book.placement, mass.valueUsd));
      if (mass.valueUsd === 0n && mass.count === 0) continue;
      for (const column of ending) {
        const { side, k } = book;
        byColumn[column]?.push({ side, k, column, layer, valueUsd, count: mass.count });
      }
    }
  }

  /** By stretch: columns that end with it (more than one where nothing was stored between). */
  #columnsAtEnd(): number[][] {
    return this.#stretches.map(({ end }) =>
      this.#request.ends.filter(({ block }) => block?.block === end).map(({ column }) => column),
    );
  }

  /** By stretch: the column that it lies in; none for what was before the first. */
  #columnsWithin(): number[][] {
    const { openingBlock } = this.#request;
    return this.#columnsAtEnd().map((columns, stretch) =>
      this.#stretches[stretch]?.end === openingBlock ? [] : columns.slice(0, 1),
    );
  }

  #usd(placement: string, value: bigint): bigint {
    const { scope, indexToken } = this.#request;
    return ledgerUsd(scope, indexToken, placement, value);
  }

  #standing(placement: string): Mass[] {
    const books = this.#sorted('PROSPECTIVE').filter((book) => book.placement === placement);
    const sum: Mass = { valueUsd: 0n, count: 0 };
    return this.#stretches.map((_, stretch) => {
      for (const book of books) {
        const change = book.at(stretch);
        sum.valueUsd += change.valueUsd;
        sum.count += change.count;
      }
      return { ...sum };
    });
  }

  unplaced(): (Mass | undefined)[] {
    const standing = this.#standing('NONE').map((mass) => ({
      ...mass,
      valueUsd: this.#usd('NONE', mass.valueUsd),
    }));
    const columns = this.#request.ends.map((): Mass | undefined => undefined);
    for (const [stretch, ending] of this.#columnsAtEnd().entries()) {
      for (const column of ending) columns[column] = standing[stretch];
    }
    return columns;
  }

  /** Over all columns. */
  unknownLevels(): number {
    const standing = this.#standing('UNKNOWN');
    return this.#columnsAtEnd().reduce(
      (sum, ending, stretch) => sum + ending.length * (standing[stretch]?.count ?? 0),
      0,
    );
  }
}
