import { z } from 'zod';
import { feedKey } from '../../margin/inputs.ts';
import { type CellWidth, PriceLattice } from '../../margin/price-lattice.ts';
import { notionalUsd, pricePerWhole } from '../../schema/units.ts';
import type {
  HeatmapCell,
  HeatmapColumn,
  HeatmapLayer,
  HeatmapRow,
  LiquidationHeatmap,
  MassMeasure,
} from './answers.ts';
import { readCoverage } from './coverage.ts';
import {
  type ColumnEnd,
  planTimeGrid,
  readColumnEnds,
  readPriceBars,
  type TimeGrid,
} from './heatmap-columns.ts';
import { toBucket } from './liquidation-map.ts';
import {
  cellMass,
  type Mass,
  type MassAt,
  type MassFilter,
  massAtInstants,
  parseCellKey,
  readOpenPositions,
  unknownCaveats,
} from './liquidation-mass.ts';
import { usdText } from './margin-point.ts';
import { marketSymbol } from './market-names.ts';
import { type IndexToken, idOfMarket, type MarketRef, pricedIndexToken } from './market-ref.ts';
import { readMarketTimeline } from './market-timeline.ts';
import { judgedWith } from './parameter-values.ts';
import { isoTime, makeProvenance } from './provenance.ts';
import { type BlockRef, resolveBlock, type Snapshot } from './source-directory.ts';
import { count, flag, integer, loadQuery, type Reader } from './stored-query.ts';

const METHOD = 'liquidation-heatmap';
const REALIZED_NOTE =
  'REALIZED is the notional closed by liquidations, at the index price that triggered each.';

const realizedQuery = loadQuery(
  'realized-liquidations',
  z.object({
    is_long: flag,
    size_delta_base: integer,
    trigger_price: integer,
    block_timestamp: count,
  }),
);

export interface LiquidationHeatmapRequest {
  readonly market: MarketRef;
  /** Half-open, unix seconds. Default: from the first price of the market to the as-of block. */
  readonly from?: number | null | undefined;
  readonly to?: number | null | undefined;
  readonly stepSeconds?: number | null | undefined;
  readonly columns?: number | null | undefined;
  readonly cells?: CellWidth | null | undefined;
  readonly layers?: readonly HeatmapLayer[] | null | undefined;
  readonly measure?: MassMeasure | null | undefined;
  readonly filter?: MassFilter | null | undefined;
  readonly atBlock?: number | null | undefined;
}

/**
 * Liquidations over time × price (analytics C4): PROSPECTIVE mass at each column's last block (equal
 * to `liquidationMap` at that block), and REALIZED liquidations inside each column.
 */
export async function liquidationHeatmap(
  snapshot: Snapshot,
  request: LiquidationHeatmapRequest,
): Promise<LiquidationHeatmap> {
  const { reader } = snapshot;
  const { market: ref } = request;
  const options = toOptions(request);
  const asOf = await resolveBlock(reader, ref.source, request.atBlock);
  const newest = await readMarketTimeline(reader, { ...ref, blocks: [asOf.block] });
  const token = pricedIndexToken(ref, newest.indexToken);
  const [index] = newest.feeds;
  const feed = {
    key: index ? feedKey(index.venue, index.token) : '',
    decimals: index ? newest.decimalsOf(index) : null,
  };
  const grid = await planTimeGrid(reader, { ...request, feed: feed.key, asOf });
  const ends = await readColumnEnds(reader, ref, grid, asOf);
  const lattice = new PriceLattice(options.cellWidth);
  const [bars, masses, realized, coverage] = await Promise.all([
    readPriceBars(reader, {
      market: ref,
      feed: feed.key,
      decimals: feed.decimals,
      grid,
      toBlock: asOf.block,
    }),
    options.layers.includes('PROSPECTIVE')
      ? readMasses(reader, { ref, ends, lattice, ...options, indexToken: token })
      : new Map<number, MassAt>(),
    options.layers.includes('REALIZED')
      ? readRealized(reader, { ref, grid, asOf, lattice, ...options, indexToken: token })
      : new Map<number, Map<string, Mass>>(),
    readCoverage(reader, ref.source, ref, asOf.block),
  ]);
  const layered = [
    ...toLayer('PROSPECTIVE', ends, (end) => masses.get(end.block?.block ?? -1)?.cells),
    ...toLayer('REALIZED', ends, (end) => realized.get(end.column)),
  ];
  const judged = judgedWith([...masses.values()].some((mass) => mass.readPublishedParameters));
  const rows = toRows(layered, lattice);
  const rowOf = new Map(rows.map((row) => [row.k, row.row]));
  return {
    provenance: makeProvenance({
      source: ref.source,
      query: METHOD,
      parameters: { market: idOfMarket(ref), ...grid, ...options },
      asOf,
      fromBlock: ends.find((end) => end.block)?.block?.block ?? ref.source.firstBlock,
      basis: judged.basis,
      method: METHOD,
      version: `1+${newest.rules.method}${judged.suffix}`,
      coverage,
      caveats: [REALIZED_NOTE, ...judged.caveats, ...unknownCaveats(sumUnknown(masses.values()))],
    }),
    marketId: idOfMarket(ref),
    marketSymbol: marketSymbol(ref.source, ref.venue, ref.market, token.address),
    measure: options.measure,
    cellWidth: options.cellWidth,
    layers: options.layers,
    rows,
    columns: ends.map((end, index) => toColumn(end, bars[index], masses)),
    cells: layered.map(({ k, ...cell }) => ({ row: rowOf.get(k) ?? 0, ...cell })),
    realizedTotal: toBucket(total(realized.values())),
  };
}

