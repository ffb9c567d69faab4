import { describe, expect, it } from 'vitest';
import { gmxV2 } from '../../../../indexer/protocols/gmx-v2/index.ts';
import { baseKeyOf } from '../../../../indexer/protocols/gmx-v2/parameters.ts';
import type { DomainEvent } from '../../../../schema/events/domain-event.ts';
import { type EventSketch, encodeEventLog } from '../../../fixtures/gmx-v2/event-log-abi.ts';
import { batchOf } from '../../../fixtures/gmx-v2/log-batch.ts';

const arbitrum = gmxV2.readerFor({ chainId: 42161, chain: 'arbitrum', manifest: null })!;
const ACCOUNT = `0x${'a1'.repeat(20)}`;
const MARKET = `0x${'b2'.repeat(20)}`;
const TOKEN = `0x${'c3'.repeat(20)}`;
const KEY = `0x${'d4'.repeat(32)}`;
const MAX_UINT = (1n << 256n) - 1n;

function normalize(sketch: EventSketch) {
  return arbitrum.normalize(batchOf([encodeEventLog(sketch)]));
}

function only(sketch: EventSketch): DomainEvent {
  const { events, deadLetters } = normalize(sketch);
  expect(deadLetters).toEqual([]);
  expect(events).toHaveLength(1);
  return events[0]!;
}

function reasonFor(sketch: EventSketch): string {
  const { events, deadLetters } = normalize(sketch);
  expect(events).toEqual([]);
  expect(deadLetters).toHaveLength(1);
  return deadLetters[0]!.reason;
}

const state = {
  sizeInUsd: 100n,
  sizeInTokens: 10n,
  collateralAmount: 5n,
  executionPrice: 10n,
  'indexTokenPrice.max': 11n,
  'indexTokenPrice.min': 9n,
  'collateralTokenPrice.max': 1n,
  'collateralTokenPrice.min': 1n,
  sizeDeltaUsd: 100n,
  sizeDeltaInTokens: 10n,
  orderType: 2n,
};
const without = <T extends object>(record: T, key: keyof T) =>
  Object.fromEntries(Object.entries(record).filter(([name]) => name !== key));
const identity = {
  address: { account: ACCOUNT, market: MARKET, collateralToken: TOKEN },
  bool: { isLong: true },
  bytes32: { orderKey: KEY, positionKey: KEY },
};
const increase = (uint: object, int: object): EventSketch => ({
  name: 'PositionIncrease',
  topic1: ACCOUNT,
  items: {
    ...identity,
    uint: { ...state, ...uint },
    int: { collateralDeltaAmount: -3n, ...int },
  },
});
const decrease = (uint: object, int: object = {}): EventSketch => ({
  name: 'PositionDecrease',
  topic1: ACCOUNT,
  items: {
    ...identity,
    uint: { ...state, collateralDeltaAmount: 4n, 'values.priceImpactDiffUsd': 0n, ...uint },
    int: { priceImpactUsd: -2n, basePnlUsd: -7n, ...int },
  },
});

describe('position events over the releases', () => {
  it('reads an increase before and after the impact became pending', () => {
    const early = only(increase({}, { priceImpactUsd: -2n, priceImpactAmount: -1n }));
    expect(early).toMatchObject({ type: 'PositionOpened', priceImpactUsd: -2n });
    expect(early).toMatchObject({ details: { priceImpactAmount: '-1' } });

    const late = only(
      increase(
        { increasedAtTime: 1_700_000_000n },
        { pendingPriceImpactUsd: -3n, pendingPriceImpactAmount: -4n },
      ),
    );
    expect(late).toMatchObject({
      priceImpactUsd: -3n,
      collateralDeltaRaw: -3n,
      details: { increasedAtTime: '1700000000', pendingPriceImpactAmount: '-4' },
    });
  });

  it('tells opening, increasing and adding margin apart', () => {
    const impact = { pendingPriceImpactUsd: 0n };
    expect(only(increase({}, impact)).type).toBe('PositionOpened');
    expect(only(increase({ sizeInUsd: 150n }, impact)).type).toBe('PositionIncreased');
    expect(only(increase({ sizeDeltaUsd: 0n }, impact)).type).toBe('MarginAdded');
  });

  it('tells closing, decreasing, removing margin and liquidation apart', () => {
    expect(only(decrease({ sizeInUsd: 0n, orderType: 4n })).type).toBe('PositionClosed');
    expect(only(decrease({ orderType: 5n })).type).toBe('PositionDecreased');
    expect(only(decrease({ sizeDeltaUsd: 0n, orderType: 4n })).type).toBe('MarginRemoved');
    expect(only(decrease({ sizeInUsd: 0n, orderType: 7n }))).toMatchObject({
      type: 'PositionLiquidated',
      sizeDeltaUsd: -100n,
      sizeDeltaBase: -10n,
      collateralDeltaRaw: -4n,
      realizedPnlUsd: -7n,
      priceImpactUsd: -2n,
    });
  });

  it('keeps keys of every release, known or not, in the details', () => {
    const event = only(
      decrease(
        { decreasedAtTime: 1n, inventedKey: 5n },
        { proportionalImpactPendingUsd: -9n, totalImpactUsd: -1n, inventedKey: -6n },
      ),
    );
    expect(event).toMatchObject({
      details: {
        'values.priceImpactDiffUsd': '0',
        decreasedAtTime: '1',
        proportionalImpactPendingUsd: '-9',
        totalImpactUsd: '-1',
        inventedKey: '5',
        'int.inventedKey': '-6',
      },
    });
  });

  it('keeps a key that means something to JavaScript as a key', () => {
    const event = only(increase({ ['__proto__']: 5n }, { pendingPriceImpactUsd: 0n }));
    expect(JSON.stringify(event.kind === 'position' ? event.details : {})).toBe(
      '{"__proto__":"5"}',
    );
  });

  it.each(Object.keys(state))('makes an increase without %s a dead letter', (key) => {
    const sketch = increase({}, { pendingPriceImpactUsd: 0n });
    const uint = without(state, key as keyof typeof state);
    const reason = reasonFor({ ...sketch, items: { ...sketch.items, uint } });
    expect(reason).toBe(`PositionIncrease without its key ${key} (uint)`);
  });

  it('refuses numbers that do not fit', () => {
    const impact = { pendingPriceImpactUsd: 0n };
    expect(reasonFor(increase({ orderType: 256n }, impact))).toMatch(/orderType out of range/);
    expect(reasonFor(increase({ sizeInUsd: MAX_UINT }, impact))).toMatch(/sizeInUsd out of range/);
  });
});

