import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { feedKey, parameterKey } from '../../margin/inputs.ts';
import { assess } from '../../margin/rules/gtrade/assess.ts';
import { accrued } from '../../margin/rules/gtrade/borrowing.ts';
import {
  accruedBorrowingV2,
  accruedFunding,
  type FundingParams,
} from '../../margin/rules/gtrade/holding-fees.ts';
import {
  isLiquidatableAt,
  type LiquidationTerms,
  liquidationPriceOf,
  thresholdP,
} from '../../margin/rules/gtrade/liquidation.ts';
import type { GtradeMarket } from '../../margin/rules/gtrade/market-state.ts';
import type {
  GtradePosition,
  LiquidationParams,
} from '../../margin/rules/gtrade/position-state.ts';
import { CorruptDataError } from '../../schema/errors.ts';

const RUNS = { numRuns: Number(process.env['LAW_RUNS'] ?? 400) };
const big = (min: bigint, max: bigint) => fc.bigInt({ min, max });

const params: fc.Arbitrary<LiquidationParams> = fc
  .record({
    maxLiqSpreadP: big(1n, 500_000_000n),
    startLiqThresholdP: big(500_000_000_000n, 900_000_000_000n),
    drop: big(0n, 400_000_000_000n),
    startLeverage: big(1_100n, 100_000n),
    span: big(1n, 500_000n),
  })
  .map(({ maxLiqSpreadP, startLiqThresholdP, drop, startLeverage, span }) => ({
    maxLiqSpreadP,
    startLiqThresholdP,
    endLiqThresholdP: startLiqThresholdP - drop,
    startLeverage,
    endLeverage: startLeverage + span,
  }));

const terms: fc.Arbitrary<LiquidationTerms> = fc
  .record({
    isLong: fc.boolean(),
    openPrice: big(1_000_000n, 10n ** 16n),
    isUsdc: fc.boolean(),
    amount: big(1_000_000n, 10n ** 12n),
    leverage: big(1_100n, 500_000n),
    params,
    closingSpreadP: big(0n, 500_000_000n),
    feeShare: big(-200n, 800n),
  })
  .map(({ isUsdc, amount, feeShare, ...rest }) => {
    const collateralAmount = isUsdc ? amount : amount * 10n ** 12n;
    return {
      ...rest,
      collateralAmount,
      precisionDelta: isUsdc ? 10n ** 12n : 1n,
      thresholdP: thresholdP(rest.params, rest.leverage),
      fees: (collateralAmount * feeShare) / 1_000n,
    };
  });

describe('the liquidation threshold', () => {
  it('lies between its ends, and falls with the leverage', () => {
    fc.assert(
      fc.property(params, big(0n, 700_000n), big(0n, 700_000n), (of, a, b) => {
        const [lower, higher] = a < b ? [a, b] : [b, a];
        expect(thresholdP(of, lower)).toBeGreaterThanOrEqual(thresholdP(of, higher));
        expect(thresholdP(of, a)).toBeLessThanOrEqual(of.startLiqThresholdP);
        expect(thresholdP(of, a)).toBeGreaterThanOrEqual(of.endLiqThresholdP);
        expect(thresholdP(of, of.startLeverage)).toBe(of.startLiqThresholdP);
        expect(thresholdP(of, of.endLeverage)).toBe(of.endLiqThresholdP);
      }),
      RUNS,
    );
  });

  it('is 90 % without parameters, and the mean half way', () => {
    const none = {
      maxLiqSpreadP: 0n,
      startLiqThresholdP: 0n,
      endLiqThresholdP: 0n,
      startLeverage: 0n,
      endLeverage: 0n,
    };
    expect(thresholdP(none, 150_000n)).toBe(900_000_000_000n);
    const crypto = {
      maxLiqSpreadP: 500_000_000n,
      startLiqThresholdP: 900_000_000_000n,
      endLiqThresholdP: 750_000_000_000n,
      startLeverage: 25_000n,
      endLeverage: 60_000n,
    };
    expect(thresholdP(crypto, 42_500n)).toBe(825_000_000_000n);
  });
});

