import type { AbiEvent } from 'viem';
import { parseAbiItem } from 'viem/utils';
import type { DomainEvent } from '../../../schema/events/domain-event.ts';
import {
  type ContractLog,
  type HandlerTable,
  handlerTable,
  ignore,
  type LogHandler,
  on,
} from '../abi/contract-logs.ts';
import { rememberingHandlers } from '../abi/remembering-handlers.ts';
import otherEvents from './data/other-events.json' with { type: 'json' };
import { detailsOf } from './details.ts';
import * as executions from './execution-events.ts';
import { executionOf } from './executions.ts';
import * as feeEvents from './fee-events.ts';
import { executionFees, holdingFees } from './fees.ts';
import * as marketEvents from './market-events.ts';
import { bothSides, oneSided, pairListed } from './markets.ts';
import * as oracleEvents from './oracle-events.ts';
import { answeredPrice, earlyAnsweredPrice, settledPrices } from './oracle-updates.ts';
import * as orderEvents from './order-events.ts';
import { executedOrder, orderOfRequest, restingOrderChanged } from './orders.ts';
import { parameterHandlers } from './parameters.ts';
import {
  onCollateralUpdated,
  onPositionUpdated,
  onStored,
  onTradeClosed,
  onTradeStored,
} from './positions.ts';
import { ORDER } from './trade.ts';
import * as trades from './trade-events.ts';
import type { VenueContext } from './venue-context.ts';

const OTHERS = ignore(otherEvents.events.map((text) => parseAbiItem(text) as AbiEvent));

/** Every event version the diamond has ever had in a committed ABI: read, or known to say nothing kept. */
export function gtradeHandlers(context: VenueContext): HandlerTable {
  const read = [
    ...tradeHandlers(context),
    ...executionHandlers(context),
    ...feeHandlers(context),
    ...oracleHandlers(),
    ...orderHandlers(),
    ...marketHandlers(context),
    ...parameterHandlers(),
  ];
  return handlerTable([...rememberingHandlers(read, context.memory), ...OTHERS]);
}

/** Several events of one log, each with a sub index of its own. */
function numbered(events: readonly (DomainEvent | null)[]): readonly DomainEvent[] {
  return events
    .filter((event) => event !== null)
    .map((event, subIndex) => ({ ...event, subIndex }));
}

function tradeHandlers(context: VenueContext): readonly LogHandler[] {
  const stored = (log: ContractLog<Parameters<typeof onTradeStored>[1]>) =>
    onTradeStored(log, log.args, context);
  return [
    on(trades.tradeStoredV8, stored),
    on(trades.tradeStoredV92Wide, stored),
    on(trades.tradeStoredV92Early, stored),
    on(trades.tradeStoredV92First, stored),
    on(trades.tradeStoredV92, stored),
    on(trades.tradeStoredV10, stored),
    on(trades.tradePositionUpdatedV9, (log) => {
      const { tradeId, ...rest } = log.args;
      return onPositionUpdated(log, { ...tradeId, ...rest }, detailsOf(rest), context);
    }),
    on(trades.tradePositionUpdatedV92First, (log) => {
      const { tradeId, ...rest } = log.args;
      return onPositionUpdated(log, { ...tradeId, ...rest }, detailsOf(rest), context);
    }),
    on(trades.tradePositionUpdatedV92, (log) =>
      onPositionUpdated(log, log.args, detailsOf(log.args, ['user', 'index']), context),
    ),
    on(trades.tradePositionUpdatedV10, (log) => {
      const details = detailsOf(log.args, ['user', 'index', 'newPositionSizeToken']);
      const positionSizeToken = String(log.args.newPositionSizeToken);
      return onPositionUpdated(log, log.args, { ...details, positionSizeToken }, context);
    }),
    on(trades.tradeCollateralUpdatedV8, (log) =>
      onCollateralUpdated(log, { ...log.args.tradeId, ...log.args }, context),
    ),
    on(trades.tradeCollateralUpdatedV92, (log) => onCollateralUpdated(log, log.args, context)),
    on(trades.tradeClosedV8, (log) => onTradeClosed(log, log.args.tradeId, {}, context)),
    on(trades.tradeClosedV92, (log) => {
      const { isPnlPositive } = log.args;
      return onTradeClosed(log, log.args, { isPnlPositive }, context);
    }),
  ];
}

/** Prices it was settled at, fees, the order's end. A cancelled order moved nothing and paid no price. */
function executed(log: ContractLog, context: VenueContext): readonly DomainEvent[] {
  const execution = executionOf(log, context.memory);
  if (execution === null) return [];
  if (execution.cancelReason !== 0) return [executedOrder(log, execution)];
  return numbered([
    ...settledPrices(log, execution, context),
    executionFees(log, execution, context),
    executedOrder(log, execution),
  ]);
}

function executionHandlers(context: VenueContext): readonly LogHandler[] {
  return Object.values(executions).map((event) =>
    on(event as AbiEvent, (log) => executed(log as ContractLog, context)),
  );
}

