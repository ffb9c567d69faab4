import { normalizeContractLogs } from '../abi/contract-logs.ts';
import { manifestSection } from '../manifest-section.ts';
import { PositionMemory } from '../position-memory.ts';
import type { ChainContext, ChainReader, ProtocolAdapter } from '../protocol-adapter.ts';
import { initialEvents, VENUE } from './initial-events.ts';
import { levelManifestSchema } from './manifest.ts';
import { levelHandlers } from './normalize.ts';

function readerFor(context: ChainContext): ChainReader | null {
  const manifest = manifestSection(context.manifest, VENUE, levelManifestSchema);
  if (context.manifest === null || manifest === null) return null;
  const scanFrom = context.manifest.fromBlock;
  const firstBlock = Math.min(scanFrom, manifest.initialParameters?.asOfBlock ?? scanFrom);
  const initial = initialEvents(context.chainId, firstBlock, manifest);
  const tokens = new Map((manifest.tokens ?? []).map((token) => [token.address, token]));
  const addresses = [manifest.pool, ...(manifest.oracle ? [manifest.oracle] : [])];
  const memory = new PositionMemory();
  const request = {
    venue: VENUE,
    isOurs: (address: string) => addresses.includes(address),
    unknownTopics: 'DEAD_LETTER' as const,
    handlers: levelHandlers(memory, tokens),
  };
  return {
    selections: [{ addresses, topics: [] }],
    firstBlock,
    initialEvents: () => initial,
    remember: (positions) => memory.restore(positions, VENUE),
    normalize: (batch, senders) => normalizeContractLogs(batch, request, senders),
  };
}

/**
 * Level (level-trading-contracts): GMX V1 style positions in USD against pool tranches. The sources
 * name no address of a public deployment: it is read from archives whose manifest names the contracts.
 */
export const level: ProtocolAdapter = {
  venue: VENUE,
  kind: 'VENUE',
  version: '1',
  readerFor,
  knownOn: (chainId) =>
    chainId === 56
      ? [
          {
            subject: 'Level Pool and LevelOracle',
            isKnown: false,
            text: 'known to have run on this chain by reputation only; no published source states an address, so only an archive whose manifest names the contracts is read',
          },
        ]
      : [],
};
