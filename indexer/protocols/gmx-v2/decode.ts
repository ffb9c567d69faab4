import { keccak256, toBytes } from 'viem/utils';
import { DecodeError } from '../abi/decode-error.ts';

/**
 * Decoder for the three envelopes of GMX V2's EventEmitter (contracts/event/EventEmitter.sol,
 * EventUtils.sol). It slices the bytes: offsets are read as bounded words, no ABI tree is built and
 * items are looked up by key name, because their number and order changed between releases.
 *
 *     topics  [topic0, keccak256(eventName), topic1?, topic2?]
 *     data    (address msgSender, string eventName, EventLogData)
 *     EventLogData  seven groups (address, uint, int, bool, bytes32, bytes, string), each
 *                   ((string key, T value)[] items, (string key, T[] value)[] arrayItems)
 */
export const EVENT_LOG_TOPIC0 =
  '0x7e3bde2ba7aca4a8499608ca57f3b0c1c1c93ace63ffd3741a9fab204146fc9a';
export const EVENT_LOG_1_TOPIC0 =
  '0x137a44067c8961cd7e1d876f4754a5a3a75989b4552f1843fc69c3b372def160';
export const EVENT_LOG_2_TOPIC0 =
  '0x468a25a7ba624ceea6e540ad6f49171b52495b648417ae91bca21676d8a24dc5';

/** Topics each envelope has. */
const TOPIC_COUNTS: ReadonlyMap<string, number> = new Map([
  [EVENT_LOG_TOPIC0, 2],
  [EVENT_LOG_1_TOPIC0, 3],
  [EVENT_LOG_2_TOPIC0, 4],
]);

/** True when topic 0 is one of the three envelopes, whatever the rest of the log is. */
export function isEventLogEnvelope(topics: readonly string[]): boolean {
  return TOPIC_COUNTS.has(topics[0] ?? '');
}

/** The largest log the protocol writes is under 20 kB; a revert reason may add some. */
const MAX_DATA_BYTES = 1 << 20;
const MAX_NAME_BYTES = 200;
const WORD = 32;

export interface GmxArrays {
  readonly address: ReadonlyMap<string, readonly string[]>;
  readonly uint: ReadonlyMap<string, readonly bigint[]>;
  readonly int: ReadonlyMap<string, readonly bigint[]>;
  readonly bool: ReadonlyMap<string, readonly boolean[]>;
  readonly bytes32: ReadonlyMap<string, readonly string[]>;
  readonly bytes: ReadonlyMap<string, readonly string[]>;
  readonly string: ReadonlyMap<string, readonly string[]>;
}

/** One decoded log: addresses and bytes as lower-case 0x hex, integers as bigint. */
export interface GmxEvent {
  readonly name: string;
  /** Controller contract that asked for the log; changes with every upgrade. */
  readonly msgSender: string;
  readonly topic1: string | null;
  readonly topic2: string | null;
  readonly address: ReadonlyMap<string, string>;
  readonly uint: ReadonlyMap<string, bigint>;
  readonly int: ReadonlyMap<string, bigint>;
  readonly bool: ReadonlyMap<string, boolean>;
  readonly bytes32: ReadonlyMap<string, string>;
  readonly bytes: ReadonlyMap<string, string>;
  readonly string: ReadonlyMap<string, string>;
  readonly arrays: GmxArrays;
}

// Keys and names repeat in every log. Both caches are bounded: their content comes from the chain.
const KEY_CACHE_LIMIT = 4096;
const keyCache = new Map<string, string>();
const nameHashCache = new Map<string, string>();

/** keccak256 of an event name, as it stands in topics[1]. */
export function eventNameHash(name: string): string {
  const known = nameHashCache.get(name);
  if (known !== undefined) return known;
  const hash = keccak256(toBytes(name));
  if (nameHashCache.size < KEY_CACHE_LIMIT) nameHashCache.set(name, hash);
  return hash;
}

type ReadValue<T> = (reader: EnvelopeReader, at: number) => T;
interface Group<T> {
  readonly items: ReadonlyMap<string, T>;
  readonly arrays: ReadonlyMap<string, readonly T[]>;
}

/** Bounded reads over one log's data. */
class EnvelopeReader {
  readonly #bytes: Buffer;
  /**
   * Bytes that elements may still claim. An honest encoding lays its elements side by side, so
   * together they never exceed the data; offsets that alias one region many times do, and would
   * otherwise make a small log cost quadratic time.
   */
  #budget: number;

