-- The tables of facts in the order in which they are asked: a price by its feed, an event by its position, a counter by
-- its market, each in the order of the chain. What lies above a block is found by the least and the greatest block of
-- each granule. Columns are those of before; only their codecs are new.

-- A migration that is killed runs again from its first statement. So a copy that is there is always dropped first: until
-- the exchange it may be half, behind it it is the old table, and the other one is whole at any moment.

-- One feed's prices are read together; a time window over all feeds is found by the index of times.
DROP TABLE IF EXISTS oracle_updates_sorted SYNC;
CREATE TABLE IF NOT EXISTS oracle_updates_sorted
(
    token LowCardinality(String),
    symbol LowCardinality(String),
    provider LowCardinality(String),
    min_price Int256 CODEC(ZSTD),
    max_price Int256 CODEC(ZSTD),
    price_decimals Nullable(UInt8),
    delivery LowCardinality(String) DEFAULT 'PULL',
    observed_at Nullable(Int64) CODEC(Delta, ZSTD),
    observation_lag_seconds Nullable(Int64) CODEC(ZSTD),
    time_is_block_time Bool,
    details String CODEC(ZSTD(3)),
    sub_index UInt16,
    block_timestamp UInt64 CODEC(Delta, ZSTD),
    transaction_hash String CODEC(ZSTD),
    transaction_index UInt32 CODEC(ZSTD),
    venue LowCardinality(String),
    block_number UInt64 CODEC(Delta, ZSTD),
    log_index UInt32 CODEC(ZSTD),
    chain_id UInt64,
    INDEX block_range block_number TYPE minmax GRANULARITY 1,
    INDEX time_range block_timestamp TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
ORDER BY (chain_id, venue, token, block_number, log_index, sub_index)
SETTINGS non_replicated_deduplication_window = 0, fsync_after_insert = 1, fsync_part_directory = 1,
    min_free_disk_bytes_to_perform_insert = 67108864;
INSERT INTO oracle_updates_sorted SELECT * FROM oracle_updates;
EXCHANGE TABLES oracle_updates AND oracle_updates_sorted;
DROP TABLE IF EXISTS oracle_updates_sorted SYNC;

-- Everything about one position lies together, in the order in which it happened. Marks stand closer than usual: most
-- questions are about one position, and a position has tens of rows.
DROP TABLE IF EXISTS position_events_sorted SYNC;
CREATE TABLE IF NOT EXISTS position_events_sorted
(
    type LowCardinality(String),
    position_key String CODEC(ZSTD),
    account String CODEC(ZSTD),
    market LowCardinality(String),
    collateral_token LowCardinality(String),
    is_long Bool,
    order_key String CODEC(ZSTD),
    order_type Nullable(UInt16),
    size_usd Int256 CODEC(ZSTD),
    size_base Int256 CODEC(ZSTD),
    collateral_raw Int256 CODEC(ZSTD),
    size_delta_usd Int256 CODEC(ZSTD),
    size_delta_base Int256 CODEC(ZSTD),
    collateral_delta_raw Int256 CODEC(ZSTD),
    execution_price Int256 CODEC(ZSTD),
    index_price_min Int256 CODEC(ZSTD),
    index_price_max Int256 CODEC(ZSTD),
    collateral_price_min Int256 CODEC(ZSTD),
    collateral_price_max Int256 CODEC(ZSTD),
    realized_pnl_usd Int256 CODEC(ZSTD),
    price_impact_usd Int256 CODEC(ZSTD),
    details String CODEC(ZSTD(3)),
    sub_index UInt16,
    block_timestamp UInt64 CODEC(Delta, ZSTD),
    transaction_hash String CODEC(ZSTD),
    transaction_index UInt32 CODEC(ZSTD),
    venue LowCardinality(String),
    block_number UInt64 CODEC(Delta, ZSTD),
    log_index UInt32 CODEC(ZSTD),
    chain_id UInt64,
    INDEX block_range block_number TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
ORDER BY (chain_id, venue, position_key, block_number, log_index, sub_index)
SETTINGS non_replicated_deduplication_window = 0, fsync_after_insert = 1, fsync_part_directory = 1,
    min_free_disk_bytes_to_perform_insert = 67108864, index_granularity = 1024;
INSERT INTO position_events_sorted SELECT * FROM position_events;
EXCHANGE TABLES position_events AND position_events_sorted;
DROP TABLE IF EXISTS position_events_sorted SYNC;

DROP TABLE IF EXISTS fee_events_sorted SYNC;
CREATE TABLE IF NOT EXISTS fee_events_sorted
(
    type LowCardinality(String),
    position_key String CODEC(ZSTD),
    order_key String CODEC(ZSTD),
    market LowCardinality(String),
    collateral_token LowCardinality(String),
    collateral_price_min Int256 CODEC(ZSTD),
    position_fee_raw Int256 CODEC(ZSTD),
    borrow_fee_raw Int256 CODEC(ZSTD),
    borrow_fee_usd Int256 CODEC(ZSTD),
    funding_fee_raw Int256 CODEC(ZSTD),
    liquidation_fee_raw Int256 CODEC(ZSTD),
    total_cost_raw Int256 CODEC(ZSTD),
    remaining_cost_usd Int256 CODEC(ZSTD),
    step LowCardinality(String),
    details String CODEC(ZSTD(3)),
    sub_index UInt16,
    block_timestamp UInt64 CODEC(Delta, ZSTD),
    transaction_hash String CODEC(ZSTD),
    transaction_index UInt32 CODEC(ZSTD),
    venue LowCardinality(String),
    block_number UInt64 CODEC(Delta, ZSTD),
    log_index UInt32 CODEC(ZSTD),
    chain_id UInt64,
    INDEX block_range block_number TYPE minmax GRANULARITY 1,
    INDEX orders order_key TYPE bloom_filter GRANULARITY 1
)
ENGINE = MergeTree
ORDER BY (chain_id, venue, position_key, block_number, log_index, sub_index)
SETTINGS non_replicated_deduplication_window = 0, fsync_after_insert = 1, fsync_part_directory = 1,
    min_free_disk_bytes_to_perform_insert = 67108864, index_granularity = 1024;
INSERT INTO fee_events_sorted SELECT * FROM fee_events;
EXCHANGE TABLES fee_events AND fee_events_sorted;
DROP TABLE IF EXISTS fee_events_sorted SYNC;

DROP TABLE IF EXISTS position_states_sorted SYNC;
CREATE TABLE IF NOT EXISTS position_states_sorted
(
    position_key String CODEC(ZSTD),
    life UInt32 CODEC(ZSTD),
    status LowCardinality(String),
    cause LowCardinality(String),
    account String CODEC(ZSTD),
    market LowCardinality(String),
    collateral_token LowCardinality(String),
    is_long Bool,
    size_usd Int256 CODEC(ZSTD),
    size_base Int256 CODEC(ZSTD),
    collateral_raw Int256 CODEC(ZSTD),
    opened_at UInt64 CODEC(ZSTD),
    opened_block UInt64 CODEC(ZSTD),
    state String CODEC(ZSTD(3)),
    sub_index UInt16,
    block_timestamp UInt64 CODEC(Delta, ZSTD),
    transaction_hash String CODEC(ZSTD),
    transaction_index UInt32 CODEC(ZSTD),
    venue LowCardinality(String),
    block_number UInt64 CODEC(Delta, ZSTD),
    log_index UInt32 CODEC(ZSTD),
    chain_id UInt64,
    INDEX block_range block_number TYPE minmax GRANULARITY 1,
    INDEX accounts account TYPE bloom_filter GRANULARITY 1
)
ENGINE = MergeTree
ORDER BY (chain_id, venue, position_key, block_number, log_index, sub_index)
SETTINGS non_replicated_deduplication_window = 0, fsync_after_insert = 1, fsync_part_directory = 1,
    min_free_disk_bytes_to_perform_insert = 67108864, index_granularity = 1024;
INSERT INTO position_states_sorted SELECT * FROM position_states;
EXCHANGE TABLES position_states AND position_states_sorted;
DROP TABLE IF EXISTS position_states_sorted SYNC;

-- A market's history lies together, each counter of it by itself.
DROP TABLE IF EXISTS market_events_sorted SYNC;
CREATE TABLE IF NOT EXISTS market_events_sorted
(
    type LowCardinality(String),
    market LowCardinality(String),
    token LowCardinality(String),
    is_long Nullable(Bool),
    delta Nullable(Int256) CODEC(ZSTD),
    value Nullable(Int256) CODEC(ZSTD),
    details String CODEC(ZSTD(3)),
    sub_index UInt16,
    block_timestamp UInt64 CODEC(Delta, ZSTD),
    transaction_hash String CODEC(ZSTD),
    transaction_index UInt32 CODEC(ZSTD),
    venue LowCardinality(String),
    block_number UInt64 CODEC(Delta, ZSTD),
    log_index UInt32 CODEC(ZSTD),
    chain_id UInt64,
    INDEX block_range block_number TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
ORDER BY (chain_id, venue, type, market, token, block_number, log_index, sub_index)
SETTINGS non_replicated_deduplication_window = 0, fsync_after_insert = 1, fsync_part_directory = 1,
    min_free_disk_bytes_to_perform_insert = 67108864;
INSERT INTO market_events_sorted SELECT * FROM market_events;
EXCHANGE TABLES market_events AND market_events_sorted;
DROP TABLE IF EXISTS market_events_sorted SYNC;

DROP TABLE IF EXISTS market_states_sorted SYNC;
CREATE TABLE IF NOT EXISTS market_states_sorted
(
    market LowCardinality(String),
    index_token String CODEC(ZSTD),
    long_token String CODEC(ZSTD),
    short_token String CODEC(ZSTD),
    open_interest_long_usd Int256 CODEC(ZSTD),
    open_interest_short_usd Int256 CODEC(ZSTD),
    open_interest_long_base Int256 CODEC(ZSTD),
    open_interest_short_base Int256 CODEC(ZSTD),
    pool_amount_long Int256 CODEC(ZSTD),
    pool_amount_short Int256 CODEC(ZSTD),
    state String CODEC(ZSTD(3)),
    sub_index UInt16,
    block_timestamp UInt64 CODEC(Delta, ZSTD),
    transaction_hash String CODEC(ZSTD),
    transaction_index UInt32 CODEC(ZSTD),
    venue LowCardinality(String),
    block_number UInt64 CODEC(Delta, ZSTD),
    log_index UInt32 CODEC(ZSTD),
    chain_id UInt64,
    INDEX block_range block_number TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
ORDER BY (chain_id, venue, market, block_number, log_index, sub_index)
SETTINGS non_replicated_deduplication_window = 0, fsync_after_insert = 1, fsync_part_directory = 1,
    min_free_disk_bytes_to_perform_insert = 67108864;
INSERT INTO market_states_sorted SELECT * FROM market_states;
EXCHANGE TABLES market_states AND market_states_sorted;
DROP TABLE IF EXISTS market_states_sorted SYNC;

DROP TABLE IF EXISTS open_interest_sorted SYNC;
CREATE TABLE IF NOT EXISTS open_interest_sorted
(
    market LowCardinality(String),
    is_long Bool,
    protocol_usd Nullable(Int256) CODEC(ZSTD),
    protocol_base Nullable(Int256) CODEC(ZSTD),
    positions_usd Int256 CODEC(ZSTD),
    positions_base Int256 CODEC(ZSTD),
    protocol_skew_base Nullable(Int256) CODEC(ZSTD),
    positions_skew_base Int256 CODEC(ZSTD),
    open_positions UInt32 CODEC(ZSTD),
    sub_index UInt16,
    block_timestamp UInt64 CODEC(Delta, ZSTD),
    transaction_hash String CODEC(ZSTD),
    transaction_index UInt32 CODEC(ZSTD),
    venue LowCardinality(String),
    block_number UInt64 CODEC(Delta, ZSTD),
    log_index UInt32 CODEC(ZSTD),
    chain_id UInt64,
    INDEX block_range block_number TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
ORDER BY (chain_id, venue, market, is_long, block_number, log_index, sub_index)
SETTINGS non_replicated_deduplication_window = 0, fsync_after_insert = 1, fsync_part_directory = 1,
    min_free_disk_bytes_to_perform_insert = 67108864;
INSERT INTO open_interest_sorted SELECT * FROM open_interest;
EXCHANGE TABLES open_interest AND open_interest_sorted;
DROP TABLE IF EXISTS open_interest_sorted SYNC;

DROP TABLE IF EXISTS parameter_changes_sorted SYNC;
CREATE TABLE IF NOT EXISTS parameter_changes_sorted
(
    market LowCardinality(String),
    name LowCardinality(String),
    value Nullable(Int256) CODEC(ZSTD),
    value_text String CODEC(ZSTD),
    base_key String CODEC(ZSTD),
    key_data String CODEC(ZSTD),
    source LowCardinality(String),
    sub_index UInt16,
    block_timestamp UInt64 CODEC(Delta, ZSTD),
    transaction_hash String CODEC(ZSTD),
    transaction_index UInt32 CODEC(ZSTD),
    venue LowCardinality(String),
    block_number UInt64 CODEC(Delta, ZSTD),
    log_index UInt32 CODEC(ZSTD),
    chain_id UInt64,
    INDEX block_range block_number TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
ORDER BY (chain_id, venue, market, name, block_number, log_index, sub_index)
SETTINGS non_replicated_deduplication_window = 0, fsync_after_insert = 1, fsync_part_directory = 1,
    min_free_disk_bytes_to_perform_insert = 67108864;
INSERT INTO parameter_changes_sorted SELECT * FROM parameter_changes;
EXCHANGE TABLES parameter_changes AND parameter_changes_sorted;
DROP TABLE IF EXISTS parameter_changes_sorted SYNC;
