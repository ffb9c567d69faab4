import { toEventSelector } from 'viem';
import { describe, expect, it } from 'vitest';
import * as v2 from '../../../../indexer/protocols/synthetix-v2/events.ts';
import { abiOf } from '../../../contracts/event-versions.contract.ts';
import { encodeLog } from '../../../fixtures/encoded-logs.ts';
import {
  ACCOUNT,
  bytes32,
  eventsOf,
  KEEPER,
  MANAGER,
  MARKET,
  NO_TRACKING,
  POSITION,
  SETTINGS,
  UNIT,
  USD,
} from './made-up-market.ts';

const ETH_KEY = bytes32('sETHPERP');
const order = {
  account: ACCOUNT,
  isOffchain: true,
  sizeDelta: -5n * UNIT,
  targetRoundId: 12n,
  commitDeposit: 0n,
  keeperDeposit: 2n * UNIT,
  trackingCode: NO_TRACKING,
};

function modified(
  form: typeof v2.positionModified | typeof v2.positionModified2022,
  trade: bigint,
) {
  return encodeLog(MARKET, form, {
    id: 7n,
    account: ACCOUNT,
    margin: 500n * UNIT,
    size: 10n * UNIT + trade,
    tradeSize: trade,
    lastPrice: 2000n * UNIT,
    fundingIndex: 1n,
    fee: 0n,
    skew: 0n,
  });
}

const ordersOf = (logs: Parameters<typeof eventsOf>[0]) =>
  eventsOf(logs).filter(({ kind }) => kind === 'order');

describe('the events of Synthetix Perps V2', () => {
  it('have the topics of the published ABI, both forms of each among them', () => {
    const written = Object.values(v2)
      .flat()
      .map((event) => toEventSelector(event));
    const published = abiOf('synthetix-perps-v2').map((event) => toEventSelector(event));
    expect(published.length).toBeGreaterThanOrEqual(18);
    expect(published.filter((topic) => !written.includes(topic))).toEqual([]);
    expect(new Set(written).size).toBe(written.length);
  });
});

describe('a delayed order', () => {
  it('is created, at the fill price that its margin was settled at', () => {
    const submitted = encodeLog(MARKET, v2.delayedOrderSubmitted, {
      ...order,
      intentionTime: 1_700_000_001n,
      executableAtTime: 1_700_000_060n,
    });
    expect(ordersOf([modified(v2.positionModified, 0n), submitted])).toMatchObject([
      {
        type: 'OrderCreated',
        orderKey: POSITION,
        account: ACCOUNT,
        market: MARKET,
        orderType: 2,
        sizeDeltaUsd: 10_000n * USD,
        requestedAt: 1_700_000_001,
        details: { sizeDelta: String(-5n * UNIT), keeperDeposit: String(2n * UNIT) },
      },
    ]);
  });

  it('does not tell the time of the intention before 2022-12-12', () => {
    const submitted = encodeLog(MARKET, v2.delayedOrderSubmitted2022, {
      ...order,
      isOffchain: false,
      executableAtTime: 1_700_000_060n,
    });
    expect(ordersOf([submitted])).toMatchObject([
      { type: 'OrderCreated', orderType: 1, sizeDeltaUsd: 0n, requestedAt: null },
    ]);
  });

  it.each([
    ['2022-12-12', v2.delayedOrderRemoved, v2.positionModified, 2],
    [
      '2022-12-12, over the position of that release',
      v2.delayedOrderRemoved,
      v2.positionModified2022,
      2,
    ],
    [
      'before, when it did not say its kind',
      v2.delayedOrderRemoved2022,
      v2.positionModified2022,
      null,
    ],
  ] as const)(
    'of %s is executed by the trade of its size, else cancelled',
    (_, form, trade, type) => {
      const removed = encodeLog(MARKET, form, { ...order, currentRoundId: 11n });
      const executed = [modified(trade, -5n * UNIT), removed];
      expect(ordersOf(executed)).toMatchObject([
        { type: 'OrderExecuted', orderKey: POSITION, orderType: type, sizeDeltaUsd: 10_000n * USD },
      ]);
      for (const other of [[removed], [modified(trade, 0n), removed], [removed, executed[0]!]]) {
        expect(ordersOf(other)).toMatchObject([
          { type: 'OrderCancelled', orderType: type, sizeDeltaUsd: 0n },
        ]);
      }
    },
  );

  it('gives its kind to the trade that executes it', () => {
    const removed = encodeLog(MARKET, v2.delayedOrderRemoved, { ...order, currentRoundId: 11n });
    const [trade] = eventsOf([modified(v2.positionModified, -5n * UNIT), removed]);
    expect(trade).toMatchObject({ type: 'PositionDecreased', orderType: 2 });
    const [atomic] = eventsOf([modified(v2.positionModified, -4n * UNIT), removed]);
    expect(atomic).toMatchObject({ type: 'PositionDecreased', orderType: 0 });
  });
});