  constructor(data: Uint8Array) {
    this.#bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    this.#budget = data.byteLength;
  }

  #need(at: number, length: number): void {
    if (at + length > this.#bytes.length) throw new DecodeError('data ends too early');
  }

  #spend(length: number): void {
    this.#budget -= length;
    if (this.#budget < 0) throw new DecodeError('elements overlap');
  }

  /** A word that must be an offset or a length: its upper bytes are zero and it lies in the data. */
  size(at: number): number {
    const bytes = this.#bytes;
    this.#need(at, WORD);
    const value = bytes.readUInt32BE(at + 28);
    if (
      value > bytes.length ||
      bytes.readUIntBE(at, 6) !== 0 ||
      bytes.readUIntBE(at + 6, 6) !== 0 ||
      bytes.readUIntBE(at + 12, 6) !== 0 ||
      bytes.readUIntBE(at + 18, 6) !== 0 ||
      bytes.readUInt32BE(at + 24) !== 0
    ) {
      throw new DecodeError('offset or length beyond the data');
    }
    return value;
  }

  /** Number of elements of a dynamic array, each of at least one word. */
  count(at: number): number {
    const count = this.size(at);
    if (count * WORD > this.#bytes.length - at - WORD) {
      throw new DecodeError('more elements than data');
    }
    this.#spend(WORD + count * WORD);
    return count;
  }

  #length(at: number): number {
    const length = this.size(at);
    this.#need(at + WORD, length);
    this.#spend(WORD + length);
    return length;
  }

  key(at: number): string {
    const start = at + WORD;
    const end = start + this.#length(at);
    // latin1 is cheaper than utf8 and tells byte strings apart, so it serves as the cache key
    const raw = this.#bytes.toString('latin1', start, end);
    const known = keyCache.get(raw);
    if (known !== undefined) return known;
    const key = this.#bytes.toString('utf8', start, end);
    if (raw.length <= MAX_NAME_BYTES && keyCache.size < KEY_CACHE_LIMIT) keyCache.set(raw, key);
    return key;
  }

  name(at: number): string {
    if (this.size(at) > MAX_NAME_BYTES) throw new DecodeError('event name too long');
    return this.key(at);
  }

  text(at: number): string {
    const start = at + WORD;
    const length = this.#length(at);
    return this.#bytes.toString('utf8', start, start + length);
  }

  bytes(at: number): string {
    const start = at + WORD;
    const length = this.#length(at);
    return `0x${this.#bytes.toString('hex', start, start + length)}`;
  }

  bytes32(at: number): string {
    this.#need(at, WORD);
    return `0x${this.#bytes.toString('hex', at, at + WORD)}`;
  }

  address(at: number): string {
    this.#need(at, WORD);
    if (this.#bytes.readUIntBE(at, 6) !== 0 || this.#bytes.readUIntBE(at + 6, 6) !== 0) {
      throw new DecodeError('address wider than 20 bytes');
    }
    return `0x${this.#bytes.toString('hex', at + 12, at + WORD)}`;
  }

  uint(at: number): bigint {
    this.#need(at, WORD);
    const bytes = this.#bytes;
    const low = bytes.readBigUInt64BE(at + 24);
    const next = bytes.readBigUInt64BE(at + 16);
    // Most values fit in 128 bits: the upper half is looked at without making bigints of it.
    if (
      bytes.readUIntBE(at, 6) === 0 &&
      bytes.readUIntBE(at + 6, 6) === 0 &&
      bytes.readUInt32BE(at + 12) === 0
    ) {
      return next === 0n ? low : (next << 64n) | low;
    }
    const high = (bytes.readBigUInt64BE(at) << 64n) | bytes.readBigUInt64BE(at + 8);
    return (high << 128n) | (next << 64n) | low;
  }

  int(at: number): bigint {
    const value = this.uint(at);
    return (this.#bytes[at] ?? 0) < 0x80 ? value : BigInt.asIntN(256, value);
  }

  bool(at: number): boolean {
    const value = this.size(at);
    if (value > 1) throw new DecodeError('boolean is neither 0 nor 1');
    return value === 1;
  }
}

const EMPTY: ReadonlyMap<string, never> = new Map<string, never>();

