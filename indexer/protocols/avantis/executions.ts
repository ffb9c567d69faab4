import type {
  FeeEvent,
  PositionEvent,
  PositionEventType,
} from '../../../schema/events/position.ts';
import type { ContractLog } from '../abi/contract-logs.ts';
import { DecodeError } from '../abi/decode-error.ts';
import type { PositionMemory } from '../position-memory.ts';
import { COLLATERAL_TOKEN } from './contracts.ts';
import {
  answeredPrice,
  initialAccumulator,
  leveraged,
  orderKeyOf,
  positionKeyOf,
  profitOf,
  sizeInIndex,
  type Trade,
  tradeDetails,
  USD_PER_UNIT,
} from './trade.ts';

/** ITradingStorage.LimitOrder. */
export const LIQUIDATION_ORDER = 2;
export const OPEN_ORDER = 3;

/** What all versions of MarketExecuted and LimitExecuted say. */
export interface Execution {
  readonly orderId: bigint;
  readonly t: Trade;
  readonly price: bigint;
  /** Collateral opened or closed. */
  readonly positionSizeUSDC: bigint;
  readonly percentProfit: bigint;
  readonly usdcSentToTrader: bigint;
  readonly isPnl?: boolean;
  readonly timestamp?: bigint;
  /** MarketExecuted only. */
  readonly open?: boolean;
  /** LimitExecuted only. */
  readonly orderType?: number;
  readonly limitIndex?: bigint;
}

/** Whether an execution opens a trade; anything else closes (part of) one. */
export function opens(execution: Execution): boolean {
  return execution.open === true || execution.orderType === OPEN_ORDER;
}

/** @throws DecodeError when the numbers cannot be an execution. */
export function normalizeExecution(
  log: ContractLog<Execution>,
  memory: PositionMemory,
): PositionEvent {
  return opens(log.args) ? opened(log) : closed(log, memory);
}

function bodyOf({ args, place, transaction }: ContractLog<Execution>) {
  const { t, orderId } = args;
  const answered = answeredPrice(transaction, orderId);
  return {
    ...place,
    kind: 'position' as const,
    positionKey: positionKeyOf(t.trader, t.pairIndex, t.index),
    account: t.trader,
    market: t.pairIndex.toString(),
    collateralToken: COLLATERAL_TOKEN,
    isLong: t.buy,
    orderKey: orderKeyOf(orderId),
    orderType: args.orderType ?? null,
    executionPrice: args.price,
    indexPriceMin: answered,
    indexPriceMax: answered,
    collateralPriceMin: USD_PER_UNIT,
    collateralPriceMax: USD_PER_UNIT,
    priceImpactUsd: 0n,
  };
}

function detailsOf(args: Execution): PositionEvent['details'] {
  return {
    ...tradeDetails(args.t),
    orderId: args.orderId.toString(),
    price: args.price.toString(),
    positionSizeUSDC: args.positionSizeUSDC.toString(),
    percentProfit: args.percentProfit.toString(),
    usdcSentToTrader: args.usdcSentToTrader.toString(),
    ...(args.isPnl === undefined ? {} : { isPnl: args.isPnl }),
    ...(args.timestamp === undefined ? {} : { timestamp: args.timestamp.toString() }),
    ...(args.limitIndex === undefined ? {} : { limitIndex: args.limitIndex.toString() }),
  };
}

function opened(log: ContractLog<Execution>): PositionEvent {
  const { t } = log.args;
  const position = leveraged(t.initialPosToken, t.leverage);
  if (position === 0n) throw new DecodeError('an opening without a position');
  const sizeUsd = position * USD_PER_UNIT;
  const sizeBase = sizeInIndex(position, t.openPrice);
  return {
    ...bodyOf(log),
    type: 'PositionOpened',
    sizeUsd,
    sizeBase,
    collateralRaw: t.initialPosToken,
    sizeDeltaUsd: sizeUsd,
    sizeDeltaBase: sizeBase,
    collateralDeltaRaw: t.initialPosToken,
    realizedPnlUsd: 0n,
    details: {
      ...detailsOf(log.args),
      ...initialAccumulator(log.transaction, log.place.logIndex, t),
    },
  };
}

/**
 * `t` is the trade before the close, `positionSizeUSDC` the collateral closed. The size before is the
 * one we hold: it is the open interest of the contract's TradeInfo, which a changed margin leaves as
 * it is; where the opening was not seen it is collateral × leverage.
 */
function closed(log: ContractLog<Execution>, memory: PositionMemory): PositionEvent {
  const { t, positionSizeUSDC: closedRaw, orderType, percentProfit } = log.args;
  if (closedRaw > t.initialPosToken) throw new DecodeError('a close of more than the trade');
  const known = memory.get(positionKeyOf(t.trader, t.pairIndex, t.index));
  const isKnown = known !== null && known.sizeUsd > 0n;
  const position = leveraged(t.initialPosToken, t.leverage);
  const sizeBefore = isKnown ? known.sizeUsd : position * USD_PER_UNIT;
  const baseBefore = isKnown ? known.sizeBase : sizeInIndex(position, t.openPrice);
  const isWhole = closedRaw === t.initialPosToken;
  const part = leveraged(closedRaw, t.leverage) * USD_PER_UNIT;
  const sizeUsd = isWhole || part >= sizeBefore ? 0n : sizeBefore - part;
  const sizeBase = sizeUsd === 0n ? 0n : baseBefore - (baseBefore * closedRaw) / t.initialPosToken;
  return {
    ...bodyOf(log),
    type: closeType(orderType, sizeUsd),
    sizeUsd,
    sizeBase,
    collateralRaw: sizeUsd === 0n ? 0n : t.initialPosToken - closedRaw,
    sizeDeltaUsd: sizeUsd - sizeBefore,
    sizeDeltaBase: sizeBase - baseBefore,
    collateralDeltaRaw: sizeUsd === 0n ? -t.initialPosToken : -closedRaw,
    realizedPnlUsd: profitOf(closedRaw, percentProfit) * USD_PER_UNIT,
    details: detailsOf(log.args),
  };
}

function closeType(orderType: number | undefined, sizeUsd: bigint): PositionEventType {
  if (orderType === LIQUIDATION_ORDER) return 'PositionLiquidated';
  return sizeUsd === 0n ? 'PositionClosed' : 'PositionDecreased';
}

/** A fee event with nothing in it yet. */
export const NO_FEES = {
  kind: 'fee' as const,
  type: 'FeesCharged' as const,
  positionKey: '',
  orderKey: '',
  market: '',
  collateralToken: COLLATERAL_TOKEN,
  collateralPriceMin: USD_PER_UNIT,
  positionFeeRaw: 0n,
  borrowFeeRaw: 0n,
  borrowFeeUsd: 0n,
  fundingFeeRaw: 0n,
  liquidationFeeRaw: 0n,
  totalCostRaw: 0n,
  remainingCostUsd: 0n,
  step: '',
} satisfies Partial<FeeEvent>;
