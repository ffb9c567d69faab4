import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { feedKey, type Parameters, type Prices, parameterKey } from '../../margin/inputs.ts';
import type { CollateralMarket, GtradeMarket } from '../../margin/rules/gtrade/market-state.ts';
import type { GtradePosition } from '../../margin/rules/gtrade/position-state.ts';

/** The backend's answer for Arbitrum Sepolia (test/fixtures/gtrade/SOURCE.md), as it is and as our inputs. */
export const SNAPSHOT_BLOCK = 163_613_141;
export const SNAPSHOT_TIME = Date.parse('2025-06-15T00:32:52Z') / 1000;

type Text<Name extends string> = Readonly<Record<Name, string>>;

export interface RawTrade {
  readonly trade: Text<
    | 'user'
    | 'index'
    | 'pairIndex'
    | 'leverage'
    | 'collateralIndex'
    | 'tradeType'
    | 'collateralAmount'
    | 'openPrice'
  > & { readonly long: boolean; readonly isCounterTrade: boolean };
  readonly tradeInfo: Text<'contractsVersion'>;
  readonly liquidationParams: Text<
    'maxLiqSpreadP' | 'startLiqThresholdP' | 'endLiqThresholdP' | 'startLeverage' | 'endLeverage'
  >;
  readonly initialAccFees: Text<'accPairFee' | 'accGroupFee' | 'block'>;
  readonly tradeFeesData: Text<
    | 'realizedTradingFeesCollateral'
    | 'realizedPnlCollateral'
    | 'initialAccFundingFeeP'
    | 'initialAccBorrowingFeeP'
  >;
}

type Sides = Text<'long' | 'short' | 'max'>;
interface RawAccrual {
  readonly feePerBlock: string;
  readonly accFeeLong: string;
  readonly accFeeShort: string;
  readonly accLastUpdatedBlock: string;
  readonly feeExponent: string;
}
export interface RawPairBorrowing extends RawAccrual {
  readonly oi: { readonly beforeV10: Sides; readonly token: Text<'oiLongToken' | 'oiShortToken'> };
  readonly groups: readonly Text<
    | 'groupIndex'
    | 'block'
    | 'initialAccFeeLong'
    | 'initialAccFeeShort'
    | 'prevGroupAccFeeLong'
    | 'prevGroupAccFeeShort'
    | 'pairAccFeeLong'
    | 'pairAccFeeShort'
  >[];
  readonly feePerBlockCap: Text<'minP' | 'maxP'>;
}
export interface RawGroupBorrowing extends RawAccrual {
  readonly oi: Sides;
}
export interface RawFundingParams
  extends Text<
    | 'skewCoefficientPerYear'
    | 'absoluteVelocityPerYearCap'
    | 'absoluteRatePerSecondCap'
    | 'thetaThresholdUsd'
  > {
  readonly fundingFeesEnabled: boolean;
  readonly aprMultiplierEnabled: boolean;
}
export interface RawCollateral {
  readonly collateralIndex: number;
  readonly collateral: string;
  readonly prices: { readonly collateralPriceUsd: number };
  readonly collateralConfig: { readonly decimals: number };
  readonly pairOis: readonly unknown[];
  readonly borrowingFees: {
    readonly v1: {
      readonly pairs: readonly RawPairBorrowing[];
      readonly groups: readonly RawGroupBorrowing[];
    };
    readonly v2: {
      readonly pairParams: readonly Text<'borrowingRatePerSecondP'>[];
      readonly pairData: readonly Text<'accBorrowingFeeP' | 'lastBorrowingUpdateTs'>[];
    };
  };
  readonly fundingFees: {
    readonly pairParams: readonly RawFundingParams[];
    readonly pairData: readonly Text<
      | 'accFundingFeeLongP'
      | 'accFundingFeeShortP'
      | 'lastFundingRatePerSecondP'
      | 'lastFundingUpdateTs'
    >[];
  };
}
export interface RawVariables {
  readonly pairs: readonly Text<'from' | 'to' | 'spreadP' | 'groupIndex' | 'feeIndex'>[];
  readonly fees: readonly Text<'totalPositionSizeFeeP' | 'minPositionSizeUsd'>[];
  readonly collaterals: readonly RawCollateral[];
}

function read<Shape>(name: string): Shape {
  const path = fileURLToPath(new URL(`../fixtures/gtrade/${name}.json.gz`, import.meta.url));
  return JSON.parse(gunzipSync(readFileSync(path)).toString('utf8')) as Shape;
}

export const variables = read<RawVariables>('tradingVariables');
export const records = read<readonly RawTrade[]>('globalTrades');
export const openTrades = records.filter(({ trade }) => trade.tradeType === '0');

export function collateralOf({ trade }: RawTrade): RawCollateral {
  const found = variables.collaterals.find(
    ({ collateralIndex }) => String(collateralIndex) === trade.collateralIndex,
  );
  if (!found) throw new Error(`no collateral ${trade.collateralIndex}`);
  return found;
}

/** Collateral prices are doubles in the answer; the contract's have 8 decimals. */
export const priceUsd8 = ({ prices }: RawCollateral) =>
  BigInt(Math.round(prices.collateralPriceUsd * 1e8));

