import { normalizeContractLogs } from '../abi/contract-logs.ts';
import { manifestSection } from '../manifest-section.ts';
import type {
  ChainContext,
  ChainReader,
  ProtocolAdapter,
  ReferenceFact,
} from '../protocol-adapter.ts';
import { oracleIdOfToken } from './account-change.ts';
import { AccountLegs } from './account-legs.ts';
import { DEPLOYMENTS, deploymentOn } from './contracts.ts';
import { VENUE } from './facts.ts';
import { initialEvents } from './initial-events.ts';
import { type Mux3Manifest, mux3ManifestSchema } from './manifest.ts';
import { mux3Handlers, type OracleSymbols } from './normalize.ts';

function readerFor(context: ChainContext): ChainReader | null {
  const manifest = manifestSection(context.manifest, VENUE, mux3ManifestSchema);
  // An archive of another venue on a public chain holds no MUX3 logs, whatever the chain has.
  if (context.manifest !== null && manifest === null) return null;
  const deployment = deploymentOn(context.chainId, context.chain);
  const mux3 = manifest?.mux3 ?? deployment?.mux3;
  if (mux3 === undefined) return null;
  const emitter = manifest ? manifest.poolEventEmitter : deployment?.poolEventEmitter;
  const addresses = emitter ? [mux3, emitter] : [mux3];
  const scanFrom = context.manifest?.fromBlock ?? deployment?.firstBlock ?? 0;
  const firstBlock = Math.min(scanFrom, manifest?.initialParameters?.asOfBlock ?? scanFrom);
  const initial = manifest ? initialEvents(context.chainId, firstBlock, manifest) : [];
  const legs = new AccountLegs();
  const request = {
    venue: VENUE,
    isOurs: (address: string) => addresses.includes(address),
    unknownTopics: 'DEAD_LETTER' as const,
    handlers: mux3Handlers(legs, symbolsOf(manifest)),
  };
  return {
    selections: [{ addresses, topics: [] }],
    firstBlock,
    initialEvents: () => initial,
    remember: (positions) => legs.restore(positions),
    normalize: (batch, senders) => normalizeContractLogs(batch, request, senders),
  };
}

function symbolsOf(manifest: Mux3Manifest | null): OracleSymbols {
  return new Map([
    ...(manifest?.markets ?? []).map(({ oracleId, symbol }) => [oracleId, symbol] as const),
    ...(manifest?.collateralTokens ?? []).map(
      ({ address, symbol }) => [oracleIdOfToken(address), symbol] as const,
    ),
  ]);
}

function knownOn(chainId: number): readonly ReferenceFact[] {
  const deployment = DEPLOYMENTS.find((one) => one.chainId === chainId);
  if (!deployment) return [];
  return [
    {
      subject: `Mux3 ${deployment.mux3}`,
      isKnown: true,
      text: `with the pools' event emitter ${deployment.poolEventEmitter}, from block ${deployment.firstBlock}`,
    },
    {
      subject: 'markets, collateral tokens and parameters',
      isKnown: true,
      text: 'all of them have events: complete when indexed from the first block',
    },
    {
      subject: 'accounts with several markets',
      isKnown: false,
      text: 'markets of one position account share its margin: their positions are listed with the markets they share it with, and their margin is refused, not guessed',
    },
    {
      subject: 'borrowing between two updates of a pool',
      isKnown: false,
      text: "counted to the last update on chain: the rate in between depends on the pools' use",
    },
  ];
}

/** MUX3 (mux3-protocol): positions in accounts whose markets share margin. */
export const mux3: ProtocolAdapter = {
  venue: VENUE,
  kind: 'VENUE',
  version: '1',
  readerFor,
  knownOn,
};
