import { parseAbiItem } from 'viem/utils';

/**
 * Events of the Mux3 diamond and of the pools' event emitter as of mux-world/mux3-protocol@9a371568
 * (2025-04-02): contracts/interfaces/IFacetTrade.sol, IFacetManagement.sol,
 * ICollateralPoolEventEmitter.sol. The declarations did not change between the deployment (2025-02) and
 * that commit: one version of each. Everything is 1e18 but where said.
 */

export const openPosition = parseAbiItem(
  'event OpenPosition(address indexed owner, bytes32 indexed positionId, bytes32 indexed marketId, bool isLong, uint256 size, uint256 tradingPrice, address[] backedPools, uint256[] allocations, uint256[] newSizes, uint256[] newEntryPrices, uint256 positionFeeUsd, uint256 borrowingFeeUsd, address[] newCollateralTokens, uint256[] newCollateralAmounts)',
);
export const closePosition = parseAbiItem(
  'event ClosePosition(address indexed owner, bytes32 indexed positionId, bytes32 indexed marketId, bool isLong, uint256 size, uint256 tradingPrice, address[] backedPools, uint256[] allocations, uint256[] newSizes, uint256[] newEntryPrices, int256[] poolPnlUsds, uint256 positionFeeUsd, uint256 borrowingFeeUsd, address[] newCollateralTokens, uint256[] newCollateralAmounts)',
);
/** One for each market of the account: the whole account is liquidated. `size` is the size before. */
export const liquidatePosition = parseAbiItem(
  'event LiquidatePosition(address indexed owner, bytes32 indexed positionId, bytes32 indexed marketId, bool isLong, uint256 size, uint256 tradingPrice, address[] backedPools, uint256[] allocations, int256[] poolPnlUsds, uint256 positionFeeUsd, uint256 borrowingFeeUsd, address[] newCollateralTokens, uint256[] newCollateralAmounts)',
);
/** A part of the position moves from one pool to another: the owner's size and average stay. */
export const reallocatePosition = parseAbiItem(
  'event ReallocatePosition(address indexed owner, bytes32 indexed positionId, bytes32 indexed marketId, bool isLong, address fromPool, address toPool, uint256 size, uint256 tradingPrice, uint256 fromPoolOldEntryPrice, address[] backedPools, uint256[] newSizes, uint256[] newEntryPrices, int256[] poolPnlUsds, uint256 borrowingFeeUsd, address[] newCollateralTokens, uint256[] newCollateralAmounts)',
);
/** `collateralAmount` has the token's decimals. A DepositWithdrawFinish with the state follows. */
export const deposit = parseAbiItem(
  'event Deposit(address indexed owner, bytes32 indexed positionId, address collateralToken, uint256 collateralAmount)',
);
/** A DepositWithdrawFinish with the state follows. */
export const withdraw = parseAbiItem(
  'event Withdraw(address indexed owner, bytes32 indexed positionId, address collateralToken, uint256 collateralWad, address withdrawToken, uint256 withdrawAmount)',
);
/** The account's collateral after a deposit or withdrawal. */
export const depositWithdrawFinish = parseAbiItem(
  'event DepositWithdrawFinish(address indexed owner, bytes32 indexed positionId, uint256 borrowingFeeUsd, address[] newCollateralTokens, uint256[] newCollateralAmounts)',
);
/** The fee has left the account's collateral; the log does not say which token paid it. */
export const updatePositionBorrowingFee = parseAbiItem(
  'event UpdatePositionBorrowingFee(address indexed owner, bytes32 indexed positionId, bytes32 indexed marketId, uint256 borrowingFeeUsd)',
);

export const addCollateralToken = parseAbiItem(
  'event AddCollateralToken(address token, uint8 decimals, bool isStable)',
);
export const createCollateralPool = parseAbiItem(
  'event CreateCollateralPool(string name, string symbol, address collateral, uint8 collateralDecimals, address pool)',
);
export const createMarket = parseAbiItem(
  'event CreateMarket(bytes32 marketId, string symbol, bool isLong, address[] backedPools)',
);
export const setConfig = parseAbiItem('event SetConfig(bytes32 key, bytes32 value)');
/** `key` is the keccak256 of a name of contracts/interfaces/IKeys.sol. */
export const setMarketConfig = parseAbiItem(
  'event SetMarketConfig(bytes32 marketId, bytes32 key, bytes32 value)',
);
/** `key` is the keccak256 of a name, for values by market of that hash and the market id. */
export const setCollateralPoolConfig = parseAbiItem(
  'event SetCollateralPoolConfig(address pool, bytes32 key, bytes32 value)',
);
/** `timestamp`: when the price was observed or signed (unix seconds), not the block's time. */
export const setPrice = parseAbiItem(
  'event SetPrice(bytes32 oracleId, address provider, uint256 price, uint256 timestamp)',
);

