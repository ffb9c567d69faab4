import { describe, expect, it } from 'vitest';
import * as executions from '../../../../indexer/protocols/gtrade/execution-events.ts';
import * as fees from '../../../../indexer/protocols/gtrade/fee-events.ts';
import * as orders from '../../../../indexer/protocols/gtrade/order-events.ts';
import * as trades from '../../../../indexer/protocols/gtrade/trade-events.ts';
import type { DomainEvent } from '../../../../schema/events/domain-event.ts';
import type { FeeEvent, PositionEvent } from '../../../../schema/events/position.ts';
import {
  EncodedChain,
  ID,
  IMPACT,
  INFO,
  INFO_V8,
  KEEPER,
  ORDER_ID,
  PARAMS,
  PRICE_ONE,
  type Sketch,
  TRADE,
  TRADE_V10,
  USER,
} from './encoded-chain.ts';

const USD = 10n ** 30n;
const KEY = `${USER}00000007`;
const position = (events: readonly DomainEvent[]) =>
  events.filter((event): event is PositionEvent => event.kind === 'position');
const fee = (events: readonly DomainEvent[]) =>
  events.filter((event): event is FeeEvent => event.kind === 'fee');

const executed = {
  orderId: ORDER_ID,
  percentProfit: 0n,
  amountSentToTrader: 0n,
  collateralPriceUsd: 100_000_000n,
};
const v8Open: readonly Sketch[] = [
  [trades.tradeStoredV8, { trade: TRADE, tradeInfo: INFO_V8 }],
  [
    executions.marketExecutedV8,
    { ...executed, t: TRADE, open: true, price: TRADE.openPrice, priceImpactP: 0n },
  ],
];
const v92 = {
  ...executed,
  user: USER,
  index: 7,
  t: TRADE,
  oraclePrice: 2_999n * PRICE_ONE,
  marketPrice: 3_000n * PRICE_ONE,
  liqPrice: 1n,
  priceImpactP: 0n,
};
const v92Open: readonly Sketch[] = [
  [
    trades.tradeStoredV92,
    { user: USER, index: 7, trade: TRADE, tradeInfo: INFO, liquidationParams: PARAMS },
  ],
  [executions.marketExecutedV92, { ...v92, open: true }],
];
const v10Open: readonly Sketch[] = [
  [
    fees.tradeInitialAccFeesStored,
    {
      trader: USER,
      index: 7,
      collateralIndex: 3,
      pairIndex: 1,
      long: true,
      currentPairPrice: 1n,
      newInitialAccFundingFeeP: -5n,
      newInitialAccBorrowingFeeP: 6n,
    },
  ],
  [
    trades.tradeStoredV10,
    {
      user: USER,
      index: 7,
      trade: TRADE_V10,
      tradeInfo: { ...INFO, contractsVersion: 2 },
      liquidationParams: PARAMS,
    },
  ],
  [
    fees.tradingFeesRealized,
    {
      collateralIndex: 3,
      trader: USER,
      index: 7,
      tradingFeesCollateral: 600_000n,
      finalTradingFeesCollateral: 600_000n,
      newRealizedFeesCollateral: 600_000n,
      newRealizedPnlCollateral: 0n,
      amountSentFromVaultCollateral: 0n,
    },
  ],
  [
    executions.marketExecutedV10,
    {
      ...v92,
      t: TRADE_V10,
      open: true,
      priceImpact: { ...IMPACT, priceAfterImpact: TRADE.openPrice },
    },
  ],
];

const OPENINGS = [
  ['v8', v8Open, 0n],
  ['v9.2', v92Open, 2_999n * PRICE_ONE],
  ['v10', v10Open, 2_999n * PRICE_ONE],
] as const;

