import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { KnownPosition } from '../../indexer/protocols/position-memory.ts';
import type {
  ChainReader,
  NormalizedBatch,
  ProtocolAdapter,
} from '../../indexer/protocols/protocol-adapter.ts';
import type { VenueRules } from '../../margin/venue-rules.ts';
import type { ArchiveManifest } from '../../schema/archive-manifest.ts';
import type { EventPlace } from '../../schema/events/place.ts';
import type { RawLogBatch } from '../../schema/raw-log.ts';
import {
  readArchiveLogs,
  readArchiveManifest,
  readArchiveSenders,
} from '../fixtures/read-archive.ts';
import { misshapen } from './domain-event-shape.ts';

const logOf = (place: EventPlace) => `${place.blockNumber}:${place.logIndex}`;
const byPlace = (a: EventPlace, b: EventPlace) =>
  a.blockNumber - b.blockNumber || a.logIndex - b.logIndex || a.subIndex - b.subIndex;

/** Rows `from` (inclusive) to `to` of a batch. */
export function sliceBatch(batch: RawLogBatch, from: number, to: number): RawLogBatch {
  return {
    chainId: batch.chainId,
    length: Math.min(to, batch.length) - from,
    blockNumber: batch.blockNumber.slice(from, to),
    blockTimestamp: batch.blockTimestamp.slice(from, to),
    logIndex: batch.logIndex.slice(from, to),
    transactionIndex: batch.transactionIndex.slice(from, to),
    transactionHash: batch.transactionHash.slice(from, to),
    address: batch.address.slice(from, to),
    topics: batch.topics.slice(from, to),
    data: batch.data.slice(from, to),
  };
}

/** Row ranges of at least `least` rows each that end where a block ends. */
function partsOfBlocks(batch: RawLogBatch, least: number): [number, number][] {
  const parts: [number, number][] = [];
  let from = 0;
  for (let row = 1; row <= batch.length; row++) {
    const endsBlock = batch.blockNumber[row] !== batch.blockNumber[row - 1];
    if (row === batch.length || (endsBlock && row - from >= least)) {
      parts.push([from, row]);
      from = row;
    }
  }
  return parts;
}

/** Thirty neighbouring logs, some with a bit, a topic or the tail of their data gone wrong. */
function brokenBatch(batch: RawLogBatch, selected: readonly number[]): fc.Arbitrary<RawLogBatch> {
  const start = fc.nat({ max: selected.length - 1 }).map((index) => selected[index] ?? 0);
  const damage = fc.record({
    offset: fc.nat({ max: 29 }),
    at: fc.double({ min: 0, max: 0.999, noNaN: true }),
    how: fc.constantFrom('cut', 'flip', 'topic'),
  });
  return fc
    .tuple(start, fc.array(damage, { minLength: 1, maxLength: 12 }))
    .map(([from, damages]) => {
      const part = sliceBatch(batch, from, Math.min(batch.length, from + 30));
      const data = part.data.map((bytes) => Uint8Array.from(bytes));
      const topics = part.topics.map((list) => [...list]);
      for (const { offset, at, how } of damages) {
        const bytes = data[offset];
        if (!bytes) continue;
        const place = Math.floor(at * bytes.length);
        if (how === 'cut') data[offset] = bytes.slice(0, place);
        else if (how === 'flip' && bytes.length > 0) bytes[place] = (bytes[place] ?? 0) ^ 0x80;
        else topics[offset]?.pop();
      }
      return { ...part, data, topics };
    });
}

