import { describe, expect, it } from 'vitest';
import type { AccountMargin } from '../../margin/rules/synthetix-bfp/market-state.ts';
import { CorruptDataError } from '../../schema/errors.ts';
import { FEED_UNIT, judge, LONG, MARKET, USD, WAD, WSTETH } from './bfp-situation.ts';

const at = (whole: number) => BigInt(Math.round(whole * 1000)) * (FEED_UNIT / 1000n);
const margin = (fields: Partial<AccountMargin>) => ({
  margins: { 17: { netUsd: 0n, debt: 0n, tokens: {}, isContradicted: false, ...fields } },
});

describe('the margin of a BFP position', () => {
  it('is collateral and profit, against rate, minimum and keeper fees', () => {
    const now = judge(at(1900));
    expect(now).toMatchObject({
      collateralUsd: 500n * USD,
      unrealizedPnlUsd: -200n * USD,
      equityUsd: 300n * USD,
      notionalUsd: 3800n * USD,
      // 1 % of 3800, a minimum of 10, 1 for flagging and 1 for liquidating
      maintenanceMarginUsd: 50n * USD,
      initialMarginUsd: 88n * USD,
      isLiquidatable: false,
      liquidationReason: '',
    });
    // 500 + 2 (P − 2000) = 0.02 P + 12
    expect(Number(now.liquidationPrice) / 1e8).toBeCloseTo(3512 / 1.98, 6);
    expect(judge(at(1760))).toMatchObject({
      isLiquidatable: true,
      liquidationReason: 'health factor',
    });
  });

  it('is liquidatable at a health factor of 1, not above it', () => {
    // 2 × 1850 − 4000 + net = 37 + 12
    const exact = margin({ netUsd: 349n * WAD });
    expect(judge(at(1850), { market: exact })).toMatchObject({
      equityUsd: 49n * USD,
      maintenanceMarginUsd: 49n * USD,
      isLiquidatable: true,
      healthFactor: 1,
    });
    const hair = margin({ netUsd: 349n * WAD + 48n });
    expect(judge(at(1850), { market: hair }).isLiquidatable).toBe(true); // 1.000000000000000000|97…
    const above = margin({ netUsd: 349n * WAD + 49n });
    expect(judge(at(1850), { market: above }).isLiquidatable).toBe(false);
  });

  it('rises with the price for a short', () => {
    const now = judge(at(2100), { position: { size: -2n * WAD } });
    expect(now.unrealizedPnlUsd).toBe(-200n * USD);
    expect(Number(now.liquidationPrice) / 1e8).toBeCloseTo(4488 / 2.02, 6);
    expect(now.distance).toBeGreaterThan(0);
  });

  it('asks more of a large position, up to a limit', () => {
    const scaled = { '3:incrementalMarginScalar': 5_000n * WAD }; // + 1 % for 2 of 1,000,000
    expect(judge(at(2000), { settings: scaled }).maintenanceMarginUsd).toBe(72n * USD);
    const limited = { '3:incrementalMarginScalar': 500_000n * WAD };
    expect(judge(at(2000), { settings: limited }).maintenanceMarginUsd).toBe(212n * USD);
  });

  it('owes debt, funding and utilization', () => {
    const day = 1000 + 86_400;
    const market = {
      ...margin({ netUsd: 450n * WAD, debt: 50n * WAD }),
      fundingAccrued: -WAD,
      fundingRate: WAD / 100n,
      skew: 0n,
      utilizationAccrued: WAD / 1000n,
      utilizationAt: 0,
    };
    const now = judge(at(2000), { market, timestamp: day });
    // funding: 2 × (−1 recorded − 1 % of 2000 a day)
    expect(now.fundingUsd).toBe(42n * USD);
    expect(now.borrowFeeUsd).toBe(4n * USD);
    expect(now.totalCostUsd).toBe(96n * USD);
    expect(now.equityUsd).toBe(404n * USD);
    expect(now.collateralUsd).toBe(500n * USD);
    const skewed = { ...market, skew: 1_000_000n * WAD }; // the rate rises by 9 a day
    expect(judge(at(2000), { market: skewed, timestamp: day }).fundingUsd).toBe(
      2n * USD + 18_040n * USD,
    );
  });

  it('discounts other collateral by its amount, within bounds', () => {
    const market = margin({ tokens: { [WSTETH]: WAD } });
    const settings = {
      [`:collateralSkewScale:${WSTETH}`]: 100n * WAD,
      ':collateralDiscountScalar': 5n * WAD,
      ':minCollateralDiscount': WAD / 100n,
      ':maxCollateralDiscount': WAD / 10n,
    };
    const now = judge(at(2000), { market, settings, collateral: at(1000) });
    expect(now).toMatchObject({
      collateralUsd: 950n * USD,
      undiscountedCollateralUsd: 1000n * USD,
    });
    const none = { ...settings, [`:collateralSkewScale:${WSTETH}`]: 0n };
    const whole = judge(at(2000), { market, settings: none, collateral: at(1000) });
    expect(whole.collateralUsd).toBe(1000n * USD);
    expect(() => judge(at(2000), { market, settings })).toThrow(CorruptDataError);
  });

  it('pays keepers for gas and by value, within bounds, once for each part', () => {
    const settings = {
      ':minKeeperFeeUsd': 0n,
      ':maxKeeperFeeUsd': 1000n * WAD,
      ':keeperProfitMarginPercent': WAD,
      ':keeperProfitMarginUsd': 0n,
      ':keeperFlagGasUnits': 1_000_000n,
      ':keeperLiquidationGasUnits': 500_000n,
      ':blockBaseFee': 10n ** 9n,
      '3:liquidationRewardPercent': WAD / 100n,
      '3:makerFee': WAD / 10_000n,
      '3:takerFee': WAD / 10_000n,
      '3:liquidationLimitScalar': WAD / 200n, // 1 at a time
    };
    const now = judge(at(2000), { settings, eth: at(1000) });
    expect(now.flagRewardUsd).toBe(42n * USD); // 1 of gas, doubled, and 1 % of 4000
    expect(now.liquidationFeeUsd).toBe(2n * USD); // half of that gas, doubled, twice
    expect(() => judge(at(2000), { settings })).toThrow(CorruptDataError);
    const noGas = { ...settings, ':blockBaseFee': null };
    expect(() => judge(at(2000), { settings: noGas, eth: at(1000) })).toThrow(CorruptDataError);
  });

  it('is gone, and liquidatable, when the position is flagged', () => {
    expect(judge(at(3000), { market: { margins: {}, flagged: { 17: true } } })).toMatchObject({
      isLiquidatable: true,
      liquidationReason: 'flagged',
      liquidationPrice: null,
    });
  });

  it('is refused where anything of it is unknown', () => {
    const refused = (s: Parameters<typeof judge>[1], price = at(2000)) =>
      expect(() => judge(price, s)).toThrow(CorruptDataError);
    refused({ market: { isFromCreation: false } });
    refused({ market: { unattributed: 1 } });
    refused({ market: margin({ isContradicted: true }) });
    refused({ market: { usdToken: null } });
    refused({ market: { indexFeed: null } });
    refused({ market: { fundingGaps: 1 } });
    refused({ position: { entry: null } });
    refused({ settings: { '3:configuredAtBlock': 6n } });
    refused({ settings: { ':configuredAtBlock': 6n } });
    refused({ settings: { '3:minMarginUsd': null } });
    refused({}, 0n);
    expect(judge(at(2000), { settings: { '3:configuredAtBlock': 5n } }).isLiquidatable).toBe(false);
    expect(LONG.accountId in MARKET.margins).toBe(true);
  });
});
