import type { Database } from '../../schema/clickhouse/database.ts';
import { CorruptDataError } from '../../schema/errors.ts';
import type { RawLogBatch } from '../../schema/raw-log.ts';
import { ByteReader } from './byte-reader.ts';

/** Log data of one batch in memory at most about this long (a single block may be longer). */
export const MAX_BATCH_DATA_BYTES = 64 * 1024 * 1024;

export interface RawLogRequest {
  readonly chainId: number;
  readonly fromBlock: number;
  readonly toBlock: number;
  readonly maxLogs: number;
  readonly maxDataBytes?: number;
}

export interface RawLogAnswer {
  readonly batch: RawLogBatch;
  /** Last block the batch is complete for. */
  readonly toBlock: number;
}

const LOG_COLUMNS = `block_number, log_index, transaction_index, transaction_hash, address,
    topic0, topic1, topic2, topic3, data`;

// The limit reads along the primary key, so a batch costs the same however much is still to come.
const LOGS_QUERY = `
SELECT ${LOG_COLUMNS}
FROM
(
    SELECT
        *,
        sum(length(data)) OVER (
            ORDER BY block_number, log_index ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) - length(data) AS data_bytes_before
    FROM
    (
        SELECT ${LOG_COLUMNS}
        FROM raw_logs
        WHERE chain_id = {chainId:UInt64} AND block_number BETWEEN {fromBlock:UInt64} AND {toBlock:UInt64}
        ORDER BY block_number, log_index
        LIMIT {limit:UInt64}
    )
)
WHERE data_bytes_before <= {maxDataBytes:UInt64}
ORDER BY block_number, log_index
FORMAT RowBinary`;

const TIMESTAMPS_QUERY = `
SELECT block_number, block_timestamp
FROM blocks
WHERE chain_id = {chainId:UInt64} AND block_number BETWEEN {fromBlock:UInt64} AND {toBlock:UInt64}
ORDER BY block_number
FORMAT RowBinary`;

interface LogColumns {
  readonly blockNumber: number[];
  readonly logIndex: number[];
  readonly transactionIndex: number[];
  readonly transactionHash: string[];
  readonly address: string[];
  readonly topics: string[][];
  readonly data: Uint8Array[];
}

/**
 * Raw logs from `fromBlock` in chain order, whole blocks only: as many blocks as fit `maxLogs` logs
 * and `maxDataBytes` bytes of data, but at least one.
 * @throws CorruptDataError when a log's block has no header: its time would be a guess.
 */
export async function readRawLogs(
  database: Database,
  request: RawLogRequest,
): Promise<RawLogAnswer> {
  const { chainId, fromBlock, maxLogs } = request;
  const maxDataBytes = request.maxDataBytes ?? MAX_BATCH_DATA_BYTES;
  const read = async (toBlock: number, limit: number, bytes: number): Promise<LogColumns> =>
    decodeLogs(
      await database.selectBytes(LOGS_QUERY, {
        chainId,
        fromBlock,
        toBlock,
        limit,
        maxDataBytes: bytes,
      }),
    );
  let columns = await read(request.toBlock, maxLogs + 1, maxDataBytes);
  let toBlock = request.toBlock;
  let length = columns.blockNumber.length;
  if (length > maxLogs || dataBytes(columns) > maxDataBytes) {
    const cutBlock = columns.blockNumber[length - 1] as number;
    length = columns.blockNumber.indexOf(cutBlock);
    // Ends at a block with logs: any other may have no header to quote.
    toBlock = columns.blockNumber[length - 1] ?? cutBlock;
    if (length === 0) {
      // One block is larger than the bounds: it is read whole, for a block is never split.
      columns = await read(cutBlock, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
      length = columns.blockNumber.length;
    }
  }
  const timestamps = await readTimestamps(database, chainId, fromBlock, toBlock);
  return { batch: toBatch(chainId, columns, length, timestamps), toBlock };
}

function dataBytes(columns: LogColumns): number {
  let sum = 0;
  for (const data of columns.data) sum += data.length;
  return sum;
}

function decodeLogs(bytes: Buffer): LogColumns {
  const reader = new ByteReader(bytes);
  const columns: LogColumns = {
    blockNumber: [],
    logIndex: [],
    transactionIndex: [],
    transactionHash: [],
    address: [],
    topics: [],
    data: [],
  };
  while (!reader.isAtEnd) {
    columns.blockNumber.push(reader.uint64());
    columns.logIndex.push(reader.uint32());
    columns.transactionIndex.push(reader.uint32());
    columns.transactionHash.push(reader.hex(32));
    columns.address.push(reader.hex(20));
    const topics: string[] = [];
    for (let i = 0; i < 4; i++) {
      const length = reader.varint();
      if (length > 0) topics.push(reader.hex(length));
    }
    columns.topics.push(topics);
    columns.data.push(reader.bytes(reader.varint()));
  }
  return columns;
}

async function readTimestamps(
  database: Database,
  chainId: number,
  fromBlock: number,
  toBlock: number,
): Promise<Map<number, number>> {
  const reader = new ByteReader(
    await database.selectBytes(TIMESTAMPS_QUERY, { chainId, fromBlock, toBlock }),
  );
  const timestamps = new Map<number, number>();
  while (!reader.isAtEnd) timestamps.set(reader.uint64(), reader.uint64());
  return timestamps;
}

function toBatch(
  chainId: number,
  columns: LogColumns,
  length: number,
  timestamps: ReadonlyMap<number, number>,
): RawLogBatch {
  const blockTimestamp = new Float64Array(length);
  for (let i = 0; i < length; i++) {
    const block = columns.blockNumber[i] as number;
    const timestamp = timestamps.get(block);
    if (timestamp === undefined) {
      throw new CorruptDataError('A log has no block header: its time is unknown.', {
        facts: { chainId, block },
        remedy: 'Index this block range again: the source must give blocks along with logs.',
      });
    }
    blockTimestamp[i] = timestamp;
  }
  return {
    chainId,
    length,
    blockNumber: Float64Array.from(columns.blockNumber.slice(0, length)),
    blockTimestamp,
    logIndex: Uint32Array.from(columns.logIndex.slice(0, length)),
    transactionIndex: Uint32Array.from(columns.transactionIndex.slice(0, length)),
    transactionHash: columns.transactionHash.slice(0, length),
    address: columns.address.slice(0, length),
    topics: columns.topics.slice(0, length),
    data: columns.data.slice(0, length),
  };
}
