import type { PositionEvent } from '../../../schema/events/position.ts';
import { type ContractLog, type ContractTransaction, siblings } from '../abi/contract-logs.ts';
import { DecodeError } from '../abi/decode-error.ts';
import { COLLATERAL_TOKEN } from './contracts.ts';
import * as events from './events.ts';
import { answeredPrice, initialAccumulators, keyOf, sizeUsdOf, UNPRICED } from './trade.ts';

/** What all versions of MarketOpenExecuted and LimitOpenExecuted say. */
interface Opening {
  readonly orderId: bigint;
  readonly t: {
    readonly collateral: bigint;
    readonly openPrice: bigint;
    readonly tp: bigint;
    readonly sl: bigint;
    readonly trader: string;
    readonly leverage: number;
    readonly pairIndex: number;
    readonly index: number;
    readonly buy: boolean;
    readonly isDayTrade?: boolean;
  };
  readonly priceImpactP: bigint;
  readonly tradeNotional: bigint;
  readonly limitIndex?: bigint;
}

/** IOstiumTradingStorage.LimitOrder. */
const OPEN_ORDER = 3;

/**
 * A trade is opened; its id is the order's. `t.collateral` is what is left of the deposit after the
 * opening fees. @throws DecodeError when it has no size.
 */
export function opening(log: ContractLog<Opening>): PositionEvent {
  const { orderId, t, priceImpactP, tradeNotional, limitIndex } = log.args;
  const sizeUsd = sizeUsdOf(t.collateral, t.leverage);
  if (sizeUsd === 0n) throw new DecodeError('an opening without a position');
  const answered = answeredPrice(log.transaction, orderId);
  return {
    ...log.place,
    ...UNPRICED,
    type: 'PositionOpened',
    positionKey: keyOf(orderId),
    account: t.trader,
    market: String(t.pairIndex),
    collateralToken: COLLATERAL_TOKEN,
    isLong: t.buy,
    orderKey: keyOf(orderId),
    orderType: limitIndex === undefined ? null : OPEN_ORDER,
    sizeUsd,
    sizeBase: tradeNotional,
    collateralRaw: t.collateral,
    sizeDeltaUsd: sizeUsd,
    sizeDeltaBase: tradeNotional,
    collateralDeltaRaw: t.collateral,
    executionPrice: t.openPrice,
    indexPriceMin: answered,
    indexPriceMax: answered,
    details: {
      tradeId: orderId.toString(),
      collateral: t.collateral.toString(),
      openPrice: t.openPrice.toString(),
      tp: t.tp.toString(),
      sl: t.sl.toString(),
      leverage: t.leverage.toString(),
      index: t.index.toString(),
      priceImpactP: priceImpactP.toString(),
      tradeNotional: tradeNotional.toString(),
      ...(t.isDayTrade === undefined ? {} : { isDayTrade: t.isDayTrade }),
      ...(limitIndex === undefined ? {} : { limitIndex: limitIndex.toString() }),
      ...initialAccumulators(log.transaction, orderId),
    },
  };
}

/** All openings of a transaction, whatever their version. */
export function openingsIn(transaction: ContractTransaction): readonly Opening[] {
  return [
    ...siblings(transaction, events.marketOpenExecuted),
    ...siblings(transaction, events.marketOpenExecutedDayTrade),
    ...siblings(transaction, events.limitOpenExecuted),
    ...siblings(transaction, events.limitOpenExecutedDayTrade),
  ].map(({ args }) => args);
}
