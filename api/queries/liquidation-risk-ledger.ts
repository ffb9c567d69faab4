import { z } from 'zod';
import { logDistance } from '../../margin/assessment.ts';
import type { PriceRange } from '../../margin/inputs.ts';
import { UsageError } from '../../schema/errors.ts';
import { rescale, USD_DECIMALS } from '../../schema/units.ts';
import type { Side } from './answers.ts';
import { ledgerUnknown } from './liquidation-map-levels.ts';
import type { Exposure, Exposures } from './liquidation-risk-exposures.ts';
import type { IndexToken, MarketRef } from './market-ref.ts';
import { flag, integer, loadQuery, type Reader, text } from './stored-query.ts';

const levelsQuery = loadQuery(
  'liquidation-risk-levels',
  z.object({
    position_key: text,
    placement: text,
    account: text,
    is_long: flag,
    liquidation_price: integer,
    level_notional: integer,
    notional_usd: integer,
    size_usd: integer,
  }),
);

/** Rows of one answer, held in memory. */
const MAX_LEVELS = 500_000;

/**
 * Where open positions would be liquidated by the ledger of levels: nothing is judged, so the equity at a level is not
 * known. The price counts against the trader: its minimum for longs, its maximum for shorts.
 */
export async function readLedgerExposures(
  reader: Reader,
  request: {
    readonly market: MarketRef;
    readonly side: Side | null;
    readonly block: number;
    /** Price of the index in force, as logged. */
    readonly range: PriceRange;
    readonly indexToken: IndexToken;
  },
): Promise<Exposures> {
  const { market, side, block, range, indexToken } = request;
  const rows = await levelsQuery.run(reader, {
    chainId: market.source.chainId,
    venue: market.venue,
    market: market.market,
    block,
    side: side ?? '',
    limit: MAX_LEVELS + 1,
  });
  if (rows.length > MAX_LEVELS) {
    throw new UsageError('That market has too many open positions for one answer.', {
      facts: { limit: MAX_LEVELS },
      remedy: 'Ask for one side.',
    });
  }
  const toUsd = (value: bigint) =>
    rescale(value, indexToken.decimals + indexToken.priceDecimals, USD_DECIMALS);
  const placed = rows
    .filter(({ placement }) => placement === 'LEVEL')
    .flatMap((row): Exposure[] => {
      const price = row.is_long ? range.min : range.max;
      const distance = logDistance(row.is_long, price, row.liquidation_price);
      if (distance === null) return [];
      return [
        {
          positionKey: row.position_key,
          account: row.account,
          side: row.is_long ? 'LONG' : 'SHORT',
          sizeUsd: row.size_usd,
          distance: Math.max(0, distance),
          liquidationPrice: row.liquidation_price,
          notionalUsd: toUsd(row.level_notional),
          isLiquidatable: distance <= 0,
          atLevel: null,
        },
      ];
    });
  return {
    placed,
    unplaced: rows
      .filter(({ placement }) => placement === 'NONE')
      .map((row) => ({ notionalUsd: row.notional_usd })),
    caveats: ledgerUnknown(rows.filter(({ placement }) => placement === 'UNKNOWN').length),
  };
}
