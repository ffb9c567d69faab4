import { parseAbiItem } from 'viem/utils';

/**
 * Events of Level's Pool and LevelOracle as of level-fi/level-trading-contracts@c1063830 (2023-01-06),
 * src/interfaces/IPool.sol and src/oracle/LevelOracle.sol: one version of each is published. USD 1e30,
 * ratios 1e10; prices USD 10^(30 − token decimals) per whole token, which is USD 1e30 per base unit.
 */

/** `collateralValue` is misnamed: Pool.increasePosition puts the token *amount* there. */
export const increasePosition = parseAbiItem(
  'event IncreasePosition(bytes32 indexed key, address account, address collateralToken, address indexToken, uint256 collateralValue, uint256 sizeChanged, uint8 side, uint256 indexPrice, uint256 feeValue)',
);
/** `collateralChanged` is USD, what really left the collateral; `pnl.sig` 1 = profit, 0 = loss. */
export const decreasePosition = parseAbiItem(
  'event DecreasePosition(bytes32 indexed key, address account, address collateralToken, address indexToken, uint256 collateralChanged, uint256 sizeChanged, uint8 side, uint256 indexPrice, (uint256 sig, uint256 abs) pnl, uint256 feeValue)',
);
/** The state after an increase or a partial decrease, logged right behind it. */
export const updatePosition = parseAbiItem(
  'event UpdatePosition(bytes32 indexed key, uint256 size, uint256 collateralValue, uint256 entryPrice, uint256 entryInterestRate, uint256 reserveAmount, uint256 indexPrice)',
);
/** Logged right behind the decrease that closed the position; unlike GMX V1, `size` is 0 here. */
export const closePosition = parseAbiItem(
  'event ClosePosition(bytes32 indexed key, uint256 size, uint256 collateralValue, uint256 entryPrice, uint256 entryInterestRate, uint256 reserveAmount)',
);
/** `feeValue` is without the liquidation fee; `collateralValue` is the whole collateral (it is all used up). */
export const liquidatePosition = parseAbiItem(
  'event LiquidatePosition(bytes32 indexed key, address account, address collateralToken, address indexToken, uint8 side, uint256 size, uint256 collateralValue, uint256 reserveAmount, uint256 indexPrice, (uint256 sig, uint256 abs) pnl, uint256 feeValue)',
);
/** Cumulative borrow index of a collateral token, 1e10. */
export const interestAccrued = parseAbiItem(
  'event InterestAccrued(address indexed token, uint256 borrowIndex)',
);
export const positionFeeSet = parseAbiItem(
  'event PositionFeeSet(uint256 positionFee, uint256 liquidationFee)',
);
export const maxLeverageChanged = parseAbiItem('event MaxLeverageChanged(uint256 maxLeverage)');
export const maintenanceMarginChanged = parseAbiItem(
  'event MaintenanceMarginChanged(uint256 ratio)',
);
export const interestRateSet = parseAbiItem(
  'event InterestRateSet(uint256 interestRate, uint256 interval)',
);
export const tokenWhitelisted = parseAbiItem('event TokenWhitelisted(address indexed token)');
export const pricePosted = parseAbiItem('event PricePosted(address indexed token, uint256 price)');

/** Known, and nothing we keep: liquidity, swaps, fees for the pool, administration. */
export const IGNORED_EVENTS = [
  parseAbiItem('event SetOrderManager(address indexed orderManager)'),
  parseAbiItem('event DaoFeeWithdrawn(address indexed token, address recipient, uint256 amount)'),
  parseAbiItem('event DaoFeeReduced(address indexed token, uint256 amount)'),
  parseAbiItem('event FeeDistributorSet(address indexed feeDistributor)'),
  parseAbiItem(
    'event LiquidityAdded(address indexed tranche, address indexed sender, address token, uint256 amount, uint256 lpAmount, uint256 fee)',
  ),
  parseAbiItem(
    'event LiquidityRemoved(address indexed tranche, address indexed sender, address token, uint256 lpAmount, uint256 amountOut, uint256 fee)',
  ),
  parseAbiItem('event TokenWeightSet((address token, uint256 weight)[] weights)'),
  parseAbiItem(
    'event Swap(address indexed sender, address tokenIn, address tokenOut, uint256 amountIn, uint256 amountOut, uint256 fee)',
  ),
  parseAbiItem('event DaoFeeSet(uint256 value)'),
  parseAbiItem(
    'event SwapFeeSet(uint256 baseSwapFee, uint256 taxBasisPoint, uint256 stableCoinBaseSwapFee, uint256 stableCoinTaxBasisPoint)',
  ),
  parseAbiItem('event TokenDelisted(address indexed token)'),
  parseAbiItem('event OracleChanged(address indexed oldOracle, address indexed newOracle)'),
  parseAbiItem('event MaxPositionSizeSet(uint256 maxPositionSize)'),
  parseAbiItem('event PoolHookChanged(address indexed hook)'),
  parseAbiItem('event TrancheAdded(address indexed lpToken)'),
  parseAbiItem('event TokenRiskFactorUpdated(address indexed token)'),
  parseAbiItem(
    'event PnLDistributed(address indexed asset, address indexed tranche, uint256 amount, bool hasProfit)',
  ),
  parseAbiItem('event AddRemoveLiquidityFeeSet(uint256 value)'),
  parseAbiItem(
    'event OwnershipTransferred(address indexed previousOwner, address indexed newOwner)',
  ),
  parseAbiItem('event Initialized(uint8 version)'),
  parseAbiItem('event ReporterAdded(address indexed reporter)'),
  parseAbiItem('event ReporterRemoved(address indexed reporter)'),
  parseAbiItem('event TokenAdded(address indexed token)'),
] as const;
