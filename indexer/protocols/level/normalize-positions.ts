import type { DomainEvent } from '../../../schema/events/domain-event.ts';
import type { FeeEvent, PositionEvent } from '../../../schema/events/position.ts';
import { type ContractLog, on, siblings } from '../abi/contract-logs.ts';
import { DecodeError } from '../abi/decode-error.ts';
import type { EventArgs } from '../abi/event-decoder.ts';
import { storable } from '../abi/storable.ts';
import type { PositionMemory } from '../position-memory.ts';
import {
  closePosition,
  decreasePosition,
  increasePosition,
  liquidatePosition,
  updatePosition,
} from './events.ts';

type Increase = EventArgs<typeof increasePosition>;
type Decrease = EventArgs<typeof decreasePosition>;
type Update = EventArgs<typeof updatePosition>;
type Close = EventArgs<typeof closePosition>;
type Liquidation = EventArgs<typeof liquidatePosition>;

/** Names every position event of one log shares. */
type Who = Pick<Increase, 'key' | 'account' | 'collateralToken' | 'indexToken' | 'side'>;

interface StateAfter {
  readonly size: bigint;
  readonly collateralValue: bigint;
  readonly entryPrice: bigint;
  readonly entryInterestRate: bigint;
  readonly reserveAmount: bigint;
}

/**
 * The Pool logs a change and then the state after it. The change names the owner, the state names the
 * key alone: the two make one position event, placed at the change. `memory` gives the state before.
 */
export function positionHandlers(memory: PositionMemory) {
  return [
    on(increasePosition, (log) => remembered(memory, increased(log, memory))),
    on(decreasePosition, (log) => remembered(memory, decreased(log, memory))),
    on(liquidatePosition, (log) => remembered(memory, liquidated(log, memory))),
    on(updatePosition, (log) => stateOfAChange(log)),
    on(closePosition, (log) => stateOfAChange(log)),
  ];
}

function remembered(memory: PositionMemory, events: readonly DomainEvent[]) {
  for (const event of events) if (event.kind === 'position') memory.note(event);
  return events;
}

/** @throws DecodeError where no change of the same position precedes the state in its transaction. */
function stateOfAChange(log: ContractLog<Update> | ContractLog<Close>): null {
  const changes = [
    ...siblings(log.transaction, increasePosition),
    ...siblings(log.transaction, decreasePosition),
  ];
  const isPaired = changes.some(
    ({ args, place }) => args.key === log.args.key && place.logIndex < log.place.logIndex,
  );
  if (isPaired) return null;
  throw new DecodeError(`${log.name} without a change of the same position before it`);
}

/** The first state of the position behind the change. @throws DecodeError where there is none. */
function stateAfter(log: ContractLog<Increase> | ContractLog<Decrease>): StateAfter {
  const states = [
    ...siblings(log.transaction, updatePosition),
    ...siblings(log.transaction, closePosition),
  ].filter(({ args, place }) => args.key === log.args.key && place.logIndex > log.place.logIndex);
  const [first, ...others] = states;
  if (!first) throw new DecodeError(`${log.name} without the state after it`);
  const nearest = others.reduce(
    (best, one) => (one.place.logIndex < best.place.logIndex ? one : best),
    first,
  );
  return nearest.args;
}

function increased(log: ContractLog<Increase>, memory: PositionMemory): readonly DomainEvent[] {
  const { args } = log;
  const after = stateAfter(log);
  const isNew = after.size === args.sizeChanged;
  const known = memory.get(args.key);
  const event = positionEvent(log, args, after, {
    type: isNew ? 'PositionOpened' : args.sizeChanged === 0n ? 'MarginAdded' : 'PositionIncreased',
    sizeDelta: args.sizeChanged,
    baseBefore: isNew ? 0n : (known?.sizeBase ?? null),
    collateralBefore: isNew ? 0n : (known?.collateralRaw ?? null),
    pnl: 0n,
    details: { collateralAmountAdded: args.collateralValue.toString() },
  });
  return [event, feesCharged(event, args.feeValue)];
}

function decreased(log: ContractLog<Decrease>, memory: PositionMemory): readonly DomainEvent[] {
  const { args } = log;
  const after = stateAfter(log);
  const partial = args.sizeChanged === 0n ? 'MarginRemoved' : 'PositionDecreased';
  const event = positionEvent(log, args, after, {
    type: after.size === 0n ? 'PositionClosed' : partial,
    sizeDelta: -args.sizeChanged,
    baseBefore: memory.get(args.key)?.sizeBase ?? null,
    collateralBefore: after.collateralValue + args.collateralChanged,
    pnl: signed(args.pnl),
    details: { collateralChanged: args.collateralChanged.toString() },
  });
  return [event, feesCharged(event, args.feeValue)];
}

const NOTHING_LEFT: StateAfter = {
  size: 0n,
  collateralValue: 0n,
  entryPrice: 0n,
  entryInterestRate: 0n,
  reserveAmount: 0n,
};

