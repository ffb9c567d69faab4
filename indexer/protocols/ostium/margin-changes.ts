import type { PositionEvent } from '../../../schema/events/position.ts';
import type { ContractLog } from '../abi/contract-logs.ts';
import { DecodeError } from '../abi/decode-error.ts';
import type { EventArgs } from '../abi/event-decoder.ts';
import type { KnownPosition, PositionMemory } from '../position-memory.ts';
import type { removeCollateralExecuted, topUpCollateralExecuted } from './events.ts';
import { answeredPrice, keyOf, openTrade, UNPRICED } from './trade.ts';

/**
 * Collateral in: the leverage falls so that the size stays. The contract rounds the leverage to 1 %
 * of one and the amount to it, so collateral × leverage may differ from the size by dust.
 */
export function topUp(
  { args, place }: ContractLog<EventArgs<typeof topUpCollateralExecuted>>,
  memory: PositionMemory,
): PositionEvent {
  const { tradeId, topUpAmount, newLeverage } = args;
  const trade = openTrade(memory, tradeId);
  return {
    ...place,
    ...UNPRICED,
    ...sameTrade(trade),
    type: 'MarginAdded',
    orderKey: trade.positionKey,
    collateralRaw: trade.collateralRaw + topUpAmount,
    collateralDeltaRaw: topUpAmount,
    details: {
      tradeId: tradeId.toString(),
      topUpAmount: topUpAmount.toString(),
      leverage: newLeverage.toString(),
    },
  };
}

/** Collateral out, after a price has shown that the trade stays above the liquidation margin. */
export function removal(
  { args, place, transaction }: ContractLog<EventArgs<typeof removeCollateralExecuted>>,
  memory: PositionMemory,
): PositionEvent {
  const { orderId, tradeId, removeAmount, leverage, tp, sl } = args;
  const trade = openTrade(memory, tradeId);
  const collateralRaw = trade.collateralRaw - removeAmount;
  if (collateralRaw <= 0n) throw new DecodeError('a removal of more than the collateral');
  const answered = answeredPrice(transaction, orderId);
  return {
    ...place,
    ...UNPRICED,
    ...sameTrade(trade),
    type: 'MarginRemoved',
    orderKey: keyOf(orderId),
    indexPriceMin: answered,
    indexPriceMax: answered,
    collateralRaw,
    collateralDeltaRaw: -removeAmount,
    details: {
      orderId: orderId.toString(),
      tradeId: tradeId.toString(),
      removeAmount: removeAmount.toString(),
      leverage: leverage.toString(),
      tp: tp.toString(),
      sl: sl.toString(),
    },
  };
}

function sameTrade({ positionKey, account, market, isLong, sizeUsd, sizeBase }: KnownPosition) {
  return { positionKey, account, market, isLong, sizeUsd, sizeBase };
}
