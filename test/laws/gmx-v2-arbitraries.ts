import fc from 'fast-check';
import type { Parameters, PriceRange, Prices } from '../../margin/inputs.ts';
import { feedKey, parameterKey } from '../../margin/inputs.ts';
import { type GmxV2Market, initialMarket } from '../../margin/rules/gmx-v2/market-state.ts';
import type { GmxV2Position } from '../../margin/rules/gmx-v2/position-state.ts';
import { powerOfTen } from '../../schema/units.ts';

/** Random but coherent GMX V2 situations: the position is part of its market's open interest. */
export const MARKET = '0x00000000000000000000000000000000000000aa';
export const INDEX = '0x0000000000000000000000000000000000000001';
export const STABLE = '0x0000000000000000000000000000000000000002';
export const OTHER = '0x0000000000000000000000000000000000000003';
const NOW = 1_700_000_000;

export interface Situation {
  readonly position: GmxV2Position;
  readonly market: GmxV2Market;
  readonly parameters: Parameters;
  readonly prices: Prices;
  /** The second of the market's last update: nothing has accrued since. */
  readonly updatedAt: number;
}

const usd = (dollars: number): bigint => BigInt(Math.round(dollars * 1e6)) * powerOfTen(24);
const factor = (share: number): bigint => BigInt(Math.round(share * 1e12)) * powerOfTen(18);
const between = (min: number, max: number) => fc.double({ min, max, noNaN: true });

const drawn = fc.record({
  isLong: fc.boolean(),
  decimals: fc.constantFrom(8, 18),
  dollars: between(0.05, 90_000),
  spreadBps: between(0, 20),
  sizeUsd: between(20, 2_000_000),
  entryOverPrice: between(0.6, 1.6),
  collateralShare: between(0.004, 2.5),
  collateral: fc.constantFrom<'stable' | 'index' | 'other'>('stable', 'index', 'other'),
  longTokenIsIndex: fc.boolean(),
  otherIsWrapped: fc.boolean(),
  singleToken: fc.boolean(),
  ownSideUsd: between(0, 50_000_000),
  otherSideUsd: between(0, 50_000_000),
  poolUsd: between(200_000, 500_000_000),
  pendingShare: between(-0.004, 0.004),
  accruedBorrowing: between(0, 0.05),
  accruedFunding: between(0, 0.05),
  savedFunding: between(-1e-7, 1e-7),
  inTokens: fc.boolean(),
  skipSmaller: fc.boolean(),
  kinked: fc.boolean(),
  adaptive: fc.boolean(),
  impactExponent: fc.constantFrom(1, 2, 2.2),
  impactCap: fc.constantFrom(0, 0.002, 0.005),
  virtualUsd: fc.option(between(-20_000_000, 20_000_000), { nil: null }),
  minCollateral: fc.constantFrom(0, 1, 10),
  minFactor: fc.constantFrom(0, 0.005, 0.01, 0.02),
});
type Drawn = typeof drawn extends fc.Arbitrary<infer T> ? T : never;

export const situations: fc.Arbitrary<Situation> = drawn.map((d) => {
  const tokens = tokensOf(d);
  const prices = pricesOf(d);
  const position = positionOf(d, tokens, prices);
  return {
    position,
    market: marketOf(d, tokens, prices, position),
    parameters: parametersOf(d),
    prices,
    updatedAt: NOW,
  };
});

interface Tokens {
  readonly index: string;
  readonly long: string;
  readonly short: string;
  readonly collateral: string;
}

function tokensOf(d: Drawn): Tokens {
  const long = d.longTokenIsIndex ? INDEX : OTHER;
  const short = d.singleToken ? long : STABLE;
  const collateral = d.collateral === 'stable' ? short : long;
  return { index: INDEX, long, short, collateral };
}

const ranged = (mid: bigint, spreadBps: number): PriceRange => {
  const half = (mid * BigInt(Math.round(spreadBps * 100))) / 2_000_000n;
  return { min: mid - half, max: mid + half };
};

const perUnit = (dollars: number, decimals: number): bigint => usd(dollars) / powerOfTen(decimals);

/** Another volatile token, or a wrapped form of the index two tenths of a percent dearer. */
function otherPrice(d: Drawn): PriceRange {
  const mid = d.otherIsWrapped ? perUnit(d.dollars * 1.002, d.decimals) : perUnit(1850.5, 18);
  return ranged(mid, d.spreadBps);
}

function pricesOf(d: Drawn): Prices {
  return new Map([
    [feedKey('gmx-v2', INDEX), ranged(perUnit(d.dollars, d.decimals), d.spreadBps)],
    [feedKey('gmx-v2', STABLE), ranged(perUnit(1, 6), 1)],
    [feedKey('gmx-v2', OTHER), otherPrice(d)],
  ]);
}

function positionOf(d: Drawn, tokens: Tokens, prices: Prices): GmxV2Position {
  const index = prices.get(feedKey('gmx-v2', INDEX))!.min;
  const entry = (index * BigInt(Math.round(d.entryOverPrice * 1e6))) / 1_000_000n;
  const sizeInUsd = usd(d.sizeUsd);
  const sizeInTokens = sizeInUsd / entry + 1n;
  const collateralUsd = usd(d.sizeUsd * d.collateralShare);
  return {
    positionKey: '0xkey',
    account: '0xaccount',
    market: MARKET,
    collateralToken: tokens.collateral,
    isLong: d.isLong,
    sizeInUsd,
    sizeInTokens,
    collateralAmount: collateralUsd / prices.get(feedKey('gmx-v2', tokens.collateral))!.min,
    pendingImpactAmount: BigInt(Math.round(Number(sizeInTokens) * d.pendingShare)),
    borrowingFactor: factor(0.01),
    fundingFeeAmountPerSize: 10n ** 15n,
    longTokenClaimableFundingAmountPerSize: 5n,
    shortTokenClaimableFundingAmountPerSize: 7n,
    increasedAtTime: NOW - 1000,
    decreasedAtTime: 0,
  };
}

