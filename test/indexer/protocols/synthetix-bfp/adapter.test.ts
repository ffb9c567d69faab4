import { describe, expect, it } from 'vitest';
import * as declared from '../../../../indexer/protocols/synthetix-bfp/events.ts';
import { synthetixBfp } from '../../../../indexer/protocols/synthetix-bfp/index.ts';
import type { DomainEvent } from '../../../../schema/events/domain-event.ts';
import type { MarketEvent } from '../../../../schema/events/market.ts';
import type { FeeEvent, PositionEvent } from '../../../../schema/events/position.ts';
import { declaredEvents, declaredTopics, versionOf } from '../../../fixtures/declared-topics.ts';
import { batchOf, type EncodedLog, encodeLog } from '../../../fixtures/encoded-logs.ts';
import {
  ACCOUNT,
  ALICE,
  deposited,
  ETH_FEED,
  funded,
  KEY,
  liquidated,
  MARKET,
  manifestWith,
  newReader,
  PROXY,
  SUSD,
  settled,
  USD,
  WAD,
  WSTETH,
} from './made-up-market.ts';

function read(logs: readonly EncodedLog[], reader = newReader()): readonly DomainEvent[] {
  const { events, deadLetters } = reader.normalize(batchOf(31337, logs));
  expect(deadLetters).toEqual([]);
  return events;
}

const positionsOf = (made: readonly DomainEvent[]) =>
  made.filter((event): event is PositionEvent => event.kind === 'position');
const feesOf = (made: readonly DomainEvent[]) =>
  made.filter((event): event is FeeEvent => event.kind === 'fee');
const marketsOf = (made: readonly DomainEvent[]) =>
  made.filter((event): event is MarketEvent => event.kind === 'market');

describe('the events of the BFP market', () => {
  it('have the declared signatures, indexed fields and topics', () => {
    const { IGNORED_EVENTS, ...known } = declared;
    const ours = [...Object.values(known), ...IGNORED_EVENTS].map((event) => versionOf(event));
    expect(declaredTopics('synthetix-bfp').size).toBe(10);
    for (const event of declaredEvents('synthetix-bfp')) expect(ours).toContain(versionOf(event));
    for (const [signature, topic] of declaredTopics('synthetix-bfp')) {
      const isOurs = (one: string) => one.startsWith(signature) && one.endsWith(topic);
      expect(ours.some(isOurs)).toBe(true);
    }
  });
});

describe('an order of the BFP market', () => {
  it('opens a position, and takes its fees from the account', () => {
    const made = read([settled({ sizeDelta: 2n * WAD, fees: [4n * WAD, WAD], debt: 5n * WAD })]);
    expect(positionsOf(made)).toMatchObject([
      {
        type: 'PositionOpened',
        positionKey: KEY,
        account: ALICE,
        market: '3',
        isLong: true,
        sizeBase: 2n * WAD,
        sizeUsd: 4000n * USD,
        collateralToken: SUSD,
        executionPrice: 200_000_000_000n, // with the 8 decimals of the feed
        details: { size: (2n * WAD).toString(), price: (2000n * WAD).toString(), settlesAll: true },
      },
    ]);
    expect(KEY).toHaveLength(66);
    expect(feesOf(made)).toMatchObject([
      { positionFeeRaw: 4n * USD, totalCostRaw: 5n * USD, orderKey: KEY },
    ]);
    expect(marketsOf(made)).toMatchObject([
      {
        type: 'CollateralSumChanged',
        market: '3',
        token: SUSD,
        delta: -5n * WAD,
        details: { accountId: '17', cause: 'settled', debt: (5n * WAD).toString() },
      },
    ]);
  });

  it('grows, shrinks, flips and closes by the size before it', () => {
    const reader = newReader();
    const next = (sizeDelta: bigint, block: number, more = {}) =>
      read([settled({ sizeDelta, ...more }, { block })], reader);
    next(-2n * WAD, 1001);
    expect(positionsOf(next(-WAD, 1002, { price: 2100n * WAD, pnl: -WAD }))).toMatchObject([
      {
        type: 'PositionIncreased',
        isLong: false,
        sizeBase: 3n * WAD,
        sizeDeltaBase: WAD,
        sizeUsd: 6300n * USD,
        sizeDeltaUsd: 2300n * USD,
        realizedPnlUsd: -USD,
      },
    ]);
    expect(positionsOf(next(WAD, 1003))).toMatchObject([
      { type: 'PositionDecreased', sizeDeltaBase: -WAD, details: { size: (-2n * WAD).toString() } },
    ]);
    const flip = next(5n * WAD, 1004, { pnl: 7n * WAD, funding: -2n * WAD, utilization: WAD });
    expect(positionsOf(flip)).toMatchObject([
      { type: 'PositionClosed', subIndex: 0, isLong: false, sizeUsd: 0n, realizedPnlUsd: 7n * USD },
      {
        type: 'PositionOpened',
        subIndex: 1,
        isLong: true,
        sizeBase: 3n * WAD,
        sizeDeltaUsd: 6000n * USD,
        realizedPnlUsd: 0n,
      },
    ]);
    expect(feesOf(flip)).toMatchObject([
      { subIndex: 2, fundingFeeRaw: 2n * USD, borrowFeeRaw: USD, totalCostRaw: 3n * USD },
    ]);
    expect(marketsOf(flip)).toMatchObject([{ subIndex: 3, delta: 4n * WAD }]);
    expect(positionsOf(next(-3n * WAD, 1005))).toMatchObject([
      { type: 'PositionClosed', isLong: true, sizeDeltaBase: -3n * WAD },
    ]);
  });

  it('is a dead letter where it changes a position that was never seen', () => {
    const { deadLetters } = newReader().normalize(
      batchOf(31337, [settled({ sizeDelta: WAD, pnl: 1n })]),
    );
    expect(deadLetters.map(({ reason }) => reason)).toEqual([
      'an order changed a position whose size is not known',
    ]);
  });

  it('is read the same after a restart', () => {
    const unbroken = newReader();
    const known = positionsOf(read([settled({ sizeDelta: -2n * WAD })], unbroken));
    const restarted = newReader();
    restarted.remember?.(known);
    const next = [settled({ sizeDelta: 5n * WAD, pnl: 3n }, { block: 1001 })];
    expect(read(next, restarted)).toEqual(read(next, unbroken));
  });
});

