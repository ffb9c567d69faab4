import type { EventPlace } from '../../../schema/events/place.ts';
import type { FeeEvent, PositionEvent } from '../../../schema/events/position.ts';
import { type ContractLog, siblings } from '../abi/contract-logs.ts';
import { DecodeError } from '../abi/decode-error.ts';
import { storable } from '../abi/storable.ts';
import type { KnownPosition } from '../position-memory.ts';
import { setPrice } from './events.ts';

const WAD = 10n ** 18n;
/** USD 1e18 → USD 1e30. */
export const USD_SCALE = 10n ** 12n;
/** Price 1e18 per whole token → USD 1e30 per 1e-18 token, and size × price 1e36 → USD 1e30. */
const SIX_DIGITS = 10n ** 6n;

/** An account's collateral as its logs state it: amounts are 1e18 whatever the token's decimals. */
export interface AccountCollateral {
  readonly tokens: readonly string[];
  readonly amounts: readonly bigint[];
}

/** @throws DecodeError where the two lists of a log are not equally long. */
export function collateralOf(args: {
  readonly newCollateralTokens: readonly string[];
  readonly newCollateralAmounts: readonly bigint[];
}): AccountCollateral {
  const { newCollateralTokens: tokens, newCollateralAmounts: amounts } = args;
  if (tokens.length !== amounts.length) {
    throw new DecodeError(`${tokens.length} collateral tokens with ${amounts.length} amounts`);
  }
  return { tokens, amounts };
}

export function collateralDetails({
  tokens,
  amounts,
}: AccountCollateral): PositionEvent['details'] {
  return { newCollateralTokens: tokens, newCollateralAmounts: amounts.map(String) };
}

/** The one token that the columns speak of: the same as before while it is there, else the first. */
export function mainCollateral(
  collateral: AccountCollateral,
  known: KnownPosition | null,
): { readonly token: string; readonly amount: bigint } {
  const { tokens, amounts } = collateral;
  const at = Math.max(0, tokens.indexOf(known?.collateralToken ?? ''));
  return { token: tokens[at] ?? known?.collateralToken ?? '', amount: amounts[at] ?? 0n };
}

/** A token's own oracle id: its address, left-aligned (Mux3Computed._priceOf). */
export function oracleIdOfToken(token: string): string {
  return `${token}${'0'.repeat(24)}`;
}

/** Price (1e18) the transaction set for the token before this log; null: it set none. */
function priceInTransaction(log: ContractLog<unknown>, token: string): bigint | null {
  const oracleId = oracleIdOfToken(token);
  const prices = siblings(log.transaction, setPrice).filter(
    ({ args, place }) => args.oracleId === oracleId && place.logIndex < log.place.logIndex,
  );
  return prices.at(-1)?.args.price ?? null;
}

/** What a position has become, and the little that its kind of log says beyond that. */
export interface LegChange {
  readonly type: PositionEvent['type'];
  readonly positionKey: string;
  readonly account: string;
  readonly market: string;
  readonly isLong: boolean;
  readonly sizeBase: bigint;
  readonly sizeUsd: bigint;
  readonly sizeDeltaBase: bigint;
  readonly sizeDeltaUsd: bigint;
  readonly collateralToken: string;
  readonly collateralRaw: bigint;
  /** null: unknown what it was before. */
  readonly collateralBefore: bigint | null;
  /** 0: the log has none. */
  readonly tradingPrice: bigint;
  readonly realizedPnlUsd: bigint;
  readonly details: PositionEvent['details'];
}

/** `collateralRaw` is in 1e-18 tokens, the venue's own unit for every token. */
export function legEvent(
  log: ContractLog<unknown>,
  subIndex: number,
  change: LegChange,
): PositionEvent {
  const { collateralBefore, tradingPrice, ...columns } = change;
  const price = (priceInTransaction(log, change.collateralToken) ?? 0n) / SIX_DIGITS;
  return storable<PositionEvent>({
    ...log.place,
    subIndex,
    kind: 'position',
    ...columns,
    orderKey: change.positionKey,
    orderType: null,
    collateralDeltaRaw: collateralBefore === null ? 0n : change.collateralRaw - collateralBefore,
    executionPrice: tradingPrice,
    indexPriceMin: tradingPrice,
    indexPriceMax: tradingPrice,
    collateralPriceMin: price,
    collateralPriceMax: price,
    priceImpactUsd: 0n,
    details: {
      ...(collateralBefore === null && { collateralDelta: 'UNKNOWN' }),
      ...change.details,
    },
  });
}

export interface FeesUsd {
  /** 1e18; of a liquidation it is the penalty. */
  readonly positionFeeUsd: bigint;
  readonly borrowingFeeUsd: bigint;
}

/**
 * Fees really taken. The logs state USD; in tokens they are what the contract takes when the main
 * token pays them alone (USD × 1e18 ÷ price, rounded down), 0 where the transaction set no price.
 */
export function feesCharged(
  log: ContractLog<unknown>,
  subIndex: number,
  event: PositionEvent,
  { positionFeeUsd, borrowingFeeUsd }: FeesUsd,
): FeeEvent {
  const inTokens = (usd: bigint) => tokensFor(log, event.collateralToken, usd) ?? 0n;
  const isLiquidation = event.type === 'PositionLiquidated';
  const positionFee = inTokens(positionFeeUsd);
  const borrowFee = inTokens(borrowingFeeUsd);
  const place: EventPlace = log.place;
  return storable<FeeEvent>({
    ...place,
    subIndex,
    kind: 'fee',
    type: 'FeesCharged',
    positionKey: event.positionKey,
    orderKey: event.orderKey,
    market: event.market,
    collateralToken: event.collateralToken,
    collateralPriceMin: event.collateralPriceMin,
    positionFeeRaw: isLiquidation ? 0n : positionFee,
    borrowFeeRaw: borrowFee,
    borrowFeeUsd: borrowingFeeUsd * USD_SCALE,
    fundingFeeRaw: 0n,
    liquidationFeeRaw: isLiquidation ? positionFee : 0n,
    totalCostRaw: positionFee + borrowFee,
    remainingCostUsd: 0n,
    step: '',
    details: {
      positionFeeUsd: positionFeeUsd.toString(),
      borrowingFeeUsd: borrowingFeeUsd.toString(),
    },
  });
}

/** Tokens (1e-18) that a fee of `usd` (1e18) takes; null where the transaction set no price. */
export function tokensFor(log: ContractLog<unknown>, token: string, usd: bigint): bigint | null {
  if (usd === 0n) return 0n;
  const price = priceInTransaction(log, token);
  return price === null || price === 0n ? null : (usd * WAD) / price;
}

/** Σ size × entry price, USD 1e30; rounded up so that an open position never has a size of 0. */
export function entryValueUsd(sizes: readonly bigint[], entryPrices: readonly bigint[]): bigint {
  const exact = sizes.reduce((sum, size, index) => sum + size * (entryPrices[index] ?? 0n), 0n);
  return (exact + SIX_DIGITS - 1n) / SIX_DIGITS;
}
