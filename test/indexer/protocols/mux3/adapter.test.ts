import { describe, expect, it } from 'vitest';
import * as declared from '../../../../indexer/protocols/mux3/events.ts';
import { mux3 } from '../../../../indexer/protocols/mux3/index.ts';
import type { ChainReader } from '../../../../indexer/protocols/protocol-adapter.ts';
import type { DomainEvent } from '../../../../schema/events/domain-event.ts';
import type { FeeEvent, PositionEvent } from '../../../../schema/events/position.ts';
import { declaredEvents, declaredTopics, versionOf } from '../../../fixtures/declared-topics.ts';
import { batchOf, type EncodedLog, encodeLog } from '../../../fixtures/encoded-logs.ts';
import {
  argumentsOf,
  BTC_SHORT,
  borrowingFee,
  closed,
  ETH_LONG,
  finished,
  liquidated,
  MUX3,
  OWNER,
  opened,
  POOL_A,
  POOL_B,
  priceSet,
  SHARED,
  SINGLE,
  tokenOracle,
  USD,
  USDC,
  WAD,
} from './made-up-account.ts';

function newReader(): ChainReader {
  const reader = mux3.readerFor({ chainId: 42161, chain: 'arbitrum', manifest: null });
  if (!reader) throw new Error('no reader');
  return reader;
}

function read(logs: readonly EncodedLog[], reader = newReader()): readonly DomainEvent[] {
  const { events, deadLetters } = reader.normalize(batchOf(42161, logs));
  expect(deadLetters).toEqual([]);
  return events;
}

const positionsOf = (made: readonly DomainEvent[]) =>
  made.filter((event): event is PositionEvent => event.kind === 'position');
const feesOf = (made: readonly DomainEvent[]) =>
  made.filter((event): event is FeeEvent => event.kind === 'fee');
const KEY = `${SINGLE}${ETH_LONG.slice(2)}`;

describe('the events of MUX3', () => {
  it('have the declared signatures, indexed fields and topics', () => {
    const { IGNORED_EVENTS, ...known } = declared;
    const ours = [...Object.values(known), ...IGNORED_EVENTS].map((event) => versionOf(event));
    expect(declaredTopics('mux3').size).toBe(8);
    for (const event of declaredEvents('mux3')) expect(ours).toContain(versionOf(event));
    for (const [signature, topic] of declaredTopics('mux3')) {
      const isOurs = (one: string) => one.startsWith(signature) && one.endsWith(topic);
      expect(ours.some(isOurs)).toBe(true);
    }
  });
});

