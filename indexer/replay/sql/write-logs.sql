-- Logs of all pieces → logs.parquet.
INSERT INTO FUNCTION file(
  {target:String}, 'Parquet',
  'block_number UInt64, block_hash String, transaction_hash String, transaction_index UInt64, log_index UInt64, address String, topic0 Nullable(String), topic1 Nullable(String), topic2 Nullable(String), topic3 Nullable(String), data String, removed Nullable(Bool)'
)
SELECT
  block_number,
  block_hash,
  transaction_hash,
  transaction_index,
  log_index,
  address,
  topic0,
  topic1,
  topic2,
  topic3,
  data,
  removed
FROM file(
  {source:String}, {format:String},
  'block_number UInt64, block_hash String, transaction_hash String, transaction_index UInt64, log_index UInt64, address String, topic0 Nullable(String), topic1 Nullable(String), topic2 Nullable(String), topic3 Nullable(String), data String, removed Nullable(Bool)'
)
ORDER BY block_number, log_index
SETTINGS
  output_format_parquet_compression_method = 'zstd',
  output_format_parquet_row_group_size = 20000,
  max_bytes_before_external_sort = 500000000
