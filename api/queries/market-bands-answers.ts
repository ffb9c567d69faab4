import type { MarginBand } from '../../margin/margin-spread.ts';
import type { Bucket, DateTime, Decimal, Provenance, Side } from './answers.ts';
import type { LevelSource } from './liquidation-map-answers.ts';

export interface HealthThreshold extends Bucket {
  /** Positions with a health factor below it. */
  readonly health: number;
}

export interface ClosestPosition {
  readonly positionId: string;
  readonly side: Side;
  readonly healthFactor: number;
  readonly marginRatio: number | null;
  readonly notionalUsd: Decimal;
  readonly liquidationPrice: Decimal | null;
}

export interface MarginBandColumn {
  readonly column: number;
  readonly fromTime: DateTime;
  readonly toTime: DateTime;
  /**
   * The instant. JUDGED: the last block before `toTime`, null before the first stored one. LEDGER: the last full hour
   * before `toTime`, null before the first of the market.
   */
  readonly blockNumber: number | null;
  readonly blockTime: DateTime | null;
  readonly closePriceUsd: Decimal | null;
  /** Every open position that could be judged, with its notional. */
  readonly open: Bucket;
  /** Open, but a price or parameter that its rules need is unknown. */
  readonly unjudged: number;
  readonly liquidatable: Bucket;
  readonly marginRatio: MarginBand;
  readonly healthFactor: MarginBand;
  readonly under: readonly HealthThreshold[];
  /** The least health; of equals the first by position key. */
  readonly closest: ClosestPosition | null;
}

export interface MarketMarginBands {
  readonly provenance: Provenance;
  readonly marketId: string;
  readonly marketSymbol: string | null;
  readonly side: Side | null;
  /** JUDGED: every open position judged at each instant. LEDGER: the spreads kept at full hours. */
  readonly levels: LevelSource;
  readonly columns: readonly MarginBandColumn[];
}
