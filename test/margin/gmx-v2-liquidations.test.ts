import { beforeAll, describe, expect, it } from 'vitest';
import { assess } from '../../margin/rules/gmx-v2/assess.ts';
import { CRASH_ARCHIVE, TRUTH_ARCHIVE } from '../fixtures/gmx-v2/archives.ts';
import { type RealisedLiquidation, readTimeline } from './gmx-v2-timeline.ts';

const SETS = [
  { name: 'truth', archive: TRUTH_ARCHIVE, count: 67, feesComparable: 64 },
  { name: 'crash', archive: CRASH_ARCHIVE, count: 54, feesComparable: 54 },
] as const;

const judge = (of: RealisedLiquidation) => assess({ ...of, timestamp: of.event.blockTimestamp });

/** Fees due: `FeesDue` where an insolvent close stopped early, else what was taken. */
function feesDue({ fees }: RealisedLiquidation) {
  const due =
    fees.find((fee) => fee.type === 'FeesDue') ?? fees.find((fee) => fee.type === 'FeesCharged');
  return due && due.totalCostRaw > 0n ? due : null;
}

describe.each(SETS)('every liquidation of the $name archive', (set) => {
  let liquidations: readonly RealisedLiquidation[];
  beforeAll(async () => {
    liquidations = (await readTimeline(set.archive)).liquidations;
  }, 120_000);

  it('satisfies the predicate at its own prices', () => {
    const refused = liquidations.filter((of) => !judge(of).isLiquidatable);
    expect(liquidations).toHaveLength(set.count);
    expect(refused.map((of) => of.event.positionKey)).toEqual([]);
  });

  it('realises exactly the pnl we compute', () => {
    const ours = liquidations.map((of) => judge(of).unrealizedPnlUsd);
    expect(ours).toEqual(liquidations.map((of) => of.event.realizedPnlUsd));
  });

  it('owes exactly the fees we compute, wherever the log holds them', () => {
    const withFees = liquidations.filter((of) => feesDue(of) !== null);
    expect(withFees).toHaveLength(set.feesComparable);
    for (const of of withFees) {
      const { positionFeeRaw, borrowFeeRaw, fundingFeeRaw, borrowFeeUsd } = judge(of);
      expect(feesDue(of)).toMatchObject({
        positionFeeRaw,
        borrowFeeRaw,
        fundingFeeRaw,
        borrowFeeUsd,
      });
    }
  });

  it('has a liquidation price that the index price has passed', () => {
    for (const of of liquidations) {
      const { liquidationPrice, distance, indexPrice } = judge(of);
      const { isLong } = of.position;
      if (liquidationPrice === null) throw new Error(of.event.positionKey);
      expect(isLong ? indexPrice.min <= liquidationPrice : indexPrice.max >= liquidationPrice).toBe(
        true,
      );
      expect(distance).toBeLessThanOrEqual(0);
    }
  });
});
