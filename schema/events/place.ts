/** Where an event stands on its chain. `(chainId, blockNumber, logIndex, subIndex)` is its identity. */
export interface EventPlace {
  readonly chainId: number;
  readonly blockNumber: number;
  /** Unix seconds of the block header. Not the time anyone observed anything. */
  readonly blockTimestamp: number;
  readonly transactionHash: string;
  readonly transactionIndex: number;
  /** Index of the log in the block. */
  readonly logIndex: number;
  /** Tells several events that one log caused; 0 for the first. */
  readonly subIndex: number;
  /** Adapter that normalized the log. @example 'gmx-v2' */
  readonly venue: string;
}

/**
 * Everything else the log said, under the venue's own key names: integers as decimal text, bytes
 * and addresses as lower-case hex. Keys we do not know are kept here, never dropped.
 */
export type Details = Readonly<Record<string, string | boolean | readonly (string | boolean)[]>>;