describe('the liquidation price', () => {
  it('is the closed form, within one unit for each of its divisions', () => {
    fc.assert(
      fc.property(terms, (of) => {
        const price = liquidationPriceOf(of);
        fc.pre(price > 0n);
        // distance × C × L × 1e12 = open × (C thr − fees 1e12) × 1e3 − open spread C L, over the rationals
        const { collateralAmount: c, leverage: l, openPrice: open } = of;
        const exact =
          open * (c * of.thresholdP - of.fees * 10n ** 12n) * 1_000n -
          open * of.closingSpreadP * c * l;
        const distance = (of.isLong ? open - price : price - open) * c * l * 10n ** 12n;
        const error = distance - exact;
        const unit = c * l * 10n ** 12n;
        // Two divisions of one unit each, and the loss allowed rounded to 1e-21 collateral.
        const slack = 2n * unit + open * 10n ** 12n;
        expect(error <= slack && error >= -slack).toBe(true);
      }),
      RUNS,
    );
  });

  it('is where the test flips: at it, not one unit to the safe side', () => {
    fc.assert(
      fc.property(terms, (of) => {
        const price = liquidationPriceOf(of);
        fc.pre(price > 0n);
        const safe = of.isLong ? price + 1n : price - 1n;
        expect(isLiquidatableAt(of.isLong, price, price)).toBe(true);
        expect(isLiquidatableAt(of.isLong, safe, price)).toBe(false);
      }),
      RUNS,
    );
  });

  it('comes nearer with fees and spread', () => {
    fc.assert(
      fc.property(terms, big(0n, 10n ** 15n), big(0n, 10n ** 8n), (of, fees, spread) => {
        const before = liquidationPriceOf(of);
        const dearer = liquidationPriceOf({ ...of, fees: of.fees + fees });
        const wider = liquidationPriceOf({ ...of, closingSpreadP: of.closingSpreadP + spread });
        expect(of.isLong ? dearer >= before : dearer <= before).toBe(true);
        expect(of.isLong ? wider >= before : wider <= before).toBe(true);
      }),
      RUNS,
    );
  });

  it('is the worked number: 100 USDC at 10x long from 50,000 with fees of 0.6 USDC', () => {
    const of = {
      isLong: true,
      openPrice: 50_000n * 10n ** 10n,
      collateralAmount: 100_000_000n,
      leverage: 10_000n,
      precisionDelta: 10n ** 12n,
      thresholdP: 900_000_000_000n,
      closingSpreadP: 0n,
      fees: 600_000n,
    };
    // 50,000 × (90 − 0.6) ÷ 1,000 = 4,470 away
    expect(liquidationPriceOf(of)).toBe(45_530n * 10n ** 10n);
    expect(liquidationPriceOf({ ...of, isLong: false })).toBe(54_470n * 10n ** 10n);
    // and 0.02 % of 50,000 = 10 nearer with the spread of v9.2
    expect(liquidationPriceOf({ ...of, closingSpreadP: 200_000_000n })).toBe(45_540n * 10n ** 10n);
  });
});

const KEY = `0x${'11'.repeat(20)}00000001`;
const USDC = '0xaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa';

interface Situation {
  readonly position: GtradePosition;
  readonly market: GtradeMarket;
  readonly parameters: Map<string, bigint>;
}

