import { z } from 'zod';
import type { Coverage } from './answers.ts';
import { usdText } from './margin-point.ts';
import type { Source } from './source-directory.ts';
import { count, integer, loadQuery, type Reader } from './stored-query.ts';

const coverageQuery = loadQuery(
  'coverage',
  z.object({ open_positions: count, positions_usd: integer, protocol_usd: integer }),
);

/** Our positions against the protocol's counter, of one market ('' = all) at a block. */
export async function readCoverage(
  reader: Reader,
  source: Source,
  market: string,
  block: number,
): Promise<Coverage> {
  const [row] = await coverageQuery.run(reader, { chainId: source.chainId, market, block });
  const ours = row?.positions_usd ?? 0n;
  const theirs = row?.protocol_usd ?? 0n;
  return {
    positions: row?.open_positions ?? 0,
    notionalUsd: usdText(ours),
    protocolOpenInterestUsd: usdText(theirs),
    residualUsd: usdText(theirs - ours),
  };
}