export function positionOf(raw: RawTrade): GtradePosition {
  const { trade, tradeInfo, initialAccFees, tradeFeesData } = raw;
  const { collateral, collateralConfig } = collateralOf(raw);
  const entries = Object.entries(raw.liquidationParams).map(([name, value]) => [
    name,
    BigInt(value),
  ]);
  return {
    positionKey: `${trade.user.toLowerCase()}${Number(trade.index).toString(16).padStart(8, '0')}`,
    account: trade.user.toLowerCase(),
    market: trade.pairIndex,
    collateralToken: collateral.toLowerCase(),
    isLong: trade.long,
    collateralIndex: BigInt(trade.collateralIndex),
    collateralDecimals: BigInt(collateralConfig.decimals),
    collateralAmount: BigInt(trade.collateralAmount),
    leverage: BigInt(trade.leverage),
    openPrice: BigInt(trade.openPrice),
    contractsVersion: BigInt(tradeInfo.contractsVersion),
    liquidationParams: Object.fromEntries(entries) as GtradePosition['liquidationParams'],
    isCounterTrade: trade.isCounterTrade,
    initialPairAccFee: BigInt(initialAccFees.accPairFee),
    initialGroupAccFee: BigInt(initialAccFees.accGroupFee),
    initialAccBlock: BigInt(initialAccFees.block),
    initialAccFundingFeeP: BigInt(tradeFeesData.initialAccFundingFeeP),
    initialAccBorrowingFeeP: BigInt(tradeFeesData.initialAccBorrowingFeeP),
    realizedPnlCollateral: BigInt(tradeFeesData.realizedPnlCollateral),
    realizedTradingFeesCollateral: BigInt(tradeFeesData.realizedTradingFeesCollateral),
  };
}

export function marketOf(raw: RawTrade): GtradeMarket {
  const { collateralIndex, collateral, borrowingFees, fundingFees } = collateralOf(raw);
  const pair = Number(raw.trade.pairIndex);
  const v1 = borrowingFees.v1.pairs[pair]!;
  const big = <Name extends string>(values: Text<Name>) =>
    Object.fromEntries(
      Object.entries(values).map(([name, value]) => [name, BigInt(value as string)]),
    );
  const state: CollateralMarket = {
    token: collateral.toLowerCase(),
    borrowing: {
      accFeeLong: BigInt(v1.accFeeLong),
      accFeeShort: BigInt(v1.accFeeShort),
      accLastUpdatedBlock: BigInt(v1.accLastUpdatedBlock),
    },
    groups: v1.groups.map((group) => big(group) as unknown as CollateralMarket['groups'][number]),
    funding: big(fundingFees.pairData[pair]!) as unknown as CollateralMarket['funding'],
    borrowingV2: big(
      borrowingFees.v2.pairData[pair]!,
    ) as unknown as CollateralMarket['borrowingV2'],
  };
  return {
    market: raw.trade.pairIndex,
    collateralTokens: [],
    byCollateral: { [String(collateralIndex)]: state },
  };
}

/** Everything the answer holds of one trade's pair, collateral and groups, under our names. */
export function parametersOf(raw: RawTrade): Parameters {
  const { collateralIndex: c, borrowingFees, fundingFees } = collateralOf(raw);
  const market = raw.trade.pairIndex;
  const pair = Number(market);
  const v1 = borrowingFees.v1.pairs[pair]!;
  const funding = fundingFees.pairParams[pair]!;
  const found = new Map<string, bigint>();
  const set = (scope: string, name: string, value: string | boolean) =>
    found.set(parameterKey(scope, name), BigInt(value));
  const { spreadP, groupIndex, feeIndex } = variables.pairs[pair]!;
  for (const [name, value] of Object.entries({ spreadP, groupIndex, feeIndex }))
    set(market, name, value);
  variables.fees.forEach((fee, index) => {
    set('', `feeGroup.${index}.totalPositionSizeFeeP`, fee.totalPositionSizeFeeP);
    set('', `feeGroup.${index}.minPositionSizeUsd`, fee.minPositionSizeUsd);
  });
  const ofPair = {
    borrowingFeePerBlock: v1.feePerBlock,
    borrowingFeeExponent: v1.feeExponent,
    borrowingMaxOi: v1.oi.beforeV10.max,
    borrowingOiLong: v1.oi.beforeV10.long,
    borrowingOiShort: v1.oi.beforeV10.short,
    oiLongToken: v1.oi.token.oiLongToken,
    oiShortToken: v1.oi.token.oiShortToken,
    borrowingCapMinP: v1.feePerBlockCap.minP,
    borrowingCapMaxP: v1.feePerBlockCap.maxP,
    borrowingGroupIndex: '0',
    borrowingRatePerSecondP: borrowingFees.v2.pairParams[pair]!.borrowingRatePerSecondP,
    ...funding,
  };
  for (const [name, value] of Object.entries(ofPair)) set(market, `${name}.${c}`, value);
  borrowingFees.v1.groups.forEach((group, index) => {
    const { accFeeLong, accFeeShort, accLastUpdatedBlock, feePerBlock, feeExponent, oi } = group;
    const values = { accFeeLong, accFeeShort, accLastUpdatedBlock, feePerBlock, feeExponent };
    const all = { ...values, maxOi: oi.max, oiLong: oi.long, oiShort: oi.short };
    for (const [name, value] of Object.entries(all)) {
      set('', `borrowingGroup.${c}.${index}.${name}`, value);
    }
  });
  return found;
}

/** The pair at `price` (1e10), the collateral at the answer's price. */
export function pricesOf(raw: RawTrade, price: bigint): Prices {
  const collateral = collateralOf(raw);
  const collateralPrice = priceUsd8(collateral);
  return new Map([
    [feedKey('gtrade', raw.trade.pairIndex), { min: price, max: price }],
    [
      feedKey('gtrade', collateral.collateral.toLowerCase()),
      { min: collateralPrice, max: collateralPrice },
    ],
  ]);
}
