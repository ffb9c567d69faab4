import { describe, expect, it } from 'vitest';
import { DEPLOYMENTS } from '../../../../indexer/protocols/avantis/contracts.ts';
import * as events from '../../../../indexer/protocols/avantis/events.ts';
import { avantis } from '../../../../indexer/protocols/avantis/index.ts';
import { avantisRules } from '../../../../margin/rules/avantis/rules.ts';
import type { DomainEvent } from '../../../../schema/events/domain-event.ts';
import type { PositionEvent } from '../../../../schema/events/position.ts';
import { batchOf, type EncodedLog, encodeLog } from '../../../contracts/event-arguments.ts';

const ADDRESS = '0x0c16ff40065cc3ab4bc55b60e447504afb9c7970';
const TRADER = '0x00000000000000000000000000000000000000aa';
const KEY = `${TRADER}0000000100000002`;
const E10 = 10n ** 10n;

function newReader() {
  const reader = avantis.readerFor({ chainId: 8453, chain: 'base', manifest: null });
  if (!reader) throw new Error('no reader');
  return reader;
}

const batch = (logs: readonly EncodedLog[], firstBlock = 100) =>
  batchOf(logs, { chainId: 8453, address: ADDRESS, isOneTransaction: true, firstBlock });
const positions = (made: readonly DomainEvent[]) =>
  made.filter((event): event is PositionEvent => event.kind === 'position');

const t = {
  trader: TRADER,
  pairIndex: 1n,
  index: 2n,
  initialPosToken: 1_000_000_000n, // 1,000 USDC
  positionSizeUSDC: 0n,
  openPrice: 2_000n * E10,
  buy: true,
  leverage: 50n * E10,
  tp: 0n,
  sl: 0n,
  timestamp: 1_700_000_000n,
};
const execution = {
  orderId: 7n,
  limitIndex: 0n,
  t,
  open: true,
  orderType: 3,
  price: 2_000n * E10,
  positionSizeUSDC: 1_000_000_000n,
  percentProfit: 0n,
  usdcSentToTrader: 0n,
  isPnl: false,
  timestamp: 1_700_000_000n,
};
const initial = (rollover: bigint) =>
  encodeLog(events.tradeInitialAccFeesStored, {
    trader: TRADER,
    pairIndex: 1n,
    index: 2n,
    rollover,
  });
const accrued = (value: bigint) =>
  encodeLog(events.accRolloverFeesStored, { pairIndex: 1n, valueLong: value, valueShort: 0n });
const answered = (orderId: bigint, price: bigint) =>
  encodeLog(events.priceReceived, { orderId, pairIndex: 1n, price });
const opening = [
  answered(7n, 1_999n * E10),
  accrued(1_000n),
  initial(1_000n),
  encodeLog(events.marketExecutedIsPnl, execution),
];

function stateOf(made: readonly DomainEvent[]) {
  const [first] = positions(made);
  if (!first) throw new Error('no position');
  const position = positions(made).reduce(
    (state, event) => avantisRules.evolvePosition(state, event),
    avantisRules.initialPosition(first),
  );
  const market = made
    .filter((one) => one.kind === 'market')
    .reduce(
      (state, one) =>
        avantisRules.evolveMarket(state, one, { parameters: new Map(), prices: new Map() }),
      avantisRules.initialMarket('1'),
    );
  return { position, market };
}

const judge = (
  made: readonly DomainEvent[],
  price: bigint,
  parameters = [[':liqThreshold', 85n]],
) =>
  avantisRules.assess({
    ...stateOf(made),
    parameters: new Map(parameters as [string, bigint][]),
    prices: new Map([['avantis:1', { min: price, max: price }]]),
    timestamp: 0,
  });