describe('a liquidation of the BFP market', () => {
  it('takes the margin when it flags, and the position in parts', () => {
    const reader = newReader();
    read([settled({ sizeDelta: -3n * WAD })], reader);
    const flag = encodeLog(
      PROXY,
      declared.positionFlagged,
      {
        accountId: ACCOUNT,
        marketId: MARKET,
        flagger: ALICE,
        flagKeeperReward: 9n,
        flaggedPrice: 8n,
      },
      { block: 1001 },
    );
    expect(read([flag], reader)).toMatchObject([
      { type: 'PositionFlagged', orderKey: KEY, details: { flagKeeperReward: '9' } },
      { type: 'CollateralSumChanged', details: { accountId: '17', cause: 'flagged' } },
    ]);
    const part = read([liquidated(-3n * WAD, -WAD, { block: 1002 })], reader);
    expect(positionsOf(part)).toMatchObject([
      {
        type: 'PositionLiquidated',
        isLong: false,
        sizeBase: WAD,
        sizeDeltaBase: -2n * WAD,
        sizeUsd: 2000n * USD,
        sizeDeltaUsd: -4000n * USD,
        details: { size: (-WAD).toString(), settlesAll: false },
      },
    ]);
    expect(feesOf(part)).toMatchObject([{ liquidationFeeRaw: 5n * USD, orderKey: KEY }]);
    expect(marketsOf(part)).toEqual([]);
    const rest = read([liquidated(-WAD, 0n, { block: 1003 })], reader);
    expect(positionsOf(rest)).toMatchObject([{ type: 'PositionLiquidated', sizeUsd: 0n }]);
    expect(marketsOf(rest)).toMatchObject([{ details: { cause: 'liquidated' } }]);
  });

  it('may take margin without a position', () => {
    const args = { accountId: ACCOUNT, marketId: MARKET, keeperReward: 2n * WAD };
    expect(read([encodeLog(PROXY, declared.marginLiquidated, args)])).toMatchObject([
      { type: 'CollateralSumChanged', details: { cause: 'taken' } },
      { type: 'FeesCharged', liquidationFeeRaw: 2n * USD },
    ]);
  });
});

describe('margin of the BFP market', () => {
  it('belongs to the owner’s only account, in the market named before it', () => {
    const out = encodeLog(PROXY, declared.marginWithdraw, {
      from: PROXY,
      to: ALICE,
      value: 2n,
      collateralAddress: WSTETH,
    });
    const made = marketsOf(read([funded(0n), deposited(5n), out]));
    expect(made.slice(1)).toMatchObject([
      { market: '3', token: SUSD, delta: 5n, details: { accountId: '17', cause: 'moved' } },
      { token: WSTETH, delta: -2n, details: { accountId: '17', mover: ALICE } },
    ]);
  });

  it('belongs to the only account that the transaction names, else to nobody we know', () => {
    const from = `0x${'cc'.repeat(20)}`;
    const commit = (accountId: bigint) =>
      encodeLog(PROXY, declared.orderCommitted, {
        accountId,
        marketId: MARKET,
        commitmentTime: 1n,
        sizeDelta: 1n,
        estimatedOrderFee: 1n,
        estimatedKeeperFee: 1n,
        trackingCode: `0x${'00'.repeat(32)}`,
      });
    const ownerOf = (logs: readonly EncodedLog[]) =>
      marketsOf(read(logs)).find(({ token }) => token === SUSD)?.details['accountId'];
    expect(ownerOf([funded(0n), deposited(5n, { from }), commit(99n)])).toBe('99');
    expect(ownerOf([funded(0n), deposited(5n, { from }), commit(99n), commit(98n)])).toBe('');
    expect(ownerOf([funded(0n), deposited(5n, { from })])).toBe('');
    const { deadLetters } = newReader().normalize(batchOf(31337, [deposited(5n)]));
    expect(deadLetters[0]?.reason).toContain('without the FundingRecomputed');
  });

  it('changes by what came from outside when debt is paid', () => {
    const args = { accountId: ACCOUNT, marketId: MARKET, oldDebt: 9n, newDebt: 2n };
    const paid = encodeLog(PROXY, declared.debtPaid, { ...args, paidFromUsdCollateral: 4n });
    expect(read([paid])).toMatchObject([
      { token: SUSD, delta: 3n, details: { cause: 'debtPaid', debt: '2' } },
    ]);
  });
});