const fees = {
  'collateralTokenPrice.min': 2n,
  positionFeeAmount: 3n,
  borrowingFeeAmount: 4n,
  borrowingFeeUsd: 8n,
  fundingFeeAmount: 5n,
  totalCostAmount: 12n,
};
const feeEvent = (name: string, uint: object): EventSketch => ({
  name,
  topic1: MARKET,
  items: {
    address: { market: MARKET, collateralToken: TOKEN },
    bytes32: { orderKey: KEY, positionKey: KEY },
    bool: { isIncrease: false },
    uint: { ...fees, ...uint },
  },
});

describe('fee events over the releases', () => {
  it('reads fees with and without the liquidation, referral and pro blocks', () => {
    expect(only(feeEvent('PositionFeesCollected', { totalRebateFactor: 1n }))).toMatchObject({
      type: 'FeesCharged',
      liquidationFeeRaw: 0n,
      totalCostRaw: 12n,
      details: { totalRebateFactor: '1', isIncrease: false },
    });
    const uint = { liquidationFeeAmount: 6n, 'referral.totalRebateFactor': 1n };
    expect(only(feeEvent('PositionFeesInfo', uint))).toMatchObject({
      type: 'FeesDue',
      liquidationFeeRaw: 6n,
      details: { 'referral.totalRebateFactor': '1' },
    });
  });

  it('reads an insolvent close with and without its step', () => {
    const items = {
      bytes32: { orderKey: KEY },
      uint: { positionCollateralAmount: 1n, remainingCostUsd: 9n },
      int: { basePnlUsd: -9n },
    };
    expect(only({ name: 'InsolventClose', items })).toMatchObject({
      step: '',
      remainingCostUsd: 9n,
    });
    const late = { ...items, string: { step: 'pnl' } };
    expect(only({ name: 'InsolventClose', items: late })).toMatchObject({ step: 'pnl' });
  });
});

describe('orders over the releases', () => {
  const created = (uint: object): EventSketch => ({
    name: 'OrderCreated',
    topic1: KEY,
    topic2: ACCOUNT,
    items: {
      address: { account: ACCOUNT, market: MARKET },
      bytes32: { key: KEY },
      uint: { orderType: 5n, sizeDeltaUsd: 100n, ...uint },
    },
    arrays: { address: { swapPath: [MARKET, TOKEN] }, bytes32: { dataList: [] } },
  });

  it('knows the time of a request only where the order tells it', () => {
    expect(only(created({ updatedAtBlock: 5n }))).toMatchObject({ requestedAt: null });
    expect(only(created({ updatedAtTime: 1_700_000_000n }))).toMatchObject({
      requestedAt: 1_700_000_000,
      details: { swapPath: [MARKET, TOKEN], dataList: [] },
    });
    expect(reasonFor(created({ updatedAtTime: (1n << 40n) + 1n }))).toMatch(/updatedAtTime/);
  });

  it('keeps an order over everything: saturated as a number, exact in the details', () => {
    expect(only(created({ sizeDeltaUsd: MAX_UINT }))).toMatchObject({
      sizeDeltaUsd: (1n << 255n) - 1n,
      details: { sizeDeltaUsd: MAX_UINT.toString() },
    });
  });

  it('reads executions that name no account or no secondary type', () => {
    expect(
      only({ name: 'OrderExecuted', topic1: KEY, items: { bytes32: { key: KEY } } }),
    ).toMatchObject({ type: 'OrderExecuted', account: '', secondaryOrderType: null });
  });
});

