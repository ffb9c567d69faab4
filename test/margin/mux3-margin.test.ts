import { describe, expect, it } from 'vitest';
import { feedKey, parameterKey } from '../../margin/inputs.ts';
import { assess } from '../../margin/rules/mux3/assess.ts';
import {
  initialMarket,
  type Mux3Market,
  oracleIdOfToken,
} from '../../margin/rules/mux3/market-state.ts';
import type { Mux3Position } from '../../margin/rules/mux3/position-state.ts';
import { mux3Rules } from '../../margin/rules/mux3/rules.ts';
import { CorruptDataError } from '../../schema/errors.ts';
import type { MarketEvent } from '../../schema/events/market.ts';
import type { PositionEvent } from '../../schema/events/position.ts';

const WAD = 10n ** 18n;
const USD = 10n ** 30n;
const USDC = `0x${'5d'.repeat(20)}`;
const WETH = `0x${'ee'.repeat(20)}`;
const MARKET = `0x${'e1'.repeat(32)}`;
const ORACLE = `0x${'0e'.repeat(32)}`;
const POOL = '0xa1';
const CAP_KEY = '0xcafe';

const LONG: Mux3Position = {
  positionKey: '0x01',
  positionId: `0x${'11'.repeat(20)}${'0'.repeat(23)}1`,
  account: '0x11',
  market: MARKET,
  isLong: true,
  shares: { [POOL]: { size: 2n * WAD, entryPrice: 2000n * WAD, entryBorrowing: 10n ** 15n } },
  collaterals: { [USDC]: 500n * WAD },
  mainToken: USDC,
  sharedWith: [],
};
const STATE: Mux3Market = {
  market: MARKET,
  oracleId: ORACLE,
  isFromCreation: true,
  maxPnlRateKey: CAP_KEY,
  borrowing: { [POOL]: 2n * 10n ** 15n }, // 0.1 % since the position paid
  collateralTokens: [USDC, WETH],
};
const PARAMETERS = new Map([
  [parameterKey(MARKET, 'maintenanceMarginRate'), WAD / 100n],
  [parameterKey('', `poolConfig:${POOL}:${CAP_KEY}`), WAD / 2n],
  [parameterKey('', `poolCollateral:${POOL}`), BigInt(USDC)],
  [parameterKey('', `collateralIsStable:${USDC}`), 1n],
]);

interface Situation {
  readonly position?: Partial<Mux3Position>;
  readonly market?: Partial<Mux3Market>;
  readonly parameters?: ReadonlyMap<string, bigint>;
  readonly eth?: bigint;
}

function judge(price: bigint, s: Situation = {}) {
  const feeds: readonly (readonly [string, bigint])[] = [
    [ORACLE, price],
    [oracleIdOfToken(USDC), WAD],
    [oracleIdOfToken(WETH), s.eth ?? 2000n * WAD],
  ];
  return assess({
    position: { ...LONG, ...s.position },
    market: { ...STATE, ...s.market },
    parameters: s.parameters ?? PARAMETERS,
    prices: new Map(feeds.map(([id, value]) => [feedKey('mux3', id), { min: value, max: value }])),
    timestamp: 0,
  });
}

