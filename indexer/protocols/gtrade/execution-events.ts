import { parseAbiItem } from 'viem/utils';
import { ID, PRICE_IMPACT, TRADE, TRADE_V10 } from './structs.ts';

/** What was executed, at which price and with which result: emitted last in an order's transaction. */

/** v8, 2024-04 to 09. */
export const marketExecutedV8 = parseAbiItem([
  'event MarketExecuted(Id orderId, Trade t, bool open, uint64 price, uint256 priceImpactP, int256 percentProfit, uint256 amountSentToTrader, uint256 collateralPriceUsd)',
  ID,
  TRADE,
]);
/** v9.2, 2024-10 to 2025. */
export const marketExecutedV92 = parseAbiItem([
  'event MarketExecuted(Id orderId, address indexed user, uint32 indexed index, Trade t, bool open, uint256 oraclePrice, uint256 marketPrice, uint256 liqPrice, uint256 priceImpactP, int256 percentProfit, uint256 amountSentToTrader, uint256 collateralPriceUsd)',
  ID,
  TRADE,
]);
/** v10, from 2025-05 on. */
export const marketExecutedV10 = parseAbiItem([
  'event MarketExecuted(Id orderId, address indexed user, uint32 indexed index, Trade t, bool open, uint256 oraclePrice, uint256 marketPrice, uint256 liqPrice, PriceImpact priceImpact, int256 percentProfit, uint256 amountSentToTrader, uint256 collateralPriceUsd)',
  ID,
  TRADE_V10,
  PRICE_IMPACT,
]);

export const limitExecutedV8 = parseAbiItem([
  'event LimitExecuted(Id orderId, Trade t, address indexed triggerCaller, uint8 orderType, uint256 price, uint256 priceImpactP, int256 percentProfit, uint256 amountSentToTrader, uint256 collateralPriceUsd, bool exactExecution)',
  ID,
  TRADE,
]);
export const limitExecutedV92 = parseAbiItem([
  'event LimitExecuted(Id orderId, address indexed user, uint32 indexed index, uint32 indexed limitIndex, Trade t, address triggerCaller, uint8 orderType, uint256 oraclePrice, uint256 marketPrice, uint256 liqPrice, uint256 priceImpactP, int256 percentProfit, uint256 amountSentToTrader, uint256 collateralPriceUsd, bool exactExecution)',
  ID,
  TRADE,
]);
export const limitExecutedV10 = parseAbiItem([
  'event LimitExecuted(Id orderId, address indexed user, uint32 indexed index, uint32 indexed limitIndex, Trade t, address triggerCaller, uint8 orderType, uint256 oraclePrice, uint256 marketPrice, uint256 liqPrice, PriceImpact priceImpact, int256 percentProfit, uint256 amountSentToTrader, uint256 collateralPriceUsd, bool exactExecution)',
  ID,
  TRADE_V10,
  PRICE_IMPACT,
]);

/** 2024-06 to 08. */
export const leverageUpdateExecutedV9Early = parseAbiItem([
  'event LeverageUpdateExecuted(Id orderId, bool isIncrease, uint8 cancelReason, address indexed trader, uint256 indexed pairIndex, uint256 index, uint256 marketPrice, uint256 newCollateralAmount, uint256 newLeverage)',
  ID,
]);
/**
 * v9 and v9.2. Until 2024-09 pairIndex is the indexed one of the two, from 2024-10 on index is: the
 * topic 0 and the number of topics are the same. `resolveTrade` of reindexed.ts tells them apart.
 */
