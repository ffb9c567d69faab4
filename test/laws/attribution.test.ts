import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addChanges,
  attributeChange,
  type JudgedInstant,
  type MarginChange,
  NO_CHANGE,
  type Settlement,
} from '../../margin/attribution.ts';
import { type PriceRange, parameterKey } from '../../margin/inputs.ts';
import { accrueFor } from '../../margin/rules/gmx-v2/accrual.ts';
import { assess } from '../../margin/rules/gmx-v2/assess.ts';
import { type GmxV2Market, tokensOfMarket } from '../../margin/rules/gmx-v2/market-state.ts';
import type { GmxV2Position } from '../../margin/rules/gmx-v2/position-state.ts';
import { gmxV2Rules } from '../../margin/rules/gmx-v2/rules.ts';
import { marketPrices } from '../../margin/rules/gmx-v2/venue-inputs.ts';
import { CorruptDataError } from '../../schema/errors.ts';
import { MARKET, type Situation, situations } from './gmx-v2-arbitraries.ts';

type Instant = JudgedInstant<GmxV2Position, GmxV2Market>;
type Input = Instant['input'];

const judge = (input: Input): Instant => ({ input, assessment: gmxV2Rules.assess(input) });
const instantOf = ({ updatedAt, ...situation }: Situation): Instant =>
  judge({ ...situation, timestamp: updatedAt });

function change(before: Instant, after: Instant, settlement: Settlement | null): MarginChange {
  const found = attributeChange(gmxV2Rules, before, after, settlement);
  const { totalUsd, ...parts } = found;
  expect(Object.values(parts).reduce((sum, part) => sum + part, 0n)).toBe(totalUsd);
  expect(totalUsd).toBe(after.assessment.equityUsd - before.assessment.equityUsd);
  return found;
}

/** Multiplied by some millionths. */
const scaled = (value: bigint, millionths: number): bigint =>
  (value * BigInt(millionths)) / 1_000_000n;

const moves = fc.record({
  price: fc.integer({ min: 500_000, max: 1_900_000 }),
  seconds: fc.integer({ min: 0, max: 90 * 86_400 }),
  feeFactor: fc.integer({ min: 0, max: 3_000_000 }),
  borrowed: fc.integer({ min: 1_000_000, max: 1_400_000 }),
  openInterest: fc.integer({ min: 1_000_000, max: 2_000_000 }),
  collateral: fc.integer({ min: 300_000, max: 3_000_000 }),
  size: fc.integer({ min: 200_000, max: 1_000_000 }),
});
type Moves = typeof moves extends fc.Arbitrary<infer T> ? T : never;

function atPrices(input: Input, { price }: Moves): Input {
  const move = ({ min, max }: PriceRange): PriceRange => ({
    min: scaled(min, price) + 1n,
    max: scaled(max, price) + 1n,
  });
  return { ...input, prices: new Map([...input.prices].map(([feed, p]) => [feed, move(p)])) };
}

const later = (input: Input, { seconds }: Moves): Input => ({
  ...input,
  timestamp: input.timestamp + seconds,
});

/** Someone trades: the accumulators grow, and with them the open interest. */
function traded(input: Input, { borrowed, openInterest }: Moves): Input {
  const { market } = input;
  const grown = (by: Readonly<Record<string, bigint>>) =>
    Object.fromEntries(Object.entries(by).map(([token, n]) => [token, scaled(n, openInterest)]));
  return {
    ...input,
    market: {
      ...market,
      borrowingFactor: {
        long: scaled(market.borrowingFactor.long, borrowed),
        short: scaled(market.borrowingFactor.short, borrowed),
      },
      openInterestUsd: {
        long: grown(market.openInterestUsd.long),
        short: market.openInterestUsd.short,
      },
      borrowingUpdatedAt: { long: input.timestamp, short: input.timestamp },
      fundingUpdatedAt: input.timestamp,
    },
  };
}

function underParameters(input: Input, { feeFactor }: Moves): Input {
  const key = parameterKey(MARKET, 'positionFeeFactorBalanceNotImproved');
  const value = scaled(input.parameters.get(key)!, feeFactor);
  return { ...input, parameters: new Map(input.parameters).set(key, value) };
}

function resized(input: Input, { collateral, size }: Moves): Input {
  const { position } = input;
  return {
    ...input,
    position: {
      ...position,
      sizeInUsd: scaled(position.sizeInUsd, size),
      sizeInTokens: scaled(position.sizeInTokens, size) + 1n,
      collateralAmount: scaled(position.collateralAmount, collateral),
    },
  };
}

/** The position once its funding and borrowing were settled: it stands at the market's accumulators. */
function settledNow({ position, market, parameters, prices, timestamp }: Input): GmxV2Position {
  const tokens = tokensOfMarket(market);
  const priced = marketPrices(prices, tokens);
  const now = accrueFor(position, market, tokens, parameters, priced, timestamp);
  return {
    ...position,
    borrowingFactor: now.borrowingFactor,
    fundingFeeAmountPerSize: now.fundingFeePerSize,
    longTokenClaimableFundingAmountPerSize: now.claimableLongPerSize,
    shortTokenClaimableFundingAmountPerSize: now.claimableShortPerSize,
  };
}

