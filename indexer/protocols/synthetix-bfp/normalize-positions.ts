import type { DomainEvent } from '../../../schema/events/domain-event.ts';
import type { PositionEvent } from '../../../schema/events/position.ts';
import { type ContractLog, on } from '../abi/contract-logs.ts';
import { DecodeError } from '../abi/decode-error.ts';
import type { EventArgs } from '../abi/event-decoder.ts';
import { storable } from '../abi/storable.ts';
import type { KnownPosition, PositionMemory } from '../position-memory.ts';
import { orderSettled, positionLiquidated } from './events.ts';
import { feesCharged, marginChanged, positionKeyOf, USD_SCALE } from './facts.ts';

export interface PositionContext {
  readonly memory: PositionMemory;
  /** '' where the manifest names none. */
  readonly usdToken: string;
  /** An account is an NFT: its owner where the manifest names one, else ''. */
  ownerOf(accountId: bigint): string;
  /** Decimals of a market's index prices; null: unknown, prices of its events are 0. */
  priceDecimals(marketId: string): number | null;
}

type Settled = EventArgs<typeof orderSettled>;
type Liquidated = EventArgs<typeof positionLiquidated>;

/**
 * Sizes: the logs of an order say the change only, the memory of our own events says what was before.
 * Margin: positions carry none (`collateralRaw` 0); it is in market events, by account, because
 * accounts have it without a position too.
 */
export function positionHandlers(context: PositionContext) {
  return [
    on(orderSettled, (log) => remembered(context, settled(log, context))),
    on(positionLiquidated, (log) => remembered(context, liquidated(log, context))),
  ];
}

function remembered({ memory }: PositionContext, events: readonly DomainEvent[]) {
  for (const event of events) if (event.kind === 'position') memory.note(event);
  return events;
}

/** Signed size, + = long. */
function sizeOf(known: KnownPosition | null): bigint {
  if (known === null) return 0n;
  return known.isLong ? known.sizeBase : -known.sizeBase;
}

const magnitude = (value: bigint) => (value < 0n ? -value : value);

function settled(log: ContractLog<Settled>, context: PositionContext): readonly DomainEvent[] {
  const { args } = log;
  const positionKey = positionKeyOf(args.accountId, args.marketId);
  const known = context.memory.get(positionKey);
  const before = sizeOf(known);
  const hadPosition =
    args.pnl !== 0n || args.accruedFunding !== 0n || args.accruedUtilization !== 0n;
  if (before === 0n && hadPosition) {
    throw new DecodeError('an order changed a position whose size is not known');
  }
  const after = before + args.sizeDelta;
  const changes = changesOf(before, after).map(([type, from, to], subIndex) =>
    positionEvent(log, context, {
      type,
      from,
      to,
      subIndex,
      sizeUsdBefore: from === 0n ? 0n : (known?.sizeUsd ?? 0n),
      sizeUsd: notionalOf(to, args.fillPrice),
      price: args.fillPrice,
      pnl: subIndex === 0 ? args.pnl : 0n,
      details: {
        entryPrice: args.fillPrice.toString(),
        settlementTime: args.settlementTime.toString(),
        settlesAll: true,
      },
    }),
  );
  const position = { positionKey, market: args.marketId.toString() };
  const { orderFee, keeperFee, accruedFunding, accruedUtilization } = args;
  const next = { ...log.place, subIndex: changes.length };
  const costs = { orderFee, keeperFee, funding: -accruedFunding, utilization: accruedUtilization };
  const delta = args.pnl + accruedFunding - accruedUtilization - orderFee - keeperFee;
  return [
    ...changes,
    feesCharged(next, position, costs),
    marginChanged(
      { ...log.place, subIndex: changes.length + 1 },
      {
        marketId: args.marketId,
        accountId: args.accountId,
        token: context.usdToken,
        delta,
        cause: 'settled',
        details: { debt: args.accountDebt.toString(), hadPosition: before !== 0n },
      },
    ),
  ];
}

type SizeChange = readonly [type: PositionEvent['type'], from: bigint, to: bigint];

/** A flip is the end of one life and the beginning of another. */
function changesOf(before: bigint, after: bigint): readonly SizeChange[] {
  if (before === 0n) return after === 0n ? [] : [['PositionOpened', 0n, after]];
  if (after === 0n) return [['PositionClosed', before, 0n]];
  if (before > 0n !== after > 0n) {
    return [
      ['PositionClosed', before, 0n],
      ['PositionOpened', 0n, after],
    ];
  }
  const grows = magnitude(after) > magnitude(before);
  return [[grows ? 'PositionIncreased' : 'PositionDecreased', before, after]];
}

