import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DecodeError } from '../../../../indexer/protocols/abi/decode-error.ts';
import { decodeEventLog } from '../../../../indexer/protocols/gmx-v2/decode.ts';
import { GMX_V2_ARCHIVES } from '../../../fixtures/gmx-v2/archives.ts';
import { decodeByViem, encodeEventLog } from '../../../fixtures/gmx-v2/event-log-abi.ts';
import { gmxV2Section, readArchiveLogs } from '../../../fixtures/read-archive.ts';

const ADDRESS = `0x${'0a'.repeat(20)}`;
const MAX_UINT = (1n << 256n) - 1n;
const rich = encodeEventLog({
  name: 'Rich',
  topic1: ADDRESS,
  topic2: `0x${'11'.repeat(32)}`,
  items: {
    address: { a: ADDRESS },
    uint: { zero: 0n, word: (1n << 64n) - 1n, two: 1n << 64n, three: 1n << 130n, max: MAX_UINT },
    int: { minus: -1n, low: -(1n << 255n), high: (1n << 255n) - 1n, small: 5n },
    bool: { yes: true, no: false },
    bytes32: { k: `0x${'fe'.repeat(32)}` },
    bytes: { none: '0x', some: `0x${'de'.repeat(33)}` },
    string: { none: '', some: 'héllo ✓'.repeat(20), __proto__x: 'x' },
  },
  arrays: {
    address: { path: [ADDRESS, ADDRESS], empty: [] },
    uint: { list: [1n, MAX_UINT] },
    int: { list: [-5n, 5n] },
    bool: { list: [true, false] },
    bytes32: { dataList: [`0x${'01'.repeat(32)}`] },
    bytes: { list: ['0x', '0x01', `0x${'fe'.repeat(64)}`] },
    string: { list: ['', 'é', 'x'.repeat(70)] },
  },
});

describe('decodeEventLog', () => {
  it.each(GMX_V2_ARCHIVES)('agrees with viem on every log of the emitter in %s', async (dir) => {
    const emitter = gmxV2Section(dir).eventEmitter;
    const batch = await readArchiveLogs(dir);
    let compared = 0;
    for (let row = 0; row < batch.length; row++) {
      if (batch.address[row] !== emitter) continue;
      const topics = batch.topics[row]!;
      const data = batch.data[row]!;
      expect(decodeEventLog(topics, data), `log ${row}`).toEqual(decodeByViem(topics, data));
      compared++;
    }
    expect(compared).toBeGreaterThan(100);
  });

  it('agrees with viem on every group, on arrays and on extreme numbers', () => {
    expect(decodeEventLog(rich.topics, rich.data)).toEqual(decodeByViem(rich.topics, rich.data));
  });

  it('reads a view into a larger buffer', () => {
    const large = Buffer.concat([Buffer.alloc(64, 0xff), rich.data, Buffer.alloc(64, 0xff)]);
    const view = large.subarray(64, 64 + rich.data.length);
    expect(decodeEventLog(rich.topics, view)).toEqual(decodeByViem(rich.topics, rich.data));
  });

  it('refuses every truncation', () => {
    // the padding of the last string is not read, so the cut starts before it
    for (let length = 0; length < rich.data.length - 32; length++) {
      expect(() => decodeEventLog(rich.topics, rich.data.subarray(0, length))).toThrow(DecodeError);
    }
  });

  it('refuses an envelope whose name is not the one in topic 1', () => {
    const other = encodeEventLog({ name: 'Other', topic1: ADDRESS, topic2: ADDRESS });
    expect(() => decodeEventLog(other.topics, rich.data)).toThrow(/does not hash to topic 1/);
  });

  it('refuses a wrong number of topics, and topics of another event', () => {
    expect(() => decodeEventLog(rich.topics.slice(0, 3), rich.data)).toThrow(DecodeError);
    expect(() => decodeEventLog([], rich.data)).toThrow(DecodeError);
    expect(() => decodeEventLog([`0x${'00'.repeat(32)}`], rich.data)).toThrow(DecodeError);
  });

  it('refuses dirty words, keys said twice, and data beyond any log', () => {
    const log = encodeEventLog({
      name: 'B',
      items: { bool: { b: true }, address: { a: ADDRESS } },
    });
    const at = (word: string) => Buffer.from(log.data).indexOf(Buffer.from(word, 'hex'));
    const dirty = Buffer.from(log.data);
    dirty[at(`${'00'.repeat(12)}${'0a'.repeat(20)}`)] = 1;
    expect(() => decodeEventLog(log.topics, dirty)).toThrow(/wider than 20 bytes/);

    const two = encodeEventLog({ name: 'B', items: { bool: { aa: true, ab: true } } });
    const twice = Buffer.from(two.data);
    twice[twice.indexOf('ab') + 1] = 'a'.charCodeAt(0);
    expect(() => decodeEventLog(two.topics, twice)).toThrow(/appears twice/);

    expect(() => decodeEventLog(log.topics, new Uint8Array((1 << 20) + 1))).toThrow(/too large/);
  });

  it('reads slots a release left unset: they have an empty key, more than once', () => {
    const { topics, data } = encodeEventLog({ name: 'B', items: { bool: { aa: true, ab: true } } });
    for (const key of ['aa', 'ab']) data[Buffer.from(data).indexOf(key) - 1] = 0;
    expect([...decodeEventLog(topics, data).bool]).toEqual([['', true]]);
  });

  it('spends no more than the data allows on offsets that all point at one region', () => {
    // 3,000 array items that are one and the same list of 3,000 words: nine million values
    const many = 3000;
    const word = (value: number) => value.toString(16).padStart(64, '0');
    const empty = [word(64), word(96), word(0), word(0)].join('');
    const item = [word(64), word(96), word(0), word(many), word(1).repeat(many)].join('');
    const aliased = [word(many), word(many * 32).repeat(many), item].join('');
    const groups = [7 * 32, 7 * 32 + 128, ...Array.from({ length: 5 }, () => 7 * 32)];
    const uints = [word(64), word(96), word(0), aliased].join('');
    const name = Buffer.from('Alias').toString('hex').padEnd(64, '0');
    const head = [word(0), word(96), word(160), word(5), name].join('');
    const data = Buffer.from([head, ...groups.map(word), empty, uints].join(''), 'hex');
    const { topics } = encodeEventLog({ name: 'Alias' });
    expect(() => decodeEventLog(topics, data)).toThrow('elements overlap');

    const once = [word(1), word(32), item].join('');
    const honest = data.toString('hex').replace(aliased, once);
    expect(decodeEventLog(topics, Buffer.from(honest, 'hex')).arrays.uint.get('')).toHaveLength(
      many,
    );
  });

  it('never yields anything but an event or a DecodeError, whatever bits are flipped', () => {
    const flips = fc.array(
      fc.tuple(fc.nat({ max: rich.data.length - 1 }), fc.integer({ min: 1, max: 255 })),
      { minLength: 1, maxLength: 8 },
    );
    fc.assert(
      fc.property(flips, (changes) => {
        const data = Buffer.from(rich.data);
        for (const [at, mask] of changes) data[at] = data[at]! ^ mask;
        try {
          decodeEventLog(rich.topics, data);
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
        }
      }),
      { numRuns: 3000 },
    );
  });
});
