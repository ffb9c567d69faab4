import { manifestSection } from '../manifest-section.ts';
import { PositionMemory } from '../position-memory.ts';
import type { ChainContext, ChainReader, ProtocolAdapter } from '../protocol-adapter.ts';
import { deploymentOn, VENUE } from './contracts.ts';
import { manifestFacts, publishedFacts } from './initial-events.ts';
import { avantisManifestSchema } from './manifest.ts';
import { avantisHandlers, normalizeAvantis } from './normalize.ts';
import { PUBLISHED_PARAMETERS } from './parameter-snapshot.ts';
import { referenceFacts } from './reference-facts.ts';

function readerFor({ chainId, chain, manifest }: ChainContext): ChainReader | null {
  const section = manifestSection(manifest, VENUE, avantisManifestSchema);
  const deployment = deploymentOn(chainId, chain);
  // An archive of another venue on a public chain holds no logs of this one, whatever the chain has.
  if (manifest !== null && section === null) return null;
  const addresses = section
    ? Object.values(section.contracts)
    : (deployment?.contracts ?? []).map(({ address }) => address);
  if (addresses.length === 0) return null;

  const scanFrom = manifest?.fromBlock ?? 0;
  const firstBlock = Math.min(scanFrom, section?.initialParameters?.asOfBlock ?? scanFrom);
  const initial = section
    ? manifestFacts(chainId, firstBlock, section)
    : publishedFacts(chainId, PUBLISHED_PARAMETERS);
  const contracts = new Set(addresses);
  const memory = new PositionMemory();
  const handlers = avantisHandlers(memory);
  return {
    selections: [{ addresses: [...contracts], topics: [] }],
    firstBlock,
    initialEvents: () => initial,
    remember: (positions) => memory.restore(positions, VENUE),
    normalize: (batch, senders) => normalizeAvantis(batch, contracts, handlers, senders),
  };
}

/** Avantis: isolated leveraged trades, USDC collateral, Pyth prices on demand. */
export const avantis: ProtocolAdapter = {
  venue: VENUE,
  kind: 'VENUE',
  version: '1',
  readerFor,
  knownOn: referenceFacts,
};
