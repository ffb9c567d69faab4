import { describe, expect, it } from 'vitest';
import { RangeSizer } from '../../../indexer/source/range-sizer.ts';

const limits = { initialBlocks: 100, maxBlocks: 10_000, targetLogs: 1_000, targetBytes: 1_000_000 };

describe('RangeSizer', () => {
  it('grows fourfold at most, up to the largest range', () => {
    const sizer = new RangeSizer(limits);
    const sizes = Array.from({ length: 5 }, () => {
      sizer.observe({ blocks: sizer.nextBlocks, logs: 0, bytes: 0 });
      return sizer.nextBlocks;
    });
    expect(sizes).toEqual([400, 1_600, 6_400, 10_000, 10_000]);
  });

  it('shrinks to what logs or bytes allow', () => {
    const byLogs = new RangeSizer(limits);
    byLogs.observe({ blocks: 100, logs: 4_000, bytes: 10 });
    expect(byLogs.nextBlocks).toBe(25);
    const byBytes = new RangeSizer(limits);
    byBytes.observe({ blocks: 100, logs: 10, bytes: 2_000_000 });
    expect(byBytes.nextBlocks).toBe(50);
  });

  it('does not take a short range at the end of the chain for a sign to shrink', () => {
    const sizer = new RangeSizer(limits);
    sizer.observe({ blocks: 3, logs: 10, bytes: 100 });
    expect(sizer.nextBlocks).toBe(100);
  });

  it('halves after a failure until one block is left', () => {
    const sizer = new RangeSizer(limits);
    expect(sizer.halve(5)).toBe(true);
    expect(sizer.nextBlocks).toBe(2);
    expect(sizer.halve(2)).toBe(true);
    expect(sizer.nextBlocks).toBe(1);
    expect(sizer.halve(1)).toBe(false);
    expect(sizer.nextBlocks).toBe(1);
  });
});
