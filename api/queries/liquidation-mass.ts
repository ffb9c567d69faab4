import { z } from 'zod';
import type { MarginAssessment } from '../../margin/assessment.ts';
import type { PriceLattice } from '../../margin/price-lattice.ts';
import { decodeState } from '../../margin/state-codec.ts';
import { CorruptDataError, UsageError } from '../../schema/errors.ts';
import { notionalUsd, pricePerWhole } from '../../schema/units.ts';
import { MAX_ASSESSMENTS } from '../limits.ts';
import type { Side } from './answers.ts';
import { CooperativePause } from './cooperative-pause.ts';
import type { MassMeasure } from './liquidation-map-answers.ts';
import { type MassFilter, passesFilter, passesLeverage } from './liquidation-map-filter.ts';
import type { IndexToken } from './market-ref.ts';
import type { MarketTimeline } from './market-timeline.ts';
import type { Source } from './source-directory.ts';
import { count, flag, integer, loadQuery, type Reader, text } from './stored-query.ts';

const intervalsQuery = loadQuery(
  'position-intervals',
  z.object({
    position_key: text,
    account: text,
    collateral_token: text,
    is_long: flag,
    size_usd: integer,
    size_base: integer,
    collateral_raw: integer,
    opened_at: count,
    state: text,
    block_number: count,
    until_block: count,
  }),
);

export interface OpenPosition {
  readonly side: Side;
  readonly sizeBase: bigint;
  readonly fromBlock: number;
  /** Exclusive. */
  readonly untilBlock: number;
  readonly state: unknown;
}

/** Open states of a market over a block range. */
export async function readOpenPositions(
  reader: Reader,
  scope: {
    readonly source: Source;
    readonly venue: string;
    readonly market: string;
    readonly fromBlock: number;
    readonly toBlock: number;
    readonly filter: MassFilter;
  },
): Promise<OpenPosition[]> {
  const rows = await intervalsQuery.run(reader, {
    chainId: scope.source.chainId,
    venue: scope.venue,
    market: scope.market,
    fromBlock: scope.fromBlock,
    toBlock: scope.toBlock,
  });
  return rows
    .filter((row) => passesFilter(row, scope.filter))
    .map((row) => ({
      side: row.is_long ? 'LONG' : 'SHORT',
      sizeBase: row.size_base,
      fromBlock: row.block_number,
      untilBlock: row.until_block,
      state: decodeState<unknown>(row.state),
    }));
}

export interface Mass {
  valueUsd: bigint;
  count: number;
}

/** Prospective mass of one market at one instant. */
export interface MassAt {
  readonly block: number;
  /** `side:k` → mass of the positions whose liquidation price is in cell k. */
  readonly cells: ReadonlyMap<string, Mass>;
  /** No price liquidates them, all else frozen. */
  readonly unplaced: Mass;
  /** At or beyond the threshold at the prices in force; also in their cells. */
  readonly liquidatable: Mass;
  /** Positions that could not be judged, by reason. */
  readonly unknown: ReadonlyMap<string, number>;
  readonly positions: number;
  /** Whether a judgement up to here read a parameter of the venue's published configuration. */
  readonly readPublishedParameters: boolean;
}

export interface MassContext {
  readonly positions: readonly OpenPosition[];
  readonly timeline: MarketTimeline;
  readonly lattice: PriceLattice;
  readonly measure: MassMeasure;
  readonly indexToken: IndexToken;
  /** Its bounds of leverage; what else it asks is asked of the positions before. */
  readonly filter: MassFilter;
  /** Told of every level placed. */
  readonly onLevel?: (level: PlacedLevel) => void;
}

/** A position's liquidation price, with the decimals of the index feed, and what it weighs, USD 1e30. */
export interface PlacedLevel {
  readonly side: Side;
  readonly price: bigint;
  readonly weight: bigint;
}

