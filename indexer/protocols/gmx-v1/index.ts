import {
  type HandlerTable,
  handlerTable,
  ignore,
  normalizeContractLogs,
  on,
} from '../abi/contract-logs.ts';
import { eventDecoder } from '../abi/event-decoder.ts';
import { manifestSection } from '../manifest-section.ts';
import type {
  ChainContext,
  ChainReader,
  LogSelection,
  ProtocolAdapter,
} from '../protocol-adapter.ts';
import { type GmxV1Token, MAINNET_TOKENS } from './data/mainnet-tokens.ts';
import { deploymentOn, VENUE } from './deployments.ts';
import * as events from './events.ts';
import { initialEvents } from './initial-events.ts';
import { knownOn } from './known-on.ts';
import { type GmxV1Manifest, gmxV1ManifestSchema } from './manifest.ts';
import { type FeeParameters, marginFees } from './normalize-fees.ts';
import {
  fundingRateUpdated,
  poolAmountChanged,
  priceUpdated,
  reservedAmountChanged,
} from './normalize-pool.ts';
import { positionClosed, positionLiquidated, positionUpdated } from './normalize-positions.ts';
import { PositionBook } from './position-book.ts';
import { onlyWithOutcome } from './vault-logs.ts';

/** The contracts of one chain or archive, lower case. */
interface Contracts {
  readonly vault: string;
  readonly priceEvents: readonly string[];
  readonly earlyPriceFeeds: readonly string[];
  readonly positionRouters: readonly string[];
  readonly orderBooks: readonly string[];
}

function contractsOf(context: ChainContext, manifest: GmxV1Manifest | null): Contracts | null {
  if (manifest) {
    return {
      vault: manifest.vault,
      priceEvents: manifest.priceEvents ? [manifest.priceEvents] : [],
      earlyPriceFeeds: [],
      positionRouters: manifest.positionRouters ?? [],
      orderBooks: manifest.orderBooks ?? [],
    };
  }
  const deployment = deploymentOn(context.chainId, context.chain);
  return deployment && { ...deployment, priceEvents: [deployment.priceEvents] };
}

/** The Vault is read whole; of the others, the events that say something of positions. */
function selectionsOf(contracts: Contracts): readonly LogSelection[] {
  const ofEvent = (addresses: readonly string[], event: Parameters<typeof eventDecoder>[0]) =>
    addresses.length === 0 ? [] : [{ addresses, topics: [[eventDecoder(event).topic0]] }];
  return [
    { addresses: [contracts.vault], topics: [] },
    ...ofEvent(contracts.priceEvents, events.priceUpdate),
    ...ofEvent(contracts.earlyPriceFeeds, events.setPrice),
    ...ofEvent(contracts.positionRouters, events.executeDecreasePosition),
    ...ofEvent(contracts.orderBooks, events.executeDecreaseOrder),
  ];
}

function handlersOf(
  book: PositionBook,
  tokens: ReadonlyMap<string, GmxV1Token>,
  fees: FeeParameters,
): HandlerTable {
  return handlerTable([
    on(events.updatePositionV1, (log) => positionUpdated(log, book)),
    on(events.updatePositionV2, (log) => positionUpdated(log, book)),
    on(events.closePosition, (log) => positionClosed(log, book)),
    on(events.liquidatePosition, (log) => positionLiquidated(log, book)),
    on(events.collectMarginFees, (log) => marginFees(log, fees)),
    on(events.updateFundingRate, fundingRateUpdated),
    on(events.increasePoolAmount, (log) => poolAmountChanged(log, 1n)),
    on(events.decreasePoolAmount, (log) => poolAmountChanged(log, -1n)),
    on(events.increaseReservedAmount, (log) => reservedAmountChanged(log, 1n)),
    on(events.decreaseReservedAmount, (log) => reservedAmountChanged(log, -1n)),
    on(events.priceUpdate, (log) => priceUpdated(log, tokens)),
    on(events.setPrice, (log) => priceUpdated(log, tokens)),
    // Read where they stand beside the log that gives the event.
    on(events.increasePosition, onlyWithOutcome),
    on(events.decreasePosition, onlyWithOutcome),
    on(events.updatePnl, () => null),
    on(events.directPoolDeposit, () => null),
    on(events.executeDecreasePosition, () => null),
    on(events.executeDecreaseOrder, () => null),
    ...ignore(events.otherVaultEvents),
  ]);
}

function tokensOf(context: ChainContext, manifest: GmxV1Manifest | null): readonly GmxV1Token[] {
  if (manifest?.tokens) {
    return manifest.tokens.map(({ symbol, address, decimals, stable }) => ({
      symbol,
      address,
      decimals,
      isStable: stable,
    }));
  }
  const deployment = deploymentOn(context.chainId, context.chain);
  return (deployment && MAINNET_TOKENS.get(deployment.chainId)) ?? [];
}

function feeParametersOf(manifest: GmxV1Manifest | null): FeeParameters {
  const { marginFeeBasisPoints, liquidationFeeUsd } = manifest?.initialParameters ?? {};
  return {
    marginFeeBasisPoints: marginFeeBasisPoints === undefined ? null : BigInt(marginFeeBasisPoints),
    liquidationFeeUsd: liquidationFeeUsd === undefined ? null : BigInt(liquidationFeeUsd),
  };
}

function readerFor(context: ChainContext): ChainReader | null {
  const manifest = manifestSection(context.manifest, VENUE, gmxV1ManifestSchema);
  // An archive of another venue on a public chain holds no logs of this one, whatever the chain has.
  if (context.manifest !== null && manifest === null) return null;
  const contracts = contractsOf(context, manifest);
  if (contracts === null) return null;

  const deployment = deploymentOn(context.chainId, context.chain);
  const firstBlock = context.manifest?.fromBlock ?? deployment?.firstBlock ?? 0;
  const tokens = tokensOf(context, manifest);
  const initial = initialEvents({ chainId: context.chainId, firstBlock, tokens, manifest });
  const book = new PositionBook(tokens);
  const byAddress = new Map(tokens.map((token) => [token.address, token]));
  const handlers = handlersOf(book, byAddress, feeParametersOf(manifest));
  const selections = selectionsOf(contracts);
  const request = {
    venue: VENUE,
    isOurs: (address: string, topic0: string) =>
      selections.some(
        ({ addresses, topics }) =>
          addresses.includes(address) && (topics[0]?.includes(topic0) ?? true),
      ),
    unknownTopics: 'DEAD_LETTER',
    handlers,
  } as const;
  return {
    selections,
    firstBlock,
    initialEvents: () => initial,
    remember: (positions) => book.restore(positions),
    normalize: (batch, senders) => normalizeContractLogs(batch, request, senders),
  };
}

/** GMX V1: one Vault a chain, positions against its pool. A market is an index token. */
export const gmxV1: ProtocolAdapter = {
  venue: VENUE,
  kind: 'VENUE',
  version: '1',
  readerFor,
  knownOn,
};
