import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { feedKey, parameterKey } from '../../margin/inputs.ts';
import { accrueFor } from '../../margin/rules/gmx-v2/accrual.ts';
import { assess } from '../../margin/rules/gmx-v2/assess.ts';
import { accrueFunding } from '../../margin/rules/gmx-v2/funding.ts';
import {
  type LiquidationInputs,
  requirementOf,
  testLiquidation,
} from '../../margin/rules/gmx-v2/liquidation.ts';
import { liquidationPrice, pricesAt } from '../../margin/rules/gmx-v2/liquidation-price.ts';
import {
  openInterest,
  openInterestBy,
  tokensOfMarket,
} from '../../margin/rules/gmx-v2/market-state.ts';
import { worsePrice } from '../../margin/rules/gmx-v2/pnl.ts';
import { type MarketPrices, marketPrices } from '../../margin/rules/gmx-v2/venue-inputs.ts';
import { decodeState, encodeState } from '../../margin/state-codec.ts';
import { INDEX, MARKET, type Situation, situations } from './gmx-v2-arbitraries.ts';

const RUNS = { numRuns: Number(process.env['LAW_RUNS'] ?? 600) };
const SECONDS = fc.integer({ min: 0, max: 30 * 86_400 });

function inputsOf(s: Situation, seconds: number): { inputs: LiquidationInputs; now: MarketPrices } {
  const tokens = tokensOfMarket(s.market);
  const now = marketPrices(s.prices, tokens);
  const at = s.updatedAt + seconds;
  const accumulators = accrueFor(s.position, s.market, tokens, s.parameters, now, at);
  const requirement = requirementOf(s.position, s.parameters);
  return { inputs: { ...s, tokens, accumulators, requirement }, now };
}

const judge = (s: Situation, seconds: number) => assess({ ...s, timestamp: s.updatedAt + seconds });

/** The situation with the index price (and what moves with it) put at `price`. */
function priced(s: Situation, price: bigint): Situation {
  const { inputs, now } = inputsOf(s, 0);
  const moved = pricesAt(price, inputs, now);
  const { long, short } = inputs.tokens;
  const prices = new Map([
    ...s.prices,
    [feedKey('gmx-v2', long), moved.long] as const,
    [feedKey('gmx-v2', short), moved.short] as const,
    [feedKey('gmx-v2', INDEX), moved.index] as const,
  ]);
  return { ...s, prices };
}

