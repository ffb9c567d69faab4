import type { OracleUpdate } from '../../../schema/events/oracle.ts';
import type { Details } from '../../../schema/events/place.ts';
import {
  type ContractLog,
  handlerTable,
  normalizeContractLogs,
  on,
  topicsOf,
} from '../abi/contract-logs.ts';
import { manifestSection } from '../manifest-section.ts';
import type {
  ChainContext,
  ChainReader,
  ProtocolAdapter,
  ReferenceFact,
} from '../protocol-adapter.ts';
import { rowsByTopic } from '../rows-by-topic.ts';
import { opPoked, poked } from './events.ts';
import { chronicleManifest } from './manifest.ts';

const VENUE = 'chronicle';

/** Chronicle's contracts are found by topic: no list of them is committed here. */
const CHAINS: ReadonlyMap<number, string> = new Map([
  [1, 'ethereum'],
  [10, 'optimism'],
  [137, 'polygon'],
  [8453, 'base'],
  [42161, 'arbitrum'],
]);

/** IScribe.sol: every value. */
const DECIMALS = 18;

interface Poke {
  readonly val: bigint;
  readonly age: number;
}

function updateOf(
  { place, address }: ContractLog,
  { val, age }: Poke,
  symbols: ReadonlyMap<string, string>,
  details: Details,
): OracleUpdate {
  return {
    ...place,
    kind: 'oracle',
    type: 'OracleUpdated',
    token: address,
    symbol: symbols.get(address) ?? '',
    provider: address,
    minPrice: val,
    maxPrice: val,
    priceDecimals: DECIMALS,
    delivery: 'PUSH',
    // Zero is no time: a value that was never signed.
    observedAt: age || null,
    timeIsBlockTime: false,
    details,
  };
}

function readerFor(context: ChainContext): ChainReader | null {
  const { manifest, chainId, chain } = context;
  const section = manifestSection(manifest, VENUE, chronicleManifest);
  if (manifest !== null && section === null) return null;
  if (manifest === null && CHAINS.get(chainId) !== chain) return null;
  const symbols = new Map(section?.feeds.map((feed) => [feed.address, feed.symbol]) ?? []);
  const addresses = [...symbols.keys()];
  const handlers = handlerTable([
    on(poked, (log) =>
      updateOf(log, log.args, symbols, { event: 'Poked', caller: log.args.caller }),
    ),
    on(opPoked, (log) =>
      updateOf(log, log.args.pokeData, symbols, {
        event: 'OpPoked',
        caller: log.args.caller,
        opFeed: log.args.opFeed,
      }),
    ),
  ]);
  const topics = topicsOf(handlers);
  const known = new Set(topics);
  const request = {
    venue: VENUE,
    isOurs: (address: string) => addresses.length === 0 || symbols.has(address),
    unknownTopics: 'IGNORE',
    handlers,
  } as const;
  return {
    selections: [{ addresses, topics: [topics] }],
    firstBlock: manifest?.fromBlock ?? 0,
    initialEvents: () => [],
    normalize: (batch, senders) =>
      normalizeContractLogs(rowsByTopic(batch, known), request, senders),
  };
}

function knownOn(chainId: number): readonly ReferenceFact[] {
  if (!CHAINS.has(chainId)) return [];
  return [
    {
      subject: 'contracts',
      isKnown: false,
      text: 'found by topic: their pairs are not in the logs, so feeds bear their address only',
    },
    {
      subject: 'decimals and observation time',
      isKnown: true,
      text: '18 decimals; `age` is the time of the signed value (chronicleprotocol/scribe 12ff06ca)',
    },
  ];
}

/** Chronicle's Scribe and ScribeOptimistic. Reading the contract needs leave, its logs do not. */
export const chronicle: ProtocolAdapter = {
  venue: VENUE,
  kind: 'ORACLE',
  version: '1',
  readerFor,
  knownOn,
};
