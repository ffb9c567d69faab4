import { normalizeContractLogs } from '../abi/contract-logs.ts';
import { manifestSection } from '../manifest-section.ts';
import { PositionMemory } from '../position-memory.ts';
import type {
  ChainContext,
  ChainReader,
  ProtocolAdapter,
  ReferenceFact,
} from '../protocol-adapter.ts';
import { collateralsOf } from './collaterals.ts';
import { DEPLOYMENTS, deploymentOn, VENUE } from './contracts.ts';
import { gtradeHandlers } from './handlers.ts';
import { initialEvents, knownPairs } from './initial-events.ts';
import { gtradeManifestSchema } from './manifest.ts';

function readerFor(context: ChainContext): ChainReader | null {
  const deployment = deploymentOn(context.chainId, context.chain);
  const manifest = manifestSection(context.manifest, VENUE, gtradeManifestSchema);
  if (context.manifest !== null && manifest === null) return null;
  const diamond = manifest?.diamond ?? deployment?.diamond;
  if (diamond === undefined) return null;

  const collaterals = collateralsOf(deployment?.chainId ?? null, manifest);
  const memory = new PositionMemory();
  const handlers = gtradeHandlers({
    memory,
    collaterals: new Map(collaterals.map((one) => [one.index, one])),
  });
  const request = {
    venue: VENUE,
    isOurs: (address: string) => address === diamond,
    unknownTopics: 'DEAD_LETTER',
    handlers,
  } as const;
  const scanFrom = context.manifest?.fromBlock ?? deployment?.firstBlock ?? 0;
  const firstBlock = Math.min(scanFrom, manifest?.initialParameters?.asOfBlock ?? scanFrom);
  return {
    // Every event of the diamond: one that no committed ABI holds must be noticed.
    selections: [{ addresses: [diamond], topics: [] }],
    firstBlock,
    // Made when asked for: hundreds of pairs, and most readers are opened to read logs only.
    initialEvents: () =>
      initialEvents({
        chainId: context.chainId,
        firstBlock,
        pairs: knownPairs(deployment?.hasKnownPairs ?? false, manifest),
        collaterals,
        manifest,
      }),
    remember: (positions) => memory.restore(positions, VENUE),
    normalize: (batch, senders) => normalizeContractLogs(batch, request, senders),
  };
}

function knownOn(chainId: number): readonly ReferenceFact[] {
  const deployment = DEPLOYMENTS.find((one) => one.chainId === chainId);
  if (!deployment) return [];
  const collaterals = collateralsOf(chainId, null);
  const pairs = knownPairs(deployment.hasKnownPairs, null).length;
  return [
    {
      subject: `diamond ${deployment.diamond}`,
      isKnown: deployment.firstBlock > 0,
      text:
        deployment.firstBlock > 0
          ? `from block ${deployment.firstBlock} (start of the venue's own indexer)`
          : 'its first block is stated nowhere: scanned from block 0',
    },
    {
      subject: 'collaterals',
      isKnown: collaterals.length > 0,
      text:
        collaterals.length > 0
          ? `${collaterals.map(({ index, symbol }) => `${index} ${symbol}`).join(', ')}; trades in a later one become dead letters (decimals unknown)`
          : 'none is known: every trade becomes a dead letter (decimals unknown)',
    },
    {
      subject: 'pairs',
      isKnown: pairs > 0,
      text: pairs > 0 ? `${pairs} names; later ones from PairAdded` : 'from PairAdded only',
    },
    {
      subject: 'spread, fee group and group of each pair',
      isKnown: false,
      text: 'in no event (PairUpdated says only that they changed): margins need them from a manifest',
    },
    {
      subject: 'prices of v8 and v9 oracle answers',
      isKnown: false,
      text: 'packed without a published layout: prices are those that executed orders were settled at',
    },
  ];
}

/** Gains Network gTrade v8 to v10: isolated trades, one diamond a chain. */
export const gtrade: ProtocolAdapter = {
  venue: VENUE,
  kind: 'VENUE',
  version: '2',
  readerFor,
  knownOn,
};
