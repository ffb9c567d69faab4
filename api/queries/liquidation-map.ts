import { feedKey, type PriceRange } from '../../margin/inputs.ts';
import { type CellWidth, PriceLattice } from '../../margin/price-lattice.ts';
import { UsageError } from '../../schema/errors.ts';
import { pricePerWhole, rescale } from '../../schema/units.ts';
import { readCoverage } from './coverage.ts';
import {
  type LedgerScope,
  ledgerMassAt,
  ledgerReach,
  ledgerUsd,
  type ReachLimit,
} from './liquidation-ledger.ts';
import type {
  LevelSource,
  LiquidationMap,
  MapCell,
  MassMeasure,
} from './liquidation-map-answers.ts';
import {
  type AskedMove,
  coarsen,
  cumulate,
  gammaOf,
  movesOf,
  type PlacedMass,
  type ToUsd,
} from './liquidation-map-curve.ts';
import { type AgedFilter, datedFilter } from './liquidation-map-filter.ts';
import {
  chooseLevels,
  LEDGER_CAVEAT,
  ledgerUnknown,
  mayHaveReadPublished,
} from './liquidation-map-levels.ts';
import {
  type Mass,
  massAtInstants,
  type PlacedLevel,
  readOpenPositions,
  unknownCaveats,
} from './liquidation-mass.ts';
import { usdText } from './margin-point.ts';
import { marketSymbol } from './market-names.ts';
import { type IndexToken, idOfMarket, type MarketRef, pricedIndexToken } from './market-ref.ts';
import { type MarketTimeline, readMarketTimeline } from './market-timeline.ts';
import { judgedWith } from './parameter-values.ts';
import { makeProvenance } from './provenance.ts';
import { type BlockRef, resolveBlock, type Snapshot } from './source-directory.ts';
import type { Reader } from './stored-query.ts';

const METHOD = 'liquidation-map';
const FROZEN =
  'A liquidation price is where the test flips with size, collateral, fees and price impact frozen at the block.';
/** Percent. */
export const DEFAULT_PRICE_MOVES: readonly number[] = [-20, -10, -5, -2, -1, 1, 2, 5, 10, 20];

export interface LiquidationMapRequest {
  readonly market: MarketRef;
  readonly atBlock?: number | null | undefined;
  readonly levels?: LevelSource | null | undefined;
  readonly cells?: CellWidth | null | undefined;
  readonly measure?: MassMeasure | null | undefined;
  readonly filter?: AgedFilter | null | undefined;
  /** Percent; see `movesOf`. */
  readonly priceMoves?: readonly number[] | null | undefined;
}

/**
 * How much would be liquidated at which price, at one instant (analytics C1–C3).
 * @throws UsageError on an unknown market, or a block before its first price, or what `chooseLevels`
 * and `movesOf` refuse.
 */
export async function liquidationMap(
  snapshot: Snapshot,
  request: LiquidationMapRequest,
): Promise<LiquidationMap> {
  const { reader } = snapshot;
  const { market: ref } = request;
  const measure = request.measure ?? 'NOTIONAL_AT_LIQUIDATION';
  const cellWidth = request.cells ?? 'BPS_25';
  const asked = request.filter ?? {};
  const percents = request.priceMoves ?? DEFAULT_PRICE_MOVES;
  const asOf = await resolveBlock(reader, ref.source, request.atBlock);
  const filter = datedFilter(asked, asOf.timestamp);
  const scope = { ref, filter, measure, toBlock: asOf.block };
  const [timeline, coverage, levels] = await Promise.all([
    readMarketTimeline(reader, { ...ref, blocks: [asOf.block] }),
    readCoverage(reader, ref.source, ref, asOf.block),
    chooseLevels(reader, request.levels, { scope, layers: ['PROSPECTIVE'], ends: [asOf.block] }),
  ]);
  const token = pricedIndexToken(ref, timeline.indexToken);
  const range = indexPrice(timeline, ref, token, asOf.block);
  const middle = (range.min + range.max) / 2n;
  const price = pricePerWhole(middle, token.priceDecimals);
  const moves = movesOf(percents, { price: middle, priceUsd: price });
  const context = { scope, timeline, token, asOf, moves, range };
  const standing =
    levels === 'LEDGER' ? await standingInLedger(reader, context) : await judge(reader, context);
  const lattice = new PriceLattice(cellWidth);
  const placed = coarsen(standing.cells, cellWidth);
  const { toUsd } = standing;
  return {
    provenance: makeProvenance({
      source: ref.source,
      query: METHOD,
      parameters: { market: idOfMarket(ref), levels, measure, cellWidth, percents, ...asked },
      asOf,
      basis: standing.basis,
      method: METHOD,
      version: `2+${levels.toLowerCase()}+${timeline.rules.method}${standing.suffix}`,
      coverage,
      caveats: [FROZEN, ...standing.caveats],
    }),
    marketId: idOfMarket(ref),
    marketSymbol: marketSymbol(ref.source, ref.venue, ref.market, timeline.indexToken),
    levels,
    measure,
    cellWidth,
    priceUsd: usdText(price),
    cells: placed.map((cell) => toMapCell(cell, lattice, toUsd)),
    cumulative: [
      ...cumulate(placed, 'LONG', { lattice, price, toUsd }),
      ...cumulate(placed, 'SHORT', { lattice, price, toUsd }),
    ],
    liquidatedIfPriceMoves: moves.map(({ percent, side, price: to }, at) => ({
      movePercent: percent,
      priceUsd: usdText(to),
      side,
      ...toBucket(scaled(standing.reached[at], toUsd)),
    })),
    gamma: gammaOf(standing.cells, { price, toUsd }),
    unplaced: toBucket(standing.unplaced),
    liquidatable: toBucket(standing.liquidatable),
  };
}

