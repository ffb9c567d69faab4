import { normalizeContractLogs, topicsOf } from '../abi/contract-logs.ts';
import { manifestSection } from '../manifest-section.ts';
import type {
  ChainContext,
  ChainReader,
  ProtocolAdapter,
  ReferenceFact,
} from '../protocol-adapter.ts';
import { rowsByTopic } from '../rows-by-topic.ts';
import { DEPLOYMENTS, deploymentOn } from './contracts.ts';
import { listedFeeds } from './feeds.ts';
import { pythManifest } from './manifest.ts';
import { type PythContext, pythHandlers } from './normalize.ts';

const VENUE = 'pyth';

/**
 * 2026-08-18 00:00 UTC: the day the stable contracts were to go over from Pythnet's prices to Pyth
 * Pro's (pyth-crosschain 7c915eb1, apps/developer-hub/content/docs/price-feeds/core/upgrade). Our
 * exponents were read from Pythnet's signed prices, and nothing says that Pro's are the same.
 */
const PRO_UPGRADE = Date.UTC(2026, 7, 18) / 1000;

function readerFor(context: ChainContext): ChainReader | null {
  if (context.manifest !== null) {
    const section = manifestSection(context.manifest, VENUE, pythManifest);
    if (section === null) return null;
    const feeds = section.feeds.map(
      ({ id, symbol, exponent }) => [id, { id, symbol, exponent: exponent ?? null }] as const,
    );
    return reader(section.contracts, context.manifest.fromBlock, {
      feeds: new Map(feeds),
      hasKnownExponents: () => true,
      swapsPublishTimes: section.swapsPublishTimes ?? false,
    });
  }
  const deployment = deploymentOn(context.chainId, context.chain);
  if (deployment === null) return null;
  const { contract, proContract } = deployment;
  return reader(proContract === null ? [contract] : [contract, proContract], 0, {
    feeds: listedFeeds(),
    hasKnownExponents: (address, time) => address === contract && time < PRO_UPGRADE,
    swapsPublishTimes: false,
  });
}

function reader(
  contracts: readonly string[],
  firstBlock: number,
  context: PythContext,
): ChainReader {
  const handlers = pythHandlers(context);
  const topics = topicsOf(handlers);
  const known = new Set(topics);
  const ours = new Set(contracts);
  return {
    selections: [{ addresses: contracts, topics: [topics] }],
    firstBlock,
    initialEvents: () => [],
    normalize: (batch, senders) =>
      normalizeContractLogs(
        rowsByTopic(batch, known),
        {
          venue: VENUE,
          isOurs: (address) => ours.has(address),
          unknownTopics: 'IGNORE',
          handlers,
        },
        senders,
      ),
  };
}

function knownOn(chainId: number): readonly ReferenceFact[] {
  const deployment = DEPLOYMENTS.find((one) => one.chainId === chainId);
  if (!deployment) return [];
  const feeds = [...listedFeeds().values()];
  const named = feeds.filter(({ symbol }) => symbol !== '').length;
  const priced = feeds.filter(({ exponent }) => exponent !== null).length;
  return [
    {
      subject: `Pyth ${deployment.contract}`,
      isKnown: true,
      text: 'contract_manager of pyth-network/pyth-crosschain 7c915eb1; its first block is not stated',
    },
    {
      subject: 'feed names',
      isKnown: true,
      text: `${named} feeds (data/SOURCE.md); any other has its id only`,
    },
    {
      subject: 'exponents',
      isKnown: false,
      text: `${priced} feeds have a published exponent until 2026-08-18; any other, and any update since, is an integer, not a price`,
    },
  ];
}

/** Pyth's pull oracle: prices that somebody needed, with the time they were published at. */
export const pyth: ProtocolAdapter = {
  venue: VENUE,
  kind: 'ORACLE',
  version: '1',
  readerFor,
  knownOn,
};
