import { describe, expect, it } from 'vitest';
import { feedKey } from '../../margin/inputs.ts';
import { type BfpMarket, marginOf } from '../../margin/rules/synthetix-bfp/market-state.ts';
import { synthetixBfpRules as rules } from '../../margin/rules/synthetix-bfp/rules.ts';
import { CorruptDataError } from '../../schema/errors.ts';
import type { MarketEvent } from '../../schema/events/market.ts';
import type { PositionEvent } from '../../schema/events/position.ts';
import { SUSD, WAD, WSTETH } from './bfp-situation.ts';

const place = {
  chainId: 31337,
  blockNumber: 1,
  blockTimestamp: 1000,
  transactionHash: '',
  transactionIndex: 0,
  logIndex: 0,
  subIndex: 0,
  venue: 'synthetix-bfp',
};

function marketEvent(type: MarketEvent['type'], fields: Partial<MarketEvent>): MarketEvent {
  return {
    ...place,
    kind: 'market',
    type,
    market: '3',
    token: '',
    isLong: null,
    delta: null,
    value: null,
    details: {},
    ...fields,
  };
}

const LISTING = marketEvent('MarketListed', {
  details: {
    isFromCreation: true,
    indexToken: '0xfe',
    indexPriceDecimals: '8',
    usdToken: SUSD,
    collateralTokens: [WSTETH],
    collateralFeeds: ['0xc0'],
    collateralFeedDecimals: ['8'],
  },
});
const funded = (value: bigint, blockTimestamp: number) =>
  marketEvent('FundingRateChanged', { value, blockTimestamp });
const used = (value: bigint, blockTimestamp: number) =>
  marketEvent('BorrowingRateChanged', { value, blockTimestamp });
const moved = (delta: bigint, details: MarketEvent['details'] = {}, token = SUSD) =>
  marketEvent('CollateralSumChanged', {
    token,
    delta,
    details: { accountId: '17', cause: 'moved', ...details },
  });

const PRICED = new Map([
  [feedKey('pyth', '0xfe'), { min: 2000n * 10n ** 8n, max: 2000n * 10n ** 8n }],
]);

function fold(events: readonly MarketEvent[], prices = PRICED): BfpMarket {
  const context = { parameters: new Map(), prices };
  return events.reduce(
    (state, event) => rules.evolveMarket(state, event, context),
    rules.initialMarket('3'),
  );
}

describe('the accumulators of a BFP market', () => {
  const day = 1000 + 86_400;

  it('take the mean rate of each day by the price, against the skew', () => {
    const state = fold([LISTING, funded(0n, 1000), funded(WAD / 100n, day)]);
    expect(state.fundingAccrued).toBe(-10n * WAD); // − 0.5 % of 2000
    expect(state.fundingGaps).toBe(0);
  });

  it('count a step without a price as a gap, and none where nothing accrues', () => {
    const none = new Map();
    expect(fold([LISTING, funded(0n, 1000), funded(1n * WAD, day)], none).fundingGaps).toBe(1);
    expect(fold([LISTING, funded(0n, 1000), funded(0n, day)], none).fundingGaps).toBe(0);
    expect(fold([LISTING, funded(WAD, 1000)], none).fundingGaps).toBe(0);
  });

  it('take utilization at the rate stored before', () => {
    const year = 1000 + 31_556_952;
    const state = fold([LISTING, used(WAD / 4n, 1000), used(WAD, year)]);
    expect(state).toMatchObject({ utilizationAccrued: WAD / 4n, utilizationRate: WAD });
  });
});

describe('the margins of a BFP market', () => {
  it('add up by account and token', () => {
    const state = fold([LISTING, moved(9n), moved(-2n), moved(4n, {}, WSTETH)]);
    expect(marginOf(state, '17')).toEqual({
      netUsd: 7n,
      debt: 0n,
      tokens: { [WSTETH]: 4n },
      isContradicted: false,
    });
    expect(marginOf(state, '18').netUsd).toBe(0n);
  });

  it('settle, keep the debt that the log states, and notice a contradiction', () => {
    const loss = { cause: 'settled', hadPosition: true, debt: '3' };
    const indebted = fold([LISTING, moved(9n), moved(-12n, loss)]);
    expect(marginOf(indebted, '17')).toMatchObject({
      netUsd: -3n,
      debt: 3n,
      isContradicted: false,
    });
    const unseen = fold([LISTING, moved(8n), moved(-12n, loss)]);
    expect(marginOf(unseen, '17').isContradicted).toBe(true);
    const fees = { cause: 'settled', hadPosition: false, debt: '2' };
    const opened = fold([LISTING, moved(9n), moved(-2n, fees)]);
    expect(marginOf(opened, '17')).toMatchObject({ netUsd: 7n, debt: 2n, isContradicted: false });
    expect(marginOf(fold([LISTING, moved(-1n, {}, WSTETH)]), '17').isContradicted).toBe(true);
  });

  it('are taken by a flag, which ends with the liquidation', () => {
    const flagged = fold([LISTING, moved(9n), moved(0n, { cause: 'flagged' }, '')]);
    expect(flagged).toMatchObject({ margins: {}, flagged: { 17: true } });
    const context = { parameters: new Map(), prices: new Map() };
    const ended = moved(0n, { cause: 'liquidated' }, '');
    expect(rules.evolveMarket(flagged, ended, context).flagged).toEqual({});
    expect(fold([LISTING, moved(9n), moved(0n, { cause: 'taken' }, '')]).margins).toEqual({});
  });

  it('count what belongs to nobody known', () => {
    expect(fold([LISTING, moved(9n, { accountId: '' })]).unattributed).toBe(1);
  });
});

describe('a BFP position', () => {
  const event = (details: PositionEvent['details']): PositionEvent => ({
    ...place,
    kind: 'position',
    type: 'PositionIncreased',
    positionKey: '0x01',
    account: '',
    market: '3',
    collateralToken: SUSD,
    isLong: true,
    orderKey: '0x01',
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
    collateralPriceMin: 1n,
    collateralPriceMax: 1n,
    realizedPnlUsd: 0n,
    priceImpactUsd: 0n,
    details: { accountId: '17', ...details },
  });
  const order = event({ size: '-5', entryPrice: '7', settlesAll: true });

  it('starts anew with every order, at the accumulators of the market', () => {
    const market = { ...fold([LISTING]), fundingAccrued: 8n, utilizationAccrued: 9n };
    const state = rules.evolvePosition(rules.initialPosition(order), order, market);
    expect(state).toEqual({
      positionKey: '0x01',
      accountId: '17',
      market: '3',
      size: -5n,
      entryPrice: 7n,
      entry: { funding: 8n, fundingGaps: 0, utilization: 9n },
    });
    const part = event({ size: '-2', settlesAll: false });
    const later = { ...market, fundingAccrued: 99n };
    expect(rules.evolvePosition(state, part, later)).toEqual({ ...state, size: -2n });
  });

  it('has no entry where its market is not known, and no size where the event has none', () => {
    expect(rules.evolvePosition(rules.initialPosition(order), order).entry).toBeNull();
    expect(() => rules.evolvePosition(rules.initialPosition(order), event({}))).toThrow(
      CorruptDataError,
    );
  });

  it('needs the feeds of its market', () => {
    expect(rules.feedsOf(fold([LISTING]))).toEqual([
      { venue: 'pyth', token: '0xfe' },
      { venue: 'pyth', token: '0xc0' },
    ]);
    expect(rules.feedsOf(rules.initialMarket('3'))).toEqual([]);
  });
});
