import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { feedKey, type Parameters, type PriceRange, parameterKey } from '../../margin/inputs.ts';
import { avantisRules } from '../../margin/rules/avantis/rules.ts';
import { gmxV1Rules } from '../../margin/rules/gmx-v1/rules.ts';
import { gtradeRules } from '../../margin/rules/gtrade/rules.ts';
import { levelRules } from '../../margin/rules/level/rules.ts';
import { oracleIdOfToken } from '../../margin/rules/mux3/market-state.ts';
import { mux3Rules } from '../../margin/rules/mux3/rules.ts';
import { ostiumRules } from '../../margin/rules/ostium/rules.ts';
import { synthetixBfpRules } from '../../margin/rules/synthetix-bfp/rules.ts';
import { CorruptDataError } from '../../schema/errors.ts';
import { LONG as BFP_LONG, MARKET as BFP_MARKET, FEED_UNIT, SETTINGS } from './bfp-situation.ts';

/** One bad position must not take a map of all down: a 0 is judged, or refused as data that is not known. */
interface Situation {
  readonly position: unknown;
  readonly market: unknown;
  readonly parameters: Readonly<Record<string, bigint>>;
}
interface Venue {
  readonly situation: Situation;
  readonly prices: Readonly<Record<string, bigint>>;
  /** At a value of 0, what divides is refused. */
  readonly refused: readonly string[];
  judge(input: Situation, parameters: Parameters, prices: ReadonlyMap<string, PriceRange>): unknown;
}

const KEY = `0x${'11'.repeat(20)}00000007`;
const USDC = `0x${'5d'.repeat(20)}`;
const TIME = { timestamp: 1_000, block: 2_000 };
const WAD = 10n ** 18n;
const trade = { positionKey: KEY, market: '1', isLong: true, collateral: 100_000_000n };
const asInput = <Input>(s: Situation, parameters: Parameters, prices: unknown) =>
  ({ ...s, parameters, prices, ...TIME }) as Input;

const gtrade: Venue = {
  judge: (s, parameters, prices) => gtradeRules.assess(asInput(s, parameters, prices)),
  refused: ['position.openPrice', 'position.leverage'],
  prices: { [feedKey('gtrade', '1')]: 2_900n * 10n ** 10n, [feedKey('gtrade', USDC)]: 10n ** 8n },
  situation: {
    position: {
      ...{ positionKey: KEY, account: '0x11', market: '1', collateralToken: USDC, isLong: true },
      ...{ collateralIndex: 3n, collateralDecimals: 6n, collateralAmount: 100_000_000n },
      ...{ leverage: 10_000n, openPrice: 3_000n * 10n ** 10n, contractsVersion: 2n },
      liquidationParams: {
        maxLiqSpreadP: 500_000_000n,
        startLiqThresholdP: 900_000_000_000n,
        endLiqThresholdP: 750_000_000_000n,
        startLeverage: 5_000n,
        endLeverage: 60_000n,
      },
      isCounterTrade: true,
      ...{ initialPairAccFee: 1n, initialGroupAccFee: 1n, initialAccBlock: 1_000n },
      ...{ initialAccFundingFeeP: 1n, initialAccBorrowingFeeP: 1n },
      ...{ realizedPnlCollateral: 1n, realizedTradingFeesCollateral: 1n },
    },
    market: {
      market: '1',
      collateralTokens: [USDC],
      byCollateral: {
        '3': {
          token: USDC,
          borrowing: { accFeeLong: 5n, accFeeShort: 5n, accLastUpdatedBlock: 1_500n },
          groups: [],
          borrowingV2: { accBorrowingFeeP: 5n, lastBorrowingUpdateTs: 900n },
          funding: {
            accFundingFeeLongP: 5n,
            accFundingFeeShortP: 5n,
            lastFundingRatePerSecondP: -5n,
            lastFundingUpdateTs: 900n,
          },
        },
      },
    },
    parameters: {
      [parameterKey('1', 'feeIndex')]: 0n,
      [parameterKey('', 'feeGroup.0.totalPositionSizeFeeP')]: 600_000_000n,
      [parameterKey('', 'feeGroup.0.minPositionSizeUsd')]: 1_250_000n,
      [parameterKey('1', 'counterTradeFeeRateMultiplier')]: 500n,
      [parameterKey('1', 'spreadP')]: 400_000_000n,
      [parameterKey('1', 'borrowingGroupIndex.3')]: 1n,
      [parameterKey('1', 'borrowingFeePerBlock.3')]: 7n,
      [parameterKey('1', 'borrowingFeeExponent.3')]: 2n,
      [parameterKey('1', 'borrowingMaxOi.3')]: 10n ** 16n,
      [parameterKey('1', 'borrowingOiLong.3')]: 10n ** 15n,
      [parameterKey('1', 'borrowingOiShort.3')]: 10n ** 14n,
      [parameterKey('', 'borrowingGroup.3.1.accFeeLong')]: 5n,
      [parameterKey('', 'borrowingGroup.3.1.accFeeShort')]: 5n,
      [parameterKey('', 'borrowingGroup.3.1.accLastUpdatedBlock')]: 1_500n,
      [parameterKey('', 'borrowingGroup.3.1.feePerBlock')]: 7n,
      [parameterKey('', 'borrowingGroup.3.1.feeExponent')]: 1n,
      [parameterKey('', 'borrowingGroup.3.1.maxOi')]: 10n ** 16n,
      [parameterKey('', 'borrowingGroup.3.1.oiLong')]: 10n ** 15n,
      [parameterKey('', 'borrowingGroup.3.1.oiShort')]: 10n ** 14n,
      [parameterKey('1', 'borrowingRatePerSecondP.3')]: 7n,
      [parameterKey('1', 'fundingFeesEnabled.3')]: 1n,
      [parameterKey('1', 'aprMultiplierEnabled.3')]: 1n,
      [parameterKey('1', 'skewCoefficientPerYear.3')]: 10n ** 26n,
      [parameterKey('1', 'absoluteVelocityPerYearCap.3')]: 10n ** 7n,
      [parameterKey('1', 'absoluteRatePerSecondCap.3')]: 10n ** 6n,
      [parameterKey('1', 'thetaThresholdUsd.3')]: 1n,
      [parameterKey('1', 'oiLongToken.3')]: 30n * WAD,
      [parameterKey('1', 'oiShortToken.3')]: 20n * WAD,
    },
  },
};

