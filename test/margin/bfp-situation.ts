import { feedKey, parameterKey } from '../../margin/inputs.ts';
import { assess } from '../../margin/rules/synthetix-bfp/assess.ts';
import { type BfpMarket, initialMarket } from '../../margin/rules/synthetix-bfp/market-state.ts';
import type { BfpPosition } from '../../margin/rules/synthetix-bfp/position-state.ts';

export const WAD = 10n ** 18n;
export const USD = 10n ** 30n;
export const SUSD = '0x5d';
export const WSTETH = '0xee';
/** Prices of the feeds have 8 decimals. */
export const FEED_UNIT = 10n ** 8n;
const feed = (token: string) => ({ token, decimals: 8 });

export const LONG: BfpPosition = {
  positionKey: '0x01',
  accountId: '17',
  market: '3',
  size: 2n * WAD,
  entryPrice: 2000n * WAD,
  entry: { funding: 0n, fundingGaps: 0, utilization: 0n },
};

export const MARKET: BfpMarket = {
  ...initialMarket('3'),
  isFromCreation: true,
  indexFeed: feed('0xfe'),
  ethFeed: feed('0xe7'),
  usdToken: SUSD,
  collateralFeeds: { [WSTETH]: feed('0xc0') },
  margins: { 17: { netUsd: 500n * WAD, debt: 0n, tokens: {}, isContradicted: false } },
  fundingAt: 1000,
  utilizationAt: 1000,
};

/** A flat keeper fee of 1: then neither gas nor ETH need to be known. */
export const SETTINGS: Readonly<Record<string, bigint>> = {
  ':settingsAsOfBlock': 5n,
  ':minKeeperFeeUsd': WAD,
  ':maxKeeperFeeUsd': WAD,
  '3:skewScale': 1_000_000n * WAD,
  '3:incrementalMarginScalar': 0n,
  '3:minMarginRatio': WAD / 50n,
  '3:maxInitialMarginRatio': WAD / 10n,
  '3:maintenanceMarginScalar': WAD / 2n,
  '3:minMarginUsd': 10n * WAD,
  '3:fundingVelocityClamp': 0n,
  '3:maxFundingVelocity': 9n * WAD,
};

export interface BfpSituation {
  readonly position?: Partial<BfpPosition>;
  readonly market?: Partial<BfpMarket>;
  readonly settings?: Readonly<Record<string, bigint | null>>;
  /** Of the feeds, with 8 decimals. */
  readonly collateral?: bigint;
  readonly eth?: bigint;
  readonly timestamp?: number;
}

/** `price`: of the index feed, with 8 decimals. */
export function judge(price: bigint, s: BfpSituation = {}) {
  const settings = Object.entries({ ...SETTINGS, ...s.settings }).flatMap(([key, value]) => {
    const [market = '', name = ''] = [
      key.slice(0, key.indexOf(':')),
      key.slice(key.indexOf(':') + 1),
    ];
    return value === null ? [] : [[parameterKey(market, name), value] as const];
  });
  const prices = [
    ['0xfe', price],
    ['0xe7', s.eth ?? 0n],
    ['0xc0', s.collateral ?? 0n],
  ] as const;
  return assess({
    position: { ...LONG, ...s.position },
    market: { ...MARKET, ...s.market },
    parameters: new Map(settings),
    prices: new Map(prices.map(([id, at]) => [feedKey('pyth', id), { min: at, max: at }])),
    timestamp: s.timestamp ?? 1000,
  });
}
