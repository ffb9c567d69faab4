import type { DomainEvent } from '../../../schema/events/domain-event.ts';
import type { Details } from '../../../schema/events/place.ts';
import type { FeeEvent, PositionEvent } from '../../../schema/events/position.ts';
import { type ContractLog, siblings } from '../abi/contract-logs.ts';
import type { EventArgs } from '../abi/event-decoder.ts';
import { magnitude, priceWith, usdOf, valueUsd } from './amounts.ts';
import {
  positionLiquidated,
  positionLiquidated2022,
  type positionModified,
  type positionModified2022,
} from './events.ts';
import { accruedFunding, notionalOf, profitLoss, type StoredPosition } from './last-positions.ts';
import {
  detailsOf,
  latestFundingEntry,
  positionKeyOf,
  priceDecimalsOf,
  tradeValue,
  type VenueContext,
} from './venue-context.ts';

type LiquidatedLog = ContractLog<
  EventArgs<typeof positionLiquidated> | EventArgs<typeof positionLiquidated2022>
>;

/** Paid out at a liquidation; `stakers` is what the position had left (2022-12: not logged). */
interface Fees {
  readonly flagger: bigint;
  readonly liquidator: bigint;
  readonly stakers: bigint | null;
}

/** The position before a liquidation, at its price. Equity is signed: the contract floors it at 0. */
interface Outcome {
  readonly before: StoredPosition;
  readonly pnl: bigint;
  readonly funding: bigint;
  readonly equity: bigint;
}

/**
 * Whether a PositionModified is the one that clears a liquidated position: all zero, and followed by
 * its PositionLiquidated (PerpsV2MarketLiquidate._liquidatePosition).
 */
export function wasLiquidated({
  transaction,
  address,
  args,
  place,
}: ContractLog<
  EventArgs<typeof positionModified> | EventArgs<typeof positionModified2022>
>): boolean {
  if (args.size !== 0n || args.tradeSize !== 0n || args.margin !== 0n) return false;
  const liquidations: readonly LiquidatedLog[] = [
    ...siblings(transaction, positionLiquidated),
    ...siblings(transaction, positionLiquidated2022),
  ];
  return liquidations.some(
    (log) =>
      log.address === address &&
      log.args.account === args.account &&
      log.args.id === args.id &&
      log.place.logIndex > place.logIndex,
  );
}

/**
 * The liquidation, its fees, and the shortfall where the margin did not cover them: the contract
 * mints the fees whatever the equity is, so what is missing is the pool's loss.
 */
export function positionLiquidatedEvents(context: VenueContext, log: LiquidatedLog): DomainEvent[] {
  const { args, address } = log;
  const positionKey = positionKeyOf(address, args.account);
  const before = context.positions.get(positionKey, args.size);
  const outcome = before && outcomeOf(log, before);
  const fees = feesOf(log);
  const position = liquidationEvent(context, log, positionKey, before, outcome);
  context.positions.note(position);
  const charged = chargedFees(context, log, positionKey, {
    positionFee: 0n,
    funding: outcome?.funding ?? null,
    liquidationFee: fees.flagger + fees.liquidator + (fees.stakers ?? 0n),
    details: detailsOf({
      flaggerFee: fees.flagger,
      liquidatorFee: fees.liquidator,
      stakersFee: fees.stakers,
    }),
  });
  const insolvent = outcome && insolvencyOf(context, log, positionKey, fees, outcome);
  return [position, charged, ...(insolvent ? [insolvent] : [])].map((event, subIndex) => ({
    ...event,
    subIndex,
  }));
}

function feesOf({ args }: LiquidatedLog): Fees {
  if ('fee' in args) return { flagger: 0n, liquidator: args.fee, stakers: null };
  return { flagger: args.flaggerFee, liquidator: args.liquidatorFee, stakers: args.stakersFee };
}