describe.each(OPENINGS)('a trade opened by %s', (_name, open, oraclePrice) => {
  it('is one PositionOpened with what was stored and the price of the order', () => {
    const { events, deadLetters } = new EncodedChain().transaction(...open);
    expect(deadLetters).toEqual([]);
    expect(position(events)).toMatchObject([
      {
        type: 'PositionOpened',
        positionKey: KEY,
        account: USER,
        market: '1',
        collateralToken: 'collateral:3',
        isLong: true,
        orderType: 0,
        sizeUsd: 1_000n * USD,
        sizeDeltaUsd: 1_000n * USD,
        sizeBase: 333_333_333_333_333_333n,
        collateralRaw: 100_000_000n,
        executionPrice: 3_000n * PRICE_ONE,
        indexPriceMin: oraclePrice,
        collateralPriceMin: 10n ** 24n,
        details: { leverage: '10000', openPrice: '30000000000000', collateralDecimals: '6' },
      },
    ]);
    expect(events.at(-1)).toMatchObject({
      kind: 'order',
      type: 'OrderExecuted',
      orderKey: `${USER}00000028`,
    });
  });

  it('is closed for good by a market order', () => {
    const chain = new EncodedChain();
    chain.transaction(...open);
    const { events } = chain.transaction(
      [trades.tradeClosedV92, { ...ID, isPnlPositive: true }],
      [
        executions.marketExecutedV92,
        {
          ...v92,
          open: false,
          oraclePrice: 3_300n * PRICE_ONE,
          marketPrice: 3_299n * PRICE_ONE,
          percentProfit: 997_000_000_000n,
          amountSentToTrader: 199_000_000n,
        },
      ],
    );
    expect(position(events)).toMatchObject([
      {
        type: 'PositionClosed',
        orderType: 1,
        sizeUsd: 0n,
        sizeDeltaUsd: -1_000n * USD,
        collateralDeltaRaw: -100_000_000n,
        executionPrice: 3_299n * PRICE_ONE,
        indexPriceMin: 3_300n * PRICE_ONE,
        realizedPnlUsd: (997n * USD) / 10n,
        details: { amountSentToTrader: '199000000', isPnlPositive: true },
      },
    ]);
  });
});

describe('a v10 opening', () => {
  it('carries the accumulators and realized amounts that its transaction stored', () => {
    const [opened] = position(new EncodedChain().transaction(...v10Open).events);
    expect(opened?.details).toMatchObject({
      initialAccFundingFeeP: '-5',
      initialAccBorrowingFeeP: '6',
      realizedTradingFeesCollateral: '600000',
      contractsVersion: '2',
      positionSizeToken: '333333333333333333',
    });
  });
});