function situation(
  terms: LiquidationTerms & { params: LiquidationParams },
  version: bigint,
): Situation {
  const position: GtradePosition = {
    positionKey: KEY,
    account: `0x${'11'.repeat(20)}`,
    market: '0',
    collateralToken: USDC,
    isLong: terms.isLong,
    collateralIndex: 3n,
    collateralDecimals: terms.precisionDelta === 1n ? 18n : 6n,
    collateralAmount: terms.collateralAmount,
    leverage: terms.leverage,
    openPrice: terms.openPrice,
    contractsVersion: version,
    liquidationParams: terms.params,
    isCounterTrade: false,
    initialPairAccFee: 1_000_000n,
    initialGroupAccFee: 0n,
    initialAccBlock: 100n,
    initialAccFundingFeeP: 0n,
    initialAccBorrowingFeeP: 0n,
    realizedPnlCollateral: 0n,
    realizedTradingFeesCollateral: 0n,
  };
  const parameters = new Map<string, bigint>([
    [parameterKey('0', 'feeIndex'), 0n],
    [parameterKey('0', 'spreadP'), 400_000_000n],
    [parameterKey('0', 'borrowingGroupIndex.3'), 0n],
    [parameterKey('', 'feeGroup.0.totalPositionSizeFeeP'), 600_000_000n],
    [parameterKey('', 'feeGroup.0.minPositionSizeUsd'), 1_250_000n],
  ]);
  const market: GtradeMarket = {
    market: '0',
    collateralTokens: [USDC],
    byCollateral: {
      '3': {
        token: USDC,
        borrowing: { accFeeLong: 51_000_000n, accFeeShort: 31_000_000n, accLastUpdatedBlock: 200n },
        groups: [],
        funding: null,
        borrowingV2: null,
      },
    },
  };
  return { position, market, parameters };
}

const judge = (of: Situation, price: bigint) =>
  assess({
    ...of,
    prices: new Map([
      [feedKey('gtrade', '0'), { min: price, max: price }],
      [feedKey('gtrade', USDC), { min: 99_990_000n, max: 99_990_000n }],
    ]),
    timestamp: 1_750_000_000,
  });

const situations = fc
  .tuple(
    terms as fc.Arbitrary<LiquidationTerms & { params: LiquidationParams }>,
    fc.constantFrom(0n, 1n, 2n),
  )
  .map(([of, version]) => ({ of, version, situation: situation(of, version) }));

describe('the assessment', () => {
  it('keeps its identity, and the price put back gives the requirement within what one tick moves', () => {
    fc.assert(
      fc.property(situations, ({ of, situation: at }) => {
        const first = judge(at, of.openPrice);
        const { liquidationPrice } = first;
        fc.pre(liquidationPrice !== null && liquidationPrice > 1n);
        const flipped = judge(at, liquidationPrice as bigint);
        for (const one of [first, flipped]) {
          expect(one.equityUsd).toBe(
            one.collateralUsd + one.unrealizedPnlUsd + one.priceImpactUsd - one.totalCostUsd,
          );
        }
        expect(flipped.isLiquidatable).toBe(true);
        // Fees beyond the collateral: the pnl is then floored at −100 % before the price is reached.
        fc.pre(flipped.unrealizedPnlUsd === flipped.uncappedPnlUsd);
        const tick = (flipped.collateralUsd * of.leverage) / (of.openPrice * 1_000n) + 1n;
        const gap = flipped.equityUsd - flipped.maintenanceMarginUsd;
        const slack = 2n * tick + flipped.collateralPrice.min;
        expect(gap <= slack && gap >= -slack).toBe(true);
      }),
      RUNS,
    );
  });

  it('falls with the price of a long and rises with that of a short', () => {
    fc.assert(
      fc.property(situations, big(0n, 10n ** 12n), ({ of, situation: at }, step) => {
        const lower = judge(at, of.openPrice);
        const higher = judge(at, of.openPrice + step);
        const rises = higher.equityUsd >= lower.equityUsd;
        const falls = higher.equityUsd <= lower.equityUsd;
        expect(of.isLong ? rises : falls).toBe(true);
      }),
      RUNS,
    );
  });

  it('counts the closing spread from v9.2 on only', () => {
    fc.assert(
      fc.property(situations, ({ of, version, situation: at }) => {
        const { closingSpreadP } = judge(at, of.openPrice);
        const capped =
          of.params.maxLiqSpreadP < 200_000_000n ? of.params.maxLiqSpreadP : 200_000_000n;
        expect(closingSpreadP).toBe(version === 0n ? 0n : capped);
      }),
      RUNS,
    );
  });

  it.each(['feeIndex', 'spreadP', 'borrowingGroupIndex.3'])('refuses to guess %s', (name) => {
    const [sample] = fc.sample(
      situations.filter(({ version }) => version === 1n),
      1,
    );
    const { situation: at, of } = sample!;
    at.parameters.delete(parameterKey('0', name));
    const attempt = () => judge(at, of.openPrice);
    expect(attempt).toThrow(CorruptDataError);
    try {
      attempt();
    } catch (error) {
      expect((error as CorruptDataError).facts['value']).toBe(name);
    }
  });
});

