import { parseAbiItem } from 'viem/utils';

/*
 * Events of Synthetix Perps V2: Synthetixio/synthetix 1609d156708eb77025478cbcd92b98de51faf1e3 and its
 * history. Contracts went live on 2022-12-20 (release 2.80.3) and were replaced in April 2023 (2.86.1):
 * "2022-12" and "2023-04" below name these two. Every market emits through its proxy
 * (ProxyPerpsV2); settings and manager emit themselves. All amounts are 18-digit fixed point.
 */

/** contracts/PerpsV2MarketProxyable.sol, 2022-12 (8be56a319): the whole stored position. */
export const positionModified2022 = parseAbiItem(
  'event PositionModified(uint256 indexed id, address indexed account, uint256 margin, int256 size, int256 tradeSize, uint256 lastPrice, uint256 fundingIndex, uint256 fee)',
);

/** 2023-04 (098b7f58a) on: with the market's skew after the change. */
export const positionModified = parseAbiItem(
  'event PositionModified(uint256 indexed id, address indexed account, uint256 margin, int256 size, int256 tradeSize, uint256 lastPrice, uint256 fundingIndex, uint256 fee, int256 skew)',
);

/** contracts/PerpsV2MarketProxyable.sol, 2022-12: one fee, the liquidator's. Nothing indexed. */
export const positionLiquidated2022 = parseAbiItem(
  'event PositionLiquidated(uint256 id, address account, address liquidator, int256 size, uint256 price, uint256 fee)',
);

/** contracts/PerpsV2MarketLiquidate.sol, 2023-04 on. Nothing indexed. */
export const positionLiquidated = parseAbiItem(
  'event PositionLiquidated(uint256 id, address account, address liquidator, int256 size, uint256 price, uint256 flaggerFee, uint256 liquidatorFee, uint256 stakersFee)',
);

/** contracts/PerpsV2MarketLiquidate.sol, source of 2023-04-04 to 04-25. Nothing indexed. */
export const positionFlagged2023 = parseAbiItem(
  'event PositionFlagged(uint256 id, address account, address flagger, uint256 timestamp)',
);

/** 2023-04-25 (6f8a4eaf6) on: with the price. */
export const positionFlagged = parseAbiItem(
  'event PositionFlagged(uint256 id, address account, address flagger, uint256 price, uint256 timestamp)',
);

/** contracts/PerpsV2Market.sol, every release: sUSD in (+) or out (−) of the account's margin. */
export const marginTransferred = parseAbiItem(
  'event MarginTransferred(address indexed account, int256 marginDelta)',
);

/** contracts/PerpsV2MarketProxyable.sol, every release: entry `index` of the funding sequence. */
export const fundingRecomputed = parseAbiItem(
  'event FundingRecomputed(int256 funding, int256 fundingRate, uint256 index, uint256 timestamp)',
);

/** contracts/PerpsV2MarketDelayedOrdersBase.sol, source until 2022-12-12 (238089688). */
export const delayedOrderSubmitted2022 = parseAbiItem(
  'event DelayedOrderSubmitted(address indexed account, bool isOffchain, int256 sizeDelta, uint256 targetRoundId, uint256 executableAtTime, uint256 commitDeposit, uint256 keeperDeposit, bytes32 trackingCode)',
);

/** contracts/PerpsV2MarketDelayedIntent.sol, since: with the time of the intention. */
export const delayedOrderSubmitted = parseAbiItem(
  'event DelayedOrderSubmitted(address indexed account, bool isOffchain, int256 sizeDelta, uint256 targetRoundId, uint256 intentionTime, uint256 executableAtTime, uint256 commitDeposit, uint256 keeperDeposit, bytes32 trackingCode)',
);

/** contracts/PerpsV2MarketDelayedOrdersBase.sol, source until 2022-12-12: does not say which kind. */
export const delayedOrderRemoved2022 = parseAbiItem(
  'event DelayedOrderRemoved(address indexed account, uint256 currentRoundId, int256 sizeDelta, uint256 targetRoundId, uint256 commitDeposit, uint256 keeperDeposit, bytes32 trackingCode)',
);

