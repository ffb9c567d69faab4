import type { FeeEvent } from '../../../schema/events/position.ts';
import { type ContractLog, siblings } from '../abi/contract-logs.ts';
import type { EventArgs } from '../abi/event-decoder.ts';
import type { PositionMemory } from '../position-memory.ts';
import { feesCharged, feesChargedV2, vaultLiqFeeCharged } from './events.ts';
import { openingsIn } from './openings.ts';
import { keyOf, NO_FEES, USD_PER_UNIT } from './trade.ts';

interface CloseFees {
  readonly orderId: bigint;
  readonly tradeId: bigint;
  readonly trader: string;
  readonly rolloverFees: bigint;
  readonly fundingFees: bigint;
}

/** Holding fees of a close, with the liquidation fee of the same order where there is one. */
export function closeFees(log: ContractLog<CloseFees>, memory: PositionMemory): FeeEvent {
  const { orderId, tradeId, trader, rolloverFees, fundingFees } = log.args;
  const liquidation = siblings(log.transaction, vaultLiqFeeCharged).find(
    ({ args }) => args.orderId === orderId,
  );
  const liquidationFeeRaw = liquidation?.args.amount ?? 0n;
  return {
    ...log.place,
    ...NO_FEES,
    positionKey: keyOf(tradeId),
    orderKey: keyOf(orderId),
    market: marketOf(memory, tradeId),
    borrowFeeRaw: rolloverFees,
    borrowFeeUsd: rolloverFees * USD_PER_UNIT,
    fundingFeeRaw: fundingFees,
    liquidationFeeRaw,
    totalCostRaw: rolloverFees + fundingFees + liquidationFeeRaw,
    details: {
      trader,
      rolloverFees: rolloverFees.toString(),
      fundingFees: fundingFees.toString(),
    },
  };
}

/** Null where the holding fees of the same order carry it already. */
export function liquidationFee(
  log: ContractLog<EventArgs<typeof vaultLiqFeeCharged>>,
  memory: PositionMemory,
): FeeEvent | null {
  const { orderId, tradeId, trader, amount } = log.args;
  const { transaction } = log;
  const holding = [...siblings(transaction, feesCharged), ...siblings(transaction, feesChargedV2)];
  if (holding.some(({ args }) => args.orderId === orderId)) return null;
  return {
    ...log.place,
    ...NO_FEES,
    positionKey: keyOf(tradeId),
    orderKey: keyOf(orderId),
    market: marketOf(memory, tradeId),
    liquidationFeeRaw: amount,
    totalCostRaw: amount,
    details: { trader },
  };
}

interface NamedFee {
  /** Of an opening, the order's id: a trade bears it. */
  readonly tradeId: bigint;
  readonly trader: string;
  readonly amount: bigint;
}

/** The developers' and the vault's part of the opening fee: two logs, two events. */
export function openingFee(
  { args, place, transaction }: ContractLog<NamedFee>,
  paidTo: 'DEV' | 'VAULT',
): FeeEvent {
  const { tradeId, trader, amount } = args;
  const opened = openingsIn(transaction).find((opening) => opening.orderId === tradeId);
  return {
    ...place,
    ...NO_FEES,
    positionKey: keyOf(tradeId),
    orderKey: keyOf(tradeId),
    market: opened ? String(opened.t.pairIndex) : '',
    positionFeeRaw: amount,
    totalCostRaw: amount,
    details: { trader, paidTo },
  };
}

/**
 * What an order costs beside the trade: taken from the deposit of a cancelled opening, or from the
 * trader's wallet for a partial close. It never leaves a trade's collateral.
 */
export function oracleFee(
  { args, place }: ContractLog<NamedFee>,
  memory: PositionMemory,
): FeeEvent {
  const { tradeId, trader, amount } = args;
  const key = keyOf(tradeId);
  return {
    ...place,
    ...NO_FEES,
    positionKey: memory.get(key) === null ? '' : key,
    orderKey: key,
    market: marketOf(memory, tradeId),
    totalCostRaw: amount,
    details: { trader, paidTo: 'ORACLE' },
  };
}

function marketOf(memory: PositionMemory, tradeId: bigint): string {
  return memory.get(keyOf(tradeId))?.market ?? '';
}
