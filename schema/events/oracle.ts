import type { Details, EventPlace } from './place.ts';

/** PUSH: a keeper writes on a schedule or deviation. PULL: written when somebody needs the price. */
export type OracleDelivery = 'PUSH' | 'PULL';

/**
 * A price set on chain. Prices are the oracle's own integers; `priceDecimals` says what they mean:
 * value ÷ 10^priceDecimals = USD (or the feed's quote) per whole unit.
 */
export interface OracleUpdate extends EventPlace {
  readonly kind: 'oracle';
  readonly type: 'OracleUpdated';
  /**
   * Key of what is priced: token or aggregator address, feed id, pair index. Lower case. Where any
   * contract may emit a feed id (RedStone), the emitter's address goes before it.
   */
  readonly token: string;
  /** What is priced, where it is known. @example 'ETH / USD'; '' = unknown. */
  readonly symbol: string;
  /** Provider or oracle contract; '' in event forms that name none. */
  readonly provider: string;
  readonly minPrice: bigint;
  readonly maxPrice: bigint;
  /** Null where nobody states the decimals (or a Pyth exponent): there is then no price, only an integer. */
  readonly priceDecimals: number | null;
  readonly delivery: OracleDelivery;
  /** Unix seconds the oracle says it observed the price; null where the log has no such time. */
  readonly observedAt: number | null;
  /** The log has a time, but it is the block's own: it says nothing about latency. */
  readonly timeIsBlockTime: boolean;
  readonly details: Details;
}