describe('the margin of a MUX3 position alone in its account', () => {
  it('is collateral and profit, against the maintenance rate and borrowing', () => {
    const now = judge(1900n * WAD);
    expect(now).toMatchObject({
      collateralUsd: 500n * USD,
      unrealizedPnlUsd: -200n * USD,
      equityUsd: 300n * USD,
      notionalUsd: 3800n * USD,
      rateRequirementUsd: 38n * USD,
      borrowFeeUsd: (38n * USD) / 10n,
      maintenanceMarginUsd: (418n * USD) / 10n,
      isLiquidatable: false,
      isIsolatedByContract: true,
      collateralPrice: { min: 10n ** 12n, max: 10n ** 12n },
    });
    // 500 + 2 (P − 2000) = 2 P (1 % + 0.1 %): P = 3500 ÷ 1.978
    expect(Number(now.liquidationPrice) / 1e18).toBeCloseTo(3500 / 1.978, 9);
  });

  it('is liquidatable strictly below the requirement', () => {
    const flip = judge(1900n * WAD).liquidationPrice ?? 0n;
    expect(judge(flip)).toMatchObject({
      isLiquidatable: true,
      liquidationReason: 'maintenance margin',
    });
    expect(judge(flip + 1n).isLiquidatable).toBe(false);
  });

  it('rises with the price for a short', () => {
    const now = judge(2100n * WAD, { position: { isLong: false } });
    expect(now.unrealizedPnlUsd).toBe(-200n * USD);
    expect(Number(now.liquidationPrice) / 1e18).toBeCloseTo(4500 / 2.022, 9);
  });

  it('caps profits by the value at entry in a pool of stable coins, at the mark in another', () => {
    const high = judge(4000n * WAD);
    expect(high.uncappedPnlUsd).toBe(4000n * USD);
    expect(high.unrealizedPnlUsd).toBe(2000n * USD); // half of 2 × 2000
    const volatile = new Map([...PARAMETERS, [parameterKey('', `collateralIsStable:${USDC}`), 0n]]);
    expect(judge(5000n * WAD, { parameters: volatile }).unrealizedPnlUsd).toBe(5000n * USD);
  });

  it('adds up several tokens, and moves the one that is the index itself', () => {
    const both = { collaterals: { [USDC]: 100n * WAD, [WETH]: WAD / 10n } };
    expect(judge(1900n * WAD, { position: both }).collateralUsd).toBe(300n * USD);
    const own = { oracleId: oracleIdOfToken(WETH) };
    const weth = { position: { collaterals: { [WETH]: WAD / 4n }, mainToken: WETH }, market: own };
    const now = judge(0n, { ...weth, eth: 1900n * WAD });
    const flip = now.liquidationPrice ?? 0n;
    expect(judge(0n, { ...weth, eth: flip }).isLiquidatable).toBe(true);
    expect(judge(0n, { ...weth, eth: flip + 1n }).isLiquidatable).toBe(false);
  });

  it('owes all borrowing since the market began where no event had named it before', () => {
    const share = { size: 2n * WAD, entryPrice: 2000n * WAD, entryBorrowing: null };
    const position = { shares: { [POOL]: share } };
    expect(judge(1900n * WAD, { position }).borrowFeeUsd).toBe((76n * USD) / 10n);
    expect(judge(1900n * WAD, { position, market: { borrowing: {} } }).borrowFeeUsd).toBe(0n);
    const late = { isFromCreation: false };
    expect(() => judge(1900n * WAD, { position, market: late })).toThrow(CorruptDataError);
  });

  it('is refused where something is unknown, and where the account is shared', () => {
    const shared = { sharedWith: ['0xb2'] };
    expect(() => judge(1900n * WAD, { position: shared })).toThrow('shared with other markets');
    expect(() => judge(1900n * WAD, { position: { collaterals: null } })).toThrow(CorruptDataError);
    expect(() => judge(1900n * WAD, { market: { oracleId: null } })).toThrow(CorruptDataError);
    expect(() => judge(0n)).toThrow(CorruptDataError);
    expect(() => judge(1900n * WAD, { parameters: new Map() })).toThrow(CorruptDataError);
    const uncapped = new Map([...PARAMETERS].slice(0, 1));
    expect(() => judge(2100n * WAD, { parameters: uncapped })).toThrow(CorruptDataError);
  });

  it('has no requirement without a size', () => {
    expect(judge(1900n * WAD, { position: { shares: {} } })).toMatchObject({
      isLiquidatable: false,
      liquidationPrice: null,
      maintenanceMarginUsd: 0n,
    });
  });
});

const place = {
  chainId: 42161,
  blockNumber: 1,
  blockTimestamp: 1,
  transactionHash: '',
  transactionIndex: 0,
  logIndex: 0,
  subIndex: 0,
  venue: 'mux3',
};

function marketEvent(fields: Partial<MarketEvent>): MarketEvent {
  return {
    ...place,
    kind: 'market',
    type: 'MarketListed',
    market: MARKET,
    token: '',
    isLong: null,
    delta: null,
    value: null,
    details: {},
    ...fields,
  };
}

function positionEvent(details: PositionEvent['details']): PositionEvent {
  return {
    ...place,
    kind: 'position',
    type: 'PositionIncreased',
    positionKey: `0x${'11'.repeat(32)}${MARKET.slice(2)}`,
    account: '0x11',
    market: MARKET,
    collateralToken: USDC,
    isLong: true,
    orderKey: '',
    orderType: null,
    sizeUsd: 1n,
    sizeBase: 1n,
    collateralRaw: 0n,
    sizeDeltaUsd: 0n,
    sizeDeltaBase: 0n,
    collateralDeltaRaw: 0n,
    executionPrice: 0n,
    indexPriceMin: 0n,
    indexPriceMax: 0n,
    collateralPriceMin: 0n,
    collateralPriceMax: 0n,
    realizedPnlUsd: 0n,
    priceImpactUsd: 0n,
    details,
  };
}

