import type { DomainEvent } from '../../../schema/events/domain-event.ts';
import type { PositionEvent } from '../../../schema/events/position.ts';
import { type ContractLog, on, siblings } from '../abi/contract-logs.ts';
import { DecodeError } from '../abi/decode-error.ts';
import type { EventArgs } from '../abi/event-decoder.ts';
import type { KnownPosition } from '../position-memory.ts';
import {
  type AccountCollateral,
  collateralDetails,
  collateralOf,
  entryValueUsd,
  type FeesUsd,
  feesCharged,
  type LegChange,
  legEvent,
  mainCollateral,
  tokensFor,
  USD_SCALE,
} from './account-change.ts';
import { type AccountLegs, positionKeyOf } from './account-legs.ts';
import {
  closePosition,
  deposit,
  depositWithdrawFinish,
  liquidatePosition,
  openPosition,
  reallocatePosition,
  updatePositionBorrowingFee,
  withdraw,
} from './events.ts';

type Finish = EventArgs<typeof depositWithdrawFinish>;
type BorrowingFee = EventArgs<typeof updatePositionBorrowingFee>;

/** What open, close, liquidate and reallocate logs have in common. */
type TradeLog = ContractLog<{
  readonly owner: string;
  readonly positionId: string;
  readonly marketId: string;
  readonly isLong: boolean;
  readonly tradingPrice: bigint;
  readonly backedPools: readonly string[];
  readonly borrowingFeeUsd: bigint;
  readonly newCollateralTokens: readonly string[];
  readonly newCollateralAmounts: readonly bigint[];
}>;

/**
 * Position logs. Margin belongs to the account: an event of one market is followed by one for each
 * other open market of the account (size as it was, the same collateral after), so that every
 * position's last event states the collateral it stands on and the markets it shares it with.
 */
export function positionHandlers(legs: AccountLegs) {
  return [
    on(openPosition, (log) => remembered(legs, trade(log, legs, openedOrGrown))),
    on(closePosition, (log) => remembered(legs, trade(log, legs, shrunkOrClosed))),
    on(liquidatePosition, (log) => remembered(legs, trade(log, legs, liquidated))),
    on(reallocatePosition, (log) => remembered(legs, trade(log, legs, reallocated))),
    on(depositWithdrawFinish, (log) => remembered(legs, collateralMoved(log, legs))),
    on(updatePositionBorrowingFee, (log) => remembered(legs, borrowingFeePaid(log, legs))),
    on(deposit, (log) => stateFollows(log)),
    on(withdraw, (log) => stateFollows(log)),
  ];
}

/** Only what could be made of the whole log is remembered. */
function remembered(legs: AccountLegs, events: readonly DomainEvent[]): readonly DomainEvent[] {
  for (const event of events) if (event.kind === 'position') legs.note(event);
  return events;
}

/** What the log itself says of its position, before the account's other markets are looked at. */
interface Traded {
  readonly type: PositionEvent['type'];
  readonly newSizes: readonly bigint[];
  readonly newEntryPrices: readonly bigint[];
  /** Signed, in index units. */
  readonly sizeDelta: bigint;
  readonly pnlUsd: bigint;
  readonly fees: FeesUsd;
  readonly details: PositionEvent['details'];
}

const sum = (values: readonly bigint[]) => values.reduce((total, value) => total + value, 0n);
const texts = (values: readonly bigint[]) => values.map(String);

function openedOrGrown({ args }: ContractLog<EventArgs<typeof openPosition>>): Traded {
  const { newSizes, newEntryPrices, size, allocations } = args;
  return {
    type: sum(newSizes) === size ? 'PositionOpened' : 'PositionIncreased',
    newSizes,
    newEntryPrices,
    sizeDelta: size,
    pnlUsd: 0n,
    fees: args,
    details: { allocations: texts(allocations) },
  };
}

function shrunkOrClosed({ args }: ContractLog<EventArgs<typeof closePosition>>): Traded {
  const { newSizes, newEntryPrices, size, allocations, poolPnlUsds } = args;
  return {
    type: sum(newSizes) === 0n ? 'PositionClosed' : 'PositionDecreased',
    newSizes,
    newEntryPrices,
    sizeDelta: -size,
    pnlUsd: sum(poolPnlUsds),
    fees: args,
    details: { allocations: texts(allocations), poolPnlUsds: texts(poolPnlUsds) },
  };
}

