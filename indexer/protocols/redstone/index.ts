import type { OracleUpdate } from '../../../schema/events/oracle.ts';
import {
  type ContractLog,
  handlerTable,
  ignore,
  normalizeContractLogs,
  on,
  topicsOf,
} from '../abi/contract-logs.ts';
import { DecodeError } from '../abi/decode-error.ts';
import type { EventArgs } from '../abi/event-decoder.ts';
import { manifestSection } from '../manifest-section.ts';
import type {
  ChainContext,
  ChainReader,
  ProtocolAdapter,
  ReferenceFact,
} from '../protocol-adapter.ts';
import { rowsByTopic } from '../rows-by-topic.ts';
import { updateSkipped, valueUpdate } from './events.ts';
import { redstoneManifest } from './manifest.ts';

const VENUE = 'redstone';

/** RedStone publishes no list of its adapters that we could read: found by topic, on these chains. */
const CHAINS: ReadonlyMap<number, string> = new Map([
  [1, 'ethereum'],
  [10, 'optimism'],
  [56, 'bsc'],
  [137, 'polygon'],
  [8453, 'base'],
  [42161, 'arbitrum'],
  [43114, 'avalanche'],
]);

/**
 * Decimals of a value where a feed does not say otherwise: DEFAULT_NUM_VALUE_DECIMALS of RedStone's
 * protocol, and `decimals()` of PriceFeedBase.sol. A feed may deviate, and its log does not say so:
 * the details of every update name the default.
 */
const DEFAULT_DECIMALS = 8;

function updated(
  { args, place, address }: ContractLog<EventArgs<typeof valueUpdate>>,
  decimalsOf: ReadonlyMap<string, number>,
): OracleUpdate {
  const { value, dataFeedId, updatedAt } = args;
  if (value >= 2n ** 255n) throw new DecodeError(`ValueUpdate: ${value} is no price`);
  const declared = decimalsOf.get(dataFeedId);
  return {
    ...place,
    kind: 'oracle',
    type: 'OracleUpdated',
    token: dataFeedId,
    symbol: feedName(dataFeedId),
    provider: address,
    minPrice: value,
    maxPrice: value,
    priceDecimals: declared ?? DEFAULT_DECIMALS,
    delivery: 'PUSH',
    observedAt: null,
    timeIsBlockTime: updatedAt === BigInt(place.blockTimestamp),
    details: {
      updatedAt: updatedAt.toString(),
      decimalsAre: declared === undefined ? 'DEFAULT' : 'DECLARED',
    },
  };
}

/** The feed's name is its id as ASCII, padded with zeros; '' where it is none. @example 'ETH' */
function feedName(dataFeedId: string): string {
  const bytes = Buffer.from(dataFeedId.slice(2).replace(/(00)+$/, ''), 'hex');
  const text = bytes.toString('latin1');
  return /^[\x21-\x7e]+$/.test(text) ? text : '';
}

function readerFor(context: ChainContext): ChainReader | null {
  const { manifest, chainId, chain } = context;
  const section = manifestSection(manifest, VENUE, redstoneManifest);
  if (manifest !== null && section === null) return null;
  if (manifest === null && CHAINS.get(chainId) !== chain) return null;
  const decimalsOf = new Map(section?.feeds.map((feed) => [feed.id, feed.decimals]) ?? []);
  const handlers = handlerTable([
    on(valueUpdate, (log) => updated(log, decimalsOf)),
    ...ignore([updateSkipped]),
  ]);
  const topics = topicsOf(handlers);
  const addresses = section?.adapters ?? [];
  const request = {
    venue: VENUE,
    isOurs: (address: string) => addresses.length === 0 || addresses.includes(address),
    unknownTopics: 'IGNORE',
    handlers,
  } as const;
  const known = new Set(topics);
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
    { subject: 'adapters', isKnown: false, text: 'found by topic: no list of them is published' },
    {
      subject: 'decimals',
      isKnown: false,
      text: `${DEFAULT_DECIMALS}, the protocol's default; a feed that deviates does not say so in its logs`,
    },
    {
      subject: 'observation time',
      isKnown: false,
      text: 'in the calldata only: these feeds tell no latency',
    },
  ];
}

/** RedStone's multi-feed push adapters. */
export const redstone: ProtocolAdapter = {
  venue: VENUE,
  kind: 'ORACLE',
  version: '1',
  readerFor,
  knownOn,
};
