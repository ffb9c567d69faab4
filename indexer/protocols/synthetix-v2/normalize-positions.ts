import type { DomainEvent } from '../../../schema/events/domain-event.ts';
import type { MarketEvent } from '../../../schema/events/market.ts';
import type {
  FeeEvent,
  PositionEvent,
  PositionEventType,
} from '../../../schema/events/position.ts';
import { type ContractLog, siblings } from '../abi/contract-logs.ts';
import type { EventArgs } from '../abi/event-decoder.ts';
import { magnitude, priceWith, usdOf, valueUsd } from './amounts.ts';
import {
  delayedOrderRemoved,
  marginTransferred,
  type positionModified,
  type positionModified2022,
} from './events.ts';
import { accruedFunding, notionalOf, profitLoss, type StoredPosition } from './last-positions.ts';
import { chargedFees, wasLiquidated } from './normalize-liquidations.ts';
import { ATOMIC_ORDER, executesOrder, orderTypeOf } from './normalize-orders.ts';
import { checkWidths } from './stored-widths.ts';
import {
  detailsOf,
  fundingEntryAt,
  positionKeyOf,
  priceDecimalsOf,
  tradeValue,
  type VenueContext,
} from './venue-context.ts';

type ModifiedLog = ContractLog<
  EventArgs<typeof positionModified> | EventArgs<typeof positionModified2022>
>;

/** A PositionModified with what its transaction and the position before add to it. */
interface Change {
  readonly context: VenueContext;
  readonly log: ModifiedLog;
  readonly positionKey: string;
  readonly sizeBefore: bigint;
  /** Null where the position before was not seen. */
  readonly before: StoredPosition | null;
  readonly fundingEntry: bigint | null;
  /** sUSD that the owner moved in (+) or out (−); null: this is no transfer. */
  readonly marginDelta: bigint | null;
  /** Of the position before, folded into the margin by this change; negative: it paid. */
  readonly realizedFunding: bigint | null;
}

/**
 * A PositionModified is the whole position as stored after the change, so its type is told from the
 * sizes before (`size − tradeSize`) and after. A change of sign closes one position and opens
 * another. The one of a liquidation (everything 0) says nothing: PositionLiquidated, which follows
 * in the transaction, does. Margin that lies in an account without a position begins no life: such a
 * log gives the skew alone, with the log's values in its details.
 */
export function positionModifiedEvents(context: VenueContext, log: ModifiedLog): DomainEvent[] {
  const change = changeOf(context, log);
  const positions = wasLiquidated(log) ? [] : positionEvents(change);
  for (const event of positions) context.positions.note(event);
  const fees = positions.length > 0 ? feesOf(change) : null;
  const skew = skewOf(change, positions.length === 0);
  return [...positions, ...(fees ? [fees] : []), ...(skew ? [skew] : [])].map(
    (event, subIndex) => ({ ...event, subIndex }),
  );
}

function changeOf(context: VenueContext, log: ModifiedLog): Change {
  const { args, address } = log;
  const positionKey = positionKeyOf(address, args.account);
  const sizeBefore = args.size - args.tradeSize;
  const before = context.positions.get(positionKey, sizeBefore);
  const fundingEntry = fundingEntryAt(log, args.fundingIndex, before);
  return {
    context,
    log,
    positionKey,
    sizeBefore,
    before,
    fundingEntry,
    marginDelta: transferOf(log),
    realizedFunding: before && accruedFunding(before, fundingEntry),
  };
}

/** Emitted by the contract just before the PositionModified that it causes (`_transferMargin`). */
function transferOf({ transaction, address, args, place }: ModifiedLog): bigint | null {
  const transfer = siblings(transaction, marginTransferred).find(
    (log) =>
      log.address === address &&
      log.args.account === args.account &&
      log.place.logIndex === place.logIndex - 1,
  );
  if (transfer) checkWidths(transfer.args);
  return transfer?.args.marginDelta ?? null;
}

function positionEvents(change: Change): PositionEvent[] {
  const { sizeBefore } = change;
  const { size, tradeSize } = change.log.args;
  if (sizeBefore === 0n) return size === 0n ? [] : [opened(change)];
  if (size === 0n) return [closed(change)];
  if (size > 0n !== sizeBefore > 0n) return [closed(change), opened(change)];
  if (tradeSize === 0n) return [resized(change, marginType(change))];
  return [
    resized(
      change,
      magnitude(size) > magnitude(sizeBefore) ? 'PositionIncreased' : 'PositionDecreased',
    ),
  ];
}

/** By what moved, the margin itself: profit and loss since the last change is folded into it too. */
function marginType(change: Change): PositionEventType {
  const moved = movedMargin(change) ?? 0n;
  return moved < 0n ? 'MarginRemoved' : 'MarginAdded';
}

/** What neither profit, funding nor fee explains: a transfer, or a keeper's deposit of an order. */
function movedMargin({ log, before, marginDelta, realizedFunding }: Change): bigint | null {
  if (marginDelta !== null) return marginDelta;
  if (before === null || realizedFunding === null) return null;
  const realized = profitLoss(before, log.args.lastPrice) + realizedFunding;
  return log.args.margin - before.margin - realized + log.args.fee;
}

