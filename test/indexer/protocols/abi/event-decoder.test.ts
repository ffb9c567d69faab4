import fc from 'fast-check';
import { decodeEventLog, parseAbiItem } from 'viem';
import { describe, expect, it } from 'vitest';
import { DecodeError } from '../../../../indexer/protocols/abi/decode-error.ts';
import { eventDecoder } from '../../../../indexer/protocols/abi/event-decoder.ts';
import { argumentsOf, encodeLog } from '../../../contracts/event-arguments.ts';

const nested = parseAbiItem([
  'event Nested(address indexed who, string indexed note, int24 small, (uint8 kind, bytes32[2] pair, (string name, uint256[] values)[] items) box, bytes tail, bool[3] flags, int256[][] table)',
]);
const words = parseAbiItem(
  'event Words(uint8 a, int48 b, uint48 c, int56 d, bool e, address f, bytes4 g, uint256 h)',
);

const bytesOf = (hex: string) => Uint8Array.from(Buffer.from(hex.slice(2), 'hex'));
const lowered = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (_key, one: unknown) => (typeof one === 'bigint' ? `${one}n` : one)),
    (_key, one: unknown) =>
      typeof one === 'string' && /^0x[0-9a-fA-F]*$/.test(one) ? one.toLowerCase() : one,
  );

describe('eventDecoder', () => {
  it.each([nested, words])('agrees with viem on any $name', (event) => {
    const decoder = eventDecoder(event);
    fc.assert(
      fc.property(argumentsOf(event), (values) => {
        const { topics, data } = encodeLog(event, values);
        const theirs = decodeEventLog({ abi: [event], topics: [...topics] as never, data });
        expect(lowered(decoder.decode(topics, bytesOf(data)))).toEqual(lowered(theirs.args));
      }),
      { numRuns: 200 },
    );
  });

  it('refuses data that ends inside a value, wherever it ends', () => {
    const decoder = eventDecoder(words);
    const data = `0x${'00'.repeat(32 * 8)}`;
    expect(decoder.decode([decoder.topic0], bytesOf(data))).toHaveProperty('h', 0n);
    for (let length = 0; length < 32 * 8; length += 1) {
      const cut = bytesOf(data).slice(0, length);
      expect(() => decoder.decode([decoder.topic0], cut)).toThrow(DecodeError);
    }
  });

  it.each([
    ['a uint8 above 255', 0, `${'00'.repeat(30)}0100`],
    ['an int48 without its sign', 1, `${'00'.repeat(26)}800000000000`],
    ['a bool of 2', 4, `${'00'.repeat(31)}02`],
    ['an address of 21 bytes', 5, `${'00'.repeat(11)}01${'00'.repeat(20)}`],
    ['a bytes4 with a fifth byte', 6, `0000000001${'00'.repeat(27)}`],
  ])('refuses %s', (_name, index, word) => {
    const decoder = eventDecoder(words);
    const list = Array.from({ length: 8 }, () => '00'.repeat(32));
    list[index] = word;
    expect(() => decoder.decode([decoder.topic0], bytesOf(`0x${list.join('')}`))).toThrow(
      DecodeError,
    );
  });

  it('refuses an offset or a length that leaves the data', () => {
    const event = parseAbiItem('event Text(string text)');
    const decoder = eventDecoder(event);
    const word = (value: bigint) => value.toString(16).padStart(64, '0');
    const read = (...list: bigint[]) =>
      decoder.decode([decoder.topic0], bytesOf(`0x${list.map(word).join('')}`));
    expect(read(32n, 0n)).toEqual({ text: '' });
    expect(() => read(64n, 0n)).toThrow(DecodeError);
    expect(() => read(32n, 1n)).toThrow(DecodeError);
    expect(() => read(2n ** 255n, 0n)).toThrow(DecodeError);
    expect(() => read(32n, 2n ** 200n)).toThrow(DecodeError);
  });

  it('refuses another number of topics', () => {
    const decoder = eventDecoder(nested);
    expect(decoder.topicCount).toBe(3);
    expect(() => decoder.decode([decoder.topic0], new Uint8Array())).toThrow(
      'Nested: 1 topics instead of 3',
    );
  });
});
