import type { Details } from '../../../schema/events/place.ts';
import type {
  OrderEvent,
  PositionEvent,
  PositionEventType,
} from '../../../schema/events/position.ts';
import type { ContractLog } from '../abi/contract-logs.ts';
import { DecodeError } from '../abi/decode-error.ts';
import type { KnownPosition } from '../position-memory.ts';
import { tradeDetails } from './details.ts';
import { type Execution, executionsAfter, isOpening } from './executions.ts';
import { keyOf, ORDER, sizeBaseOf, sizeRaw, TRADE_TYPE_POSITION, type Trade } from './trade.ts';
import { changedKeys, isLastStored, storedDetails, storedKey } from './trade-state.ts';
import { tokenOf, unitPrice, type VenueContext } from './venue-context.ts';

/**
 * State comes from the logs that store it (absolute values), price, pnl and cause from the *Executed
 * event that follows in the same transaction.
 *
 * `sizeUsd` is the notional in USD as it was entered: an increase adds its part at the collateral's
 * price of the moment, a decrease takes the same share away, nothing else revalues it. The exact
 * collateral amount, leverage and open price stand in `details`, where the margin rules read them.
 */
interface Change {
  readonly type: PositionEventType;
  readonly known: KnownPosition;
  readonly execution: Execution | null;
  readonly sizeUsd: bigint;
  readonly sizeBase: bigint;
  readonly collateralRaw: bigint;
  readonly executionPrice: bigint;
  readonly unit: bigint;
  readonly details: Details;
}

function positionEvent(log: ContractLog, change: Change, context: VenueContext): PositionEvent {
  const { known, execution, sizeUsd, sizeBase, collateralRaw, unit } = change;
  return {
    ...log.place,
    kind: 'position',
    type: change.type,
    positionKey: known.positionKey,
    account: known.account,
    market: known.market,
    collateralToken: known.collateralToken,
    isLong: known.isLong,
    orderKey: known.positionKey,
    orderType: execution?.orderType ?? null,
    sizeUsd,
    sizeBase,
    collateralRaw,
    sizeDeltaUsd: sizeUsd - known.sizeUsd,
    sizeDeltaBase: sizeBase - known.sizeBase,
    collateralDeltaRaw: collateralRaw - known.collateralRaw,
    executionPrice: change.executionPrice,
    indexPriceMin: execution?.oraclePrice ?? 0n,
    indexPriceMax: execution?.oraclePrice ?? 0n,
    collateralPriceMin: unit,
    collateralPriceMax: unit,
    realizedPnlUsd: (execution?.realizedPnlRaw ?? 0n) * unit,
    priceImpactUsd: 0n,
    details: {
      ...execution?.details,
      ...change.details,
      ...storedDetails(log.transaction, known.positionKey),
      ...collateralDetails(known.collateralToken, context),
    },
  };
}

/** What the margin rules need to know of the collateral, whose listing may not be in the range. */
function collateralDetails(token: string, { collaterals }: VenueContext): Details {
  for (const { token: one, index, decimals } of collaterals.values()) {
    if (one !== token) continue;
    return { collateralIndex: String(index), collateralDecimals: String(decimals) };
  }
  return {};
}

export interface StoredTrade {
  readonly trade: Trade;
  readonly tradeInfo: { readonly collateralPriceUsd: number; readonly contractsVersion?: number };
  /** Absent before v9.2. */
  readonly liquidationParams?: object;
}

export function onTradeStored(
  log: ContractLog,
  { trade, tradeInfo, liquidationParams }: StoredTrade,
  context: VenueContext,
): PositionEvent | OrderEvent {
  if (trade.tradeType !== TRADE_TYPE_POSITION) return restingOrder(log, trade, context);
  const execution =
    executionsAfter(log.transaction, log.place.logIndex, context.memory).find(
      ({ orderType, user, ref }) =>
        isOpening(orderType) && user === trade.user && ref?.pairIndex === trade.pairIndex,
    ) ?? null;
  const price = BigInt(tradeInfo.collateralPriceUsd) || (execution?.collateralPriceUsd ?? 0n);
  const unit = unitPrice(context, trade.collateralIndex, price);
  const sizeUsd = sizeRaw(trade.collateralAmount, trade.leverage) * unit;
  const change: Change = {
    type: 'PositionOpened',
    known: nothingOf(trade, context),
    execution,
    sizeUsd,
    sizeBase: sizeBaseOf(sizeUsd, trade.openPrice),
    collateralRaw: trade.collateralAmount,
    executionPrice: trade.openPrice,
    unit,
    details: {
      ...tradeDetails(trade),
      collateralPriceUsd: price.toString(),
      contractsVersion: String(tradeInfo.contractsVersion ?? 0),
      ...liquidationDetails(liquidationParams),
    },
  };
  return positionEvent(log, change, context);
}

