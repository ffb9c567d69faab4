import {
  type HandlerTable,
  handlerTable,
  ignore,
  type LogHandler,
  on,
} from '../abi/contract-logs.ts';
import { rememberingHandlers } from '../abi/remembering-handlers.ts';
import type { PositionMemory } from '../position-memory.ts';
import { close } from './closes.ts';
import * as events from './events.ts';
import { closeFees, liquidationFee, openingFee, oracleFee } from './fees.ts';
import { ignoredEvents } from './ignored-events.ts';
import { removal, topUp } from './margin-changes.ts';
import {
  fundingAccrued,
  pairAddedListing,
  parameterChanged,
  priceAnswered,
  rolloverAccrued,
} from './market-events.ts';
import { opening } from './openings.ts';
import * as orderEvents from './order-events.ts';
import { orderCancelled, orderRequested, priceWanted } from './orders.ts';

/**
 * Every version of every event, with what it means. `memory` knows the trades, for most logs name one
 * by its id alone; `symbols` names pairs by index.
 */
export function ostiumHandlers(
  memory: PositionMemory,
  symbols: ReadonlyMap<string, string>,
): HandlerTable {
  return handlerTable(
    rememberingHandlers(
      [
        ...tradeHandlers(memory),
        ...feeHandlers(memory),
        ...marketHandlers(),
        on(events.priceReceived, (log) => priceAnswered(log, symbols)),
        ...orderHandlers(),
        ...ignore(ignoredEvents),
      ],
      memory,
    ),
  );
}

function tradeHandlers(memory: PositionMemory): readonly LogHandler[] {
  return [
    on(events.marketOpenExecuted, opening),
    on(events.marketOpenExecutedDayTrade, opening),
    on(events.limitOpenExecuted, opening),
    on(events.limitOpenExecutedDayTrade, opening),
    on(events.marketCloseExecuted, (log) => close(log, memory)),
    on(events.marketCloseExecutedV2, (log) => close(log, memory)),
    on(events.limitCloseExecuted, (log) => close(log, memory)),
    on(events.topUpCollateralExecuted, (log) => topUp(log, memory)),
    on(events.removeCollateralExecuted, (log) => removal(log, memory)),
  ];
}

function feeHandlers(memory: PositionMemory): readonly LogHandler[] {
  return [
    on(events.feesCharged, (log) => closeFees(log, memory)),
    on(events.feesChargedV2, (log) => closeFees(log, memory)),
    on(events.vaultLiqFeeCharged, (log) => liquidationFee(log, memory)),
    on(events.devFeeCharged, (log) => openingFee(log, 'DEV')),
    on(events.vaultOpeningFeeCharged, (log) => openingFee(log, 'VAULT')),
    on(events.oracleFeeCharged, (log) => oracleFee(log, memory)),
    on(events.oracleFeeChargedByTrading, (log) => oracleFee(log, memory)),
  ];
}

function marketHandlers(): readonly LogHandler[] {
  return [
    on(events.accFundingFeesStored, fundingAccrued),
    on(events.accFundingFeesStoredV2, fundingAccrued),
    on(events.accRolloverFeesStored, ({ args, place }) =>
      rolloverAccrued(place, args.pairIndex, args.value),
    ),
    // What a trade starts from is also where the pair's rollover stands at that block.
    on(events.tradeInitialAccFeesStored, ({ args, place }) =>
      rolloverAccrued(place, args.pairIndex, args.rollover, { tradeId: args.tradeId.toString() }),
    ),
    on(events.rolloverFeePerBlockUpdated, ({ args, place }) =>
      parameterChanged(place, String(args.pairIndex), 'rolloverFeePerBlock', args.value),
    ),
    on(events.liqMarginThresholdPUpdated, ({ args, place }) =>
      parameterChanged(place, '', 'liqMarginThresholdP', args.value),
    ),
    on(events.liqThresholdPUpdated, ({ args, place }) =>
      parameterChanged(place, '', 'liqThresholdP', args.value),
    ),
    on(events.pairMaxLeverageUpdated, ({ args, place }) =>
      parameterChanged(place, String(args.pairIndex), 'maxLeverage', BigInt(args.maxLeverage)),
    ),
    on(events.pairOvernightMaxLeverageUpdated, ({ args, place }) =>
      parameterChanged(
        place,
        String(args.pairIndex),
        'overnightMaxLeverage',
        BigInt(args.overnightMaxLeverage),
      ),
    ),
    on(events.pairAdded, pairAddedListing),
  ];
}

function orderHandlers(): readonly LogHandler[] {
  return [
    on(events.priceRequested, priceWanted),
    on(orderEvents.marketOpenOrderInitiated, orderRequested),
    on(orderEvents.marketCloseOrderInitiated, orderRequested),
    on(orderEvents.marketCloseOrderInitiatedV2, orderRequested),
    on(orderEvents.automationOpenOrderInitiated, orderRequested),
    on(orderEvents.automationCloseOrderInitiated, orderRequested),
    on(orderEvents.removeCollateralInitiated, orderRequested),
    on(orderEvents.marketOpenCanceled, orderCancelled),
    on(orderEvents.marketCloseCanceled, orderCancelled),
    on(orderEvents.automationOpenOrderCanceled, orderCancelled),
    on(orderEvents.automationCloseOrderCanceled, orderCancelled),
    on(orderEvents.removeCollateralRejected, orderCancelled),
    on(orderEvents.removeCollateralRejectedText, orderCancelled),
  ];
}
