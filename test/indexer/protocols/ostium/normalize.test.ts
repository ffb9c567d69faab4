import { describe, expect, it } from 'vitest';
import * as events from '../../../../indexer/protocols/ostium/events.ts';
import { ostium } from '../../../../indexer/protocols/ostium/index.ts';
import { ostiumRules } from '../../../../margin/rules/ostium/rules.ts';
import type { DomainEvent } from '../../../../schema/events/domain-event.ts';
import type { PositionEvent } from '../../../../schema/events/position.ts';
import { batchOf, type EncodedLog, encodeLog } from '../../../contracts/event-arguments.ts';

const ADDRESS = '0x7720fc8c8680bf4a1af99d44c6c265a74e9742a9';
const TRADER = '0x00000000000000000000000000000000000000aa';
const KEY = `0x${77n.toString(16).padStart(64, '0')}`;
const E18 = 10n ** 18n;

function newReader() {
  const reader = ostium.readerFor({ chainId: 42161, chain: 'arbitrum', manifest: null });
  if (!reader) throw new Error('no reader');
  return reader;
}

const batch = (logs: readonly EncodedLog[], firstBlock = 100) =>
  batchOf(logs, { chainId: 42161, address: ADDRESS, isOneTransaction: true, firstBlock });
const positions = (made: readonly DomainEvent[]) =>
  made.filter((event): event is PositionEvent => event.kind === 'position');

const t = {
  collateral: 1_000_000_000n, // 1,000 USDC
  openPrice: 2_000n * E18,
  tp: 0n,
  sl: 0n,
  trader: TRADER,
  leverage: 5_000, // 50 x
  pairIndex: 1,
  index: 0,
  buy: true,
};
const stored = encodeLog(events.tradeInitialAccFeesStored, {
  tradeId: 77n,
  trader: TRADER,
  pairIndex: 1,
  index: 0,
  rollover: 500n,
  funding: -20n,
});
const opened = encodeLog(events.marketOpenExecuted, {
  orderId: 77n,
  t,
  priceImpactP: 0n,
  tradeNotional: 25n * E18,
});
const answered = (orderId: bigint, price: bigint) =>
  encodeLog(events.priceReceived, { orderId, pairIndex: 1n, price, nativeFee: 0n });
const opening = [stored, opened, answered(77n, 1_999n * E18)];
const halfClosed = encodeLog(events.marketCloseExecutedV2, {
  orderId: 80n,
  tradeId: 77n,
  price: 2_020n * E18,
  priceImpactP: 0n,
  percentProfit: 50_000_000n, // +50 %
  usdcSentToTrader: 749_000_000n,
  percentageClosed: 5_000n,
});

