/**
 * Structs of gTrade's events, each version under one name, for viem's `parseAbiItem`.
 * Source: GainsNetwork-org/sdk abi/GNSMultiCollatDiamond.json, every committed version.
 */
export const ID = 'struct Id { address user; uint32 index; }';

/** Until v9.2. */
export const TRADE =
  'struct Trade { address user; uint32 index; uint16 pairIndex; uint24 leverage; bool long; bool isOpen; uint8 collateralIndex; uint8 tradeType; uint120 collateralAmount; uint64 openPrice; uint64 tp; uint64 sl; uint192 __placeholder; }';
export const TRADE_V10 =
  'struct Trade { address user; uint32 index; uint16 pairIndex; uint24 leverage; bool long; bool isOpen; uint8 collateralIndex; uint8 tradeType; uint120 collateralAmount; uint64 openPrice; uint64 tp; uint64 sl; bool isCounterTrade; uint160 positionSizeToken; uint24 __placeholder; }';

export const TRADE_INFO_V8 =
  'struct TradeInfo { uint32 createdBlock; uint32 tpLastUpdatedBlock; uint32 slLastUpdatedBlock; uint16 maxSlippageP; uint48 lastOiUpdateTs; uint48 collateralPriceUsd; uint48 __placeholder; }';
/** ABI of 2024-08-08 to 08-14 only. */
export const TRADE_INFO_EARLY_V9_2 =
  'struct TradeInfo { uint32 createdBlock; uint32 tpLastUpdatedBlock; uint32 slLastUpdatedBlock; uint16 maxSlippageP; uint48 lastOiUpdateTs; uint48 collateralPriceUsd; uint8 contractsVersion; uint40 __placeholder; }';
export const TRADE_INFO =
  'struct TradeInfo { uint32 createdBlock; uint32 tpLastUpdatedBlock; uint32 slLastUpdatedBlock; uint16 maxSlippageP; uint48 lastOiUpdateTs; uint48 collateralPriceUsd; uint8 contractsVersion; uint32 lastPosIncreaseBlock; uint8 __placeholder; }';

/** ABI of 2024-07-20 to 08-14 only. */
export const WIDE_LIQUIDATION_PARAMS =
  'struct LiquidationParams { uint40 maxLiqSpreadP; uint64 startLiqThresholdP; uint64 endLiqThresholdP; uint24 startLeverage; uint24 endLeverage; }';
export const LIQUIDATION_PARAMS =
  'struct LiquidationParams { uint40 maxLiqSpreadP; uint40 startLiqThresholdP; uint40 endLiqThresholdP; uint24 startLeverage; uint24 endLeverage; }';

export const PRICE_IMPACT =
  'struct PriceImpact { uint256 positionSizeToken; int256 fixedSpreadP; int256 cumulVolPriceImpactP; int256 skewPriceImpactP; int256 totalPriceImpactP; uint64 priceAfterImpact; }';
export const HOLDING_FEES =
  'struct HoldingFees { int256 fundingFeeCollateral; uint256 borrowingFeeCollateral; uint256 borrowingFeeCollateral_old; int256 totalFeeCollateral; }';
/** ABI of 2025-03 to 07. */
export const EARLY_ANSWER = 'struct Answer { uint64 open; uint64 high; uint64 low; uint64 ts; }';
export const ANSWER =
  'struct Answer { uint56 open; uint56 high; uint56 low; uint56 current; uint32 ts; }';
export const FEE_GROUP =
  'struct FeeGroup { uint40 totalPositionSizeFeeP; uint40 totalLiqCollateralFeeP; uint40 oraclePositionSizeFeeP; uint32 minPositionSizeUsd; uint104 __placeholder; }';
