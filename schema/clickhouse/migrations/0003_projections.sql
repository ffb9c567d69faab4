-- Projections: state after each event. A row holds from its place until the next row of its key;
-- the end of that interval is computed at read time (view position_intervals), so that rolling back
-- stays "delete rows above B, nothing else". `state` is the venue's whole fold state as text.
CREATE TABLE IF NOT EXISTS position_states
(
    position_key String,
    life UInt32,
    status LowCardinality(String), -- OPEN, CLOSED, LIQUIDATED
    cause LowCardinality(String), -- OPEN, INCREASE, DECREASE, MARGIN_ADD, MARGIN_REMOVE, CLOSE, LIQUIDATION, ADL
    account String,
    market LowCardinality(String),
    collateral_token LowCardinality(String),
    is_long Bool,
    size_usd Int256,
    size_base Int256,
    collateral_raw Int256,
    opened_at UInt64,
    opened_block UInt64,
    state String CODEC(ZSTD(3)),
    sub_index UInt16,
    block_timestamp UInt64 CODEC(Delta, ZSTD),
    transaction_hash String,
    transaction_index UInt32,
    venue LowCardinality(String),
    block_number UInt64 CODEC(Delta, ZSTD),
    log_index UInt32,
    chain_id UInt64
)
ENGINE = MergeTree
ORDER BY (chain_id, block_number, log_index, sub_index)
SETTINGS non_replicated_deduplication_window = 0, fsync_after_insert = 1, fsync_part_directory = 1,
    min_free_disk_bytes_to_perform_insert = 67108864;

-- One row a market and block in which it changed: the state after the block.
CREATE TABLE IF NOT EXISTS market_states
(
    market LowCardinality(String),
    index_token String,
    long_token String,
    short_token String,
    open_interest_long_usd Int256,
    open_interest_short_usd Int256,
    open_interest_long_base Int256,
    open_interest_short_base Int256,
    pool_amount_long Int256,
    pool_amount_short Int256,
    state String CODEC(ZSTD(3)),
    sub_index UInt16,
    block_timestamp UInt64 CODEC(Delta, ZSTD),
    transaction_hash String,
    transaction_index UInt32,
    venue LowCardinality(String),
    block_number UInt64 CODEC(Delta, ZSTD),
    log_index UInt32,
    chain_id UInt64
)
ENGINE = MergeTree
ORDER BY (chain_id, block_number, log_index, sub_index)
SETTINGS non_replicated_deduplication_window = 0, fsync_after_insert = 1, fsync_part_directory = 1,
    min_free_disk_bytes_to_perform_insert = 67108864;

-- Open interest per market and side after each block that changed it: the protocol's own counter
-- beside the sum over our positions. `residual` columns must be 0: that is the proof of completeness.
CREATE TABLE IF NOT EXISTS open_interest
(
    market LowCardinality(String),
    is_long Bool,
    protocol_usd Int256,
    protocol_base Int256,
    positions_usd Int256,
    positions_base Int256,
    open_positions UInt32,
    sub_index UInt16,
    block_timestamp UInt64 CODEC(Delta, ZSTD),
    transaction_hash String,
    transaction_index UInt32,
    venue LowCardinality(String),
    block_number UInt64 CODEC(Delta, ZSTD),
    log_index UInt32,
    chain_id UInt64
)
ENGINE = MergeTree
ORDER BY (chain_id, block_number, log_index, sub_index)
SETTINGS non_replicated_deduplication_window = 0, fsync_after_insert = 1, fsync_part_directory = 1,
    min_free_disk_bytes_to_perform_insert = 67108864;

CREATE TABLE IF NOT EXISTS liquidations
(
    cause LowCardinality(String), -- LIQUIDATION, ADL
    position_key String,
    life UInt32,
    account String,
    market LowCardinality(String),
    collateral_token LowCardinality(String),
    is_long Bool,
    order_key String,
    liquidator String, -- sender of the transaction
    -- state just before
    size_usd Int256,
    size_base Int256,
    collateral_raw Int256,
    -- what was closed (an ADL may be partial)
    size_delta_usd Int256,
    size_delta_base Int256,
    execution_price Int256,
    index_price_min Int256,
    index_price_max Int256,
    collateral_price_min Int256,
    collateral_price_max Int256,
    realized_pnl_usd Int256,
    price_impact_usd Int256,
    position_fee_raw Int256,
    borrow_fee_raw Int256,
    funding_fee_raw Int256,
    -- liquidation fee, in collateral base units and in USD at the collateral's min price
    penalty_raw Int256,
    penalty_usd Int256,
    is_insolvent Bool,
    insolvent_step LowCardinality(String),
    bad_debt_usd Int256,
    -- observation time and lag of the index price the closing used
    price_observed_at Nullable(Int64),
    price_observation_lag_seconds Nullable(Int64),
    details String CODEC(ZSTD(3)),
    sub_index UInt16,
    block_timestamp UInt64 CODEC(Delta, ZSTD),
    transaction_hash String,
    transaction_index UInt32,
    venue LowCardinality(String),
    block_number UInt64 CODEC(Delta, ZSTD),
    log_index UInt32,
    chain_id UInt64
)
ENGINE = MergeTree
ORDER BY (chain_id, block_number, log_index, sub_index)
SETTINGS non_replicated_deduplication_window = 0, fsync_after_insert = 1, fsync_part_directory = 1,
    min_free_disk_bytes_to_perform_insert = 67108864;

CREATE VIEW IF NOT EXISTS position_intervals AS
SELECT
    *,
    leadInFrame(block_number, 1, 18446744073709551615) OVER life_order AS until_block,
    leadInFrame(block_timestamp, 1, 18446744073709551615) OVER life_order AS until_timestamp
FROM position_states
WINDOW life_order AS (
    PARTITION BY chain_id, venue, position_key
    ORDER BY block_number ASC, log_index ASC, sub_index ASC
    ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
);
