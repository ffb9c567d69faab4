import { larger, smaller } from '../../fixed-point.ts';
import type { OstiumTrade } from './trade-state.ts';

/**
 * The arithmetic of version 1.2.4 (smart-contracts-public@da3b944 src/OstiumPairInfos.sol and
 * src/lib/TradingCallbacksLib.sol); equal to that source compiled and run
 * (test/margin/ostium-truth.test.ts). Divisions round toward zero, one after the other as there.
 */
const P6 = 10n ** 6n;
const P18 = 10n ** 18n;
const LEVERAGE_ONE = 100n;
const MAX_GAIN_P = 900n;

type Sized = Pick<OstiumTrade, 'collateral' | 'leverage'>;
type Opened = Pick<OstiumTrade, 'leverage' | 'initialLeverage' | 'openPrice' | 'isLong'>;

/** getTradeRolloverFeePure: never less than one unit. */
export function rolloverFee(initialAcc: bigint, acc: bigint, trade: Sized): bigint {
  const fee = ((acc - initialAcc) * trade.collateral * trade.leverage) / P18 / LEVERAGE_ONE;
  return fee > 0n ? fee : 1n;
}

/** getTradeFundingFeePure: positive when the trade pays, and then never less than one unit. */
export function fundingFee(initialAcc: bigint, acc: bigint, trade: Sized): bigint {
  const grown = acc - initialAcc;
  const fee = (grown * (trade.collateral * trade.leverage)) / P18 / LEVERAGE_ONE;
  if (fee !== 0n) return fee;
  return grown > 0n ? 1n : 0n;
}

/** getTradeLiquidationMargin. `thresholdP`: whole percent; leverages 1e2. */
export function liquidationMargin(trade: Sized, thresholdP: bigint, maxLeverage: bigint): bigint {
  const threshold = (thresholdP * trade.leverage * P6) / maxLeverage;
  return (trade.collateral * threshold) / (100n * P6);
}

/** currentPercentProfit before its cap, 1e6 = 1 %. */
export function percentProfit(price: bigint, { openPrice, leverage, isLong }: Opened): bigint {
  const difference = isLong ? price - openPrice : openPrice - price;
  return (difference * P6 * leverage) / openPrice;
}

/** The cap: 900 %, less where the leverage has fallen since the opening. */
export function maxPercentProfit({ leverage, initialLeverage }: Opened): bigint {
  return (MAX_GAIN_P * P6 * leverage) / larger(leverage, initialLeverage);
}

export function cappedPercentProfit(price: bigint, trade: Opened): bigint {
  return smaller(percentProfit(price, trade), maxPercentProfit(trade));
}

/** The term of getTradeValuePure: collateral × percent. */
export function profitOf(collateral: bigint, percent: bigint): bigint {
  return (collateral * percent) / P6 / 100n;
}

/**
 * getTradeLiquidationPricePure: what the contract tells its users. It decides by the value of the trade
 * at the price instead, whose percentage has six decimals, so the test flips near it.
 */
export function contractLiquidationPrice(
  { openPrice, isLong, collateral, leverage }: Opened & Sized,
  margin: bigint,
  fees: bigint,
): bigint {
  const mayLose = collateral - margin - fees;
  const distance = (((openPrice * mayLose) / collateral) * LEVERAGE_ONE) / leverage;
  return larger(isLong ? openPrice - distance : openPrice + distance, 0n);
}
