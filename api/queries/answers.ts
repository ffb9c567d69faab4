/**
 * The shape of every analytic answer, as plain data. GraphQL, charts and exports are forms of these.
 *
 * Wire forms: `Decimal` is exact decimal text (USD, or USD per whole token), `IntegerText` an exact
 * integer in token base units, `DateTime` ISO-8601 UTC. Ratios are doubles. Nothing is rounded
 * except ratios.
 */
import type { Methodology } from './methodologies.ts';
import type { BoundCheck, Delivery, QuantileInterval, WriteCauses } from './oracle-answers.ts';

export type Decimal = string;
export type IntegerText = string;
export type DateTime = string;

export type Side = 'LONG' | 'SHORT';
export type Basis = 'OBSERVED' | 'DERIVED' | 'MODELED';
export type Finality = 'HEAD' | 'SAFE' | 'FINAL';
export type PositionStatus = 'OPEN' | 'CLOSED' | 'LIQUIDATED';
export type LiquidationCause = 'LIQUIDATION' | 'ADL';

/**
 * Our open positions against the protocols' own counters at `asOfBlock`: the residuals must be 0.
 * Not every venue counts: `countedSides` of `sides` say how far the proof reaches.
 */
export interface Coverage {
  readonly positions: number;
  /** Sum of entry notionals of our open positions. */
  readonly notionalUsd: Decimal;
  /** Null where no venue counts open interest in USD. */
  readonly protocolOpenInterestUsd: Decimal | null;
  /** Counter minus our sum over the sides that are counted; null where none is. */
  readonly residualUsd: Decimal | null;
  /** Sum of |protocol's skew − ours| over markets that count one, in index base units. */
  readonly residualSkewRaw: IntegerText;
  /** Market sides with a counter of the protocol. */
  readonly countedSides: number;
  readonly sides: number;
}

/** A market of the chain that an answer is about. */
export interface MarketScope {
  readonly venue: string;
  readonly market: string;
}

/** The answer of `coverage`: of one market, or (null) of all of a chain. */
export interface CoverageAnswer {
  readonly provenance: Provenance;
  readonly marketId: string | null;
  readonly coverage: Coverage;
}

/** Where an answer comes from. Equal digests mean equal bytes. */
export interface Provenance {
  readonly chainId: number;
  readonly chain: string;
  readonly fromBlock: number;
  readonly asOfBlock: number;
  readonly asOfTime: DateTime;
  readonly finality: Finality;
  readonly basis: Basis;
  readonly method: string;
  readonly version: string;
  readonly methodology: Methodology;
  /** Null where it is left to be read, or says nothing of the answer. */
  readonly coverage: Coverage | null;
  /** What to read it of when somebody asks: a market, or (null) all of the chain; undefined: nothing. */
  readonly coverageOf?: MarketScope | null | undefined;
  readonly isSynthetic: boolean;
  /** What a reader must know before quoting; 'synthetic traders' on a synthetic source. */
  readonly note: string | null;
  readonly caveats: readonly string[];
  /** sha-256 over query name, parameters, hash of the as-of block, methodology and versions of the rows. */
  readonly digest: string;
}

export interface Token {
  readonly address: string;
  readonly symbol: string | null;
  /** Null when no manifest or list names them: prices of this token are then null too. */
  readonly decimals: number | null;
}

export interface PriceRangeAnswer {
  readonly token: Token;
  /** USD per whole token; null while the decimals are unknown. */
  readonly minPriceUsd: Decimal | null;
  readonly maxPriceUsd: Decimal | null;
}

