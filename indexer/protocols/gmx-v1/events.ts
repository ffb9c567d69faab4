import { parseAbiItem } from 'viem/utils';

/**
 * Events of GMX V1. Source: gmx-io/gmx-contracts@fe55c4ba, contracts/core/Vault.sol:140-212,
 * oracle/FastPriceEvents.sol, core/PositionRouter.sol and core/OrderBook.sol. Nothing is indexed in
 * the Vault. USD and prices carry 30 decimals (price of one whole token), funding rates 6.
 */
export const increasePosition = parseAbiItem(
  'event IncreasePosition(bytes32 key, address account, address collateralToken, address indexToken, uint256 collateralDelta, uint256 sizeDelta, bool isLong, uint256 price, uint256 fee)',
);
export const decreasePosition = parseAbiItem(
  'event DecreasePosition(bytes32 key, address account, address collateralToken, address indexToken, uint256 collateralDelta, uint256 sizeDelta, bool isLong, uint256 price, uint256 fee)',
);
export const liquidatePosition = parseAbiItem(
  'event LiquidatePosition(bytes32 key, address account, address collateralToken, address indexToken, bool isLong, uint256 size, uint256 collateral, uint256 reserveAmount, int256 realisedPnl, uint256 markPrice)',
);
/** The Vault on Arbitrum, deployed before `markPrice` was added. */
export const updatePositionV1 = parseAbiItem(
  'event UpdatePosition(bytes32 key, uint256 size, uint256 collateral, uint256 averagePrice, uint256 entryFundingRate, uint256 reserveAmount, int256 realisedPnl)',
);
/** Since gmx-contracts 86c7319 (2021-12-14): the Vault on Avalanche. */
export const updatePositionV2 = parseAbiItem(
  'event UpdatePosition(bytes32 key, uint256 size, uint256 collateral, uint256 averagePrice, uint256 entryFundingRate, uint256 reserveAmount, int256 realisedPnl, uint256 markPrice)',
);
export const closePosition = parseAbiItem(
  'event ClosePosition(bytes32 key, uint256 size, uint256 collateral, uint256 averagePrice, uint256 entryFundingRate, uint256 reserveAmount, int256 realisedPnl)',
);
export const updatePnl = parseAbiItem(
  'event UpdatePnl(bytes32 key, bool hasProfit, uint256 delta)',
);
export const collectMarginFees = parseAbiItem(
  'event CollectMarginFees(address token, uint256 feeUsd, uint256 feeTokens)',
);
/** `fundingRate` is the cumulative rate after the update, 1e6 = 100 %. */
export const updateFundingRate = parseAbiItem(
  'event UpdateFundingRate(address token, uint256 fundingRate)',
);

export const increasePoolAmount = parseAbiItem(
  'event IncreasePoolAmount(address token, uint256 amount)',
);
export const decreasePoolAmount = parseAbiItem(
  'event DecreasePoolAmount(address token, uint256 amount)',
);
export const increaseReservedAmount = parseAbiItem(
  'event IncreaseReservedAmount(address token, uint256 amount)',
);
export const decreaseReservedAmount = parseAbiItem(
  'event DecreaseReservedAmount(address token, uint256 amount)',
);
export const directPoolDeposit = parseAbiItem(
  'event DirectPoolDeposit(address token, uint256 amount)',
);

/** The rest of the Vault: swaps and the debt to USDG holders, which no margin depends on. */
export const otherVaultEvents = [
  parseAbiItem(
    'event BuyUSDG(address account, address token, uint256 tokenAmount, uint256 usdgAmount, uint256 feeBasisPoints)',
  ),
  parseAbiItem(
    'event SellUSDG(address account, address token, uint256 usdgAmount, uint256 tokenAmount, uint256 feeBasisPoints)',
  ),
  parseAbiItem(
    'event Swap(address account, address tokenIn, address tokenOut, uint256 amountIn, uint256 amountOut, uint256 amountOutAfterFees, uint256 feeBasisPoints)',
  ),
  parseAbiItem('event CollectSwapFees(address token, uint256 feeUsd, uint256 feeTokens)'),
  parseAbiItem('event IncreaseUsdgAmount(address token, uint256 amount)'),
  parseAbiItem('event DecreaseUsdgAmount(address token, uint256 amount)'),
  parseAbiItem('event IncreaseGuaranteedUsd(address token, uint256 amount)'),
  parseAbiItem('event DecreaseGuaranteedUsd(address token, uint256 amount)'),
] as const;

/** FastPriceEvents: 30 decimals, and no time. */
export const priceUpdate = parseAbiItem(
  'event PriceUpdate(address token, uint256 price, address priceFeed)',
);
/** The first FastPriceFeed on Arbitrum, before FastPriceEvents (gmx-contracts 65e62b6, 2021-09-22). */
export const setPrice = parseAbiItem('event SetPrice(address token, uint256 price)');

/** PositionRouter: a close that its owner asked for. */
export const executeDecreasePosition = parseAbiItem(
  'event ExecuteDecreasePosition(address indexed account, address[] path, address indexToken, uint256 collateralDelta, uint256 sizeDelta, bool isLong, address receiver, uint256 acceptablePrice, uint256 minOut, uint256 executionFee, uint256 blockGap, uint256 timeGap)',
);
/** OrderBook: a take-profit or stop-loss order of the owner. */
export const executeDecreaseOrder = parseAbiItem(
  'event ExecuteDecreaseOrder(address indexed account, uint256 orderIndex, address collateralToken, uint256 collateralDelta, address indexToken, uint256 sizeDelta, bool isLong, uint256 triggerPrice, bool triggerAboveThreshold, uint256 executionFee, uint256 executionPrice)',
);

/** Every event version this adapter knows. */
export const gmxV1Events = [
  increasePosition,
  decreasePosition,
  liquidatePosition,
  updatePositionV1,
  updatePositionV2,
  closePosition,
  updatePnl,
  collectMarginFees,
  updateFundingRate,
  increasePoolAmount,
  decreasePoolAmount,
  increaseReservedAmount,
  decreaseReservedAmount,
  directPoolDeposit,
  priceUpdate,
  setPrice,
  executeDecreasePosition,
  executeDecreaseOrder,
  ...otherVaultEvents,
] as const;