function liquidated({ args }: ContractLog<EventArgs<typeof liquidatePosition>>): Traded {
  const { size, allocations, poolPnlUsds, backedPools } = args;
  return {
    type: 'PositionLiquidated',
    newSizes: backedPools.map(() => 0n),
    newEntryPrices: backedPools.map(() => 0n),
    sizeDelta: -size,
    pnlUsd: sum(poolPnlUsds), // what could be realized: a loss stops where the collateral ends
    fees: args,
    details: { allocations: texts(allocations), poolPnlUsds: texts(poolPnlUsds) },
  };
}

function reallocated({ args }: ContractLog<EventArgs<typeof reallocatePosition>>): Traded {
  const { newSizes, newEntryPrices, borrowingFeeUsd, fromPool, toPool, size } = args;
  return {
    type: 'MarginRemoved', // the owner only pays the borrowing fee
    newSizes,
    newEntryPrices,
    sizeDelta: 0n,
    pnlUsd: 0n,
    fees: { positionFeeUsd: 0n, borrowingFeeUsd },
    details: { fromPool, toPool, reallocatedSize: size.toString() },
  };
}

function trade<Log extends TradeLog>(
  log: Log,
  legs: AccountLegs,
  read: (log: Log) => Traded,
): readonly DomainEvent[] {
  const { args } = log;
  const { positionId, marketId } = args;
  const traded = read(log);
  const collateral = collateralOf(args);
  const positionKey = positionKeyOf(positionId, marketId);
  const known = legs.get(positionKey);
  const others = legs.openOf(positionId).filter((leg) => leg.market !== marketId);
  const event = legEvent(log, 0, {
    ...sizesAfter(traded, known, args.tradingPrice),
    ...collateralAfter(collateral, known, traded.type === 'PositionOpened' && others.length === 0),
    type: traded.type,
    positionKey,
    account: args.owner,
    market: marketId,
    isLong: args.isLong,
    tradingPrice: args.tradingPrice,
    realizedPnlUsd: traded.pnlUsd * USD_SCALE,
    details: {
      positionId,
      ...poolDetails(args.backedPools, traded),
      positionFeeUsd: traded.fees.positionFeeUsd.toString(),
      borrowingFeeUsd: traded.fees.borrowingFeeUsd.toString(),
      settlesBorrowing: true,
      sharedWith: others.map((leg) => leg.market),
      ...traded.details,
      ...collateralDetails(collateral),
    },
  });
  const fees = feesCharged(log, 1, event, traded.fees);
  const open = event.sizeUsd > 0n ? [...others, event] : others;
  return [event, fees, ...otherLegs(log, open, collateral, { positionId, cause: marketId })];
}

function poolDetails(
  backedPools: readonly string[],
  { newSizes, newEntryPrices }: Traded,
): PositionEvent['details'] {
  if (backedPools.length !== newSizes.length || newSizes.length !== newEntryPrices.length) {
    throw new DecodeError(`${backedPools.length} pools with ${newSizes.length} sizes`);
  }
  return { backedPools, newSizes: texts(newSizes), newEntryPrices: texts(newEntryPrices) };
}

function sizesAfter(traded: Traded, known: KnownPosition | null, tradingPrice: bigint) {
  const sizeUsd = entryValueUsd(traded.newSizes, traded.newEntryPrices);
  const traderUsd = entryValueUsd([traded.sizeDelta], [tradingPrice]);
  const before = traded.type === 'PositionOpened' ? 0n : (known?.sizeUsd ?? null);
  return {
    sizeBase: sum(traded.newSizes),
    sizeUsd,
    sizeDeltaBase: traded.sizeDelta,
    sizeDeltaUsd: before === null ? traderUsd : sizeUsd - before,
  };
}

function collateralAfter(
  collateral: AccountCollateral,
  known: KnownPosition | null,
  isFirstOfAccount: boolean,
) {
  const main = mainCollateral(collateral, known);
  const isSameToken = known?.collateralToken === main.token;
  // Before its first position an account's collateral is in no position's state.
  const before = isFirstOfAccount ? 0n : isSameToken ? known.collateralRaw : null;
  return { collateralToken: main.token, collateralRaw: main.amount, collateralBefore: before };
}

interface Cause {
  readonly positionId: string;
  /** Market whose log changed the account; null: the account itself (deposit, withdrawal). */
  readonly cause: string | null;
  /** A withdrawal brings the borrowing of all the account's markets up to date first. */
  readonly settlesBorrowing?: boolean;
}

