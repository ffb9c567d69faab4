import { larger, smaller } from '../../fixed-point.ts';
import type { LiquidationParams } from './position-state.ts';

/**
 * The liquidation test. Facts: GainsNetwork-org/sdk a8c6987d src/trade/liquidation (getLiquidationPrice,
 * getLiqPnlThresholdP) and src/trade/priceImpact/cumulVol (getSpreadP); order of the divisions, each of
 * which rounds toward 0, of Javsphere/contracts (a fork of v9.2) BorrowingFeesUtils.
 * _getTradeLiquidationPrice and TradingCommonUtils. The fork's special price of 1 when fees exceed the
 * threshold is not the venue's and is not followed: the formula then gives a price beyond the entry.
 */
const PERCENT_ONE = 10n ** 12n;
const LEVERAGE_ONE = 1_000n;
/** −90 %, 1e10 percent. */
export const LEGACY_THRESHOLD_P = 900_000_000_000n;

/**
 * Share of the collateral that may be lost, 1e10 percent. Between the two leverages linear, the decline
 * rounded down. Trades from before v9.2 have no parameters.
 */
export function thresholdP(params: LiquidationParams, leverage: bigint): bigint {
  const { startLiqThresholdP: start, endLiqThresholdP: end, startLeverage, endLeverage } = params;
  if (params.maxLiqSpreadP === 0n) return LEGACY_THRESHOLD_P;
  if (leverage <= startLeverage) return start;
  if (leverage >= endLeverage) return end;
  return start - ((leverage - startLeverage) * (start - end)) / (endLeverage - startLeverage);
}

/**
 * Spread of closing that the test counts from v9.2 on, 1e10 percent: half the pair's and the trader's
 * own, at most the trade's limit.
 */
export function closingSpreadP(
  params: LiquidationParams,
  pairSpreadP: bigint,
  fixedSpreadP: bigint,
): bigint {
  const spread = pairSpreadP / 2n + fixedSpreadP;
  if (params.maxLiqSpreadP > 0n) return smaller(spread, params.maxLiqSpreadP);
  return fixedSpreadP > 0n ? spread : 0n;
}

export interface LiquidationTerms {
  readonly isLong: boolean;
  /** 1e10. */
  readonly openPrice: bigint;
  readonly collateralAmount: bigint;
  /** 1e3. */
  readonly leverage: bigint;
  /** 10^(18 − decimals). */
  readonly precisionDelta: bigint;
  /** 1e10 percent. */
  readonly thresholdP: bigint;
  /** 1e10 percent; 0 before v9.2. */
  readonly closingSpreadP: bigint;
  /** Closing and holding fees less what was realized, collateral base units; negative = a credit. */
  readonly fees: bigint;
}

/** The contract's liquidation price, 1e10; 0 where it would be below. */
export function liquidationPriceOf(terms: LiquidationTerms): bigint {
  const { openPrice, collateralAmount, leverage, precisionDelta } = terms;
  const scale = precisionDelta * LEVERAGE_ONE;
  const mayLose = (collateralAmount * terms.thresholdP * scale) / PERCENT_ONE;
  const left = mayLose - terms.fees * scale;
  const distance =
    (openPrice * left) / collateralAmount / leverage / precisionDelta -
    (openPrice * terms.closingSpreadP) / PERCENT_ONE;
  return larger(terms.isLong ? openPrice - distance : openPrice + distance, 0n);
}

/** LIQ_CLOSE: executed at the liquidation price or beyond it. */
export function isLiquidatableAt(
  isLong: boolean,
  price: bigint,
  liquidationPrice: bigint,
): boolean {
  return isLong ? price <= liquidationPrice : price >= liquidationPrice;
}
