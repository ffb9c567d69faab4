import { parseAbiItem } from 'viem/utils';

/**
 * Events of the BfpMarketProxy as of Synthetixio/synthetix-v3@23585f73 (2025-06-12),
 * markets/bfp-market/contracts/interfaces/: one version of each. Everything is 1e18 but where said.
 */

/** The whole position is settled and starts anew at `fillPrice`; the amounts are the old position's. */
export const orderSettled = parseAbiItem(
  'event OrderSettled(uint128 indexed accountId, uint128 indexed marketId, uint64 settlementTime, int128 sizeDelta, uint256 orderFee, uint256 keeperFee, int128 accruedFunding, uint128 accruedUtilization, int256 pnl, uint256 fillPrice, uint128 accountDebt)',
);
/** The account's whole margin is taken at this point, before its position is liquidated in parts. */
export const positionFlagged = parseAbiItem(
  'event PositionFlaggedLiquidation(uint128 indexed accountId, uint128 indexed marketId, address flagger, uint256 flagKeeperReward, uint256 flaggedPrice)',
);
/** Partial while `remainingSize` is not 0. */
export const positionLiquidated = parseAbiItem(
  'event PositionLiquidated(uint128 indexed accountId, uint128 indexed marketId, int128 sizeBeforeLiquidation, int128 remainingSize, address keeper, address flagger, uint256 liqKeeperFee, uint256 liquidationPrice)',
);
/** Margin without a position, taken for its debt. */
export const marginLiquidated = parseAbiItem(
  'event MarginLiquidated(uint128 indexed accountId, uint128 indexed marketId, uint256 keeperReward)',
);
/** Names neither account nor market; a FundingRecomputed of the market precedes it. */
export const marginDeposit = parseAbiItem(
  'event MarginDeposit(address indexed from, address indexed to, uint256 value, address collateralAddress)',
);
/** As the deposit; the one who moves it is `to`. */
export const marginWithdraw = parseAbiItem(
  'event MarginWithdraw(address indexed from, address indexed to, uint256 value, address collateralAddress)',
);
export const debtPaid = parseAbiItem(
  'event DebtPaid(uint128 indexed accountId, uint128 indexed marketId, uint128 oldDebt, uint128 newDebt, uint128 paidFromUsdCollateral)',
);
/** `fundingRate` is per day. */
export const fundingRecomputed = parseAbiItem(
  'event FundingRecomputed(uint128 indexed marketId, int128 skew, int128 fundingRate, int128 fundingVelocity)',
);
/** `utilizationRate` is per year. */
export const utilizationRecomputed = parseAbiItem(
  'event UtilizationRecomputed(uint128 indexed marketId, int128 skew, uint128 utilizationRate)',
);
/** The new values are not in the log. */
export const marketConfigured = parseAbiItem(
  'event MarketConfigured(uint128 indexed marketId, address indexed from)',
);
export const globalMarketConfigured = parseAbiItem(
  'event GlobalMarketConfigured(address indexed from)',
);
export const marginCollateralConfigured = parseAbiItem(
  'event MarginCollateralConfigured(address indexed from, uint256 collaterals)',
);
export const marketCreated = parseAbiItem('event MarketCreated(uint128 indexed id, bytes32 name)');
export const marketSizeUpdated = parseAbiItem(
  'event MarketSizeUpdated(uint128 indexed marketId, uint128 size, int128 skew)',
);
export const orderCommitted = parseAbiItem(
  'event OrderCommitted(uint128 indexed accountId, uint128 indexed marketId, uint64 commitmentTime, int128 sizeDelta, uint256 estimatedOrderFee, uint256 estimatedKeeperFee, bytes32 trackingCode)',
);
export const orderCanceled = parseAbiItem(
  'event OrderCanceled(uint128 indexed accountId, uint128 indexed marketId, uint256 keeperFee, uint64 commitmentTime)',
);
/** Only whitelisted hooks do this; sizes and amounts are not in the log. */
export const accountsMerged = parseAbiItem(
  'event AccountsMerged(uint128 indexed fromId, uint128 indexed toId, uint128 indexed marketId)',
);
export const accountSplit = parseAbiItem(
  'event AccountSplit(uint128 indexed fromId, uint128 indexed toId, uint128 indexed marketId)',
);

/** Known, and nothing we keep: hooks, reward distributors, feature flags, ownership of the proxy. */
export const IGNORED_EVENTS = [
  parseAbiItem(
    'event OrderSettlementHookExecuted(uint128 indexed accountId, uint128 indexed marketId, address hook)',
  ),
  parseAbiItem('event SettlementHookConfigured(address indexed from, uint256 hooks)'),
  parseAbiItem('event SplitAccountConfigured(address indexed from, uint256 hooks)'),
  parseAbiItem('event RewardDistributorCreated(address indexed distributor)'),
  parseAbiItem('event PerpMarketSuspended(bool suspended)'),
  parseAbiItem('event FeatureFlagAllowAllSet(bytes32 indexed feature, bool allowAll)'),
  parseAbiItem('event FeatureFlagDenyAllSet(bytes32 indexed feature, bool denyAll)'),
  parseAbiItem('event FeatureFlagAllowlistAdded(bytes32 indexed feature, address account)'),
  parseAbiItem('event FeatureFlagAllowlistRemoved(bytes32 indexed feature, address account)'),
  parseAbiItem('event FeatureFlagDeniersReset(bytes32 indexed feature, address[] deniers)'),
  parseAbiItem(
    'event AssociatedSystemSet(bytes32 indexed kind, bytes32 indexed id, address proxy, address impl)',
  ),
  parseAbiItem('event Upgraded(address indexed self, address implementation)'),
  parseAbiItem('event OwnerNominated(address newOwner)'),
  parseAbiItem('event OwnerChanged(address oldOwner, address newOwner)'),
] as const;