/** May be a part: the position goes on with `remainingSize`, at its entry price. */
function liquidated(
  log: ContractLog<Liquidated>,
  context: PositionContext,
): readonly DomainEvent[] {
  const { args } = log;
  const { sizeBeforeLiquidation: from, remainingSize: to } = args;
  if (from === 0n || (to !== 0n && from > 0n !== to > 0n)) {
    throw new DecodeError(`a liquidation from ${from} to ${to}`);
  }
  const positionKey = positionKeyOf(args.accountId, args.marketId);
  const known = context.memory.get(positionKey);
  const isKnown = known !== null && sizeOf(known) === from;
  const valueBefore = isKnown ? known.sizeUsd : notionalOf(from, args.liquidationPrice);
  const event = positionEvent(log, context, {
    type: 'PositionLiquidated',
    from,
    to,
    subIndex: 0,
    sizeUsdBefore: valueBefore,
    sizeUsd: shareOf(valueBefore, magnitude(to), magnitude(from)),
    price: args.liquidationPrice,
    pnl: 0n, // the margin was taken when the position was flagged
    details: { keeper: args.keeper, flagger: args.flagger, settlesAll: false },
  });
  const { marketId, accountId } = args;
  const position = { positionKey, market: marketId.toString() };
  const fees = { ...log.place, subIndex: 1 };
  const charged = feesCharged(fees, position, { liquidationFee: args.liqKeeperFee });
  if (to !== 0n) return [event, charged];
  const end = { ...log.place, subIndex: 2 };
  const change = { marketId, accountId, token: '', delta: null, cause: 'liquidated' } as const;
  return [event, charged, marginChanged(end, change)];
}

/** value × part ÷ whole, rounded up: what is left of a position is never 0. */
function shareOf(value: bigint, part: bigint, whole: bigint): bigint {
  return (value * part + whole - 1n) / whole;
}

/** |size| × price (1e36) as USD 1e30, rounded up: an open position never has a size of 0. */
function notionalOf(size: bigint, price: bigint): bigint {
  return (magnitude(size) * price + 999_999n) / 1_000_000n;
}

interface Change {
  readonly type: PositionEvent['type'];
  readonly from: bigint;
  readonly to: bigint;
  readonly subIndex: number;
  readonly sizeUsdBefore: bigint;
  readonly sizeUsd: bigint;
  readonly price: bigint;
  readonly pnl: bigint;
  readonly details: PositionEvent['details'];
}

function positionEvent(
  log: ContractLog<Settled> | ContractLog<Liquidated>,
  context: PositionContext,
  change: Change,
): PositionEvent {
  const { accountId, marketId } = log.args;
  const market = marketId.toString();
  const decimals = context.priceDecimals(market);
  // The oracle's own decimals lose digits of the venue's 18: the whole price is in the details.
  const price = decimals === null ? 0n : scaled(change.price, decimals);
  const sizeBase = magnitude(change.to);
  return storable<PositionEvent>({
    ...log.place,
    subIndex: change.subIndex,
    kind: 'position',
    type: change.type,
    positionKey: positionKeyOf(accountId, marketId),
    account: context.ownerOf(accountId),
    market,
    collateralToken: context.usdToken,
    isLong: change.from === 0n ? change.to > 0n : change.from > 0n,
    orderKey: positionKeyOf(accountId, marketId),
    orderType: null,
    sizeUsd: change.sizeUsd,
    sizeBase,
    collateralRaw: 0n,
    sizeDeltaUsd: change.sizeUsd - change.sizeUsdBefore,
    sizeDeltaBase: sizeBase - magnitude(change.from),
    collateralDeltaRaw: 0n,
    executionPrice: price,
    indexPriceMin: price,
    indexPriceMax: price,
    collateralPriceMin: 1n,
    collateralPriceMax: 1n,
    realizedPnlUsd: change.pnl * USD_SCALE,
    priceImpactUsd: 0n,
    details: {
      accountId: accountId.toString(),
      size: change.to.toString(),
      price: change.price.toString(),
      collateral: 'IN_MARKET_EVENTS',
      ...change.details,
    },
  });
}

function scaled(price: bigint, decimals: number): bigint {
  const difference = BigInt(decimals - 18);
  return difference >= 0n ? price * 10n ** difference : price / 10n ** -difference;
}
