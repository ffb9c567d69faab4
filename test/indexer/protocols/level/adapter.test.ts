import { describe, expect, it } from 'vitest';
import * as events from '../../../../indexer/protocols/level/events.ts';
import { level } from '../../../../indexer/protocols/level/index.ts';
import type { ChainReader } from '../../../../indexer/protocols/protocol-adapter.ts';
import type { ArchiveManifest } from '../../../../schema/archive-manifest.ts';
import type { DomainEvent } from '../../../../schema/events/domain-event.ts';
import type { FeeEvent, PositionEvent } from '../../../../schema/events/position.ts';
import { declaredEvents, declaredTopics, versionOf } from '../../../fixtures/declared-topics.ts';
import { batchOf, type EncodedLog, encodeLog } from '../../../fixtures/encoded-logs.ts';

const POOL = `0x${'a1'.repeat(20)}`;
const ORACLE = `0x${'0c'.repeat(20)}`;
const OWNER = `0x${'11'.repeat(20)}`;
const BTC = `0x${'b7'.repeat(20)}`;
const USDT = `0x${'5d'.repeat(20)}`;
const KEY = `0x${'9e'.repeat(32)}`;
const USD = 10n ** 30n;
/** BTC has 18 decimals on the chain of these tests: prices are USD 1e12 per whole token. */
const PRICE = 10n ** 12n;

const manifest: ArchiveManifest = {
  name: 'level-made-up',
  chainId: 56,
  chain: 'level-made-up',
  fromBlock: 900,
  toBlock: 2000,
  description: 'Encoded for the tests.',
  provenance: 'Made by the tests.',
  synthetic: true,
  protocols: {
    level: {
      pool: POOL,
      oracle: ORACLE,
      tokens: [{ address: BTC, symbol: 'BTC', decimals: 18 }],
      initialParameters: { asOfBlock: 899, global: { maintenanceMargin: '100000000' } },
    },
  },
};

function newReader(): ChainReader {
  const reader = level.readerFor({ chainId: 56, chain: manifest.chain, manifest });
  if (!reader) throw new Error('no reader');
  return reader;
}

function read(logs: readonly EncodedLog[], reader = newReader()): readonly DomainEvent[] {
  const { events: made, deadLetters } = reader.normalize(batchOf(56, logs));
  expect(deadLetters).toEqual([]);
  return made;
}

const positionsOf = (made: readonly DomainEvent[]) =>
  made.filter((event): event is PositionEvent => event.kind === 'position');
const feesOf = (made: readonly DomainEvent[]) =>
  made.filter((event): event is FeeEvent => event.kind === 'fee');

interface State {
  readonly size: bigint;
  readonly collateral: bigint;
  readonly entry: bigint;
  readonly index?: bigint;
}

function increase(
  state: State,
  change: { size: bigint; amount: bigint; price: bigint; fee?: bigint; side?: number },
  where: { transaction?: number; block?: number } = {},
): EncodedLog[] {
  return [
    encodeLog(
      POOL,
      events.increasePosition,
      {
        key: KEY,
        account: OWNER,
        collateralToken: change.side === 1 ? USDT : BTC,
        indexToken: BTC,
        collateralValue: change.amount,
        sizeChanged: change.size,
        side: change.side ?? 0,
        indexPrice: change.price,
        feeValue: change.fee ?? 0n,
      },
      where,
    ),
    update(state, change.price, where),
  ];
}

function update(state: State, price: bigint, where = {}): EncodedLog {
  return encodeLog(
    POOL,
    events.updatePosition,
    {
      key: KEY,
      size: state.size,
      collateralValue: state.collateral,
      entryPrice: state.entry,
      entryInterestRate: state.index ?? 7n,
      reserveAmount: 123n,
      indexPrice: price,
    },
    where,
  );
}

function decrease(change: {
  size: bigint;
  collateral: bigint;
  price: bigint;
  pnl: readonly [bigint, bigint];
  fee: bigint;
}): EncodedLog {
  return encodeLog(POOL, events.decreasePosition, {
    key: KEY,
    account: OWNER,
    collateralToken: BTC,
    indexToken: BTC,
    collateralChanged: change.collateral,
    sizeChanged: change.size,
    side: 0,
    indexPrice: change.price,
    pnl: { sig: change.pnl[0], abs: change.pnl[1] },
    feeValue: change.fee,
  });
}