/** Range of the index feed in force, with the decimals of the index token's prices. */
function indexPrice(
  timeline: MarketTimeline,
  ref: MarketRef,
  token: IndexToken,
  block: number,
): PriceRange {
  const [index] = timeline.feeds;
  const range = index && timeline.pricesAt(block).get(feedKey(index.venue, index.token));
  const decimals = index ? timeline.decimalsOf(index) : null;
  if (!range || decimals === null) {
    throw new UsageError('The index token has no price at that block yet.', {
      facts: { market: idOfMarket(ref), block },
      remedy: 'Ask for a later block.',
    });
  }
  return {
    min: rescale(range.min, decimals, token.priceDecimals),
    max: rescale(range.max, decimals, token.priceDecimals),
  };
}

interface MapContext {
  readonly scope: LedgerScope;
  readonly timeline: MarketTimeline;
  readonly token: IndexToken;
  readonly asOf: BlockRef;
  readonly moves: readonly AskedMove[];
  readonly range: PriceRange;
}

/** What stands at the block, and what provenance says of how that is known. */
interface Standing extends ReturnType<typeof judgedWith> {
  /** `side:k` of base cells; values become USD by `toUsd`. */
  readonly cells: ReadonlyMap<string, Mass>;
  readonly toUsd: ToUsd;
  /** By move, in the units of the cells. */
  readonly reached: readonly Mass[];
  /** USD 1e30. */
  readonly unplaced: Mass | undefined;
  readonly liquidatable: Mass | undefined;
}

async function judge(reader: Reader, context: MapContext): Promise<Standing> {
  const { scope, timeline, token, asOf, moves } = context;
  const block = asOf.block;
  const { ref, filter, measure } = scope;
  const positions = await readOpenPositions(reader, {
    ...ref,
    fromBlock: block,
    toBlock: block,
    filter,
  });
  const placed: PlacedLevel[] = [];
  const lattice = new PriceLattice('BPS_5');
  const [mass] = await massAtInstants(
    {
      positions,
      timeline,
      lattice,
      measure,
      filter,
      indexToken: token,
      onLevel: (level) => placed.push(level),
    },
    [asOf],
  );
  const judged = judgedWith(timeline.readPublishedParameters());
  return {
    ...judged,
    caveats: [...judged.caveats, ...unknownCaveats(mass?.unknown ?? new Map())],
    cells: mass?.cells ?? new Map(),
    toUsd: (value) => value,
    reached: moves.map((move) => reachedBy(move, placed)),
    unplaced: mass?.unplaced,
    liquidatable: mass?.liquidatable,
  };
}

function reachedBy({ side, limit }: ReachLimit, levels: readonly PlacedLevel[]): Mass {
  const mass = { valueUsd: 0n, count: 0 };
  for (const level of levels) {
    if (level.side !== side) continue;
    if (side === 'LONG' ? level.price < limit : level.price > limit) continue;
    mass.valueUsd += level.weight;
    mass.count += 1;
  }
  return mass;
}

async function standingInLedger(reader: Reader, context: MapContext): Promise<Standing> {
  const { scope, timeline, token, moves, range } = context;
  const { cells, unplaced, unknown } = await ledgerMassAt(reader, scope, token);
  // The venue tests a long at the least price of the range and a short at the greatest.
  const now: ReachLimit[] = [
    { side: 'LONG', limit: range.min },
    { side: 'SHORT', limit: range.max },
  ];
  const reached = await ledgerReach(reader, scope, { cells, token, limits: [...moves, ...now] });
  const toUsd = (value: bigint) => ledgerUsd(scope, token, 'LEVEL', value);
  const [longs, shorts] = reached.slice(moves.length);
  const judged = judgedWith(mayHaveReadPublished(timeline, [scope.toBlock]));
  return {
    ...judged,
    caveats: [LEDGER_CAVEAT, ...judged.caveats, ...ledgerUnknown(unknown)],
    cells,
    toUsd,
    reached: reached.slice(0, moves.length),
    unplaced,
    liquidatable: scaled(
      {
        valueUsd: (longs?.valueUsd ?? 0n) + (shorts?.valueUsd ?? 0n),
        count: (longs?.count ?? 0) + (shorts?.count ?? 0),
      },
      toUsd,
    ),
  };
}

function scaled(mass: Mass | undefined, toUsd: ToUsd): Mass {
  return { valueUsd: toUsd(mass?.valueUsd ?? 0n), count: mass?.count ?? 0 };
}

function toMapCell(
  { side, k, valueUsd, count }: PlacedMass,
  lattice: PriceLattice,
  toUsd: ToUsd,
): MapCell {
  return {
    k,
    lowerPriceUsd: lattice.edgeText(k),
    upperPriceUsd: lattice.edgeText(k + 1),
    side,
    valueUsd: usdText(toUsd(valueUsd)),
    count,
  };
}

export function toBucket(mass: Mass | undefined) {
  return { valueUsd: usdText(mass?.valueUsd ?? 0n), count: mass?.count ?? 0 };
}
