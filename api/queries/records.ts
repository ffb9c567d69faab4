import type {
  DateTime,
  Decimal,
  IntegerText,
  LiquidationCause,
  PositionStatus,
  PriceRangeAnswer,
  Provenance,
  Side,
  Token,
} from './answers.ts';
import type { FinalityHeights, IndexerState } from './indexer-report.ts';
import type { ListedToken } from './market-listings.ts';

/** What the store holds, as plain data in the wire forms of answers.ts. */
export interface SourceStatus {
  readonly chainId: number;
  readonly chain: string;
  readonly name: string;
  readonly description: string;
  readonly origin: string;
  readonly isSynthetic: boolean;
  /** An archive, not a live chain. */
  readonly isRecorded: boolean;
  readonly firstBlock: number;
  readonly headBlock: number | null;
  readonly headTime: DateTime | null;
  /** Last block whose raw logs are stored; the projections follow. */
  readonly landedBlock: number | null;
  /** When the last batch of logs, and of what follows from them, was stored. */
  readonly landedAt: DateTime | null;
  readonly committedAt: DateTime | null;
  /** Null of a chain that no indexer has reported on. */
  readonly indexer: IndexerStatus | null;
  readonly lag: ChainLag;
  readonly finality: FinalityHeights;
  readonly rollbacks: RollbackSummary;
  readonly counts: TableCounts;
  readonly provenance: Provenance | null;
}

/** What the indexer of a chain said of itself last. */
export interface IndexerStatus {
  readonly state: IndexerState;
  /** What RETRYING waits out and FAILED ended by; null otherwise. */
  readonly fault: string | null;
  readonly failingSince: DateTime | null;
  readonly reportedAt: DateTime;
  readonly ageSeconds: number;
  /** It claims to run, and has not reported for more than a minute. */
  readonly isStale: boolean;
}

/** How far the visible head is behind the chain. */
export interface ChainLag {
  /** Highest block the source has shown; null where no indexer has told. */
  readonly sourceHeight: number | null;
  readonly blocks: number | null;
  /** Now minus the time of the head; null of recorded data, whose time has passed. */
  readonly seconds: number | null;
}

export interface Rollback {
  /** Last block kept. */
  readonly toBlock: number;
  readonly depth: number;
  readonly reason: string;
  readonly at: DateTime;
}

export interface RollbackSummary {
  readonly count: number;
  readonly deepest: number;
  /** The newest ones, newest first. */
  readonly last: readonly Rollback[];
}

export interface TableCounts {
  readonly blocks: number;
  readonly rawLogs: number;
  readonly positionEvents: number;
  readonly marketEvents: number;
  readonly oracleUpdates: number;
  readonly deadLetters: number;
  readonly positions: number;
  readonly openPositions: number;
  readonly accounts: number;
  readonly liquidations: number;
  readonly autoDeleveragings: number;
  readonly markets: number;
}

export interface SideInterest {
  readonly side: Side;
  /** The protocol's own counter; null where it logs none. */
  readonly protocolUsd: Decimal | null;
  /** Sum over our open positions. */
  readonly positionsUsd: Decimal;
  readonly residualUsd: Decimal | null;
  readonly openPositions: number;
}

/** Long minus short in index base units: the protocol's counter against our positions. */
export interface SkewRecord {
  readonly protocolBaseRaw: IntegerText;
  readonly positionsBaseRaw: IntegerText;
  readonly residualBaseRaw: IntegerText;
}

export interface MarketRecord {
  readonly id: string;
  readonly chainId: number;
  readonly venue: string;
  readonly address: string;
  readonly symbol: string | null;
  readonly name: string | null;
  readonly indexToken: ListedToken;
  readonly longToken: Token;
  readonly shortToken: Token;
  readonly poolAmountLongRaw: IntegerText;
  readonly poolAmountShortRaw: IntegerText;
  readonly openInterest: readonly SideInterest[];
  /** Null where the venue counts no skew. */
  readonly skew: SkewRecord | null;
  readonly updatedBlock: number;
  readonly updatedAt: DateTime;
  readonly asOfBlock: number;
}

export interface PositionRecord {
  readonly id: string;
  readonly chainId: number;
  readonly venue: string;
  readonly positionKey: string;
  /** The key is reused after a close: 1, 2, ... */
  readonly life: number;
  readonly status: PositionStatus;
  /** What changed it last: OPEN, INCREASE, DECREASE, MARGIN_ADD, MARGIN_REMOVE, CLOSE, LIQUIDATION, ADL. */
  readonly cause: string;
  readonly account: string;
  readonly marketId: string;
  readonly marketSymbol: string | null;
  readonly side: Side;
  readonly collateralToken: Token;
  readonly sizeUsd: Decimal;
  readonly sizeBaseRaw: IntegerText;
  readonly collateralRaw: IntegerText;
  readonly openedAt: DateTime;
  readonly openedBlock: number;
  readonly updatedAt: DateTime;
  readonly updatedBlock: number;
  readonly transactionHash: string;
  readonly asOfBlock: number;
}

export interface LiquidationRecord {
  readonly id: string;
  readonly chainId: number;
  readonly venue: string;
  readonly cause: LiquidationCause;
  readonly positionId: string;
  readonly life: number;
  readonly account: string;
  readonly liquidator: string;
  readonly marketId: string;
  readonly marketSymbol: string | null;
  readonly side: Side;
  readonly collateralToken: Token;
  readonly orderKey: string;
  /** State just before. */
  readonly sizeUsd: Decimal;
  readonly sizeBaseRaw: IntegerText;
  readonly collateralRaw: IntegerText;
  /** What was closed: all of it, but for an auto-deleveraging. */
  readonly closedSizeUsd: Decimal;
  readonly closedSizeBaseRaw: IntegerText;
  readonly executionPriceUsd: Decimal | null;
  readonly indexPrice: PriceRangeAnswer;
  readonly collateralPrice: PriceRangeAnswer;
  readonly realizedPnlUsd: Decimal;
  readonly priceImpactUsd: Decimal;
  readonly positionFeeRaw: IntegerText;
  readonly borrowFeeRaw: IntegerText;
  readonly fundingFeeRaw: IntegerText;
  /** Liquidation fee, in collateral base units and USD. */
  readonly penaltyRaw: IntegerText;
  readonly penaltyUsd: Decimal;
  readonly isInsolvent: boolean;
  /** The cost that could not be paid in full: 'pnl', 'fees', 'impact', ...; null when solvent. */
  readonly insolventStep: string | null;
  readonly badDebtUsd: Decimal;
  readonly priceObservedAt: DateTime | null;
  readonly priceObservationLagSeconds: number | null;
  readonly timestamp: DateTime;
  readonly blockNumber: number;
  readonly logIndex: number;
  readonly transactionHash: string;
  readonly asOfBlock: number;
}

/** Sums over everything a `liquidations` filter selects, not only the page. */
export interface LiquidationTotals {
  readonly count: number;
  readonly closedSizeUsd: Decimal;
  readonly penaltyUsd: Decimal;
  readonly badDebtUsd: Decimal;
  readonly insolventCount: number;
}

export interface AccountRecord {
  readonly address: string;
  readonly chainId: number;
  readonly positionCount: number;
  readonly openPositionCount: number;
  readonly openSizeUsd: Decimal;
  readonly liquidationTotals: LiquidationTotals;
  readonly provenance: Provenance;
  readonly asOfBlock: number;
}
