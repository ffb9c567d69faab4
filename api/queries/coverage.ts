import { z } from 'zod';
import type { Coverage, CoverageAnswer, MarketScope } from './answers.ts';
import { usdText } from './margin-point.ts';
import { idOfMarket, type MarketRef } from './market-ref.ts';
import { makeProvenance } from './provenance.ts';
import { resolveBlock, type Source } from './source-directory.ts';
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
  of: MarketScope | null,
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

/** The same with where it comes from (analytic C5). @throws BlockOutOfRangeError */
export async function coverage(
  reader: Reader,
  request: {
    readonly source: Source;
    readonly market: MarketRef | null;
    readonly atBlock?: number | null | undefined;
  },
): Promise<CoverageAnswer> {
  const { source, market, atBlock } = request;
  const asOf = await resolveBlock(reader, source, atBlock);
  const marketId = market && idOfMarket(market);
  const found = await readCoverage(reader, source, market, asOf.block);
  return {
    provenance: makeProvenance({
      source,
      query: 'coverage',
      parameters: { market: marketId },
      asOf,
      basis: 'DERIVED',
      method: 'coverage',
      version: '1',
      coverage: found,
    }),
    marketId,
    coverage: found,
  };
}
