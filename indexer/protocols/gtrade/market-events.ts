import { parseAbiItem } from 'viem/utils';
import { FEE_GROUP, LIQUIDATION_PARAMS } from './structs.ts';

/** Markets, their accumulators and the parameters that the diamond tells of. */

export const collateralAdded = parseAbiItem(
  'event CollateralAdded(address collateral, uint8 index, address gToken)',
);
export const pairAdded = parseAbiItem('event PairAdded(uint256 index, string from, string to)');
/** Says that a pair's spread, group or fee group changed, not to what. */
export const pairUpdated = parseAbiItem('event PairUpdated(uint256 index)');

/** v8 and v9. */
export const borrowingPairAccFeesUpdatedV8 = parseAbiItem(
  'event BorrowingPairAccFeesUpdated(uint8 indexed collateralIndex, uint16 indexed pairIndex, uint256 currentBlock, uint64 accFeeLong, uint64 accFeeShort)',
);
export const borrowingPairAccFeesUpdatedV10 = parseAbiItem(
  'event BorrowingPairAccFeesUpdated(uint8 indexed collateralIndex, uint16 indexed pairIndex, uint256 currentBlock, uint256 currentPairPrice, uint64 accFeeLong, uint64 accFeeShort)',
);
export const borrowingPairGroupUpdated = parseAbiItem(
  'event BorrowingPairGroupUpdated(uint8 indexed collateralIndex, uint16 indexed pairIndex, uint16 prevGroupIndex, uint16 newGroupIndex)',
);
/** v10, as is the next. */
export const pendingAccFundingFeesStored = parseAbiItem([
  'event PendingAccFundingFeesStored(uint8 indexed collateralIndex, uint16 indexed pairIndex, Data data)',
  'struct Data { int128 accFundingFeeLongP; int128 accFundingFeeShortP; int56 lastFundingRatePerSecondP; uint32 lastFundingUpdateTs; uint168 __placeholder; }',
]);
export const pendingAccBorrowingFeesStored = parseAbiItem([
  'event PendingAccBorrowingFeesStored(uint8 indexed collateralIndex, uint16 indexed pairIndex, Data data)',
  'struct Data { uint128 accBorrowingFeeP; uint32 lastBorrowingUpdateTs; uint96 __placeholder; }',
]);

export const groupLiquidationParamsUpdated = parseAbiItem([
  'event GroupLiquidationParamsUpdated(uint256 index, LiquidationParams params)',
  LIQUIDATION_PARAMS,
]);
/** v9.2 on: the fee group's values; before it `FeeAdded(index, name)` and `FeeUpdated(index)` say none. */
export const feeAddedV92 = parseAbiItem([
  'event FeeAdded(uint256 index, FeeGroup feeGroup)',
  FEE_GROUP,
]);
export const feeUpdatedV92 = parseAbiItem([
  'event FeeUpdated(uint256 index, FeeGroup feeGroup)',
  FEE_GROUP,
]);

