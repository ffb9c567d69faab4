import type { FeeEvent, PositionEvent } from '../../../schema/events/position.ts';
import type { ContractLog } from '../abi/contract-logs.ts';
import { storable } from '../abi/storable.ts';
import type { PositionBook } from './position-book.ts';
import {
  type CloseLog,
  changeBefore,
  closedBy,
  type DecreaseLog,
  feesBefore,
  type IncreaseLog,
  isIncrease,
  type LiquidateLog,
  realizedPnlOf,
  type UpdateLog,
} from './vault-logs.ts';

/** Collateral is booked in USD: one unit is worth one unit. */
const USD_PER_UNIT = 1n;

/**
 * Everything but what the log itself says. The Vault logs one price, the bound that is worse for the
 * position and that it executed at; it stands for both bounds.
 */
function positionEvent(
  log: ContractLog,
  { key, account, collateralToken, indexToken, isLong }: IncreaseLog['args'] | LiquidateLog['args'],
  price: bigint,
  rest: Pick<
    PositionEvent,
    | 'type'
    | 'sizeUsd'
    | 'sizeBase'
    | 'collateralRaw'
    | 'sizeDeltaUsd'
    | 'sizeDeltaBase'
    | 'collateralDeltaRaw'
    | 'realizedPnlUsd'
    | 'details'
  >,
): PositionEvent {
  return storable<PositionEvent>({
    ...log.place,
    kind: 'position',
    positionKey: key,
    account,
    market: indexToken,
    collateralToken,
    isLong,
    orderKey: key,
    orderType: null,
    executionPrice: price,
    indexPriceMin: price,
    indexPriceMax: price,
    collateralPriceMin: USD_PER_UNIT,
    collateralPriceMax: USD_PER_UNIT,
    priceImpactUsd: 0n,
    ...rest,
  });
}

/** What the Vault stores besides size and collateral; `averagePrice` is the entry price, 30 decimals. */
function storedDetails({ args }: UpdateLog | CloseLog): Record<string, string> {
  return {
    averagePrice: args.averagePrice.toString(),
    entryFundingRate: args.entryFundingRate.toString(),
    reserveAmount: args.reserveAmount.toString(),
    realisedPnl: args.realisedPnl.toString(),
  };
}

/** UpdatePosition: the state after an increase, a partial decrease, or a change of collateral. */
export function positionUpdated(log: UpdateLog, book: PositionBook): PositionEvent {
  const change = changeBefore(log);
  const { size, collateral, averagePrice } = log.args;
  const increases = isIncrease(change);
  const sizeDeltaUsd = increases ? change.args.sizeDelta : -change.args.sizeDelta;
  const sizeBefore = size - sizeDeltaUsd;
  const { indexToken } = change.args;
  const sizeBase = book.baseUnits(indexToken, size, averagePrice);
  const baseBefore = baseUnitsBefore(change, sizeBefore, averagePrice, book);
  const event = positionEvent(log, change.args, change.args.price, {
    type: updateType(increases, sizeBefore, sizeDeltaUsd),
    sizeUsd: size,
    sizeBase,
    collateralRaw: collateral,
    sizeDeltaUsd,
    sizeDeltaBase: sizeBase - baseBefore,
    collateralDeltaRaw: increases ? paidIn(change) : -paidOut(change),
    realizedPnlUsd: increases ? 0n : realizedPnlOf(change),
    details: {
      ...storedDetails(log),
      collateralDelta: change.args.collateralDelta.toString(),
      fee: change.args.fee.toString(),
    },
  });
  return book.note(event, averagePrice);
}

function updateType(increases: boolean, sizeBefore: bigint, delta: bigint): PositionEvent['type'] {
  if (increases) {
    if (sizeBefore === 0n) return 'PositionOpened';
    return delta === 0n ? 'MarginAdded' : 'PositionIncreased';
  }
  return delta === 0n ? 'MarginRemoved' : 'PositionDecreased';
}

/** The entry price moves only when the size grows; of a life whose start was not seen it is taken as now. */
function baseUnitsBefore(
  { args }: IncreaseLog | DecreaseLog,
  sizeBefore: bigint,
  averagePrice: bigint,
  book: PositionBook,
): bigint {
  if (sizeBefore === 0n) return 0n;
  const known = book.openAt(args.key, sizeBefore);
  return known?.sizeBase ?? book.baseUnits(args.indexToken, sizeBefore, averagePrice);
}

/** `collateralDelta` of IncreasePosition is USD before the fee (Vault.sol increasePosition). */
function paidIn({ args }: IncreaseLog | DecreaseLog): bigint {
  return args.collateralDelta - args.fee;
}

