import { parseAbiItem } from 'viem/utils';

/*
 * Events of RedStone's push model: @redstone-finance/on-chain-relayer 0.6.1, contracts/price-feeds.
 * Its merged price feeds emit AnswerUpdated, which indexer/protocols/chainlink reads: one topic, one
 * reader, or a log would be told twice.
 */

/**
 * with-rounds and without-rounds/MultiFeedAdapterWithoutRounds.sol. `updatedAt` is the block's time; the
 * time of the data is in the calldata only.
 */
export const valueUpdate = parseAbiItem(
  'event ValueUpdate(uint256 value, bytes32 dataFeedId, uint256 updatedAt)',
);

/** The same contract: the signed data were no newer than the stored ones, and nothing was written. */
export const updateSkipped = parseAbiItem('event UpdateSkipDueToDataTimestamp(bytes32 dataFeedId)');
