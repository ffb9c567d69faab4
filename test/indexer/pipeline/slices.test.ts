import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { slices } from '../../../indexer/pipeline/slices.ts';
import type { RawLogBatch } from '../../../schema/raw-log.ts';

function batchOf(blocks: readonly number[]): RawLogBatch {
  return {
    chainId: 1,
    length: blocks.length,
    blockNumber: Float64Array.from(blocks),
    blockTimestamp: Float64Array.from(blocks),
    logIndex: Uint32Array.from(blocks.map((_, index) => index)),
    transactionIndex: new Uint32Array(blocks.length),
    transactionHash: blocks.map(() => '0x'),
    address: blocks.map(() => '0x'),
    topics: blocks.map(() => []),
    data: blocks.map(() => new Uint8Array()),
  };
}

const sortedBlocks = fc
  .array(fc.integer({ min: 0, max: 30 }), { maxLength: 80 })
  .map((blocks) => blocks.sort((a, b) => a - b));

describe('slices', () => {
  it('keeps every log once, in order, and never splits a block', () => {
    fc.assert(
      fc.property(sortedBlocks, fc.integer({ min: 1, max: 20 }), (blocks, size) => {
        const cut = slices(batchOf(blocks), 40, size);
        expect(cut.flatMap(({ batch }) => [...batch.logIndex])).toEqual(blocks.map((_, i) => i));
        for (const [index, { batch, toBlock }] of cut.entries()) {
          const next = cut[index + 1];
          if (next) expect(next.batch.blockNumber[0]).toBeGreaterThan(toBlock);
          if (batch.length > 0) expect(batch.blockNumber.at(-1)).toBeLessThanOrEqual(toBlock);
        }
      }),
    );
  });

  it('covers the whole range even without logs', () => {
    expect(slices(batchOf([]), 40, 10).map(({ toBlock }) => toBlock)).toEqual([40]);
    expect(slices(batchOf([1, 2]), 40, 1).at(-1)?.toBlock).toBe(40);
  });
});