function outcomeOf(log: LiquidatedLog, before: StoredPosition): Outcome | null {
  const funding = accruedFunding(before, latestFundingEntry(log));
  if (funding === null) return null;
  const pnl = profitLoss(before, log.args.price);
  return { before, pnl, funding, equity: before.margin + pnl + funding };
}

function liquidationEvent(
  context: VenueContext,
  log: LiquidatedLog,
  positionKey: string,
  before: StoredPosition | null,
  outcome: Outcome | null,
): PositionEvent {
  const { args, address, place } = log;
  const { account, size } = args;
  const price = priceWith(priceDecimalsOf(context, address), args.price);
  return {
    ...place,
    kind: 'position',
    type: 'PositionLiquidated',
    positionKey,
    account,
    market: address,
    collateralToken: context.deployment.marginToken,
    isLong: size > 0n,
    orderKey: positionKey,
    orderType: null,
    sizeUsd: 0n,
    sizeBase: 0n,
    collateralRaw: 0n,
    // Of a position that was not seen the notional before is not known: valued at the log's price.
    sizeDeltaUsd: -(before ? notionalOf(before) : valueUsd(magnitude(size), args.price)),
    sizeDeltaBase: -magnitude(size),
    collateralDeltaRaw: before ? -usdOf(before.margin) : 0n,
    executionPrice: price,
    indexPriceMin: price,
    indexPriceMax: price,
    collateralPriceMin: 1n,
    collateralPriceMax: 1n,
    realizedPnlUsd: before ? usdOf(profitLoss(before, args.price)) : 0n,
    priceImpactUsd: 0n,
    details: {
      ...detailsOf({
        ...args,
        margin: before?.margin,
        lastPrice: before?.lastPrice,
        realizedFunding: outcome?.funding,
        equity: outcome?.equity,
      }),
      ...tradeValue(size, args.price),
    },
  };
}

/** Null where the equity covered the fees. */
function insolvencyOf(
  context: VenueContext,
  log: LiquidatedLog,
  positionKey: string,
  fees: Fees,
  { equity }: Outcome,
): FeeEvent | null {
  const shortfall = fees.flagger + fees.liquidator - equity;
  if (shortfall <= 0n) return null;
  return {
    ...noFees(context, log, positionKey),
    type: 'InsolventClosed',
    remainingCostUsd: usdOf(shortfall),
    step: equity < 0n ? 'pnl' : 'fees',
    details: detailsOf({ equity, shortfall }),
  };
}

interface Charged {
  /** sUSD; `funding` as the contracts sign it (negative: the position paid), null: not known. */
  readonly positionFee: bigint;
  readonly funding: bigint | null;
  readonly liquidationFee: bigint;
  readonly details: Details;
}

export function chargedFees(
  context: VenueContext,
  log: ContractLog,
  positionKey: string,
  { positionFee, funding, liquidationFee, details }: Charged,
): FeeEvent {
  const fundingFee = -(funding ?? 0n);
  return {
    ...noFees(context, log, positionKey),
    type: 'FeesCharged',
    positionFeeRaw: usdOf(positionFee),
    fundingFeeRaw: usdOf(fundingFee),
    liquidationFeeRaw: usdOf(liquidationFee),
    totalCostRaw: usdOf(positionFee + fundingFee + liquidationFee),
    details,
  };
}

function noFees(context: VenueContext, { place, address }: ContractLog, positionKey: string) {
  return {
    ...place,
    kind: 'fee' as const,
    positionKey,
    orderKey: positionKey,
    market: address,
    collateralToken: context.deployment.marginToken,
    collateralPriceMin: 1n,
    positionFeeRaw: 0n,
    borrowFeeRaw: 0n,
    borrowFeeUsd: 0n,
    fundingFeeRaw: 0n,
    liquidationFeeRaw: 0n,
    totalCostRaw: 0n,
    remainingCostUsd: 0n,
    step: '',
  };
}