describe('a liquidation', () => {
  const t8 = {
    ...executed,
    t: TRADE,
    triggerCaller: KEEPER,
    orderType: 6,
    exactExecution: false,
    percentProfit: -900_000_000_000n,
  };
  const t92 = {
    ...v92,
    triggerCaller: KEEPER,
    orderType: 6,
    limitIndex: 0,
    exactExecution: false,
    percentProfit: -900_000_000_000n,
    oraclePrice: 2_700n * PRICE_ONE,
    marketPrice: 2_700n * PRICE_ONE,
    liqPrice: 2_705n * PRICE_ONE,
  };
  const v8Fees: readonly Sketch[] = [
    [fees.borrowingFeeChargedV8, { trader: USER, collateralIndex: 3, amountCollateral: 40_000n }],
    [fees.govFeeCharged, { trader: USER, collateralIndex: 3, amountCollateral: 3_000_000n }],
    [fees.triggerFeeCharged, { trader: USER, collateralIndex: 3, amountCollateral: 2_000_000n }],
  ];
  const v10Fees: readonly Sketch[] = [
    [
      fees.holdingFeesChargedOnTrade,
      {
        collateralIndex: 3,
        trader: USER,
        index: 7,
        currentPairPrice: 1n,
        tradeHoldingFees: {
          fundingFeeCollateral: -7n,
          borrowingFeeCollateral: 30_000n,
          borrowingFeeCollateral_old: 10_000n,
          totalFeeCollateral: 39_993n,
        },
        availableCollateralInDiamond: 0n,
        amountSentToVaultCollateral: 0n,
        newRealizedTradingFeesCollateral: 0n,
        newRealizedPnlCollateral: -1n,
      },
    ],
    [
      fees.feesProcessed,
      {
        collateralIndex: 3,
        trader: USER,
        positionSizeCollateral: 0n,
        orderType: 6,
        totalFeesCollateral: 5_000_000n,
      },
    ],
    [fees.govFeeCharged, { trader: USER, collateralIndex: 3, amountCollateral: 3_000_000n }],
  ];
  it.each([
    [
      'v8',
      v8Open,
      v8Fees,
      [executions.limitExecutedV8, { ...t8, price: 2_700n * PRICE_ONE, priceImpactP: 0n }],
      0n,
    ],
    ['v9.2', v92Open, v8Fees, [executions.limitExecutedV92, t92], 0n],
    [
      'v10',
      v10Open,
      v10Fees,
      [
        executions.limitExecutedV10,
        { ...t92, t: TRADE_V10, priceImpact: { ...IMPACT, priceAfterImpact: 0n } },
      ],
      -7n,
    ],
  ] as const)(
    'of %s is a PositionLiquidated, its fee a penalty',
    (_name, open, charged, last, funding) => {
      const chain = new EncodedChain();
      chain.transaction(...open);
      const { events, deadLetters } = chain.transaction(
        ...charged,
        [trades.tradeClosedV92, { ...ID, isPnlPositive: false }],
        last as Sketch,
      );
      expect(deadLetters).toEqual([]);
      expect(position(events)).toMatchObject([
        {
          type: 'PositionLiquidated',
          orderType: 6,
          sizeUsd: 0n,
          collateralRaw: 0n,
          executionPrice: 2_700n * PRICE_ONE,
          realizedPnlUsd: -90n * USD,
          orderKey: KEY,
        },
      ]);
      expect(fee(events)).toMatchObject([
        {
          type: 'FeesCharged',
          orderKey: KEY,
          market: '1',
          liquidationFeeRaw: 5_000_000n,
          positionFeeRaw: 0n,
          borrowFeeRaw: 40_000n,
          fundingFeeRaw: funding,
          totalCostRaw: 5_040_000n + funding,
        },
      ]);
    },
  );

  it('of a trade whose opening was not seen is told from its own log', () => {
    const { events } = new EncodedChain().transaction(
      [trades.tradeClosedV92, { ...ID, isPnlPositive: false }],
      [executions.limitExecutedV92, t92],
    );
    expect(position(events)).toMatchObject([
      {
        type: 'PositionLiquidated',
        sizeDeltaUsd: -1_000n * USD,
        collateralDeltaRaw: -100_000_000n,
      },
    ]);
  });
});

describe('resting orders', () => {
  const resting = { ...TRADE, index: 3, tradeType: 1 };
  it('are orders, and become a position when they are executed', () => {
    const chain = new EncodedChain();
    const stored = chain.transaction([
      trades.tradeStoredV92,
      { user: USER, index: 3, trade: resting, tradeInfo: INFO, liquidationParams: PARAMS },
    ]);
    expect(stored.events).toMatchObject([
      { kind: 'order', type: 'OrderCreated', orderType: 2, market: '1' },
    ]);
    const { events } = chain.transaction(
      [trades.tradeClosedV92, { user: USER, index: 3, isPnlPositive: false }],
      [
        trades.tradeStoredV92,
        { user: USER, index: 7, trade: TRADE, tradeInfo: INFO, liquidationParams: PARAMS },
      ],
      [
        executions.limitExecutedV92,
        { ...v92, triggerCaller: KEEPER, orderType: 2, limitIndex: 3, exactExecution: true },
      ],
    );
    expect(position(events)).toMatchObject([
      { type: 'PositionOpened', positionKey: KEY, orderType: 2 },
    ]);
  });

  it('are cancelled without a position', () => {
    const chain = new EncodedChain();
    const { events } = chain.transaction(
      [trades.tradeClosedV92, { user: USER, index: 3, isPnlPositive: false }],
      [orders.openLimitCanceledV92, { trader: USER, pairIndex: 1, index: 3 }],
    );
    expect(events).toMatchObject([
      { kind: 'order', type: 'OrderCancelled', orderKey: `${USER}00000003` },
    ]);
  });
});