/**
 * Loss and withdrawal come out of the collateral; the fee does too when the payout is no more than the
 * fee, and `fee` of the event is then 0 (Vault.sol _reduceCollateral).
 */
function paidOut(decrease: DecreaseLog): bigint {
  const pnl = realizedPnlOf(decrease);
  const loss = pnl < 0n ? -pnl : 0n;
  const feeFromCollateral = decrease.args.fee === 0n ? feesBefore(decrease).args.feeUsd : 0n;
  return loss + decrease.args.collateralDelta + feeFromCollateral;
}

/** ClosePosition: `size` is the size before, `collateral` is already 0. */
export function positionClosed(log: CloseLog, book: PositionBook): PositionEvent {
  const decrease = changeBefore(log);
  const by = closedBy(decrease);
  const { key, size, averagePrice } = log.args;
  const known = book.openAt(key, size);
  const event = positionEvent(log, decrease.args, decrease.args.price, {
    type: by === 'LIQUIDATOR' ? 'PositionLiquidated' : 'PositionClosed',
    sizeUsd: 0n,
    sizeBase: 0n,
    collateralRaw: 0n,
    sizeDeltaUsd: -size,
    sizeDeltaBase: -book.baseUnits(decrease.args.indexToken, size, averagePrice),
    collateralDeltaRaw: -(known?.collateralRaw ?? 0n),
    realizedPnlUsd: realizedPnlOf(decrease),
    details: {
      ...storedDetails(log),
      collateralDelta: decrease.args.collateralDelta.toString(),
      fee: decrease.args.fee.toString(),
      closedBy: by,
      ...(by === 'LIQUIDATOR' ? { liquidationSubtype: 'max_leverage' } : {}),
      ...(known ? {} : { collateralBefore: 'unknown' }),
    },
  });
  return book.note(event, averagePrice);
}

/**
 * LiquidatePosition (state 1): the collateral is lost whole. The log has no entry price, so that PnL
 * and debt are known only for positions whose earlier logs were read.
 */
export function positionLiquidated(
  log: LiquidateLog,
  book: PositionBook,
): readonly (PositionEvent | FeeEvent)[] {
  const { args } = log;
  const known = book.openAt(args.key, args.size);
  const pnl = known ? pnlAt(known.averagePrice, args) : null;
  const sizeBase = known?.sizeBase ?? 0n;
  const event = positionEvent(log, args, args.markPrice, {
    type: 'PositionLiquidated',
    sizeUsd: 0n,
    sizeBase: 0n,
    collateralRaw: 0n,
    sizeDeltaUsd: -args.size,
    sizeDeltaBase: -sizeBase,
    collateralDeltaRaw: -args.collateral,
    realizedPnlUsd: pnl ?? 0n,
    details: {
      reserveAmount: args.reserveAmount.toString(),
      realisedPnl: args.realisedPnl.toString(),
      closedBy: 'LIQUIDATOR',
      liquidationSubtype: 'margin',
      ...(pnl === null ? { realizedPnl: 'unknown' } : {}),
    },
  });
  book.note(event, known?.averagePrice ?? 0n);
  const unpaid = pnl === null ? 0n : -pnl - args.collateral;
  return unpaid > 0n ? [event, lossNotCovered(log, unpaid)] : [event];
}

/** size × |mark − entry| ÷ entry, rounded down, with its sign (Vault.sol getDelta). */
function pnlAt(averagePrice: bigint, { size, markPrice, isLong }: LiquidateLog['args']): bigint {
  const rises = markPrice > averagePrice;
  const move = rises ? markPrice - averagePrice : averagePrice - markPrice;
  const delta = (size * move) / averagePrice;
  return rises === isLong ? delta : -delta;
}

/**
 * The part of a loss beyond the collateral, which the pool does not get. Fees are not counted: every such
 * liquidation leaves some unpaid (VaultUtils.sol validateLiquidation), and the pool pays the keeper anyway.
 */
function lossNotCovered(log: LiquidateLog, unpaidUsd: bigint): FeeEvent {
  const { key, indexToken, collateralToken } = log.args;
  return storable<FeeEvent>({
    ...log.place,
    subIndex: 1,
    kind: 'fee',
    type: 'InsolventClosed',
    positionKey: key,
    orderKey: key,
    market: indexToken,
    collateralToken,
    collateralPriceMin: USD_PER_UNIT,
    positionFeeRaw: 0n,
    borrowFeeRaw: 0n,
    borrowFeeUsd: 0n,
    fundingFeeRaw: 0n,
    liquidationFeeRaw: 0n,
    totalCostRaw: 0n,
    remainingCostUsd: unpaidUsd,
    step: 'pnl',
    details: {},
  });
}
