import { z } from 'zod';
import { BASE_CELLS, type CellWidth, PriceLattice } from '../../margin/price-lattice.ts';
import { UsageError } from '../../schema/errors.ts';
import { notionalUsd, powerOfTen, pricePerWhole, USD_DECIMALS } from '../../schema/units.ts';
import { MAX_SCORE_EDGES, MAX_SCORED_LIQUIDATIONS } from '../limits.ts';
import type { Side } from './answers.ts';
import type { GainDomain, GainEvent } from './information-gain.ts';
import type { GradedLiquidation, KnownPlacement } from './level-errors.ts';
import { byValue, priceExtremes, type ScoredFeed, type ScoreWindow } from './map-score-window.ts';
import type { IndexToken, MarketRef } from './market-ref.ts';
import { count, flag, integer, loadQuery, type Reader, text } from './stored-query.ts';

const levelsQuery = loadQuery(
  'map-score-levels',
  z.object({
    lead: count,
    block_timestamp: count,
    block_number: count,
    log_index: count,
    sub_index: count,
    is_long: flag,
    closed_base: integer,
    trigger_price: integer,
    placement: text,
    level_price: integer,
  }),
);

const sharesQuery = loadQuery(
  'map-score-shares',
  z.object({
    lead: count,
    block_number: count,
    log_index: count,
    sub_index: count,
    price_cell: count,
    trigger_cell: count,
    domain_mass: integer,
    cell_mass: integer,
  }),
);

/** Base cells to each side of the price in which triggers are graded: 20 % as a logarithm. */
export const DOMAIN_BASE_CELLS = 400;
/** Share of the null model in the map's distribution: a trigger in an empty cell costs ln 0.01 at most. */
export const SMOOTHING = 0.01;

/** Cells of that width around the price in force. */
export function scoreDomain(width: CellWidth): GainDomain {
  const halfWidth = DOMAIN_BASE_CELLS / BASE_CELLS[width];
  return { first: -halfWidth, last: halfWidth, smoothing: SMOOTHING };
}

/** A realized liquidation as the map of `lead` seconds before saw it. */
export interface ScoreCase extends GradedLiquidation {
  readonly lead: number;
  /** Null where there was no price yet. */
  readonly gain: GainEvent | null;
}

/** What is asked, of which market. */
export interface ScoreScope extends ScoredFeed {
  readonly market: MarketRef;
  readonly indexToken: IndexToken;
  readonly window: ScoreWindow;
  readonly side: Side | null;
}

/** Every liquidation of the window, once a lead. @throws UsageError above MAX_SCORED_LIQUIDATIONS. */
export async function readScoreCases(
  reader: Reader,
  scope: ScoreScope,
  cellWidth: CellWidth,
): Promise<ScoreCase[]> {
  const { window, indexToken } = scope;
  const rows = await levelsQuery.run(reader, {
    ...scopeParameters(scope),
    limit: MAX_SCORED_LIQUIDATIONS + 1,
  });
  if (rows.length > MAX_SCORED_LIQUIDATIONS * window.leads.length) {
    throw new UsageError('Too many liquidations for one answer.', {
      facts: { limit: MAX_SCORED_LIQUIDATIONS },
      remedy: 'Narrow from and to, or ask for one side.',
    });
  }
  const triggers = rows.map((row) => row.trigger_price);
  const shares = rows.length === 0 ? [] : await readShares(reader, scope, cellWidth, triggers);
  const byPlace = new Map(shares.map((row) => [placeOf(row), row]));
  return rows.map((row) => {
    const share = byPlace.get(placeOf(row));
    return {
      lead: row.lead,
      isLong: row.is_long,
      notionalUsd: notionalUsd(
        row.closed_base,
        indexToken.decimals,
        row.trigger_price,
        indexToken.priceDecimals,
      ),
      triggerPrice: row.trigger_price,
      placement: toPlacement(row.placement),
      levelPrice: row.level_price,
      gain: share
        ? {
            offset: share.trigger_cell - share.price_cell,
            mapShare:
              share.domain_mass > 0n ? Number(share.cell_mass) / Number(share.domain_mass) : null,
            // What happens in one step of the lead is foreseen by nearly the same map.
            cluster: Math.floor((row.block_timestamp - window.from) / row.lead),
          }
        : null,
    };
  });
}

async function readShares(
  reader: Reader,
  scope: ScoreScope,
  cellWidth: CellWidth,
  triggers: readonly bigint[],
) {
  const { window, indexToken } = scope;
  const longest = window.leads.at(-1) ?? 0;
  const prices = await priceExtremes(reader, scope, window.from - longest, window.to);
  const known = [...triggers, ...(prices ? [prices.low, prices.high] : [])]
    .filter((price) => price > 0n)
    .sort(byValue);
  const lattice = new PriceLattice(cellWidth);
  const [firstCell = null, lastCell = null] = [known[0], known.at(-1)].map((price) =>
    lattice.cellOf(pricePerWhole(price ?? 0n, indexToken.priceDecimals)),
  );
  if (firstCell === null || lastCell === null) return [];
  if (lastCell - firstCell >= MAX_SCORE_EDGES) {
    throw new UsageError('The price moved over too many cells.', {
      facts: { cells: lastCell - firstCell + 1, limit: MAX_SCORE_EDGES },
      remedy: 'Ask for wider cells or a shorter window.',
    });
  }
  return sharesQuery.run(reader, {
    ...scopeParameters(scope),
    feedVenue: scope.feed.venue,
    feedToken: scope.feed.token,
    priceScale: powerOfTen(USD_DECIMALS - indexToken.priceDecimals).toString(),
    firstCell,
    edges: Array.from({ length: lastCell - firstCell + 1 }, (_, index) =>
      lattice.edge(firstCell + index).toString(),
    ),
    baseCells: BASE_CELLS[cellWidth],
    halfWidth: scoreDomain(cellWidth).last,
  });
}

/** What the statements about liquidations have in common. */
function scopeParameters({ market, asOf, window, side }: ScoreScope) {
  return {
    chainId: market.source.chainId,
    venue: market.venue,
    market: market.market,
    toBlock: asOf.block,
    fromTime: window.from,
    toTime: window.to,
    leads: [...window.leads],
    side: side ?? '',
  };
}

function placeOf(row: {
  readonly lead: number;
  readonly block_number: number;
  readonly log_index: number;
  readonly sub_index: number;
}): string {
  return `${row.lead}:${row.block_number}:${row.log_index}:${row.sub_index}`;
}

function toPlacement(placement: string): KnownPlacement {
  if (placement === 'LEVEL' || placement === 'NONE') return placement;
  return placement === '' ? 'OPENED_SINCE' : 'UNKNOWN';
}