const avantis: Venue = {
  judge: (s, parameters, prices) => avantisRules.assess(asInput(s, parameters, prices)),
  refused: ['position.openPrice', 'position.leverage', 'position.collateral'],
  prices: { [feedKey('avantis', '1')]: 2_900n * 10n ** 10n },
  situation: {
    position: {
      ...trade,
      leverage: 10n ** 11n,
      openPrice: 3_000n * 10n ** 10n,
      openInterest: 1_000_000_000n,
      initialAccRollover: 5n,
    },
    market: { market: '1', accRolloverLong: 9n, accRolloverShort: 9n, accruedToBlock: 1 },
    parameters: { [parameterKey('', 'liqThreshold')]: 85n },
  },
};

const ostium: Venue = {
  judge: (s, parameters, prices) => ostiumRules.assess(asInput(s, parameters, prices)),
  refused: ['position.openPrice', 'position.leverage'],
  prices: { [feedKey('ostium', '1')]: 2_900n * WAD },
  situation: {
    position: {
      ...trade,
      ...{ leverage: 1_000n, initialLeverage: 1_000n, openPrice: 3_000n * WAD },
      ...{ initialAccRollover: 5n, initialAccFunding: 5n },
    },
    market: {
      ...{ market: '1', accRollover: 9n, rolloverBlock: 1_000 },
      ...{ accFundingLong: 9n, accFundingShort: 9n, fundingBlock: 1_000 },
    },
    parameters: {
      [parameterKey('', 'liqMarginThresholdP')]: 25n,
      [parameterKey('1', 'maxLeverage')]: 5_000n,
      [parameterKey('1', 'groupMaxLeverage')]: 10_000n,
      [parameterKey('1', 'rolloverFeePerBlock')]: 3n,
    },
  },
};

const level: Venue = {
  judge: (s, parameters, prices) => levelRules.assess(asInput(s, parameters, prices)),
  refused: ['position.entryPrice'],
  prices: { [feedKey('level', '0xb7')]: 19_000n * 10n ** 12n },
  situation: {
    position: {
      ...{ positionKey: KEY, account: '0x11', market: '0xb7', collateralToken: USDC, isLong: true },
      ...{ size: 10n ** 33n, collateralValue: 10n ** 32n, entryPrice: 20_000n * 10n ** 12n },
      borrowIndex: 500n,
    },
    market: { market: '0xb7', borrowIndex: { [USDC]: 600n } },
    parameters: {
      [parameterKey('', 'positionFee')]: 10n ** 7n,
      [parameterKey('', 'liquidationFee')]: 10n ** 30n,
      [parameterKey('', 'maintenanceMargin')]: 10n ** 8n,
    },
  },
};

const ORACLE = `0x${'0e'.repeat(32)}`;
const mux3: Venue = {
  judge: (s, parameters, prices) => mux3Rules.assess(asInput(s, parameters, prices)),
  refused: [],
  prices: {
    [feedKey('mux3', ORACLE)]: 2_100n * WAD,
    [feedKey('mux3', oracleIdOfToken(USDC))]: WAD,
  },
  situation: {
    position: {
      ...{ positionKey: KEY, positionId: `0x${'11'.repeat(20)}${'0'.repeat(23)}1` },
      ...{ account: '0x11', market: '0xe1', isLong: true, mainToken: USDC, sharedWith: [] },
      shares: { '0xa1': { size: 2n * WAD, entryPrice: 2_000n * WAD, entryBorrowing: 10n ** 15n } },
      collaterals: { [USDC]: 500n * WAD },
    },
    market: {
      ...{ market: '0xe1', oracleId: ORACLE, isFromCreation: true, maxPnlRateKey: '0xcafe' },
      ...{ borrowing: { '0xa1': 2n * 10n ** 15n }, collateralTokens: [USDC] },
    },
    parameters: {
      [parameterKey('0xe1', 'maintenanceMarginRate')]: WAD / 100n,
      [parameterKey('', 'poolConfig:0xa1:0xcafe')]: WAD / 2n,
      [parameterKey('', 'poolCollateral:0xa1')]: BigInt(USDC),
      [parameterKey('', `collateralIsStable:${USDC}`)]: 1n,
    },
  },
};

