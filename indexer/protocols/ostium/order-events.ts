import { parseAbiItem } from 'viem/utils';

/** The life of orders (sources as in events.ts): requests, and why one came to nothing. */
export const marketOpenOrderInitiated = parseAbiItem(
  'event MarketOpenOrderInitiated(uint256 indexed orderId, address indexed trader, uint16 indexed pairIndex)',
);
export const marketCloseOrderInitiated = parseAbiItem(
  'event MarketCloseOrderInitiated(uint256 indexed orderId, uint256 indexed tradeId, address indexed trader, uint16 pairIndex)',
);
export const marketCloseOrderInitiatedV2 = parseAbiItem(
  'event MarketCloseOrderInitiatedV2(uint256 indexed orderId, uint256 indexed tradeId, address indexed trader, uint16 pairIndex, uint16 closePercentage)',
);
export const automationOpenOrderInitiated = parseAbiItem(
  'event AutomationOpenOrderInitiated(uint256 indexed orderId, address indexed trader, uint16 indexed pairIndex, uint8 index)',
);
/** The last parameter has no name in the source. */
export const automationCloseOrderInitiated = parseAbiItem(
  'event AutomationCloseOrderInitiated(uint256 indexed orderId, uint256 indexed tradeId, address indexed trader, uint16 pairIndex, uint8 orderType)',
);
export const removeCollateralInitiated = parseAbiItem(
  'event RemoveCollateralInitiated(uint256 indexed tradeId, uint256 indexed orderId, address indexed trader, uint16 pairIndex, uint256 removeAmount)',
);
export const marketOpenCanceled = parseAbiItem(
  'event MarketOpenCanceled(uint256 indexed orderId, address indexed trader, uint256 indexed pairIndex, uint8 cancelReason)',
);
export const marketCloseCanceled = parseAbiItem(
  'event MarketCloseCanceled(uint256 indexed orderId, uint256 indexed tradeId, address indexed trader, uint256 pairIndex, uint256 index, uint8 cancelReason)',
);
export const automationOpenOrderCanceled = parseAbiItem(
  'event AutomationOpenOrderCanceled(uint256 indexed orderId, address indexed trader, uint256 indexed pairIndex, uint8 cancelReason)',
);
export const automationCloseOrderCanceled = parseAbiItem(
  'event AutomationCloseOrderCanceled(uint256 indexed orderId, uint256 indexed tradeId, address indexed trader, uint256 pairIndex, uint8 orderType, uint8 cancelReason)',
);
/** TradingCallbacks. */
export const removeCollateralRejected = parseAbiItem(
  'event RemoveCollateralRejected(uint256 indexed orderId, uint256 indexed tradeId, address indexed trader, uint16 pairIndex, uint256 removeAmount, uint8 reason)',
);
/** Declared by Trading: order and trade stand the other way round. */
export const removeCollateralRejectedText = parseAbiItem(
  'event RemoveCollateralRejected(uint256 indexed tradeId, uint256 indexed orderId, address indexed trader, uint16 pairIndex, uint256 removeAmount, string reason)',
);