describe('a flag', () => {
  const names = { id: 7n, account: ACCOUNT, flagger: KEEPER, timestamp: 1_700_000_002n };

  it.each([
    ['2023-04-04', encodeLog(MARKET, v2.positionFlagged2023, names), undefined],
    [
      '2023-04-25',
      encodeLog(MARKET, v2.positionFlagged, { ...names, price: 1950n * UNIT }),
      String(1950n * UNIT),
    ],
  ] as const)('of %s is an order event of its position', (_, log, price) => {
    const [event] = eventsOf([log]);
    expect(event).toMatchObject({
      kind: 'order',
      type: 'PositionFlagged',
      orderKey: POSITION,
      account: ACCOUNT,
      requestedAt: 1_700_000_002,
      details: { flagger: KEEPER },
    });
    expect(event?.kind === 'order' && event.details['price']).toBe(price);
  });
});

describe('a parameter', () => {
  const named = { marketKey: ETH_KEY, parameter: bytes32('skewScale') };

  it('of a market has its address and the name that the contracts give it', () => {
    const log = encodeLog(SETTINGS, v2.parameterUpdated, { ...named, value: 10n ** 24n });
    expect(eventsOf([log])).toMatchObject([
      {
        kind: 'parameter',
        market: MARKET,
        name: 'skewScale',
        value: 10n ** 24n,
        valueText: String(10n ** 24n),
        baseKey: named.parameter,
        keyData: ETH_KEY,
        source: 'EVENT',
      },
    ]);
  });

  it.each([v2.parameterUpdatedBytes2022, v2.parameterUpdatedBytes32])(
    'of 32 bytes is text, of either name of the event',
    (event) => {
      const parameter = bytes32('offchainMarketKey');
      const value = bytes32('ocETHPERP');
      const log = encodeLog(SETTINGS, event, { marketKey: ETH_KEY, parameter, value });
      expect(eventsOf([log])).toMatchObject([
        { market: MARKET, name: 'offchainMarketKey', value: null, valueText: value },
      ]);
    },
  );

  it('of a market or a name that is not known keeps the bytes', () => {
    const strange = { marketKey: bytes32('sNEWPERP'), parameter: `0x${'ff'.repeat(32)}` };
    const log = encodeLog(SETTINGS, v2.parameterUpdated, { ...strange, value: 1n });
    expect(eventsOf([log])).toMatchObject([
      { market: strange.marketKey, name: strange.parameter, value: 1n },
    ]);
  });

  it.each([
    ['minKeeperFee', v2.minKeeperFeeUpdated],
    ['maxKeeperFee', v2.maxKeeperFeeUpdated],
    ['liquidationFeeRatio', v2.liquidationFeeRatioUpdated],
    ['liquidationBufferRatio', v2.liquidationBufferRatioUpdated],
    ['minInitialMargin', v2.minInitialMarginUpdated],
    ['keeperLiquidationFee', v2.keeperLiquidationFeeUpdated],
  ] as const)('of the whole venue has a log of its own: %s', (name, event) => {
    const argument = event.inputs[0].name;
    const log = encodeLog(SETTINGS, event, { [argument]: 3n * UNIT });
    expect(eventsOf([log])).toMatchObject([
      { kind: 'parameter', market: '', name, value: 3n * UNIT, source: 'EVENT' },
    ]);
  });
});

describe('a market', () => {
  const added = (market: string, key: string) =>
    encodeLog(MANAGER, v2.marketAdded, { market, asset: bytes32('sETH'), marketKey: bytes32(key) });
  const unknown = `0x${'77'.repeat(20)}`;

  it('is listed with its feed where that is known', () => {
    expect(eventsOf([added(MARKET, 'sETHPERP')])).toMatchObject([
      {
        type: 'MarketListed',
        market: MARKET,
        details: { indexVenue: 'chainlink', indexPriceDecimals: '8', marketKey: ETH_KEY },
      },
    ]);
    const [listed] = eventsOf([added(unknown, 'sNEWPERP')]);
    expect(listed).toMatchObject({ type: 'MarketListed', market: unknown });
    expect(listed?.kind === 'market' && listed.details).not.toHaveProperty('indexToken');
  });

  it('of the older Futures, which the same manager lists, is none of ours', () => {
    expect(eventsOf([added(unknown, 'sETH')])).toEqual([]);
  });

  it('says its funding per unit, and its rate per second from the contract’s per day', () => {
    const log = encodeLog(MARKET, v2.fundingRecomputed, {
      funding: -3n * UNIT,
      fundingRate: UNIT / 1000n,
      index: 4n,
      timestamp: 1_700_000_003n,
    });
    expect(eventsOf([log])).toMatchObject([
      {
        type: 'FundingPerSizeAccrued',
        subIndex: 0,
        market: MARKET,
        value: -3n * UNIT,
        details: { index: '4', fundingRate: String(UNIT / 1000n), timestamp: '1700000003' },
      },
      { type: 'FundingRateChanged', subIndex: 1, value: 10n ** 27n / 86_400n },
    ]);
  });
});
