import { Binary, type Data, type DataType, makeData, Uint64 } from 'apache-arrow';

/** One column of an answer that is not what it should be. */
export interface Distortion {
  readonly kind: 'missing-column' | 'wrong-type' | 'wrong-width' | 'null' | 'altered';
  /** Snake case, as on the wire. */
  readonly column: string;
}

/** Arrow type of a distorted column. */
export function distortedType(kind: Distortion['kind'], type: DataType): DataType {
  if (kind !== 'wrong-type') return type;
  return type instanceof Binary ? new Uint64() : new Binary();
}

/**
 * A column spoiled: of another type (`wrong-type`), every value one byte shorter (`wrong-width`),
 * every cell null (`null`), or the last bit of every value flipped (`altered`). Columns of numbers
 * have no width and lose their low bit instead. Never writes to the data it was given.
 */
export function distort(kind: Distortion['kind'], data: Data): Data {
  const { length, type } = data;
  if (kind === 'wrong-type') return zeros(distortedType(kind, type), length);
  if (kind === 'null') {
    const nullBitmap = new Uint8Array((length + 7) >> 3);
    return makeData({ ...partsOf(data), nullCount: length, nullBitmap });
  }
  if (!(type instanceof Binary)) {
    const values = BigUint64Array.from(data.values as Iterable<bigint>, (value) => value ^ 1n);
    return makeData({ type: new Uint64(), length, nullCount: 0, data: values });
  }
  const ends = data.valueOffsets as Int32Array;
  const bytes = data.values as Uint8Array;
  const short = kind === 'wrong-width' ? 1 : 0;
  const parts = Array.from({ length }, (_, row) => {
    const part = bytes.slice(ends[row], Math.max(ends[row] ?? 0, (ends[row + 1] ?? 0) - short));
    if (kind === 'altered' && part.length > 0) part[part.length - 1] = (part.at(-1) ?? 0) ^ 1;
    return part;
  });
  const valueOffsets = new Int32Array(length + 1);
  for (const [row, part] of parts.entries()) {
    valueOffsets[row + 1] = (valueOffsets[row] ?? 0) + part.length;
  }
  const { nullCount, nullBitmap } = data;
  return makeData({
    type,
    length,
    nullCount,
    nullBitmap,
    valueOffsets,
    data: Buffer.concat(parts),
  });
}

function partsOf(data: Data) {
  const { type, length, nullCount, nullBitmap, valueOffsets, values } = data;
  return { type, length, nullCount, nullBitmap, valueOffsets, data: values };
}

function zeros(type: DataType, length: number): Data {
  if (type instanceof Binary) {
    const valueOffsets = Int32Array.from({ length: length + 1 }, (_, row) => row);
    return makeData({ type, length, nullCount: 0, valueOffsets, data: new Uint8Array(length) });
  }
  return makeData({ type: new Uint64(), length, nullCount: 0, data: new BigUint64Array(length) });
}
