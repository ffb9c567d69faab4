-- What the statistics of oracle prices need of each feed and hour, so that a year of a feed is 8,760 rows and not
-- millions. Everything is a whole number and counted exactly: values in rising order beside how often each came. What lies
-- between two hours (an interval, a move, the age of the last price) is put together from the ends that rows keep.

-- One row a feed, delivery and hour of chain time in which it was updated, written at the end of the first block with
-- events after that hour: its place. Rolling back deletes by it; a hour that may still grow has no row.
CREATE TABLE IF NOT EXISTS oracle_hours
(
    token LowCardinality(String),
    delivery LowCardinality(String),
    hour_start UInt64 CODEC(Delta, ZSTD), -- unix seconds
    updates UInt32 CODEC(ZSTD),
    -- times of the first and last update, and seconds between blocks that updated the feed
    first_time UInt64 CODEC(Delta, ZSTD),
    last_time UInt64 CODEC(Delta, ZSTD),
    interval_values Array(UInt32) CODEC(ZSTD),
    interval_counts Array(UInt32) CODEC(ZSTD),
    -- block time minus observation time, of updates that have one; signed seconds
    delay_values Array(Int64) CODEC(ZSTD),
    delay_counts Array(UInt32) CODEC(ZSTD),
    -- age of the newest observation when a price came, and when the next one took its place; the last price of the hour
    -- has no end yet: its time and delay. 0 where no update has an observation
    first_observed_time UInt64 CODEC(Delta, ZSTD),
    last_observed_time UInt64 CODEC(Delta, ZSTD),
    last_observed_delay Int64 CODEC(ZSTD),
    age_start_values Array(Int64) CODEC(ZSTD),
    age_start_counts Array(UInt32) CODEC(ZSTD),
    age_end_values Array(Int64) CODEC(ZSTD),
    age_end_counts Array(UInt32) CODEC(ZSTD),
    -- min + max of the first and last price above 0, each the last of its block (0: there is none), and the moves between
    -- them: |ln(p / p before)| in units of 1e-7
    first_price Int256 CODEC(ZSTD),
    last_price Int256 CODEC(ZSTD),
    move_values Array(UInt64) CODEC(Delta, ZSTD),
    move_counts Array(UInt32) CODEC(ZSTD),
    -- (max - min) / middle of every price above 0, and confidence / price where an oracle states one: units of 1e-7
    spread_values Array(Int64) CODEC(Delta, ZSTD),
    spread_counts Array(UInt32) CODEC(ZSTD),
    confidence_values Array(UInt64) CODEC(Delta, ZSTD),
    confidence_counts Array(UInt32) CODEC(ZSTD),
    sub_index UInt16,
    block_timestamp UInt64 CODEC(Delta, ZSTD), -- of the block that ended the hour
    transaction_hash String, -- ''
    transaction_index UInt32,
    venue LowCardinality(String),
    block_number UInt64 CODEC(Delta, ZSTD),
    log_index UInt32,
    chain_id UInt64
)
ENGINE = MergeTree
ORDER BY (chain_id, venue, token, hour_start, delivery)
SETTINGS non_replicated_deduplication_window = 0, fsync_after_insert = 1, fsync_part_directory = 1,
    min_free_disk_bytes_to_perform_insert = 67108864, index_granularity = 512;
