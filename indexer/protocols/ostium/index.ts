import { normalizeContractLogs } from '../abi/contract-logs.ts';
import { manifestSection } from '../manifest-section.ts';
import { PositionMemory } from '../position-memory.ts';
import type { ChainContext, ChainReader, ProtocolAdapter } from '../protocol-adapter.ts';
import { deploymentOn, VENUE } from './contracts.ts';
import { listings, manifestParameters } from './initial-events.ts';
import { ostiumManifestSchema } from './manifest.ts';
import { ostiumHandlers } from './normalize.ts';
import { PUBLISHED_PAIRS } from './pairs.ts';
import { referenceFacts } from './reference-facts.ts';

function readerFor({ chainId, chain, manifest }: ChainContext): ChainReader | null {
  const section = manifestSection(manifest, VENUE, ostiumManifestSchema);
  const deployment = deploymentOn(chainId, chain);
  // An archive of another venue on a public chain holds no logs of this one, whatever the chain has.
  if (manifest !== null && section === null) return null;
  const addresses = section
    ? Object.values(section.contracts)
    : (deployment?.contracts ?? []).map(({ address }) => address);
  if (addresses.length === 0) return null;

  const scanFrom = manifest?.fromBlock ?? 0;
  const firstBlock = Math.min(scanFrom, section?.initialParameters?.asOfBlock ?? scanFrom);
  const pairs = section?.pairs ?? (deployment ? PUBLISHED_PAIRS : []);
  const source = section?.pairs ? 'MANIFEST' : 'SNAPSHOT';
  const initial = [
    ...listings(chainId, firstBlock, pairs, source),
    ...(section ? manifestParameters(chainId, section) : []),
  ];
  const contracts = new Set(addresses);
  const memory = new PositionMemory();
  const request = {
    venue: VENUE,
    isOurs: (address: string) => contracts.has(address),
    unknownTopics: 'DEAD_LETTER' as const,
    handlers: ostiumHandlers(
      memory,
      new Map(pairs.map(({ index, from, to }) => [String(index), `${from} / ${to}`])),
    ),
  };
  return {
    selections: [{ addresses: [...contracts], topics: [] }],
    firstBlock,
    initialEvents: () => initial,
    remember: (positions) => memory.restore(positions, VENUE),
    normalize: (batch, senders) => normalizeContractLogs(batch, request, senders),
  };
}

/** Ostium: isolated leveraged trades, USDC collateral, prices signed on demand. */
export const ostium: ProtocolAdapter = {
  venue: VENUE,
  kind: 'VENUE',
  version: '1',
  readerFor,
  knownOn: referenceFacts,
};
