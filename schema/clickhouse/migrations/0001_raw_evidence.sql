-- Evidence: what the chain gave, as bytes. Everything else can be rebuilt from these three tables.
-- Hashes, addresses, topics and data are binary (not hex): half the bytes, and decoded from bytes.
-- No insert de-duplication: a batch replayed after a trim must land again.
CREATE TABLE IF NOT EXISTS raw_logs
(
    chain_id UInt64,
    block_number UInt64 CODEC(Delta, ZSTD),
    log_index UInt32,
    transaction_index UInt32,
    transaction_hash FixedString(32),
    block_hash FixedString(32),
    address FixedString(20),
    topic0 String,
    topic1 String,
    topic2 String,
    topic3 String,
    data String CODEC(ZSTD(3))
)
ENGINE = MergeTree
ORDER BY (chain_id, block_number, log_index)
SETTINGS non_replicated_deduplication_window = 0, fsync_after_insert = 1, fsync_part_directory = 1,
    min_free_disk_bytes_to_perform_insert = 67108864;

CREATE TABLE IF NOT EXISTS blocks
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

CREATE TABLE IF NOT EXISTS transactions
(
    chain_id UInt64,
    block_number UInt64 CODEC(Delta, ZSTD),
    transaction_index UInt32,
    transaction_hash FixedString(32),
    from_address String,
    to_address String,
    status UInt8,
    gas_used UInt256,
    effective_gas_price UInt256
)
ENGINE = MergeTree
ORDER BY (chain_id, block_number, transaction_index)
SETTINGS non_replicated_deduplication_window = 0, fsync_after_insert = 1, fsync_part_directory = 1,
    min_free_disk_bytes_to_perform_insert = 67108864;
