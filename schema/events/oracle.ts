import type { Details, EventPlace } from './place.ts';

/** Prices set on chain for one token. Prices are USD 1e30 per base unit of the token. */
export interface OracleUpdate extends EventPlace {
  readonly kind: 'oracle';
  readonly type: 'OracleUpdated';
  readonly token: string;
  /** Provider contract; '' in event forms that name none. */
  readonly provider: string;
  readonly minPrice: bigint;
  readonly maxPrice: bigint;
  /** Unix seconds the oracle says it observed the price; null where the event form has none. */
  readonly observedAt: number | null;
  readonly details: Details;
}
