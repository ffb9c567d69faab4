import { parseAbiItem } from 'viem/utils';

/**
 * Events of Avantis that are read, each version its own constant. Three sources: the public source
 * (avantis-smart-contracts@af7c2b3, 2024-05-31, src/), the artifacts that the venue's SDK shipped
 * (avantis_trader_sdk, avantis_trader_sdk/abis/ at 4dad6bf 2024-02-25, db171fd 2025-01-10, 252ce8c
 * 2025-09-19, 82bfd10 2026-02-04), and topics seen on chain by third parties in 2026. The public source
 * is older than the artifacts, whatever its date: the chain has run the artifacts' forms.
 *
 * Units: USDC amounts 1e6, prices and leverage 1e10, percentages 1e10 = 1 %, times unix seconds.
 */
const TRADE =
  'struct Trade { address trader; uint256 pairIndex; uint256 index; uint256 initialPosToken; uint256 positionSizeUSDC; uint256 openPrice; bool buy; uint256 leverage; uint256 tp; uint256 sl; uint256 timestamp; }';

/** Artifacts of 2025-01 on; topic seen on chain in 2026. */
export const marketExecutedIsPnl = parseAbiItem([
  'event MarketExecuted(uint256 orderId, Trade t, bool open, uint256 price, uint256 positionSizeUSDC, int256 percentProfit, uint256 usdcSentToTrader, bool isPnl)',
  TRADE,
]);
/** Artifacts of 2024-02. */
export const marketExecutedPlain = parseAbiItem([
  'event MarketExecuted(uint256 orderId, Trade t, bool open, uint256 price, uint256 positionSizeUSDC, int256 percentProfit, uint256 usdcSentToTrader)',
  TRADE,
]);
/** Public source: `USDCSentToTrader` there. */
export const marketExecutedTimed = parseAbiItem([
  'event MarketExecuted(uint256 orderId, Trade t, bool open, uint256 price, uint256 positionSizeUSDC, int256 percentProfit, uint256 usdcSentToTrader, uint256 timestamp)',
  TRADE,
]);

/** Artifacts of 2025-01 on; topic seen on chain in 2026. */
export const limitExecutedIsPnl = parseAbiItem([
  'event LimitExecuted(uint256 orderId, uint256 limitIndex, Trade t, uint8 orderType, uint256 price, uint256 positionSizeUSDC, int256 percentProfit, uint256 usdcSentToTrader, bool isPnl)',
  TRADE,
]);
/** Artifacts of 2024-02. */
export const limitExecutedPlain = parseAbiItem([
  'event LimitExecuted(uint256 orderId, uint256 limitIndex, Trade t, uint8 orderType, uint256 price, uint256 positionSizeUSDC, int256 percentProfit, uint256 usdcSentToTrader)',
  TRADE,
]);
/** Public source. */
export const limitExecutedTimed = parseAbiItem([
  'event LimitExecuted(uint256 orderId, uint256 limitIndex, Trade t, uint8 orderType, uint256 price, uint256 positionSizeUSDC, int256 percentProfit, uint256 usdcSentToTrader, uint256 timestamp)',
  TRADE,
]);

/** Artifacts of 2024-02 on: the whole trade after the change. */
export const marginUpdated = parseAbiItem([
  'event MarginUpdated(address indexed trader, uint256 pairIndex, uint256 index, uint8 _type, Trade newTrade, uint256 marginFees, uint256 lossProtectionTier, uint256 timestamp)',
  TRADE,
]);
/** Public source: the request, executed in the same transaction; no state after it. */
export const marginUpdateInitiated = parseAbiItem(
  'event MarginUpdateInitiated(address indexed trader, uint256 pairIndex, uint256 index, uint8 _type, uint256 amount, uint256 lossProtectionTier, uint256 timestamp)',
);

