import { z } from 'zod';
import type { Coverage } from './answers.ts';
import { usdText } from './margin-point.ts';
import type { Source } from './source-directory.ts';
import { count, integer, loadQuery, type Reader } from './stored-query.ts';

const coverageQuery = loadQuery(
  'coverage',
  z.object({
    open_positions: count,
    positions_usd: integer,
    counted_positions_usd: integer,
    protocol_usd: integer.nullable(),
    skew_residual: integer,
    counted_sides: count,
    sides: count,
  }),
);

/** Our positions against the protocols' own counters, of one market or all of a chain, at a block. */
export async function readCoverage(
  reader: Reader,
  source: Source,
  of: { readonly venue: string; readonly market: string } | null,
  block: number,
): Promise<Coverage> {
  const { venue, market } = of ?? { venue: '', market: '' };
  const [row] = await coverageQuery.run(reader, { chainId: source.chainId, venue, market, block });
  const protocol = row?.protocol_usd ?? null;
  return {
    positions: row?.open_positions ?? 0,
    notionalUsd: usdText(row?.positions_usd ?? 0n),
    protocolOpenInterestUsd: protocol === null ? null : usdText(protocol),
    residualUsd: protocol === null ? null : usdText(protocol - (row?.counted_positions_usd ?? 0n)),
    residualSkewRaw: (row?.skew_residual ?? 0n).toString(),
    countedSides: row?.counted_sides ?? 0,
    sides: row?.sides ?? 0,
  };
}
