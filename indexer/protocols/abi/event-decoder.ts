import type { AbiEvent, AbiParameter, ContractEventName, DecodeEventLogReturnType } from 'viem';
import { toEventSelector } from 'viem/utils';
import { DecodeError } from './decode-error.ts';

/**
 * Decoder of plain ABI events, made once for each event of a venue: it slices words out of the data,
 * without the checks of a generic library that a log never needs and with those that one lacks (a
 * value too wide for its type, an offset outside the data, a length no log has).
 *
 * Values are viem's, so that its types and its tests serve: integers up to 48 bits as number, wider
 * ones as bigint, addresses and bytes as lower-case 0x hex, tuples as objects, arrays as arrays.
 */
export type EventArgs<Event extends AbiEvent> = Extract<
  DecodeEventLogReturnType<readonly [Event], ContractEventName<readonly [Event]>>['args'],
  Readonly<Record<string, unknown>>
>;

export interface EventDecoder {
  readonly event: AbiEvent;
  /** keccak256 of the canonical signature, lower case. */
  readonly topic0: string;
  /** 1 + indexed parameters: versions with one signature may differ in it. */
  readonly topicCount: number;
  /** @throws DecodeError when the bytes are not this event. */
  decode(topics: readonly string[], data: Uint8Array): Readonly<Record<string, unknown>>;
}

/** Arrays of a log are short: none of a venue's has thousands of items. */
const MAX_ITEMS = 10_000;
const WORD = 32;

interface Bytes {
  readonly data: Uint8Array;
  readonly view: DataView;
}
/** Reads a value whose head stands at `at`; dynamic values are found from `base`. */
type Read = (bytes: Bytes, at: number, base: number) => unknown;

interface Codec {
  readonly read: Read;
  /** Bytes of the head: 32 for anything dynamic. */
  readonly headSize: number;
  readonly isDynamic: boolean;
}

/** A reader is opened for each chain, and anew after a reorg: the hashes of a venue's topics stay. */
const known = new WeakMap<AbiEvent, EventDecoder>();

/** @throws Error on a type that no event has (a programming error: it comes from our own tables). */
export function eventDecoder(event: AbiEvent): EventDecoder {
  const decoder = known.get(event) ?? makeDecoder(event);
  known.set(event, decoder);
  return decoder;
}

function makeDecoder(event: AbiEvent): EventDecoder {
  const indexed = event.inputs.filter((input) => input.indexed);
  const body = record(event.inputs.filter((input) => !input.indexed));
  const topicReaders = indexed.map((input) => {
    const codec = codecOf(input);
    // Only the hash of a dynamic value is in the topic.
    return { name: nameOf(input), read: codec.isDynamic ? readHash : codec.read };
  });
  const topicCount = 1 + indexed.length;
  return {
    event,
    topic0: toEventSelector(event),
    topicCount,
    decode(topics, data) {
      if (topics.length !== topicCount) {
        throw new DecodeError(`${event.name}: ${topics.length} topics instead of ${topicCount}`);
      }
      const values: Record<string, unknown> = {};
      topicReaders.forEach(({ name, read }, index) => {
        values[name] = read(bytesOf(topicBytes(topics[index + 1] ?? '')), 0, 0);
      });
      return Object.assign(values, body.read(bytesOf(data), 0, 0));
    },
  };
}

function topicBytes(topic: string): Uint8Array {
  if (!/^0x[0-9a-f]{64}$/.test(topic)) throw new DecodeError('a topic is not 32 bytes');
  return Buffer.from(topic.slice(2), 'hex');
}

function bytesOf(data: Uint8Array): Bytes {
  return { data, view: new DataView(data.buffer, data.byteOffset, data.byteLength) };
}

function nameOf(input: AbiParameter): string {
  if (!input.name) throw new Error(`an event parameter of type ${input.type} has no name`);
  return input.name;
}

/** The values of a tuple, or of an event's data, by name. */
function record(inputs: readonly AbiParameter[]): Codec {
  const parts = inputs.map((input) => ({ name: nameOf(input), codec: codecOf(input) }));
  const headSize = parts.reduce((sum, { codec }) => sum + codec.headSize, 0);
  const read: Read = (bytes, at) => {
    const values: Record<string, unknown> = {};
    let head = at;
    for (const { name, codec } of parts) {
      values[name] = codec.isDynamic
        ? codec.read(bytes, offsetAt(bytes, head, at), at)
        : codec.read(bytes, head, at);
      head += codec.headSize;
    }
    return values;
  };
  return { read, headSize, isDynamic: parts.some(({ codec }) => codec.isDynamic) };
}

function codecOf(input: AbiParameter): Codec {
  const array = /^(.*)\[(\d*)\]$/.exec(input.type);
  if (array) return list({ ...input, type: array[1] ?? '' }, array[2] ? Number(array[2]) : null);
  if (input.type === 'tuple') {
    const tuple = record((input as { components?: readonly AbiParameter[] }).components ?? []);
    return tuple.isDynamic ? { ...tuple, headSize: WORD } : tuple;
  }
  if (input.type === 'bytes') return { read: readBytesHex, headSize: WORD, isDynamic: true };
  if (input.type === 'string') return { read: readText, headSize: WORD, isDynamic: true };
  return { read: wordReader(input.type), headSize: WORD, isDynamic: false };
}

