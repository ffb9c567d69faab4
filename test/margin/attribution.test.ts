import { describe, expect, it } from 'vitest';
import type { MarginAssessment } from '../../margin/assessment.ts';
import {
  addChanges,
  attributeEvent,
  type MarginChange,
  NO_CHANGE,
  settlementOf,
} from '../../margin/attribution.ts';
import { gmxV1Rules } from '../../margin/rules/gmx-v1/rules.ts';
import { gmxV2Rules } from '../../margin/rules/gmx-v2/rules.ts';
import type { FeeEvent, PositionEvent } from '../../schema/events/position.ts';

interface Numbers {
  readonly collateral: bigint;
  readonly pnl?: bigint;
  readonly impact?: bigint;
  readonly borrowing?: bigint;
  readonly funding?: bigint;
  readonly closingFee?: bigint;
  /** false: the venue holds costs against the requirement. */
  readonly isCounted?: boolean;
}

function judged(numbers: Numbers): MarginAssessment {
  const { collateral, pnl = 0n, impact = 0n, borrowing = 0n, funding = 0n } = numbers;
  const { closingFee = 0n, isCounted = true } = numbers;
  const totalCostUsd = isCounted ? borrowing + funding + closingFee : 0n;
  return {
    equityUsd: collateral + pnl + impact - totalCostUsd,
    maintenanceMarginUsd: 1n,
    notionalUsd: 1_000n,
    collateralUsd: collateral,
    marginRatio: null,
    healthFactor: null,
    isLiquidatable: false,
    liquidationReason: '',
    liquidationPrice: null,
    distance: null,
    unrealizedPnlUsd: pnl,
    uncappedPnlUsd: pnl,
    priceImpactUsd: impact,
    borrowFeeUsd: borrowing,
    fundingUsd: funding,
    positionFeeUsd: closingFee,
    totalCostUsd,
    indexPrice: { min: 1n, max: 1n },
    collateralPrice: { min: 1n, max: 1n },
  };
}

const event = (of: Partial<PositionEvent> & Pick<PositionEvent, 'type'>) => ({
  realizedPnlUsd: 0n,
  priceImpactUsd: 0n,
  collateralPriceMin: 2n,
  details: {},
  ...of,
});

const fee = (of: Partial<FeeEvent>) => ({
  type: 'FeesCharged' as const,
  collateralPriceMin: 2n,
  positionFeeRaw: 0n,
  borrowFeeRaw: 0n,
  fundingFeeRaw: 0n,
  liquidationFeeRaw: 0n,
  totalCostRaw: 0n,
  ...of,
});

const change = (parts: Partial<MarginChange>): MarginChange => ({ ...NO_CHANGE, ...parts });

describe('the change of equity by an event', () => {
  it('is the owner’s alone where a deposit settles costs that were counted', () => {
    const before = judged({
      collateral: 100n,
      pnl: 7n,
      borrowing: 3n,
      funding: 5n,
      closingFee: 2n,
    });
    const after = judged({ collateral: 142n, pnl: 7n, closingFee: 2n });
    const costs = { fundingUsd: 5n, borrowingUsd: 3n, feeUsd: 0n };
    const deposit = change({ totalUsd: 50n, ownerUsd: 50n });
    expect(attributeEvent(before, after, { realizedUsd: 0n, costs })).toEqual(deposit);
    // No log tells what was taken: settling is neutral.
    expect(attributeEvent(before, after, { realizedUsd: 0n, costs: null })).toEqual(deposit);
  });

  it('shows costs when they are taken where the equity had not counted them', () => {
    const isCounted = false;
    const before = judged({ collateral: 100n, borrowing: 3n, closingFee: 2n, isCounted });
    const after = judged({ collateral: 145n, closingFee: 2n, isCounted });
    const costs = { fundingUsd: 0n, borrowingUsd: 3n, feeUsd: 2n };
    expect(attributeEvent(before, after, { realizedUsd: 0n, costs })).toEqual(
      change({ totalUsd: 45n, borrowingUsd: -3n, feeUsd: -2n, ownerUsd: 50n }),
    );
  });

  it('is neutral for a profit that turns into collateral at the mark, and price beyond it', () => {
    const before = judged({ collateral: 100n, pnl: 40n, impact: -4n });
    const after = judged({ collateral: 115n, pnl: 20n, impact: -2n });
    expect(attributeEvent(before, after, { realizedUsd: 15n, costs: null })).toEqual(
      change({ totalUsd: -3n, priceUsd: -3n }),
    );
  });

  it('of an opening is the deposit less the fee, the spread and the fee of closing', () => {
    const after = judged({ collateral: 97n, pnl: -1n, impact: -2n, closingFee: 3n });
    const costs = { fundingUsd: 0n, borrowingUsd: 0n, feeUsd: 3n };
    expect(attributeEvent(null, after, { realizedUsd: 0n, costs })).toEqual(
      change({ totalUsd: 91n, ownerUsd: 100n, feeUsd: -6n, priceUsd: -3n }),
    );
  });

  it('of a liquidation is its penalty, and what goes back to the owner', () => {
    const before = judged({ collateral: 100n, pnl: -80n, borrowing: 2n, closingFee: 3n });
    const costs = { fundingUsd: 0n, borrowingUsd: 2n, feeUsd: 3n + 6n };
    expect(attributeEvent(before, null, { realizedUsd: -80n, costs })).toEqual(
      change({ totalUsd: -15n, feeUsd: -6n, ownerUsd: -9n }),
    );
  });

  it('of a liquidation whose rest the venue keeps is a fee, and nothing goes to the owner', () => {
    const before = judged({ collateral: 100n, pnl: -80n });
    const costs = { fundingUsd: 0n, borrowingUsd: 0n, feeUsd: 6n };
    const kept = { realizedUsd: -80n, costs, isForfeited: true };
    expect(attributeEvent(before, null, kept)).toEqual(
      change({ totalUsd: -20n, feeUsd: -20n, ownerUsd: 0n }),
    );
    const missing = judged({ collateral: 100n, pnl: -120n });
    expect(attributeEvent(missing, null, { ...kept, realizedUsd: -120n })).toEqual(
      change({ totalUsd: 20n, feeUsd: -6n, ownerUsd: 26n }),
    );
  });

  it('of an insolvent liquidation leaves what nobody paid on the owner’s side', () => {
    const before = judged({ collateral: 100n, pnl: -120n });
    const costs = { fundingUsd: 0n, borrowingUsd: 0n, feeUsd: 6n };
    expect(attributeEvent(before, null, { realizedUsd: -120n, costs })).toEqual(
      change({ totalUsd: 20n, feeUsd: -6n, ownerUsd: 26n }),
    );
  });
});

