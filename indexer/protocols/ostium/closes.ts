import type {
  FeeEvent,
  PositionEvent,
  PositionEventType,
} from '../../../schema/events/position.ts';
import { type ContractLog, type ContractTransaction, siblings } from '../abi/contract-logs.ts';
import { DecodeError } from '../abi/decode-error.ts';
import type { KnownPosition, PositionMemory } from '../position-memory.ts';
import { feesCharged, feesChargedV2 } from './events.ts';
import {
  answeredPrice,
  keyOf,
  NO_FEES,
  openTrade,
  profitOf,
  UNPRICED,
  USD_PER_UNIT,
  WHOLE,
} from './trade.ts';

/** What all versions of MarketCloseExecuted and LimitCloseExecuted say. */
interface Close {
  readonly orderId: bigint;
  readonly tradeId: bigint;
  readonly price: bigint;
  readonly priceImpactP: bigint;
  readonly percentProfit: bigint;
  readonly usdcSentToTrader: bigint;
  /** MarketCloseExecutedV2 only; 1e2 = 1 %. */
  readonly percentageClosed?: bigint;
  /** LimitCloseExecuted only. */
  readonly orderType?: number;
}

/**
 * IOstiumTradingStorage.LimitOrder.LIQ. The contract logs it for every triggered close whose trade was
 * worth no more than the liquidation margin, also where a stop was asked for. A market close of such a
 * trade pays nothing either (VaultLiqFeeCharged tells it) but stays a close by its owner.
 */
const LIQUIDATION_ORDER = 2;

/**
 * A close, or part of one: TradingStorage.unregisterTrade takes out the share of the collateral and of
 * the size, both rounded down. @throws DecodeError when the trade is not known to be open.
 */
export function close(
  log: ContractLog<Close>,
  memory: PositionMemory,
): readonly (PositionEvent | FeeEvent)[] {
  const { tradeId, percentageClosed = WHOLE } = log.args;
  const trade = openTrade(memory, tradeId);
  if (percentageClosed === 0n || percentageClosed > WHOLE) {
    throw new DecodeError(`a close of ${percentageClosed} of ${WHOLE} parts`);
  }
  const closedRaw = (trade.collateralRaw * percentageClosed) / WHOLE;
  const event = closeEvent(log, trade, closedRaw);
  const unpaid = unpaidCost(log.transaction, log.args, closedRaw);
  return unpaid > 0n ? [event, insolventClose(log, trade, unpaid)] : [event];
}

function closeEvent(
  { args, place, transaction }: ContractLog<Close>,
  trade: KnownPosition,
  closedRaw: bigint,
): PositionEvent {
  const answered = answeredPrice(transaction, args.orderId);
  const collateralRaw = trade.collateralRaw - closedRaw;
  const remaining = (size: bigint) =>
    collateralRaw === 0n ? 0n : size - (size * closedRaw) / trade.collateralRaw;
  const sizeUsd = remaining(trade.sizeUsd);
  const sizeBase = remaining(trade.sizeBase);
  return {
    ...place,
    ...UNPRICED,
    type: closeType(args.orderType, collateralRaw),
    positionKey: trade.positionKey,
    account: trade.account,
    market: trade.market,
    isLong: trade.isLong,
    orderKey: keyOf(args.orderId),
    orderType: args.orderType ?? null,
    sizeUsd,
    sizeBase,
    collateralRaw,
    sizeDeltaUsd: sizeUsd - trade.sizeUsd,
    sizeDeltaBase: sizeBase - trade.sizeBase,
    collateralDeltaRaw: -closedRaw,
    executionPrice: args.price,
    indexPriceMin: answered,
    indexPriceMax: answered,
    realizedPnlUsd: profitOf(closedRaw, args.percentProfit) * USD_PER_UNIT,
    details: {
      orderId: args.orderId.toString(),
      tradeId: args.tradeId.toString(),
      price: args.price.toString(),
      priceImpactP: args.priceImpactP.toString(),
      percentProfit: args.percentProfit.toString(),
      usdcSentToTrader: args.usdcSentToTrader.toString(),
      ...(args.percentageClosed === undefined
        ? {}
        : { percentageClosed: args.percentageClosed.toString() }),
    },
  };
}

function closeType(orderType: number | undefined, collateralRaw: bigint): PositionEventType {
  if (orderType === LIQUIDATION_ORDER) return 'PositionLiquidated';
  return collateralRaw === 0n ? 'PositionClosed' : 'PositionDecreased';
}

/**
 * Loss and fees beyond the collateral: the vault, which is the counterparty, goes without. 0 where the
 * transaction has no fee log to know it by.
 */
function unpaidCost(
  transaction: ContractTransaction,
  { orderId, percentProfit }: Close,
  closedRaw: bigint,
): bigint {
  const charged = [...siblings(transaction, feesCharged), ...siblings(transaction, feesChargedV2)];
  const fees = charged.find(({ args }) => args.orderId === orderId);
  if (fees === undefined) return 0n;
  const { rolloverFees, fundingFees } = fees.args;
  const value = closedRaw + profitOf(closedRaw, percentProfit) - rolloverFees - fundingFees;
  return value < 0n ? -value : 0n;
}

function insolventClose(
  { args, place }: ContractLog<Close>,
  { positionKey, market }: KnownPosition,
  unpaid: bigint,
): FeeEvent {
  return {
    ...place,
    ...NO_FEES,
    subIndex: 1,
    type: 'InsolventClosed',
    positionKey,
    orderKey: keyOf(args.orderId),
    market,
    remainingCostUsd: unpaid * USD_PER_UNIT,
    step: 'pnl',
    details: { unpaid: unpaid.toString() },
  };
}