/**
 * The pool keeps everything up to its fees; what is missing beyond the collateral is bad debt. The
 * liquidation fee (parameter `liquidationFee`, USD 1e30) is in no log of the liquidation.
 */
function liquidated(log: ContractLog<Liquidation>, memory: PositionMemory): readonly DomainEvent[] {
  const { args } = log;
  const pnl = signed(args.pnl);
  const event = positionEvent(log, args, NOTHING_LEFT, {
    type: 'PositionLiquidated',
    sizeDelta: -args.size,
    baseBefore: memory.get(args.key)?.sizeBase ?? null,
    collateralBefore: args.collateralValue,
    pnl,
    details: { reserveBefore: args.reserveAmount.toString() },
  });
  const charged = [event, feesCharged(event, args.feeValue)];
  const left = args.collateralValue + pnl - args.feeValue;
  if (left >= 0n) return charged;
  const insolvent = storable<FeeEvent>({
    ...feesCharged(event, 0n),
    subIndex: 2,
    type: 'InsolventClosed',
    remainingCostUsd: -left,
    step: args.collateralValue + pnl < 0n ? 'pnl' : 'fees',
    details: { remainingCostIsWithout: 'liquidationFee' },
  });
  return [...charged, insolvent];
}

/** `sig` is 1 for positive, 0 for negative (src/lib/SignedInt.sol). @throws DecodeError otherwise. */
function signed({ sig, abs }: { readonly sig: bigint; readonly abs: bigint }): bigint {
  if (sig > 1n) throw new DecodeError(`a sign of ${sig}`);
  return sig === 1n ? abs : -abs;
}

function isLongSide(side: number): boolean {
  if (side > 1) throw new DecodeError(`a side of ${side}`);
  return side === 0;
}

interface Change {
  readonly type: PositionEvent['type'];
  readonly sizeDelta: bigint;
  /** null: unknown, the life began before the first log read. */
  readonly baseBefore: bigint | null;
  readonly collateralBefore: bigint | null;
  readonly pnl: bigint;
  readonly details: PositionEvent['details'];
}

function positionEvent(
  log: ContractLog<unknown>,
  who: Who & { readonly indexPrice: bigint; readonly feeValue: bigint },
  after: StateAfter,
  change: Change,
): PositionEvent {
  const { collateralBefore, baseBefore } = change;
  const sizeBase = baseOf(after.size, after.entryPrice);
  return storable<PositionEvent>({
    ...log.place,
    kind: 'position',
    type: change.type,
    positionKey: who.key,
    account: who.account,
    market: who.indexToken,
    collateralToken: who.collateralToken,
    isLong: isLongSide(who.side),
    orderKey: who.key,
    orderType: null,
    sizeUsd: after.size,
    sizeBase,
    collateralRaw: after.collateralValue,
    sizeDeltaUsd: change.sizeDelta,
    sizeDeltaBase:
      baseBefore === null ? baseOf(change.sizeDelta, who.indexPrice) : sizeBase - baseBefore,
    collateralDeltaRaw: collateralBefore === null ? 0n : after.collateralValue - collateralBefore,
    executionPrice: who.indexPrice,
    indexPriceMin: who.indexPrice,
    indexPriceMax: who.indexPrice,
    collateralPriceMin: 1n, // collateral is booked in USD
    collateralPriceMax: 1n,
    realizedPnlUsd: change.pnl,
    priceImpactUsd: 0n,
    details: {
      entryPrice: after.entryPrice.toString(),
      entryInterestRate: after.entryInterestRate.toString(),
      reserveAmount: after.reserveAmount.toString(),
      feeValue: who.feeValue.toString(),
      ...(collateralBefore === null && { collateralDelta: 'UNKNOWN' }),
      ...change.details,
    },
  });
}

/** USD 1e30 ÷ USD 1e30 per base unit, the magnitude rounded down. */
function baseOf(usd: bigint, price: bigint): bigint {
  return price === 0n ? 0n : usd / price;
}

/** `feeValue` is borrowing and position fee in one number: no log tells them apart. */
function feesCharged(event: PositionEvent, feeValue: bigint): FeeEvent {
  const { chainId, blockNumber, blockTimestamp, transactionHash, transactionIndex } = event;
  return storable<FeeEvent>({
    chainId,
    blockNumber,
    blockTimestamp,
    transactionHash,
    transactionIndex,
    logIndex: event.logIndex,
    subIndex: 1,
    venue: event.venue,
    kind: 'fee',
    type: 'FeesCharged',
    positionKey: event.positionKey,
    orderKey: event.orderKey,
    market: event.market,
    collateralToken: event.collateralToken,
    collateralPriceMin: 1n,
    positionFeeRaw: feeValue,
    borrowFeeRaw: 0n,
    borrowFeeUsd: 0n,
    fundingFeeRaw: 0n,
    liquidationFeeRaw: 0n,
    totalCostRaw: feeValue,
    remainingCostUsd: 0n,
    step: '',
    details: { positionFeeIncludes: 'borrowing' },
  });
}