export const leverageUpdateExecutedV9 = parseAbiItem([
  'event LeverageUpdateExecuted(Id orderId, bool isIncrease, uint8 cancelReason, uint8 indexed collateralIndex, address indexed trader, uint256 indexed pairIndex, uint256 index, uint256 marketPrice, uint256 collateralDelta, Values values)',
  ID,
  'struct Values { uint256 newLeverage; uint256 newCollateralAmount; uint256 liqPrice; uint256 govFeeCollateral; }',
]);
export const leverageUpdateExecutedV10 = parseAbiItem([
  'event LeverageUpdateExecuted(Id orderId, bool isIncrease, uint8 cancelReason, uint8 indexed collateralIndex, address indexed trader, uint256 pairIndex, uint256 indexed index, uint256 oraclePrice, uint256 collateralDelta, Values values)',
  ID,
  'struct Values { uint256 newLeverage; uint256 newCollateralAmount; uint256 existingLiqPrice; uint256 newLiqPrice; uint256 govFeeCollateral; uint256 newEffectiveLeverage; uint256 totalTradeAvailableCollateralInDiamond; uint256 availableCollateralInDiamond; }',
]);

const INCREASE_VALUES =
  'struct Values { uint256 positionSizeCollateralDelta; uint256 existingPositionSizeCollateral; uint256 newPositionSizeCollateral; uint256 newCollateralAmount; uint256 newLeverage; uint256 priceAfterImpact; int256 existingPnlCollateral; uint256 newOpenPrice; uint256 borrowingFeeCollateral; uint256 openingFeesCollateral; uint256 existingLiqPrice; uint256 newLiqPrice; }';

/** v9, 2024-06 to 07. */
export const positionSizeIncreaseExecutedV9 = parseAbiItem([
  'event PositionSizeIncreaseExecuted(Id orderId, uint8 cancelReason, uint8 indexed collateralIndex, address indexed trader, uint256 indexed pairIndex, uint256 index, uint256 marketPrice, uint256 collateralDelta, uint256 leverageDelta, Values values)',
  ID,
  INCREASE_VALUES,
]);
/** v9.2 first form; indexed like `leverageUpdateExecutedV9`, with the same trap. */
export const positionSizeIncreaseExecutedV92First = parseAbiItem([
  'event PositionSizeIncreaseExecuted(Id orderId, uint8 cancelReason, uint8 indexed collateralIndex, address indexed trader, uint256 indexed pairIndex, uint256 index, bool long, uint256 marketPrice, uint256 collateralPriceUsd, uint256 collateralDelta, uint256 leverageDelta, Values values)',
  ID,
  INCREASE_VALUES,
]);
/** v9.2, 2024-10 to 2025. */
export const positionSizeIncreaseExecutedV92 = parseAbiItem([
  'event PositionSizeIncreaseExecuted(Id orderId, uint8 cancelReason, uint8 indexed collateralIndex, address indexed trader, uint256 pairIndex, uint256 indexed index, bool long, uint256 oraclePrice, uint256 collateralPriceUsd, uint256 collateralDelta, uint256 leverageDelta, Values values)',
  ID,
  'struct Values { uint256 positionSizeCollateralDelta; uint256 existingPositionSizeCollateral; uint256 newPositionSizeCollateral; uint256 newCollateralAmount; uint256 newLeverage; uint256 priceAfterImpact; int256 existingPnlCollateral; uint256 oldPosSizePlusPnlCollateral; uint256 newOpenPrice; uint256 borrowingFeeCollateral; uint256 openingFeesCollateral; uint256 existingLiqPrice; uint256 newLiqPrice; }',
]);
export const positionSizeIncreaseExecutedV10 = parseAbiItem([
  'event PositionSizeIncreaseExecuted(Id orderId, uint8 cancelReason, uint8 indexed collateralIndex, address indexed trader, uint256 pairIndex, uint256 indexed index, bool long, uint256 oraclePrice, uint256 collateralPriceUsd, uint256 collateralDelta, uint256 leverageDelta, Values values)',
  ID,
  PRICE_IMPACT,
  'struct Values { uint256 positionSizeCollateralDelta; uint256 existingPositionSizeCollateral; uint256 newPositionSizeCollateral; uint256 newCollateralAmount; uint256 newLeverage; PriceImpact priceImpact; int256 existingPnlCollateral; uint256 oldPosSizePlusPnlCollateral; uint256 newOpenPrice; uint256 openingFeesCollateral; uint256 existingLiqPrice; uint256 newLiqPrice; bool isCounterTradeValidated; uint256 exceedingPositionSizeCollateral; uint256 counterTradeCollateralToReturn; uint256 newEffectiveLeverage; }',
]);