/** T[] (`fixed` null) or T[n]. */
function list(item: AbiParameter, fixed: number | null): Codec {
  const codec = codecOf(item);
  const readItems = (bytes: Bytes, start: number, count: number) => {
    if (count > MAX_ITEMS) throw new DecodeError(`an array of ${count} items`);
    need(bytes, start, count * codec.headSize);
    return Array.from({ length: count }, (_, index) => {
      const head = start + index * codec.headSize;
      return codec.isDynamic
        ? codec.read(bytes, offsetAt(bytes, head, start), start)
        : codec.read(bytes, head, start);
    });
  };
  if (fixed === null) {
    const read: Read = (bytes, at) => readItems(bytes, at + WORD, lengthAt(bytes, at));
    return { read, headSize: WORD, isDynamic: true };
  }
  return {
    read: (bytes, at) => readItems(bytes, at, fixed),
    headSize: codec.isDynamic ? WORD : fixed * codec.headSize,
    isDynamic: codec.isDynamic,
  };
}

function need({ data }: Bytes, at: number, size: number): void {
  if (at + size > data.length) {
    throw new DecodeError(`data ends at byte ${data.length}, a value needs ${at + size}`);
  }
}

/** A word that must be a small number: an offset or a length. */
function smallAt(bytes: Bytes, at: number, what: string): number {
  need(bytes, at, WORD);
  for (let index = at; index < at + WORD - 4; index += 1) {
    if (bytes.data[index] !== 0) throw new DecodeError(`${what} is out of range`);
  }
  const value = bytes.view.getUint32(at + WORD - 4);
  if (value > bytes.data.length) throw new DecodeError(`${what} is beyond the data`);
  return value;
}

function offsetAt(bytes: Bytes, at: number, base: number): number {
  return base + smallAt(bytes, at, 'an offset');
}

function lengthAt(bytes: Bytes, at: number): number {
  return smallAt(bytes, at, 'a length');
}

function hexAt({ data }: Bytes, from: number, to: number): string {
  return `0x${Buffer.from(data.buffer, data.byteOffset + from, to - from).toString('hex')}`;
}

const readBytesHex: Read = (bytes, at) => {
  const length = lengthAt(bytes, at);
  need(bytes, at + WORD, length);
  return hexAt(bytes, at + WORD, at + WORD + length);
};

const utf8 = new TextDecoder('utf-8');
const readText: Read = (bytes, at) => {
  const length = lengthAt(bytes, at);
  need(bytes, at + WORD, length);
  return utf8.decode(bytes.data.subarray(at + WORD, at + WORD + length));
};

const readHash: Read = (bytes, at) => hexAt(bytes, at, at + WORD);

/** All bytes of [from, to) are `fill`. */
function isFilled({ data }: Bytes, from: number, to: number, fill: number): boolean {
  for (let index = from; index < to; index += 1) if (data[index] !== fill) return false;
  return true;
}

function wordReader(type: string): Read {
  const [, kind = '', digits = ''] = /^(uint|int|bytes|address|bool)(\d*)$/.exec(type) ?? [];
  switch (kind) {
    case 'uint':
      return unsignedReader(type, Number(digits || 256));
    case 'int':
      return signedReader(type, Number(digits || 256));
    case 'bytes': {
      const size = Number(digits);
      return (bytes, at) => {
        need(bytes, at, WORD);
        if (!isFilled(bytes, at + size, at + WORD, 0)) throw tooWide(type);
        return hexAt(bytes, at, at + size);
      };
    }
    case 'address':
      return (bytes, at) => {
        need(bytes, at, WORD);
        if (!isFilled(bytes, at, at + 12, 0)) throw tooWide(type);
        return hexAt(bytes, at + 12, at + WORD);
      };
    case 'bool':
      return (bytes, at) => {
        need(bytes, at, WORD);
        const last = bytes.data[at + WORD - 1] ?? 0;
        if (last > 1 || !isFilled(bytes, at, at + WORD - 1, 0)) throw tooWide(type);
        return last === 1;
      };
    default:
      throw new Error(`no decoder for the type ${type}`);
  }
}

function tooWide(type: string): DecodeError {
  return new DecodeError(`a word is no ${type}`);
}

/** Integers up to this many bits are numbers, as in viem. */
const NUMBER_BITS = 48;

function unsignedReader(type: string, bits: number): Read {
  const start = WORD - bits / 8;
  return (bytes, at) => {
    need(bytes, at, WORD);
    if (!isFilled(bytes, at, at + start, 0)) throw tooWide(type);
    if (bits <= NUMBER_BITS) {
      return bytes.view.getUint16(at + 26) * 2 ** 32 + bytes.view.getUint32(at + 28);
    }
    return wideAt(bytes.view, at, start);
  };
}

function signedReader(type: string, bits: number): Read {
  const start = WORD - bits / 8;
  return (bytes, at) => {
    need(bytes, at, WORD);
    const isNegative = ((bytes.data[at + start] ?? 0) & 0x80) !== 0;
    if (!isFilled(bytes, at, at + start, isNegative ? 0xff : 0)) throw tooWide(type);
    const value = BigInt.asIntN(bits, wideAt(bytes.view, at, start));
    return bits <= NUMBER_BITS ? Number(value) : value;
  };
}

/** The word's low bytes from `start` on, as an unsigned integer; 8 bytes at a time. */
function wideAt(view: DataView, at: number, start: number): bigint {
  let value = 0n;
  for (let offset = (start >> 3) * 8; offset < WORD; offset += 8) {
    const part = view.getBigUint64(at + offset);
    value = value === 0n ? part : (value << 64n) | part;
  }
  return value;
}