describe('Avantis: logs into events', () => {
  it('has addresses of 20 bytes', () => {
    for (const { contracts } of DEPLOYMENTS) {
      for (const { address } of contracts) expect(address).toMatch(/^0x[0-9a-f]{40}$/);
    }
  });

  it.each([
    ['MarketExecuted with isPnl', events.marketExecutedIsPnl, null],
    ['MarketExecuted, plain', events.marketExecutedPlain, null],
    ['MarketExecuted with a time', events.marketExecutedTimed, null],
    ['LimitExecuted with isPnl', events.limitExecutedIsPnl, 3],
    ['LimitExecuted, plain', events.limitExecutedPlain, 3],
    ['LimitExecuted with a time', events.limitExecutedTimed, 3],
  ])('opens a trade from %s', (_name, version, orderType) => {
    const logs = [answered(7n, 1_999n * E10), initial(1_000n), encodeLog(version, execution)];
    const [event] = positions(newReader().normalize(batch(logs)).events);
    expect(event).toMatchObject({
      type: 'PositionOpened',
      positionKey: KEY,
      market: '1',
      orderType,
      sizeUsd: 50_000n * 10n ** 30n,
      sizeBase: 25n * 10n ** 18n,
      collateralRaw: 1_000_000_000n,
      indexPriceMin: 1_999n * E10,
      details: { leverage: '500000000000', initialAccRollover: '1000' },
    });
  });

  it('closes part of a trade, with and without having seen its opening', () => {
    const close = encodeLog(events.marketExecutedIsPnl, {
      ...execution,
      orderId: 8n,
      open: false,
      price: 2_020n * E10,
      positionSizeUSDC: 400_000_000n,
      percentProfit: 50n * E10,
      usdcSentToTrader: 590_000_000n,
    });
    const expected = {
      type: 'PositionDecreased',
      sizeUsd: 30_000n * 10n ** 30n,
      sizeDeltaUsd: -20_000n * 10n ** 30n,
      collateralRaw: 600_000_000n,
      collateralDeltaRaw: -400_000_000n,
      realizedPnlUsd: 200n * 10n ** 30n,
    };
    const seen = positions(newReader().normalize(batch([...opening, close])).events);
    expect(seen[1]).toMatchObject(expected);
    const [unseen] = positions(newReader().normalize(batch([close])).events);
    expect(unseen).toMatchObject(expected);
  });

  it('joins a liquidation with its fees', () => {
    const fees = encodeLog(events.feesChargedOnClose, {
      buy: true,
      collateral: 1_000_000_000n,
      leverage: 50n * E10,
      percentProfit: -90n * E10,
      r: 2_000_000n,
      closingFee: 100_000_000n,
      lossProtection: 100n,
    });
    const liquidation = encodeLog(events.limitExecutedIsPnl, {
      ...execution,
      orderId: 9n,
      orderType: 2,
      price: 1_964n * E10,
      percentProfit: -90n * E10,
    });
    const made = newReader().normalize(batch([...opening, fees, liquidation])).events;
    const orderKey = `0x${9n.toString(16).padStart(64, '0')}`;
    expect(made.filter(({ kind }) => kind === 'fee')).toMatchObject([
      {
        positionKey: KEY,
        orderKey,
        liquidationFeeRaw: 100_000_000n,
        positionFeeRaw: 0n,
        borrowFeeRaw: 2_000_000n,
        totalCostRaw: 102_000_000n,
      },
    ]);
    expect(positions(made)[1]).toMatchObject({
      type: 'PositionLiquidated',
      orderKey,
      sizeUsd: 0n,
      collateralRaw: 0n,
      realizedPnlUsd: -900n * 10n ** 30n,
    });
  });

  it('changes margin by the state that the log gives', () => {
    const newTrade = { ...t, initialPosToken: 1_998_000_000n, leverage: 250_250_250_250n };
    const added = encodeLog(events.marginUpdated, {
      trader: TRADER,
      pairIndex: 1n,
      index: 2n,
      _type: 0,
      newTrade,
      marginFees: 2_000_000n,
      lossProtectionTier: 0n,
      timestamp: 1n,
    });
    const made = newReader().normalize(batch([...opening, initial(1_400n), added])).events;
    expect(positions(made)[1]).toMatchObject({
      type: 'MarginAdded',
      sizeUsd: 50_000n * 10n ** 30n,
      collateralRaw: 1_998_000_000n,
      collateralDeltaRaw: 998_000_000n,
    });
    expect(stateOf(made).position).toMatchObject({
      collateral: 1_998_000_000n,
      leverage: 250_250_250_250n,
      initialAccRollover: 1_400n,
    });
  });

  it('takes the rollover fee of the older margin request from the accumulators', () => {
    const request = encodeLog(events.marginUpdateInitiated, {
      trader: TRADER,
      pairIndex: 1n,
      index: 2n,
      _type: 1,
      amount: 100_000_000n,
      lossProtectionTier: 0n,
      timestamp: 1n,
    });
    const made = newReader().normalize(batch([...opening, initial(401_000n), request])).events;
    // 400,000 of 1e10 on 50,000 USDC: 2 USDC
    expect(stateOf(made).position).toMatchObject({
      collateral: 898_000_000n,
      leverage: (50_000_000_000n * E10) / 898_000_000n,
    });
    const { deadLetters } = newReader().normalize(batch([request]));
    expect(deadLetters[0]?.reason).toContain('whose opening is not known');
  });

  it('gives after a restart what an unbroken run gives', () => {
    const request = encodeLog(events.marginUpdateInitiated, {
      trader: TRADER,
      pairIndex: 1n,
      index: 2n,
      _type: 0,
      amount: 5n,
      lossProtectionTier: 0n,
      timestamp: 1n,
    });
    const unbroken = newReader();
    const first = unbroken.normalize(batch(opening)).events;
    const expected = unbroken.normalize(batch([request], 101));
    const restarted = newReader();
    restarted.remember?.(positions(first));
    expect(restarted.normalize(batch([request], 101))).toEqual(expected);
    expect(expected.events).toHaveLength(1);
  });

  it('leads to the margin that the worked numbers give', () => {
    const made = newReader().normalize(batch([...opening, accrued(401_000n)])).events;
    // 1 % down at 50 x: −500; rollover 2; 85 % of 1,000 may be lost: 848 ÷ 50,000 × 2,000 = 33.92
    const judged = judge(made, 1_980n * E10);
    expect(judged).toMatchObject({
      equityUsd: 498n * 10n ** 30n,
      maintenanceMarginUsd: 150n * 10n ** 30n,
      borrowFeeUsd: 2n * 10n ** 30n,
      isLiquidatable: false,
      liquidationPrice: 196_608n * 10n ** 8n,
    });
    expect(judge(made, 196_608n * 10n ** 8n)).toMatchObject({
      isLiquidatable: true,
      equityUsd: judged.maintenanceMarginUsd,
    });
    expect(() => judge(made, 1_980n * E10, [])).toThrow(/not known/);
    const unseen = newReader().normalize(batch([opening[3] as EncodedLog])).events;
    expect(() => judge(unseen, 1_980n * E10)).toThrow(/not known/);
  });

  it('places the published threshold after the build that sets it', () => {
    expect(newReader().initialEvents()).toMatchObject([
      { name: 'liqThreshold', value: 85n, source: 'SNAPSHOT', blockNumber: 11_058_127 },
    ]);
  });
});