describe('a position that is alone in its account', () => {
  it('opens over its pools, with the account state behind it', () => {
    const made = read([
      priceSet(tokenOracle(USDC), WAD),
      opened({
        size: 3n * WAD,
        pools: [POOL_A, POOL_B],
        newSizes: [2n * WAD, 1n * WAD],
        newEntryPrices: [2000n * WAD, 1900n * WAD],
        positionFeeUsd: 4n * WAD,
        borrowingFeeUsd: WAD,
      }),
    ]);
    expect(positionsOf(made)).toMatchObject([
      {
        type: 'PositionOpened',
        positionKey: KEY,
        account: OWNER,
        market: ETH_LONG,
        isLong: true,
        sizeBase: 3n * WAD,
        sizeDeltaBase: 3n * WAD,
        sizeUsd: 5900n * USD,
        collateralToken: USDC,
        collateralRaw: 1000n * WAD,
        collateralDeltaRaw: 1000n * WAD,
        collateralPriceMin: 10n ** 12n, // a dollar per 1e18 units
        executionPrice: 2000n * WAD,
      },
    ]);
    expect(positionsOf(made)[0]?.details).toMatchObject({
      positionId: SINGLE,
      newCollateralTokens: [USDC],
      newCollateralAmounts: [(1000n * WAD).toString()],
      backedPools: [POOL_A, POOL_B],
      sharedWith: [],
      settlesBorrowing: true,
    });
    expect(KEY).toHaveLength(130);
    expect(feesOf(made)).toMatchObject([
      {
        type: 'FeesCharged',
        orderKey: KEY,
        positionFeeRaw: 4n * WAD,
        borrowFeeRaw: WAD,
        borrowFeeUsd: USD,
        liquidationFeeRaw: 0n,
        totalCostRaw: 5n * WAD,
      },
    ]);
  });

  it('grows, shrinks and closes', () => {
    const reader = newReader();
    read([opened({ size: WAD, newSizes: [WAD] })], reader);
    const grown = { size: WAD, newSizes: [2n * WAD], newEntryPrices: [2100n * WAD] };
    expect(positionsOf(read([opened(grown, { block: 1001 })], reader))).toMatchObject([
      { type: 'PositionIncreased', sizeUsd: 4200n * USD, sizeDeltaUsd: 2200n * USD },
    ]);
    const shrunk = { ...grown, newSizes: [WAD], poolPnlUsds: [-5n * WAD] };
    expect(positionsOf(read([closed(shrunk, { block: 1002 })], reader))).toMatchObject([
      {
        type: 'PositionDecreased',
        sizeBase: WAD,
        sizeDeltaBase: -WAD,
        sizeDeltaUsd: -2100n * USD,
        realizedPnlUsd: -5n * USD,
      },
    ]);
    const gone = { size: WAD, newSizes: [0n], newEntryPrices: [0n], poolPnlUsds: [7n * WAD] };
    expect(positionsOf(read([closed(gone, { block: 1003 })], reader))).toMatchObject([
      { type: 'PositionClosed', sizeUsd: 0n, sizeDeltaUsd: -2100n * USD, realizedPnlUsd: 7n * USD },
    ]);
  });

  it('is liquidated with the position fee as penalty', () => {
    const reader = newReader();
    read([opened({ size: WAD, newSizes: [WAD] })], reader);
    const made = read(
      [
        priceSet(tokenOracle(USDC), WAD / 2n),
        liquidated({
          size: WAD,
          newSizes: [0n],
          poolPnlUsds: [-900n * WAD],
          positionFeeUsd: 20n * WAD,
          borrowingFeeUsd: 2n * WAD,
          collateral: [],
        }),
      ],
      reader,
    );
    expect(positionsOf(made)).toMatchObject([
      {
        type: 'PositionLiquidated',
        sizeUsd: 0n,
        sizeDeltaBase: -WAD,
        collateralRaw: 0n,
        collateralDeltaRaw: -1000n * WAD,
        collateralToken: USDC,
        realizedPnlUsd: -900n * USD,
      },
    ]);
    expect(feesOf(made)).toMatchObject([
      { liquidationFeeRaw: 40n * WAD, positionFeeRaw: 0n, borrowFeeRaw: 4n * WAD },
    ]);
  });

  it('takes deposits, withdrawals and borrowing fees of its account', () => {
    const reader = newReader();
    read([opened({ size: WAD, newSizes: [WAD] })], reader);
    const deposit = encodeLog(
      MUX3,
      declared.deposit,
      { owner: OWNER, positionId: SINGLE, collateralToken: USDC, collateralAmount: 5n },
      { block: 1001 },
    );
    const more = [deposit, finished(SINGLE, [[USDC, 1500n * WAD]], { block: 1001 })];
    expect(positionsOf(read(more, reader))).toMatchObject([
      {
        type: 'MarginAdded',
        collateralDeltaRaw: 500n * WAD,
        sizeDeltaUsd: 0n,
        details: { settlesBorrowing: false, changedBy: 'account' },
      },
    ]);
    const withdrawal = encodeLog(
      MUX3,
      declared.withdraw,
      {
        owner: OWNER,
        positionId: SINGLE,
        collateralToken: USDC,
        collateralWad: WAD,
        withdrawToken: USDC,
        withdrawAmount: 1n,
      },
      { block: 1002 },
    );
    const less = [withdrawal, finished(SINGLE, [[USDC, 1400n * WAD]], { block: 1002 })];
    expect(positionsOf(read(less, reader))).toMatchObject([
      { type: 'MarginRemoved', collateralRaw: 1400n * WAD, details: { settlesBorrowing: true } },
    ]);
    const fee = [
      priceSet(tokenOracle(USDC), WAD, { block: 1003 }),
      borrowingFee(ETH_LONG, 3n * WAD, { block: 1003 }),
    ];
    const paid = read(fee, reader);
    expect(positionsOf(paid)).toMatchObject([
      { type: 'MarginRemoved', collateralRaw: 1397n * WAD, collateralDeltaRaw: -3n * WAD },
    ]);
    expect(feesOf(paid)).toMatchObject([{ borrowFeeRaw: 3n * WAD, positionFeeRaw: 0n }]);
  });

  it('keeps its size when it moves between pools', () => {
    const reader = newReader();
    read([opened({ size: WAD, newSizes: [WAD] })], reader);
    const moved = encodeLog(
      MUX3,
      declared.reallocatePosition,
      {
        ...argumentsOf({ size: WAD, pools: [POOL_A, POOL_B], newSizes: [0n, WAD] }),
        fromPool: POOL_A,
        toPool: POOL_B,
        fromPoolOldEntryPrice: 2000n * WAD,
      },
      { block: 1001 },
    );
    expect(positionsOf(read([moved], reader))).toMatchObject([
      { type: 'MarginRemoved', sizeBase: WAD, sizeDeltaBase: 0n, sizeDeltaUsd: 0n },
    ]);
  });
});

