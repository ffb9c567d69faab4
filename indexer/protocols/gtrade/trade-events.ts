import { parseAbiItem } from 'viem/utils';
import {
  ID,
  LIQUIDATION_PARAMS,
  TRADE,
  TRADE_INFO,
  TRADE_INFO_EARLY_V9_2,
  TRADE_INFO_V8,
  TRADE_V10,
  WIDE_LIQUIDATION_PARAMS,
} from './structs.ts';

/**
 * What the diamond stores of a trade: absolute values. Dates are those of the ABI commits in
 * GainsNetwork-org/sdk: go-live is near them, not exact.
 */

/** v8: 2024-04 to 07. Resting limit and stop orders are stored by the same event (tradeType 1, 2). */
export const tradeStoredV8 = parseAbiItem([
  'event TradeStored(Trade trade, TradeInfo tradeInfo)',
  TRADE,
  TRADE_INFO_V8,
]);
/** v9.2 before release, 2024-07-20 to 08-14; may not have been live. */
export const tradeStoredV92Wide = parseAbiItem([
  'event TradeStored(Trade trade, TradeInfo tradeInfo, LiquidationParams liquidationParams)',
  TRADE,
  TRADE_INFO_V8,
  WIDE_LIQUIDATION_PARAMS,
]);
/** v9.2 before release, 2024-08-08 to 08-14; may not have been live. */
export const tradeStoredV92Early = parseAbiItem([
  'event TradeStored(Trade trade, TradeInfo tradeInfo, LiquidationParams liquidationParams)',
  TRADE,
  TRADE_INFO_EARLY_V9_2,
  LIQUIDATION_PARAMS,
]);
/** v9.2 first form, 2024-08 to 09. */
export const tradeStoredV92First = parseAbiItem([
  'event TradeStored(Trade trade, TradeInfo tradeInfo, LiquidationParams liquidationParams)',
  TRADE,
  TRADE_INFO,
  LIQUIDATION_PARAMS,
]);
/** v9.2, 2024-10 to 2025. */
export const tradeStoredV92 = parseAbiItem([
  'event TradeStored(address indexed user, uint32 indexed index, Trade trade, TradeInfo tradeInfo, LiquidationParams liquidationParams)',
  TRADE,
  TRADE_INFO,
  LIQUIDATION_PARAMS,
]);
/** v10, from 2025-05 on. */
export const tradeStoredV10 = parseAbiItem([
  'event TradeStored(address indexed user, uint32 indexed index, Trade trade, TradeInfo tradeInfo, LiquidationParams liquidationParams)',
  TRADE_V10,
  TRADE_INFO,
  LIQUIDATION_PARAMS,
]);

export const tradeClosedV8 = parseAbiItem(['event TradeClosed(Id tradeId)', ID]);
/** v9.2 on. */
export const tradeClosedV92 = parseAbiItem(
  'event TradeClosed(address indexed user, uint32 indexed index, bool isPnlPositive)',
);

export const tradeCollateralUpdatedV8 = parseAbiItem([
  'event TradeCollateralUpdated(Id tradeId, uint120 collateralAmount)',
  ID,
]);
/** v9.2 on. */
export const tradeCollateralUpdatedV92 = parseAbiItem(
  'event TradeCollateralUpdated(address indexed user, uint32 indexed index, uint120 collateralAmount)',
);

/** v9, 2024-06 to 08. */
export const tradePositionUpdatedV9 = parseAbiItem([
  'event TradePositionUpdated(Id tradeId, uint120 collateralAmount, uint24 leverage, uint64 openPrice, uint64 newTp, uint64 newSl)',
  ID,
]);
/** v9.2 first form. */
export const tradePositionUpdatedV92First = parseAbiItem([
  'event TradePositionUpdated(Id tradeId, uint120 collateralAmount, uint24 leverage, uint64 openPrice, uint64 newTp, uint64 newSl, bool refreshLiquidationParams)',
  ID,
]);
/** v9.2, 2024-10 to 2025. */
export const tradePositionUpdatedV92 = parseAbiItem(
  'event TradePositionUpdated(address indexed user, uint32 indexed index, uint120 collateralAmount, uint24 leverage, uint64 openPrice, uint64 newTp, uint64 newSl, bool isPartialIncrease, bool isPnlPositive)',
);
export const tradePositionUpdatedV10 = parseAbiItem(
  'event TradePositionUpdated(address indexed user, uint32 indexed index, uint120 collateralAmount, uint24 leverage, uint64 openPrice, uint64 newSl, uint160 newPositionSizeToken, uint8 pendingOrderType, bool isPnlPositive)',
);
