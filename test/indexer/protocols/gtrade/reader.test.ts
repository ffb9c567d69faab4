import { describe, expect, it } from 'vitest';
import * as executions from '../../../../indexer/protocols/gtrade/execution-events.ts';
import { gtrade } from '../../../../indexer/protocols/gtrade/index.ts';
import * as trades from '../../../../indexer/protocols/gtrade/trade-events.ts';
import type { KnownPosition } from '../../../../indexer/protocols/position-memory.ts';
import {
  EncodedChain,
  ID,
  INFO,
  ORDER_ID,
  PARAMS,
  PARTIAL_INCREASE,
  PRICE_ONE,
  type Sketch,
  TRADE,
  USER,
} from './encoded-chain.ts';

const USD = 10n ** 30n;
const stored: Sketch = [
  trades.tradeStoredV92,
  { ...ID, trade: TRADE, tradeInfo: INFO, liquidationParams: PARAMS },
];

const closing: readonly Sketch[] = [[trades.tradeClosedV92, { ...ID, isPnlPositive: true }]];

/** A partial increase as v9.2 logs it: the trade after, then what happened. */
function increasedBy(positionSizeCollateralDelta: bigint): readonly Sketch[] {
  const values = { ...PARTIAL_INCREASE, positionSizeCollateralDelta };
  return [
    [
      trades.tradePositionUpdatedV92,
      {
        ...ID,
        collateralAmount: 150_000_000n,
        leverage: 10_000,
        openPrice: 3_093n * PRICE_ONE,
        newTp: 0n,
        newSl: 0n,
        isPartialIncrease: true,
        isPnlPositive: false,
      },
    ],
    [
      executions.positionSizeIncreaseExecutedV92,
      {
        orderId: ORDER_ID,
        cancelReason: 0,
        collateralIndex: 3,
        trader: USER,
        pairIndex: 1n,
        index: 7n,
        long: true,
        oraclePrice: 3_290n * PRICE_ONE,
        collateralPriceUsd: 100_000_000n,
        collateralDelta: 50_000_000n,
        leverageDelta: 10_000n,
        values,
      },
    ],
  ];
}

describe('a run that continues', () => {
  it('remembers nothing of what became a dead letter, as a run that restarts cannot', () => {
    const tooWide = increasedBy(2n ** 200n);
    const whole = new EncodedChain();
    const opening = whole.transaction(stored);
    const refused = whole.transaction(...tooWide);
    expect(refused.deadLetters.map(({ reason }) => reason).join()).toContain('sizeUsd');
    expect(refused.events.filter(({ kind }) => kind === 'position')).toEqual([]);

    const restarted = new EncodedChain();
    restarted.reader.remember?.(opening.events as unknown as KnownPosition[]);
    for (let block = 0; block < 2; block += 1) restarted.transaction();
    for (const logs of [increasedBy(500_000_000n), closing]) {
      const unbroken = whole.transaction(...logs);
      expect(restarted.transaction(...logs)).toEqual(unbroken);
      expect(unbroken.deadLetters).toEqual([]);
    }
  });

  it('takes no position of another venue, even under the same key', () => {
    const chain = new EncodedChain();
    const [opened] = chain.transaction(stored).events as unknown as KnownPosition[];
    const restarted = new EncodedChain();
    restarted.reader.remember?.([{ ...opened!, venue: 'avantis' }]);
    restarted.transaction();
    expect(restarted.transaction(...closing).events).toEqual([]);
  });

  it('judges a trade whose size in USD nobody could tell as the projection does: not open', () => {
    const unpriced: Sketch = [
      trades.tradeStoredV92,
      {
        ...ID,
        trade: TRADE,
        tradeInfo: { ...INFO, collateralPriceUsd: 0 },
        liquidationParams: PARAMS,
      },
    ];
    const chain = new EncodedChain();
    expect(chain.transaction(unpriced).events).toMatchObject([{ sizeUsd: 0n }]);
    expect(chain.transaction(...closing).events).toEqual([]);
  });

  it('reads a later close as an unbroken one does', () => {
    const whole = new EncodedChain();
    whole.transaction(stored);
    const unbroken = whole.transaction(...closing);
    const first = new EncodedChain();
    const [known] = first.transaction(stored).events as unknown as KnownPosition[];
    const second = new EncodedChain();
    second.reader.remember?.([known!]);
    second.transaction();
    expect(second.transaction(...closing).events).toEqual(unbroken.events);
    expect(unbroken.events).toMatchObject([
      { type: 'PositionClosed', sizeDeltaUsd: -1_000n * USD },
    ]);
  });
});

describe('what is known of a chain', () => {
  it('is said, and what is missing', () => {
    const facts = gtrade.knownOn(42161);
    expect(facts.find(({ subject }) => subject === 'pairs')?.text).toContain('452 names');
    expect(facts.some(({ isKnown }) => !isKnown)).toBe(true);
    expect(gtrade.knownOn(1)).toEqual([]);
    expect(gtrade.readerFor({ chainId: 42161, chain: 'somewhere', manifest: null })).toBeNull();
  });
});