/** What every adapter owes the pipeline, on recorded chains that hold its venue. */
export function describeProtocolAdapter(
  adapter: ProtocolAdapter,
  archives: readonly string[],
  /** For adapters that take from the fold state, on a restart, what no column holds. */
  rules?: VenueRules,
) {
  describe.each(archives)(`${adapter.venue} on %s`, (dir) => {
    let manifest: ArchiveManifest;
    let reader: ChainReader;
    let freshReader: () => ChainReader;
    let senders: ReadonlyMap<string, string>;
    let batch: RawLogBatch;
    let result: NormalizedBatch;
    let selected: number[];

    beforeAll(async () => {
      manifest = readArchiveManifest(dir);
      batch = await readArchiveLogs(dir);
      senders = await readArchiveSenders(dir);
      freshReader = () => {
        const { chainId, chain } = manifest;
        const found = adapter.readerFor({ chainId, chain, manifest });
        if (!found) throw new Error(`no reader for ${dir}`);
        return found;
      };
      reader = freshReader();
      result = reader.normalize(batch, senders);
      const isSelected = (row: number) =>
        reader.selections.some(
          ({ addresses, topics }) =>
            (addresses.length === 0 || addresses.includes(batch.address[row]!)) &&
            topics.every((any, at) => any.length === 0 || any.includes(batch.topics[row]![at]!)),
        );
      selected = Array.from({ length: batch.length }, (_, row) => row).filter(isSelected);
    });

    it('reads every log and writes no dead letter', () => {
      expect(result.deadLetters).toEqual([]);
      expect(result.events.length).toBeGreaterThan(0);
    });

    it('accounts for every selected log: an event, a dead letter or ignored', () => {
      const told = new Set([...result.events.map(logOf), ...result.deadLetters.map(logOf)]);
      expect(told.size + result.ignored).toBe(selected.length);
    });

    it('gives events in chain order, each with an identity of its own', () => {
      expect(result.events).toEqual([...result.events].sort(byPlace));
      const all = [...reader.initialEvents(), ...result.events];
      const ids = new Set(all.map((event) => `${logOf(event)}:${event.subIndex}`));
      expect(ids.size).toBe(all.length);
    });

    it('says the venue, the chain and the block time in every event', () => {
      const times = new Map(
        selected.map((row) => [batch.blockNumber[row], batch.blockTimestamp[row]]),
      );
      for (const event of result.events) {
        expect(event.venue).toBe(adapter.venue);
        expect(event.chainId).toBe(manifest.chainId);
        expect(event.blockTimestamp).toBe(times.get(event.blockNumber));
      }
    });

    it('gives well-shaped events', () => {
      expect(misshapen([...reader.initialEvents(), ...result.events])).toBe('');
    });

    it('gives the same events again, and in parts of whole blocks', () => {
      expect(freshReader().normalize(batch, senders)).toEqual(result);
      const inParts = freshReader();
      const events = [];
      for (const [from, to] of partsOfBlocks(batch, 777)) {
        events.push(...inParts.normalize(sliceBatch(batch, from, to), senders).events);
      }
      expect(events).toEqual(result.events);
    });

    it('goes on after a restart as if it had never stopped', () => {
      const [, [, middle]] = partsOfBlocks(batch, Math.ceil(batch.length / 2))
        .entries()
        .next().value ?? [0, [0, batch.length]];
      const first = freshReader().normalize(sliceBatch(batch, 0, middle), senders);
      const restarted = freshReader();
      const last = new Map<string, KnownPosition>();
      for (const event of first.events) {
        if (event.kind !== 'position') continue;
        const before = last.get(event.positionKey)?.state ?? rules?.initialPosition(event);
        const state = rules?.evolvePosition(before, event);
        last.set(event.positionKey, { ...event, state });
      }
      restarted.remember?.([...last.values()]);
      const second = restarted.normalize(sliceBatch(batch, middle, batch.length), senders);
      expect([...first.events, ...second.events]).toEqual(result.events);
    });

    it('keeps broken logs whole: never a throw, never a misshapen event', () => {
      fc.assert(
        fc.property(brokenBatch(batch, selected), (bad) => {
          const { events, deadLetters } = freshReader().normalize(bad, senders);
          expect(misshapen(events)).toBe('');
          for (const { reason } of deadLetters) expect(reason).not.toContain('adapter fault');
        }),
        { numRuns: 60 },
      );
    });

    it('does not hold on to the bytes it was given', () => {
      const rows = sliceBatch(batch, 0, Math.min(batch.length, 5000));
      const copied = { ...rows, data: rows.data.map((bytes) => Uint8Array.from(bytes)) };
      const before = freshReader().normalize(copied, senders);
      const kept = structuredClone(before);
      for (const bytes of copied.data) bytes.fill(0xff);
      expect(before).toEqual(kept);
    });

    it('places initial facts at or after the first block it wants scanned', () => {
      for (const event of reader.initialEvents()) {
        expect(event.blockNumber).toBeGreaterThanOrEqual(reader.firstBlock);
      }
    });
  });

  it(`${adapter.venue} is not on a chain that nobody knows`, () => {
    expect(adapter.readerFor({ chainId: 42161, chain: 'somewhere', manifest: null })).toBeNull();
  });
}