/** Events of the account's open markets (`open`, after the log) other than the one whose log it is. */
function otherLegs(
  log: ContractLog<unknown>,
  open: readonly KnownPosition[],
  collateral: AccountCollateral,
  { positionId, cause, settlesBorrowing = false }: Cause,
): readonly PositionEvent[] {
  const dying = new Set(
    siblings(log.transaction, liquidatePosition)
      .filter(({ args, place }) => {
        return args.positionId === positionId && place.logIndex > log.place.logIndex;
      })
      .map(({ args }) => args.marketId as string),
  );
  const touched = open.filter((leg) => leg.market !== cause && !dying.has(leg.market));
  return touched.map((leg, index) =>
    unchangedLeg(log, leg, collateral, {
      subIndex: 2 + index,
      details: {
        positionId,
        settlesBorrowing,
        sharedWith: open.filter((one) => one !== leg).map((one) => one.market),
        changedBy: cause ?? 'account',
        ...collateralDetails(collateral),
      },
    }),
  );
}

/** The collateral under the position has changed, the position has not. */
function unchangedLeg(
  log: ContractLog<unknown>,
  leg: KnownPosition,
  collateral: AccountCollateral,
  more: { readonly subIndex: number; readonly details: PositionEvent['details'] },
): PositionEvent {
  const after = collateralAfter(collateral, leg, false);
  const { collateralBefore } = after;
  const isMore = collateralBefore !== null && after.collateralRaw > collateralBefore;
  const change: LegChange = {
    ...after,
    type: isMore ? 'MarginAdded' : 'MarginRemoved',
    positionKey: leg.positionKey,
    account: leg.account,
    market: leg.market,
    isLong: leg.isLong,
    sizeBase: leg.sizeBase,
    sizeUsd: leg.sizeUsd,
    sizeDeltaBase: 0n,
    sizeDeltaUsd: 0n,
    tradingPrice: 0n,
    realizedPnlUsd: 0n,
    details: more.details,
  };
  return legEvent(log, more.subIndex, change);
}

function collateralMoved(log: ContractLog<Finish>, legs: AccountLegs): readonly DomainEvent[] {
  const { positionId } = log.args;
  const settlesBorrowing = siblings(log.transaction, withdraw).some(
    ({ args, place }) => args.positionId === positionId && place.logIndex < log.place.logIndex,
  );
  const cause = { positionId, cause: null, settlesBorrowing };
  return otherLegs(log, legs.openOf(positionId), collateralOf(log.args), cause);
}

/** @throws DecodeError where no state of the account follows in the transaction. */
function stateFollows(log: ContractLog<{ readonly positionId: string }>): null {
  const follows = siblings(log.transaction, depositWithdrawFinish).some(
    ({ args, place }) =>
      args.positionId === log.args.positionId && place.logIndex > log.place.logIndex,
  );
  if (follows) return null;
  throw new DecodeError(`${log.name} without the DepositWithdrawFinish behind it`);
}

/**
 * The fee has left the account, and the log does not say in which token. The columns take it from the
 * main token, which is exact for an account that has one; the margin rules know the others.
 */
function borrowingFeePaid(
  log: ContractLog<BorrowingFee>,
  legs: AccountLegs,
): readonly DomainEvent[] {
  const { positionId, marketId, borrowingFeeUsd } = log.args;
  const open = legs.openOf(positionId);
  const events = open.map((leg, index) => {
    const paid = tokensFor(log, leg.collateralToken, borrowingFeeUsd);
    const left = leg.collateralRaw > (paid ?? 0n) ? leg.collateralRaw - (paid ?? 0n) : 0n;
    return unchangedLeg(
      log,
      leg,
      { tokens: [leg.collateralToken], amounts: [left] },
      {
        subIndex: 2 * index,
        details: {
          positionId,
          settlesBorrowing: leg.market === marketId,
          sharedWith: open.filter((one) => one !== leg).map((one) => one.market),
          changedBy: marketId,
          borrowingFeeUsd: borrowingFeeUsd.toString(),
          feePaidInTokens: paid === null ? 'UNKNOWN' : paid.toString(),
        },
      },
    );
  });
  return events.flatMap((event, index) =>
    event.market === marketId
      ? [event, feesCharged(log, 2 * index + 1, event, { positionFeeUsd: 0n, borrowingFeeUsd })]
      : [event],
  );
}
