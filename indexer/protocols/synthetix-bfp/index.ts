import { normalizeContractLogs } from '../abi/contract-logs.ts';
import { manifestSection } from '../manifest-section.ts';
import { PositionMemory } from '../position-memory.ts';
import type { ChainContext, ChainReader, ProtocolAdapter } from '../protocol-adapter.ts';
import { VENUE } from './facts.ts';
import { initialEvents } from './initial-events.ts';
import { type BfpManifest, bfpManifestSchema } from './manifest.ts';
import type { AccountsByOwner } from './margin-owner.ts';
import { bfpHandlers } from './normalize.ts';

function readerFor(context: ChainContext): ChainReader | null {
  const manifest = manifestSection(context.manifest, VENUE, bfpManifestSchema);
  if (context.manifest === null || manifest === null) return null;
  const scanFrom = context.manifest.fromBlock;
  const firstBlock = Math.min(scanFrom, manifest.initialParameters?.asOfBlock ?? scanFrom);
  const initial = initialEvents(context.chainId, firstBlock, manifest);
  const memory = new PositionMemory();
  const decimals = new Map((manifest.markets ?? []).map(({ id, feed }) => [id, feed.decimals]));
  const owners = new Map((manifest.accounts ?? []).map(({ id, owner }) => [BigInt(id), owner]));
  const handlers = bfpHandlers({
    manifest,
    memory,
    usdToken: manifest.usdToken ?? '',
    accounts: accountsOf(manifest),
    ownerOf: (accountId) => owners.get(accountId) ?? '',
    priceDecimals: (marketId) => decimals.get(marketId) ?? null,
  });
  const request = {
    venue: VENUE,
    isOurs: (address: string) => address === manifest.proxy,
    unknownTopics: 'DEAD_LETTER' as const,
    handlers,
  };
  return {
    selections: [{ addresses: [manifest.proxy], topics: [] }],
    firstBlock,
    initialEvents: () => initial,
    remember: (positions) => memory.restore(positions, VENUE),
    normalize: (batch, senders) => normalizeContractLogs(batch, request, senders),
  };
}

function accountsOf({ accounts }: BfpManifest): AccountsByOwner {
  const byOwner = new Map<string, bigint[]>();
  for (const { id, owner } of accounts ?? []) {
    byOwner.set(owner, [...(byOwner.get(owner) ?? []), BigInt(id)]);
  }
  return byOwner;
}

/**
 * Synthetix V3 BFP market: one margin for each account and market. No main net deployment is
 * published: it is read from archives whose manifest names the proxy, so it is known on no chain.
 */
export const synthetixBfp: ProtocolAdapter = {
  venue: VENUE,
  kind: 'VENUE',
  version: '1',
  readerFor,
  knownOn: () => [],
};