const OPEN: State = { size: 1000n * USD, collateral: 99n * USD, entry: 20_000n * PRICE };
const opening = () =>
  increase(OPEN, { size: OPEN.size, amount: 5n * 10n ** 15n, price: OPEN.entry, fee: USD });

describe('the events of Level', () => {
  it('have the declared signatures, indexed fields and topics', () => {
    const ours = Object.values(events)
      .filter((value) => 'type' in value)
      .map((event) => versionOf(event));
    const topics = declaredTopics('level');
    expect(topics.size).toBe(9);
    for (const event of declaredEvents('level')) {
      expect(ours).toContain(versionOf(event));
    }
    for (const [signature, topic] of topics) {
      expect(ours.some((version) => version.startsWith(signature) && version.endsWith(topic))).toBe(
        true,
      );
    }
  });
});

describe('a Level position', () => {
  it('opens with the state behind its increase', () => {
    const made = read(opening());
    const [event] = positionsOf(made);
    expect(made).toHaveLength(2);
    expect(event).toMatchObject({
      type: 'PositionOpened',
      positionKey: KEY,
      account: OWNER,
      market: BTC,
      collateralToken: BTC,
      isLong: true,
      sizeUsd: 1000n * USD,
      sizeBase: 5n * 10n ** 16n, // 0.05 BTC
      sizeDeltaBase: 5n * 10n ** 16n,
      collateralRaw: 99n * USD,
      collateralDeltaRaw: 99n * USD,
      executionPrice: OPEN.entry,
      collateralPriceMin: 1n,
    });
    expect(event?.details).toMatchObject({
      entryPrice: OPEN.entry.toString(),
      entryInterestRate: '7',
      collateralAmountAdded: '5000000000000000',
    });
    expect(feesOf(made)).toMatchObject([
      { type: 'FeesCharged', orderKey: KEY, totalCostRaw: USD, collateralPriceMin: 1n },
    ]);
  });

  it('grows, and takes margin, by the difference to what was known', () => {
    const reader = newReader();
    read(opening(), reader);
    const bigger: State = { size: 1500n * USD, collateral: 140n * USD, entry: 21_000n * PRICE };
    const more = { size: 500n * USD, amount: 1n, price: 24_000n * PRICE };
    const [grown] = positionsOf(read(increase(bigger, more, { block: 1001 }), reader));
    expect(grown).toMatchObject({
      type: 'PositionIncreased',
      sizeDeltaUsd: 500n * USD,
      collateralDeltaRaw: 41n * USD,
    });
    expect(grown?.sizeDeltaBase).toBe((grown?.sizeBase ?? 0n) - 5n * 10n ** 16n);
    const topped: State = { ...bigger, collateral: 160n * USD };
    const topUp = { size: 0n, amount: 1n, price: 24_000n * PRICE };
    const [added] = positionsOf(read(increase(topped, topUp, { block: 1002 }), reader));
    expect(added).toMatchObject({ type: 'MarginAdded', collateralDeltaRaw: 20n * USD });
    expect(added?.sizeDeltaBase).toBe(0n);
  });

  it('reads pnl as sign and magnitude on a partial decrease', () => {
    const reader = newReader();
    read(opening(), reader);
    const left: State = { size: 400n * USD, collateral: 39n * USD, entry: OPEN.entry };
    const loss = { size: 600n * USD, collateral: 60n * USD, price: 19_000n * PRICE, fee: USD };
    const made = read(
      [decrease({ ...loss, pnl: [0n, 30n * USD] }), update(left, loss.price)],
      reader,
    );
    expect(positionsOf(made)).toMatchObject([
      {
        type: 'PositionDecreased',
        sizeUsd: 400n * USD,
        sizeDeltaUsd: -600n * USD,
        collateralRaw: 39n * USD,
        collateralDeltaRaw: -60n * USD,
        realizedPnlUsd: -30n * USD,
      },
    ]);
    const taken = { size: 0n, collateral: 9n * USD, price: 19_000n * PRICE, fee: 0n };
    const after: State = { ...left, collateral: 30n * USD };
    const withdrawal = [decrease({ ...taken, pnl: [1n, 0n] }), update(after, taken.price)];
    expect(positionsOf(read(withdrawal, reader))).toMatchObject([
      { type: 'MarginRemoved', collateralDeltaRaw: -9n * USD, sizeDeltaBase: 0n },
    ]);
  });

  it('closes with the ClosePosition behind its decrease', () => {
    const reader = newReader();
    read(opening(), reader);
    const closing = encodeLog(POOL, events.closePosition, {
      key: KEY,
      size: 0n,
      collateralValue: 0n,
      entryPrice: OPEN.entry,
      entryInterestRate: 9n,
      reserveAmount: 0n,
    });
    const all = { size: 1000n * USD, collateral: 99n * USD, price: 22_000n * PRICE, fee: USD };
    const made = read([decrease({ ...all, pnl: [1n, 100n * USD] }), closing], reader);
    expect(positionsOf(made)).toMatchObject([
      {
        type: 'PositionClosed',
        sizeUsd: 0n,
        sizeBase: 0n,
        sizeDeltaBase: -5n * 10n ** 16n,
        collateralDeltaRaw: -99n * USD,
        realizedPnlUsd: 100n * USD,
      },
    ]);
  });

  it('is liquidated with its whole collateral, and says what could not be paid', () => {
    const liquidation = (collateral: bigint) =>
      encodeLog(POOL, events.liquidatePosition, {
        key: KEY,
        account: OWNER,
        collateralToken: BTC,
        indexToken: BTC,
        side: 0,
        size: 1000n * USD,
        collateralValue: collateral,
        reserveAmount: 123n,
        indexPrice: 18_000n * PRICE,
        pnl: { sig: 0n, abs: 100n * USD },
        feeValue: 2n * USD,
      });
    const [solvent, fee, ...nothing] = read([liquidation(105n * USD)]);
    expect(solvent).toMatchObject({
      type: 'PositionLiquidated',
      sizeUsd: 0n,
      sizeDeltaUsd: -1000n * USD,
      collateralRaw: 0n,
      collateralDeltaRaw: -105n * USD,
      realizedPnlUsd: -100n * USD,
    });
    expect(fee).toMatchObject({ type: 'FeesCharged', totalCostRaw: 2n * USD, orderKey: KEY });
    expect(nothing).toEqual([]);
    expect(feesOf(read([liquidation(101n * USD)]))[1]).toMatchObject({
      type: 'InsolventClosed',
      remainingCostUsd: USD,
      step: 'fees',
      orderKey: KEY,
      subIndex: 2,
    });
    expect(feesOf(read([liquidation(99n * USD)]))[1]).toMatchObject({ step: 'pnl' });
  });

  it('goes on after a restart with what was remembered', () => {
    const unbroken = newReader();
    const [opened] = positionsOf(read(opening(), unbroken));
    const restarted = newReader();
    restarted.remember?.(opened ? [opened, { ...opened, venue: 'gmx-v1', sizeBase: 1n }] : []);
    const bigger: State = { size: 1500n * USD, collateral: 140n * USD, entry: 21_000n * PRICE };
    const more = { size: 500n * USD, amount: 1n, price: 24_000n * PRICE };
    const next = increase(bigger, more, { block: 1001 });
    expect(read(next, restarted)).toEqual(read(next, unbroken));
  });

  it('says that a change is unknown where the life began before the first log', () => {
    const bigger: State = { size: 1500n * USD, collateral: 140n * USD, entry: 21_000n * PRICE };
    const more = { size: 500n * USD, amount: 1n, price: 24_000n * PRICE };
    const [event] = positionsOf(read(increase(bigger, more)));
    expect(event).toMatchObject({ type: 'PositionIncreased', collateralDeltaRaw: 0n });
    expect(event?.details['collateralDelta']).toBe('UNKNOWN');
  });
});

