import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { carryOf } from '../../api/queries/margin-carry.ts';
import { feedKey, type Parameters, parameterKey } from '../../margin/inputs.ts';
import { assess as assessGmx } from '../../margin/rules/gmx-v2/assess.ts';
import { assess as assessSynthetix } from '../../margin/rules/synthetix-v2/assess.ts';
import { synthetixV2Rules } from '../../margin/rules/synthetix-v2/rules.ts';
import type { VenueRules } from '../../margin/venue-rules.ts';
import { INDEX, MARKET, OTHER, STABLE, situations } from '../laws/gmx-v2-arbitraries.ts';

const UNIT = 10n ** 18n;
const USD = 10n ** 30n;
const NOW = 1_700_000_000;
const units = (value: number): bigint => BigInt(Math.round(value * 1e6)) * 10n ** 12n;

/** Of an independent calculation (closed form and root finder agree): P* in USD. */
const SYNTHETIX_LEVELS = [
  { q: 1, margin: 200, isLong: true, level: 1820.479538 },
  { q: 50, margin: 8_000, isLong: true, level: 1856.155747 },
  { q: 2_000, margin: 300_000, isLong: true, level: 1871.084429 },
  { q: 1, margin: 200, isLong: false, level: 2176.493278 },
  { q: 50, margin: 8_000, isLong: false, level: 2141.377088 },
  { q: 2_000, margin: 300_000, isLong: false, level: 2126.110287 },
];

/** Entry 2000, funding owed 3; the three sizes meet the three forms of the flagger's fee. */
function synthetix(q: number, margin: number, isLong: boolean, rate = 0n) {
  const market = `0x${'aa'.repeat(20)}`;
  const size = (isLong ? 1n : -1n) * units(q);
  const parameters: Parameters = new Map([
    [parameterKey('', 'minInitialMargin'), 50n * UNIT],
    [parameterKey('', 'liquidationFeeRatio'), units(0.0035)],
    [parameterKey('', 'minKeeperFee'), UNIT],
    [parameterKey('', 'maxKeeperFee'), 1_000n * UNIT],
    [parameterKey('', 'keeperLiquidationFee'), 2n * UNIT],
    [parameterKey(market, 'skewScale'), 1_000_000n * UNIT],
    [parameterKey(market, 'liquidationPremiumMultiplier'), 3n * UNIT],
    [parameterKey(market, 'liquidationBufferRatio'), units(0.005)],
    [parameterKey(market, 'maxLeverage'), 50n * UNIT],
    [parameterKey(market, 'maxFundingVelocity'), 0n],
  ]);
  return {
    position: {
      positionKey: '0x01',
      account: '0x02',
      market,
      size,
      margin: units(margin),
      lastPrice: 2_000n * UNIT,
      fundingIndex: 7n,
      fundingEntry: 0n,
    },
    market: {
      market,
      indexVenue: 'chainlink',
      indexToken: '0xfe',
      indexPriceDecimals: 18,
      skew: 0n,
      // accrued = size × (entry − own entry) = −3
      funding: { index: 9n, entry: (-3n * UNIT * UNIT) / size, rate, recomputedAt: NOW },
    },
    parameters,
    prices: new Map([[feedKey('chainlink', '0xfe'), { min: 2_000n * UNIT, max: 2_000n * UNIT }]]),
    timestamp: NOW,
  };
}

/** P* = (s S + R + F − I − C) ÷ (s q), or over (c + s q) where c units of the index are the collateral. */
const GMX_LEVELS = [
  { isLong: true, collateral: 'stable', level: 1913.2 },
  { isLong: true, collateral: 'index', level: 1917.333333 },
  { isLong: false, collateral: 'stable', level: 2086.8 },
  { isLong: false, collateral: 'index', level: 2091.368421 },
] as const;

