-- Following the head: what the chain may still replace, and what each indexer says of itself.

-- Header of every block that may still be replaced, with or without logs, as it was when its logs
-- landed: a reorg shows only by comparing hashes. A window, not evidence: rows go when their block
-- is final, so no digest covers this table. Trimmed and rolled back like the evidence tables.
CREATE TABLE IF NOT EXISTS reversible_blocks
(
    chain_id UInt64,
    block_number UInt64 CODEC(Delta, ZSTD),
    block_hash FixedString(32),
    parent_hash FixedString(32),
    block_timestamp UInt64 CODEC(Delta, ZSTD)
)
ENGINE = MergeTree
ORDER BY (chain_id, block_number)
SETTINGS non_replicated_deduplication_window = 0, fsync_after_insert = 1, fsync_part_directory = 1,
    min_free_disk_bytes_to_perform_insert = 67108864;

-- One row whenever an indexer's state changes, and every few seconds while it runs: the newest row
-- of a chain holds. Finality is counted down from `source_height` by the two depths.
CREATE TABLE IF NOT EXISTS indexer_states
(
    state LowCardinality(String), -- CATCHING_UP, FOLLOWING, RETRYING, REBUILDING, STOPPED, FAILED
    source_height UInt64, -- highest block the source has shown
    safe_depth UInt32, -- blocks at least this far below the source's height count as SAFE
    finality_depth UInt32, -- and these as FINAL: nothing of them is replaced any more
    fault String, -- what RETRYING waits out and FAILED ended by; '' otherwise
    failing_since Nullable(DateTime64(3, 'UTC')),
    writer String, -- host:pid of the indexer
    recorded_at DateTime64(3, 'UTC'),
    chain_id UInt64
)
ENGINE = MergeTree
ORDER BY (chain_id, recorded_at)
TTL toDateTime(recorded_at) + INTERVAL 30 DAY DELETE WHERE state IN ('CATCHING_UP', 'FOLLOWING')
SETTINGS non_replicated_deduplication_window = 0, fsync_after_insert = 1, fsync_part_directory = 1,
    min_free_disk_bytes_to_perform_insert = 67108864;

-- Who may write a chain where several processes reach the database: the oldest claim that is neither
-- released nor expired. A row when it is claimed, one every few seconds while it is held, one when it
-- is given back; times by the server's clock.
CREATE TABLE IF NOT EXISTS writer_leases
(
    lease_id String, -- of one claim, made up by the writer
    holder String, -- host:pid
    machine String, -- within it process ids can be compared
    pid UInt32,
    seen_at DateTime64(3, 'UTC'),
    is_released Bool,
    chain_id UInt64
)
ENGINE = MergeTree
ORDER BY (chain_id, seen_at)
TTL toDateTime(seen_at) + INTERVAL 1 DAY
SETTINGS non_replicated_deduplication_window = 0;
