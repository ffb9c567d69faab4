-- Transactions of all pieces → transactions.parquet.
INSERT INTO FUNCTION file(
  {target:String}, 'Parquet',
  'block_number UInt64, transaction_index UInt64, hash String, `from` Nullable(String), `to` Nullable(String), status Nullable(UInt8), gas_used String, effective_gas_price String'
)
SELECT DISTINCT
  block_number,
  transaction_index,
  hash,
  `from`,
  `to`,
  status,
  concat('0x', if(gas_digits = '', '0', gas_digits)) AS canonical_gas_used,
  concat('0x', if(price_digits = '', '0', price_digits)) AS canonical_effective_gas_price
FROM (
  SELECT
    *,
    trim(LEADING '0' FROM substring(gas_used, 3)) AS gas_digits,
    trim(LEADING '0' FROM substring(effective_gas_price, 3)) AS price_digits
  FROM file(
    {source:String}, {format:String},
    'block_number UInt64, transaction_index UInt64, hash String, `from` Nullable(String), `to` Nullable(String), status Nullable(UInt8), gas_used String, effective_gas_price String'
  )
)
ORDER BY block_number, transaction_index
SETTINGS
  output_format_parquet_compression_method = 'zstd',
  output_format_parquet_row_group_size = 100000,
  max_bytes_before_external_sort = 500000000