describe('the margin of a GMX V2 position', () => {
  it('is continuous at a price move of zero', () => {
    fc.assert(
      fc.property(situations, SECONDS, (s, seconds) => {
        const { inputs, now } = inputsOf(s, seconds);
        const unmoved = pricesAt(worsePrice(s.position.isLong, now), inputs, now);
        const there = testLiquidation(inputs, unmoved);
        expect(there.remainingCollateralUsd).toBe(judge(s, seconds).equityUsd);
      }),
      RUNS,
    );
  });

  it('flips exactly at the solved liquidation price, on the accrued state', () => {
    let solved = 0;
    fc.assert(
      fc.property(situations, SECONDS, (s, seconds) => {
        const { inputs, now } = inputsOf(s, seconds);
        const flip = liquidationPrice(inputs, now, testLiquidation(inputs, now));
        if (flip === null) return;
        solved += 1;
        const liquidatableAt = (price: bigint) =>
          testLiquidation(inputs, pricesAt(price, inputs, now)).isLiquidatable;
        expect(liquidatableAt(flip)).toBe(true);
        expect(liquidatableAt(flip + (s.position.isLong ? 1n : -1n))).toBe(false);
      }),
      RUNS,
    );
    expect(solved).toBeGreaterThan(RUNS.numRuns / 3);
  });

  it('flips when the solved price is put back into the whole assessment', () => {
    fc.assert(
      fc.property(situations, (s) => {
        const flip = judge(s, 0).liquidationPrice;
        if (flip === null) return;
        const oneUnitSafer = flip + (s.position.isLong ? 1n : -1n);
        expect(judge(priced(s, flip), 0).isLiquidatable).toBe(true);
        expect(judge(priced(s, oneUnitSafer), 0).isLiquidatable).toBe(false);
      }),
      RUNS,
    );
  });

  it('has no liquidation price only where moving the price cannot flip it', () => {
    let without = 0;
    fc.assert(
      fc.property(situations, (s) => {
        const { liquidationPrice: flip, indexPrice } = judge(s, 0);
        if (flip !== null) return;
        without += 1;
        const atLowest = judge(priced(s, 1n), 0).isLiquidatable;
        const atHighest = judge(priced(s, indexPrice.max * 1000n), 0).isLiquidatable;
        // A flip in the dangerous direction would be liquidatable at one end and safe at the other.
        expect(s.position.isLong ? atLowest && !atHighest : !atLowest && atHighest).toBe(false);
      }),
      RUNS,
    );
    expect(without).toBeGreaterThan(0);
  });

  it('grows by exactly the price of every unit of collateral added', () => {
    fc.assert(
      fc.property(situations, SECONDS, fc.bigInt(1n, 10n ** 12n), (s, seconds, added) => {
        const collateralAmount = s.position.collateralAmount + added;
        const richer = judge({ ...s, position: { ...s.position, collateralAmount } }, seconds);
        const before = judge(s, seconds);
        expect(richer.equityUsd - before.equityUsd).toBe(added * before.collateralPrice.min);
      }),
      RUNS,
    );
  });

  it('adds up to the parts it names', () => {
    fc.assert(
      fc.property(situations, SECONDS, (s, seconds) => {
        const a = judge(s, seconds);
        const costUsd = a.totalCostRaw * a.collateralPrice.min;
        const gained = a.collateralUsd + a.unrealizedPnlUsd + a.priceImpactUsd;
        expect(a.equityUsd).toBe(gained - costUsd);
        expect(a.totalCostRaw).toBe(a.positionFeeRaw + a.borrowFeeRaw + a.fundingFeeRaw);
        expect(a.priceImpactUsd <= 0n).toBe(true);
      }),
      RUNS,
    );
  });

  it('owes no less borrowing as time passes, and no less funding where the rate is static', () => {
    fc.assert(
      fc.property(situations, SECONDS, SECONDS, (s, a, b) => {
        const sooner = judge(s, Math.min(a, b));
        const later = judge(s, Math.max(a, b));
        expect(later.borrowFeeUsd >= sooner.borrowFeeUsd).toBe(true);
        // Adaptive funding applies the rate of the moment to all the time since the last update:
        // when it decays or changes sign meanwhile, less is owed than was before.
        const adaptive = s.parameters.get(parameterKey(MARKET, 'fundingIncreaseFactorPerSecond'));
        if (adaptive === 0n) expect(later.fundingFeeRaw >= sooner.fundingFeeRaw).toBe(true);
      }),
      RUNS,
    );
  });

  it('is isolated: other positions, markets and tokens change nothing', () => {
    fc.assert(
      fc.property(situations, SECONDS, fc.bigInt(0n, 10n ** 30n), (s, seconds, noise) => {
        const parameters = new Map([
          ...s.parameters,
          [parameterKey('0xbb', 'minCollateralFactorForLiquidation'), noise] as const,
          [parameterKey('0xbb', 'positionFeeFactorBalanceImproved'), noise] as const,
        ]);
        const prices = new Map([...s.prices, ['gmx-v2:0xcc', { min: noise, max: noise }] as const]);
        expect(judge({ ...s, parameters, prices }, seconds)).toEqual(judge(s, seconds));
      }),
      RUNS,
    );
  });

  it('survives storage: states come back equal and are judged the same', () => {
    fc.assert(
      fc.property(situations, SECONDS, (s, seconds) => {
        const position = decodeState<Situation['position']>(encodeState(s.position));
        const market = decodeState<Situation['market']>(encodeState(s.market));
        expect(position).toEqual(s.position);
        expect(market).toEqual(s.market);
        expect(encodeState(market)).toBe(encodeState(s.market));
        expect(judge({ ...s, position, market }, seconds)).toEqual(judge(s, seconds));
      }),
      RUNS,
    );
  });
});

describe('funding', () => {
  it('never hands out more than it takes', () => {
    fc.assert(
      fc.property(situations, SECONDS, (s, seconds) => {
        const { inputs, now } = inputsOf(s, 0);
        const { market, tokens, parameters } = inputs;
        const accrual = accrueFunding(market, tokens, parameters, now, s.updatedAt + seconds);
        const receiver = accrual.payer === 'long' ? 'short' : 'long';
        const receiving = openInterest(market.openInterestUsd, receiver, tokens);
        for (const token of ['long', 'short'] as const) {
          const paying = openInterestBy(
            market.openInterestUsd,
            accrual.payer,
            tokens[token],
            tokens,
          );
          const taken = accrual.feePerSize[token] * paying;
          expect(taken >= accrual.claimablePerSize[token] * receiving).toBe(true);
        }
      }),
      RUNS,
    );
  });
});

describe('a token without a price or a parameter without a value', () => {
  it('is named by the error, never taken as zero', () => {
    const [s] = fc.sample(situations, { numRuns: 1, seed: 7 });
    if (!s) throw new Error('no sample');
    for (const key of [
      parameterKey('', 'minCollateralUsd'),
      parameterKey(MARKET, 'minCollateralFactorForLiquidation'),
      parameterKey(MARKET, 'maxPositionImpactFactorForLiquidations'),
    ]) {
      const parameters = new Map([...s.parameters].filter(([name]) => name !== key));
      expect(() => judge({ ...s, parameters }, 60)).toThrow('A risk parameter is not known.');
    }
    const prices = new Map([...s.prices].filter(([feed]) => feed !== feedKey('gmx-v2', INDEX)));
    expect(() => judge({ ...s, prices }, 60)).toThrow('A price is not known.');
  });
});
