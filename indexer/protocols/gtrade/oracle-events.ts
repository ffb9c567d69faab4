import { parseAbiItem } from 'viem/utils';
import { ANSWER, EARLY_ANSWER, ID } from './structs.ts';

/** v8 and v9: one node's answer, packed; no time of observation. */
export const priceReceivedV8 = parseAbiItem([
  'event PriceReceived(Id orderId, uint16 indexed pairIndex, bytes32 request, uint256 priceData, bool isLookback, bool usedInMedian)',
  ID,
]);
/** ABI of 2025-03 to 07. */
export const priceReceivedV10Early = parseAbiItem([
  'event PriceReceived(Id orderId, uint16 indexed pairIndex, bytes32 request, uint256 priceData, bool isLookback, bool usedInMedian, bool minAnswersReached, bool minFilteredAnswersReached, Answer[] unfilteredAnswers, Answer[] filteredAnswers)',
  ID,
  EARLY_ANSWER,
]);
export const priceReceivedV10 = parseAbiItem([
  'event PriceReceived(Id orderId, uint16 indexed pairIndex, bytes32 request, uint256 priceData, bool isLookback, bool usedInMedian, bool minAnswersReached, bool minFilteredAnswersReached, Answer[] unfilteredAnswers, Answer[] filteredAnswers)',
  ID,
  ANSWER,
]);
export const signedPricesReceived = parseAbiItem([
  'event SignedPricesReceived(uint16 indexed pairIndex, bool isLookback, uint32 fromBlock, bool minFilteredAnswersReached, Answer[] unfilteredAnswers, Answer[] filteredAnswers)',
  ANSWER,
]);
