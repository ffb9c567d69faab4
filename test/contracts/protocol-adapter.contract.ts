import { beforeAll, describe, expect, it } from 'vitest';
import type {
  ChainReader,
  NormalizedBatch,
  ProtocolAdapter,
} from '../../indexer/protocols/protocol-adapter.ts';
import type { ArchiveManifest } from '../../schema/archive-manifest.ts';
import type { EventPlace } from '../../schema/events/place.ts';
import type { RawLogBatch } from '../../schema/raw-log.ts';
import { readArchiveLogs, readArchiveManifest } from '../fixtures/read-archive.ts';

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

/** What every adapter owes the pipeline, on recorded chains that hold its venue. */
export function describeProtocolAdapter(adapter: ProtocolAdapter, archives: readonly string[]) {
  describe.each(archives)(`${adapter.venue} on %s`, (dir) => {
    let manifest: ArchiveManifest;
    let reader: ChainReader;
    let batch: RawLogBatch;
    let result: NormalizedBatch;
    let selected: number[];

    beforeAll(async () => {
      manifest = readArchiveManifest(dir);
      batch = await readArchiveLogs(dir);
      const found = adapter.readerFor({
        chainId: manifest.chainId,
        chain: manifest.chain,
        manifest,
      });
      if (!found) throw new Error(`no reader for ${dir}`);
      reader = found;
      result = reader.normalize(batch);
      const isSelected = (row: number) =>
        reader.selections.some(
          ({ addresses, topics }) =>
            addresses.includes(batch.address[row]!) &&
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

    it('gives the same events again, and in parts of any size', () => {
      expect(reader.normalize(batch)).toEqual(result);
      const events = [];
      for (let from = 0; from < batch.length; from += 777) {
        events.push(...reader.normalize(sliceBatch(batch, from, from + 777)).events);
      }
      expect(events).toEqual(result.events);
    });

    it('does not hold on to the bytes it was given', () => {
      const rows = sliceBatch(batch, 0, Math.min(batch.length, 5000));
      const copied = { ...rows, data: rows.data.map((bytes) => Uint8Array.from(bytes)) };
      const before = reader.normalize(copied);
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