const TRADE = {
  backedPools: [POOL, '0xb2'],
  newSizes: ['7', '0'],
  newEntryPrices: ['9', '0'],
  newCollateralTokens: [USDC],
  newCollateralAmounts: ['100'],
  sharedWith: [],
  settlesBorrowing: true,
};

describe('the folds of MUX3', () => {
  const fold = (events: readonly PositionEvent['details'][], market = STATE) =>
    events.reduce(
      (state, details) => mux3Rules.evolvePosition(state, positionEvent(details), market),
      mux3Rules.initialPosition(positionEvent({})),
    );

  it('start a position at the borrowing of its market', () => {
    expect(fold([TRADE])).toMatchObject({
      positionId: `0x${'11'.repeat(32)}`,
      shares: { [POOL]: { size: 7n, entryPrice: 9n, entryBorrowing: 2n * 10n ** 15n } },
      collaterals: { [USDC]: 100n },
    });
    expect(Object.keys(fold([TRADE]).shares)).toEqual([POOL]);
  });

  it('leave it there when another market changes the account', () => {
    const later = { ...STATE, borrowing: { [POOL]: 9n * 10n ** 15n } };
    const other = {
      newCollateralTokens: [USDC, WETH],
      newCollateralAmounts: ['50', '6'],
      sharedWith: ['0xb2'],
      settlesBorrowing: false,
    };
    const state = mux3Rules.evolvePosition(fold([TRADE]), positionEvent(other), later);
    expect(state.shares[POOL]?.entryBorrowing).toBe(2n * 10n ** 15n);
    expect(state.collaterals).toEqual({ [USDC]: 50n, [WETH]: 6n });
    expect(state.sharedWith).toEqual(['0xb2']);
    const settled = mux3Rules.evolvePosition(
      state,
      positionEvent({ ...other, settlesBorrowing: true }),
      later,
    );
    expect(settled.shares[POOL]?.entryBorrowing).toBe(9n * 10n ** 15n);
  });

  it('take a borrowing fee from the only token, and know that with two they do not know', () => {
    const fee = { borrowingFeeUsd: '3', feePaidInTokens: '4', sharedWith: [] };
    expect(fold([TRADE, fee]).collaterals).toEqual({ [USDC]: 96n });
    const two = { ...TRADE, newCollateralTokens: [USDC, WETH], newCollateralAmounts: ['1', '2'] };
    expect(fold([two, fee]).collaterals).toBeNull();
    expect(fold([TRADE, { ...fee, feePaidInTokens: 'UNKNOWN' }]).collaterals).toBeNull();
    expect(fold([two, { ...fee, borrowingFeeUsd: '0' }]).collaterals).not.toBeNull();
    expect(fold([two, fee, TRADE]).collaterals).toEqual({ [USDC]: 100n });
  });

  it('refuse lists that do not fit one another', () => {
    expect(() => fold([{ ...TRADE, newSizes: ['7'] }])).toThrow(CorruptDataError);
  });

  it('gather the oracle, the tokens and the accumulators of a market', () => {
    const parameters = new Map([[parameterKey('', `collateralDecimals:${USDC}`), 6n]]);
    const context = { parameters, prices: new Map() };
    const created = marketEvent({ details: { isFromCreation: true, maxPnlRateKey: CAP_KEY } });
    const folded = [
      created,
      marketEvent({ details: { indexToken: ORACLE } }),
      marketEvent({ type: 'CollateralSumChanged', market: '', token: WETH }),
      marketEvent({ type: 'BorrowingFactorAccrued', token: POOL, value: 5n }),
    ].reduce(
      (state, event) => mux3Rules.evolveMarket(state, event, context),
      initialMarket(MARKET),
    );
    expect(folded).toEqual({ ...STATE, borrowing: { [POOL]: 5n } });
    expect(mux3Rules.feedsOf(folded).map(({ token }) => token)).toEqual([
      ORACLE,
      oracleIdOfToken(USDC),
      oracleIdOfToken(WETH),
    ]);
    expect(mux3Rules.feedsOf(initialMarket(MARKET))).toEqual([]);
  });
});