function feeHandlers(context: VenueContext): readonly LogHandler[] {
  const settled = (log: ContractLog) => holdingFees(log, context);
  const realized = (log: ContractLog) =>
    numbered([onStored(log, context), holdingFees(log, context)]);
  const kept = (log: ContractLog) => onStored(log, context);
  return [
    on(feeEvents.borrowingFeeChargedV8, settled),
    on(feeEvents.borrowingFeeChargedV92, settled),
    on(feeEvents.holdingFeesChargedOnTrade, realized),
    on(feeEvents.holdingFeesRealizedOnTrade, realized),
    on(feeEvents.tradingFeesRealized, kept),
    on(feeEvents.pnlRealizedOnOpenTrade, kept),
    on(feeEvents.tradeNegativePnlManuallyRealized, kept),
    on(feeEvents.tradePositivePnlWithdrawn, kept),
    on(feeEvents.tradeFeesDataDownscaled, kept),
    on(feeEvents.tradeInitialAccFeesStored, kept),
    on(feeEvents.borrowingInitialAccFeesStoredV8, kept),
    on(feeEvents.borrowingInitialAccFeesStoredV9, kept),
    on(feeEvents.borrowingInitialAccFeesStoredV10, kept),
    // Told by the *Executed event that follows them: read as its siblings.
    ...[feeEvents.feesProcessed, ...feeEvents.FEE_PARTS].map((event) =>
      on(event as AbiEvent, () => null),
    ),
  ];
}

function oracleHandlers(): readonly LogHandler[] {
  return [
    // One node's packed answer: no public source says how, so no price is read from it.
    on(oracleEvents.priceReceivedV8, () => null),
    on(oracleEvents.priceReceivedV10Early, (log) => earlyAnsweredPrice(log, log.args)),
    on(oracleEvents.priceReceivedV10, (log) => answeredPrice(log, log.args)),
    on(oracleEvents.signedPricesReceived, (log) => answeredPrice(log, log.args)),
  ];
}

function orderHandlers(): readonly LogHandler[] {
  const marketType = (open: boolean) => (open ? ORDER.marketOpen : ORDER.marketClose);
  const cancelled = (
    log: ContractLog<Parameters<typeof orderOfRequest>[2] & { readonly cancelReason: number }>,
    orderType: number,
  ) => {
    const { cancelReason } = log.args;
    return orderOfRequest(log, 'OrderCancelled', log.args, { orderType, cancelReason });
  };
  return [
    on(orderEvents.marketOrderInitiated, (log) =>
      orderOfRequest(log, 'OrderCreated', log.args, { orderType: marketType(log.args.open) }),
    ),
    on(orderEvents.triggerOrderInitiated, (log) =>
      orderOfRequest(log, 'OrderCreated', log.args, { orderType: null }),
    ),
    on(orderEvents.marketOpenCanceledV8, (log) => cancelled(log, ORDER.marketOpen)),
    on(orderEvents.marketOpenCanceledV10, (log) => cancelled(log, ORDER.marketOpen)),
    on(orderEvents.marketCloseCanceledV8, (log) => cancelled(log, ORDER.marketClose)),
    on(orderEvents.marketCloseCanceledV92, (log) => cancelled(log, ORDER.marketClose)),
    on(orderEvents.triggerOrderCanceled, (log) => cancelled(log, log.args.orderType)),
    on(orderEvents.openLimitCanceledV8, (log) =>
      restingOrderChanged(log, 'OrderCancelled', log.args),
    ),
    on(orderEvents.openLimitCanceledV92, (log) =>
      restingOrderChanged(log, 'OrderCancelled', log.args),
    ),
    on(orderEvents.openLimitUpdatedV8, (log) => restingOrderChanged(log, 'OrderUpdated', log.args)),
    on(orderEvents.openLimitUpdatedV92, (log) =>
      restingOrderChanged(log, 'OrderUpdated', log.args),
    ),
  ];
}

/** Accumulators: v1 borrowing (1e10 %), and v10 per unit of price (1e20 %). */
function marketHandlers(context: VenueContext): readonly LogHandler[] {
  const pairBorrowing = (
    log: ContractLog<{
      readonly collateralIndex: number;
      readonly pairIndex: number;
      readonly accFeeLong: bigint;
      readonly accFeeShort: bigint;
    }>,
  ) => {
    const { accFeeLong: long, accFeeShort: short } = log.args;
    return bothSides(log, 'BorrowingFactorAccrued', log.args, { long, short }, context);
  };
  return [
    on(marketEvents.pairAdded, (log) => pairListed(log, log.args, context)),
    on(marketEvents.borrowingPairAccFeesUpdatedV8, pairBorrowing),
    on(marketEvents.borrowingPairAccFeesUpdatedV10, pairBorrowing),
    on(marketEvents.borrowingPairGroupUpdated, (log) =>
      oneSided(log, 'BorrowingRateChanged', log.args, null, context),
    ),
    on(marketEvents.pendingAccFundingFeesStored, (log) => {
      const { accFundingFeeLongP: long, accFundingFeeShortP: short } = log.args.data;
      const rate = log.args.data.lastFundingRatePerSecondP;
      return [
        ...bothSides(log, 'FundingPerSizeAccrued', log.args, { long, short }, context),
        oneSided(log, 'FundingRateChanged', log.args, rate, context, 2),
      ];
    }),
    on(marketEvents.pendingAccBorrowingFeesStored, (log) =>
      oneSided(log, 'BorrowingFactorAccrued', log.args, log.args.data.accBorrowingFeeP, context),
    ),
  ];
}
