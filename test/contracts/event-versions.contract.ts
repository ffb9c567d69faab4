import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import type { AbiEvent } from 'viem';
import { decodeEventLog, toEventSelector, toEventSignature } from 'viem';
import { describe, expect, it } from 'vitest';
import { eventDecoder } from '../../indexer/protocols/abi/event-decoder.ts';
import type {
  ChainContext,
  ChainReader,
  NormalizedBatch,
  ProtocolAdapter,
} from '../../indexer/protocols/protocol-adapter.ts';
import type { RawLogBatch } from '../../schema/raw-log.ts';
import { misshapen } from './domain-event-shape.ts';
import { argumentsOf, batchOf, type EncodedLog, encodeLog } from './event-arguments.ts';

/** ABI items of a protocol, every version: test/fixtures/abis/<name>.json. */
export function abiOf(...names: readonly string[]): AbiEvent[] {
  return names.flatMap((name) => {
    const path = fileURLToPath(new URL(`../fixtures/abis/${name}.json`, import.meta.url));
    const items = JSON.parse(readFileSync(path, 'utf8')) as AbiEvent[];
    return items.filter((item) => item.type === 'event');
  });
}

export interface EventVersionsSubject {
  readonly adapter: ProtocolAdapter;
  /** A chain on which the adapter has a reader. */
  readonly context: ChainContext;
  /** Contract that logs an event. */
  addressOf(event: AbiEvent): string;
  /** Every version of every event that the adapter must know. */
  readonly events: readonly AbiEvent[];
  /** False where logs are found by topic, whoever wrote them: other events are then not its own. */
  readonly ownsContracts: boolean;
}

/** viem checksums addresses; ours are lower case. */
function lowered(value: unknown): unknown {
  if (typeof value === 'string') return value.startsWith('0x') ? value.toLowerCase() : value;
  if (Array.isArray(value)) return value.map(lowered);
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, lowered(one)]));
  }
  return value;
}

/** A log with one bit, one topic or its tail gone wrong. */
function broken(log: EncodedLog): fc.Arbitrary<EncodedLog> {
  const bytes = (log.data.length - 2) / 2;
  const cut = fc
    .nat({ max: Math.max(0, bytes - 1) })
    .map((length) => ({ ...log, data: log.data.slice(0, 2 + 2 * length) as `0x${string}` }));
  const flipped = fc
    .tuple(fc.nat({ max: Math.max(0, bytes - 1) }), fc.nat({ max: 7 }))
    .map(([at, bit]) => {
      const data = Buffer.from(log.data.slice(2), 'hex');
      if (data.length > 0) data[at] = (data[at] ?? 0) ^ (1 << bit);
      return { ...log, data: `0x${data.toString('hex')}` as const };
    });
  const fewer = fc.constant({ ...log, topics: log.topics.slice(0, -1) });
  const more = fc.constant({ ...log, topics: [...log.topics, log.topics[0] ?? '0x'].slice(0, 4) });
  return fc.oneof(cut, flipped, fewer, more);
}

/**
 * What every ABI adapter owes, whatever the bytes: each version of each event is known and decoded as
 * viem decodes it, hostile bytes become dead letters, the same bytes give the same events.
 */
export function describeEventVersions(subject: EventVersionsSubject): void {
  const { adapter, context, events } = subject;
  const freshReader = (): ChainReader => {
    const reader = adapter.readerFor(context);
    if (!reader) throw new Error(`${adapter.venue} has no reader on ${context.chain}`);
    return reader;
  };
  const batchFor = (event: AbiEvent, logs: readonly EncodedLog[]): RawLogBatch =>
    batchOf(logs, { chainId: context.chainId, address: subject.addressOf(event) });
  const read = (event: AbiEvent, logs: readonly EncodedLog[]): NormalizedBatch =>
    freshReader().normalize(batchFor(event, logs));
  const accountedFor = ({ events: made, deadLetters, ignored }: NormalizedBatch): number =>
    new Set([...made, ...deadLetters].map((one) => `${one.blockNumber}:${one.logIndex}`)).size +
    ignored;
  const named = events.map((event) => {
    const indexed = event.inputs.filter((input) => input.indexed).length;
    return [`${toEventSignature(event).slice(0, 90)} (${indexed} indexed)`, event] as const;
  });

  describe(`${adapter.venue}: every event version`, () => {
    it.each(named)('decodes %s as viem does', (_name, event) => {
      const decoder = eventDecoder(event);
      fc.assert(
        fc.property(argumentsOf(event), (values) => {
          const { topics, data } = encodeLog(event, values);
          const theirs = decodeEventLog({ abi: [event], topics: [...topics] as never, data });
          const bytes = Uint8Array.from(Buffer.from(data.slice(2), 'hex'));
          expect(decoder.decode(topics, bytes)).toEqual(lowered(theirs.args));
        }),
        { numRuns: 15 },
      );
    });

    it.each(named)('knows %s', (_name, event) => {
      fc.assert(
        fc.property(argumentsOf(event), (values) => {
          const result = read(event, [encodeLog(event, values)]);
          expect(accountedFor(result)).toBe(1);
          expect(misshapen(result.events)).toBe('');
          for (const { reason } of result.deadLetters) {
            expect(reason).not.toMatch(/no known event version|adapter fault/);
          }
        }),
        { numRuns: 15 },
      );
    });

    it.each(named)('keeps a broken %s whole', (_name, event) => {
      const log = argumentsOf(event).map((values) => encodeLog(event, values));
      fc.assert(
        fc.property(log.chain(broken), (bad) => {
          const result = read(event, [bad]);
          expect(accountedFor(result)).toBeLessThanOrEqual(1);
          expect(misshapen(result.events)).toBe('');
          for (const letter of result.deadLetters) {
            expect(letter).toMatchObject({ topics: bad.topics, data: bad.data });
            expect(letter.reason).not.toContain('adapter fault');
          }
        }),
        { numRuns: 25 },
      );
    });

    it('gives the same events for the same bytes', () => {
      fc.assert(
        fc.property(
          fc.constantFrom(...events).chain((e) => argumentsOf(e).map((v) => [e, v] as const)),
          ([event, values]) => {
            const logs = [encodeLog(event, values), encodeLog(event, values)];
            expect(read(event, logs)).toEqual(read(event, logs));
          },
        ),
        { numRuns: 40 },
      );
    });

    if (subject.ownsContracts)
      it('names the topic of an event that it does not know', () => {
        const [event] = events;
        if (!event) throw new Error('no events');
        const topic = toEventSelector('SomethingNew(uint256)');
        const { deadLetters, events: made } = read(event, [{ topics: [topic], data: '0x' }]);
        expect(made).toEqual([]);
        expect(deadLetters).toHaveLength(1);
        expect(deadLetters[0]?.reason).toContain(topic);
      });

    it('names the topic of a known event with another number of indexed parameters', () => {
      const [event] = events;
      if (!event) throw new Error('no events');
      const topic = toEventSelector(event);
      const topics = [topic, topic, topic, topic] as const;
      const isKnown = (count: number) =>
        events.some(
          (one) =>
            toEventSelector(one) === topic &&
            1 + one.inputs.filter((input) => input.indexed).length === count,
        );
      const count = [4, 3, 2, 1].find((one) => !isKnown(one)) ?? 4;
      const { deadLetters } = read(event, [{ topics: topics.slice(0, count), data: '0x' }]);
      expect(deadLetters[0]?.reason).toContain(topic);
    });
  });
}
