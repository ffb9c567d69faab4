import { feedKey } from '../../margin/inputs.ts';
import { type CellWidth, PriceLattice } from '../../margin/price-lattice.ts';
import { UsageError } from '../../schema/errors.ts';
import { MAX_HEATMAP_CELLS } from '../limits.ts';
import { readCoverage } from './coverage.ts';
import {
  type ColumnEnd,
  planTimeGrid,
  readColumnEnds,
  readPriceBars,
  type TimeGrid,
} from './heatmap-columns.ts';
import { judgedLayers } from './liquidation-heatmap-judged.ts';
import { type LatticeCell, type LevelLayers, toLayer } from './liquidation-heatmap-layers.ts';
import { ledgerLayers, ledgerStretches } from './liquidation-heatmap-ledger.ts';
import { readRealized } from './liquidation-heatmap-realized.ts';
import type { LedgerScope } from './liquidation-ledger.ts';
import { checkLedger } from './liquidation-ledger-check.ts';
import { toBucket } from './liquidation-map.ts';
import type {
  HeatmapColumn,
  HeatmapLayer,
  HeatmapRow,
  LevelSource,
  LiquidationHeatmap,
  MassMeasure,
} from './liquidation-map-answers.ts';
import { type AgedFilter, datedFilter } from './liquidation-map-filter.ts';
import { chooseLevels } from './liquidation-map-levels.ts';
import type { Mass } from './liquidation-mass.ts';
import { marketSymbol } from './market-names.ts';
import { type IndexToken, idOfMarket, type MarketRef, pricedIndexToken } from './market-ref.ts';
import { type MarketTimeline, readMarketTimeline } from './market-timeline.ts';
import { judgedWith } from './parameter-values.ts';
import { isoTime, makeProvenance } from './provenance.ts';
import { type BlockRef, blocksAtTimes, resolveBlock, type Snapshot } from './source-directory.ts';
import type { Reader } from './stored-query.ts';

const METHOD = 'liquidation-heatmap';
const REALIZED_NOTE =
  'REALIZED is the notional closed by liquidations, at the index price that triggered each.';

export interface LiquidationHeatmapRequest {
  readonly market: MarketRef;
  /** Half-open, unix seconds. Default: from the first price of the market to the as-of block. */
  readonly from?: number | null | undefined;
  readonly to?: number | null | undefined;
  readonly stepSeconds?: number | null | undefined;
  readonly columns?: number | null | undefined;
  readonly levels?: LevelSource | null | undefined;
  readonly cells?: CellWidth | null | undefined;
  readonly layers?: readonly HeatmapLayer[] | null | undefined;
  readonly measure?: MassMeasure | null | undefined;
  readonly filter?: AgedFilter | null | undefined;
  readonly atBlock?: number | null | undefined;
}

/**
 * Liquidations over time × price (analytics C4): PROSPECTIVE mass at each column's last block (equal
 * to `liquidationMap` at that block), what made it change, and REALIZED liquidations inside each column.
 * @throws UsageError on an empty window or too many columns, and what `chooseLevels` refuses.
 */
export async function liquidationHeatmap(
  snapshot: Snapshot,
  request: LiquidationHeatmapRequest,
): Promise<LiquidationHeatmap> {
  const { reader } = snapshot;
  const { market: ref } = request;
  const options = toOptions(request);
  const { measure, cellWidth, layers } = options;
  const asOf = await resolveBlock(reader, ref.source, request.atBlock);
  const filter = datedFilter(options.filter, asOf.timestamp);
  const newest = await readMarketTimeline(reader, { ...ref, blocks: [asOf.block] });
  const indexToken = pricedIndexToken(ref, newest.indexToken);
  const window = await planWindow(reader, { request, newest, asOf });
  const { grid, ends, bars } = window;
  const scope = { ref, filter, measure, toBlock: asOf.block };
  const blocks = ends.flatMap(({ block }) => (block ? [block.block] : []));
  const levels = await chooseLevels(reader, request.levels, {
    scope,
    layers,
    ends: [...new Set(blocks)],
  });
  const lattice = new PriceLattice(cellWidth);
  const context = { ...window, scope, levels, layers, cellWidth, lattice, indexToken, newest };
  const [standing, realized, coverage] = await Promise.all([
    readLevelLayers(reader, context),
    layers.includes('REALIZED')
      ? readRealized(reader, { ref, grid, toBlock: asOf.block, lattice, filter, indexToken })
      : new Map<number, Map<string, Mass>>(),
    readCoverage(reader, ref.source, ref, asOf.block),
  ]);
  const layered = [
    ...standing.cells,
    ...toLayer('REALIZED', ends, (end) => realized.get(end.column)),
  ];
  refuseTooMany(layered.length);
  const rows = toRows(layered, lattice);
  const rowOf = new Map(rows.map((row) => [row.k, row.row]));
  return {
    provenance: makeProvenance({
      source: ref.source,
      query: METHOD,
      parameters: { market: idOfMarket(ref), levels, ...grid, ...options },
      asOf,
      fromBlock: ends.find((end) => end.block)?.block?.block ?? ref.source.firstBlock,
      basis: standing.basis,
      method: METHOD,
      version: `2+${levels.toLowerCase()}+${newest.rules.method}${standing.suffix}`,
      coverage,
      caveats: [REALIZED_NOTE, ...standing.caveats],
    }),
    marketId: idOfMarket(ref),
    marketSymbol: marketSymbol(ref.source, ref.venue, ref.market, indexToken.address),
    levels,
    measure,
    cellWidth,
    layers,
    rows,
    columns: ends.map((end, at) => toColumn(end, bars[at], standing.unplaced[at])),
    cells: layered.map(({ k, ...cell }) => ({ row: rowOf.get(k) ?? 0, ...cell })),
    realizedTotal: toBucket(total(realized.values())),
    checkLedger:
      levels === 'LEDGER'
        ? () => {
            const stretches = ledgerStretches(ends, window.openingBlock);
            return checkLedger(reader, { scope, stretches, cellWidth, indexToken });
          }
        : null,
  };
}

