import { describe, expect, it } from 'vitest';
import { feedKey, parameterKey } from '../../margin/inputs.ts';
import { assess } from '../../margin/rules/gmx-v2/assess.ts';
import { evolveMarket } from '../../margin/rules/gmx-v2/market-fold.ts';
import { type GmxV2Market, initialMarket } from '../../margin/rules/gmx-v2/market-state.ts';
import {
  evolvePosition,
  type GmxV2Position,
  initialPosition,
} from '../../margin/rules/gmx-v2/position-state.ts';
import { gmxV2Rules } from '../../margin/rules/gmx-v2/rules.ts';
import { rulesFor } from '../../margin/rules/registry.ts';
import type { FoldContext } from '../../margin/venue-rules.ts';
import type { MarketEvent } from '../../schema/events/market.ts';
import type { EventPlace } from '../../schema/events/place.ts';
import type { PositionEvent } from '../../schema/events/position.ts';

const MARKET = '0x00000000000000000000000000000000000000aa';
const WETH = '0x0000000000000000000000000000000000000001';
const USDC = '0x0000000000000000000000000000000000000002';
const USD = 10n ** 30n;

const place = (blockTimestamp: number): EventPlace => ({
  chainId: 1,
  blockNumber: 1,
  blockTimestamp,
  transactionHash: '0x',
  transactionIndex: 0,
  logIndex: 0,
  subIndex: 0,
  venue: 'gmx-v2',
});

function marketEvent(
  type: MarketEvent['type'],
  at: number,
  body: Partial<MarketEvent> = {},
): MarketEvent {
  return {
    ...place(at),
    kind: 'market',
    type,
    market: MARKET,
    token: '',
    isLong: null,
    delta: null,
    value: null,
    details: {},
    ...body,
  };
}

const listed = (at: number, source?: string) =>
  marketEvent('MarketListed', at, {
    details: { indexToken: WETH, longToken: WETH, shortToken: USDC, ...(source ? { source } : {}) },
  });
const interest = (at: number, isLong: boolean, value: bigint) =>
  marketEvent('OpenInterestUsdChanged', at, { token: USDC, isLong, value });
const funding = (at: number, value: bigint) => marketEvent('FundingRateChanged', at, { value });
const paid = (at: number, isLong: boolean) =>
  marketEvent('FundingPerSizeAccrued', at, { token: USDC, isLong, value: 5n });

/** Adaptive funding: 1e20 per second and unit of imbalance, at least 1e21. */
const CONTEXT: FoldContext = {
  prices: new Map(),
  parameters: new Map([
    [parameterKey(MARKET, 'fundingIncreaseFactorPerSecond'), 10n ** 20n],
    [parameterKey(MARKET, 'fundingDecreaseFactorPerSecond'), 10n ** 18n],
    [parameterKey(MARKET, 'fundingExponentFactor'), USD],
    [parameterKey(MARKET, 'thresholdForStableFunding'), USD / 25n],
    [parameterKey(MARKET, 'thresholdForDecreaseFunding'), USD / 50n],
    [parameterKey(MARKET, 'minFundingFactorPerSecond'), 10n ** 21n],
    [parameterKey(MARKET, 'maxFundingFactorPerSecond'), 10n ** 23n],
  ]),
};
const UNKNOWN: FoldContext = { prices: new Map(), parameters: new Map() };

const fold = (events: readonly MarketEvent[], context = CONTEXT): GmxV2Market =>
  events.reduce((state, event) => evolveMarket(state, event, context), initialMarket(MARKET));

/** 3 : 1 longs, so an imbalance of one half. */
const skewed = [interest(100, true, 3n * USD), interest(100, false, USD)];

describe('the saved funding factor', () => {
  it('grows below the minimum rate, where no event shows it', () => {
    const market = fold([
      listed(100),
      ...skewed,
      funding(100, 10n ** 21n),
      funding(108, 10n ** 21n),
    ]);
    expect(market.savedFundingFactor).toBe(4n * 10n ** 20n);
  });

  it('decays to one, not to zero, so that its sign survives', () => {
    const decayed = (more: boolean) =>
      fold([
        listed(100),
        interest(100, more, 3n * USD),
        interest(100, !more, USD),
        funding(100, 10n ** 21n),
        funding(108, 10n ** 21n),
        interest(108, more, 101n * USD),
        interest(108, !more, 99n * USD),
        funding(1108, 10n ** 21n),
      ]).savedFundingFactor;
    expect(decayed(true)).toBe(1n);
    expect(decayed(false)).toBe(-1n);
  });

  it('is recovered from a rate above the minimum, signed by the side that paid', () => {
    const joined = fold([
      listed(100, 'SNAPSHOT'),
      ...skewed,
      paid(200, false),
      funding(200, 7n * 10n ** 21n),
    ]);
    expect(joined.savedFundingFactor).toBe(-7n * 10n ** 21n);
  });

  it('stays unknown while the minimum hides it', () => {
    const joined = fold([
      listed(100, 'SNAPSHOT'),
      ...skewed,
      paid(200, true),
      funding(200, 10n ** 21n),
    ]);
    expect(joined.savedFundingFactor).toBeNull();
  });

  it('stays unknown without parameters', () => {
    const events = [listed(100), ...skewed, paid(200, true), funding(200, 7n * 10n ** 21n)];
    expect(fold(events, UNKNOWN).savedFundingFactor).toBeNull();
  });

  it('is zero after an update with an empty side', () => {
    const market = fold(
      [listed(100, 'SNAPSHOT'), interest(100, true, USD), funding(200, 0n)],
      UNKNOWN,
    );
    expect(market.savedFundingFactor).toBe(0n);
  });
});

