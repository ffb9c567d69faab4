/**
 * Writes ClickHouse's RowBinary, every column Nullable: a byte that says whether there is a value,
 * then the value.
 */
export class RowBinaryWriter {
  #buffer = Buffer.allocUnsafe(64 * 1024);
  #length = 0;

  null(): void {
    this.#reserve(1);
    this.#buffer[this.#length++] = 1;
  }

  uint8(value: number | null): void {
    if (value === null) {
      this.null();
      return;
    }
    this.#reserve(2);
    this.#buffer[this.#length++] = 0;
    this.#length = this.#buffer.writeUInt8(value, this.#length);
  }

  /** @throws RangeError when it is no whole number of 0..2^53. */
  uint64(value: number): void {
    if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`no UInt64: ${value}`);
    this.#reserve(9);
    this.#buffer[this.#length++] = 0;
    this.#length = this.#buffer.writeBigUInt64LE(BigInt(value), this.#length);
  }

  /** 0x hex text as the bytes it stands for. @throws RangeError when it is none. */
  hex(value: string | null): void {
    if (value === null) {
      this.null();
      return;
    }
    if (!/^0x(?:[0-9a-f]{2})*$/i.test(value)) throw new RangeError(`no hex: ${value.slice(0, 80)}`);
    this.#string((value.length - 2) / 2, value.slice(2));
  }

  /** An unsigned number as big-endian bytes without leading zeros; zero is one 00 byte. */
  quantity(value: bigint): void {
    const hex = value.toString(16);
    if (value < 0n) throw new RangeError(`no quantity: ${value}`);
    this.#string(Math.ceil(hex.length / 2), hex.length % 2 === 0 ? hex : `0${hex}`);
  }

  toBuffer(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  #string(length: number, hex: string): void {
    this.#reserve(length + 6);
    this.#buffer[this.#length++] = 0;
    let left = length;
    for (; left >= 0x80; left = Math.floor(left / 0x80)) {
      this.#buffer[this.#length++] = (left % 0x80) + 0x80;
    }
    this.#buffer[this.#length++] = left;
    this.#length += this.#buffer.write(hex, this.#length, 'hex');
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#length + bytes));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}
