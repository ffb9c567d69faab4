import type { DateTime, Provenance } from './answers.ts';

/** PUSH: a keeper wrote the price. PULL: somebody who needed it did. Never counted together. */
export type Delivery = 'PUSH' | 'PULL';

/** Where the p-quantile of what the samples were drawn from lies, whatever that is. */
export interface QuantileInterval {
  readonly p: number;
  readonly lower: number;
  readonly upper: number;
  /** Ranks of the two samples, 1 = the smallest. */
  readonly lowerRank: number;
  readonly upperRank: number;
  /** Exact probability that the two enclose it, at least 0.95. */
  readonly coverage: number;
}

/** What made an oracle write, as shares of `known`; null where no rule is known for any update. */
export interface WriteCauses {
  readonly known: number;
  readonly unknown: number;
  readonly deviation: number | null;
  readonly heartbeat: number | null;
  readonly other: number | null;
}

/** A bound of a contract as an invariant: what it forbids must not be found. */
export interface BoundCheck {
  readonly name: string;
  readonly checked: number;
  readonly violations: number;
}

/** Exact statistics of one sample, as of `LatencyStat`. */
export interface SampleStatistics {
  readonly unit: string;
  readonly n: number;
  readonly negativeCount: number;
  readonly mean: number | null;
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly p999: number | null;
  readonly max: number | null;
  readonly intervals: readonly QuantileInterval[];
  readonly caveats: readonly string[];
}

/** MARKET: GMX V2. OFFCHAIN, DELAYED: Synthetix V2, at a price of Pyth, or of a later Chainlink round. */
export type RequestKind = 'MARKET' | 'OFFCHAIN' | 'DELAYED';

export interface BoundViolation {
  readonly blockNumber: number;
  readonly transactionHash: string;
  readonly orderKey: string;
}

export interface RequestGroup {
  readonly venue: string;
  readonly kind: RequestKind;
  /** t_exec − t_req, seconds. */
  readonly executionDelay: SampleStatistics;
  /** t_obs − t_req of the oldest price of the execution, where its log tells one. */
  readonly priceDelay: SampleStatistics;
  /** Null where no bound is known. */
  readonly bound: BoundCheck | null;
  /** The first 20. */
  readonly violations: readonly BoundViolation[];
}

export interface RequestToExecution {
  readonly provenance: Provenance;
  readonly marketId: string | null;
  readonly fromTime: DateTime;
  readonly toTime: DateTime;
  readonly groups: readonly RequestGroup[];
}

/** Two feeds of one thing, each at its last price, whenever one of them changed. */
export interface CrossSourceDeviation {
  readonly provenance: Provenance;
  /** `venue:token`. */
  readonly feedA: string;
  readonly feedB: string;
  readonly fromTime: DateTime;
  readonly toTime: DateTime;
  readonly maxAgeSeconds: number;
  /** Of |ln(A ÷ B)|. */
  readonly deviation: SampleStatistics;
  /** Mean of ln(A ÷ B): what one says more than the other, with its sign. */
  readonly bias: number | null;
  /** Instants at which one of the two was older than the bound, or had no price yet: not compared. */
  readonly staleCount: number;
  readonly worst: {
    readonly blockNumber: number;
    readonly timestamp: DateTime;
    readonly logRatio: number;
  } | null;
}

/** BLOCK: when the chain had the price. OBSERVED: when the oracle says it saw it. */
export type OracleClock = 'BLOCK' | 'OBSERVED';

export interface OracleLeadLag {
  readonly provenance: Provenance;
  readonly feedA: string;
  readonly feedB: string;
  readonly fromTime: DateTime;
  readonly toTime: DateTime;
  readonly clock: OracleClock;
  readonly ticksA: number;
  readonly ticksB: number;
  /** Seconds by which B leads A; null where there are too few moves. */
  readonly lagSeconds: number | null;
  readonly correlation: number | null;
  readonly leadLagRatio: number | null;
  readonly curve: readonly { readonly lag: number; readonly correlation: number }[];
}