function refuseTooMany(cells: number): void {
  if (cells > MAX_HEATMAP_CELLS) {
    throw new UsageError('That heatmap would have too many cells.', {
      facts: { cells, most: MAX_HEATMAP_CELLS },
      remedy: 'Ask for fewer layers or columns, or for wider cells.',
    });
  }
}

const LAYERS: readonly HeatmapLayer[] = [
  'REALIZED',
  'PROSPECTIVE',
  'CREATED',
  'MOVED_IN',
  'MOVED_OUT',
  'CLOSED',
  'LIQUIDATED',
  'DRIFT',
];
const DEFAULT_LAYERS: readonly HeatmapLayer[] = ['REALIZED', 'PROSPECTIVE'];

function toOptions(request: LiquidationHeatmapRequest) {
  const asked = request.layers ?? DEFAULT_LAYERS;
  return {
    measure: request.measure ?? ('NOTIONAL_AT_LIQUIDATION' as const),
    cellWidth: request.cells ?? ('BPS_25' as const),
    layers: LAYERS.filter((layer) => asked.includes(layer)),
    filter: request.filter ?? {},
  };
}

interface Window {
  readonly grid: TimeGrid;
  readonly ends: readonly ColumnEnd[];
  /** Last block before the first column. */
  readonly openingBlock: number | null;
}

/** The columns, what stood before them, and prices by column. */
async function planWindow(
  reader: Reader,
  plan: {
    readonly request: LiquidationHeatmapRequest;
    readonly newest: MarketTimeline;
    readonly asOf: BlockRef;
  },
) {
  const { request, newest, asOf } = plan;
  const { market } = request;
  const [index] = newest.feeds;
  const feed = index ? feedKey(index.venue, index.token) : '';
  const decimals = index ? newest.decimalsOf(index) : null;
  const grid = await planTimeGrid(reader, { ...request, feed, asOf });
  const before = Math.max(0, grid.from - 1);
  const [ends, opening, bars] = await Promise.all([
    readColumnEnds(reader, market, grid, asOf),
    blocksAtTimes(reader, market.source, [before], asOf.block),
    readPriceBars(reader, { market, feed, decimals, grid, toBlock: asOf.block }),
  ]);
  return { grid, ends, openingBlock: opening.get(before)?.block ?? null, bars };
}

async function readLevelLayers(
  reader: Reader,
  context: Window & {
    readonly scope: LedgerScope;
    readonly levels: LevelSource;
    readonly layers: readonly HeatmapLayer[];
    readonly cellWidth: CellWidth;
    readonly lattice: PriceLattice;
    readonly indexToken: IndexToken;
    readonly newest: MarketTimeline;
  },
): Promise<LevelLayers> {
  if (context.layers.every((layer) => layer === 'REALIZED')) {
    return { ...judgedWith(false), cells: [], unplaced: [] };
  }
  return context.levels === 'LEDGER'
    ? ledgerLayers(reader, { ...context, timeline: context.newest })
    : judgedLayers(reader, context);
}

function toRows(cells: readonly LatticeCell[], lattice: PriceLattice): HeatmapRow[] {
  const occupied = [...new Set(cells.map(({ k }) => k))].sort((a, b) => a - b);
  return occupied.map((k, row) => ({
    row,
    k,
    lowerPriceUsd: lattice.edgeText(k),
    upperPriceUsd: lattice.edgeText(k + 1),
  }));
}

function toColumn(
  end: ColumnEnd,
  bar: Awaited<ReturnType<typeof readPriceBars>>[number] | undefined,
  unplaced: Mass | undefined,
): HeatmapColumn {
  return {
    column: end.column,
    fromTime: isoTime(end.fromTime),
    toTime: isoTime(end.toTime),
    blockNumber: end.block?.block ?? null,
    openPriceUsd: bar?.openPriceUsd ?? null,
    highPriceUsd: bar?.highPriceUsd ?? null,
    lowPriceUsd: bar?.lowPriceUsd ?? null,
    closePriceUsd: bar?.closePriceUsd ?? null,
    unplaced: toBucket(unplaced),
  };
}

function total(columns: Iterable<ReadonlyMap<string, Mass>>): Mass {
  const sum = { valueUsd: 0n, count: 0 };
  for (const cells of columns) {
    for (const mass of cells.values()) {
      sum.valueUsd += mass.valueUsd;
      sum.count += mass.count;
    }
  }
  return sum;
}
