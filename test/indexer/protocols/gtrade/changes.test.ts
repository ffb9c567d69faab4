import { describe, expect, it } from 'vitest';
import * as executions from '../../../../indexer/protocols/gtrade/execution-events.ts';
import * as fees from '../../../../indexer/protocols/gtrade/fee-events.ts';
import * as trades from '../../../../indexer/protocols/gtrade/trade-events.ts';
import type { DomainEvent } from '../../../../schema/events/domain-event.ts';
import {
  EncodedChain,
  ID,
  IMPACT,
  INFO,
  PARTIAL_INCREASE as increase,
  ORDER_ID,
  PARAMS,
  PRICE_ONE,
  type Sketch,
  TRADE,
  USER,
} from './encoded-chain.ts';

const USD = 10n ** 30n;
const KEY = `${USER}00000007`;
const position = (events: readonly DomainEvent[]) =>
  events.filter(({ kind }) => kind === 'position');
const stored: Sketch = [
  trades.tradeStoredV92,
  { user: USER, index: 7, trade: TRADE, tradeInfo: INFO, liquidationParams: PARAMS },
];

function opened(): EncodedChain {
  const chain = new EncodedChain();
  chain.transaction(stored);
  return chain;
}

const order = {
  orderId: ORDER_ID,
  cancelReason: 0,
  collateralIndex: 3,
  trader: USER,
  pairIndex: 1n,
  index: 7n,
};
const partial = {
  ...order,
  long: true,
  collateralPriceUsd: 100_000_000n,
  collateralDelta: 50_000_000n,
  leverageDelta: 10_000n,
};
const decrease = {
  positionSizeCollateralDelta: 250_000_000n,
  existingPositionSizeCollateral: 1_000_000_000n,
  existingLiqPrice: 0n,
  newLiqPrice: 0n,
  priceAfterImpact: 3_150n * PRICE_ONE,
  priceImpact: { ...IMPACT, priceAfterImpact: 3_150n * PRICE_ONE },
  existingPnlCollateral: 50_000_000n,
  existingPnlPercent: 0n,
  partialRawPnlCollateral: 12_500_000n,
  existingNetPnlCollateral: 0n,
  pnlToRealizeCollateral: 0n,
  isLeverageUpdate: false,
  borrowingFeeCollateral: 0n,
  closingFeeCollateral: 0n,
  vaultFeeCollateral: 0n,
  gnsStakingFeeCollateral: 0n,
  totalAvailableCollateralInDiamond: 0n,
  availableCollateralInDiamond: 0n,
  collateralSentToTrader: 0n,
  newCollateralAmount: 75_000_000n,
  newLeverage: 10_000,
};
const updatedTo = (collateralAmount: bigint, openPrice = TRADE.openPrice) => ({
  v9: [
    trades.tradePositionUpdatedV9,
    { tradeId: ID, collateralAmount, leverage: 10_000, openPrice, newTp: 0n, newSl: 0n },
  ] as Sketch,
  v92First: [
    trades.tradePositionUpdatedV92First,
    {
      tradeId: ID,
      collateralAmount,
      leverage: 10_000,
      openPrice,
      newTp: 0n,
      newSl: 0n,
      refreshLiquidationParams: true,
    },
  ] as Sketch,
  v92: [
    trades.tradePositionUpdatedV92,
    {
      ...ID,
      collateralAmount,
      leverage: 10_000,
      openPrice,
      newTp: 0n,
      newSl: 0n,
      isPartialIncrease: true,
      isPnlPositive: false,
    },
  ] as Sketch,
  v10: [
    trades.tradePositionUpdatedV10,
    {
      ...ID,
      collateralAmount,
      leverage: 10_000,
      openPrice,
      newSl: 0n,
      newPositionSizeToken: 9n,
      pendingOrderType: 8,
      isPnlPositive: false,
    },
  ] as Sketch,
});

