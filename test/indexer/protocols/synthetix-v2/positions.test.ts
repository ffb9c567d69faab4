import { describe, expect, it } from 'vitest';
import * as v2 from '../../../../indexer/protocols/synthetix-v2/events.ts';
import { type EncodedLog, encodeLog } from '../../../fixtures/encoded-logs.ts';
import { ACCOUNT, eventsOf, KEEPER, MARKET, POSITION, read, UNIT, USD } from './made-up-market.ts';

type Form = typeof v2.positionModified | typeof v2.positionModified2022;
const FORMS = [
  ['2022-12', v2.positionModified2022],
  ['2023-04', v2.positionModified],
] as const;

interface Change {
  readonly size: bigint;
  readonly tradeSize: bigint;
  readonly margin: bigint;
  readonly price: bigint;
  readonly fee?: bigint;
  /** sUSD per unit recorded at this change, 18 decimals. */
  readonly funding?: bigint;
}

/** A change of the position with the funding entry before it; whole units but for `funding`. */
function changed(form: Form, at: number, change: Change, transfer?: bigint): EncodedLog[] {
  const where = { block: 1000 + at, transaction: at };
  const { size, tradeSize, margin, price, fee = 0n, funding = 0n } = change;
  const moved = { account: ACCOUNT, marginDelta: (transfer ?? 0n) * UNIT };
  return [
    encodeLog(
      MARKET,
      v2.fundingRecomputed,
      { funding, fundingRate: 0n, index: BigInt(at), timestamp: 1_700_000_000n },
      where,
    ),
    ...(transfer === undefined ? [] : [encodeLog(MARKET, v2.marginTransferred, moved, where)]),
    encodeLog(
      MARKET,
      form,
      {
        id: 7n,
        account: ACCOUNT,
        margin: margin * UNIT,
        size: size * UNIT,
        tradeSize: tradeSize * UNIT,
        lastPrice: price * UNIT,
        fundingIndex: BigInt(at),
        fee: fee * UNIT,
        skew: size * UNIT,
      },
      where,
    ),
  ];
}

/** What the logs of one change made, without its funding entry. */
function madeAt(logs: readonly EncodedLog[], at: number) {
  return eventsOf(logs).filter(
    ({ blockNumber, type }) => blockNumber === 1000 + at && !/^Funding/.test(type),
  );
}

const OPENED: Change = { size: 10n, tradeSize: 10n, margin: 500n, price: 2000n, fee: 4n };