const amounts = fc.bigInt({ min: -(10n ** 34n), max: 10n ** 34n });
const settlements: fc.Arbitrary<Settlement> = fc.record({
  realizedUsd: amounts,
  costs: fc.option(fc.record({ fundingUsd: amounts, borrowingUsd: amounts, feeUsd: amounts }), {
    nil: null,
  }),
});

const RUNS = { numRuns: 300 };

describe('attribution', () => {
  it('sums exactly, whatever changes at once and whatever an event is said to have settled', () => {
    fc.assert(
      fc.property(
        situations,
        moves,
        fc.option(settlements, { nil: null }),
        (drawn, by, settled) => {
          const before = instantOf(drawn);
          const moved = underParameters(traded(later(atPrices(before.input, by), by), by), by);
          change(before, judge(settled ? resized(moved, by) : moved), settled);
        },
      ),
      RUNS,
    );
  });

  it('of an interval is the sum of those of its steps, taken in the same order', () => {
    fc.assert(
      fc.property(situations, moves, (drawn, by) => {
        const first = instantOf(drawn);
        const middle = judge(atPrices(first.input, by));
        const last = judge(later(middle.input, by));
        const steps = addChanges(change(first, middle, null), change(middle, last, null));
        expect(change(first, last, null)).toEqual(steps);
      }),
      RUNS,
    );
  });

  it('blames a move of prices alone on price', () => {
    fc.assert(
      fc.property(situations, moves, (drawn, by) => {
        const before = instantOf(drawn);
        const after = judge(atPrices(before.input, by));
        const totalUsd = after.assessment.equityUsd - before.assessment.equityUsd;
        expect(change(before, after, null)).toEqual({ ...NO_CHANGE, totalUsd, priceUsd: totalUsd });
      }),
      RUNS,
    );
  });

  it('blames time alone on funding and borrowing, but for rounding to token units', () => {
    fc.assert(
      fc.property(situations, moves, (drawn, by) => {
        const before = instantOf(drawn);
        const after = judge(later(before.input, by));
        const found = change(before, after, null);
        expect(found).toMatchObject({
          fundingUsd: before.assessment.fundingUsd - after.assessment.fundingUsd,
          borrowingUsd: before.assessment.borrowFeeUsd - after.assessment.borrowFeeUsd,
          priceUsd: 0n,
          ownerUsd: 0n,
          parameterUsd: 0n,
        });
        const unit = before.assessment.collateralPrice.min;
        expect(found.feeUsd).toBeLessThan(unit);
        expect(found.feeUsd).toBeGreaterThan(-unit);
      }),
      RUNS,
    );
  });

  it('blames a changed parameter alone on parameter', () => {
    fc.assert(
      fc.property(situations, moves, (drawn, by) => {
        const before = instantOf(drawn);
        const after = judge(underParameters(before.input, by));
        const totalUsd = after.assessment.equityUsd - before.assessment.equityUsd;
        expect(change(before, after, null)).toEqual({
          ...NO_CHANGE,
          totalUsd,
          parameterUsd: totalUsd,
        });
      }),
      RUNS,
    );
  });

  it('calls a deposit that settles the accrued costs the owner’s, to the last unit', () => {
    fc.assert(
      fc.property(situations, moves, fc.bigInt({ min: 0n, max: 10n ** 24n }), (drawn, by, raw) => {
        const before = judge(later(instantOf(drawn).input, by));
        const { borrowFeeRaw, fundingFeeRaw } = assess(before.input);
        const position = settledNow(before.input);
        const collateralAmount = position.collateralAmount + raw - borrowFeeRaw - fundingFeeRaw;
        const after = judge({ ...before.input, position: { ...position, collateralAmount } });
        const price = before.assessment.collateralPrice.min;
        const costs = {
          fundingUsd: fundingFeeRaw * price,
          borrowingUsd: borrowFeeRaw * price,
          feeUsd: 0n,
        };
        const found = change(before, after, { realizedUsd: 0n, costs });
        expect(found.ownerUsd).toBe(raw * price);
        expect(found).toMatchObject({ priceUsd: 0n, fundingUsd: 0n, parameterUsd: 0n });
      }),
      RUNS,
    );
  });

  it('is none where a mixture of the inputs cannot be judged', () => {
    fc.assert(
      fc.property(situations, moves, settlements, (drawn, by, settled) => {
        const after = judge(later(instantOf(drawn).input, by));
        const before = { ...after, input: { ...after.input, parameters: new Map() } };
        expect(() => attributeChange(gmxV2Rules, before, after, settled)).toThrow(CorruptDataError);
      }),
    );
  });
});