/** Frozen for the trade; a trade stored before v9.2 has none, which the contract reads as zeros. */
function liquidationDetails(params: object | undefined): Details {
  const values = params ?? {
    maxLiqSpreadP: 0,
    startLiqThresholdP: 0,
    endLiqThresholdP: 0,
    startLeverage: 0,
    endLeverage: 0,
  };
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));
}

function nothingOf(trade: Trade, context: VenueContext): KnownPosition {
  return {
    venue: 'gtrade',
    positionKey: keyOf(trade.user, trade.index),
    account: trade.user,
    market: String(trade.pairIndex),
    collateralToken: tokenOf(context, trade.collateralIndex),
    isLong: trade.long,
    sizeUsd: 0n,
    sizeBase: 0n,
    collateralRaw: 0n,
  };
}

/** A limit or stop order that waits: no position yet. Its size is that of the order, where priced. */
function restingOrder(log: ContractLog, trade: Trade, context: VenueContext): OrderEvent {
  const key = keyOf(trade.user, trade.index);
  return {
    ...log.place,
    kind: 'order',
    type: 'OrderCreated',
    orderKey: key,
    account: trade.user,
    market: String(trade.pairIndex),
    orderType: trade.tradeType === 1 ? ORDER.limitOpen : ORDER.stopOpen,
    secondaryOrderType: null,
    sizeDeltaUsd: 0n,
    requestedAt: null,
    reason: '',
    details: {
      ...tradeDetails(trade),
      isLong: trade.long,
      collateralToken: tokenOf(context, trade.collateralIndex),
    },
  };
}

export interface UpdatedPosition {
  readonly user: string;
  readonly index: number;
  readonly collateralAmount: bigint;
  readonly leverage: number;
  readonly openPrice: bigint;
}

/**
 * Partial orders and changes of leverage. The size follows the *Executed event: it names the size
 * before and the change in collateral units; a change of leverage leaves the size as it was.
 * @throws DecodeError when the trade is not known, or nothing in the transaction says what happened.
 */
export function onPositionUpdated(
  log: ContractLog,
  updated: UpdatedPosition,
  details: Details,
  context: VenueContext,
): PositionEvent {
  const key = keyOf(updated.user, updated.index);
  const known = openPosition(key, context);
  const execution = executionOfTrade(log, updated, context);
  if (execution === null) throw new DecodeError('no *Executed event says why the trade changed');
  const collateralIndex = execution.collateralIndex ?? indexOfToken(known.collateralToken, context);
  const unit = unitPrice(context, collateralIndex, execution.collateralPriceUsd);
  const sizeUsd = sizeAfter(known, execution, unit);
  const isLeverage = execution.orderType === ORDER.updateLeverage;
  const change: Change = {
    type: isLeverage
      ? marginType(updated.collateralAmount - known.collateralRaw)
      : execution.orderType === ORDER.partialOpen
        ? 'PositionIncreased'
        : 'PositionDecreased',
    known,
    execution,
    sizeUsd,
    sizeBase: isLeverage ? known.sizeBase : sizeBaseOf(sizeUsd, updated.openPrice),
    collateralRaw: updated.collateralAmount,
    executionPrice: isLeverage ? 0n : execution.executionPrice,
    unit,
    details,
  };
  return positionEvent(log, change, context);
}

function sizeAfter(known: KnownPosition, { orderType, resize }: Execution, unit: bigint): bigint {
  if (orderType === ORDER.updateLeverage || resize === null) return known.sizeUsd;
  const { existing, delta } = resize;
  if (orderType === ORDER.partialOpen && unit > 0n) return known.sizeUsd + delta * unit;
  if (existing === 0n) throw new DecodeError('a partial order on a trade without a size');
  const after = orderType === ORDER.partialOpen ? existing + delta : existing - delta;
  return (known.sizeUsd * after) / existing;
}

const marginType = (delta: bigint): PositionEventType =>
  delta < 0n ? 'MarginRemoved' : 'MarginAdded';

