/** Distinct byte strings remembered as hex: addresses and topics repeat, hashes soon do not. */
const MAX_REMEMBERED = 20_000;

/** Reads ClickHouse's RowBinary values from a buffer, front to back. */
export class ByteReader {
  readonly #buffer: Buffer;
  #at = 0;
  #hexOf = new Map<string, string>();

  constructor(buffer: Buffer) {
    this.#buffer = buffer;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#buffer.length;
  }

  uint32(): number {
    const value = this.#buffer.readUInt32LE(this.#at);
    this.#at += 4;
    return value;
  }

  /** Exact up to 2^53: block numbers and unix seconds. */
  uint64(): number {
    const low = this.uint32();
    return this.uint32() * 4_294_967_296 + low;
  }

  /** LEB128, the length prefix of a String. */
  varint(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.#buffer[this.#at++] ?? 0;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  }

  /** A view of the next bytes, not a copy. @throws RangeError when the buffer ends before. */
  bytes(length: number): Uint8Array {
    const end = this.#at + length;
    if (end > this.#buffer.length)
      throw new RangeError(`answer ends ${end - this.#buffer.length} bytes early`);
    const view = this.#buffer.subarray(this.#at, end);
    this.#at = end;
    return view;
  }

  /** The next bytes as 0x hex text. Repeated values are found again (and share one string). */
  hex(length: number): string {
    const end = this.#at + length;
    const key = this.#buffer.toString('latin1', this.#at, end);
    let hex = this.#hexOf.get(key);
    if (hex === undefined) {
      hex = `0x${this.#buffer.toString('hex', this.#at, end)}`;
      if (this.#hexOf.size < MAX_REMEMBERED) this.#hexOf.set(key, hex);
    }
    this.#at = end;
    return hex;
  }
}