function toOptions(request: LiquidationHeatmapRequest) {
  const layers: HeatmapLayer[] = ['REALIZED', 'PROSPECTIVE'];
  const filter: MassFilter = request.filter ?? {};
  return {
    measure: request.measure ?? ('NOTIONAL_AT_LIQUIDATION' as const),
    cellWidth: request.cells ?? ('BPS_25' as const),
    layers: layers.filter((layer) => request.layers?.includes(layer) ?? true),
    filter,
  };
}

async function readMasses(
  reader: Reader,
  request: {
    readonly ref: MarketRef;
    readonly ends: readonly ColumnEnd[];
    readonly lattice: PriceLattice;
    readonly measure: MassMeasure;
    readonly filter: MassFilter;
    readonly indexToken: IndexToken;
  },
): Promise<Map<number, MassAt>> {
  const { ref, ends, filter } = request;
  // Several columns may end at one block: it is judged once.
  const instants = new Map(ends.flatMap(({ block }) => (block ? [[block.block, block]] : [])));
  const blocks = [...instants.keys()].sort((a, b) => a - b);
  const [fromBlock, toBlock] = [blocks[0], blocks.at(-1)];
  if (fromBlock === undefined || toBlock === undefined) return new Map();
  const [timeline, positions] = await Promise.all([
    readMarketTimeline(reader, { ...ref, blocks }),
    readOpenPositions(reader, { ...ref, fromBlock, toBlock, filter }),
  ]);
  const masses = await massAtInstants(
    { ...request, timeline, positions },
    blocks.flatMap((block) => instants.get(block) ?? []),
  );
  return new Map(masses.map((mass) => [mass.block, mass]));
}

async function readRealized(
  reader: Reader,
  request: {
    readonly ref: MarketRef;
    readonly grid: TimeGrid;
    readonly asOf: BlockRef;
    readonly lattice: PriceLattice;
    readonly filter: MassFilter;
    readonly indexToken: IndexToken;
  },
): Promise<Map<number, Map<string, Mass>>> {
  const { ref, grid, filter, lattice, indexToken } = request;
  const rows = await realizedQuery.run(reader, {
    chainId: ref.source.chainId,
    venue: ref.venue,
    market: ref.market,
    toBlock: request.asOf.block,
    fromTime: grid.from,
    toTime: grid.to,
    side: filter.side ?? '',
    account: filter.account?.toLowerCase() ?? '',
    collateralToken: filter.collateralToken?.toLowerCase() ?? '',
    minSizeUsd: (filter.minSizeUsd ?? 0n).toString(),
  });
  const columns = new Map<number, Map<string, Mass>>();
  for (const row of rows) {
    const column = Math.floor((row.block_timestamp - grid.from) / grid.stepSeconds);
    const cells = columns.get(column) ?? new Map<string, Mass>();
    columns.set(column, cells);
    const k = lattice.cellOf(pricePerWhole(row.trigger_price, indexToken.priceDecimals));
    const mass = cellMass(cells, `${row.is_long ? 'LONG' : 'SHORT'}:${k ?? 0}`);
    const closedBase = row.size_delta_base < 0n ? -row.size_delta_base : row.size_delta_base;
    const { decimals, priceDecimals } = indexToken;
    mass.valueUsd += notionalUsd(closedBase, decimals, row.trigger_price, priceDecimals);
    mass.count += 1;
  }
  return columns;
}

type LatticeCell = Omit<HeatmapCell, 'row'> & { readonly k: number };

function toLayer(
  layer: HeatmapLayer,
  ends: readonly ColumnEnd[],
  cellsOf: (end: ColumnEnd) => ReadonlyMap<string, Mass> | undefined,
): LatticeCell[] {
  return ends.flatMap((end) =>
    [...(cellsOf(end) ?? [])]
      .map(([key, mass]) => ({
        ...parseCellKey(key),
        column: end.column,
        layer,
        valueUsd: usdText(mass.valueUsd),
        count: mass.count,
      }))
      .sort((a, b) => a.k - b.k || (a.side < b.side ? -1 : 1)),
  );
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
  masses: ReadonlyMap<number, MassAt>,
): HeatmapColumn {
  const mass = end.block ? masses.get(end.block.block) : undefined;
  return {
    column: end.column,
    fromTime: isoTime(end.fromTime),
    toTime: isoTime(end.toTime),
    blockNumber: end.block?.block ?? null,
    openPriceUsd: bar?.openPriceUsd ?? null,
    highPriceUsd: bar?.highPriceUsd ?? null,
    lowPriceUsd: bar?.lowPriceUsd ?? null,
    closePriceUsd: bar?.closePriceUsd ?? null,
    unplaced: toBucket(mass?.unplaced),
  };
}

function sumUnknown(masses: Iterable<MassAt>): Map<string, number> {
  const sum = new Map<string, number>();
  for (const { unknown } of masses) {
    for (const [reason, times] of unknown) sum.set(reason, (sum.get(reason) ?? 0) + times);
  }
  return sum;
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