describe('a partial order', () => {
  const to = updatedTo(150_000_000n, 3_093n * PRICE_ONE);
  it.each([
    [
      'v9',
      to.v9,
      [
        executions.positionSizeIncreaseExecutedV9,
        { ...partial, marketPrice: 3_290n * PRICE_ONE, values: increase },
      ],
    ],
    [
      'v9.2 first',
      to.v92First,
      [
        executions.positionSizeIncreaseExecutedV92First,
        { ...partial, marketPrice: 3_290n * PRICE_ONE, values: increase },
      ],
    ],
    [
      'v9.2',
      to.v92,
      [
        executions.positionSizeIncreaseExecutedV92,
        { ...partial, oraclePrice: 3_290n * PRICE_ONE, values: increase },
      ],
    ],
    [
      'v10',
      to.v10,
      [
        executions.positionSizeIncreaseExecutedV10,
        { ...partial, oraclePrice: 3_290n * PRICE_ONE, values: increase },
      ],
    ],
  ] as const)('of %s adds size and collateral', (_name, update, executed) => {
    const { events, deadLetters } = opened().transaction(update, executed as Sketch);
    expect(deadLetters).toEqual([]);
    expect(position(events)).toMatchObject([
      {
        type: 'PositionIncreased',
        orderType: 8,
        sizeUsd: 1_500n * USD,
        sizeDeltaUsd: 500n * USD,
        collateralRaw: 150_000_000n,
        collateralDeltaRaw: 50_000_000n,
        executionPrice: 3_300n * PRICE_ONE,
        indexPriceMin: 3_290n * PRICE_ONE,
        realizedPnlUsd: 0n,
        details: { openPrice: '30930000000000' },
      },
    ]);
  });

  const less = updatedTo(75_000_000n);
  it.each([
    [
      'v9',
      less.v9,
      [
        executions.positionSizeDecreaseExecutedV9,
        { ...partial, marketPrice: 3_150n * PRICE_ONE, values: decrease },
      ],
      0n,
    ],
    [
      'v9.2 first',
      less.v92First,
      [
        executions.positionSizeDecreaseExecutedV92First,
        { ...partial, marketPrice: 3_151n * PRICE_ONE, values: decrease },
      ],
      125n,
    ],
    [
      'v9.2',
      less.v92,
      [
        executions.positionSizeDecreaseExecutedV92,
        { ...partial, oraclePrice: 3_151n * PRICE_ONE, values: decrease },
      ],
      125n,
    ],
    [
      'v10',
      less.v10,
      [
        executions.positionSizeDecreaseExecutedV10,
        { ...partial, oraclePrice: 3_151n * PRICE_ONE, values: decrease },
      ],
      125n,
    ],
  ] as const)(
    'of %s takes a share away and realizes its pnl (in USD from v9.2 on: v9 logs no price)',
    (_name, update, executed, pnlTenths) => {
      const { events, deadLetters } = opened().transaction(update, executed as Sketch);
      expect(deadLetters).toEqual([]);
      expect(position(events)).toMatchObject([
        {
          type: 'PositionDecreased',
          orderType: 9,
          sizeUsd: 750n * USD,
          collateralDeltaRaw: -25_000_000n,
          executionPrice: 3_150n * PRICE_ONE,
          realizedPnlUsd: (pnlTenths * USD) / 10n,
        },
      ]);
    },
  );

  it('that was cancelled changes nothing', () => {
    const { events } = opened().transaction([
      executions.positionSizeIncreaseExecutedV92,
      { ...partial, cancelReason: 3, oraclePrice: 3_290n * PRICE_ONE, values: increase },
    ]);
    expect(events).toMatchObject([
      { kind: 'order', type: 'OrderCancelled', reason: 'cancelReason 3' },
    ]);
  });
});

