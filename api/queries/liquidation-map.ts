import { feedKey } from '../../margin/inputs.ts';
import { type CellWidth, PriceLattice } from '../../margin/price-lattice.ts';
import { UsageError } from '../../schema/errors.ts';
import { pricePerWhole, toNumber, USD_DECIMALS } from '../../schema/units.ts';
import type { CumulativePoint, LiquidationMap, MapCell, MassMeasure, Side } from './answers.ts';
import { readCoverage } from './coverage.ts';
import {
  type Mass,
  type MassFilter,
  massAtInstants,
  parseCellKey,
  readOpenPositions,
  unknownCaveats,
} from './liquidation-mass.ts';
import { usdText } from './margin-point.ts';
import { marketSymbol } from './market-names.ts';
import { idOfMarket, type MarketRef, pricedIndexToken } from './market-ref.ts';
import { type MarketTimeline, readMarketTimeline } from './market-timeline.ts';
import { judgedWith } from './parameter-values.ts';
import { makeProvenance } from './provenance.ts';
import { resolveBlock, type Snapshot } from './source-directory.ts';

const METHOD = 'liquidation-map';
const FROZEN =
  'A liquidation price is where the test flips with size, collateral, fees and price impact frozen at the block.';

export interface LiquidationMapRequest {
  readonly market: MarketRef;
  readonly atBlock?: number | null | undefined;
  readonly cells?: CellWidth | null | undefined;
  readonly measure?: MassMeasure | null | undefined;
  readonly filter?: MassFilter | null | undefined;
}

/**
 * How much would be liquidated at which price, at one instant (analytics C1–C3).
 * @throws UsageError on an unknown market, or a block before its first price.
 */
export async function liquidationMap(
  snapshot: Snapshot,
  request: LiquidationMapRequest,
): Promise<LiquidationMap> {
  const { reader } = snapshot;
  const { source, venue, market } = request.market;
  const measure = request.measure ?? 'NOTIONAL_AT_LIQUIDATION';
  const cellWidth = request.cells ?? 'BPS_25';
  const filter = request.filter ?? {};
  const asOf = await resolveBlock(reader, source, request.atBlock);
  const scope = { source, venue, market };
  const [timeline, positions, coverage] = await Promise.all([
    readMarketTimeline(reader, { ...scope, blocks: [asOf.block] }),
    readOpenPositions(reader, { ...scope, fromBlock: asOf.block, toBlock: asOf.block, filter }),
    readCoverage(reader, source, scope, asOf.block),
  ]);
  const indexToken = pricedIndexToken(request.market, timeline.indexToken);
  const price = middlePrice(timeline, asOf.block);
  if (price === null) {
    throw new UsageError('The index token has no price at that block yet.', {
      facts: { market: idOfMarket(request.market), block: asOf.block },
      remedy: 'Ask for a later block.',
    });
  }
  const lattice = new PriceLattice(cellWidth);
  const [mass] = await massAtInstants({ positions, timeline, lattice, measure, indexToken }, [
    asOf,
  ]);
  const judged = judgedWith(timeline.readPublishedParameters());
  const placed = sortedCells(mass?.cells ?? new Map());
  return {
    provenance: makeProvenance({
      source,
      query: METHOD,
      parameters: { market: idOfMarket(request.market), measure, cellWidth, ...filter },
      asOf,
      basis: judged.basis,
      method: METHOD,
      version: `1+${timeline.rules.method}${judged.suffix}`,
      coverage,
      caveats: [FROZEN, ...judged.caveats, ...unknownCaveats(mass?.unknown ?? new Map())],
    }),
    marketId: idOfMarket(request.market),
    marketSymbol: marketSymbol(source, venue, market, timeline.indexToken),
    measure,
    cellWidth,
    priceUsd: usdText(price),
    cells: placed.map((cell) => toMapCell(cell, lattice)),
    cumulative: [
      ...cumulate(placed, 'LONG', { lattice, price }),
      ...cumulate(placed, 'SHORT', { lattice, price }),
    ],
    unplaced: toBucket(mass?.unplaced),
    liquidatable: toBucket(mass?.liquidatable),
  };
}

/** Middle of the index feed's range, USD 1e30 per whole token; null without a price or its decimals. */
function middlePrice(timeline: MarketTimeline, block: number): bigint | null {
  const [index] = timeline.feeds;
  const range = index && timeline.pricesAt(block).get(feedKey(index.venue, index.token));
  const decimals = index ? timeline.decimalsOf(index) : null;
  if (!range || decimals === null) return null;
  return pricePerWhole((range.min + range.max) / 2n, decimals);
}

interface PlacedMass extends Mass {
  readonly side: Side;
  readonly k: number;
}

function sortedCells(cells: ReadonlyMap<string, Mass>): PlacedMass[] {
  return [...cells]
    .map(([key, mass]) => ({ ...mass, ...parseCellKey(key) }))
    .sort((a, b) => a.k - b.k || (a.side < b.side ? -1 : 1));
}

function toMapCell({ side, k, valueUsd, count }: PlacedMass, lattice: PriceLattice): MapCell {
  return {
    k,
    lowerPriceUsd: lattice.edgeText(k),
    upperPriceUsd: lattice.edgeText(k + 1),
    side,
    valueUsd: usdText(valueUsd),
    count,
  };
}

export function toBucket(mass: Mass | undefined) {
  return { valueUsd: usdText(mass?.valueUsd ?? 0n), count: mass?.count ?? 0 };
}

/**
 * Λ(P): mass from the price in force outward. Longs fall with the price (their cells' lower edges),
 * shorts rise with it (upper edges). Levels the price has already passed count from the first point.
 */
function cumulate(
  cells: readonly PlacedMass[],
  side: Side,
  { lattice, price }: { readonly lattice: PriceLattice; readonly price: bigint },
): CumulativePoint[] {
  const own = cells.filter((cell) => cell.side === side);
  const outward = side === 'LONG' ? own.toReversed() : own;
  let valueUsd = 0n;
  let count = 0;
  return outward.map((cell) => {
    valueUsd += cell.valueUsd;
    count += cell.count;
    const edge = lattice.edge(side === 'LONG' ? cell.k : cell.k + 1);
    return {
      priceUsd: usdText(edge),
      movePercent: toNumber(((edge - price) * 10n ** 30n) / price, USD_DECIMALS) * 100,
      side,
      valueUsd: usdText(valueUsd),
      count,
    };
  });
}
