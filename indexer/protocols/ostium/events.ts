import { parseAbiItem } from 'viem/utils';

/**
 * Events of Ostium that are read, each version its own constant. Sources: smart-contracts-public
 * (src/interfaces/) at c7370c5 of 2025-02-28 (called 1.0 here) and c92dec2 / da3b944 of 2025-05-08 and
 * 2025-06-16 (1.2.3, 1.2.4); topics of the later upgrade (about 2025-10) seen on chain by third parties.
 *
 * Units: USDC amounts 1e6, prices 1e18, leverage 1e2, percentages of profit 1e6 = 1 %, of a close
 * 1e2 = 1 %, accumulators 1e18 per USDC of leveraged position.
 */
const TRADE =
  'struct Trade { uint256 collateral; uint192 openPrice; uint192 tp; uint192 sl; address trader; uint32 leverage; uint16 pairIndex; uint8 index; bool buy; }';
const DAY_TRADE =
  'struct Trade { uint256 collateral; uint192 openPrice; uint192 tp; uint192 sl; address trader; uint32 leverage; uint16 pairIndex; uint8 index; bool buy; bool isDayTrade; }';

/** 1.0 to 1.2.4. */
export const marketOpenExecuted = parseAbiItem([
  'event MarketOpenExecuted(uint256 indexed orderId, Trade t, uint256 priceImpactP, uint256 tradeNotional)',
  TRADE,
]);
/** Later upgrade. */
export const marketOpenExecutedDayTrade = parseAbiItem([
  'event MarketOpenExecuted(uint256 indexed orderId, Trade t, uint256 priceImpactP, uint256 tradeNotional)',
  DAY_TRADE,
]);
/** 1.0 to 1.2.4. */
export const limitOpenExecuted = parseAbiItem([
  'event LimitOpenExecuted(uint256 indexed orderId, uint256 limitIndex, Trade t, uint256 priceImpactP, uint256 tradeNotional)',
  TRADE,
]);
/** Later upgrade. */
export const limitOpenExecutedDayTrade = parseAbiItem([
  'event LimitOpenExecuted(uint256 indexed orderId, uint256 limitIndex, Trade t, uint256 priceImpactP, uint256 tradeNotional)',
  DAY_TRADE,
]);

/** 1.0: whole closes only. */
export const marketCloseExecuted = parseAbiItem(
  'event MarketCloseExecuted(uint256 indexed orderId, uint256 indexed tradeId, uint256 price, uint256 priceImpactP, int256 percentProfit, uint256 usdcSentToTrader)',
);
/** With partial closes. */
export const marketCloseExecutedV2 = parseAbiItem(
  'event MarketCloseExecutedV2(uint256 indexed orderId, uint256 indexed tradeId, uint256 price, uint256 priceImpactP, int256 percentProfit, uint256 usdcSentToTrader, uint256 percentageClosed)',
);
export const limitCloseExecuted = parseAbiItem(
  'event LimitCloseExecuted(uint256 indexed orderId, uint256 indexed tradeId, uint8 orderType, uint256 price, uint256 priceImpactP, int256 percentProfit, uint256 usdcSentToTrader)',
);

export const topUpCollateralExecuted = parseAbiItem(
  'event TopUpCollateralExecuted(uint256 indexed tradeId, address indexed trader, uint16 indexed pairIndex, uint256 topUpAmount, uint32 newLeverage)',
);
export const removeCollateralExecuted = parseAbiItem(
  'event RemoveCollateralExecuted(uint256 indexed orderId, uint256 indexed tradeId, address indexed trader, uint16 pairIndex, uint256 removeAmount, uint32 leverage, uint192 tp, uint192 sl)',
);

/** PairInfos in 1.0, TradingCallbacks from 1.2.3. */
export const feesCharged = parseAbiItem(
  'event FeesCharged(uint256 indexed orderId, uint256 indexed tradeId, address indexed trader, uint256 rolloverFees, int256 fundingFees)',
);
/** Later upgrade: rollover may be paid to the trader. */
export const feesChargedV2 = parseAbiItem(
  'event FeesChargedV2(uint256 indexed orderId, uint256 indexed tradeId, address indexed trader, int256 rolloverFees, int256 fundingFees)',
);
export const vaultLiqFeeCharged = parseAbiItem(
  'event VaultLiqFeeCharged(uint256 indexed orderId, uint256 indexed tradeId, address indexed trader, uint256 amount)',
);
export const devFeeCharged = parseAbiItem(
  'event DevFeeCharged(uint256 indexed tradeId, address indexed trader, uint256 amount)',
);
export const vaultOpeningFeeCharged = parseAbiItem(
  'event VaultOpeningFeeCharged(uint256 indexed tradeId, address indexed trader, uint256 amount)',
);
/** TradingCallbacks: a cancelled opening; `tradeId` is the order's id. */
export const oracleFeeCharged = parseAbiItem(
  'event OracleFeeCharged(uint256 indexed tradeId, address indexed trader, uint256 amount)',
);
/** Trading, from 1.2.3: a partial close. */
export const oracleFeeChargedByTrading = parseAbiItem(
  'event OracleFeeCharged(uint256 indexed tradeId, address indexed trader, uint16 pairIndex, uint256 amount)',
);

/** 1.0 and later with another funding curve: the accumulators mean the same. */
export const accFundingFeesStored = parseAbiItem(
  'event AccFundingFeesStored(uint16 indexed pairIndex, int256 valueLong, int256 valueShort, int64 lastFundingRate, int64 velocity)',
);
export const accFundingFeesStoredV2 = parseAbiItem(
  'event AccFundingFeesStoredV2(uint16 indexed pairIndex, int256 valueLong, int256 valueShort, int256 lastOiDelta, int64 lastFundingRate)',
);
export const accRolloverFeesStored = parseAbiItem(
  'event AccRolloverFeesStored(uint16 indexed pairIndex, uint256 value)',
);
export const tradeInitialAccFeesStored = parseAbiItem(
  'event TradeInitialAccFeesStored(uint256 indexed tradeId, address indexed trader, uint16 indexed pairIndex, uint8 index, uint256 rollover, int256 funding)',
);
export const rolloverFeePerBlockUpdated = parseAbiItem(
  'event RolloverFeePerBlockUpdated(uint16 indexed pairIndex, uint256 value, uint256 volatility)',
);

/** From 1.2.3: percent of the margin at the pair's greatest leverage. */
export const liqMarginThresholdPUpdated = parseAbiItem(
  'event LiqMarginThresholdPUpdated(uint256 value)',
);
/** 1.0: percent of the collateral that may be lost. */
export const liqThresholdPUpdated = parseAbiItem('event LiqThresholdPUpdated(uint256 value)');
export const pairMaxLeverageUpdated = parseAbiItem(
  'event PairMaxLeverageUpdated(uint16 indexed pairIndex, uint32 maxLeverage)',
);
export const pairOvernightMaxLeverageUpdated = parseAbiItem(
  'event PairOvernightMaxLeverageUpdated(uint16 indexed pairIndex, uint32 overnightMaxLeverage)',
);
export const pairAdded = parseAbiItem('event PairAdded(uint16 index, bytes32 from, bytes32 to)');

export const priceRequested = parseAbiItem(
  'event PriceRequested(uint256 indexed orderId, bytes32 feed, uint256 timestamp)',
);
export const priceReceived = parseAbiItem(
  'event PriceReceived(uint256 indexed orderId, uint256 indexed pairIndex, int192 price, uint256 nativeFee)',
);