/** Artifacts of 2024-02 on; PairInfos. `r` is the rollover fee. */
export const feesChargedOnClose = parseAbiItem(
  'event FeesCharged(bool buy, uint256 collateral, uint256 leverage, int256 percentProfit, uint256 r, uint256 closingFee, uint256 lossProtection)',
);
/** Public source; PairInfos. */
export const feesChargedPublic = parseAbiItem(
  'event FeesCharged(uint256 pairIndex, bool long, uint256 collateral, uint256 leverage, int256 percentProfit, uint256 rolloverFees)',
);
/** Artifacts of 2024-02 on; TradingStorage: what opening (or a cancelled order) costs. */
export const feesChargedByStorage = parseAbiItem(
  'event FeesCharged(address _trader, uint256 _pairIndex, bool _buy, uint256 fee)',
);

/** PairInfos, the same in every source. Accumulators: 1e10 is the leveraged position itself. */
export const accRolloverFeesStored = parseAbiItem(
  'event AccRolloverFeesStored(uint256 pairIndex, uint256 valueLong, uint256 valueShort)',
);
export const tradeInitialAccFeesStored = parseAbiItem(
  'event TradeInitialAccFeesStored(address trader, uint256 pairIndex, uint256 index, uint256 rollover)',
);
export const rolloverFeePerBlockPUpdated = parseAbiItem(
  'event RolloverFeePerBlockPUpdated(uint256 pairIndex, uint256 fee)',
);
/** Artifacts of 2024-02 on; whole percent of the collateral. */
export const liqThresholdUpdated = parseAbiItem('event LiqThresholdUpdated(uint256 newThreshold)');

/** PriceAggregator, the same in every source. */
export const priceReceived = parseAbiItem(
  'event PriceReceived(uint256 orderId, uint256 pairIndex, uint256 price)',
);

/** PairStorage until 2024. */
export const pairAddedNamed = parseAbiItem(
  'event PairAdded(uint256 index, string from, string to)',
);
/** PairStorage of 2025-01 on: named by PairDataUpdated. */
export const pairAddedByFeed = parseAbiItem('event PairAdded(uint256 index, bytes32 feedId)');
export const pairDataUpdated = parseAbiItem(
  'event PairDataUpdated(uint256 pairIndex, string from, string to, uint256 numTiers, uint256[] tierthresholds, uint256[] timers)',
);

/** Until 2025-01 (and the public source). */
export const marketOrderInitiatedFirst = parseAbiItem(
  'event MarketOrderInitiated(address indexed trader, uint256 pairIndex, bool open, uint256 orderId, uint256 timestamp)',
);
/** Artifacts of 2025-09. */
export const marketOrderInitiatedWithSide = parseAbiItem(
  'event MarketOrderInitiated(address indexed trader, uint256 pairIndex, bool open, uint256 orderId, uint256 timestamp, bool isBuy)',
);
/** Artifacts of 2026-02; topic seen on chain in 2026. */
export const marketOrderInitiatedWithSize = parseAbiItem(
  'event MarketOrderInitiated(address indexed trader, uint256 pairIndex, bool open, uint256 orderId, uint256 timestamp, bool isBuy, bool isPnl, uint256 initialPosToken, uint256 leverage)',
);
export const limitOrderInitiated = parseAbiItem(
  'event LimitOrderInitiated(address indexed trader, uint256 pairIndex, uint256 orderId, uint256 timestamp)',
);
/** Artifacts. */
export const marketOpenCanceled = parseAbiItem(
  'event MarketOpenCanceled(uint256 orderId, address indexed trader, uint256 pairIndex)',
);
/** Public source. */
export const marketOpenCanceledTimed = parseAbiItem(
  'event MarketOpenCanceled(uint256 orderId, address indexed trader, uint256 pairIndex, uint256 timestamp)',
);
/** Public source. */
export const marketCloseCanceled = parseAbiItem(
  'event MarketCloseCanceled(uint256 orderId, address indexed trader, uint256 pairIndex, uint256 index, uint256 timestamp)',
);