describe('other logs of the BFP market', () => {
  it('become rates, sizes per side, listings and notices of settings', () => {
    const name = `0x${Buffer.from('ETHPERP').toString('hex').padEnd(64, '0')}`;
    const made = read([
      encodeLog(PROXY, declared.marketCreated, { id: MARKET, name }),
      funded(-5n),
      encodeLog(PROXY, declared.utilizationRecomputed, {
        marketId: MARKET,
        skew: 1n,
        utilizationRate: 6n,
      }),
      encodeLog(PROXY, declared.marketSizeUpdated, { marketId: MARKET, size: 10n, skew: -4n }),
      encodeLog(PROXY, declared.marketConfigured, { marketId: MARKET, from: ALICE }),
      encodeLog(PROXY, declared.globalMarketConfigured, { from: ALICE }),
    ]);
    expect(made).toMatchObject([
      {
        type: 'MarketListed',
        market: '3',
        details: {
          symbol: 'ETHPERP',
          indexToken: ETH_FEED,
          indexVenue: 'pyth',
          indexPriceDecimals: '8',
          isFromCreation: true,
        },
      },
      { type: 'FundingRateChanged', value: -5n },
      { type: 'BorrowingRateChanged', value: 6n },
      { type: 'SkewChanged', value: -4n },
      { type: 'OpenInterestBaseChanged', isLong: true, value: 3n },
      { type: 'OpenInterestBaseChanged', isLong: false, value: 7n },
      { type: 'ParameterChanged', market: '3', name: 'configuredAtBlock', value: 1000n },
      { type: 'ParameterChanged', market: '', name: 'configuredAtBlock', value: 1000n },
    ]);
  });

  it('are dead letters where accounts are merged or a size makes no sense', () => {
    const ids = { fromId: 1n, toId: 2n, marketId: MARKET };
    const logs = [
      encodeLog(PROXY, declared.accountsMerged, ids),
      encodeLog(PROXY, declared.accountSplit, ids),
      encodeLog(PROXY, declared.marketSizeUpdated, { marketId: MARKET, size: 3n, skew: 4n }),
      liquidated(1n, -1n),
    ];
    const { events, deadLetters } = newReader().normalize(batchOf(31337, logs));
    expect(events).toEqual([]);
    expect(deadLetters.map(({ reason }) => reason)).toEqual([
      'AccountsMerged: positions of accounts 1 and 2 in market 3 are unknown from here on',
      'AccountSplit: positions of accounts 1 and 2 in market 3 are unknown from here on',
      'a market of size 3 with a skew of 4',
      'a liquidation from 1 to -1',
    ]);
  });
});

describe('where the BFP market is read', () => {
  it('is an archive that names its proxy, and nowhere else', () => {
    const none = { ...manifestWith(), protocols: {} };
    const at = { chainId: 8453, chain: 'base' };
    expect(synthetixBfp.readerFor({ ...at, manifest: null })).toBeNull();
    expect(synthetixBfp.readerFor({ ...at, manifest: none })).toBeNull();
    expect(synthetixBfp.knownOn(8453)).toEqual([]);
    const initialParameters = {
      asOfBlock: 900,
      global: { minKeeperFeeUsd: '1' },
      markets: { 3: { skewScale: '2' } },
      collateralSkewScales: { [WSTETH]: '4' },
    };
    const reader = newReader(manifestWith({ initialParameters }));
    expect(reader.firstBlock).toBe(900);
    const initial = reader.initialEvents();
    expect(
      initial.map((event) => ('name' in event ? [event.market, event.name] : event.type)),
    ).toEqual([
      'MarketListed',
      ['', 'settingsAsOfBlock'],
      ['', 'minKeeperFeeUsd'],
      ['', `collateralSkewScale:${WSTETH}`],
      ['3', 'skewScale'],
    ]);
  });
});