describe('the market fold', () => {
  it('refuses an event without its value, naming it', () => {
    const event = marketEvent('PoolAmountChanged', 1, { token: WETH });
    expect(() => fold([event])).toThrow('An event lacks a value');
  });

  it('takes the virtual inventory of its own index token only', () => {
    const inventory = (token: string, details: MarketEvent['details']) =>
      marketEvent('VirtualInventoryChanged', 1, { market: '', token, value: -9n, details });
    const virtualTokenId = '0x01';
    expect(fold([listed(1), inventory(WETH, { virtualTokenId })]).virtualInventory).toBe(-9n);
    expect(fold([listed(1), inventory(USDC, { virtualTokenId })]).virtualInventory).toBeNull();
    expect(
      fold([listed(1), inventory('', { virtualMarketId: '0x02' })]).virtualInventory,
    ).toBeNull();
  });
});

function positionEvent(type: PositionEvent['type'], body: Partial<PositionEvent>): PositionEvent {
  return {
    ...place(1000),
    kind: 'position',
    type,
    positionKey: '0xkey',
    account: '0xaccount',
    market: MARKET,
    collateralToken: USDC,
    isLong: true,
    orderKey: '0xorder',
    orderType: 2,
    sizeUsd: 0n,
    sizeBase: 0n,
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
    details: {
      borrowingFactor: '1',
      fundingFeeAmountPerSize: '2',
      longTokenClaimableFundingAmountPerSize: '3',
      shortTokenClaimableFundingAmountPerSize: '4',
    },
    ...body,
  };
}

function foldPosition(events: readonly PositionEvent[]): GmxV2Position {
  const [first] = events;
  if (!first) throw new Error('no events');
  return events.reduce(evolvePosition, initialPosition(first));
}

const increase = (type: 'PositionOpened' | 'PositionIncreased', size: bigint, impact: string) => {
  const event = positionEvent(type, { sizeUsd: size, sizeDeltaUsd: 10n });
  return { ...event, details: { ...event.details, pendingPriceImpactAmount: impact } };
};

describe('the position fold', () => {
  it('adds up pending impact and takes out the share of a decrease, rounded against the trader', () => {
    const opened = increase('PositionOpened', 10n, '-7');
    const grown = increase('PositionIncreased', 20n, '2');
    const halved = positionEvent('PositionDecreased', { sizeUsd: 10n, sizeDeltaUsd: -10n });
    expect(foldPosition([opened]).pendingImpactAmount).toBe(-7n);
    expect(foldPosition([opened, grown]).pendingImpactAmount).toBe(-5n);
    expect(foldPosition([opened, grown, halved]).pendingImpactAmount).toBe(-2n);
  });

  it('does not know the pending impact of a life whose beginning it missed', () => {
    expect(foldPosition([increase('PositionIncreased', 20n, '2')]).pendingImpactAmount).toBeNull();
    const closed = positionEvent('PositionClosed', { sizeUsd: 0n, sizeDeltaUsd: -20n });
    expect(
      foldPosition([increase('PositionIncreased', 20n, '2'), closed]).pendingImpactAmount,
    ).toBe(0n);
  });

  it('takes the block’s time where the log has none', () => {
    expect(foldPosition([increase('PositionOpened', 10n, '0')]).increasedAtTime).toBe(1000);
  });
});

describe('the rules of a venue', () => {
  it('are found by name', () => {
    expect(rulesFor('gmx-v2').method).toBe('gmx-v2/1');
    expect(() => rulesFor('gmx-v9')).toThrow('There are no margin rules for that venue.');
  });

  it('know the feeds of a listed market, each once', () => {
    expect(gmxV2Rules.feedsOf(fold([listed(1)]))).toEqual([
      { venue: 'gmx-v2', token: WETH },
      { venue: 'gmx-v2', token: USDC },
    ]);
    expect(gmxV2Rules.feedsOf(initialMarket(MARKET))).toEqual([]);
  });

  it('judge a closed position as owing and risking nothing', () => {
    const position = foldPosition([
      increase('PositionOpened', 10n, '0'),
      positionEvent('PositionClosed', { sizeDeltaUsd: -10n }),
    ]);
    const prices = new Map(
      [WETH, USDC].map((token) => [feedKey('gmx-v2', token), { min: 1n, max: 1n }]),
    );
    const market = fold([listed(1)]);
    const closed = assess({ position, market, parameters: new Map(), prices, timestamp: 2000 });
    expect(closed).toMatchObject({ equityUsd: 0n, isLiquidatable: false, healthFactor: null });
  });
});
