import type { CellWidth } from '../../margin/price-lattice.ts';
import type { Bucket, DateTime, Decimal, Provenance, Side } from './answers.ts';

/** JUDGED: every open position judged at the instant. LEDGER: sums over the ledger of levels. */
export type LevelSource = 'JUDGED' | 'LEDGER';

/** What a position weighs. COUNT: its notional at liquidation, in answers that are read by `count`. */
export type MassMeasure =
  | 'NOTIONAL_AT_LIQUIDATION'
  | 'NOTIONAL_NOW'
  | 'COLLATERAL'
  | 'EQUITY_AT_RISK'
  | 'COUNT';

/** Prices in [lowerPriceUsd, upperPriceUsd); side is that of the position that would be closed. */
export interface MapCell {
  readonly k: number;
  readonly lowerPriceUsd: Decimal;
  readonly upperPriceUsd: Decimal;
  readonly side: Side;
  readonly valueUsd: Decimal;
  readonly count: number;
}

export interface CumulativePoint {
  readonly priceUsd: Decimal;
  /** (priceUsd ÷ current price − 1) × 100. */
  readonly movePercent: number;
  readonly side: Side;
  readonly valueUsd: Decimal;
  readonly count: number;
}

/** What a move of the price reaches: longs below, shorts above; by levels, not by cells. */
export interface PriceMove {
  readonly movePercent: number;
  readonly priceUsd: Decimal;
  readonly side: Side;
  readonly valueUsd: Decimal;
  readonly count: number;
}

/** How much one percent of price forces, next to the price in force. */
export interface LiquidationGamma {
  readonly side: Side;
  /** Mass of the window × 1 % of the price ÷ width of the window. */
  readonly perPercentUsd: Decimal;
  /** The window: 20 base cells, that of the price and those beyond it. */
  readonly lowerPriceUsd: Decimal;
  readonly upperPriceUsd: Decimal;
  readonly valueUsd: Decimal;
  readonly count: number;
}

export interface LiquidationMap {
  readonly provenance: Provenance;
  readonly marketId: string;
  readonly marketSymbol: string | null;
  readonly levels: LevelSource;
  readonly measure: MassMeasure;
  readonly cellWidth: CellWidth;
  /** Middle of the index price in force. */
  readonly priceUsd: Decimal;
  /** Occupied cells only, by k, LONG before SHORT. */
  readonly cells: readonly MapCell[];
  /** Mass between the price and each occupied cell, outward, per side. */
  readonly cumulative: readonly CumulativePoint[];
  /** In the order asked. */
  readonly liquidatedIfPriceMoves: readonly PriceMove[];
  /** LONG, then SHORT. */
  readonly gamma: readonly LiquidationGamma[];
  /** Positions that no price liquidates: counted, not dropped. */
  readonly unplaced: Bucket;
  /** Positions already liquidatable at the price in force (also placed in their cells). */
  readonly liquidatable: Bucket;
}

export type HeatmapLayer =
  | 'REALIZED'
  | 'PROSPECTIVE'
  | 'CREATED'
  | 'MOVED_IN'
  | 'MOVED_OUT'
  | 'CLOSED'
  | 'LIQUIDATED'
  | 'DRIFT';

export interface HeatmapRow {
  readonly row: number;
  readonly k: number;
  readonly lowerPriceUsd: Decimal;
  readonly upperPriceUsd: Decimal;
}

export interface HeatmapColumn {
  readonly column: number;
  readonly fromTime: DateTime;
  /** Exclusive; prospective mass is that of the last block before it. */
  readonly toTime: DateTime;
  /** Null before the first stored block. */
  readonly blockNumber: number | null;
  /** Index price (middle) over the column; null before the first price. */
  readonly openPriceUsd: Decimal | null;
  readonly highPriceUsd: Decimal | null;
  readonly lowPriceUsd: Decimal | null;
  readonly closePriceUsd: Decimal | null;
  readonly unplaced: Bucket;
}

/** Value and count are not below 0, but for DRIFT: what came in less what went out. */
export interface HeatmapCell {
  readonly row: number;
  readonly column: number;
  readonly layer: HeatmapLayer;
  readonly side: Side;
  readonly valueUsd: Decimal;
  readonly count: number;
}

export interface LiquidationHeatmap {
  readonly provenance: Provenance;
  readonly marketId: string;
  readonly marketSymbol: string | null;
  readonly levels: LevelSource;
  readonly measure: MassMeasure;
  readonly cellWidth: CellWidth;
  readonly layers: readonly HeatmapLayer[];
  /** Occupied rows only, lowest price first; `k` tells the gaps. */
  readonly rows: readonly HeatmapRow[];
  readonly columns: readonly HeatmapColumn[];
  readonly cells: readonly HeatmapCell[];
  readonly realizedTotal: Bucket;
  /** The books behind a LEDGER answer, checked when somebody asks; null where levels are JUDGED. */
  readonly checkLedger: (() => Promise<LedgerCheck>) | null;
}

/** Whether PROSPECTIVE(t1) = PROSPECTIVE(t0) + CREATED + MOVED − CLOSED − LIQUIDATED ± DRIFT in every cell. */
export interface LedgerCheck {
  /** Greatest |residual| of value over all cells and steps, exact. */
  readonly residualUsd: Decimal;
  /** The same of the number of positions. */
  readonly residualCount: number;
  /** Pairs of cell (with side) and step in which a level came or went. */
  readonly cellsChecked: number;
  /** Positions of the market open by their states but without one level at the end, or the reverse. */
  readonly positionsApart: number;
}