/** Emitter: a pool's cumulative borrowing fee of a market, per USD of position. */
export const updateMarketBorrowing = parseAbiItem(
  'event UpdateMarketBorrowing(address indexed pool, bytes32 indexed marketId, uint256 feeRateApy, uint256 cumulatedBorrowingPerUsd)',
);
/** Emitter: a pool's whole size of a market after a position took `size` of it. */
export const poolOpenPosition = parseAbiItem(
  'event OpenPosition(address indexed pool, bytes32 indexed marketId, uint256 size, uint256 averageEntryPrice, uint256 totalSize)',
);
export const poolClosePosition = parseAbiItem(
  'event ClosePosition(address indexed pool, bytes32 indexed marketId, uint256 size, uint256 averageEntryPrice, uint256 totalSize)',
);

/** Known, and nothing we keep: accounts, roles, liquidity and fees of the pools. */
export const IGNORED_EVENTS = [
  parseAbiItem(
    'event CreatePositionAccount(address indexed owner, uint256 index, bytes32 indexed positionId)',
  ),
  parseAbiItem(
    'event SetInitialLeverage(address indexed owner, bytes32 indexed positionId, bytes32 marketId, uint256 leverage)',
  ),
  parseAbiItem('event SetStrictStableId(bytes32 oracleId, bool strictStable)'),
  parseAbiItem('event AppendBackedPoolsToMarket(bytes32 marketId, address[] backedPools)'),
  parseAbiItem('event SetCollateralPoolImplementation(address newImplementation)'),
  parseAbiItem('event SetCollateralTokenEnabled(address token, bool enabled)'),
  parseAbiItem('event SetOracleProvider(address oracleProvider, bool isValid)'),
  parseAbiItem(
    'event RoleGranted(bytes32 indexed role, address indexed account, address indexed sender)',
  ),
  parseAbiItem(
    'event RoleRevoked(bytes32 indexed role, address indexed account, address indexed sender)',
  ),
  parseAbiItem(
    'event DiamondCut((address facetAddress, uint8 action, bytes4[] functionSelectors)[] _diamondCut, address _init, bytes _calldata)',
  ),
  parseAbiItem(
    'event OwnershipTransferred(address indexed previousOwner, address indexed newOwner)',
  ),
  parseAbiItem('event Initialized(uint8 version)'),
  parseAbiItem(
    'event AddLiquidity(address indexed pool, address indexed account, address indexed tokenAddress, uint256 tokenPrice, uint256 liquidityFeeCollateral, uint256 lpPrice, uint256 shares)',
  ),
  parseAbiItem(
    'event RemoveLiquidity(address indexed pool, address indexed account, address indexed collateralAddress, uint256 tokenPrice, uint256 liquidityFeeCollateral, uint256 lpPrice, uint256 shares)',
  ),
  parseAbiItem(
    'event Rebalance(address indexed pool, address rebalancer, address indexed token0, address indexed token1, uint256 price0, uint256 price1, uint256 amount0, uint256 amount1)',
  ),
  parseAbiItem(
    'event LiquidityBalanceIn(address indexed pool, address indexed tokenAddress, uint256 tokenPrice, uint256 collateralAmount)',
  ),
  parseAbiItem(
    'event LiquidityBalanceOut(address indexed pool, address indexed tokenAddress, uint256 tokenPrice, uint256 collateralAmount)',
  ),
  parseAbiItem(
    'event ReceiveFee(address indexed pool, address indexed token, uint256 tokenPrice, uint256 collateralAmount)',
  ),
  parseAbiItem('event SetConfig(address indexed pool, bytes32 key, bytes32 value)'),
  parseAbiItem(
    'event CollectFee(address indexed pool, address indexed token, uint256 tokenPrice, uint256 collateralAmount)',
  ),
] as const;
