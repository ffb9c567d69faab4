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