/** Collateral changes and the leverage does not, so the size changes in proportion. */
export function onCollateralUpdated(
  log: ContractLog,
  { user, index, collateralAmount }: Pick<UpdatedPosition, 'user' | 'index' | 'collateralAmount'>,
  context: VenueContext,
): PositionEvent | null {
  const known = context.memory.get(keyOf(user, index));
  if (!isOpen(known)) return null; // a resting order's
  if (known.collateralRaw === 0n) throw new DecodeError('a change of no collateral tells no size');
  const execution = executionOfTrade(log, { user, index }, context);
  const scaled = (size: bigint) => (size * collateralAmount) / known.collateralRaw;
  const change: Change = {
    type: marginType(collateralAmount - known.collateralRaw),
    known,
    execution: null,
    sizeUsd: scaled(known.sizeUsd),
    sizeBase: scaled(known.sizeBase),
    collateralRaw: collateralAmount,
    executionPrice: 0n,
    unit: execution ? priceIn(execution, known, context) : 0n,
    details: { collateralAmount: collateralAmount.toString() },
  };
  return positionEvent(log, change, context);
}

/** Null for a resting order, and for a trade that nothing is known of. */
export function onTradeClosed(
  log: ContractLog,
  { user, index }: { readonly user: string; readonly index: number },
  details: Details,
  context: VenueContext,
): PositionEvent | null {
  const execution = executionOfTrade(log, { user, index }, context, true);
  const trade = execution?.trade ?? null;
  const memory = context.memory.get(keyOf(user, index));
  const isKnown = isOpen(memory);
  if (!isKnown && trade === null) return null;
  const known = isKnown ? memory : beforeClose(trade as Trade, execution as Execution, context);
  const change: Change = {
    type: execution?.orderType === ORDER.liquidation ? 'PositionLiquidated' : 'PositionClosed',
    known,
    execution,
    sizeUsd: 0n,
    sizeBase: 0n,
    collateralRaw: 0n,
    executionPrice: execution?.executionPrice ?? 0n,
    unit: execution ? priceIn(execution, known, context) : 0n,
    details: trade ? { ...tradeDetails(trade), ...details } : details,
  };
  return positionEvent(log, change, context);
}

/** A life whose beginning was not seen: what its close says of it, at the price of the close. */
function beforeClose(trade: Trade, execution: Execution, context: VenueContext): KnownPosition {
  const unit = unitPrice(context, trade.collateralIndex, execution.collateralPriceUsd);
  const sizeUsd = sizeRaw(trade.collateralAmount, trade.leverage) * unit;
  return {
    ...nothingOf(trade, context),
    sizeUsd,
    sizeBase: sizeBaseOf(sizeUsd, trade.openPrice),
    collateralRaw: trade.collateralAmount,
  };
}

/**
 * v10 realizes fees and pnl on a trade that stays open: its margin changes and its size and stored
 * collateral do not. Told as a margin event with no deltas, unless another log of the transaction
 * changes the trade (whose event then holds the same values).
 */
export function onStored(log: ContractLog, context: VenueContext): PositionEvent | null {
  const key = storedKey(log);
  if (key === null || changedKeys(log.transaction).has(key) || !isLastStored(log, key)) return null;
  const known = context.memory.get(key);
  if (!isOpen(known)) return null;
  const { sizeUsd, sizeBase, collateralRaw } = known;
  const change: Change = {
    type: 'MarginRemoved',
    known,
    execution: null,
    sizeUsd,
    sizeBase,
    collateralRaw,
    executionPrice: 0n,
    unit: 0n,
    details: {},
  };
  return positionEvent(log, change, context);
}

/** As the projection judges it: a position without a size is closed, whatever collateral it states. */
function isOpen(known: KnownPosition | null): known is KnownPosition {
  return known !== null && known.sizeUsd > 0n;
}

function openPosition(key: string, { memory }: VenueContext): KnownPosition {
  const known = memory.get(key);
  if (!isOpen(known)) {
    throw new DecodeError(`trade ${key} was not seen opening: its pair and side are not known`);
  }
  return known;
}

/** The first execution of that trade after the log; of closes only where a close is looked for. */
function executionOfTrade(
  log: ContractLog,
  { user, index }: { readonly user: string; readonly index: number },
  { memory }: VenueContext,
  closes = false,
): Execution | null {
  const after = executionsAfter(log.transaction, log.place.logIndex, memory);
  return (
    after.find(
      ({ user: of, ref, trade, orderType }) =>
        of === user &&
        ref?.index === index &&
        (!closes || (trade !== null && !isOpening(orderType))),
    ) ?? null
  );
}

function priceIn(execution: Execution, known: KnownPosition, context: VenueContext): bigint {
  const index = execution.collateralIndex ?? indexOfToken(known.collateralToken, context);
  return unitPrice(context, index, execution.collateralPriceUsd);
}

function indexOfToken(token: string, { collaterals }: VenueContext): number {
  for (const collateral of collaterals.values()) {
    if (collateral.token === token) return collateral.index;
  }
  throw new DecodeError(`collateral ${token} is not one of those known`);
}
