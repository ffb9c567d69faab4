import { z } from 'zod';
import { UsageError } from '../../schema/errors.ts';
import { MAX_ASSESSMENTS } from '../limits.ts';
import type { Side } from './answers.ts';
import type { MarketRef } from './market-ref.ts';
import { count, flag, integer, loadQuery, type Reader, text } from './stored-query.ts';

const positionsQuery = loadQuery(
  'open-positions',
  z.object({
    position_key: text,
    life: count,
    account: text,
    is_long: flag,
    size_usd: integer,
    size_base: integer,
    state: text,
  }),
);

/** An open position with its newest state, as text of the venue's rules. */
export type OpenPositionRow = Awaited<ReturnType<typeof positionsQuery.run>>[number];

/**
 * Positions of a market that are open at a block, by key, to be judged one by one. `remedy`: what to ask instead.
 * @throws UsageError above MAX_ASSESSMENTS.
 */
export async function readOpenPositionsAt(
  reader: Reader,
  request: {
    readonly market: MarketRef;
    readonly block: number;
    readonly side?: Side | null | undefined;
    readonly remedy: string;
  },
): Promise<OpenPositionRow[]> {
  const { source, venue, market } = request.market;
  const rows = await positionsQuery.run(reader, {
    chainId: source.chainId,
    venue,
    market,
    block: request.block,
    side: request.side ?? '',
    limit: MAX_ASSESSMENTS + 1,
  });
  if (rows.length <= MAX_ASSESSMENTS) return rows;
  throw new UsageError('That market has too many open positions to judge at once.', {
    facts: { positions: rows.length, limit: MAX_ASSESSMENTS },
    remedy: request.remedy,
  });
}
