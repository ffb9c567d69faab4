import { parseAbiItem } from 'viem/utils';
import { ID } from './structs.ts';

/** Requests to the oracle and their ends; `orderId` is (user, per-user order counter). */

export const marketOrderInitiated = parseAbiItem([
  'event MarketOrderInitiated(Id orderId, address indexed trader, uint16 indexed pairIndex, bool open)',
  ID,
]);
export const triggerOrderInitiated = parseAbiItem([
  'event TriggerOrderInitiated(Id orderId, address indexed trader, uint16 indexed pairIndex, bool byPassesLinkCost)',
  ID,
]);
export const marketOpenCanceledV8 = parseAbiItem([
  'event MarketOpenCanceled(Id orderId, address indexed trader, uint256 indexed pairIndex, uint8 cancelReason)',
  ID,
]);
export const marketOpenCanceledV10 = parseAbiItem([
  'event MarketOpenCanceled(Id orderId, address indexed trader, uint256 indexed pairIndex, uint8 cancelReason, uint256 collateralReturned)',
  ID,
]);
/** Until 2024-09; then the index is indexed too, which the number of topics tells. */
export const marketCloseCanceledV8 = parseAbiItem([
  'event MarketCloseCanceled(Id orderId, address indexed trader, uint256 indexed pairIndex, uint256 index, uint8 cancelReason)',
  ID,
]);
export const marketCloseCanceledV92 = parseAbiItem([
  'event MarketCloseCanceled(Id orderId, address indexed trader, uint256 indexed pairIndex, uint256 indexed index, uint8 cancelReason)',
  ID,
]);
export const triggerOrderCanceled = parseAbiItem([
  'event TriggerOrderCanceled(Id orderId, address indexed triggerCaller, uint8 orderType, uint8 cancelReason)',
  ID,
]);
export const openLimitCanceledV8 = parseAbiItem(
  'event OpenLimitCanceled(address indexed trader, uint16 indexed pairIndex, uint32 index)',
);
export const openLimitCanceledV92 = parseAbiItem(
  'event OpenLimitCanceled(address indexed trader, uint16 indexed pairIndex, uint32 indexed index)',
);
export const openLimitUpdatedV8 = parseAbiItem(
  'event OpenLimitUpdated(address indexed trader, uint16 indexed pairIndex, uint32 index, uint64 newPrice, uint64 newTp, uint64 newSl, uint64 maxSlippageP)',
);
export const openLimitUpdatedV92 = parseAbiItem(
  'event OpenLimitUpdated(address indexed trader, uint16 indexed pairIndex, uint32 indexed index, uint64 newPrice, uint64 newTp, uint64 newSl, uint64 maxSlippageP)',
);