/** Judges every open position at each instant (rising blocks) and sums the masses by cell. */
export async function massAtInstants(
  context: MassContext,
  instants: readonly { readonly block: number; readonly timestamp: number }[],
): Promise<MassAt[]> {
  const open = instants.map(({ block }) =>
    context.positions.filter((one) => one.fromBlock <= block && block < one.untilBlock),
  );
  const total = open.reduce((sum, positions) => sum + positions.length, 0);
  if (total > MAX_ASSESSMENTS) {
    throw new UsageError('That asks for too many judgements.', {
      facts: { judgements: total, limit: MAX_ASSESSMENTS },
      remedy: 'Ask for fewer columns, or filter the positions.',
    });
  }
  const pause = new CooperativePause();
  const masses: MassAt[] = [];
  for (const [index, instant] of instants.entries()) {
    masses.push(await massAt(context, instant, open[index] ?? [], pause));
  }
  return masses;
}

async function massAt(
  context: MassContext,
  { block, timestamp }: { readonly block: number; readonly timestamp: number },
  positions: readonly OpenPosition[],
  pause: CooperativePause,
): Promise<MassAt> {
  const { timeline, lattice, indexToken } = context;
  const cells = new Map<string, Mass>();
  const unplaced: Mass = { valueUsd: 0n, count: 0 };
  const liquidatable: Mass = { valueUsd: 0n, count: 0 };
  const unknown = new Map<string, number>();
  const market = timeline.marketAt(block);
  const prices = timeline.pricesAt(block);
  for (const position of positions) {
    await pause.breathe();
    const assessment = tryAssess(unknown, () =>
      timeline.rules.assess({
        position: position.state,
        market: market?.state,
        parameters: timeline.parametersAt(block),
        prices,
        timestamp,
        block,
      }),
    );
    if (!assessment) continue;
    if (!passesLeverage(assessment.notionalUsd, assessment.collateralUsd, context.filter)) continue;
    const weight = weightOf(context, position, assessment);
    if (assessment.isLiquidatable) add(liquidatable, weight);
    const price = assessment.liquidationPrice;
    const k =
      price === null ? null : lattice.cellOf(pricePerWhole(price, indexToken.priceDecimals));
    if (k === null || price === null) {
      add(unplaced, weight);
      continue;
    }
    add(cellMass(cells, `${position.side}:${k}`), weight);
    context.onLevel?.({ side: position.side, price, weight });
  }
  return {
    block,
    cells,
    unplaced,
    liquidatable,
    unknown,
    positions: positions.length,
    readPublishedParameters: timeline.readPublishedParameters(),
  };
}

function tryAssess(
  unknown: Map<string, number>,
  assess: () => MarginAssessment,
): MarginAssessment | null {
  try {
    return assess();
  } catch (error) {
    if (!(error instanceof CorruptDataError)) throw error;
    unknown.set(error.message, (unknown.get(error.message) ?? 0) + 1);
    return null;
  }
}

/** USD 1e30. NOTIONAL_AT_LIQUIDATION falls back to the notional now where there is no level. */
function weightOf(
  { measure, indexToken }: MassContext,
  position: OpenPosition,
  assessment: MarginAssessment,
): bigint {
  switch (measure) {
    case 'NOTIONAL_AT_LIQUIDATION':
    case 'COUNT':
      return assessment.liquidationPrice === null
        ? assessment.notionalUsd
        : notionalUsd(
            position.sizeBase,
            indexToken.decimals,
            assessment.liquidationPrice,
            indexToken.priceDecimals,
          );
    case 'NOTIONAL_NOW':
      return assessment.notionalUsd;
    case 'COLLATERAL':
      return assessment.collateralUsd;
    case 'EQUITY_AT_RISK':
      return assessment.equityUsd > 0n ? assessment.equityUsd : 0n;
  }
}

export function cellMass(cells: Map<string, Mass>, key: string): Mass {
  const known = cells.get(key);
  if (known) return known;
  const mass = { valueUsd: 0n, count: 0 };
  cells.set(key, mass);
  return mass;
}

function add(mass: Mass, valueUsd: bigint): void {
  mass.valueUsd += valueUsd;
  mass.count += 1;
}

/** Parts of a `side:k` key. */
export function parseCellKey(key: string): { side: Side; k: number } {
  const [side, k] = key.split(':');
  return { side: side === 'LONG' ? 'LONG' : 'SHORT', k: Number(k) };
}

/** One caveat a reason why positions were left out. */
export function unknownCaveats(unknown: ReadonlyMap<string, number>): string[] {
  return [...unknown].map(([reason, positions]) => `${positions} judgements left out: ${reason}`);
}
