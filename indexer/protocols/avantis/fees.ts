import type { FeeEvent } from '../../../schema/events/position.ts';
import type { ContractLog } from '../abi/contract-logs.ts';
import type { EventArgs } from '../abi/event-decoder.ts';
import type { feesChargedByStorage, feesChargedOnClose, feesChargedPublic } from './events.ts';
import { type Execution, LIQUIDATION_ORDER, NO_FEES, opens } from './executions.ts';
import { orderKeyOf, positionKeyOf, USD_PER_UNIT } from './trade.ts';

/**
 * The execution a fee log belongs to: contracts log fees before the execution that they are of, so it
 * is the next one of the transaction, if that fits.
 */
function nextExecution(
  log: ContractLog,
  fits: (execution: Execution) => boolean,
): Execution | null {
  const next = log.transaction.logs.find(
    ({ place, name }) =>
      place.logIndex > log.place.logIndex &&
      (name === 'MarketExecuted' || name === 'LimitExecuted'),
  );
  const execution = next ? (next.args as Execution) : null;
  return execution !== null && fits(execution) ? execution : null;
}

function namesOf(
  execution: Execution | null,
): Pick<FeeEvent, 'positionKey' | 'orderKey' | 'market'> {
  if (execution === null) return { positionKey: '', orderKey: '', market: '' };
  const { t, orderId } = execution;
  return {
    positionKey: positionKeyOf(t.trader, t.pairIndex, t.index),
    orderKey: orderKeyOf(orderId),
    market: t.pairIndex.toString(),
  };
}

interface ClosedPart {
  readonly side: boolean;
  readonly collateral: bigint;
  readonly percentProfit: bigint;
}

function closeOf(log: ContractLog, part: ClosedPart): Execution | null {
  return nextExecution(
    log,
    (execution) =>
      !opens(execution) &&
      execution.t.buy === part.side &&
      execution.positionSizeUSDC === part.collateral &&
      execution.percentProfit === part.percentProfit,
  );
}

/** Fees of a close: `closingFee` holds the executor's and the vault's part of a liquidation, too. */
export function closeFees(log: ContractLog<EventArgs<typeof feesChargedOnClose>>): FeeEvent {
  const { buy, collateral, leverage, percentProfit, r, closingFee, lossProtection } = log.args;
  const execution = closeOf(log, { side: buy, collateral, percentProfit });
  const isLiquidation = execution?.orderType === LIQUIDATION_ORDER;
  return {
    ...log.place,
    ...NO_FEES,
    ...namesOf(execution),
    positionFeeRaw: isLiquidation ? 0n : closingFee,
    liquidationFeeRaw: isLiquidation ? closingFee : 0n,
    borrowFeeRaw: r,
    borrowFeeUsd: r * USD_PER_UNIT,
    totalCostRaw: r + closingFee,
    details: {
      buy,
      collateral: collateral.toString(),
      leverage: leverage.toString(),
      percentProfit: percentProfit.toString(),
      r: r.toString(),
      closingFee: closingFee.toString(),
      lossProtection: lossProtection.toString(),
    },
  };
}

/** The public source's form: it names the rollover fee only, so the total is that and no more. */
export function publicCloseFees(log: ContractLog<EventArgs<typeof feesChargedPublic>>): FeeEvent {
  const { pairIndex, long, collateral, leverage, percentProfit, rolloverFees } = log.args;
  const execution = closeOf(log, { side: long, collateral, percentProfit });
  return {
    ...log.place,
    ...NO_FEES,
    ...namesOf(execution),
    market: pairIndex.toString(),
    borrowFeeRaw: rolloverFees,
    borrowFeeUsd: rolloverFees * USD_PER_UNIT,
    totalCostRaw: rolloverFees,
    details: {
      long,
      collateral: collateral.toString(),
      leverage: leverage.toString(),
      percentProfit: percentProfit.toString(),
      rolloverFees: rolloverFees.toString(),
    },
  };
}

/** Fee that TradingStorage takes at an opening, or for an order that came to nothing. */
export function storageFees(log: ContractLog<EventArgs<typeof feesChargedByStorage>>): FeeEvent {
  const { _trader: trader, _pairIndex: pairIndex, _buy: buy, fee } = log.args;
  const execution = nextExecution(
    log,
    (next) => opens(next) && next.t.trader === trader && next.t.pairIndex === pairIndex,
  );
  return {
    ...log.place,
    ...NO_FEES,
    ...namesOf(execution),
    market: pairIndex.toString(),
    positionFeeRaw: fee,
    totalCostRaw: fee,
    details: { trader, buy, fee: fee.toString() },
  };
}