/** v9, 2024-07. */
export const positionSizeDecreaseExecutedV9 = parseAbiItem([
  'event PositionSizeDecreaseExecuted(Id orderId, uint8 cancelReason, uint8 indexed collateralIndex, address indexed trader, uint256 indexed pairIndex, uint256 index, uint256 marketPrice, uint256 collateralDelta, uint256 leverageDelta, Values values)',
  ID,
  'struct Values { uint256 positionSizeCollateralDelta; uint256 existingPositionSizeCollateral; uint256 existingLiqPrice; int256 existingPnlCollateral; uint256 borrowingFeeCollateral; uint256 vaultFeeCollateral; uint256 gnsStakingFeeCollateral; int256 availableCollateralInDiamond; int256 collateralSentToTrader; uint120 newCollateralAmount; uint24 newLeverage; }',
]);
/** v9.2 first form. */
export const positionSizeDecreaseExecutedV92First = parseAbiItem([
  'event PositionSizeDecreaseExecuted(Id orderId, uint8 cancelReason, uint8 indexed collateralIndex, address indexed trader, uint256 indexed pairIndex, uint256 index, bool long, uint256 marketPrice, uint256 collateralPriceUsd, uint256 collateralDelta, uint256 leverageDelta, Values values)',
  ID,
  'struct Values { uint256 positionSizeCollateralDelta; uint256 existingPositionSizeCollateral; uint256 existingLiqPrice; uint256 priceAfterImpact; int256 existingPnlCollateral; uint256 borrowingFeeCollateral; uint256 vaultFeeCollateral; uint256 gnsStakingFeeCollateral; int256 availableCollateralInDiamond; int256 collateralSentToTrader; uint120 newCollateralAmount; uint24 newLeverage; }',
]);
/** v9.2, 2024-10 to 2025. */
export const positionSizeDecreaseExecutedV92 = parseAbiItem([
  'event PositionSizeDecreaseExecuted(Id orderId, uint8 cancelReason, uint8 indexed collateralIndex, address indexed trader, uint256 pairIndex, uint256 indexed index, bool long, uint256 oraclePrice, uint256 collateralPriceUsd, uint256 collateralDelta, uint256 leverageDelta, Values values)',
  ID,
  'struct Values { uint256 positionSizeCollateralDelta; uint256 existingPositionSizeCollateral; uint256 existingLiqPrice; uint256 priceAfterImpact; int256 existingPnlCollateral; uint256 borrowingFeeCollateral; uint256 closingFeeCollateral; int256 availableCollateralInDiamond; int256 collateralSentToTrader; uint120 newCollateralAmount; uint24 newLeverage; }',
]);
export const positionSizeDecreaseExecutedV10 = parseAbiItem([
  'event PositionSizeDecreaseExecuted(Id orderId, uint8 cancelReason, uint8 indexed collateralIndex, address indexed trader, uint256 pairIndex, uint256 indexed index, bool long, uint256 oraclePrice, uint256 collateralPriceUsd, uint256 collateralDelta, uint256 leverageDelta, Values values)',
  ID,
  PRICE_IMPACT,
  'struct Values { bool isLeverageUpdate; uint256 positionSizeCollateralDelta; uint256 existingPositionSizeCollateral; uint256 existingLiqPrice; uint256 newLiqPrice; PriceImpact priceImpact; int256 existingPnlPercent; int256 partialRawPnlCollateral; int256 existingNetPnlCollateral; int256 pnlToRealizeCollateral; uint256 closingFeeCollateral; uint256 totalAvailableCollateralInDiamond; int256 availableCollateralInDiamond; int256 collateralSentToTrader; uint120 newCollateralAmount; uint24 newLeverage; }',
]);
