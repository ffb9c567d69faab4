import {
  Binary,
  Bool,
  CompressionType,
  compressionRegistry,
  type DataType,
  Field,
  makeData,
  RecordBatch,
  RecordBatchFileWriter,
  Schema,
  Struct,
  Uint8,
  Uint64,
} from 'apache-arrow';
import { type Distortion, distort, distortedType } from './arrow-distortion.ts';
import { BytesColumn, type Column, type ColumnTable, type RowIds } from './column-table.ts';
import { lz4StoredFrame } from './lz4-stored-frame.ts';
import type { ColumnSpec } from './wire-columns.ts';

/**
 * Rows of a table as one Arrow IPC *file*, written by apache-arrow. Our prototype wrote these
 * bytes by hand; on a page of 50,000 logs (16.6 MB, and 114 MB with 2 kB of data each) the library
 * took 13–50 ms against 12–48 ms and 71–94 ms against 78–330 ms, so the hand-written one went.
 */
export interface ArrowFileOptions {
  /** Rows per record batch; 0 = one batch. */
  readonly rowsPerBatch: number;
  /** `lz4` marks every body LZ4_FRAME (stored blocks). */
  readonly compression: 'none' | 'lz4';
}

/**
 * `fields`: the selected column names; the file keeps the table's own order and ignores names the
 * table does not have. No rows or no fields give a valid file without batches.
 */
export function arrowFile(
  table: ColumnTable,
  fields: ReadonlySet<string>,
  rows: RowIds,
  options: ArrowFileOptions,
  distortion: Distortion | null = null,
): Uint8Array {
  const columns = [...table.columns].filter(
    ([name]) =>
      fields.has(name) && !(name === distortion?.column && distortion.kind === 'missing-column'),
  );
  const isDistorted = (name: string) => name === distortion?.column && rows.length > 0;
  const schema = new Schema(
    columns.map(([name, column]) =>
      distortion && isDistorted(name)
        ? new Field(name, distortedType(distortion.kind, arrowType(column.spec)), true)
        : new Field(name, arrowType(column.spec), column.spec.nullable),
    ),
  );
  const batches: RecordBatch[] = [];
  if (columns.length > 0) {
    const step = options.rowsPerBatch || rows.length;
    for (let at = 0; at < rows.length; at += step) {
      const part = rows.subarray(at, at + step);
      const children = columns.map(([name, column]) => {
        const data = gather(column, part);
        return distortion && isDistorted(name) ? distort(distortion.kind, data) : data;
      });
      const type = new Struct(schema.fields);
      const data = makeData({ type, length: part.length, nullCount: 0, children });
      batches.push(new RecordBatch(schema, data));
    }
  }
  return arrowFileOf(schema, batches, options.compression);
}

/** Writes batches of one schema as an Arrow IPC file; without batches the file holds the schema only. */
export function arrowFileOf(
  schema: Schema,
  batches: readonly RecordBatch[],
  compression: ArrowFileOptions['compression'] = 'none',
): Uint8Array {
  if (compression === 'lz4') registerStoredLz4();
  const compressionType = compression === 'lz4' ? CompressionType.LZ4_FRAME : null;
  const writer = new RecordBatchFileWriter({ compressionType });
  writer.reset(undefined, schema);
  for (const batch of batches) writer.write(batch);
  return writer.finish().toUint8Array(true);
}

/** apache-arrow brings no codec of its own; ours only has to write. */
function registerStoredLz4(): void {
  if (compressionRegistry.get(CompressionType.LZ4_FRAME)) return;
  compressionRegistry.set(CompressionType.LZ4_FRAME, {
    encode: lz4StoredFrame,
    decode: () => {
      throw new Error('the replay never reads Arrow files');
    },
  });
}

function arrowType(spec: ColumnSpec): DataType {
  switch (spec.kind) {
    case 'u64':
      return new Uint64();
    case 'u8':
      return new Uint8();
    case 'bool':
      return new Bool();
    case 'fixed':
    case 'bytes':
    case 'quantity':
    case 'floatText':
      // Never FixedSizeBinary: the client casts to Binary with i32 offsets and refuses others.
      return new Binary();
  }
}

/** Copies `rows` of a column into Arrow buffers. */
function gather(column: Column, rows: RowIds) {
  const length = rows.length;
  const { nullCount, nullBitmap } = validity(column, rows);
  const shared = { length, nullCount, nullBitmap };
  if (column instanceof BytesColumn) {
    return makeData({ type: new Binary(), ...shared, ...gatherBytes(column, rows) });
  }
  if (column.spec.kind === 'u64') {
    const data = new BigUint64Array(length);
    const words = new Uint32Array(data.buffer);
    rows.forEach((row, i) => {
      const value = column.values[row] ?? 0;
      words[2 * i] = value % 4294967296;
      words[2 * i + 1] = value / 4294967296;
    });
    return makeData({ type: new Uint64(), ...shared, data });
  }
  if (column.spec.kind === 'u8') {
    const data = Uint8Array.from(rows, (row) => column.values[row] ?? 0);
    return makeData({ type: new Uint8(), ...shared, data });
  }
  const data = bitmap(rows, (row) => column.values[row] === 1);
  return makeData({ type: new Bool(), ...shared, data });
}

function gatherBytes(column: BytesColumn, rows: RowIds) {
  const valueOffsets = new Int32Array(rows.length + 1);
  const first = rows[0] ?? 0;
  let total = 0;
  let areNeighbours = true;
  rows.forEach((row, i) => {
    areNeighbours &&= row === first + i;
    total += column.lengthOf(row);
    if (total > 0x7fffffff) throw new RangeError('one record batch would exceed 2 GiB');
    valueOffsets[i + 1] = total;
  });
  // A run of neighbours is a slice of the column: no copy before the writer's own.
  if (areNeighbours) {
    const start = column.startOf(first);
    return { valueOffsets, data: column.bytes.subarray(start, start + total) };
  }
  const data = Buffer.allocUnsafe(total);
  rows.forEach((row, i) => {
    column.bytes.copy(data, valueOffsets[i], column.startOf(row), column.ends[row]);
  });
  return { valueOffsets, data };
}

function validity(column: Column, rows: RowIds) {
  if (column.nullCount === 0) return { nullCount: 0, nullBitmap: undefined };
  let nullCount = 0;
  for (const row of rows) if (column.valid[row] !== 1) nullCount++;
  if (nullCount === 0) return { nullCount, nullBitmap: undefined };
  return { nullCount, nullBitmap: bitmap(rows, (row) => column.valid[row] === 1) };
}

function bitmap(rows: RowIds, isSet: (row: number) => boolean): Uint8Array {
  const bits = new Uint8Array((rows.length + 7) >> 3);
  rows.forEach((row, i) => {
    if (isSet(row)) bits[i >> 3] = (bits[i >> 3] ?? 0) | (1 << (i & 7));
  });
  return bits;
}
