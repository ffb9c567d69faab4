import { z } from 'zod';
import { UsageError } from '../../schema/errors.ts';
import { MAX_REALIZED_ROWS } from '../limits.ts';
import type { DateTime, Decimal, LiquidationCause, Provenance, Side } from './answers.ts';
import { sumLiquidations } from './liquidations.ts';
import { usdText } from './margin-point.ts';
import { idOfMarket, type MarketRef } from './market-ref.ts';
import { isoTime, makeProvenance } from './provenance.ts';
import type { LiquidationTotals } from './records.ts';
import { type SizeClass, sizeBounds, sizeClassAt } from './size-classes.ts';
import { resolveBlock, type Snapshot, type Source } from './source-directory.ts';
import { count, flag, integer, loadQuery } from './stored-query.ts';

const realizedQuery = loadQuery(
  'realized-by-interval',
  z.object({
    from_time: count,
    is_long: flag,
    size_class: count,
    liquidations: count,
    accounts: count,
    liquidators: count,
    closed_size_usd: integer,
    collateral_usd: integer,
    penalty_usd_sum: integer,
    bad_debt_usd_sum: integer,
    insolvent: count,
  }),
);

const METHOD = 'realized-liquidations';
const DEFAULT_STEP_SECONDS = 86_400;
const PARTIAL =
  'Collateral is what the whole closes found, before fees and losses; a partial close counts none.';

export interface RealizedRequest {
  readonly source: Source;
  readonly market?: MarketRef | null | undefined;
  readonly side?: Side | null | undefined;
  readonly cause?: LiquidationCause | null | undefined;
  /** Half-open, unix seconds. */
  readonly from?: number | null | undefined;
  readonly to?: number | null | undefined;
  readonly stepSeconds?: number | null | undefined;
  /** Where size classes begin, whole USD, rising. Default: SIZE_CLASS_BOUNDS_USD. */
  readonly sizeBoundsUsd?: readonly number[] | null | undefined;
  readonly atBlock?: number | null | undefined;
}

/** The class is of closed notional. */
export interface RealizedRow extends SizeClass {
  readonly fromTime: DateTime;
  readonly toTime: DateTime;
  readonly side: Side;
  readonly count: number;
  readonly accounts: number;
  readonly liquidators: number;
  readonly closedSizeUsd: Decimal;
  readonly collateralUsd: Decimal;
  readonly penaltyUsd: Decimal;
  readonly badDebtUsd: Decimal;
  readonly insolventCount: number;
}

export interface RealizedLiquidations {
  readonly provenance: Provenance;
  readonly marketId: string | null;
  readonly stepSeconds: number;
  readonly sizeBoundsUsd: readonly number[];
  /** Only intervals, sides and classes in which something was closed. */
  readonly rows: readonly RealizedRow[];
  /** Over all rows: what `liquidations` sums to. */
  readonly totals: LiquidationTotals;
}

/**
 * Forced closes per interval, side and size class (analytics D4). Intervals are whole multiples of the
 * step since 1970. @throws UsageError on an unknown block, a step of 0, bounds that do not rise, or above
 * MAX_REALIZED_ROWS.
 */
export async function realizedLiquidations(
  { reader }: Snapshot,
  request: RealizedRequest,
): Promise<RealizedLiquidations> {
  const { source, market } = request;
  const step = request.stepSeconds ?? DEFAULT_STEP_SECONDS;
  if (step < 1) throw new UsageError('An interval is at least a second.', { facts: { step } });
  const bounds = sizeBounds(request.sizeBoundsUsd);
  const asOf = await resolveBlock(reader, source, request.atBlock);
  const filter = {
    side: request.side ?? null,
    cause: request.cause ?? null,
    from: request.from ?? 0,
    to: request.to ?? Number.MAX_SAFE_INTEGER,
    market: market?.market ?? null,
    venue: market?.venue ?? null,
  };
  const [rows, totals] = await Promise.all([
    realizedQuery.run(reader, {
      chainId: source.chainId,
      block: asOf.block,
      market: filter.market ?? '',
      venue: filter.venue ?? '',
      side: filter.side ?? '',
      cause: filter.cause ?? '',
      fromTime: filter.from,
      toTime: filter.to,
      step,
      boundsUsd: [...bounds],
      limit: MAX_REALIZED_ROWS + 1,
    }),
    sumLiquidations(reader, {
      source,
      block: asOf.block,
      filter,
      orderBy: 'TIME',
      descending: false,
      indexTokens: new Map(),
    }),
  ]);
  if (rows.length > MAX_REALIZED_ROWS) {
    throw new UsageError('That makes too many rows.', {
      facts: { limit: MAX_REALIZED_ROWS },
      remedy: 'Ask for a longer interval, or narrow from and to.',
    });
  }
  return {
    provenance: makeProvenance({
      source,
      query: METHOD,
      parameters: { ...filter, step, sizeBoundsUsd: bounds },
      asOf,
      basis: 'DERIVED',
      method: METHOD,
      version: '1',
      caveats: [PARTIAL],
    }),
    marketId: market ? idOfMarket(market) : null,
    stepSeconds: step,
    sizeBoundsUsd: bounds,
    rows: rows.map((row) => toRow(row, step, bounds)),
    totals,
  };
}

function toRow(
  row: Awaited<ReturnType<typeof realizedQuery.run>>[number],
  step: number,
  bounds: readonly number[],
): RealizedRow {
  return {
    fromTime: isoTime(row.from_time),
    toTime: isoTime(row.from_time + step),
    side: row.is_long ? 'LONG' : 'SHORT',
    ...sizeClassAt(bounds, row.size_class),
    count: row.liquidations,
    accounts: row.accounts,
    liquidators: row.liquidators,
    closedSizeUsd: usdText(row.closed_size_usd),
    collateralUsd: usdText(row.collateral_usd),
    penaltyUsd: usdText(row.penalty_usd_sum),
    badDebtUsd: usdText(row.bad_debt_usd_sum),
    insolventCount: row.insolvent,
  };
}
