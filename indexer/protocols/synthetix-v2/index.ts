import {
  handlerTable,
  ignore,
  type LogHandler,
  normalizeContractLogs,
  on,
} from '../abi/contract-logs.ts';
import type {
  ChainContext,
  ChainReader,
  ProtocolAdapter,
  ReferenceFact,
} from '../protocol-adapter.ts';
import { type Deployment, deploymentOf, OPTIMISM, onOptimism, VENUE } from './contracts.ts';
import * as events from './events.ts';
import { LastPositions } from './last-positions.ts';
import { positionLiquidatedEvents } from './normalize-liquidations.ts';
import {
  fundingEvents,
  globalParameter,
  initialListings,
  marketListed,
  marketParameter,
} from './normalize-markets.ts';
import { flagged, orderRemoved, orderSubmitted } from './normalize-orders.ts';
import { positionModifiedEvents } from './normalize-positions.ts';
import { checkWidths } from './stored-widths.ts';
import type { VenueContext } from './venue-context.ts';

function handlersOf(context: VenueContext): readonly LogHandler[] {
  return [
    on(events.positionModified, (log) => positionModifiedEvents(context, log)),
    on(events.positionModified2022, (log) => positionModifiedEvents(context, log)),
    on(events.positionLiquidated, (log) => positionLiquidatedEvents(context, log)),
    on(events.positionLiquidated2022, (log) => positionLiquidatedEvents(context, log)),
    on(events.positionFlagged, flagged),
    on(events.positionFlagged2023, flagged),
    on(events.delayedOrderSubmitted, orderSubmitted),
    on(events.delayedOrderSubmitted2022, orderSubmitted),
    on(events.delayedOrderRemoved, orderRemoved),
    on(events.delayedOrderRemoved2022, orderRemoved),
    // Told by the PositionModified that follows it, which must find it decoded.
    on(events.marginTransferred, () => null),
    on(events.fundingRecomputed, (log) => fundingEvents(context, log)),
    on(events.marketAdded, (log) => marketListed(context, log)),
    on(events.parameterUpdated, (log) => marketParameter(context, log)),
    on(events.parameterUpdatedBytes2022, (log) => marketParameter(context, log)),
    on(events.parameterUpdatedBytes32, (log) => marketParameter(context, log)),
    ...globalHandlers(),
    ...ignore(events.otherEvents),
  ];
}

function globalHandlers(): readonly LogHandler[] {
  return [
    on(events.minKeeperFeeUpdated, (log) => globalParameter('minKeeperFee', log, log.args.sUSD)),
    on(events.maxKeeperFeeUpdated, (log) => globalParameter('maxKeeperFee', log, log.args.sUSD)),
    on(events.liquidationFeeRatioUpdated, (log) =>
      globalParameter('liquidationFeeRatio', log, log.args.bps),
    ),
    on(events.liquidationBufferRatioUpdated, (log) =>
      globalParameter('liquidationBufferRatio', log, log.args.bps),
    ),
    on(events.minInitialMarginUpdated, (log) =>
      globalParameter('minInitialMargin', log, log.args.minMargin),
    ),
    on(events.keeperLiquidationFeeUpdated, (log) =>
      globalParameter('keeperLiquidationFee', log, log.args.keeperFee),
    ),
  ];
}

function readerFor(context: ChainContext): ChainReader | null {
  const deployment = deploymentOf(context);
  if (deployment === null) return null;
  const addresses = [
    ...deployment.markets.map((market) => market.address),
    ...deployment.settings,
    ...deployment.managers,
  ];
  const ours = new Set(addresses);
  const venue = venueContext(deployment);
  const request = {
    venue: VENUE,
    isOurs: (address: string) => ours.has(address),
    unknownTopics: 'DEAD_LETTER',
    handlers: handlerTable(handlersOf(venue).map(checked)),
  } as const;
  const initial = initialListings(context.chainId, VENUE, deployment);
  return {
    // Every event of the contracts: one that we do not know yet must be noticed.
    selections: [{ addresses, topics: [] }],
    firstBlock: deployment.firstBlock,
    initialEvents: () => initial,
    remember: (positions) => venue.positions.restore(positions),
    normalize: (batch, senders) => normalizeContractLogs(batch, request, senders),
  };
}

/** The handler, refusing values that no contract of the venue can have stored. */
function checked({ decoder, normalize }: LogHandler): LogHandler {
  if (normalize === null) return { decoder, normalize };
  return {
    decoder,
    normalize: (log) => {
      checkWidths(log.args);
      return normalize(log);
    },
  };
}

function venueContext(deployment: Deployment): VenueContext {
  const { markets } = deployment;
  return {
    deployment,
    marketByAddress: new Map(markets.map((market) => [market.address, market])),
    marketByKey: new Map(markets.map((market) => [market.keyBytes32, market])),
    positions: new LastPositions(),
  };
}

function knownOn(chainId: number): readonly ReferenceFact[] {
  if (chainId !== OPTIMISM.chainId) return [];
  const { markets, firstBlock } = onOptimism();
  return [
    {
      subject: 'markets',
      isKnown: true,
      text: `${markets.length} market proxies with key, asset and Chainlink feed (data/SOURCE.md)`,
    },
    {
      subject: 'parameters',
      isKnown: true,
      text: 'every parameter has an event, of the three settings contracts since 2022-12-20',
    },
    {
      subject: 'first block',
      isKnown: true,
      text: `${firstBlock}, a safe start below the first deployment: none states its block`,
    },
    {
      subject: 'aggregators of other times',
      isKnown: false,
      text: 'the Chainlink aggregators behind the feeds are those of August to November 2024: where another one stood there is no price, and a margin is refused',
    },
    {
      subject: 'release of 2022-12',
      isKnown: false,
      text: 'positions before the upgrade of April 2023 are read, their margin is not judged: that release had another formula, and logged no skew',
    },
  ];
}

/** Synthetix Perps V2: one isolated position for each market and account, margin in sUSD. */
export const synthetixV2: ProtocolAdapter = {
  venue: VENUE,
  kind: 'VENUE',
  version: '2',
  readerFor,
  knownOn,
};