const synthetixBfp: Venue = {
  judge: (s, parameters, prices) => synthetixBfpRules.assess(asInput(s, parameters, prices)),
  refused: ['parameters.3:skewScale'],
  prices: { [feedKey('pyth', '0xfe')]: 2_100n * FEED_UNIT },
  situation: { position: BFP_LONG, market: BFP_MARKET, parameters: SETTINGS },
};

const gmxV1: Venue = {
  judge: (s, parameters, prices) => gmxV1Rules.assess(asInput(s, parameters, prices)),
  refused: ['position.averagePrice', `parameters.${parameterKey('', 'maxLeverage')}`],
  prices: { [feedKey('gmx-v1', '0xe7')]: 2_900n * 10n ** 30n },
  situation: {
    position: {
      ...{ positionKey: KEY, account: '0x11', indexToken: '0xe7', collateralToken: '0xe7' },
      ...{ isLong: true, size: 10n ** 33n, collateral: 10n ** 32n },
      ...{ averagePrice: 3_000n * 10n ** 30n, entryFundingRate: 5n, reserveAmount: WAD },
      ...{ realisedPnl: 1n, lastIncreasedTime: 10 },
    },
    market: {
      market: '0xe7',
      pools: {
        '0xe7': {
          ...{ cumulativeFundingRate: 9n, accruedAt: 500, isComplete: true },
          ...{ poolAmount: 100n * WAD, reservedAmount: WAD },
        },
      },
    },
    parameters: {
      [parameterKey('0xe7', 'spreadBasisPoints')]: 10n,
      [parameterKey('0xe7', 'minProfitBasisPoints')]: 150n,
      [parameterKey('0xe7', 'stableToken')]: 1n,
      [parameterKey('', 'minProfitTime')]: 5_000n,
      [parameterKey('', 'marginFeeBasisPoints')]: 10n,
      [parameterKey('', 'liquidationFeeUsd')]: 5n * 10n ** 30n,
      [parameterKey('', 'maxLeverage')]: 500_000n,
      [parameterKey('', 'fundingInterval')]: 100n,
      [parameterKey('', 'fundingRateFactor')]: 100n,
      [parameterKey('', 'stableFundingRateFactor')]: 100n,
    },
  },
};

/** Paths of all integers in a situation. @example 'position.openPrice' */
function integersOf(value: unknown, path: string): readonly string[] {
  if (typeof value === 'bigint') return [path];
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([name, one]) =>
    integersOf(one, path === '' ? name : `${path}.${name}`),
  );
}

function zeroed<Value>(value: Value, zeros: ReadonlySet<string>, path = ''): Value {
  if (zeros.has(path)) return 0n as Value;
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  const entries = Object.entries(value).map(([name, one]) => [
    name,
    zeroed(one, zeros, path === '' ? name : `${path}.${name}`),
  ]);
  return Object.fromEntries(entries) as Value;
}

function outcome(venue: Venue, zeros: readonly string[], isLong = true): 'judged' | 'refused' {
  const changed = zeroed(venue.situation, new Set(zeros));
  const position = { ...(changed.position as object) };
  const situation = {
    ...changed,
    position: 'isLong' in position ? { ...position, isLong } : position,
  };
  const prices = Object.entries(venue.prices).map(
    ([key, at]) => [key, { min: at, max: at }] as const,
  );
  try {
    venue.judge(situation, new Map(Object.entries(changed.parameters)), new Map(prices));
    return 'judged';
  } catch (error) {
    if (error instanceof CorruptDataError) return 'refused';
    throw error;
  }
}

const VENUES: Readonly<Record<string, Venue>> = {
  gtrade,
  avantis,
  ostium,
  level,
  mux3,
  synthetixBfp,
  gmxV1,
};

describe.each(Object.entries(VENUES))('a position of %s', (_name, venue) => {
  const paths = integersOf(venue.situation, '');

  it('is judged where everything is known', () => {
    expect(outcome(venue, [])).toBe('judged');
    expect(outcome(venue, [], false)).toBe('judged');
  });

  it('is refused where a value that divides is 0', () => {
    for (const path of venue.refused) {
      expect(paths).toContain(path);
      expect(`${path} ${outcome(venue, [path])}`).toBe(`${path} refused`);
    }
  });

  it('is judged or refused, and breaks nothing, whatever values are 0', () => {
    for (const path of paths) outcome(venue, [path]);
    fc.assert(
      fc.property(fc.subarray([...paths]), fc.boolean(), (zeros, isLong) => {
        outcome(venue, zeros, isLong);
      }),
      { numRuns: 300 },
    );
  });
});
