import { toEventSelector } from 'viem/utils';
import { normalizeContractLogs, topicsOf } from '../abi/contract-logs.ts';
import { manifestSection } from '../manifest-section.ts';
import type {
  ChainContext,
  ChainReader,
  ProtocolAdapter,
  ReferenceFact,
} from '../protocol-adapter.ts';
import { rowsByTopic } from '../rows-by-topic.ts';
import { newRound } from './events.ts';
import { chainNameOf, type FeedsByAggregator, listedFeeds } from './feeds.ts';
import { chainlinkManifest } from './manifest.ts';
import { chainlinkHandlers } from './normalize.ts';

const VENUE = 'chainlink';
const NEW_ROUND_TOPIC0 = toEventSelector(newRound);

function readerFor(context: ChainContext): ChainReader | null {
  if (context.manifest !== null) {
    const section = manifestSection(context.manifest, VENUE, chainlinkManifest);
    if (section === null) return null;
    const feeds = section.feeds.map((feed) => ({ ...feed, proxy: feed.proxy ?? '' }));
    return reader(new Map(feeds.map((feed) => [feed.aggregator, feed])), {
      addresses: feeds.map((feed) => feed.aggregator),
      leftOut: [],
      firstBlock: context.manifest.fromBlock,
    });
  }
  if (chainNameOf(context.chainId) !== context.chain) return null;
  return reader(listedFeeds(context.chainId), {
    // Any contract: aggregators are replaced, so no list of them is complete.
    addresses: [],
    // A third of a chain's Chainlink logs, and each repeats two others of its transaction.
    leftOut: [NEW_ROUND_TOPIC0],
    firstBlock: 0,
  });
}

interface Scope {
  /** None = any contract. */
  readonly addresses: readonly string[];
  /** Topics known, but not worth asking the source for. */
  readonly leftOut: readonly string[];
  readonly firstBlock: number;
}

function reader(feeds: FeedsByAggregator, { addresses, leftOut, firstBlock }: Scope): ChainReader {
  const handlers = chainlinkHandlers(feeds);
  const topics = topicsOf(handlers);
  const known = new Set(topics);
  const ours = new Set(addresses);
  return {
    selections: [{ addresses, topics: [topics.filter((topic) => !leftOut.includes(topic))] }],
    firstBlock,
    initialEvents: () => [],
    normalize: (batch, senders) =>
      normalizeContractLogs(
        rowsByTopic(batch, known),
        {
          venue: VENUE,
          isOurs: (address) => ours.size === 0 || ours.has(address),
          unknownTopics: 'IGNORE',
          handlers,
        },
        senders,
      ),
  };
}

function knownOn(chainId: number): readonly ReferenceFact[] {
  if (chainNameOf(chainId) === null) return [];
  const count = listedFeeds(chainId).size;
  return [
    {
      subject: 'feeds',
      isKnown: count > 0,
      text:
        count > 0
          ? `${count} aggregators with description and decimals, as published from August to November 2024 (data/SOURCE.md)`
          : 'no list of aggregators is published where we could read it: updates have no name and no decimals',
    },
    {
      subject: 'aggregators not listed',
      isKnown: false,
      text: 'aggregators replaced before August 2024 or set up after November 2024 are read, but have no name and no decimals: an integer, not a price',
    },
  ];
}

/**
 * Chainlink data feeds, by the events of their aggregators, whatever contract emits them: RedStone's
 * merged price feeds and others with the same AnswerUpdated are read here too, without a price.
 */
export const chainlink: ProtocolAdapter = {
  venue: VENUE,
  kind: 'ORACLE',
  version: '1',
  readerFor,
  knownOn,
};
