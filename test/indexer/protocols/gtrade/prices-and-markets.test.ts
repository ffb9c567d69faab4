import { describe, expect, it } from 'vitest';
import * as executions from '../../../../indexer/protocols/gtrade/execution-events.ts';
import * as markets from '../../../../indexer/protocols/gtrade/market-events.ts';
import * as oracles from '../../../../indexer/protocols/gtrade/oracle-events.ts';
import {
  EncodedChain,
  ORDER_ID,
  PARAMS,
  PRICE_ONE,
  type Sketch,
  TRADE,
  USER,
} from './encoded-chain.ts';

describe('prices', () => {
  const answers = [
    { open: 1n, high: 1n, low: 1n, current: 3_001n * PRICE_ONE, ts: 1_750_000_003 },
    { open: 1n, high: 1n, low: 1n, current: 3_000n * PRICE_ONE, ts: 1_750_000_001 },
    { open: 1n, high: 1n, low: 1n, current: 3_004n * PRICE_ONE, ts: 1_750_000_002 },
  ];
  const answered = {
    pairIndex: 1,
    isLookback: false,
    minFilteredAnswersReached: true,
    unfilteredAnswers: answers,
    filteredAnswers: answers,
  };
  const request = {
    orderId: ORDER_ID,
    request: `0x${'00'.repeat(32)}`,
    priceData: 0n,
    usedInMedian: true,
    minAnswersReached: true,
  };
  const expected = [
    {
      kind: 'oracle',
      token: '1',
      minPrice: 3_001n * PRICE_ONE,
      maxPrice: 3_001n * PRICE_ONE,
      priceDecimals: 10,
      delivery: 'PULL',
      observedAt: 1_750_000_001,
      timeIsBlockTime: false,
    },
  ];
  const early = answers.map(({ current, ts }) => ({
    open: current,
    high: 0n,
    low: 0n,
    ts: BigInt(ts),
  }));
  it.each([
    ['SignedPricesReceived', [oracles.signedPricesReceived, { ...answered, fromBlock: 1 }]],
    ['PriceReceived of v10', [oracles.priceReceivedV10, { ...answered, ...request }]],
    [
      'PriceReceived of 2025-03',
      [
        oracles.priceReceivedV10Early,
        { ...answered, ...request, unfilteredAnswers: early, filteredAnswers: early },
      ],
    ],
  ] as const)('of %s are the median, observed when the oldest answer was', (_name, sketch) => {
    expect(new EncodedChain().transaction(sketch as Sketch).events).toMatchObject(expected);
  });

  it('are none while answers are too few, nor in the packed answers of v8 and v9', () => {
    const chain = new EncodedChain();
    const few: Sketch = [
      oracles.signedPricesReceived,
      { ...answered, fromBlock: 1, minFilteredAnswersReached: false },
    ];
    const packed: Sketch = [
      oracles.priceReceivedV8,
      { ...request, pairIndex: 1, isLookback: false, priceData: 5n },
    ];
    expect(chain.transaction(few, packed)).toMatchObject({
      events: [],
      deadLetters: [],
      ignored: 2,
    });
  });

  const settled = {
    orderId: ORDER_ID,
    user: USER,
    index: 7,
    t: TRADE,
    open: true,
    oraclePrice: 2_999n * PRICE_ONE,
    marketPrice: 1n,
    liqPrice: 1n,
    priceImpactP: 0n,
    percentProfit: 0n,
    amountSentToTrader: 0n,
    collateralPriceUsd: 99_990_000n,
  };
  it('come from an executed order where no answer with a time is in the transaction', () => {
    const alone = new EncodedChain().transaction([executions.marketExecutedV92, settled]).events;
    expect(alone.filter(({ kind }) => kind === 'oracle')).toMatchObject([
      { token: '1', minPrice: 2_999n * PRICE_ONE, observedAt: null, priceDecimals: 10 },
      { token: 'collateral:3', minPrice: 99_990_000n, observedAt: null, priceDecimals: 8 },
    ]);
    const beside = new EncodedChain().transaction(
      [oracles.signedPricesReceived, { ...answered, fromBlock: 1 }],
      [executions.marketExecutedV92, settled],
    ).events;
    expect(beside.filter(({ kind }) => kind === 'oracle')).toMatchObject([
      ...expected,
      { token: 'collateral:3' },
    ]);
  });
});

describe('markets and parameters', () => {
  it('are told under names of ours', () => {
    const { events } = new EncodedChain().transaction(
      [markets.pairAdded, { index: 500n, from: 'NEW', to: 'USD' }],
      [markets.groupLiquidationParamsUpdated, { index: 2n, params: PARAMS }],
      [
        markets.borrowingPairAccFeesUpdatedV8,
        { collateralIndex: 3, pairIndex: 1, currentBlock: 9n, accFeeLong: 4n, accFeeShort: 5n },
      ],
      [
        markets.pendingAccBorrowingFeesStored,
        {
          collateralIndex: 3,
          pairIndex: 1,
          data: { accBorrowingFeeP: 8n, lastBorrowingUpdateTs: 7, __placeholder: 0n },
        },
      ],
      [markets.collateralAdded, { collateral: USER, index: 4, gToken: USER }],
    );
    expect(events).toMatchObject([
      {
        type: 'MarketListed',
        market: '500',
        details: { name: 'NEW/USD', indexPriceDecimals: '10', indexVenue: 'gtrade' },
      },
      { name: 'liquidationGroup.2.maxLiqSpreadP', value: 500_000_000n, market: '' },
      { name: 'liquidationGroup.2.startLiqThresholdP', value: 900_000_000_000n },
      { name: 'liquidationGroup.2.endLiqThresholdP' },
      { name: 'liquidationGroup.2.startLeverage' },
      { name: 'liquidationGroup.2.endLeverage' },
      {
        type: 'BorrowingFactorAccrued',
        market: '1',
        token: 'collateral:3',
        isLong: true,
        value: 4n,
      },
      { type: 'BorrowingFactorAccrued', isLong: false, value: 5n, subIndex: 1 },
      { type: 'BorrowingFactorAccrued', isLong: null, value: 8n },
      { kind: 'parameter', name: 'collateral.4', value: null, valueText: USER },
    ]);
  });
});