describe('oracle updates over the releases', () => {
  const update = (uint: object, address: object = {}, bool: object = {}): EventSketch => ({
    name: 'OraclePriceUpdate',
    topic1: TOKEN,
    items: {
      address: { token: TOKEN, ...address },
      uint: { minPrice: 1n, maxPrice: 2n, ...uint },
      bool: { ...bool },
    },
  });

  it('has no observation time in the oldest form', () => {
    expect(only(update({}, {}, { isPrimary: true, isPriceFeed: false }))).toMatchObject({
      provider: '',
      observedAt: null,
      details: { isPrimary: true, isPriceFeed: false },
    });
  });

  it('marks block times of the price feed form, and only those', () => {
    const feed = only(update({ timestamp: 9n, priceSourceType: 1n }));
    expect(feed).toMatchObject({
      observedAt: null,
      timeIsBlockTime: true,
      details: { timestamp: '9' },
    });
    const signed = only(update({ timestamp: 9n, priceSourceType: 0n }));
    expect(signed).toMatchObject({ observedAt: 9, timeIsBlockTime: false });
    expect(signed).toHaveProperty('details', { priceSourceType: '0' });
  });

  it('marks block times of the price feed provider', () => {
    const provider = '0x38b8db61b724b51e42a88cb8ec564cd685a0f53b';
    expect(only(update({ timestamp: 9n }, { provider }))).toMatchObject({
      provider,
      observedAt: null,
      timeIsBlockTime: true,
      details: { timestamp: '9' },
    });
    expect(only(update({ timestamp: 9n }, { provider: TOKEN }))).toHaveProperty('details', {});
  });
});

describe('markets and configuration', () => {
  it('takes the market of an ADL state from the topic', () => {
    const sketch = {
      name: 'AdlStateUpdated',
      items: {
        int: { pnlToPoolFactor: -5n },
        uint: { maxPnlFactor: 7n },
        bool: { isLong: false, shouldEnableAdl: true },
      },
    };
    expect(only({ ...sketch, topic1: MARKET })).toMatchObject({
      market: MARKET,
      isLong: false,
      value: -5n,
      details: { maxPnlFactor: '7', shouldEnableAdl: true },
    });
    expect(reasonFor(sketch)).toMatch(/no address/);
  });

  it('reads every kind of Set event', () => {
    const baseKey = baseKeyOf('VIRTUAL_MARKET_ID');
    const data = `0x${'00'.repeat(12)}${MARKET.slice(2)}`;
    const set = (name: string, group: object) =>
      only({ name, topic1: baseKey, items: { bytes32: { baseKey }, bytes: { data }, ...group } });
    expect(set('SetUint', { uint: { value: MAX_UINT } })).toMatchObject({
      market: MARKET,
      name: 'virtualMarketId',
      value: null,
      valueText: MAX_UINT.toString(),
    });
    expect(set('SetInt', { int: { value: -4n } })).toMatchObject({ value: -4n, valueText: '-4' });
    expect(set('SetBool', { bool: { value: true } })).toMatchObject({ value: 1n, valueText: '1' });
    const text = { value: null, valueText: TOKEN };
    expect(set('SetAddress', { address: { value: TOKEN } })).toMatchObject(text);
    expect(set('SetBytes32', { bytes32: { baseKey, value: KEY } })).toMatchObject({
      value: null,
      valueText: KEY,
    });
  });

  it('gives two changes for the log that sets two parameters', () => {
    const { events } = normalize({
      name: 'SetPositionImpactPoolDistributionRate',
      topic1: MARKET,
      items: {
        address: { market: MARKET },
        uint: { minPositionImpactPoolAmount: 3n, positionImpactPoolDistributionRate: 4n },
      },
    });
    expect(events).toMatchObject([
      { subIndex: 0, market: MARKET, name: 'minPositionImpactPoolAmount', value: 3n },
      { subIndex: 1, market: MARKET, name: 'positionImpactPoolDistributionRate', value: 4n },
    ]);
  });

  it('lists the markets of a public chain before its first log', () => {
    const listed = arbitrum.initialEvents().filter(({ kind }) => kind === 'market');
    expect(listed).toHaveLength(134);
    expect(listed.every((event) => event.type === 'MarketListed')).toBe(true);
    expect(listed[0]).toMatchObject({
      blockNumber: 107_737_756,
      logIndex: 0,
      market: '0x47c031236e19d024b42f8ae6780e44a573170703',
      details: { name: 'BTC/USD [WBTC-USDC]', source: 'SNAPSHOT', indexDecimals: '8' },
    });
  });

  it('counts events it does not keep, and envelopes without a name as dead letters', () => {
    expect(normalize({ name: 'SwapInfo', topic1: MARKET })).toMatchObject({ ignored: 1 });
    const log = encodeEventLog({ name: 'SwapInfo' });
    const nameless = arbitrum.normalize(batchOf([{ ...log, topics: log.topics.slice(0, 1) }]));
    expect(nameless.deadLetters).toHaveLength(1);
  });
});