describe.each(FORMS)('PositionModified of %s', (version, form) => {
  const skew = (units: bigint) =>
    version === '2022-12' ? [] : [{ type: 'SkewChanged', market: MARKET, value: units * UNIT }];
  const opening = changed(form, 1, OPENED);
  const then = (change: Change, transfer?: bigint) =>
    madeAt([...opening, ...changed(form, 2, change, transfer)], 2);

  it('opens where the size before was 0', () => {
    const events = madeAt(opening, 1);
    expect(events).toMatchObject([
      {
        type: 'PositionOpened',
        subIndex: 0,
        positionKey: POSITION,
        orderKey: POSITION,
        account: ACCOUNT,
        market: MARKET,
        isLong: true,
        orderType: 0,
        sizeUsd: 20_000n * USD,
        sizeDeltaUsd: 20_000n * USD,
        sizeBase: 10n * UNIT,
        sizeDeltaBase: 10n * UNIT,
        collateralRaw: 500n * USD,
        collateralDeltaRaw: 500n * USD,
        executionPrice: 2000n * 10n ** 8n,
        realizedPnlUsd: 0n,
        details: { id: '7', size: String(10n * UNIT), fundingIndex: '1', fundingEntry: '0' },
      },
      {
        type: 'FeesCharged',
        subIndex: 1,
        positionFeeRaw: 4n * USD,
        fundingFeeRaw: 0n,
        liquidationFeeRaw: 0n,
        totalCostRaw: 4n * USD,
      },
      ...skew(10n),
    ]);
  });

  it('increases, with the profit and the funding of the whole position realized', () => {
    const events = then({
      size: 15n,
      tradeSize: 5n,
      margin: 1476n,
      price: 2100n,
      fee: 4n,
      funding: -2n * UNIT,
    });
    expect(events).toMatchObject([
      {
        type: 'PositionIncreased',
        sizeBase: 15n * UNIT,
        sizeDeltaBase: 5n * UNIT,
        sizeUsd: 31_500n * USD,
        // from 10 × 2000, not the 5 × 2100 that were traded
        sizeDeltaUsd: 11_500n * USD,
        collateralRaw: 1476n * USD,
        collateralDeltaRaw: 976n * USD,
        realizedPnlUsd: 1000n * USD,
        details: {
          realizedFunding: String(-20n * UNIT),
          tradeValueUsd: String(10_500n * USD),
        },
      },
      {
        type: 'FeesCharged',
        positionFeeRaw: 4n * USD,
        fundingFeeRaw: 20n * USD,
        totalCostRaw: 24n * USD,
      },
      ...skew(15n),
    ]);
  });

  it('decreases', () => {
    const events = then({ size: 4n, tradeSize: -6n, margin: 400n, price: 1990n });
    expect(events).toMatchObject([
      {
        type: 'PositionDecreased',
        isLong: true,
        sizeBase: 4n * UNIT,
        sizeDeltaBase: -6n * UNIT,
        sizeUsd: 7_960n * USD,
        sizeDeltaUsd: -12_040n * USD,
        realizedPnlUsd: -100n * USD,
        collateralDeltaRaw: -100n * USD,
      },
      ...skew(4n),
    ]);
  });

  it('closes; what is left of the margin lies in the account', () => {
    const events = then({ size: 0n, tradeSize: -10n, margin: 600n, price: 2010n });
    expect(events).toMatchObject([
      {
        type: 'PositionClosed',
        isLong: true,
        sizeUsd: 0n,
        sizeBase: 0n,
        sizeDeltaBase: -10n * UNIT,
        sizeDeltaUsd: -20_000n * USD,
        collateralRaw: 0n,
        collateralDeltaRaw: -500n * USD,
        realizedPnlUsd: 100n * USD,
        details: { margin: String(600n * UNIT), tradeValueUsd: String(20_100n * USD) },
      },
      ...skew(0n),
    ]);
  });

  it('closes one position and opens another where the sign changes', () => {
    const events = then({ size: -5n, tradeSize: -15n, margin: 597n, price: 2010n, fee: 3n });
    expect(events).toMatchObject([
      {
        type: 'PositionClosed',
        subIndex: 0,
        positionKey: POSITION,
        isLong: true,
        sizeBase: 0n,
        sizeDeltaBase: -10n * UNIT,
        sizeDeltaUsd: -20_000n * USD,
        collateralDeltaRaw: -500n * USD,
        realizedPnlUsd: 100n * USD,
      },
      {
        type: 'PositionOpened',
        subIndex: 1,
        positionKey: POSITION,
        isLong: false,
        sizeBase: 5n * UNIT,
        sizeDeltaBase: 5n * UNIT,
        sizeUsd: 10_050n * USD,
        sizeDeltaUsd: 10_050n * USD,
        collateralRaw: 597n * USD,
        collateralDeltaRaw: 597n * USD,
        realizedPnlUsd: 0n,
      },
      { type: 'FeesCharged', subIndex: 2, positionFeeRaw: 3n * USD },
      ...skew(-5n),
    ]);
  });

  it.each([
    ['MarginAdded', 50n, 650n],
    ['MarginRemoved', -50n, 550n],
  ] as const)('is %s by what was transferred, whatever the profit', (type, transfer, margin) => {
    const events = then({ size: 10n, tradeSize: 0n, margin, price: 2010n }, transfer);
    expect(events).toMatchObject([
      {
        type,
        orderType: null,
        sizeBase: 10n * UNIT,
        sizeDeltaBase: 0n,
        // Nothing traded: the notional alone is rebased, from 10 × 2000 to 10 × 2010.
        sizeUsd: 20_100n * USD,
        sizeDeltaUsd: 100n * USD,
        collateralRaw: margin * USD,
        collateralDeltaRaw: (margin - 500n) * USD,
        realizedPnlUsd: 100n * USD,
        indexPriceMin: 2010n * 10n ** 8n,
        details: { marginDelta: String(transfer * UNIT) },
      },
      ...skew(10n),
    ]);
  });

  it('is MarginRemoved by a keeper’s deposit that no transfer tells', () => {
    const [event] = then({ size: 10n, tradeSize: 0n, margin: 598n, price: 2010n });
    expect(event).toMatchObject({ type: 'MarginRemoved', collateralDeltaRaw: 98n * USD });
  });

  it('begins no life with margin that lies in an account without a position', () => {
    const events = madeAt(
      changed(form, 1, { size: 0n, tradeSize: 0n, margin: 500n, price: 2000n }, 500n),
      1,
    );
    expect(events).toMatchObject(
      skew(0n).map((event) => ({ ...event, details: { margin: String(500n * UNIT) } })),
    );
    expect(events).toHaveLength(skew(0n).length);
  });
});

