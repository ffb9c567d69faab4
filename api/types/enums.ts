import { builder } from '../builder.ts';

export const SideEnum = builder.enumType('Side', { values: ['LONG', 'SHORT'] as const });

export const BasisEnum = builder.enumType('Basis', {
  values: {
    OBSERVED: { description: 'A field of an event.' },
    DERIVED: { description: 'Follows from events by the rules of the venue.' },
    MODELED: { description: 'Needs an assumption; the caveats say which.' },
  } as const,
});

export const FinalityEnum = builder.enumType('Finality', {
  description: 'How sure it is that the chain keeps a block.',
  values: {
    HEAD: { description: 'May still be replaced, or nothing is known of it.' },
    SAFE: { description: 'So deep that its chain has rarely replaced one.' },
    FINAL: { description: 'Never replaced any more; all of a recorded archive.' },
  } as const,
});

export const PositionStatusEnum = builder.enumType('PositionStatus', {
  values: ['OPEN', 'CLOSED', 'LIQUIDATED'] as const,
});

export const LiquidationCauseEnum = builder.enumType('LiquidationCause', {
  values: {
    LIQUIDATION: { description: 'Closed by the liquidation rule.' },
    ADL: { description: 'Closed, whole or in part, by auto-deleveraging of a profitable side.' },
  } as const,
});

export const SamplingEnum = builder.enumType('Sampling', {
  values: {
    EVENTS: { description: 'At each event of the position; a closing shows the state before it.' },
    ORACLE_UPDATES: { description: 'The events, and each block with a new price of the market.' },
    GRID: { description: 'Every `interval`.' },
  } as const,
});

export const VolatilityWindowEnum = builder.enumType('VolatilityWindow', {
  description: 'Memory τ of the EWMA: a return so old weighs 1/e of a new one.',
  values: ['TEN_MINUTES', 'ONE_HOUR', 'ONE_DAY'] as const,
});

export const CellWidthEnum = builder.enumType('CellWidth', {
  description: 'Width of a lattice cell; a coarser cell is an exact sum of finer ones.',
  values: ['BPS_5', 'BPS_10', 'BPS_25', 'BPS_50', 'BPS_100'] as const,
});

export const LevelSourceEnum = builder.enumType('LevelSource', {
  description: 'Where liquidation levels come from.',
  values: {
    JUDGED: { description: 'Every open position judged at the instant: exact, and bounded.' },
    LEDGER: {
      description:
        'Sums over the ledger of levels: of any size; levels as of the last event or full hour.',
    },
  } as const,
});

export const MassMeasureEnum = builder.enumType('MassMeasure', {
  values: {
    NOTIONAL_AT_LIQUIDATION: { description: 'Size at its liquidation price.' },
    NOTIONAL_NOW: { description: 'Size at the price in force.' },
    COLLATERAL: { description: 'Collateral at the price in force.' },
    EQUITY_AT_RISK: { description: 'Equity at the price in force, not below 0.' },
    COUNT: { description: 'Read count; valueUsd is as NOTIONAL_AT_LIQUIDATION.' },
  } as const,
});

export const HeatmapLayerEnum = builder.enumType('HeatmapLayer', {
  values: {
    REALIZED: { description: 'What was liquidated in the column, by trigger price.' },
    PROSPECTIVE: { description: 'What would be liquidated where, at the end of the column.' },
    CREATED: { description: 'Levels of positions opened in the column.' },
    MOVED_IN: { description: 'Levels that changes of open positions made in the column.' },
    MOVED_OUT: { description: 'Levels that such changes took away.' },
    CLOSED: {
      description: 'Levels of positions that their owners closed, or that were auto-deleveraged.',
    },
    LIQUIDATED: { description: 'Levels of positions liquidated, where the levels stood.' },
    DRIFT: { description: 'Levels that fees, pools or parameters moved: in less out, so signed.' },
  } as const,
});

export const OracleMetricEnum = builder.enumType('OracleMetric', {
  values: {
    DELIVERY_DELAY: { description: 'Block time minus observation time.' },
    UPDATE_INTERVAL: { description: 'Time between updates.' },
    AGE: { description: 'Age of the newest price, weighted by time.' },
    DEVIATION_AT_UPDATE: { description: 'Size of the move at an update, |ln(p / previous p)|.' },
    CONFIDENCE_RATIO: { description: "The oracle's own confidence over its price (Pyth)." },
    MIN_MAX_SPREAD: { description: '(max − min) ÷ middle, where an oracle logs both (GMX V2).' },
  } as const,
});

export const OracleGroupEnum = builder.enumType('OracleGroup', {
  description: 'Push and pull feeds are groups of their own, whatever else they are grouped by.',
  values: ['ALL', 'FEED', 'PROVIDER', 'CHAIN', 'HOUR', 'VOL_REGIME'] as const,
});

export const OracleSampleEnum = builder.enumType('OracleSample', {
  values: {
    UPDATE: { description: "Each token's price counts." },
    TRANSACTION: { description: 'One value a transaction that posted prices: its oldest.' },
  } as const,
});

export const PositionOrderEnum = builder.enumType('PositionOrder', {
  values: ['OPENED_AT', 'UPDATED_AT', 'SIZE_USD'] as const,
});

export const LiquidationOrderEnum = builder.enumType('LiquidationOrder', {
  values: ['TIME', 'SIZE_USD', 'PENALTY_USD', 'BAD_DEBT_USD'] as const,
});

export const DirectionEnum = builder.enumType('Direction', { values: ['ASC', 'DESC'] as const });

export const IndexerStateEnum = builder.enumType('IndexerState', {
  values: {
    CATCHING_UP: { description: 'Reading the past, far behind the head of the chain.' },
    FOLLOWING: { description: 'At the head, taking each new block.' },
    RETRYING: { description: 'Waiting out a fault of the source or the database.' },
    REBUILDING: { description: 'Making all facts again from the raw logs.' },
    STOPPED: { description: 'Ended as it was told to.' },
    FAILED: { description: 'Ended by a fault that a person must look at.' },
  } as const,
});