export const borrowingGroupAccFeesUpdated = parseAbiItem(
  'event BorrowingGroupAccFeesUpdated(uint8 indexed collateralIndex, uint16 indexed groupIndex, uint256 currentBlock, uint64 accFeeLong, uint64 accFeeShort)',
);
export const borrowingGroupOiUpdated = parseAbiItem(
  'event BorrowingGroupOiUpdated(uint8 indexed collateralIndex, uint16 indexed groupIndex, bool long, bool increase, uint72 delta, uint72 newOiLong, uint72 newOiShort)',
);
export const borrowingGroupUpdated = parseAbiItem(
  'event BorrowingGroupUpdated(uint8 indexed collateralIndex, uint16 indexed groupIndex, uint32 feePerBlock, uint72 maxOi, uint48 feeExponent)',
);
export const borrowingPairParamsUpdated = parseAbiItem(
  'event BorrowingPairParamsUpdated(uint8 indexed collateralIndex, uint16 indexed pairIndex, uint16 indexed groupIndex, uint32 feePerBlock, uint48 feeExponent, uint72 maxOi)',
);
/** v8 and v9. */
export const borrowingPairOiUpdated = parseAbiItem(
  'event BorrowingPairOiUpdated(uint8 indexed collateralIndex, uint16 indexed pairIndex, bool long, bool increase, uint72 delta, uint72 newOiLong, uint72 newOiShort)',
);
/** v10: what is left of trades opened before it. */
export const borrowingPairOiBeforeV10Updated = parseAbiItem(
  'event BorrowingPairOiBeforeV10Updated(uint8 indexed collateralIndex, uint16 indexed pairIndex, bool long, bool increase, uint72 delta, uint72 newOiLong, uint72 newOiShort)',
);
export const pairOiAfterV10Updated = parseAbiItem([
  'event PairOiAfterV10Updated(uint8 indexed collateralIndex, uint16 indexed pairIndex, uint256 oiDeltaCollateral, uint256 oiDeltaToken, bool open, bool long, OiCollateral newOiCollateral, OiToken newOiToken)',
  'struct OiCollateral { uint128 oiLongCollateral; uint128 oiShortCollateral; }',
  'struct OiToken { uint128 oiLongToken; uint128 oiShortToken; }',
]);
export const borrowingFeePerBlockCapUpdated = parseAbiItem(
  'event BorrowingFeePerBlockCapUpdated(uint32 minP, uint32 maxP)',
);
export const borrowingPairFeePerBlockCapUpdated = parseAbiItem(
  'event BorrowingPairFeePerBlockCapUpdated(uint8 indexed collateralIndex, uint16 indexed pairIndex, uint32 minP, uint32 maxP)',
);

export const borrowingRatePerSecondPUpdated = parseAbiItem(
  'event BorrowingRatePerSecondPUpdated(uint8 indexed collateralIndex, uint16 indexed pairIndex, uint24 borrowingRatePerSecondP)',
);
export const skewCoefficientPerYearUpdated = parseAbiItem(
  'event SkewCoefficientPerYearUpdated(uint8 indexed collateralIndex, uint16 indexed pairIndex, uint112 skewCoefficientPerYear)',
);
export const absoluteVelocityPerYearCapUpdated = parseAbiItem(
  'event AbsoluteVelocityPerYearCapUpdated(uint8 indexed collateralIndex, uint16 indexed pairIndex, uint24 absoluteVelocityPerYearCap)',
);
export const absoluteRatePerSecondCapUpdated = parseAbiItem(
  'event AbsoluteRatePerSecondCapUpdated(uint8 indexed collateralIndex, uint16 indexed pairIndex, uint24 absoluteRatePerSecondCap)',
);
export const thetaThresholdUsdUpdated = parseAbiItem(
  'event ThetaThresholdUsdUpdated(uint8 indexed collateralIndex, uint16 indexed pairIndex, uint32 thetaThresholdUsd)',
);
export const fundingFeesEnabledUpdated = parseAbiItem(
  'event FundingFeesEnabledUpdated(uint8 indexed collateralIndex, uint16 indexed pairIndex, bool fundingFeesEnabled)',
);
export const aprMultiplierEnabledUpdated = parseAbiItem(
  'event AprMultiplierEnabledUpdated(uint8 indexed collateralIndex, uint16 indexed pairIndex, bool aprMultiplierEnabled)',
);
export const counterTradeFeeRateMultiplierUpdated = parseAbiItem(
  'event CounterTradeFeeRateMultiplierUpdated(uint16 indexed pairIndex, uint16 newValue)',
);
export const userPriceImpactUpdated = parseAbiItem(
  'event UserPriceImpactUpdated(address indexed trader, uint16 indexed pairIndex, uint16 cumulVolPriceImpactMultiplier, uint16 fixedSpreadP)',
);