describe('a change of leverage', () => {
  const values = {
    newLeverage: 5_000n,
    newCollateralAmount: 200_000_000n,
    liqPrice: 0n,
    govFeeCollateral: 0n,
    existingLiqPrice: 0n,
    newLiqPrice: 0n,
    newEffectiveLeverage: 0n,
    totalTradeAvailableCollateralInDiamond: 0n,
    availableCollateralInDiamond: 0n,
  };
  const update: Sketch = [
    trades.tradePositionUpdatedV92,
    {
      ...ID,
      collateralAmount: 200_000_000n,
      leverage: 5_000,
      openPrice: TRADE.openPrice,
      newTp: 0n,
      newSl: 0n,
      isPartialIncrease: false,
      isPnlPositive: false,
    },
  ];
  const base = { ...order, isIncrease: false, collateralDelta: 100_000_000n };
  it.each([
    [
      '2024-06',
      [
        executions.leverageUpdateExecutedV9Early,
        { ...base, marketPrice: 1n, newCollateralAmount: 200_000_000n, newLeverage: 5_000n },
      ],
    ],
    ['v9', [executions.leverageUpdateExecutedV9, { ...base, marketPrice: 1n, values }]],
    ['v10', [executions.leverageUpdateExecutedV10, { ...base, oraclePrice: 1n, values }]],
  ] as const)('of %s moves collateral and leaves the size', (_name, executed) => {
    const { events, deadLetters } = opened().transaction(update, executed as Sketch);
    expect(deadLetters).toEqual([]);
    expect(position(events)).toMatchObject([
      {
        type: 'MarginAdded',
        orderType: 7,
        sizeUsd: 1_000n * USD,
        sizeDeltaUsd: 0n,
        collateralDeltaRaw: 100_000_000n,
        details: { leverage: '5000' },
      },
    ]);
  });

  /** The later layout of one topic 0: what viem would encode under abis/gains-alt-indexing.json. */
  const swapped = { ...base, pairIndex: 7n, index: 1n, marketPrice: 1n, values };
  it('is read in both layouts of its topic: the stored state of the transaction decides', () => {
    for (const args of [{ ...base, marketPrice: 1n, values }, swapped]) {
      const { events, deadLetters } = opened().transaction(update, [
        executions.leverageUpdateExecutedV9,
        args,
      ]);
      expect(deadLetters).toEqual([]);
      expect(position(events)).toMatchObject([{ positionKey: KEY, market: '1' }]);
      expect(events.at(-1)).toMatchObject({ kind: 'order', type: 'OrderExecuted', market: '1' });
    }
  });

  it('is read by the known position where the transaction stores nothing', () => {
    const { events } = opened().transaction([executions.leverageUpdateExecutedV9, swapped]);
    expect(events.at(-1)).toMatchObject({ kind: 'order', type: 'OrderExecuted', market: '1' });
  });

  it('names no pair where nothing decides', () => {
    const { events } = new EncodedChain().transaction([
      executions.leverageUpdateExecutedV9,
      swapped,
    ]);
    expect(position(events)).toEqual([]);
    expect(events).toMatchObject([{ kind: 'order', market: '' }]);
  });
});

describe('a change of the stored collateral', () => {
  it.each([
    ['v8', [trades.tradeCollateralUpdatedV8, { tradeId: ID, collateralAmount: 98_000_000n }]],
    ['v9.2', [trades.tradeCollateralUpdatedV92, { ...ID, collateralAmount: 98_000_000n }]],
  ] as const)('of %s keeps the leverage, so the size follows', (_name, update) => {
    const { events } = opened().transaction(update as Sketch);
    expect(events).toMatchObject([
      {
        type: 'MarginRemoved',
        sizeUsd: 980n * USD,
        collateralDeltaRaw: -2_000_000n,
        details: { collateralAmount: '98000000' },
      },
    ]);
  });

  it('of an unknown trade is no position event, and a partial order of one a dead letter', () => {
    const chain = new EncodedChain();
    expect(
      chain.transaction([trades.tradeCollateralUpdatedV92, { ...ID, collateralAmount: 1n }])
        .ignored,
    ).toBe(1);
    const { deadLetters } = chain.transaction(updatedTo(1n).v92);
    expect(deadLetters[0]?.reason).toContain('was not seen opening');
  });
});

describe('amounts realized on an open trade', () => {
  it('are one margin event with the last values, and the fee beside it', () => {
    const { events } = opened().transaction(
      [
        fees.holdingFeesRealizedOnTrade,
        {
          collateralIndex: 3,
          trader: USER,
          index: 7,
          currentPairPrice: 1n,
          tradeHoldingFees: {
            fundingFeeCollateral: 5n,
            borrowingFeeCollateral: 6n,
            borrowingFeeCollateral_old: 7n,
            totalFeeCollateral: 18n,
          },
          newRealizedPnlCollateral: -18n,
        },
      ],
      [
        fees.pnlRealizedOnOpenTrade,
        { trader: USER, index: 7, pnlCollateral: -2n, newRealizedPnlCollateral: -20n },
      ],
    );
    expect(events).toMatchObject([
      {
        kind: 'fee',
        positionKey: KEY,
        borrowFeeRaw: 13n,
        fundingFeeRaw: 5n,
        // No log prices the collateral here: 0 USD is no statement.
        borrowFeeUsd: 0n,
        details: { unitIsKnown: false },
      },
      {
        kind: 'position',
        type: 'MarginRemoved',
        sizeDeltaUsd: 0n,
        collateralDeltaRaw: 0n,
        details: { realizedPnlCollateral: '-20' },
      },
    ]);
  });
});
