import fc from 'fast-check';
import type { AbiEvent, AbiParameter } from 'viem';
import { encodeAbiParameters, encodeEventTopics, type Hex } from 'viem';
import type { RawLogBatch } from '../../schema/raw-log.ts';

/** Any value of an ABI type, as viem takes it. */
export function anyValueOf(input: AbiParameter): fc.Arbitrary<unknown> {
  const array = /^(.*)\[(\d*)\]$/.exec(input.type);
  if (array) {
    const item = anyValueOf({ ...input, type: array[1] ?? '' });
    const size = array[2] ? Number(array[2]) : null;
    return fc.array(item, size === null ? { maxLength: 3 } : { minLength: size, maxLength: size });
  }
  if (input.type === 'tuple') {
    const { components } = input as { components: readonly AbiParameter[] };
    return fc.record(
      Object.fromEntries(components.map((one) => [one.name ?? '', anyValueOf(one)])),
    );
  }
  return scalarOf(input.type);
}

function scalarOf(type: string): fc.Arbitrary<unknown> {
  const [, kind = '', digits = ''] = /^([a-z]+)(\d*)$/.exec(type) ?? [];
  const bits = Number(digits || 256);
  const integers = (min: bigint, max: bigint) =>
    fc
      .oneof(fc.bigInt({ min: min > -9n ? min : -9n, max: 9n }), fc.bigInt({ min, max }))
      .map((value) => (bits <= 48 ? Number(value) : value));
  switch (kind) {
    case 'uint':
      return integers(0n, 2n ** BigInt(bits) - 1n);
    case 'int':
      return integers(-(2n ** BigInt(bits - 1)), 2n ** BigInt(bits - 1) - 1n);
    case 'bool':
      return fc.boolean();
    case 'address':
      return bytesOf(20, 20);
    case 'bytes':
      return digits ? bytesOf(bits, bits) : bytesOf(0, 80);
    case 'string':
      return fc.string({ maxLength: 40 });
    default:
      throw new Error(`no value for ${type}`);
  }
}

function bytesOf(minLength: number, maxLength: number): fc.Arbitrary<Hex> {
  return fc
    .uint8Array({ minLength, maxLength })
    .map((bytes) => `0x${Buffer.from(bytes).toString('hex')}` as Hex);
}

export type EventValues = Readonly<Record<string, unknown>>;

export function argumentsOf(event: AbiEvent): fc.Arbitrary<EventValues> {
  return fc.record(
    Object.fromEntries(event.inputs.map((input) => [input.name ?? '', anyValueOf(input)])),
  );
}

export interface EncodedLog {
  readonly topics: readonly Hex[];
  readonly data: Hex;
}

export function encodeLog(event: AbiEvent, values: EventValues): EncodedLog {
  const indexed = event.inputs.filter((input) => input.indexed);
  const body = event.inputs.filter((input) => !input.indexed);
  const args = Object.fromEntries(indexed.map((input) => [input.name, values[input.name ?? '']]));
  return {
    topics: encodeEventTopics({ abi: [event], args } as never) as Hex[],
    data: encodeAbiParameters(body, body.map((input) => values[input.name ?? '']) as never),
  };
}

/** Logs of one contract as a batch, each in a block of its own unless `isOneTransaction`. */
export function batchOf(
  logs: readonly EncodedLog[],
  at: {
    readonly chainId: number;
    readonly address: string | readonly string[];
    readonly isOneTransaction?: boolean;
    readonly firstBlock?: number;
  },
): RawLogBatch {
  const { isOneTransaction = false, firstBlock = 1_000_000_000 } = at;
  const number = (_: unknown, index: number) => (isOneTransaction ? 0 : index);
  const blocks = logs.map((_, index) => firstBlock + number(_, index));
  return {
    chainId: at.chainId,
    length: logs.length,
    blockNumber: Float64Array.from(blocks),
    blockTimestamp: Float64Array.from(blocks.map((block) => 1_750_000_000 + block - firstBlock)),
    logIndex: Uint32Array.from(logs.map((_, index) => index)),
    transactionIndex: new Uint32Array(logs.length),
    transactionHash: blocks.map((block) => `0x${block.toString(16).padStart(64, '0')}`),
    address: logs.map((_, index) =>
      typeof at.address === 'string' ? at.address : (at.address[index] ?? ''),
    ),
    topics: logs.map(({ topics }) => topics),
    data: logs.map(({ data }) => Uint8Array.from(Buffer.from(data.slice(2), 'hex'))),
  };
}
