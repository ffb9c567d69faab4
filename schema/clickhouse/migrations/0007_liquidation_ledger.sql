-- Where positions would be liquidated, kept like a ledger: what stands at a block is the sum of `sign` times a
-- measure over all rows up to it, so a map or a heatmap is sums, not a judgement of every position.

-- A row with sign 1 gives a position a level, one with sign -1 takes the level away that it had (all its other columns
-- repeat those of the row that gave it). A position has at most one of each in a block: levels are those of the
-- block's end, by the venue's own rules. Between its own events a level is looked at again once an hour of chain
-- time, and rows are written when its cell or placement is another (DRIFT: fees, pool, parameters).
CREATE TABLE IF NOT EXISTS liquidation_levels
(
    sign Int8,
    cause LowCardinality(String), -- CREATED, MOVED, CLOSED, LIQUIDATED, DRIFT
    -- LEVEL; NONE: no price liquidates it; UNKNOWN: a price or parameter that its rules need is missing
    placement LowCardinality(String),
    position_key String,
    life UInt32,
    account String,
    market LowCardinality(String),
    collateral_token LowCardinality(String),
    is_long Bool,
    cell Int32, -- base cell of the price lattice (margin/price-lattice.ts); 0 without a level
    liquidation_price Int256, -- with the decimals of the index feed; 0 without a level
    level_notional Int256, -- size_base x liquidation_price, with the decimals of both; 0 without a level
    notional_usd Int256, -- as the venue's test counts it, when the level was made; 0 where UNKNOWN
    collateral_usd Int256, -- as above
    size_usd Int256,
    size_base Int256,
    opened_at UInt64,
    sub_index UInt16,
    block_timestamp UInt64 CODEC(Delta, ZSTD),
    transaction_hash String, -- '' for DRIFT
    transaction_index UInt32,
    venue LowCardinality(String),
    block_number UInt64 CODEC(Delta, ZSTD),
    log_index UInt32,
    chain_id UInt64
)
ENGINE = MergeTree
ORDER BY (chain_id, venue, market, block_number, position_key, sign)
SETTINGS non_replicated_deduplication_window = 0, fsync_after_insert = 1, fsync_part_directory = 1,
    min_free_disk_bytes_to_perform_insert = 67108864;

-- How the margins of a market's open positions were spread at the end of a block, once an hour of chain time: both sides
-- together and each by itself. `spread` is margin/margin-spread.ts as text.
CREATE TABLE IF NOT EXISTS margin_spreads
(
    market LowCardinality(String),
    side LowCardinality(String), -- LONG, SHORT, or '' for both
    spread String CODEC(ZSTD(3)),
    sub_index UInt16,
    block_timestamp UInt64 CODEC(Delta, ZSTD),
    transaction_hash String, -- ''
    transaction_index UInt32,
    venue LowCardinality(String),
    block_number UInt64 CODEC(Delta, ZSTD),
    log_index UInt32,
    chain_id UInt64
)
ENGINE = MergeTree
ORDER BY (chain_id, venue, market, block_number, side)
SETTINGS non_replicated_deduplication_window = 0, fsync_after_insert = 1, fsync_part_directory = 1,
    min_free_disk_bytes_to_perform_insert = 67108864;
