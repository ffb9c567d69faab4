-- The indexer's own history. A batch becomes visible by its one row in `commits`: readers never see
-- past the last commit of stage 'project', and a start trims what lies above the last commit.
CREATE TABLE IF NOT EXISTS sources
(
    chain_id UInt64,
    chain LowCardinality(String), -- with chain_id it names the source
    is_synthetic Bool,
    name String,
    description String,
    provenance String,
    first_block UInt64,
    -- manifest of the archive as JSON, '' for a live chain
    manifest String CODEC(ZSTD(3)),
    recorded_at DateTime64(3, 'UTC')
)
ENGINE = MergeTree
ORDER BY (chain_id)
SETTINGS non_replicated_deduplication_window = 0, fsync_after_insert = 1, fsync_part_directory = 1,
    min_free_disk_bytes_to_perform_insert = 67108864;

CREATE TABLE IF NOT EXISTS commits
(
    stage LowCardinality(String), -- land, project
    from_block UInt64,
    to_block UInt64, -- inclusive
    last_block_hash String,
    last_block_timestamp UInt64,
    row_counts Map(String, UInt64),
    method String, -- decoder and rules versions that made the rows
    committed_at DateTime64(3, 'UTC'),
    chain_id UInt64
)
ENGINE = MergeTree
ORDER BY (chain_id, stage, to_block)
SETTINGS non_replicated_deduplication_window = 0, fsync_after_insert = 1, fsync_part_directory = 1,
    min_free_disk_bytes_to_perform_insert = 67108864;

CREATE TABLE IF NOT EXISTS rollbacks
(
    to_block UInt64, -- last block kept
    depth UInt64,
    reason String,
    rolled_back_at DateTime64(3, 'UTC'),
    chain_id UInt64
)
ENGINE = MergeTree
ORDER BY (chain_id, rolled_back_at)
SETTINGS non_replicated_deduplication_window = 0, fsync_after_insert = 1, fsync_part_directory = 1,
    min_free_disk_bytes_to_perform_insert = 67108864;
