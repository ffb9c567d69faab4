import type { MarketEvent } from '../../../schema/events/market.ts';
import type { PositionEvent } from '../../../schema/events/position.ts';
import { integerDetail, USD_PER_USDC_UNIT } from '../leveraged-trade.ts';
import { rolloverFee } from './liquidation.ts';

/** One life of an Avantis trade. USDC 1e6; prices and leverage 1e10. */
export interface AvantisTrade {
  readonly positionKey: string;
  readonly market: string;
  readonly isLong: boolean;
  readonly collateral: bigint;
  readonly leverage: bigint;
  readonly openPrice: bigint;
  /** TradeInfo.openInterestUSDC: the leveraged position, which a change of margin leaves as it is. */
  readonly openInterest: bigint;
  /** Rollover accumulator that the trade starts from; null where its log was not seen. */
  readonly initialAccRollover: bigint | null;
}

/** One pair: cumulative rollover by side, as last stored; null until then. */
export interface AvantisPair {
  readonly market: string;
  readonly accRolloverLong: bigint | null;
  readonly accRolloverShort: bigint | null;
  readonly accruedToBlock: number;
}

const NOTHING = { collateral: 0n, leverage: 0n, openPrice: 0n, openInterest: 0n };

export function initialTrade(event: PositionEvent): AvantisTrade {
  const { positionKey, market, isLong } = event;
  return { positionKey, market, isLong, ...NOTHING, initialAccRollover: null };
}

export function evolveTrade(state: AvantisTrade, event: PositionEvent): AvantisTrade {
  if (event.sizeUsd === 0n) return { ...state, ...NOTHING, initialAccRollover: null };
  const stored = integerDetail(event, 'initialAccRollover');
  const openInterest = event.sizeUsd / USD_PER_USDC_UNIT;
  if (event.details['isBeforeRolloverFee'] === true) return withFeeTaken(state, event, stored);
  return {
    ...state,
    collateral: event.collateralRaw,
    leverage: integerDetail(event, 'leverage') ?? state.leverage,
    openPrice: integerDetail(event, 'openPrice') ?? state.openPrice,
    openInterest,
    initialAccRollover:
      stored ?? (event.type === 'PositionOpened' ? null : state.initialAccRollover),
  };
}

/**
 * Trading.updateMargin of the public source: the rollover fee so far leaves the collateral, the trade
 * starts from the new accumulator, and the leverage is the open interest over what is left
 * (_calculateNewLeverage). Without both accumulators the collateral is not known.
 */
function withFeeTaken(
  state: AvantisTrade,
  event: PositionEvent,
  stored: bigint | null,
): AvantisTrade {
  if (stored === null || state.initialAccRollover === null) {
    return { ...state, collateral: event.collateralRaw, initialAccRollover: null };
  }
  const fee = rolloverFee(state.initialAccRollover, stored, state);
  const collateral = state.collateral + event.collateralDeltaRaw - fee;
  const leverage = collateral > 0n ? (state.openInterest * 10n ** 10n) / collateral : 0n;
  return { ...state, collateral, leverage, initialAccRollover: stored };
}

export function initialPair(market: string): AvantisPair {
  return { market, accRolloverLong: null, accRolloverShort: null, accruedToBlock: 0 };
}

export function evolvePair(pair: AvantisPair, event: MarketEvent): AvantisPair {
  if (event.type !== 'BorrowingFactorAccrued' || event.value === null) return pair;
  const side = event.isLong ? { accRolloverLong: event.value } : { accRolloverShort: event.value };
  return { ...pair, ...side, accruedToBlock: event.blockNumber };
}