/** A key twice in a group has no meaning; a slot left unset shows as '' and may repeat. */
function put<T>(map: Map<string, T>, key: string, value: T): void {
  if (map.has(key) && key !== '') throw new DecodeError(`key appears twice: ${key.slice(0, 80)}`);
  map.set(key, value);
}

function readItems<T>(
  reader: EnvelopeReader,
  at: number,
  read: ReadValue<T>,
  isDynamic: boolean,
): ReadonlyMap<string, T> {
  const count = reader.count(at);
  if (count === 0) return EMPTY;
  const items = new Map<string, T>();
  const body = at + WORD;
  for (let index = 0; index < count; index++) {
    const tuple = body + reader.size(body + WORD * index);
    const key = reader.key(tuple + reader.size(tuple));
    const value = tuple + WORD;
    put(items, key, read(reader, isDynamic ? tuple + reader.size(value) : value));
  }
  return items;
}

function readArrays<T>(
  reader: EnvelopeReader,
  at: number,
  read: ReadValue<T>,
  isDynamic: boolean,
): ReadonlyMap<string, readonly T[]> {
  const count = reader.count(at);
  if (count === 0) return EMPTY;
  const arrays = new Map<string, readonly T[]>();
  const body = at + WORD;
  for (let index = 0; index < count; index++) {
    const tuple = body + reader.size(body + WORD * index);
    const key = reader.key(tuple + reader.size(tuple));
    const list = tuple + reader.size(tuple + WORD);
    const length = reader.count(list);
    const values: T[] = [];
    for (let element = 0; element < length; element++) {
      const slot = list + WORD + WORD * element;
      values.push(read(reader, isDynamic ? list + WORD + reader.size(slot) : slot));
    }
    put(arrays, key, values);
  }
  return arrays;
}

function readGroup<T>(
  reader: EnvelopeReader,
  eventData: number,
  index: number,
  read: ReadValue<T>,
  isDynamic = false,
): Group<T> {
  const group = eventData + reader.size(eventData + WORD * index);
  return {
    items: readItems(reader, group + reader.size(group), read, isDynamic),
    arrays: readArrays(reader, group + reader.size(group + WORD), read, isDynamic),
  };
}

/**
 * One log of the EventEmitter. `topics` are 0x hex as the source gave them, `data` the raw bytes
 * (not kept: every value is copied out).
 * @throws DecodeError when the bytes are truncated, oversized, ambiguous, or do not match topics[1]
 */
export function decodeEventLog(topics: readonly string[], data: Uint8Array): GmxEvent {
  if (TOPIC_COUNTS.get(topics[0]?.toLowerCase() ?? '') !== topics.length) {
    throw new DecodeError(`not an EventLog envelope: ${topics.length} topics`);
  }
  if (data.byteLength > MAX_DATA_BYTES) throw new DecodeError('data too large');
  const reader = new EnvelopeReader(data);
  const msgSender = reader.address(0);
  const name = reader.name(reader.size(WORD));
  if (eventNameHash(name) !== topics[1]?.toLowerCase()) {
    throw new DecodeError(`event name does not hash to topic 1: ${name.slice(0, 80)}`);
  }
  const eventData = reader.size(2 * WORD);
  const address = readGroup(reader, eventData, 0, (r, at) => r.address(at));
  const uint = readGroup(reader, eventData, 1, (r, at) => r.uint(at));
  const int = readGroup(reader, eventData, 2, (r, at) => r.int(at));
  const bool = readGroup(reader, eventData, 3, (r, at) => r.bool(at));
  const bytes32 = readGroup(reader, eventData, 4, (r, at) => r.bytes32(at));
  const bytes = readGroup(reader, eventData, 5, (r, at) => r.bytes(at), true);
  const string = readGroup(reader, eventData, 6, (r, at) => r.text(at), true);
  return {
    name,
    msgSender,
    topic1: topics[2]?.toLowerCase() ?? null,
    topic2: topics[3]?.toLowerCase() ?? null,
    address: address.items,
    uint: uint.items,
    int: int.items,
    bool: bool.items,
    bytes32: bytes32.items,
    bytes: bytes.items,
    string: string.items,
    arrays: {
      address: address.arrays,
      uint: uint.arrays,
      int: int.arrays,
      bool: bool.arrays,
      bytes32: bytes32.arrays,
      bytes: bytes.arrays,
      string: string.arrays,
    },
  };
}