/** One position judged at one instant (design section 6). Costs are positive when owed. */
export interface MarginPoint {
  readonly blockNumber: number;
  readonly timestamp: DateTime;
  /** The event at this point (OPEN, INCREASE, ...), 'PRICE', 'GRID' or 'WHAT_IF'. */
  readonly cause: string;
  readonly sizeUsd: Decimal;
  readonly collateralRaw: IntegerText;
  readonly collateralUsd: Decimal;
  /** Collateral ÷ notional: no PnL, no fees. */
  readonly collateralRatio: number | null;
  readonly equityUsd: Decimal;
  readonly maintenanceMarginUsd: Decimal;
  readonly notionalUsd: Decimal;
  readonly marginRatio: number | null;
  readonly healthFactor: number | null;
  /** USD per whole index token; null when no price liquidates, or its decimals are unknown. */
  readonly liquidationPrice: Decimal | null;
  /** side × ln(price ÷ liquidationPrice): positive is safe. */
  readonly distance: number | null;
  readonly isLiquidatable: boolean;
  readonly liquidationReason: string;
  readonly unrealizedPnlUsd: Decimal;
  readonly fundingUsd: Decimal;
  readonly borrowFeeUsd: Decimal;
  readonly positionFeeUsd: Decimal;
  readonly priceImpactUsd: Decimal;
  readonly indexPrice: PriceRangeAnswer;
  readonly collateralPrice: PriceRangeAnswer;
}

/**
 * Why the equity changed, signed: + raised it. The parts sum exactly to `totalUsd`. They are taken in a
 * fixed order (prices, accrual, parameters, the position's own event), on which such a split depends.
 */
export interface MarginChangeAnswer {
  readonly totalUsd: Decimal;
  readonly priceUsd: Decimal;
  readonly fundingUsd: Decimal;
  readonly borrowingUsd: Decimal;
  readonly feeUsd: Decimal;
  readonly ownerUsd: Decimal;
  readonly parameterUsd: Decimal;
}

/** What time alone does to a position: all else is frozen, funding and borrowing run on. */
export interface MarginCarryAnswer {
  /** What the surplus, equity − maintenance margin, loses an hour at this instant; negative: it grows. */
  readonly usdPerHour: Decimal;
  /** How the liquidation price moves an hour; null when no price liquidates. */
  readonly priceDriftPerHour: Decimal | null;
  /** First second at which the venue would liquidate; null when time alone never does, or not in ten years. */
  readonly secondsToLiquidation: number | null;
}

/** Memory τ of the EWMA of squared returns. */
export type VolatilityWindow = 'TEN_MINUTES' | 'ONE_HOUR' | 'ONE_DAY';

export interface PointVolatility {
  /** Of the index price, √(variance a second × 365 days). */
  readonly annualized: number;
  /** distance ÷ (σ √horizon); null without a liquidation price or a movement. */
  readonly distanceInSigmas: number | null;
}

/** What a judgement shows besides, where it was asked for. */
export interface MarginExtras {
  /** Null where nobody asked, and where a later second cannot be judged. */
  readonly carry: MarginCarryAnswer | null;
  /** Null where nobody asked, and before enough prices were seen. */
  readonly volatility: PointVolatility | null;
}

export interface MarginHistoryPoint extends MarginPoint, MarginExtras {
  /** Since the point before; null at the first, where a part is unknown, and where nobody asked. */
  readonly change: MarginChangeAnswer | null;
  /** At a closing event: what it then did to the equity shown; the next point's change includes it. */
  readonly closing: MarginChangeAnswer | null;
}

export type Sampling = 'EVENTS' | 'ORACLE_UPDATES' | 'GRID';

export interface MarginHistory {
  readonly provenance: Provenance;
  readonly positionId: string;
  readonly account: string;
  readonly marketId: string;
  readonly marketSymbol: string | null;
  readonly side: Side;
  readonly sampling: Sampling;
  /** In chain order. When thinned, each bucket keeps the extremes of ratio, health, equity and distance. */
  readonly points: readonly MarginHistoryPoint[];
  /** Points before thinning. */
  readonly totalPoints: number;
  readonly isDownsampled: boolean;
  /** Every event of the position in the window, for markers. */
  readonly marks: readonly MarginHistoryMark[];
}