const EMPTY: Change = { size: 0n, tradeSize: 0n, margin: 0n, price: 1955n, funding: -UNIT };

describe('a liquidation', () => {
  const names = { id: 7n, account: ACCOUNT, liquidator: KEEPER, size: 10n * UNIT };
  const where = { block: 1002, transaction: 2 };
  const liquidated = (price: bigint, stakers: bigint) =>
    encodeLog(
      MARKET,
      v2.positionLiquidated,
      {
        ...names,
        price: price * UNIT,
        flaggerFee: 20n * UNIT,
        liquidatorFee: 5n * UNIT,
        stakersFee: stakers * UNIT,
      },
      where,
    );

  it('is one event of 2023-04: the PositionModified that empties the position tells the skew alone', () => {
    const events = madeAt(
      [
        ...changed(v2.positionModified, 1, OPENED),
        ...changed(v2.positionModified, 2, EMPTY),
        liquidated(1955n, 15n),
      ],
      2,
    );
    // 500 − 450 of loss − 10 of funding = 40 = 20 + 5 + 15
    expect(events).toMatchObject([
      { type: 'SkewChanged', value: 0n, details: { margin: '0' } },
      {
        type: 'PositionLiquidated',
        subIndex: 0,
        positionKey: POSITION,
        isLong: true,
        sizeUsd: 0n,
        sizeBase: 0n,
        sizeDeltaBase: -10n * UNIT,
        sizeDeltaUsd: -20_000n * USD,
        collateralDeltaRaw: -500n * USD,
        executionPrice: 1955n * 10n ** 8n,
        indexPriceMin: 1955n * 10n ** 8n,
        realizedPnlUsd: -450n * USD,
        details: {
          liquidator: KEEPER,
          equity: String(40n * UNIT),
          tradeValueUsd: String(19_550n * USD),
        },
      },
      {
        type: 'FeesCharged',
        subIndex: 1,
        fundingFeeRaw: 10n * USD,
        liquidationFeeRaw: 40n * USD,
        totalCostRaw: 50n * USD,
      },
    ]);
    expect(events).toHaveLength(3);
  });

  it.each([
    [1952n, 10n, 15n, 'fees'],
    [1940n, -110n, 135n, 'pnl'],
  ] as const)(
    'at %s leaves equity of %s, and %s of its fees unpaid',
    (price, equity, debt, step) => {
      const events = madeAt(
        [
          ...changed(v2.positionModified, 1, OPENED),
          ...changed(v2.positionModified, 2, { ...EMPTY, price }),
          liquidated(price, 0n),
        ],
        2,
      );
      expect(events.at(-1)).toMatchObject({
        type: 'InsolventClosed',
        subIndex: 2,
        orderKey: POSITION,
        remainingCostUsd: debt * USD,
        step,
        details: { equity: String(equity * UNIT) },
      });
    },
  );

  it('of 2022-12 has one fee, the liquidator’s, and tells no skew', () => {
    const events = madeAt(
      [
        ...changed(v2.positionModified2022, 1, OPENED),
        ...changed(v2.positionModified2022, 2, EMPTY),
        encodeLog(
          MARKET,
          v2.positionLiquidated2022,
          { ...names, price: 1955n * UNIT, fee: 25n * UNIT },
          where,
        ),
      ],
      2,
    );
    expect(events).toMatchObject([
      { type: 'PositionLiquidated', realizedPnlUsd: -450n * USD, sizeDeltaBase: -10n * UNIT },
      { type: 'FeesCharged', liquidationFeeRaw: 25n * USD, fundingFeeRaw: 10n * USD },
    ]);
    expect(events).toHaveLength(2);
  });

  it('of a position that was never seen is told, its profit and debt are not', () => {
    const events = madeAt([...changed(v2.positionModified, 2, EMPTY), liquidated(1955n, 15n)], 2);
    expect(events.map(({ type }) => type)).toEqual([
      'SkewChanged',
      'PositionLiquidated',
      'FeesCharged',
    ]);
    expect(events[1]).toMatchObject({
      realizedPnlUsd: 0n,
      collateralDeltaRaw: 0n,
      sizeDeltaUsd: -19_550n * USD,
    });
    expect((events[1] as { details: object }).details).not.toHaveProperty('equity');
  });
});

describe('values that no contract of the venue stores', () => {
  it('are refused by name', () => {
    const { events, refused } = read(
      changed(v2.positionModified, 1, { ...OPENED, margin: 2n ** 130n / UNIT }),
    );
    expect(refused).toEqual(['margin is wider than 128 bits']);
    expect(events.map(({ type }) => type)).toEqual(['FundingPerSizeAccrued', 'FundingRateChanged']);
  });
});