/** Size 100,000 = 50 × 2000, fees 60, impact −100, factor 0.005, collateral 5000 or 2.5 units. */
function gmx(isLong: boolean, collateral: 'stable' | 'index') {
  const [drawn] = fc.sample(situations, { seed: 1, numRuns: 1 });
  const side = isLong ? 'long' : 'short';
  const share = (value: number) => units(value) * 10n ** 12n;
  const set: readonly (readonly [string, bigint])[] = [
    ['minCollateralFactorForLiquidation', share(0.005)],
    // A pending impact far beyond the cap: counted as 0.001 × 100,000 = −100 at any price.
    ['maxPositionImpactFactorForLiquidations', share(0.001)],
    ['positionFeeFactorBalanceImproved', 0n],
    ['positionFeeFactorBalanceNotImproved', 0n],
  ];
  const token = collateral === 'stable' ? STABLE : INDEX;
  const size = { [token]: 100_000n * USD };
  const base = { [token]: 50n * UNIT };
  const mine = <T>(value: T, other: T) => (isLong ? [value, other] : [other, value]) as [T, T];
  const [longUsd, shortUsd] = mine(size, {});
  const [longBase, shortBase] = mine(base, {});
  return {
    position: {
      ...drawn!.position,
      isLong,
      collateralToken: token,
      sizeInUsd: 100_000n * USD,
      sizeInTokens: 50n * UNIT,
      collateralAmount: collateral === 'stable' ? 5_000n * 10n ** 6n : (25n * UNIT) / 10n,
      pendingImpactAmount: -UNIT,
      borrowingFactor: 0n,
      fundingFeeAmountPerSize: 0n,
    },
    market: {
      ...drawn!.market,
      longToken: INDEX,
      shortToken: STABLE,
      poolAmount: { [INDEX]: 100_000n * UNIT, [STABLE]: 10n ** 15n, [OTHER]: 0n },
      openInterestUsd: { long: longUsd, short: shortUsd },
      openInterestBase: { long: longBase, short: shortBase },
      // 0.0006 × 100,000 = 60
      borrowingFactor: { long: 0n, short: 0n, [side]: share(0.0006) },
      borrowingUpdatedAt: { long: NOW, short: NOW },
      fundingUpdatedAt: NOW,
      savedFundingFactor: 0n,
      fundingPerSize: { long: {}, short: {} },
      claimablePerSize: { long: {}, short: {} },
    },
    parameters: new Map([
      ...drawn!.parameters,
      [parameterKey('', 'minCollateralUsd'), USD] as const,
      ...set.map(([name, value]) => [parameterKey(MARKET, name), value] as const),
    ]),
    prices: new Map([
      [feedKey('gmx-v2', INDEX), { min: 2_000n * 10n ** 12n, max: 2_000n * 10n ** 12n }],
      [feedKey('gmx-v2', STABLE), { min: 10n ** 24n, max: 10n ** 24n }],
    ]),
    timestamp: NOW,
  };
}

describe('liquidation prices of closed forms', () => {
  it.each(SYNTHETIX_LEVELS)('Synthetix V2: $q units, long $isLong, at $level', (one) => {
    const { liquidationPrice } = assessSynthetix(synthetix(one.q, one.margin, one.isLong));
    expect(Number(liquidationPrice) / 1e18).toBeCloseTo(one.level, 6);
  });

  it.each(GMX_LEVELS)('GMX V2: $collateral collateral, long $isLong, at $level', (one) => {
    const { liquidationPrice, borrowFeeUsd, priceImpactUsd } = assessGmx(
      gmx(one.isLong, one.collateral),
    );
    expect(Number(borrowFeeUsd) / 1e30).toBeCloseTo(60, 6);
    expect(priceImpactUsd).toBe(-100n * USD);
    expect(Number(liquidationPrice) / 1e12).toBeCloseTo(one.level, 6);
  });
});

describe('the carry of a closed form', () => {
  const rules: VenueRules = synthetixV2Rules as VenueRules;

  it('is rate × notional ÷ 24 an hour, moves the level by it ÷ size, and counts down by it', () => {
    // 2.4 % a day of 50 × 2000, which a long pays: 100 an hour.
    const input = synthetix(50, 8_000, true, units(0.024));
    const assessment = assessSynthetix(input);
    const carry = carryOf(rules, { input, assessment })!;
    expect(Number(carry.usdPerHour) / 1e30).toBeCloseTo(100, 6);
    // The requirement and the premium grow with the price: b + f + κ = 0.005 + 0.0035 + 0.00015, if the fee is a share.
    const level = Number(assessment.liquidationPrice) / 1e18;
    const drift = Number(carry.priceDriftPerHour) / 1e18;
    // Funding of an hour at P*, where it is rate × P*: what it takes out of the margin there, over the true delta.
    const delta = 50 * (1 - 0.005 - 0.00015 - (50 * level * 0.0035 > 1_000 ? 0 : 0.0035));
    expect(drift).toBeCloseTo((50 * level * 0.001) / delta, 3);
    const surplus = assessment.equityUsd - assessment.maintenanceMarginUsd;
    const hours = Number(surplus) / Number(carry.usdPerHour);
    expect(carry.secondsToLiquidation).toBeGreaterThanOrEqual(Math.floor(hours * 3600));
    expect(carry.secondsToLiquidation).toBeLessThanOrEqual(Math.ceil(hours * 3600) + 1);
  });

  it('is negative for the side that is paid, which time alone never liquidates', () => {
    const input = synthetix(50, 8_000, false, units(0.024));
    const carry = carryOf(rules, { input, assessment: assessSynthetix(input) })!;
    expect(Number(carry.usdPerHour) / 1e30).toBeCloseTo(-100, 6);
    expect(carry.secondsToLiquidation).toBeNull();
  });
});