describe('accumulators', () => {
  const funding: FundingParams = {
    isEnabled: true,
    hasAprMultiplier: false,
    skewCoefficientPerYear: 10n ** 28n,
    absoluteVelocityPerYearCap: 10_000n,
    absoluteRatePerSecondCap: 3_170_978n,
    thetaThresholdUsd: 100_000n,
    oiLongToken: 8_148n * 10n ** 18n,
    oiShortToken: 4_459n * 10n ** 18n,
  };
  const state = {
    accFundingFeeLongP: 0n,
    accFundingFeeShortP: 0n,
    lastFundingRatePerSecondP: -(10n ** 12n),
    lastFundingUpdateTs: 1_000n,
  };
  const PRICE = 2_000n * 10n ** 10n;

  it('of funding move both sides by the same amount without the apr multiplier', () => {
    fc.assert(
      fc.property(fc.nat({ max: 400 * 86_400 }), (seconds) => {
        const { long, short } = accruedFunding(state, funding, PRICE, 1_000 + seconds);
        expect(long + short).toBe(0n);
      }),
      RUNS,
    );
  });

  it('of funding let the smaller side earn what the larger pays with it', () => {
    const params = { ...funding, hasAprMultiplier: true };
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 * 86_400 }), (seconds) => {
        const paying = { ...state, lastFundingRatePerSecondP: 10n ** 12n };
        const { long, short } = accruedFunding(paying, params, PRICE, 1_000 + seconds);
        const paid = long * params.oiLongToken;
        const earned = -short * params.oiShortToken;
        // The share is rounded to 1e-18, and the product once more.
        const slack = params.oiShortToken * (2n + long / 10n ** 18n);
        expect(paid - earned).toBeLessThanOrEqual(slack);
        expect(paid - earned).toBeGreaterThanOrEqual(0n);
      }),
      RUNS,
    );
  });

  it('of funding split at the change of sign give the whole where both multipliers are 1', () => {
    const even = { ...funding, oiShortToken: funding.oiLongToken - 10n ** 21n };
    const seconds = 40 * 86_400;
    const whole = accruedFunding(state, even, PRICE, 1_000 + seconds);
    const last = Number(state.lastFundingRatePerSecondP) / 1e18;
    const velocity = 1e-3; // the cap
    const now = Math.min(last + (seconds * velocity) / 31_536_000, 3_170_978 / 1e10);
    expect(now).toBeGreaterThan(0);
    const expected = ((last + now) / 2) * seconds * 2_000;
    expect(Math.abs(Number(whole.long) / 1e20 / expected - 1)).toBeLessThan(1e-6);
  });

  it('of v10 borrowing grow with rate, time and price', () => {
    const before = { accBorrowingFeeP: 5n, lastBorrowingUpdateTs: 1_000n };
    expect(accruedBorrowingV2(before, 63_420n, PRICE, 1_010)).toBe(5n + 63_420n * 10n * PRICE);
    expect(accruedBorrowingV2(before, 63_420n, PRICE, 900)).toBe(5n);
  });

  it('of v1 borrowing charge the larger side by the net open interest, and both at least the cap', () => {
    const of = {
      acc: { long: 10n, short: 20n },
      lastBlock: 100n,
      feePerBlock: 1_000n,
      feeExponent: 1n,
      maxOi: 1_000n,
      oi: { long: 700n, short: 200n },
      cap: { minP: 0n, maxP: 100_000n },
    };
    expect(accrued(of, 110n)).toEqual({ long: 10n + 5_000n, short: 20n });
    expect(accrued({ ...of, feeExponent: 2n }, 110n)).toEqual({ long: 10n + 2_500n, short: 20n });
    const capped = { ...of, cap: { minP: 10_000n, maxP: 30_000n } };
    expect(accrued(capped, 110n)).toEqual({ long: 10n + 3_000n, short: 20n + 1_000n });
    expect(accrued(of, 100n)).toEqual(of.acc);
  });
});
