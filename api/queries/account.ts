import { z } from 'zod';
import { UsageError } from '../../schema/errors.ts';
import { sumLiquidations } from './liquidations.ts';
import { usdText } from './margin-point.ts';
import { makeProvenance } from './provenance.ts';
import type { AccountRecord } from './records.ts';
import { resolveBlock, type Snapshot, type Source } from './source-directory.ts';
import { count, integer, loadQuery } from './stored-query.ts';

const summaryQuery = loadQuery(
  'account-summary',
  z.object({ positions: count, open_positions: count, open_size_usd: integer }),
);

/** @throws UsageError when the text is not an address. */
export function parseAddress(address: string): string {
  if (!/^0x[0-9a-fA-F]{40}$/.test(address)) {
    throw new UsageError('That is not an address.', {
      facts: { address: address.slice(0, 80) },
      remedy: 'Give 0x and 40 hex digits.',
    });
  }
  return address.toLowerCase();
}

/** What one account has and had up to a block; zeros for an address never seen. */
export async function readAccount(
  snapshot: Snapshot,
  source: Source,
  address: string,
  atBlock?: number | null,
): Promise<AccountRecord> {
  const account = parseAddress(address);
  const { reader } = snapshot;
  const asOf = await resolveBlock(reader, source, atBlock);
  const [[summary], liquidationTotals] = await Promise.all([
    summaryQuery.run(reader, { chainId: source.chainId, block: asOf.block, account }),
    sumLiquidations(reader, {
      source,
      block: asOf.block,
      filter: { account },
      orderBy: 'TIME',
      descending: false,
      indexTokens: new Map(),
    }),
  ]);
  return {
    address: account,
    chainId: source.chainId,
    positionCount: summary?.positions ?? 0,
    openPositionCount: summary?.open_positions ?? 0,
    openSizeUsd: usdText(summary?.open_size_usd ?? 0n),
    liquidationTotals,
    provenance: makeProvenance({
      source,
      query: 'account',
      parameters: { account },
      asOf,
      basis: 'DERIVED',
      method: 'account',
      version: '1',
      coverageOf: null,
    }),
    asOfBlock: asOf.block,
  };
}
