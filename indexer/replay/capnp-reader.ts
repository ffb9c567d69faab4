import { CorruptDataError } from '../../schema/errors.ts';

export interface CapnpStruct {
  readonly kind: 'struct';
  readonly segment: Buffer;
  readonly at: number;
  readonly dataBytes: number;
  readonly pointers: number;
}

export interface CapnpList {
  readonly kind: 'list';
  readonly segment: Buffer;
  readonly at: number;
  readonly count: number;
  /** Element layout; only composite lists (of structs) have sizes. */
  readonly dataBytes: number;
  readonly pointers: number;
}

type CapnpValue = CapnpStruct | CapnpList | null;

/** No request of the client comes near this; a crafted count must not make us allocate. */
const MAX_LIST_ITEMS = 200_000;
const COMPOSITE = 7;

/**
 * Reads structs, lists and far pointers of an unpacked Cap'n Proto message. Offsets outside the
 * message throw RangeError (Buffer's own bounds check); absent fields read as zero, empty or null.
 */
export class CapnpReader {
  private readonly segments: Buffer[] = [];

  constructor(message: Buffer) {
    const count = message.readUInt32LE(0) + 1;
    if (count > 512) throw new CorruptDataError('The message has too many segments.');
    let at = (4 * (count + 1) + 7) & ~7;
    for (let i = 0; i < count; i++) {
      const length = message.readUInt32LE(4 + 4 * i) * 8;
      if (at + length > message.length) throw new CorruptDataError('The message is truncated.');
      this.segments.push(message.subarray(at, at + length));
      at += length;
    }
  }

  root(): CapnpStruct | null {
    return asStruct(this.pointer(this.segment(0), 0));
  }

  structField(struct: CapnpStruct | null, index: number): CapnpStruct | null {
    return asStruct(this.field(struct, index));
  }

  listField(struct: CapnpStruct | null, index: number): CapnpList | null {
    const value = this.field(struct, index);
    return value?.kind === 'list' ? value : null;
  }

  u16(struct: CapnpStruct | null, byte: number): number {
    return struct && byte + 2 <= struct.dataBytes
      ? struct.segment.readUInt16LE(struct.at + byte)
      : 0;
  }

  u64(struct: CapnpStruct | null): number {
    return struct && struct.dataBytes >= 8 ? Number(struct.segment.readBigUInt64LE(struct.at)) : 0;
  }

  bit(struct: CapnpStruct | null, bit: number): boolean {
    if (!struct || bit >= struct.dataBytes * 8) return false;
    return ((struct.segment.readUInt8(struct.at + (bit >> 3)) >> (bit & 7)) & 1) === 1;
  }

  /** A Data field as 0x hex. */
  hex(list: CapnpList | null): string {
    if (!list) return '0x';
    return `0x${list.segment.toString('hex', list.at, list.at + list.count)}`;
  }

  structs(list: CapnpList | null): CapnpStruct[] {
    if (!list) return [];
    const { segment, dataBytes, pointers } = list;
    const step = dataBytes + 8 * pointers;
    return items(list, (i) => ({
      kind: 'struct',
      segment,
      at: list.at + i * step,
      dataBytes,
      pointers,
    }));
  }

  /** A list of lists: List(Data), or List(List(Data)). */
  lists(list: CapnpList | null): (CapnpList | null)[] {
    if (!list) return [];
    return items(list, (i) => {
      const value = this.pointer(list.segment, list.at + 8 * i);
      return value?.kind === 'list' ? value : null;
    });
  }

  enums(list: CapnpList | null): number[] {
    return list ? items(list, (i) => list.segment.readUInt16LE(list.at + 2 * i)) : [];
  }

  private segment(index: number): Buffer {
    const segment = this.segments[index];
    if (!segment) throw new CorruptDataError('A pointer names a segment that is not there.');
    return segment;
  }

  private field(struct: CapnpStruct | null, index: number): CapnpValue {
    if (!struct || index >= struct.pointers) return null;
    return this.pointer(struct.segment, struct.at + struct.dataBytes + 8 * index);
  }

  private pointer(segment: Buffer, at: number, hops = 0): CapnpValue {
    const low = segment.readInt32LE(at);
    const high = segment.readUInt32LE(at + 4);
    if (low === 0 && high === 0) return null;
    if ((low & 3) !== 2) return target(segment, at + 8 + (low >> 2) * 8, low & 3, high);
    if (hops > 4) throw new CorruptDataError('Far pointers form a chain.');
    const landing = (low >>> 3) * 8;
    const far = this.segment(high);
    if ((low & 4) === 0) return this.pointer(far, landing, hops + 1);
    const content = this.segment(far.readUInt32LE(landing + 4));
    const tag = far.readInt32LE(landing + 8) & 3;
    return target(
      content,
      (far.readUInt32LE(landing) >>> 3) * 8,
      tag,
      far.readUInt32LE(landing + 12),
    );
  }
}

function target(segment: Buffer, at: number, tag: number, high: number): CapnpValue {
  if (tag === 0) {
    return { kind: 'struct', segment, at, dataBytes: (high & 0xffff) * 8, pointers: high >>> 16 };
  }
  if ((high & 7) !== COMPOSITE) {
    return { kind: 'list', segment, at, count: high >>> 3, dataBytes: 0, pointers: 0 };
  }
  const elementSizes = segment.readUInt32LE(at + 4);
  return {
    kind: 'list',
    segment,
    at: at + 8,
    count: segment.readUInt32LE(at) >>> 2,
    dataBytes: (elementSizes & 0xffff) * 8,
    pointers: elementSizes >>> 16,
  };
}

function asStruct(value: CapnpValue): CapnpStruct | null {
  return value?.kind === 'struct' ? value : null;
}

function items<Item>(list: CapnpList, read: (index: number) => Item): Item[] {
  if (list.count > MAX_LIST_ITEMS) throw new CorruptDataError('A list is too long.');
  return Array.from({ length: list.count }, (_, index) => read(index));
}
