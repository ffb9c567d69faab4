import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { feedKey, parameterKey } from '../../margin/inputs.ts';
import type { GmxV1Assessment } from '../../margin/rules/gmx-v1/assess.ts';
import { assess } from '../../margin/rules/gmx-v1/assess.ts';
import { initialMarket } from '../../margin/rules/gmx-v1/market-state.ts';
import type { GmxV1Position } from '../../margin/rules/gmx-v1/position-state.ts';

const INDEX = `0x${'1d'.repeat(20)}`;
const STABLE = `0x${'5b'.repeat(20)}`;
const USD = 10n ** 30n;

interface Situation {
  readonly position: GmxV1Position;
  readonly parameters: ReadonlyMap<string, bigint>;
  readonly price: bigint;
  readonly timestamp: number;
}

const usd = (least: number, most: number) =>
  fc.bigInt({ min: BigInt(least) * USD, max: BigInt(most) * USD });
/** Whole sizes hide rounding: small integers show it. */
const amount = fc.oneof(usd(1, 1_000_000), fc.bigInt({ min: 1n, max: 5000n }));

const situation: fc.Arbitrary<Situation> = fc
  .record({
    size: amount,
    collateral: fc.oneof(amount, fc.constant(0n)),
    averagePrice: amount,
    price: amount,
    isLong: fc.boolean(),
    maxLeverage: fc.bigInt({ min: 10_001n, max: 2_000_000n }),
    liquidationFee: fc.oneof(usd(0, 100), fc.bigInt({ min: 0n, max: 50n })),
    marginFee: fc.bigInt({ min: 0n, max: 500n }),
    spread: fc.bigInt({ min: 0n, max: 50n }),
    minProfit: fc.bigInt({ min: 0n, max: 300n }),
    isFresh: fc.boolean(),
  })
  .map((drawn) => ({
    position: {
      positionKey: '0x01',
      account: '0x02',
      indexToken: INDEX,
      collateralToken: STABLE,
      isLong: drawn.isLong,
      size: drawn.size,
      collateral: drawn.collateral,
      averagePrice: drawn.averagePrice,
      entryFundingRate: 0n,
      reserveAmount: 0n,
      realisedPnl: 0n,
      lastIncreasedTime: 1000,
    },
    parameters: new Map([
      [parameterKey('', 'maxLeverage'), drawn.maxLeverage],
      [parameterKey('', 'liquidationFeeUsd'), drawn.liquidationFee],
      [parameterKey('', 'marginFeeBasisPoints'), drawn.marginFee],
      [parameterKey('', 'fundingInterval'), 3600n],
      [parameterKey('', 'fundingRateFactor'), 100n],
      [parameterKey('', 'stableFundingRateFactor'), 100n],
      [parameterKey('', 'minProfitTime'), 60n],
      [parameterKey(INDEX, 'minProfitBasisPoints'), drawn.minProfit],
      [parameterKey(INDEX, 'spreadBasisPoints'), drawn.spread],
      [parameterKey(STABLE, 'stableToken'), 1n],
    ]),
    price: drawn.price,
    timestamp: drawn.isFresh ? 1030 : 2000,
  }));

function judge({ position, parameters, timestamp }: Situation, price: bigint): GmxV1Assessment {
  return assess({
    position,
    market: initialMarket(INDEX),
    parameters,
    prices: new Map([[feedKey('gmx-v1', INDEX), { min: price, max: price }]]),
    timestamp,
  });
}

describe('the liquidation price of GMX V1', () => {
  it('is liquidatable, and one unit to the safe side is not', () => {
    fc.assert(
      fc.property(situation, (drawn) => {
        const flip = judge(drawn, drawn.price).liquidationPrice;
        if (flip === null) return;
        const safer = drawn.position.isLong ? flip + 1n : flip - 1n;
        expect(judge(drawn, flip).isLiquidatable).toBe(true);
        expect(judge(drawn, safer).isLiquidatable).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });

  it('is null only where the lowest and the highest price judge alike', () => {
    fc.assert(
      fc.property(situation, (drawn) => {
        if (judge(drawn, drawn.price).liquidationPrice !== null) return;
        const highest =
          10n ** 12n * (drawn.position.averagePrice + drawn.position.collateral + USD);
        const atLowest = judge(drawn, 1n).isLiquidatable;
        expect(judge(drawn, highest).isLiquidatable).toBe(atLowest);
      }),
      { numRuns: 2000 },
    );
  });

  it('parts every price on its side', () => {
    fc.assert(
      fc.property(situation, (drawn) => {
        const { liquidationPrice: flip, isLiquidatable } = judge(drawn, drawn.price);
        if (flip === null) return;
        const isBeyond = drawn.position.isLong ? drawn.price <= flip : drawn.price >= flip;
        expect(isLiquidatable).toBe(isBeyond);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('an assessment of GMX V1', () => {
  it('is liquidatable exactly where equity is below the requirement, and its parts add up', () => {
    fc.assert(
      fc.property(situation, (drawn) => {
        const it = judge(drawn, drawn.price);
        expect(it.isLiquidatable).toBe(it.equityUsd < it.maintenanceMarginUsd);
        expect(it.isLiquidatable).toBe(it.liquidationState !== 0);
        expect(it.equityUsd).toBe(it.collateralUsd + it.unrealizedPnlUsd - it.totalCostUsd);
      }),
      { numRuns: 2000 },
    );
  });

  it('names the parameter that is unknown', () => {
    fc.assert(
      fc.property(
        situation,
        fc.constantFrom('maxLeverage', 'marginFeeBasisPoints'),
        (drawn, name) => {
          const parameters = new Map(drawn.parameters);
          parameters.delete(parameterKey('', name));
          expect(() => judge({ ...drawn, parameters }, drawn.price)).toThrow(
            expect.objectContaining({ facts: expect.objectContaining({ parameter: name }) }),
          );
        },
      ),
      { numRuns: 20 },
    );
  });
});
