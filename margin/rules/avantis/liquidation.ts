import type { AvantisTrade } from './trade-state.ts';

/**
 * The arithmetic of PairInfos (avantis-smart-contracts@af7c2b3 src/PairInfos.sol, src/library/
 * PositionMath.sol). Equal to the last unit to the deployed builds that the venue's SDK shipped
 * (test/margin/avantis-truth.test.ts). Divisions round toward zero.
 */
const LEVERAGE_ONE = 10n ** 10n;
const ACCUMULATOR_ONE = 10n ** 10n;

type Sized = Pick<AvantisTrade, 'collateral' | 'leverage'>;
type Opened = Sized & Pick<AvantisTrade, 'openPrice' | 'isLong'>;

/** PositionMath.mul. */
export function leveragedPosition({ collateral, leverage }: Sized): bigint {
  return (collateral * leverage) / LEVERAGE_ONE;
}

/**
 * PairInfos.getTradeRolloverFeePure of the published builds: an accumulator of 1e10 is the position
 * itself. (The public source, which is older, divides by 1e6.)
 */
export function rolloverFee(initialAcc: bigint, acc: bigint, trade: Sized): bigint {
  return ((acc - initialAcc) * leveragedPosition(trade)) / ACCUMULATOR_ONE;
}

/**
 * PairInfos.getTradeLiquidationPricePure: 0 where a long cannot be liquidated. `thresholdP`: whole
 * percent of the collateral that may be lost. Closing fee and loss protection do not enter.
 */
export function contractLiquidationPrice(
  trade: Opened,
  thresholdP: bigint,
  rollover: bigint,
): bigint {
  const { openPrice, collateral, isLong } = trade;
  const mayLose = (collateral * thresholdP) / 100n - rollover;
  const distance = (openPrice * mayLose) / leveragedPosition(trade);
  const price = isLong ? openPrice - distance : openPrice + distance;
  return price > 0n ? price : 0n;
}

/** TradingCallbacks.executeLimitCloseOrderCallback, orderType LIQ. */
export function isLiquidatableAt(
  price: bigint,
  liquidationPrice: bigint,
  isLong: boolean,
): boolean {
  return isLong ? price <= liquidationPrice : price >= liquidationPrice;
}

/**
 * TradingCallbacks.currentPercentProfit and PairInfos.getTradeValuePure, without the caps: −100 %
 * below, above the pair's own gain limit, which no event states. Neither enters the test.
 */
export function profitAt(price: bigint, trade: Opened): bigint {
  const { openPrice, collateral, leverage, isLong } = trade;
  const difference = isLong ? price - openPrice : openPrice - price;
  const percent = (difference * 100n * leverage) / openPrice;
  return (collateral * percent) / LEVERAGE_ONE / 100n;
}
