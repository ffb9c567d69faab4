import { CorruptDataError } from '../../schema/errors.ts';
import type { ColumnSpec } from './wire-columns.ts';

/** One cell of an input row: hex text, a number, a decimal string, bytes, or nothing. */
export type CellInput = string | number | bigint | boolean | Uint8Array | null | undefined;

/** `0x` hex (an odd digit count gets a leading zero) → bytes. Throws CorruptDataError. */
export function hexBytes(text: string): Buffer {
  if (!/^0x[0-9a-fA-F]*$/.test(text)) {
    throw new CorruptDataError('Expected 0x and hex digits.', { facts: { got: shorten(text) } });
  }
  const digits = text.slice(2);
  return Buffer.from(digits.length % 2 === 1 ? `0${digits}` : digits, 'hex');
}

/** Unsigned integer → minimal big-endian bytes; zero is one 00 byte. Throws CorruptDataError. */
export function quantityBytes(value: string | number | bigint): Buffer {
  const integer = toBigInt(value);
  if (integer < 0n) {
    throw new CorruptDataError('A quantity cannot be negative.', { facts: { got: `${value}` } });
  }
  return hexBytes(`0x${integer.toString(16)}`);
}

/** Minimal or padded big-endian bytes → number (block times fit easily). */
export function quantityNumber(bytes: Buffer): number {
  return Number(BigInt(`0x${bytes.toString('hex')}`));
}

/**
 * Input cell → bytes of a Binary column, or null. A required column that the input leaves out
 * gets a neutral default (zeros, empty, quantity 0): fixtures need not name every header field.
 */
export function encodeBinaryCell(spec: ColumnSpec, cell: CellInput): Buffer | null {
  if (cell === null || cell === undefined) return spec.nullable ? null : neutralBytes(spec);
  if (cell instanceof Uint8Array) return fitsWidth(spec, Buffer.from(cell));
  if (spec.kind === 'floatText') return Buffer.from(String(cell), 'utf8');
  if (spec.kind === 'quantity')
    return quantityBytes(typeof cell === 'boolean' ? Number(cell) : cell);
  return fitsWidth(spec, hexBytes(String(cell)));
}

/** Input cell → number, or null. Bool columns hold 0 or 1. Throws CorruptDataError. */
export function encodeNumberCell(spec: ColumnSpec, cell: CellInput): number | null {
  if (cell === null || cell === undefined) return spec.nullable ? null : 0;
  const value = Number(cell);
  const limit = spec.kind === 'u8' ? 255 : Number.MAX_SAFE_INTEGER;
  if (!Number.isInteger(value) || value < 0 || value > limit) {
    throw new CorruptDataError(`Expected an integer from 0 to ${limit}.`, {
      facts: { got: shorten(String(cell)) },
    });
  }
  return value;
}

function neutralBytes(spec: ColumnSpec): Buffer {
  return Buffer.alloc(spec.kind === 'quantity' ? 1 : spec.width);
}

function fitsWidth(spec: ColumnSpec, bytes: Buffer): Buffer {
  if (spec.kind === 'fixed' && bytes.length !== spec.width) {
    throw new CorruptDataError(`Expected ${spec.width} bytes, got ${bytes.length}.`, {
      facts: { got: shorten(`0x${bytes.toString('hex')}`) },
    });
  }
  return bytes;
}

function toBigInt(value: string | number | bigint): bigint {
  try {
    return BigInt(value);
  } catch (cause) {
    throw new CorruptDataError('Expected an integer quantity.', {
      facts: { got: shorten(String(value)) },
      cause,
    });
  }
}

function shorten(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
