import type { FeeEvent } from '../../../schema/events/position.ts';
import { type ContractLog, siblings } from '../abi/contract-logs.ts';
import { detailsOf } from './details.ts';
import { type Execution, executionOf } from './executions.ts';
import {
  borrowingFeeChargedV8,
  borrowingFeeChargedV92,
  FEE_PARTS,
  feesProcessed,
  holdingFeesChargedOnTrade,
  holdingFeesRealizedOnTrade,
} from './fee-events.ts';
import { keyOf, ORDER } from './trade.ts';
import { tokenOf, unitPrice, type VenueContext } from './venue-context.ts';

interface Amounts {
  readonly trading: bigint;
  readonly borrowing: bigint;
  readonly funding: bigint;
}
const NOTHING: Amounts = { trading: 0n, borrowing: 0n, funding: 0n };

interface Charge {
  readonly logIndex: number;
  readonly trader: string;
  /** Null where the log does not name the trade. */
  readonly index: number | null;
  readonly collateralIndex: number;
  readonly amounts: Amounts;
}

/** Holding fees as they are taken from a trade, of every version. */
function holdingCharges({ transaction }: ContractLog): readonly Charge[] {
  const borrowing = [
    ...siblings(transaction, borrowingFeeChargedV8).map((log) => ({ log, index: null })),
    ...siblings(transaction, borrowingFeeChargedV92).map((log) => ({ log, index: log.args.index })),
  ].map(({ log: { args, place }, index }) => ({
    logIndex: place.logIndex,
    trader: args.trader,
    index,
    collateralIndex: args.collateralIndex,
    amounts: { ...NOTHING, borrowing: args.amountCollateral },
  }));
  const holding = [
    ...siblings(transaction, holdingFeesChargedOnTrade),
    ...siblings(transaction, holdingFeesRealizedOnTrade),
  ].map(({ args, place }) => ({
    logIndex: place.logIndex,
    trader: args.trader,
    index: args.index,
    collateralIndex: args.collateralIndex,
    amounts: {
      trading: 0n,
      borrowing:
        args.tradeHoldingFees.borrowingFeeCollateral +
        args.tradeHoldingFees.borrowingFeeCollateral_old,
      funding: args.tradeHoldingFees.fundingFeeCollateral,
    },
  }));
  return [...borrowing, ...holding];
}

/** The trading fee: v10 logs its total, earlier versions the parts it is split into. */
function tradingCharges({ transaction }: ContractLog): readonly Charge[] {
  const totals = siblings(transaction, feesProcessed).map(({ args, place }) => ({
    logIndex: place.logIndex,
    trader: args.trader,
    index: null,
    collateralIndex: args.collateralIndex,
    amounts: { ...NOTHING, trading: args.totalFeesCollateral },
  }));
  if (totals.length > 0) return totals;
  return FEE_PARTS.flatMap((part) => siblings(transaction, part)).map(({ args, place }) => ({
    logIndex: place.logIndex,
    trader: args.trader,
    index: null,
    collateralIndex: args.collateralIndex,
    amounts: { ...NOTHING, trading: args.amountCollateral },
  }));
}

const isOf = (charge: Charge, { user, ref }: Execution) =>
  charge.trader === user && (charge.index === null || charge.index === ref?.index);

/**
 * What an execution cost: the charges of its trader between the execution before it and itself. Null
 * when nothing was charged, but for a liquidation.
 */
export function executionFees(
  log: ContractLog,
  execution: Execution,
  context: VenueContext,
): FeeEvent | null {
  const { ref, orderType, user } = execution;
  if (ref === null) return null;
  const from = previousExecution(log, context);
  const charges = [...holdingCharges(log), ...tradingCharges(log)].filter(
    (charge) =>
      charge.logIndex > from && charge.logIndex < log.place.logIndex && isOf(charge, execution),
  );
  const sum = (name: keyof Amounts) =>
    charges.reduce((all, { amounts }) => all + amounts[name], 0n);
  const isLiquidation = orderType === ORDER.liquidation;
  if (charges.length === 0 && !isLiquidation) return null;
  const index = execution.collateralIndex ?? charges[0]?.collateralIndex;
  if (index === undefined) return null;
  const key = keyOf(user, ref.index);
  return feeEvent(log, context, {
    key,
    market: String(ref.pairIndex),
    collateralIndex: index,
    unit: unitPrice(context, index, execution.collateralPriceUsd),
    isLiquidation,
    amounts: { trading: sum('trading'), borrowing: sum('borrowing'), funding: sum('funding') },
  });
}

function previousExecution(log: ContractLog, { memory }: VenueContext): number {
  const before = log.transaction.logs.filter(
    (other) => other.place.logIndex < log.place.logIndex && executionOf(other, memory) !== null,
  );
  return before.at(-1)?.place.logIndex ?? -1;
}

/** Holding fees settled without an order that would tell them: an event of their own. */
export function holdingFees(log: ContractLog, context: VenueContext): FeeEvent | null {
  const charge = holdingCharges(log).find(({ logIndex }) => logIndex === log.place.logIndex);
  if (charge === undefined) return null;
  const isTold = log.transaction.logs.some((other) => {
    if (other.place.logIndex < log.place.logIndex) return false;
    const execution = executionOf(other, context.memory);
    return execution?.cancelReason === 0 && execution.ref !== null && isOf(charge, execution);
  });
  if (isTold) return null;
  const key = charge.index === null ? '' : keyOf(charge.trader, charge.index);
  return feeEvent(log, context, {
    key,
    market: context.memory.get(key)?.market ?? '',
    collateralIndex: charge.collateralIndex,
    unit: 0n,
    isLiquidation: false,
    amounts: charge.amounts,
  });
}

interface Fees {
  readonly key: string;
  readonly market: string;
  readonly collateralIndex: number;
  /** USD 1e30 per collateral base unit; 0 = not logged. */
  readonly unit: bigint;
  readonly isLiquidation: boolean;
  readonly amounts: Amounts;
}

function feeEvent(log: ContractLog, context: VenueContext, fees: Fees): FeeEvent {
  const { key, market, collateralIndex, unit, isLiquidation } = fees;
  const { trading, borrowing, funding } = fees.amounts;
  return {
    ...log.place,
    kind: 'fee',
    type: 'FeesCharged',
    positionKey: key,
    orderKey: key,
    market,
    collateralToken: tokenOf(context, collateralIndex),
    collateralPriceMin: unit,
    positionFeeRaw: isLiquidation ? 0n : trading,
    borrowFeeRaw: borrowing,
    borrowFeeUsd: borrowing * unit,
    fundingFeeRaw: funding,
    liquidationFeeRaw: isLiquidation ? trading : 0n,
    totalCostRaw: trading + borrowing + funding,
    remainingCostUsd: 0n,
    step: '',
    details: {
      ...(isHolding(log) ? detailsOf(log.args as object) : {}),
      ...(unit === 0n ? UNPRICED : {}),
    },
  };
}

/** No log of the transaction prices the collateral: `borrowFeeUsd` 0 says nothing, the raw amounts hold. */
const UNPRICED = { unitIsKnown: false };

const isHolding = ({ decoder: { event } }: ContractLog): boolean =>
  event === holdingFeesChargedOnTrade || event === holdingFeesRealizedOnTrade;
