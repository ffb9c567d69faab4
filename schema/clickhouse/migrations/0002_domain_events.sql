-- Domain events: the facts, one table a kind. Hashes and addresses are lower-case 0x text, money is
-- the venue's own integer. `details` is JSON text with every other key of the log.
CREATE TABLE IF NOT EXISTS position_events
(
    type LowCardinality(String),
    position_key String,
    account String,
    market LowCardinality(String),
    collateral_token LowCardinality(String),
    is_long Bool,
    order_key String,
    order_type Nullable(UInt16),
    size_usd Int256,
    size_base Int256,
    collateral_raw Int256,
    size_delta_usd Int256,
    size_delta_base Int256,
    collateral_delta_raw Int256,
    execution_price Int256,
    index_price_min Int256,
    index_price_max Int256,
    collateral_price_min Int256,
    collateral_price_max Int256,
    realized_pnl_usd Int256,
    price_impact_usd Int256,
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

CREATE TABLE IF NOT EXISTS fee_events
(
    type LowCardinality(String),
    position_key String,
    order_key String,
    market LowCardinality(String),
    collateral_token LowCardinality(String),
    collateral_price_min Int256,
    position_fee_raw Int256,
    borrow_fee_raw Int256,
    borrow_fee_usd Int256,
    funding_fee_raw Int256,
    liquidation_fee_raw Int256,
    total_cost_raw Int256,
    remaining_cost_usd Int256,
    step LowCardinality(String),
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

CREATE TABLE IF NOT EXISTS order_events
(
    type LowCardinality(String),
    order_key String,
    account String,
    market LowCardinality(String),
    order_type Nullable(UInt16),
    secondary_order_type Nullable(UInt16),
    size_delta_usd Int256,
    requested_at Nullable(UInt64),
    reason String,
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

CREATE TABLE IF NOT EXISTS market_events
(
    type LowCardinality(String),
    market LowCardinality(String),
    token LowCardinality(String),
    is_long Nullable(Bool),
    delta Nullable(Int256),
    value Nullable(Int256),
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

CREATE TABLE IF NOT EXISTS oracle_updates
(
    token LowCardinality(String),
    provider LowCardinality(String),
    min_price Int256,
    max_price Int256,
    -- unix seconds; null where the event form carries no time of its own
    observed_at Nullable(Int64),
    -- block time minus observation time; signed, never clipped
    observation_lag_seconds Nullable(Int64),
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

CREATE TABLE IF NOT EXISTS parameter_changes
(
    market LowCardinality(String),
    name LowCardinality(String),
    value Nullable(Int256),
    value_text String,
    base_key String,
    key_data String,
    source LowCardinality(String),
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

-- Logs that should have been events and could not be read: reason and raw bytes (as hex text).
CREATE TABLE IF NOT EXISTS dead_letters
(
    reason String,
    address String,
    topics Array(String),
    data String,
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

