/** The three Parquet files of an archive and the columns each must have. */
export const ARCHIVE_FILES = {
  blocks: 'blocks.parquet',
  transactions: 'transactions.parquet',
  logs: 'logs.parquet',
} as const;

export type ArchiveTable = keyof typeof ARCHIVE_FILES;

/**
 * Column → ClickHouse type, in file order. Bytes and quantities are 0x hex text (quantities without
 * leading zeros), indexes and numbers are unsigned integers. `parent_hash` may be null: not recorded.
 */
export const ARCHIVE_COLUMNS: Readonly<Record<ArchiveTable, Readonly<Record<string, string>>>> = {
  blocks: {
    number: 'UInt64',
    hash: 'String',
    parent_hash: 'Nullable(String)',
    timestamp: 'String',
  },
  transactions: {
    block_number: 'UInt64',
    transaction_index: 'UInt64',
    hash: 'String',
    from: 'Nullable(String)',
    to: 'Nullable(String)',
    status: 'Nullable(UInt8)',
    gas_used: 'String',
    effective_gas_price: 'String',
  },
  logs: {
    block_number: 'UInt64',
    block_hash: 'String',
    transaction_hash: 'String',
    transaction_index: 'UInt64',
    log_index: 'UInt64',
    address: 'String',
    topic0: 'Nullable(String)',
    topic1: 'Nullable(String)',
    topic2: 'Nullable(String)',
    topic3: 'Nullable(String)',
    data: 'String',
    removed: 'Nullable(Bool)',
  },
};
