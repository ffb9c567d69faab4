import type { CheckedInsert, RowSource } from '../../schema/clickhouse/database.ts';
import type { ParquetRange } from '../source/log-source.ts';
import type { EvidenceTable } from './event-store.ts';

/**
 * How the binary columns of HyperSync's Parquet files (`hexOutput: 'NoEncode'`, client 1.3.0)
 * become evidence rows. Every file column is taken as nullable, so that a missing one fails the
 * check instead of landing as zeros. Quantities are big-endian bytes without leading zeros.
 */
interface Landing {
  readonly structure: string;
  /** Column of ours → expression over the file. */
  readonly columns: Readonly<Record<string, string>>;
  /** Must hold on every row. */
  readonly check: string;
}

const quantity = (column: string): string => `reinterpretAsUInt256(reverse(ifNull(${column}, '')))`;
const fixed = (column: string, bytes: number): string =>
  `toFixedString(assumeNotNull(${column}), ${bytes})`;
const bytes = (column: string): string => `ifNull(${column}, '')`;
const hasLength = (column: string, length: number): string => `length(${column}) = ${length}`;
const isTopic = (column: string): string => `length(ifNull(${column}, '')) IN (0, 32)`;

const LANDINGS: Readonly<Record<EvidenceTable, Landing>> = {
  raw_logs: {
    structure: `block_number Nullable(UInt64), log_index Nullable(UInt64), transaction_index Nullable(UInt64),
      transaction_hash Nullable(String), block_hash Nullable(String), address Nullable(String),
      topic0 Nullable(String), topic1 Nullable(String), topic2 Nullable(String), topic3 Nullable(String),
      data Nullable(String), removed Nullable(Bool)`,
    columns: {
      block_number: 'assumeNotNull(block_number)',
      log_index: 'assumeNotNull(log_index)',
      transaction_index: 'assumeNotNull(transaction_index)',
      transaction_hash: fixed('transaction_hash', 32),
      block_hash: fixed('block_hash', 32),
      address: fixed('address', 20),
      topic0: bytes('topic0'),
      topic1: bytes('topic1'),
      topic2: bytes('topic2'),
      topic3: bytes('topic3'),
      data: bytes('data'),
    },
    check: [
      // Narrower columns would take the low half of a larger number in silence.
      'isNotNull(block_number) AND log_index < 4294967296 AND transaction_index < 4294967296',
      hasLength('transaction_hash', 32),
      hasLength('block_hash', 32),
      hasLength('address', 20),
      ...['topic0', 'topic1', 'topic2', 'topic3'].map(isTopic),
      'NOT ifNull(removed, false)',
    ].join(' AND '),
  },
  blocks: {
    structure: `number Nullable(UInt64), hash Nullable(String), parent_hash Nullable(String), timestamp Nullable(String)`,
    columns: {
      block_number: 'assumeNotNull(number)',
      block_hash: fixed('hash', 32),
      parent_hash: fixed('parent_hash', 32),
      block_timestamp: `toUInt64(${quantity('timestamp')})`,
    },
    check: [
      'isNotNull(number)',
      hasLength('hash', 32),
      hasLength('parent_hash', 32),
      'length(timestamp) BETWEEN 1 AND 8',
    ].join(' AND '),
  },
  transactions: {
    structure: `block_number Nullable(UInt64), transaction_index Nullable(UInt64), hash Nullable(String),
      \`from\` Nullable(String), \`to\` Nullable(String), status Nullable(UInt8),
      gas_used Nullable(String), effective_gas_price Nullable(String)`,
    columns: {
      block_number: 'assumeNotNull(block_number)',
      transaction_index: 'assumeNotNull(transaction_index)',
      transaction_hash: fixed('hash', 32),
      from_address: bytes('`from`'),
      to_address: bytes('`to`'),
      status: 'ifNull(status, 0)',
      gas_used: quantity('gas_used'),
      effective_gas_price: quantity('effective_gas_price'),
    },
    check: [
      'isNotNull(block_number) AND transaction_index < 4294967296',
      hasLength('hash', 32),
      "length(ifNull(`from`, '')) IN (0, 20) AND length(ifNull(`to`, '')) IN (0, 20)",
      "length(ifNull(gas_used, '')) <= 32 AND length(ifNull(effective_gas_price, '')) <= 32",
    ].join(' AND '),
  },
};

const BLOCK_OF: Readonly<Record<EvidenceTable, string>> = {
  raw_logs: 'block_number',
  blocks: 'number',
  transactions: 'block_number',
};

/** Insert of one source into its evidence table; headers may go to the reversible ones instead. */
export function landingInsert(
  chainId: number,
  range: { readonly fromBlock: number; readonly toBlock: number },
  table: EvidenceTable,
  source: RowSource,
  into: EvidenceTable | 'reversible_blocks' = table,
): CheckedInsert {
  const { structure, columns, check } = LANDINGS[table];
  return {
    table: into,
    columns: ['chain_id', ...Object.keys(columns)],
    expressions: ['{chainId:UInt64}', ...Object.values(columns)],
    structure,
    // A row outside the range would be landed a second time by the range it belongs to.
    check: `${check} AND ${BLOCK_OF[table]} BETWEEN {fromBlock:UInt64} AND {toBlock:UInt64}`,
    source,
    parameters: { chainId, fromBlock: range.fromBlock, toBlock: range.toBlock },
  };
}

/** The inserts that load a range, in an order that leaves logs (the queue) for last. */
export function landingInserts(chainId: number, range: ParquetRange): CheckedInsert[] {
  const files: readonly (readonly [EvidenceTable, string | null])[] = [
    ['blocks', range.blocksFile],
    ['transactions', range.transactionsFile],
    ['raw_logs', range.logsFile],
  ];
  return files.flatMap(([table, path]) =>
    path === null ? [] : [landingInsert(chainId, range, table, { format: 'Parquet', path })],
  );
}
