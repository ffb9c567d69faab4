import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventNameHash } from '../../../../indexer/protocols/gmx-v2/decode.ts';
import { gmxV2 } from '../../../../indexer/protocols/gmx-v2/index.ts';
import type { ChainReader } from '../../../../indexer/protocols/protocol-adapter.ts';
import type { RawLogBatch } from '../../../../schema/raw-log.ts';
import { CRASH_ARCHIVE, TRUTH_ARCHIVE } from '../../../fixtures/gmx-v2/archives.ts';
import { batchOf } from '../../../fixtures/gmx-v2/log-batch.ts';
import { readArchiveLogs, readArchiveManifest } from '../../../fixtures/read-archive.ts';

const arbitrum = gmxV2.readerFor({ chainId: 42161, chain: 'arbitrum', manifest: null })!;

function countTypes(reader: ChainReader, batch: RawLogBatch): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { type } of reader.normalize(batch).events) counts[type] = (counts[type] ?? 0) + 1;
  return counts;
}

describe('normalize', () => {
  it('gives the counts the crash archive was recorded with', async () => {
    const manifest = readArchiveManifest(CRASH_ARCHIVE);
    const reader = gmxV2.readerFor({ ...manifest, manifest })!;
    const batch = await readArchiveLogs(CRASH_ARCHIVE);
    expect(countTypes(reader, batch)).toEqual({
      // 464 PositionIncrease
      PositionOpened: 253,
      PositionIncreased: 89,
      MarginAdded: 122,
      // 375 PositionDecrease
      PositionDecreased: 120,
      MarginRemoved: 70,
      PositionClosed: 131,
      PositionLiquidated: 54,
      FeesCharged: 839,
      FeesDue: 7,
      InsolventClosed: 7,
      OrderCreated: 968,
      OrderExecuted: 839,
      OrderCancelled: 121,
      OrderSizeDeltaAutoUpdated: 1,
      KeeperFeePaid: 909,
      ExecutionFeeRefunded: 909,
      OracleUpdated: 6076,
      MarketListed: 9,
      AdlStateChanged: 662,
      BorrowingRateChanged: 1684,
      BorrowingFactorAccrued: 1684,
      FundingRateChanged: 842,
      FundingPerSizeAccrued: 1604,
      ClaimableFundingPerSizeAccrued: 1604,
      ClaimableFundingChanged: 534,
      CollateralSumChanged: 839,
      OpenInterestUsdChanged: 647,
      OpenInterestBaseChanged: 647,
      PoolAmountChanged: 1533,
      SwapImpactPoolChanged: 45,
      ImpactPoolChanged: 297,
      LentImpactPoolChanged: 192,
      PendingImpactChanged: 839,
      PoolValueUpdated: 3,
      // 352 SetUint, 1 SetBool
      ParameterChanged: 353,
    });
    // ClaimableFeeAmountUpdated 871, SwapFeesCollected 51, SwapInfo 45, SignerAdded 10, deposits 6,
    // MarketPoolValueInfo 6, Glv 3
    expect(reader.normalize(batch).ignored).toBe(992);
  });

  it('says states and deltas that agree: after = before + delta, for every position', async () => {
    for (const dir of [CRASH_ARCHIVE, TRUTH_ARCHIVE]) {
      const manifest = readArchiveManifest(dir);
      const reader = gmxV2.readerFor({ ...manifest, manifest })!;
      const size = new Map<string, { usd: bigint; base: bigint; collateral: bigint }>();
      for (const event of reader.normalize(await readArchiveLogs(dir)).events) {
        if (event.kind !== 'position') continue;
        const before = size.get(event.positionKey) ?? { usd: 0n, base: 0n, collateral: 0n };
        expect(event.sizeUsd).toBe(before.usd + event.sizeDeltaUsd);
        expect(event.sizeBase).toBe(before.base + event.sizeDeltaBase);
        expect(event.collateralRaw).toBe(before.collateral + event.collateralDeltaRaw);
        expect(event.type === 'PositionOpened').toBe(before.usd === 0n);
        size.set(event.positionKey, {
          usd: event.sizeUsd,
          base: event.sizeBase,
          collateral: event.collateralRaw,
        });
      }
      expect(size.size).toBeGreaterThan(100);
    }
  });

  it('keeps whole what it cannot read, with the reason, and goes on', async () => {
    const batch = await readArchiveLogs(TRUTH_ARCHIVE);
    const manifest = readArchiveManifest(TRUTH_ARCHIVE);
    const reader = gmxV2.readerFor({ ...manifest, manifest })!;
    const increases = eventNameHash('PositionIncrease');
    const ours = Array.from({ length: batch.length }, (_, row) => row)
      .filter((row) => batch.topics[row]?.[1] === increases)
      .slice(10, 20);
    const victims = new Set(ours);
    const cut = {
      ...batch,
      data: batch.data.map((bytes, row) => (victims.has(row) ? bytes.subarray(0, 100) : bytes)),
    };
    const whole = reader.normalize(batch);
    const part = reader.normalize(cut);
    expect(part.deadLetters).toHaveLength(10);
    expect(part.events.length + part.deadLetters.length + part.ignored).toBe(
      whole.events.length + whole.ignored,
    );
    for (const letter of part.deadLetters) {
      const row = ours.find((at) => {
        return (
          batch.blockNumber[at] === letter.blockNumber && batch.logIndex[at] === letter.logIndex
        );
      })!;
      expect(letter.reason).toMatch(/data|offset|elements/);
      expect(letter.data).toBe(
        `0x${Buffer.from(batch.data[row]!.subarray(0, 100)).toString('hex')}`,
      );
      expect(letter.topics).toEqual(batch.topics[row]);
    }
  });

  it('leaves the logs of other addresses to other venues', async () => {
    const batch = await readArchiveLogs(TRUTH_ARCHIVE);
    expect(arbitrum.normalize(batch)).toEqual({ events: [], deadLetters: [], ignored: 0 });
  });

  it('turns mangled logs into an event, a dead letter or ignored, and never throws or hangs', async () => {
    const source = await readArchiveLogs(TRUTH_ARCHIVE);
    const rows = Array.from({ length: source.length }, (_, row) => row).filter((row) => {
      return (source.topics[row]?.length ?? 0) >= 2 && source.data[row]!.length > 1000;
    });
    const mangled = fc
      .record({
        row: fc.constantFrom(...rows),
        cut: fc.option(fc.nat({ max: 6000 })),
        flips: fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), { maxLength: 6 }),
        topics: fc.constantFrom('same', 'none', 'fewer', 'more', 'other'),
        noise: fc.option(fc.uint8Array({ maxLength: 400 })),
      })
      .map(({ row, cut, flips, topics, noise }) => {
        const data = noise ?? Uint8Array.from(source.data[row]!).slice(0, cut ?? undefined);
        for (const [at, mask] of flips) if (data.length > 0) data[at % data.length]! ^= mask;
        const all = source.topics[row]!;
        const variants: Record<string, readonly string[]> = {
          same: all,
          none: [],
          fewer: all.slice(0, -1),
          more: [...all, `0x${'77'.repeat(32)}`],
          other: [all[0]!, `0x${'77'.repeat(32)}`, ...all.slice(2)],
        };
        return { topics: variants[topics]!, data };
      });
    fc.assert(
      fc.property(fc.array(mangled, { minLength: 1, maxLength: 8 }), (logs) => {
        const { events, deadLetters, ignored } = arbitrum.normalize(batchOf(logs));
        const told = new Set([...events, ...deadLetters].map((each) => each.logIndex));
        expect(told.size + ignored).toBe(logs.length);
        for (const letter of deadLetters) expect(letter.reason).not.toMatch(/adapter fault/);
      }),
      { numRuns: 1500 },
    );
  });
});
