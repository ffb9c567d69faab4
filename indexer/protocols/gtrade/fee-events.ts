import { parseAbiItem } from 'viem/utils';
import { HOLDING_FEES, ID, PRICE_IMPACT } from './structs.ts';

/** Fees taken, and the amounts that v10 realizes on a trade that stays open. */

export const borrowingFeeChargedV8 = parseAbiItem(
  'event BorrowingFeeCharged(address indexed trader, uint8 indexed collateralIndex, uint256 amountCollateral)',
);
/** v9.2. */
export const borrowingFeeChargedV92 = parseAbiItem(
  'event BorrowingFeeCharged(address indexed trader, uint32 indexed index, uint8 indexed collateralIndex, uint256 amountCollateral)',
);
/** v10, as are all below to `borrowingInitialAccFeesStored…`. */
export const holdingFeesChargedOnTrade = parseAbiItem([
  'event HoldingFeesChargedOnTrade(uint8 indexed collateralIndex, address indexed trader, uint32 indexed index, uint64 currentPairPrice, HoldingFees tradeHoldingFees, uint256 availableCollateralInDiamond, uint256 amountSentToVaultCollateral, uint256 newRealizedTradingFeesCollateral, int256 newRealizedPnlCollateral)',
  HOLDING_FEES,
]);
export const holdingFeesRealizedOnTrade = parseAbiItem([
  'event HoldingFeesRealizedOnTrade(uint8 indexed collateralIndex, address indexed trader, uint32 indexed index, uint64 currentPairPrice, HoldingFees tradeHoldingFees, int256 newRealizedPnlCollateral)',
  HOLDING_FEES,
]);
export const tradingFeesRealized = parseAbiItem(
  'event TradingFeesRealized(uint8 indexed collateralIndex, address indexed trader, uint32 indexed index, uint256 tradingFeesCollateral, uint256 finalTradingFeesCollateral, uint256 newRealizedFeesCollateral, int256 newRealizedPnlCollateral, uint256 amountSentFromVaultCollateral)',
);
export const pnlRealizedOnOpenTrade = parseAbiItem(
  'event PnlRealizedOnOpenTrade(address indexed trader, uint32 indexed index, int256 pnlCollateral, int256 newRealizedPnlCollateral)',
);
export const tradeNegativePnlManuallyRealized = parseAbiItem([
  'event TradeNegativePnlManuallyRealized(Id orderId, uint8 indexed collateralIndex, address indexed trader, uint32 indexed index, uint256 negativePnlCollateral, uint256 existingManuallyRealizedNegativePnlCollateral, uint256 newManuallyRealizedNegativePnlCollateral, uint256 currentPairPrice)',
  ID,
]);
export const tradePositivePnlWithdrawn = parseAbiItem([
  'event TradePositivePnlWithdrawn(Id orderId, uint8 indexed collateralIndex, address indexed trader, uint32 indexed index, PriceImpact priceImpact, int256 pnlPercent, int256 withdrawablePositivePnlCollateral, uint256 currentPairPrice, uint256 pnlInputCollateral, uint256 pnlWithdrawnCollateral)',
  ID,
  PRICE_IMPACT,
]);
export const tradeFeesDataDownscaled = parseAbiItem([
  'event TradeFeesDataDownscaled(address indexed trader, uint32 indexed index, uint256 positionSizeCollateralDelta, uint256 existingPositionSizeCollateral, uint256 newCollateralAmount, FeesData newTradeFeesData)',
  'struct FeesData { uint128 realizedTradingFeesCollateral; int128 realizedPnlCollateral; uint128 manuallyRealizedNegativePnlCollateral; uint128 alreadyTransferredNegativePnlCollateral; uint128 virtualAvailableCollateralInDiamond; uint128 __placeholder; int128 initialAccFundingFeeP; uint128 initialAccBorrowingFeeP; }',
]);
export const tradeInitialAccFeesStored = parseAbiItem(
  'event TradeInitialAccFeesStored(address indexed trader, uint32 indexed index, uint8 collateralIndex, uint16 pairIndex, bool long, uint64 currentPairPrice, int128 newInitialAccFundingFeeP, uint128 newInitialAccBorrowingFeeP)',
);
/** Total of the fee parts that follow; `orderType` as in `LimitExecuted`. */
export const feesProcessed = parseAbiItem(
  'event FeesProcessed(uint8 indexed collateralIndex, address indexed trader, uint256 positionSizeCollateral, uint8 orderType, uint256 totalFeesCollateral)',
);

/** v8, 2024-04 to 06: without the side. */
export const borrowingInitialAccFeesStoredV8 = parseAbiItem(
  'event BorrowingInitialAccFeesStored(uint8 indexed collateralIndex, address indexed trader, uint16 indexed pairIndex, uint32 index, uint64 initialPairAccFee, uint64 initialGroupAccFee)',
);
export const borrowingInitialAccFeesStoredV9 = parseAbiItem(
  'event BorrowingInitialAccFeesStored(uint8 indexed collateralIndex, address indexed trader, uint16 indexed pairIndex, uint32 index, bool long, uint64 initialPairAccFee, uint64 initialGroupAccFee)',
);
export const borrowingInitialAccFeesStoredV10 = parseAbiItem(
  'event BorrowingInitialAccFeesStored(uint8 indexed collateralIndex, address indexed trader, uint16 indexed pairIndex, uint32 index, bool long, uint256 currentPairPrice, uint64 initialPairAccFee, uint64 initialGroupAccFee)',
);

/** The parts a trading fee is split into; their sum is the fee. All versions. */
export const govFeeCharged = parseAbiItem(
  'event GovFeeCharged(address indexed trader, uint8 indexed collateralIndex, uint256 amountCollateral)',
);
export const referralFeeCharged = parseAbiItem(
  'event ReferralFeeCharged(address indexed trader, uint8 indexed collateralIndex, uint256 amountCollateral)',
);
export const triggerFeeCharged = parseAbiItem(
  'event TriggerFeeCharged(address indexed trader, uint8 indexed collateralIndex, uint256 amountCollateral)',
);
export const gTokenFeeCharged = parseAbiItem(
  'event GTokenFeeCharged(address indexed trader, uint8 indexed collateralIndex, uint256 amountCollateral)',
);
export const gTokenOcFeeCharged = parseAbiItem(
  'event GTokenOcFeeCharged(address indexed trader, uint8 indexed collateralIndex, uint256 amountCollateral)',
);
export const gnsOtcFeeCharged = parseAbiItem(
  'event GnsOtcFeeCharged(address indexed trader, uint8 indexed collateralIndex, uint256 amountCollateral)',
);
export const gnsStakingFeeCharged = parseAbiItem(
  'event GnsStakingFeeCharged(address indexed trader, uint8 indexed collateralIndex, uint256 amountCollateral)',
);
export const FEE_PARTS = [
  govFeeCharged,
  referralFeeCharged,
  triggerFeeCharged,
  gTokenFeeCharged,
  gTokenOcFeeCharged,
  gnsOtcFeeCharged,
  gnsStakingFeeCharged,
] as const;