describe('an account with several markets', () => {
  const eth = { positionId: SHARED, size: WAD, newSizes: [WAD] };
  const btc = { ...eth, marketId: BTC_SHORT, isLong: false };

  it('tells every open market of a change in one, and whom it shares with', () => {
    const reader = newReader();
    read([opened(eth)], reader);
    const second = { ...btc, collateral: [[USDC, 990n * WAD]] as const };
    const made = positionsOf(read([opened(second, { block: 1001 })], reader));
    expect(made).toMatchObject([
      { market: BTC_SHORT, type: 'PositionOpened', details: { sharedWith: [ETH_LONG] } },
      {
        market: ETH_LONG,
        type: 'MarginRemoved',
        collateralDeltaRaw: -10n * WAD,
        sizeDeltaUsd: 0n,
        details: { sharedWith: [BTC_SHORT], changedBy: BTC_SHORT },
      },
    ]);
    expect(new Set(made.map(({ subIndex }) => subIndex)).size).toBe(2);
    const gone = { ...second, newSizes: [0n], newEntryPrices: [0n] };
    expect(positionsOf(read([closed(gone, { block: 1002 })], reader))).toMatchObject([
      { market: BTC_SHORT, type: 'PositionClosed' },
      { market: ETH_LONG, details: { sharedWith: [] } },
    ]);
  });

  it('does not touch a market that the same transaction liquidates', () => {
    const reader = newReader();
    read([opened(eth), opened(btc)], reader);
    const all = [liquidated(eth, { block: 1001 }), liquidated(btc, { block: 1001 })];
    expect(positionsOf(read(all, reader)).map(({ type }) => type)).toEqual([
      'PositionLiquidated',
      'PositionLiquidated',
    ]);
  });

  it('goes on after a restart as if there had been none', () => {
    const unbroken = newReader();
    const known = positionsOf(read([opened(eth), opened(btc)], unbroken));
    const restarted = newReader();
    const last = new Map(known.map((event) => [event.positionKey, event]));
    restarted.remember?.([...last.values()].reverse());
    const next = [
      priceSet(tokenOracle(USDC), WAD, { block: 1001 }),
      finished(SHARED, [[USDC, 5n * WAD]], { block: 1001 }),
      borrowingFee(ETH_LONG, WAD, { block: 1001, positionId: SHARED }),
    ];
    expect(read(next, restarted)).toEqual(read(next, unbroken));
  });
});