describe('Ostium: logs into events', () => {
  it('opens a trade under the id of its order, with accumulators and the mid price', () => {
    const [event] = positions(newReader().normalize(batch(opening)).events);
    expect(event).toMatchObject({
      type: 'PositionOpened',
      positionKey: KEY,
      account: TRADER,
      market: '1',
      isLong: true,
      sizeUsd: 50_000n * 10n ** 30n,
      sizeBase: 25n * E18,
      collateralRaw: 1_000_000_000n,
      executionPrice: 2_000n * E18,
      indexPriceMin: 1_999n * E18,
      collateralPriceMin: 10n ** 24n,
      details: { leverage: '5000', initialAccRollover: '500', initialAccFunding: '-20' },
    });
  });

  it.each([
    ['market, with isDayTrade', events.marketOpenExecutedDayTrade, {}, null],
    ['limit', events.limitOpenExecuted, { limitIndex: 4n }, 3],
    ['limit, with isDayTrade', events.limitOpenExecutedDayTrade, { limitIndex: 4n }, 3],
  ])('opens the same trade from the version: %s', (_name, version, more, orderType) => {
    const log = encodeLog(version, {
      orderId: 77n,
      t: { ...t, isDayTrade: true },
      priceImpactP: 0n,
      tradeNotional: 25n * E18,
      ...more,
    });
    const [event] = positions(newReader().normalize(batch([log])).events);
    expect(event).toMatchObject({ positionKey: KEY, sizeBase: 25n * E18, orderType });
  });

  it('closes half a trade, knowing it by its id alone', () => {
    const made = positions(newReader().normalize(batch([...opening, halfClosed])).events);
    expect(made[1]).toMatchObject({
      type: 'PositionDecreased',
      account: TRADER,
      sizeUsd: 25_000n * 10n ** 30n,
      sizeDeltaUsd: -25_000n * 10n ** 30n,
      sizeDeltaBase: -(25n * E18) / 2n,
      collateralRaw: 500_000_000n,
      collateralDeltaRaw: -500_000_000n,
      realizedPnlUsd: 250n * 10n ** 30n,
    });
  });

  it('gives after a restart what an unbroken run gives', () => {
    const unbroken = newReader();
    const first = unbroken.normalize(batch(opening)).events;
    const expected = unbroken.normalize(batch([halfClosed], 101));
    const restarted = newReader();
    restarted.remember?.(positions(first));
    expect(restarted.normalize(batch([halfClosed], 101))).toEqual(expected);
    expect(expected.events).toHaveLength(1);
  });

  it('keeps a close of a trade that it does not know as a dead letter', () => {
    const { events: made, deadLetters } = newReader().normalize(batch([halfClosed]));
    expect(made).toEqual([]);
    expect(deadLetters[0]?.reason).toContain('trade 77 is not known');
  });

  it('adds and removes margin without touching the size', () => {
    const topUp = encodeLog(events.topUpCollateralExecuted, {
      tradeId: 77n,
      trader: TRADER,
      pairIndex: 1,
      topUpAmount: 1_000_000_000n,
      newLeverage: 2_500,
    });
    const removal = encodeLog(events.removeCollateralExecuted, {
      orderId: 81n,
      tradeId: 77n,
      trader: TRADER,
      pairIndex: 1,
      removeAmount: 500_000_000n,
      leverage: 3_333,
      tp: 0n,
      sl: 0n,
    });
    const made = positions(newReader().normalize(batch([...opening, topUp, removal])).events);
    const sizes = made.map(({ type, sizeUsd, collateralRaw }) => [type, sizeUsd, collateralRaw]);
    const size = 50_000n * 10n ** 30n;
    expect(sizes.slice(1)).toEqual([
      ['MarginAdded', size, 2_000_000_000n],
      ['MarginRemoved', size, 1_500_000_000n],
    ]);
  });

  it('joins a liquidation with its fees and says what could not be paid', () => {
    const order = { orderId: 90n, tradeId: 77n };
    const liquidation = [
      encodeLog(events.vaultLiqFeeCharged, { ...order, trader: TRADER, amount: 125_000_000n }),
      encodeLog(events.feesCharged, {
        ...order,
        trader: TRADER,
        rolloverFees: 3_000_000n,
        fundingFees: -1_000_000n,
      }),
      encodeLog(events.limitCloseExecuted, {
        ...order,
        orderType: 2,
        price: 1_950n * E18,
        priceImpactP: 0n,
        percentProfit: -125_000_000n,
        usdcSentToTrader: 0n,
      }),
      answered(90n, 1_951n * E18),
    ];
    const reader = newReader();
    reader.normalize(batch(opening));
    const { events: made, deadLetters } = reader.normalize(batch(liquidation, 101));
    expect(deadLetters).toEqual([]);
    const orderKey = `0x${90n.toString(16).padStart(64, '0')}`;
    expect(made.map(({ kind, type }) => `${kind} ${type}`)).toEqual([
      'fee FeesCharged',
      'position PositionLiquidated',
      'fee InsolventClosed',
      'oracle OracleUpdated',
    ]);
    expect(made[0]).toMatchObject({
      orderKey,
      borrowFeeRaw: 3_000_000n,
      fundingFeeRaw: -1_000_000n,
      liquidationFeeRaw: 125_000_000n,
    });
    expect(made[1]).toMatchObject({ orderKey, sizeUsd: 0n, realizedPnlUsd: -1_250n * 10n ** 30n });
    // 1,000 − 1,250 − 3 + 1
    expect(made[2]).toMatchObject({ orderKey, subIndex: 1, remainingCostUsd: 252n * 10n ** 30n });
    expect(made[3]).toMatchObject({ token: '1', symbol: 'ETH / USD', observedAt: null });
  });

  it('leads to the margin that the worked numbers give', () => {
    const accumulators = [
      encodeLog(events.accFundingFeesStoredV2, {
        pairIndex: 1,
        valueLong: -20n + E18 / 50_000n, // 1 USDC on 50,000
        valueShort: 0n,
        lastOiDelta: 0n,
        lastFundingRate: 0n,
      }),
    ];
    const { events: made } = newReader().normalize(batch([...opening, ...accumulators]));
    const [event] = positions(made);
    if (!event) throw new Error('no position');
    const position = ostiumRules.evolvePosition(ostiumRules.initialPosition(event), event);
    const market = made
      .filter((one) => one.kind === 'market')
      .reduce(
        (state, one) =>
          ostiumRules.evolveMarket(state, one, { parameters: new Map(), prices: new Map() }),
        ostiumRules.initialMarket('1'),
      );
    const input = {
      position,
      market,
      parameters: new Map([
        [':liqMarginThresholdP', 25n],
        ['1:maxLeverage', 10_000n],
        ['1:rolloverFeePerBlock', E18 / 50_000n / 100n], // 0.01 USDC a block
      ]),
      prices: new Map([['ostium:1', { min: 1_980n * E18, max: 1_980n * E18 }]]),
      timestamp: 0,
      block: 300,
    };
    const judged = ostiumRules.assess(input);
    // 1,000 − 500 (1 % down, 50 x) − 2 (200 blocks of rollover) − 1; margin 25 % × 50 ÷ 100
    expect(judged).toMatchObject({
      equityUsd: 497n * 10n ** 30n,
      maintenanceMarginUsd: 125n * 10n ** 30n,
      borrowFeeUsd: 2n * 10n ** 30n,
      fundingUsd: 10n ** 30n,
      isLiquidatable: false,
    });
    const { parameters } = input;
    for (const missing of parameters.keys()) {
      const left = new Map([...parameters].filter(([key]) => key !== missing));
      expect(() => ostiumRules.assess({ ...input, parameters: left })).toThrow(/not known/);
    }
  });
});
