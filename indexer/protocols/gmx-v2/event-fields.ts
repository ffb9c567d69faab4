import type { Details } from '../../../schema/events/place.ts';
import { DecodeError } from '../abi/decode-error.ts';
import type { GmxEvent } from './decode.ts';

/** Largest value of the store's Int256 columns. */
export const MAX_INT256 = (1n << 255n) - 1n;
const MAX_TIME_SECONDS = 1n << 40n;
const MAX_SMALL = 255n;
const GROUPS = ['address', 'uint', 'int', 'bool', 'bytes32', 'bytes', 'string'] as const;
type Group = (typeof GROUPS)[number];
type Scalar = string | bigint | boolean;

function asDetail(value: Scalar): string | boolean {
  return typeof value === 'bigint' ? value.toString() : value;
}

type DetailValue = Details[string];

/** Keys come from the chain: one that means something to JavaScript is still only a key. */
function setOwn(into: Record<string, DetailValue>, key: string, value: DetailValue): void {
  if (key !== '__proto__') into[key] = value;
  else Object.defineProperty(into, key, { value, enumerable: true, configurable: true });
}

/**
 * Reads one event by key and remembers what was taken: whatever no field took ends up in `details`,
 * so no key is dropped, known or not. A required key that is absent, or a number that does not fit
 * its field, throws a DecodeError with the reason.
 */
export class EventFields {
  readonly event: GmxEvent;
  /** Keys taken, by group. A handful each: a list is faster than a set. */
  readonly #taken: Readonly<Record<Group, string[]>> = {
    address: [],
    uint: [],
    int: [],
    bool: [],
    bytes32: [],
    bytes: [],
    string: [],
  };

  constructor(event: GmxEvent) {
    this.event = event;
  }

  #find<T>(group: Group, items: ReadonlyMap<string, T>, key: string): T | undefined {
    const value = items.get(key);
    if (value !== undefined) this.#taken[group].push(key);
    return value;
  }

  #must<T>(group: Group, items: ReadonlyMap<string, T>, key: string): T {
    const value = this.#find(group, items, key);
    if (value === undefined) {
      throw new DecodeError(`${this.event.name} without its key ${key} (${group})`);
    }
    return value;
  }

  #fits(key: string, value: bigint, limit: bigint): bigint {
    if (value > limit) throw new DecodeError(`${this.event.name}: ${key} out of range`);
    return value;
  }

  address(key: string): string {
    return this.#must('address', this.event.address, key);
  }

  optionalAddress(key: string): string | null {
    return this.#find('address', this.event.address, key) ?? null;
  }

  uint(key: string): bigint {
    return this.#fits(key, this.#must('uint', this.event.uint, key), MAX_INT256);
  }

  optionalUint(key: string): bigint | null {
    const value = this.#find('uint', this.event.uint, key);
    return value === undefined ? null : this.#fits(key, value, MAX_INT256);
  }

  /** A value where the venue uses 2^256-1 for "all of it": saturated, the exact text in `details`. */
  saturatedUint(key: string): bigint {
    const value = this.event.uint.get(key);
    if (value !== undefined && value > MAX_INT256) return MAX_INT256;
    return this.uint(key);
  }

  int(key: string): bigint {
    return this.#must('int', this.event.int, key);
  }

  optionalInt(key: string): bigint | null {
    return this.#find('int', this.event.int, key) ?? null;
  }

  /** The first of several names the same value had over the releases. */
  intUnderAnyName(...keys: readonly [string, ...string[]]): bigint {
    for (const key of keys) {
      const value = this.optionalInt(key);
      if (value !== null) return value;
    }
    return this.int(keys[0]);
  }

  bool(key: string): boolean {
    return this.#must('bool', this.event.bool, key);
  }

  bytes32(key: string): string {
    return this.#must('bytes32', this.event.bytes32, key);
  }

  optionalBytes32(key: string): string | null {
    return this.#find('bytes32', this.event.bytes32, key) ?? null;
  }

  bytes(key: string): string {
    return this.#must('bytes', this.event.bytes, key);
  }

  optionalText(key: string): string {
    return this.#find('string', this.event.string, key) ?? '';
  }

  /** An enum or another small number. */
  small(key: string): number {
    return Number(this.#fits(key, this.uint(key), MAX_SMALL));
  }

  optionalSmall(key: string): number | null {
    return this.event.uint.has(key) ? this.small(key) : null;
  }

  /** Unix seconds, or null where this form of the event has none. */
  optionalSeconds(key: string): number | null {
    const value = this.optionalUint(key);
    return value === null ? null : Number(this.#fits(key, value, MAX_TIME_SECONDS));
  }

  /** Topic 1 read as an address. */
  topicAddress(): string {
    const topic = this.event.topic1;
    if (topic === null || !topic.startsWith('0x000000000000000000000000')) {
      throw new DecodeError(`${this.event.name}: topic 2 of the log is no address`);
    }
    return `0x${topic.slice(26)}`;
  }

  /** Every key nothing above has taken, arrays too; `extra` wins over a key of the same name. */
  details(extra: Details = {}): Details {
    const rest: Record<string, DetailValue> = {};
    const keep = (group: Group, key: string, value: DetailValue) =>
      setOwn(rest, Object.hasOwn(rest, key) ? `${group}.${key}` : key, value);
    for (const group of GROUPS) {
      const items: ReadonlyMap<string, Scalar> = this.event[group];
      if (items.size > this.#taken[group].length) {
        for (const [key, value] of items) {
          if (!this.#taken[group].includes(key)) keep(group, key, asDetail(value));
        }
      }
      const arrays: ReadonlyMap<string, readonly Scalar[]> = this.event.arrays[group];
      for (const [key, values] of arrays) keep(group, key, values.map(asDetail));
    }
    for (const [key, value] of Object.entries(extra)) setOwn(rest, key, value);
    return rest;
  }
}