describe('what an event settled', () => {
  it('is read off its fees, all that is neither funding nor borrowing being a fee', () => {
    const fees = [
      fee({ positionFeeRaw: 3n, borrowFeeRaw: 4n, fundingFeeRaw: -5n, totalCostRaw: 10n }),
      fee({ type: 'FundingShortfall', fundingFeeRaw: 99n }),
      fee({ liquidationFeeRaw: 6n, collateralPriceMin: 0n }),
    ];
    expect(settlementOf(gmxV1Rules, event({ type: 'PositionDecreased' }), fees)).toEqual({
      realizedUsd: 0n,
      costs: { fundingUsd: -10n, borrowingUsd: 8n, feeUsd: 22n + 12n },
      isForfeited: false,
    });
  });

  it('is what was due where an insolvent close charged nothing', () => {
    const due = fee({ type: 'FeesDue', liquidationFeeRaw: 6n });
    const charged = fee({ positionFeeRaw: 1n });
    const costs = (fees: (typeof charged | typeof due)[]) =>
      settlementOf(gmxV1Rules, event({ type: 'PositionLiquidated' }), fees).costs?.feeUsd;
    expect(costs([due, fee({ type: 'InsolventClosed' })])).toBe(12n);
    expect(costs([charged, fee({ type: 'InsolventClosed' })])).toBe(2n);
    expect(costs([charged, due])).toBe(2n);
  });

  it('is unknown without a fee event', () => {
    expect(settlementOf(gmxV1Rules, event({ type: 'MarginAdded' }), []).costs).toBeNull();
  });

  it('has the impact of a decrease, and none of an increase', () => {
    const realized = (type: PositionEvent['type']) =>
      settlementOf(gmxV1Rules, event({ type, realizedPnlUsd: 5n, priceImpactUsd: -3n }), [])
        .realizedUsd;
    expect(realized('PositionDecreased')).toBe(2n);
    expect(realized('PositionClosed')).toBe(2n);
    expect(realized('PositionLiquidated')).toBe(2n);
    expect(realized('PositionIncreased')).toBe(5n);
  });

  it('has the pending impact with it where the venue settles both at once', () => {
    const realized = (type: PositionEvent['type'], details: PositionEvent['details']) =>
      settlementOf(gmxV2Rules, event({ type, priceImpactUsd: -3n, details }), []).realizedUsd;
    expect(realized('PositionDecreased', { totalImpactUsd: '-8' })).toBe(-8n);
    expect(realized('PositionDecreased', {})).toBe(-3n);
    expect(realized('PositionIncreased', { totalImpactUsd: '-8' })).toBe(0n);
  });
});

describe('changes', () => {
  it('add up part by part', () => {
    const a = change({ totalUsd: 3n, priceUsd: 1n, ownerUsd: 2n });
    const b = change({
      totalUsd: 10n,
      fundingUsd: 1n,
      borrowingUsd: 2n,
      feeUsd: 3n,
      parameterUsd: 4n,
    });
    expect(addChanges(a, b)).toEqual({
      totalUsd: 13n,
      priceUsd: 1n,
      fundingUsd: 1n,
      borrowingUsd: 2n,
      feeUsd: 3n,
      ownerUsd: 2n,
      parameterUsd: 4n,
    });
    expect(addChanges(NO_CHANGE, a)).toEqual(a);
  });
});
