-- Headers of all pieces → blocks.parquet. DISTINCT: a header may come with two pieces.
INSERT INTO FUNCTION file(
  {target:String}, 'Parquet',
  'number UInt64, hash String, parent_hash Nullable(String), timestamp String'
)
SELECT DISTINCT
  number,
  hash,
  parent_hash,
  concat('0x', if(digits = '', '0', digits)) AS canonical_timestamp
FROM (
  SELECT *, trim(LEADING '0' FROM substring(timestamp, 3)) AS digits
  FROM file(
    {source:String}, {format:String},
    'number UInt64, hash String, parent_hash Nullable(String), timestamp String'
  )
)
ORDER BY number
SETTINGS
  output_format_parquet_compression_method = 'zstd',
  output_format_parquet_row_group_size = 100000,
  max_bytes_before_external_sort = 500000000
