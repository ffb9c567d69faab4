import type { EventPlace } from '../../schema/events/place.ts';

/**
 * Facts that no log states (a manifest's parameters, a published list) have places of their own, told
 * apart by `subIndex`. One that holds *after* a block gets a log index behind every log that a block
 * can have: logs up to and including that block are overruled, later ones apply on top.
 */
export const AFTER_ALL_LOGS = 2 ** 31;

/** `blockTimestamp` is 0 (not known here) and there is no transaction. */
export function factPlace(
  venue: string,
  chainId: number,
  blockNumber: number,
  logIndex: number,
  subIndex: number,
): EventPlace {
  return {
    chainId,
    blockNumber,
    blockTimestamp: 0,
    transactionHash: '',
    transactionIndex: 0,
    logIndex,
    subIndex,
    venue,
  };
}