/** An owner's or keeper's action on the position, for markers. */
export interface MarginHistoryMark {
  readonly blockNumber: number;
  readonly timestamp: DateTime;
  readonly cause: string;
}

/** The answer of `marginAt`: a point with its provenance. */
export interface MarginAt extends MarginPoint, MarginExtras {
  readonly provenance: Provenance;
}

export interface Bucket {
  readonly valueUsd: Decimal;
  readonly count: number;
}

export type OracleMetric =
  | 'DELIVERY_DELAY'
  | 'UPDATE_INTERVAL'
  | 'AGE'
  | 'DEVIATION_AT_UPDATE'
  | 'CONFIDENCE_RATIO'
  | 'MIN_MAX_SPREAD';
export type OracleGroup = 'ALL' | 'FEED' | 'PROVIDER' | 'CHAIN' | 'HOUR' | 'VOL_REGIME';
/** UPDATE: each token's price counts. TRANSACTION: one value a price-posting transaction. */
export type OracleSample = 'UPDATE' | 'TRANSACTION';

/** Exact percentiles (linear between order statistics). Null below 10 ÷ (1 − p) samples. */
export interface LatencyStat {
  readonly metric: OracleMetric;
  /** 'seconds'; 'log-return' for DEVIATION_AT_UPDATE (absolute value); 'ratio'. */
  readonly unit: string;
  /** UPDATE_INTERVAL: 'PULL' where somebody needed each price, or 'PUSH'; else null. */
  readonly label: string | null;
  readonly n: number;
  readonly negativeCount: number;
  readonly mean: number | null;
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly p999: number | null;
  readonly max: number | null;
  /** Of each percentile that stands; none for AGE, whose moments are no independent samples. */
  readonly intervals: readonly QuantileInterval[];
  readonly bound: BoundCheck | null;
  readonly causes: WriteCauses | null;
  readonly caveats: readonly string[];
}

export interface HistogramBin {
  /** Delay in [lower, upper) seconds. */
  readonly lower: number;
  readonly upper: number;
  readonly count: number;
}

/** Share of samples with a delay above `seconds`. */
export interface SurvivalPoint {
  readonly seconds: number;
  readonly share: number;
}

export interface OracleLatencyGroup {
  /** 'all', `venue:token`, a provider, a chain id, an hour's start, 'CALM' or 'STRESS'. */
  readonly key: string;
  readonly label: string;
  readonly delivery: Delivery;
  readonly stats: readonly LatencyStat[];
  /** Of DELIVERY_DELAY. */
  readonly histogram: readonly HistogramBin[];
  readonly survival: readonly SurvivalPoint[];
}

export interface OracleLatency {
  readonly provenance: Provenance;
  /** Set when the question was about one market's tokens. */
  readonly marketId: string | null;
  readonly fromTime: DateTime;
  readonly toTime: DateTime;
  readonly groupBy: OracleGroup;
  readonly sample: OracleSample;
  readonly groups: readonly OracleLatencyGroup[];
}

export interface OracleFeed {
  readonly id: string;
  readonly venue: string;
  /** What is priced, in the oracle's or the venue's words; null when nobody names it. */
  readonly symbol: string | null;
  readonly token: Token;
  /** PULL: written when somebody needs the price. PUSH: by a keeper's schedule or deviation. */
  readonly kind: 'PULL' | 'PUSH';
  /** Updates whose log says when the price was observed: only they tell a latency. */
  readonly observedUpdates: number;
  /** The logs have a time, but it is the block's own: it says nothing about latency. */
  readonly timeIsBlockTime: boolean;
  readonly providers: readonly string[];
  readonly updates: number;
  readonly firstUpdateAt: DateTime;
  readonly lastUpdateAt: DateTime;
  readonly lastUpdateBlock: number;
  readonly lastObservedAt: DateTime | null;
  readonly lastPrice: PriceRangeAnswer;
}

export interface OracleFeeds {
  readonly provenance: Provenance;
  readonly feeds: readonly OracleFeed[];
}
