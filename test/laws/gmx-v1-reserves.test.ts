import { beforeAll, describe, expect, it } from 'vitest';
import { eventDecoder } from '../../indexer/protocols/abi/event-decoder.ts';
import * as events from '../../indexer/protocols/gmx-v1/events.ts';
import { gmxV1 } from '../../indexer/protocols/gmx-v1/index.ts';
import type { PositionEvent } from '../../schema/events/position.ts';
import type { RawLogBatch } from '../../schema/raw-log.ts';
import {
  readArchiveLogs,
  readArchiveManifest,
  readArchiveSenders,
} from '../fixtures/read-archive.ts';

const ARCHIVE = 'archives/gmx-v1-crash-scenario';
const decoders = new Map(
  [...events.otherVaultEvents, events.increaseReservedAmount, events.decreaseReservedAmount].map(
    (event) => [eventDecoder(event).topic0, eventDecoder(event)] as const,
  ),
);

/** Signed changes of the Vault's own counters in one block: `reserved:<token>`, `guaranteed:<token>`. */
function counterChanges(batch: RawLogBatch): Map<number, [string, bigint][]> {
  const changes = new Map<number, [string, bigint][]>();
  for (let row = 0; row < batch.length; row++) {
    const decoder = decoders.get(batch.topics[row]?.[0] ?? '');
    const [, verb, counter] =
      /^(Increase|Decrease)(Reserved|Guaranteed)/.exec(decoder?.event.name ?? '') ?? [];
    if (!decoder || !counter) continue;
    const args = decoder.decode(batch.topics[row]!, batch.data[row]!);
    const amount = args['amount'] as bigint;
    const block = batch.blockNumber[row]!;
    const list = changes.get(block) ?? [];
    list.push([
      `${counter.toLowerCase()}:${args['token']}`,
      verb === 'Increase' ? amount : -amount,
    ]);
    changes.set(block, list);
  }
  return changes;
}

/** What the Vault's counters must be, from our positions alone. */
function sumsOf(positions: Iterable<PositionEvent>): Map<string, bigint> {
  const sums = new Map<string, bigint>();
  const add = (key: string, value: bigint) => sums.set(key, (sums.get(key) ?? 0n) + value);
  for (const event of positions) {
    if (event.sizeUsd === 0n) continue;
    add(`reserved:${event.collateralToken}`, BigInt(String(event.details['reserveAmount'])));
    if (event.isLong)
      add(`guaranteed:${event.collateralToken}`, event.sizeUsd - event.collateralRaw);
  }
  return sums;
}

describe("the Vault's own counters and our positions", () => {
  let batch: RawLogBatch;
  let positionEvents: readonly PositionEvent[];

  beforeAll(async () => {
    const manifest = readArchiveManifest(ARCHIVE);
    const { chainId, chain } = manifest;
    batch = await readArchiveLogs(ARCHIVE);
    const made = gmxV1
      .readerFor({ chainId, chain, manifest })!
      .normalize(batch, await readArchiveSenders(ARCHIVE));
    positionEvents = made.events.filter(
      (event): event is PositionEvent => event.kind === 'position',
    );
  });

  it('agree after every block: reserves of all positions, guaranteed USD of the longs', () => {
    const counters = new Map<string, bigint>();
    const changes = counterChanges(batch);
    const last = new Map<string, PositionEvent>();
    const blocks = new Set([
      ...changes.keys(),
      ...positionEvents.map((event) => event.blockNumber),
    ]);
    const differences: string[] = [];
    let compared = 0;
    let next = 0;
    for (const block of [...blocks].sort((a, b) => a - b)) {
      for (const [key, delta] of changes.get(block) ?? []) {
        counters.set(key, (counters.get(key) ?? 0n) + delta);
      }
      for (; positionEvents[next] && positionEvents[next]!.blockNumber <= block; next++) {
        last.set(positionEvents[next]!.positionKey, positionEvents[next]!);
      }
      const sums = sumsOf(last.values());
      for (const key of new Set([...counters.keys(), ...sums.keys()])) {
        compared++;
        const [theirs, ours] = [counters.get(key) ?? 0n, sums.get(key) ?? 0n];
        if (theirs !== ours) differences.push(`block ${block} ${key}: ${theirs} is ${ours} here`);
      }
    }
    process.stdout.write(`GMX V1 counters: ${compared} compared in ${blocks.size} blocks\n`);
    expect(differences).toEqual([]);
    expect(blocks.size).toBe(positionEvents.length);
  });

  it('know the collateral before every change: each delta leads from one state to the next', () => {
    const collateral = new Map<string, bigint>();
    for (const event of positionEvents) {
      const before = collateral.get(event.positionKey) ?? 0n;
      expect(before + event.collateralDeltaRaw).toBe(event.collateralRaw);
      collateral.set(event.positionKey, event.collateralRaw);
    }
    expect(positionEvents).toHaveLength(1083);
  });
});
