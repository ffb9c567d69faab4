import { parseAbiItem } from 'viem/utils';

/**
 * Events of the venue's contracts that hold no fact we keep: administration, resting orders, stops,
 * settings of fees and of the funding curve (the accumulators that come of them are kept), orders that
 * timed out. Every form of the public source and of the SDK's ABIs (sources as in events.ts), so that
 * an event of a later version is noticed.
 */
export const ignoredEvents = [
  parseAbiItem('event AdminChanged(address previousAdmin, address newAdmin)'),
  parseAbiItem('event DelegateAdded(address indexed delegator, address indexed delegate)'),
  parseAbiItem('event DelegateRemoved(address indexed delegator, address indexed delegate)'),
  parseAbiItem('event Done(bool done)'),
  parseAbiItem('event EthReceived(address sender, uint256 amount)'),
  parseAbiItem('event EthWithdrawn(address indexed recipient, uint256 amount)'),
  parseAbiItem('event FeeAdded(uint8 index, bytes32 name)'),
  parseAbiItem('event FeeUpdated(uint8 indexed index)'),
  parseAbiItem('event ForwarderAdded(address newAddr)'),
  parseAbiItem('event ForwarderRemoved(address newAddr)'),
  parseAbiItem('event FundingFeeSlopeUpdated(uint16 indexed pairIndex, uint256 value)'),
  parseAbiItem('event GroupAdded(uint8 index, bytes32 name)'),
  parseAbiItem('event GroupUpdated(uint8 indexed index)'),
  parseAbiItem(
    'event HillParamsUpdated(uint16 indexed pairIndex, int256 hillInflectionPoint, uint256 hillPosScale, uint256 hillNegScale)',
  ),
  parseAbiItem('event Initialized(uint64 version)'),
  parseAbiItem('event LastVelocityUpdated(uint16 indexed pairIndex, int64 value)'),
  parseAbiItem('event ManagerUpdated(address value)'),
  parseAbiItem(
    'event MarketCloseFailed(uint256 indexed tradeId, address indexed trader, uint16 indexed pairIndex)',
  ),
  parseAbiItem(
    'event MarketCloseTimeoutExecuted(uint256 indexed orderId, uint256 indexed tradeId, (uint256 p0, uint192 p1, uint32 p2, (uint256 p0, uint192 p1, uint192 p2, uint192 p3, address p4, uint32 p5, uint16 p6, uint8 p7, bool p8) p3) order)',
  ),
  parseAbiItem(
    'event MarketCloseTimeoutExecutedV2(uint256 indexed orderId, uint256 indexed tradeId, (uint256 p0, uint192 p1, uint32 p2, (uint256 p0, uint192 p1, uint192 p2, uint192 p3, address p4, uint32 p5, uint16 p6, uint8 p7, bool p8) p3, uint16 p4) order)',
  ),
  parseAbiItem(
    'event MarketOpenTimeoutExecuted(uint256 indexed orderId, (uint256 p0, uint192 p1, uint32 p2, (uint256 p0, uint192 p1, uint192 p2, uint192 p3, address p4, uint32 p5, uint16 p6, uint8 p7, bool p8) p3) order)',
  ),
  parseAbiItem(
    'event MarketOpenTimeoutExecutedV2(uint256 indexed orderId, (uint256 p0, uint192 p1, uint32 p2, (uint256 p0, uint192 p1, uint192 p2, uint192 p3, address p4, uint32 p5, uint16 p6, uint8 p7, bool p8) p3, uint16 p4) order)',
  ),
  parseAbiItem('event MarketOrdersTimeoutUpdated(uint16 value)'),
  parseAbiItem('event MaxAllowedCollateralUpdated(uint256 value)'),
  parseAbiItem('event MaxFundingFeePerBlockUpdated(uint16 indexed pairIndex, uint256 value)'),
  parseAbiItem('event MaxFundingFeeVelocityUpdated(uint16 indexed pairIndex, uint256 value)'),
  parseAbiItem('event MaxNegativePnlOnOpenPUpdated(uint256 value)'),
  parseAbiItem('event MaxOpenInterestUpdated(uint16 indexed pairIndex, uint256 value)'),
  parseAbiItem('event MaxPendingMarketOrdersUpdated(uint256 value)'),
  parseAbiItem('event MaxRolloverFeePerBlockUpdated(uint16 indexed pairIndex, uint256 value)'),
  parseAbiItem('event MaxRolloverFeeSlopeUpdated(uint16 indexed pairIndex, uint256 value)'),
  parseAbiItem('event MaxRolloverVolatilityUpdated(uint16 indexed pairIndex, uint256 value)'),
  parseAbiItem('event MaxSlPUpdated(uint256 value)'),
  parseAbiItem('event MaxTradesPerPairUpdated(uint256 value)'),
  parseAbiItem(
    'event OpenLimitCanceled(address indexed trader, uint16 indexed pairIndex, uint8 index)',
  ),
  parseAbiItem(
    'event OpenLimitPlaced(address indexed trader, uint16 indexed pairIndex, uint8 index)',
  ),
  parseAbiItem(
    'event OpenLimitUpdated(address indexed trader, uint16 indexed pairIndex, uint8 index, uint192 newPrice, uint192 newTp, uint192 newSl)',
  ),
  parseAbiItem(
    'event OracleFeeChargedLimitCancelled(address indexed trader, uint16 pairIndex, uint256 amount)',
  ),
  parseAbiItem(
    'event OracleFeeRefunded(uint256 indexed tradeId, address indexed trader, uint16 pairIndex, uint256 amount)',
  ),
  parseAbiItem('event PairFeedUpdated(uint16 indexed pairIndex, bytes32 feed)'),
  parseAbiItem(
    'event PairFundingFeesUpdated(uint16 indexed pairIndex, (int256 p0, int256 p1, int64 p2, int64 p3, uint64 p4, uint64 p5, uint32 p6, uint16 p7) value)',
  ),
  parseAbiItem(
    'event PairFundingFeesUpdatedV2(uint16 indexed pairIndex, (int256 p0, int256 p1, int64 p2, int64 p3, uint64 p4, uint64 p5, uint32 p6, uint16 p7, uint16 p8, uint16 p9, uint16 p10, int256 p11) value)',
  ),
  parseAbiItem(
    'event PairOpeningFeesUpdated(uint16 indexed pairIndex, (uint32 p0, uint32 p1, uint32 p2, uint16 p3, uint16 p4, uint8 p5) value)',
  ),
  parseAbiItem('event PairRemoved(uint16 index, bytes32 from, bytes32 to)'),
  parseAbiItem(
    'event PairRolloverFeesUpdated(uint16 indexed pairIndex, (uint256 p0, uint64 p1, uint64 p2, uint32 p3, uint32 p4, uint16 p5) value)',
  ),
  parseAbiItem('event PairUpdated(uint16 indexed index)'),
  parseAbiItem('event Paused(bool paused)'),
  parseAbiItem('event PendingSlOrderUnregistered(uint256 indexed orderId)'),
  parseAbiItem(
    'event SlUpdated(uint256 indexed tradeId, address indexed trader, uint16 indexed pairIndex, uint8 index, uint192 newSl)',
  ),
  parseAbiItem(
    'event TpUpdated(uint256 indexed tradeId, address indexed trader, uint16 indexed pairIndex, uint8 index, uint192 newTp)',
  ),
  parseAbiItem('event TradeSizeRefUpdated(uint256 value)'),
  parseAbiItem('event TriggerTimeoutUpdated(uint16 value)'),
  parseAbiItem('event Upgraded(address indexed implementation)'),
  parseAbiItem('event VaultFeePercentUpdated(uint16 indexed pairIndex, uint8 value)'),
] as const;