/** contracts/PerpsV2MarketDelayedExecution.sol, since. Executed and cancelled orders alike. */
export const delayedOrderRemoved = parseAbiItem(
  'event DelayedOrderRemoved(address indexed account, bool isOffchain, uint256 currentRoundId, int256 sizeDelta, uint256 targetRoundId, uint256 commitDeposit, uint256 keeperDeposit, bytes32 trackingCode)',
);

/** contracts/PerpsV2MarketSettings.sol, every release; `parameter` is ASCII, padded with zeros. */
export const parameterUpdated = parseAbiItem(
  'event ParameterUpdated(bytes32 indexed marketKey, bytes32 indexed parameter, uint256 value)',
);

/** The same name for a bytes32 value, source until 2022-12-13. */
export const parameterUpdatedBytes2022 = parseAbiItem(
  'event ParameterUpdated(bytes32 indexed marketKey, bytes32 indexed parameter, bytes32 value)',
);

/** Since 2022-12-12 (15ba280f1). */
export const parameterUpdatedBytes32 = parseAbiItem(
  'event ParameterUpdatedBytes32(bytes32 indexed marketKey, bytes32 indexed parameter, bytes32 value)',
);

/** contracts/PerpsV2MarketSettings.sol, every release. sUSD. */
export const minKeeperFeeUpdated = parseAbiItem('event MinKeeperFeeUpdated(uint256 sUSD)');
/** 2023-04 on. sUSD. */
export const maxKeeperFeeUpdated = parseAbiItem('event MaxKeeperFeeUpdated(uint256 sUSD)');
/** Every release. A ratio, 1e18 = 1, whatever the name of the field says. */
export const liquidationFeeRatioUpdated = parseAbiItem(
  'event LiquidationFeeRatioUpdated(uint256 bps)',
);
/** 2022-12 only, for the whole venue; a parameter of each market since. 1e18 = 1. */
export const liquidationBufferRatioUpdated = parseAbiItem(
  'event LiquidationBufferRatioUpdated(uint256 bps)',
);
/** Every release. sUSD. */
export const minInitialMarginUpdated = parseAbiItem(
  'event MinInitialMarginUpdated(uint256 minMargin)',
);
/** 2023-04 on. sUSD. */
export const keeperLiquidationFeeUpdated = parseAbiItem(
  'event KeeperLiquidationFeeUpdated(uint256 keeperFee)',
);

/** contracts/FuturesMarketManager.sol since 2022-03-08: markets of the older Futures stand here too. */
export const marketAdded = parseAbiItem(
  'event MarketAdded(address market, bytes32 indexed asset, bytes32 indexed marketKey)',
);

/** Known, and nothing that we keep: routing, ownership, referral of volume, endorsed liquidators. */
export const otherEvents = [
  parseAbiItem(
    'event PerpsTracking(bytes32 indexed trackingCode, bytes32 baseAsset, bytes32 marketKey, int256 sizeDelta, uint256 fee)',
  ),
  parseAbiItem(
    'event FuturesTracking(bytes32 indexed trackingCode, bytes32 baseAsset, bytes32 marketKey, int256 sizeDelta, uint256 fee)',
  ),
  parseAbiItem(
    'event MarketRemoved(address market, bytes32 indexed asset, bytes32 indexed marketKey)',
  ),
  parseAbiItem('event RouteUpdated(bytes4 route, address implementation, bool isView)'),
  parseAbiItem('event RouteRemoved(bytes4 route)'),
  parseAbiItem('event TargetedRouteAdded(address targetedRoute)'),
  parseAbiItem('event TargetedRouteRemoved(address targetedRoute)'),
  parseAbiItem('event EndorsedAddressAdded(address endorsedAddress)'),
  parseAbiItem('event EndorsedAddressRemoved(address endorsedAddress)'),
  parseAbiItem('event CacheUpdated(bytes32 name, address destination)'),
  parseAbiItem('event OwnerNominated(address newOwner)'),
  parseAbiItem('event OwnerChanged(address oldOwner, address newOwner)'),
] as const;