function marketOf(d: Drawn, tokens: Tokens, prices: Prices, position: GmxV2Position): GmxV2Market {
  const index = prices.get(feedKey('gmx-v2', INDEX))!.min;
  const own = { [tokens.collateral]: position.sizeInUsd + usd(d.ownSideUsd) };
  const ownBase = { [tokens.collateral]: position.sizeInTokens + usd(d.ownSideUsd) / index };
  const other = { [tokens.long]: usd(d.otherSideUsd) };
  const otherBase = { [tokens.long]: usd(d.otherSideUsd) / index };
  const perSide = <T>(mine: T, theirs: T) =>
    d.isLong ? { long: mine, short: theirs } : { long: theirs, short: mine };
  const collateralPrice = prices.get(feedKey('gmx-v2', tokens.collateral))!.min;
  const fundingPerUsd = (factor(d.accruedFunding) * powerOfTen(15)) / collateralPrice;
  return {
    ...initialMarket(MARKET),
    indexToken: tokens.index,
    longToken: tokens.long,
    shortToken: tokens.short,
    poolAmount: {
      [tokens.long]: usd(d.poolUsd) / prices.get(feedKey('gmx-v2', tokens.long))!.min,
      [tokens.short]: usd(d.poolUsd) / prices.get(feedKey('gmx-v2', tokens.short))!.min,
    },
    openInterestUsd: perSide(own, other),
    openInterestBase: perSide(ownBase, otherBase),
    borrowingFactor: perSide(factor(0.01 + d.accruedBorrowing), factor(0.02)),
    borrowingUpdatedAt: { long: NOW, short: NOW },
    savedFundingFactor: BigInt(Math.round(d.savedFunding * 1e15)) * powerOfTen(15),
    fundingUpdatedAt: NOW,
    fundingPerSize: perSide({ [tokens.collateral]: 10n ** 15n + fundingPerUsd }, {}),
    claimablePerSize: perSide(
      { [tokens.long]: 8n, [tokens.short]: 8n },
      { [tokens.long]: 1n, [tokens.short]: 1n },
    ),
    virtualInventory: d.virtualUsd === null ? null : usd(d.virtualUsd) / (d.inTokens ? index : 1n),
  };
}

function parametersOf(d: Drawn): Parameters {
  const bothSides = (name: string, value: bigint): [string, bigint][] => [
    [`${name}Long`, value],
    [`${name}Short`, value],
  ];
  const exponent = BigInt(Math.round(d.impactExponent * 10)) * powerOfTen(29);
  const scale = d.impactExponent === 1 ? 1e-3 : d.impactExponent === 2 ? 2e-10 : 1e-11;
  const own: [string, bigint][] = [
    ['minCollateralFactorForLiquidation', factor(d.minFactor)],
    ['maxPositionImpactFactorForLiquidations', factor(d.impactCap)],
    ['maxPositionImpactFactorPositive', factor(0.004)],
    ['positionImpactFactorPositive', factor(scale / 2)],
    ['positionImpactFactorNegative', factor(scale)],
    ['positionImpactExponentFactorPositive', exponent],
    ['positionImpactExponentFactorNegative', exponent],
    ['positionFeeFactorBalanceImproved', factor(0.0005)],
    ['positionFeeFactorBalanceNotImproved', factor(0.0007)],
    ['fundingFactor', 2n * powerOfTen(23)],
    ['fundingExponentFactor', powerOfTen(30)],
    ['fundingIncreaseFactorPerSecond', d.adaptive ? 11_744_367_401_394_290_000n : 0n],
    ['fundingDecreaseFactorPerSecond', 2_936_091_850_348_570_000n],
    ['thresholdForStableFunding', factor(0.04)],
    ['thresholdForDecreaseFunding', factor(0.02)],
    ['minFundingFactorPerSecond', 1_585_489_599_188_230_000_000n],
    ['maxFundingFactorPerSecond', 126_839_167_935_058_344_000_000n],
    ...bothSides('optimalUsageFactor', d.kinked ? factor(0.75) : 0n),
    ...bothSides('openInterestReserveFactor', factor(0.5)),
    ...bothSides('baseBorrowingFactor', 95_129_375_951_293_758_000_000n),
    ...bothSides('aboveOptimalUsageBorrowingFactor', 285_388_127_853_881_286_000_000n),
    ...bothSides('borrowingFactor', 62_499_999_999_999_997_000_000n),
    ...bothSides('borrowingExponentFactor', powerOfTen(30)),
    ...bothSides('maxPnlFactorForTraders', factor(0.5)),
  ];
  return new Map([
    [parameterKey('', 'minCollateralUsd'), usd(d.minCollateral)],
    [parameterKey('', 'useOpenInterestInTokensForBalance'), d.inTokens ? 1n : 0n],
    [parameterKey('', 'skipBorrowingFeeForSmallerSide'), d.skipSmaller ? 1n : 0n],
    ...own.map(([name, value]): [string, bigint] => [parameterKey(MARKET, name), value]),
  ]);
}
