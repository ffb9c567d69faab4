import { parseAbiItem } from 'viem/utils';

/**
 * Events of the venue's contracts that hold no fact we keep: administration, resting orders, stops,
 * referrals. Every form of the SDK's artifacts (see events.ts) and of the public source, so that an
 * event of a later version is noticed.
 *
 * Two look useful and are not: `OIUpdated` states a change without the sum after it, and
 * `BackupPriceReceived` a second price that only bounds the first.
 */
export const ignoredEvents = [
  parseAbiItem(
    'event AdditionalPairParamsUpdated((uint256 p0, uint256 p1, uint256 p2, uint256 p3, uint256 p4, uint256 p5, uint256 p6, uint256 p7, uint256 p8, uint256 p9) params)',
  ),
  parseAbiItem('event AddressUpdated(string name, address a)'),
  parseAbiItem('event AggregatorUpdated(address aggregator)'),
  parseAbiItem('event BackUpTriggered(bool _start)'),
  parseAbiItem('event BackupPriceReceived(uint256 orderId, uint256 pairIndex, uint256 price)'),
  parseAbiItem('event BlockOILimitsSet(uint256[] pairIndex, uint256[] limits)'),
  parseAbiItem('event CoeffUpdated(uint256 multiplierCoeffMax, uint256 groupId)'),
  parseAbiItem('event DenomUpdated(uint256 multiplierDenom, uint256 groupId)'),
  parseAbiItem('event Done(bool done)'),
  parseAbiItem('event FeeAdded(uint256 index)'),
  parseAbiItem('event FeeAdded(uint256 index, string name)'),
  parseAbiItem('event FeeUpdated(uint256 _vaultFeeP, uint256 _liqFeeP, uint256 _liqTotalFeeP)'),
  parseAbiItem('event FeeUpdated(uint256 index)'),
  parseAbiItem(
    'event FeesClaimed(address govTreasury, uint256 govFees, address devTreasury, uint256 devFees)',
  ),
  parseAbiItem('event GroupAdded(uint256 index, string name)'),
  parseAbiItem('event GroupUpdated(uint256 index)'),
  parseAbiItem('event Initialized(uint8 version)'),
  parseAbiItem('event KeeperUpdated(address keeper)'),
  parseAbiItem(
    'event LimitOrderSameBlock(address indexed trader, uint256 pairIndex, uint256 timestamp)',
  ),
  parseAbiItem(
    'event LossProtectionAdded(uint256 pairIndex, uint256[] tier, uint256[] multiplier)',
  ),
  parseAbiItem(
    'event LossProtectionConfigSet(uint256 numTiers, uint256[] longSkewConfig, uint256[] shortSkewConfig)',
  ),
  parseAbiItem('event ManagerUpdated(address value)'),
  parseAbiItem(
    'event MarginUpdated(address indexed trader, uint256 pairIndex, uint256 index, uint256 newSl, uint256 timestamp)',
  ),
  parseAbiItem('event MaxNegativePnlOnOpenPUpdated(uint256 value)'),
  parseAbiItem(
    'event MultiplierUpdated(uint256 minMultiplierRate, uint256 maxMultiplierRate, uint256 groupId)',
  ),
  parseAbiItem('event NumberUpdated(string name, uint256 value)'),
  parseAbiItem('event NumberUpdatedPair(string name, uint256 pairIndex, uint256 value)'),
  parseAbiItem(
    'event OIUpdated(bool _open, bool _long, uint256 _pairIndex, uint256 _leveragedPos, uint256 _price)',
  ),
  parseAbiItem(
    'event OnePercentDepthUpdated(uint256 pairIndex, uint256 valueAbove, uint256 valueBelow)',
  ),
  parseAbiItem(
    'event OpenLimitCanceled(address indexed trader, uint256 pairIndex, uint256 index, uint256 timestamp)',
  ),
  parseAbiItem(
    'event OpenLimitCanceled(address indexed trader, uint256 pairIndex, uint256 index, uint256 timestamp, uint256 collateral)',
  ),
  parseAbiItem(
    'event OpenLimitPlaced(address indexed trader, uint256 pairIndex, uint256 index, bool isBuy, uint256 openPrice, uint256 executionFee, uint8 orderType, uint256 slippageP)',
  ),
  parseAbiItem(
    'event OpenLimitPlaced(address indexed trader, uint256 pairIndex, uint256 index, bool isBuy, uint256 openPrice, uint256 executionFee, uint8 orderType, uint256 slippageP, uint256 collateral)',
  ),
  parseAbiItem(
    'event OpenLimitPlaced(address indexed trader, uint256 pairIndex, uint256 index, uint256 timestamp, uint256 executionFee)',
  ),
  parseAbiItem(
    'event OpenLimitUpdated(address indexed trader, uint256 pairIndex, uint256 index, uint256 newPrice, uint256 newTp, uint256 newSl, uint256 timestamp)',
  ),
  parseAbiItem('event OperatorUpdated(address operator, bool isOperator)'),
  parseAbiItem('event OrderLimitsSet(uint256[] pairIndex, uint256[] limits)'),
  parseAbiItem('event PairDelisted(uint256 index)'),
  parseAbiItem(
    'event PairParamsUpdated((uint256 p0, uint256 p1, uint256 p2, uint256 p3, uint256 p4, uint256 p5, uint256 p6, uint256 p7, uint256 p8, uint256 p9) params)',
  ),
  parseAbiItem(
    'event PairParamsUpdated(uint256 pairIndex, (uint256 p0, uint256 p1, uint256 p2) value)',
  ),
  parseAbiItem('event PairStorageUpdated(address newPairStorage)'),
  parseAbiItem('event PairUpdated(uint256 index)'),
  parseAbiItem('event Pause(bool paused)'),
  parseAbiItem('event Paused(address account)'),
  parseAbiItem('event PythUpdated(address a)'),
  parseAbiItem('event RebateClaimed(address referrer, uint256 amount)'),
  parseAbiItem('event SkewFeeAdded(uint256 index)'),
  parseAbiItem('event SkewFeeUpdated(uint256 index)'),
  parseAbiItem(
    'event SlCanceled(uint256 orderId, address indexed trader, uint256 pairIndex, uint256 index, uint256 timestamp)',
  ),
  parseAbiItem(
    'event SlUpdateInitiated(address indexed trader, uint256 pairIndex, uint256 index, uint256 newSl, uint256 orderId, uint256 timestamp)',
  ),
  parseAbiItem(
    'event SlUpdated(address indexed trader, uint256 pairIndex, uint256 index, uint256 newSl, uint256 timestamp)',
  ),
  parseAbiItem(
    'event SlUpdated(uint256 orderId, address indexed trader, uint256 pairIndex, uint256 index, uint256 newSl)',
  ),
  parseAbiItem(
    'event SlUpdated(uint256 orderId, address indexed trader, uint256 pairIndex, uint256 index, uint256 newSl, uint256 timestamp)',
  ),
  parseAbiItem('event SupportedTokenAdded(address a)'),
  parseAbiItem(
    'event TpUpdated(address indexed trader, uint256 pairIndex, uint256 index, uint256 newTp, uint256 timestamp)',
  ),
  parseAbiItem('event TradeOpenReferral(address a, address b, uint256 c, uint256 d)'),
  parseAbiItem(
    'event TradeReferred(address _trader, address _referrer, uint256 _leveragedPosition, uint256 _traderFeePostDiscount, uint256 _startingFees, uint256 _referrerRebate, uint256 _pairIndex)',
  ),
  parseAbiItem(
    'event TradeReferred(address _trader, address _referrer, uint256 _leveragedPosition, uint256 _traderFeePostDiscount, uint256 _traderFeeDiscount, uint256 _referrerRebate)',
  ),
  parseAbiItem('event TradingContractAdded(address a)'),
  parseAbiItem('event TradingContractRemoved(address a)'),
  parseAbiItem('event Unpaused(address account)'),
  parseAbiItem('event Whitelist(bool whitelist)'),
  parseAbiItem('event chainlinkValidityPeriodSet(uint256 _newPeriod)'),
  // Of the proxies themselves.
  parseAbiItem('event Upgraded(address indexed implementation)'),
  parseAbiItem('event AdminChanged(address previousAdmin, address newAdmin)'),
] as const;
