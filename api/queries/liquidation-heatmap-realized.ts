import { z } from 'zod';
import type { PriceLattice } from '../../margin/price-lattice.ts';
import { notionalUsd, pricePerWhole } from '../../schema/units.ts';
import type { TimeGrid } from './heatmap-columns.ts';
import { filterParameters, type MassFilter, passesLeverage } from './liquidation-map-filter.ts';
import { cellMass, type Mass } from './liquidation-mass.ts';
import type { IndexToken, MarketRef } from './market-ref.ts';
import { count, flag, integer, loadQuery, type Reader } from './stored-query.ts';

const realizedQuery = loadQuery(
  'realized-liquidations',
  z.object({
    is_long: flag,
    size_base: integer,
    size_delta_base: integer,
    collateral_usd: integer,
    trigger_price: integer,
    block_timestamp: count,
  }),
);

export interface RealizedRequest {
  readonly ref: MarketRef;
  readonly grid: TimeGrid;
  readonly toBlock: number;
  readonly lattice: PriceLattice;
  readonly filter: MassFilter;
  readonly indexToken: IndexToken;
}

/** Closed notional by column, and in it by `side:k` of the price that triggered each, USD 1e30. */
export async function readRealized(
  reader: Reader,
  { ref, grid, toBlock, lattice, filter, indexToken }: RealizedRequest,
): Promise<Map<number, Map<string, Mass>>> {
  const rows = await realizedQuery.run(reader, {
    chainId: ref.source.chainId,
    venue: ref.venue,
    market: ref.market,
    toBlock,
    fromTime: grid.from,
    toTime: grid.to,
    ...filterParameters(filter),
  });
  const { decimals, priceDecimals } = indexToken;
  const columns = new Map<number, Map<string, Mass>>();
  for (const row of rows) {
    const price = row.trigger_price;
    const held = notionalUsd(absolute(row.size_base), decimals, price, priceDecimals);
    if (!passesLeverage(held, row.collateral_usd, filter)) continue;
    const column = Math.floor((row.block_timestamp - grid.from) / grid.stepSeconds);
    const cells = columns.get(column) ?? new Map<string, Mass>();
    columns.set(column, cells);
    const k = lattice.cellOf(pricePerWhole(price, priceDecimals));
    const mass = cellMass(cells, `${row.is_long ? 'LONG' : 'SHORT'}:${k ?? 0}`);
    mass.valueUsd += notionalUsd(absolute(row.size_delta_base), decimals, price, priceDecimals);
    mass.count += 1;
  }
  return columns;
}

function absolute(value: bigint): bigint {
  return value < 0n ? -value : value;
}