describe('other logs of Level', () => {
  it('become indexes, parameters, listings and prices', () => {
    const made = read([
      encodeLog(POOL, events.interestAccrued, { token: USDT, borrowIndex: 77n }),
      encodeLog(POOL, events.positionFeeSet, { positionFee: 10n, liquidationFee: 5n * USD }),
      encodeLog(POOL, events.maxLeverageChanged, { maxLeverage: 50n }),
      encodeLog(POOL, events.maintenanceMarginChanged, { ratio: 10n ** 8n }),
      encodeLog(POOL, events.interestRateSet, { interestRate: 10n ** 6n, interval: 3600n }),
      encodeLog(POOL, events.tokenWhitelisted, { token: USDT }),
      encodeLog(ORACLE, events.pricePosted, { token: BTC, price: OPEN.entry }),
      encodeLog(ORACLE, events.pricePosted, { token: USDT, price: 1n }),
    ]);
    expect(made.slice(0, 1)).toMatchObject([
      { type: 'BorrowingFactorAccrued', market: '', token: USDT, value: 77n },
    ]);
    const parameters = made.flatMap((event) =>
      event.kind === 'parameter' ? [[event.name, event.value, event.subIndex]] : [],
    );
    expect(parameters).toEqual([
      ['positionFee', 10n, 0],
      ['liquidationFee', 5n * USD, 1],
      ['maxLeverage', 50n, 0],
      ['maintenanceMargin', 10n ** 8n, 0],
      ['interestRate', 10n ** 6n, 0],
      ['accrualInterval', 3600n, 1],
    ]);
    expect(made.find((event) => event.type === 'MarketListed')).toMatchObject({
      market: USDT,
      details: { indexToken: USDT, source: 'EVENT' },
    });
    expect(made.slice(-2)).toMatchObject([
      {
        type: 'OracleUpdated',
        token: BTC,
        symbol: 'BTC / USD',
        priceDecimals: 12,
        observedAt: null,
        delivery: 'PUSH',
        minPrice: OPEN.entry,
      },
      { type: 'OracleUpdated', token: USDT, symbol: '', priceDecimals: null },
    ]);
  });

  it('are dead letters where the topic, the sign or the pairing is not known', () => {
    const unknown = { ...update(OPEN, 1n), topics: [`0x${'77'.repeat(32)}`] };
    const odd = decrease({ size: 1n, collateral: 1n, price: 1n, pnl: [2n, 1n], fee: 0n });
    const reader = newReader();
    const alone = reader.normalize(batchOf(56, [unknown, update(OPEN, 1n)]));
    expect(alone.events).toEqual([]);
    expect(alone.deadLetters.map(({ reason }) => reason)).toEqual([
      expect.stringContaining('77'.repeat(32)),
      expect.stringContaining('without a change'),
    ]);
    const paired = reader.normalize(batchOf(56, [odd, update(OPEN, 1n)]));
    expect(paired.deadLetters.map(({ reason }) => reason)).toEqual(['a sign of 2']);
    const stateless = reader.normalize(batchOf(56, opening().slice(0, 1)));
    expect(stateless.deadLetters.map(({ reason }) => reason)).toEqual([
      'IncreasePosition without the state after it',
    ]);
  });
});

describe('where Level is read', () => {
  it('is an archive that names its contracts, and nowhere else', () => {
    expect(level.readerFor({ chainId: 56, chain: 'bsc', manifest: null })).toBeNull();
    const other = { ...manifest, protocols: {} };
    expect(level.readerFor({ chainId: 56, chain: 'bsc', manifest: other })).toBeNull();
    expect(newReader().selections).toEqual([{ addresses: [POOL, ORACLE], topics: [] }]);
    expect(level.knownOn(56).map(({ isKnown }) => isKnown)).toEqual([false]);
    expect(level.knownOn(1)).toEqual([]);
  });

  it('starts with the tokens and parameters of the manifest', () => {
    const reader = newReader();
    expect(reader.firstBlock).toBe(899);
    expect(reader.initialEvents()).toMatchObject([
      {
        type: 'MarketListed',
        market: BTC,
        details: {
          symbol: 'BTC',
          indexDecimals: '18',
          indexPriceDecimals: '12',
          source: 'MANIFEST',
        },
      },
      { type: 'ParameterChanged', name: 'maintenanceMargin', value: 10n ** 8n, source: 'MANIFEST' },
    ]);
  });
});
