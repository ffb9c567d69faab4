import { manifestSection } from '../manifest-section.ts';
import type {
  ChainContext,
  ChainReader,
  ProtocolAdapter,
  ReferenceFact,
} from '../protocol-adapter.ts';
import { DEPLOYMENTS, deploymentOn, VENUE } from './contracts.ts';
import { EVENT_LOG_1_TOPIC0, EVENT_LOG_2_TOPIC0, EVENT_LOG_TOPIC0 } from './decode.ts';
import { initialEvents } from './initial-events.ts';
import { gmxV2ManifestSchema } from './manifest.ts';
import { gmxMarkets } from './markets.ts';
import { type NormalizerContext, normalizeBatch } from './normalize.ts';
import { parameterSnapshot } from './parameter-snapshot.ts';
import { gmxTokens } from './tokens.ts';

function readerFor(context: ChainContext): ChainReader | null {
  const deployment = deploymentOn(context.chainId, context.chain);
  const manifest = manifestSection(context.manifest, VENUE, gmxV2ManifestSchema);
  // An archive of another venue on a public chain holds no GMX logs, whatever the chain has.
  if (context.manifest !== null && manifest === null) return null;
  const eventEmitter = (manifest?.eventEmitter ?? deployment?.eventEmitter)?.toLowerCase();
  if (eventEmitter === undefined) return null;

  const scanFrom = context.manifest?.fromBlock ?? deployment?.firstBlock ?? 0;
  const firstBlock = Math.min(scanFrom, manifest?.initialParameters?.asOfBlock ?? scanFrom);
  const tokens = gmxTokens(deployment?.chainId ?? null, manifest);
  const normalizer: NormalizerContext = {
    eventEmitter,
    blockTimeProviders: new Set(deployment?.blockTimeProviders),
    tokens: new Map(tokens.map((token) => [token.address, token])),
  };
  return {
    // Every event name is landed, not only those kept today: raw logs are the evidence that a later
    // adapter re-reads, and the names not kept are few (3 % of the logs of the bundled archive).
    selections: [
      {
        addresses: [eventEmitter],
        topics: [[EVENT_LOG_TOPIC0, EVENT_LOG_1_TOPIC0, EVENT_LOG_2_TOPIC0]],
      },
    ],
    firstBlock,
    // Made when asked for: thousands on Arbitrum, and most readers are opened to read logs only.
    initialEvents: () =>
      initialEvents({
        chainId: context.chainId,
        firstBlock,
        markets: gmxMarkets(deployment?.chainId ?? null, manifest),
        tokens,
        manifest,
        snapshot: parameterSnapshot(deployment?.chainId ?? null),
      }),
    normalize: (batch) => normalizeBatch(batch, normalizer),
  };
}

function knownOn(chainId: number): readonly ReferenceFact[] {
  const deployment = DEPLOYMENTS.find((one) => one.chainId === chainId);
  if (!deployment) return [];
  const markets = gmxMarkets(chainId, null).length;
  const tokens = gmxTokens(chainId, null).length;
  const snapshot = parameterSnapshot(chainId);
  return [
    {
      subject: `EventEmitter ${deployment.eventEmitter}`,
      isKnown: true,
      text: `from block ${deployment.firstBlock}`,
    },
    {
      subject: 'markets and tokens',
      isKnown: markets > 0,
      text:
        markets > 0
          ? `${markets} markets, ${tokens} tokens with decimals; later ones from MarketCreated (decimals unknown)`
          : 'markets from MarketCreated only: names and decimals are unknown, prices have no scale',
    },
    {
      subject: 'risk parameters without an event',
      isKnown: snapshot !== null,
      text: snapshot
        ? `${snapshot.parameters.length} values of the published configuration, from block ${snapshot.fromBlock}; before it unknown until set`
        : 'unknown until a SetUint names them: margins that need one are refused',
    },
  ];
}

/** GMX V2 (gmx-synthetics): isolated positions, one EventEmitter a chain. */
export const gmxV2: ProtocolAdapter = {
  venue: VENUE,
  kind: 'VENUE',
  version: '2',
  readerFor,
  knownOn,
};
