import type { ChainContext, ChainReader, ProtocolAdapter } from '../protocol-adapter.ts';
import { deploymentOn, VENUE } from './contracts.ts';
import { EVENT_LOG_1_TOPIC0, EVENT_LOG_2_TOPIC0, EVENT_LOG_TOPIC0 } from './decode.ts';
import { initialEvents } from './initial-events.ts';
import { gmxMarkets } from './markets.ts';
import { type NormalizerContext, normalizeBatch } from './normalize.ts';
import { parameterSnapshot } from './parameter-snapshot.ts';
import { gmxTokens } from './tokens.ts';

function readerFor(context: ChainContext): ChainReader | null {
  const deployment = deploymentOn(context.chainId, context.chain);
  const manifest = context.manifest?.protocols['gmx-v2'] ?? null;
  // An archive of another venue on a public chain holds no GMX logs, whatever the chain has.
  if (context.manifest !== null && manifest === null) return null;
  const eventEmitter = (manifest?.eventEmitter ?? deployment?.eventEmitter)?.toLowerCase();
  if (eventEmitter === undefined) return null;

  const scanFrom = context.manifest?.fromBlock ?? deployment?.firstBlock ?? 0;
  const firstBlock = Math.min(scanFrom, manifest?.initialParameters?.asOfBlock ?? scanFrom);
  const initial = initialEvents({
    chainId: context.chainId,
    firstBlock,
    markets: gmxMarkets(deployment?.chainId ?? null, manifest),
    tokens: gmxTokens(deployment?.chainId ?? null, manifest),
    manifest,
    snapshot: parameterSnapshot(deployment?.chainId ?? null),
  });
  const normalizer: NormalizerContext = {
    eventEmitter,
    blockTimeProviders: new Set(deployment?.blockTimeProviders),
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
    initialEvents: () => initial,
    normalize: (batch) => normalizeBatch(batch, normalizer),
  };
}

/** GMX V2 (gmx-synthetics): isolated positions, one EventEmitter a chain. */
export const gmxV2: ProtocolAdapter = { venue: VENUE, version: '1', readerFor };
