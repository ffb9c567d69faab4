import { parseAbiItem } from 'viem/utils';

/*
 * Events of the Pyth contract: pyth-network/pyth-crosschain. BatchPriceFeedUpdate and UpdatePriceFeeds
 * repeat nothing but counts, and TwapPriceFeedUpdate tells of a price that is handed to the caller and
 * not stored: none of them is asked for.
 */

/**
 * Since 2022-11-17 (25975960); 7c915eb1 target_chains/ethereum/contracts/contracts/pyth/PythSetters.sol.
 * Emitted when a price newer than the stored one is stored. `publishTime` unix seconds.
 */
export const priceFeedUpdate = parseAbiItem(
  'event PriceFeedUpdate(bytes32 indexed id, uint64 publishTime, int64 price, uint64 conf)',
);

/**
 * From 2022-07-28 (5320c58c) until then: 25975960~1 ethereum/contracts/pyth/Pyth.sol. Emitted for
 * every price in a batch; `fresh` = newer than the stored one, and stored.
 */
export const priceFeedUpdateV1 = parseAbiItem(
  'event PriceFeedUpdate(bytes32 indexed id, bool indexed fresh, uint16 chainId, uint64 sequenceNumber, uint256 lastPublishTime, uint256 publishTime, int64 price, uint64 conf)',
);