function opened(change: Change): PositionEvent {
  const { args } = change.log;
  return {
    ...eventOf(change, 'PositionOpened', args.size > 0n, { from: 0n, to: args.size }),
    collateralRaw: usdOf(args.margin),
    // The margin that lay in the account becomes the position's: a life's changes sum to its state.
    collateralDeltaRaw: usdOf(args.margin),
  };
}

/** What is left of the margin lies in the account and is no position's any more: `details.margin`. */
function closed(change: Change): PositionEvent {
  const { sizeBefore, before } = change;
  return {
    ...eventOf(change, 'PositionClosed', sizeBefore > 0n, { from: sizeBefore, to: 0n }),
    ...realizedOf(change),
    collateralRaw: 0n,
    collateralDeltaRaw: before ? -usdOf(before.margin) : 0n,
  };
}

function resized(change: Change, type: PositionEventType): PositionEvent {
  const { log, sizeBefore, before, marginDelta } = change;
  const { size, margin } = log.args;
  return {
    ...eventOf(change, type, sizeBefore > 0n, { from: sizeBefore, to: size }),
    ...realizedOf(change),
    collateralRaw: usdOf(margin),
    collateralDeltaRaw: usdOf(before ? margin - before.margin : (marginDelta ?? 0n)),
  };
}

/** Every change realizes the profit of the whole position before it, an increase too. */
function realizedOf({ before, log }: Change): Pick<PositionEvent, 'realizedPnlUsd'> {
  return { realizedPnlUsd: before ? usdOf(profitLoss(before, log.args.lastPrice)) : 0n };
}

/** Signed sizes; of a flip, those of its closing or its opening part. */
interface SizeChange {
  readonly from: bigint;
  readonly to: bigint;
}

/**
 * USD 1e30. Every change rebases the notional to its own price, so the delta is more than what was
 * traded: it leads from the notional before. A position that was not seen is valued at the new price.
 */
function notionalBefore({ before, log }: Change, size: bigint): bigint {
  if (size === 0n) return 0n;
  return before ? notionalOf(before) : valueUsd(magnitude(size), log.args.lastPrice);
}

function eventOf(
  change: Change,
  type: PositionEventType,
  isLong: boolean,
  size: SizeChange,
): PositionEvent {
  const { context, log, positionKey, fundingEntry, marginDelta, realizedFunding } = change;
  const { args, address, place } = log;
  const price = priceWith(priceDecimalsOf(context, address), args.lastPrice);
  // Of a transfer the price is the oracle's; of a trade the price of the fill, with its premium.
  const indexPrice = marginDelta === null ? 0n : price;
  const sizeUsd = valueUsd(magnitude(size.to), args.lastPrice);
  const sizeDelta = magnitude(size.to) - magnitude(size.from);
  return {
    ...place,
    kind: 'position',
    type,
    positionKey,
    account: args.account,
    market: address,
    collateralToken: context.deployment.marginToken,
    isLong,
    orderKey: positionKey,
    orderType: orderTypeOfChange(log),
    sizeUsd,
    sizeBase: magnitude(size.to),
    collateralRaw: 0n,
    sizeDeltaUsd: sizeUsd - notionalBefore(change, size.from),
    sizeDeltaBase: sizeDelta,
    collateralDeltaRaw: 0n,
    executionPrice: price,
    indexPriceMin: indexPrice,
    indexPriceMax: indexPrice,
    collateralPriceMin: 1n,
    collateralPriceMax: 1n,
    realizedPnlUsd: 0n,
    priceImpactUsd: 0n,
    details: {
      ...detailsOf(argumentsOf(log)),
      ...detailsOf({ fundingEntry, marginDelta, realizedFunding }),
      ...tradeValue(sizeDelta, args.lastPrice),
    },
  };
}

/** The order whose execution the trade is; an atomic trade has none, a margin change no type. */
function orderTypeOfChange(log: ModifiedLog): number | null {
  if (log.args.tradeSize === 0n) return null;
  const removed = siblings(log.transaction, delayedOrderRemoved).find((order) =>
    executesOrder(log, order),
  );
  return removed ? orderTypeOf(removed.args.isOffchain) : ATOMIC_ORDER;
}

/** Null where nothing was charged. */
function feesOf(change: Change): FeeEvent | null {
  const { context, log, positionKey, realizedFunding } = change;
  const { fee } = log.args;
  if (fee === 0n && (realizedFunding ?? 0n) === 0n) return null;
  return chargedFees(context, log, positionKey, {
    positionFee: fee,
    funding: realizedFunding,
    liquidationFee: 0n,
    details: {},
  });
}

function skewOf({ log }: Change, keepsTheLog: boolean): MarketEvent | null {
  const { args, place, address } = log;
  if (!('skew' in args)) return null;
  return {
    ...place,
    kind: 'market',
    type: 'SkewChanged',
    market: address,
    token: '',
    isLong: null,
    delta: null,
    value: args.skew,
    details: keepsTheLog ? detailsOf({ account: args.account, ...argumentsOf(log) }) : {},
  };
}

function argumentsOf({ args }: ModifiedLog) {
  const { id, margin, size, tradeSize, lastPrice, fundingIndex, fee } = args;
  const skew = 'skew' in args ? args.skew : null;
  return { id, margin, size, tradeSize, lastPrice, fundingIndex, fee, skew };
}
