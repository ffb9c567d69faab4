/**
 * Parameters the venue published and no event has to have set.
 *
 * `liqThreshold` 85: `initialize` of PairInfos sets it, in both builds that the venue's SDK shipped
 * (avantis_trader_sdk@4dad6bf of 2024-02-25 and @db171fd of 2025-01-10,
 * abis/PairInfos.sol/PairInfos.json, deployed bytecode run in an EVM), and the SDK of 2026-08
 * still counts with it (compute/liquidation.py LIQ_THRESHOLD_P). A later change has an event.
 * The public source (avantis-smart-contracts@af7c2b3 src/PairInfos.sol) says 90: it is older than
 * those builds, has no such setter, and dates no block, so 90 is placed nowhere.
 */
export interface SnapshotParameter {
  readonly name: string;
  readonly value: bigint;
  /** Nothing is said about blocks before this one. */
  readonly fromBlock: number;
}

/**
 * 2024-02-26T00:00:01Z, the day after the first build was published: Base has a block every two
 * seconds since 1686789347.
 */
const AFTER_FIRST_BUILD = 11_058_127;

export const PUBLISHED_PARAMETERS: readonly SnapshotParameter[] = [
  { name: 'liqThreshold', value: 85n, fromBlock: AFTER_FIRST_BUILD },
];
