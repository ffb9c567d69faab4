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
import { ADAPTERS } from './adapters.ts';
import { updateSkipped, valueUpdate } from './events.ts';
import { listedDecimals } from './feeds.ts';
import { type RedstoneManifest, redstoneManifest } from './manifest.ts';

const VENUE = 'redstone';

/** Decimals of a feed in a contract, null = unknown: its log does not say, and feeds deviate. */
type DecimalsOf = (contract: string, dataFeedId: string) => number | null;

function updated(
  { args, place, address }: ContractLog<EventArgs<typeof valueUpdate>>,
  decimalsOf: DecimalsOf,
): OracleUpdate {
  const { value, dataFeedId, updatedAt } = args;
  if (value >= 2n ** 255n) throw new DecodeError(`ValueUpdate: ${value} is no price`);
  return {
    ...place,
    kind: 'oracle',
    type: 'OracleUpdated',
    token: tokenOf(address, dataFeedId),
    symbol: feedName(dataFeedId),
    provider: address,
    minPrice: value,
    maxPrice: value,
    priceDecimals: decimalsOf(address, dataFeedId),
    delivery: 'PUSH',
    observedAt: null,
    timeIsBlockTime: updatedAt === BigInt(place.blockTimestamp),
    details: { updatedAt: updatedAt.toString() },
  };
}

/**
 * What is priced: 20 bytes of the emitter, then 32 of its feed id. On a public chain the event is looked
 * for by topic, and any contract may emit it under the id of 'ETH': that moves its own price only.
 */
function tokenOf(emitter: string, dataFeedId: string): string {
  return `${emitter}${dataFeedId.slice(2)}`.toLowerCase();
}

/** The feed's name is its id as ASCII, padded with zeros; '' where it is none. @example 'ETH' */
function feedName(dataFeedId: string): string {
  const bytes = Buffer.from(dataFeedId.slice(2).replace(/(00)+$/, ''), 'hex');
  const text = bytes.toString('latin1');
  return /^[\x21-\x7e]+$/.test(text) ? text : '';
}

function declaredDecimals(feeds: RedstoneManifest['feeds']): DecimalsOf {
  const declared = new Map(feeds.map(({ id, decimals }) => [id, decimals]));
  return (_contract, dataFeedId) => declared.get(dataFeedId) ?? null;
}

function publishedDecimals(adapters: readonly string[]): DecimalsOf {
  const listed = listedDecimals();
  return (contract, dataFeedId) =>
    adapters.includes(contract) ? (listed.get(feedName(dataFeedId)) ?? null) : null;
}

function readerFor(context: ChainContext): ChainReader | null {
  const { manifest, chainId, chain } = context;
  const section = manifestSection(manifest, VENUE, redstoneManifest);
  if (manifest !== null && section === null) return null;
  const deployment = ADAPTERS.find((one) => one.chainId === chainId && one.chain === chain);
  if (section === null && deployment === undefined) return null;
  const decimalsOf = section
    ? declaredDecimals(section.feeds)
    : publishedDecimals(deployment?.adapters ?? []);
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
  const deployment = ADAPTERS.find((one) => one.chainId === chainId);
  if (!deployment) return [];
  return [
    {
      subject: 'adapters',
      isKnown: true,
      text: `${deployment.adapters.join(', ')}: redstone-oracles-monorepo b9dea4ff; others are read by topic, without a price`,
    },
    {
      subject: 'decimals',
      isKnown: false,
      text: `${listedDecimals().size} feeds (data/SOURCE.md); any other is an integer, not a price`,
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
  version: '2',
  readerFor,
  knownOn,
};
