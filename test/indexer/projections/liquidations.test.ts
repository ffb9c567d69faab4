import { describe, expect, it } from 'vitest';
import { LiquidationProjection } from '../../../indexer/projections/liquidations.ts';
import { PositionProjection } from '../../../indexer/projections/positions.ts';
import type { DomainEvent } from '../../../schema/events/domain-event.ts';
import type { FeeEvent, PositionEvent } from '../../../schema/events/position.ts';
import { place, positionEvent } from './synthetic-events.ts';

/** A venue without orders: its order key is the position's key. */
const KEY = { orderKey: '0xkey' };

function fee(
  logIndex: number,
  liquidationFeeRaw: bigint,
  change: Partial<FeeEvent> = {},
): FeeEvent {
  return {
    ...place(2, logIndex),
    kind: 'fee',
    type: 'FeesCharged',
    positionKey: '0xkey',
    orderKey: '0xkey',
    market: '0xmarket',
    collateralToken: '0xusdc',
    collateralPriceMin: 1n,
    positionFeeRaw: 0n,
    borrowFeeRaw: 0n,
    borrowFeeUsd: 0n,
    fundingFeeRaw: 0n,
    liquidationFeeRaw,
    totalCostRaw: liquidationFeeRaw,
    remainingCostUsd: 0n,
    step: '',
    details: {},
    ...change,
  };
}

function liquidatedAt(logIndex: number, change: Partial<PositionEvent> = {}): PositionEvent {
  const nothingLeft = { sizeUsd: 0n, sizeBase: 0n, collateralRaw: 0n };
  return positionEvent('PositionLiquidated', 2, { ...KEY, ...nothingLeft, logIndex, ...change });
}

function decreasedAt(logIndex: number): PositionEvent {
  return positionEvent('PositionDecreased', 2, { ...KEY, logIndex, sizeUsd: 60n });
}

/** The rows that one transaction of these events makes. */
function rowsOf(events: readonly DomainEvent[]) {
  const transaction = { transactionHash: '0x2', sender: '0xkeeper', events };
  const liquidations = new LiquidationProjection();
  for (const transition of new PositionProjection().applyTransaction(transaction)) {
    liquidations.applyTransition(transition, transaction, 'feed');
  }
  return liquidations.drain();
}

const penalties = (events: readonly DomainEvent[]) =>
  rowsOf(events).map((row) => row['penalty_raw']);

describe('LiquidationProjection', () => {
  it('takes the fee of the liquidation’s own log before an earlier one of its key', () => {
    const events = [fee(3, 1n), decreasedAt(3), fee(4, 2n), liquidatedAt(5), fee(5, 40n)];
    expect(penalties(events)).toEqual([40n]);
  });

  it('takes the fee logged just before the liquidation where it has a log of its own', () => {
    const events = [fee(3, 1n), decreasedAt(4), fee(6, 40n), liquidatedAt(7), fee(9, 2n)];
    expect(penalties(events)).toEqual([40n]);
  });

  it('takes the earlier of two fees as near', () => {
    expect(penalties([fee(6, 40n), liquidatedAt(7), fee(8, 2n)])).toEqual([40n]);
  });

  it('gives two liquidations of one key their own fees', () => {
    const again = positionEvent('PositionOpened', 2, { ...KEY, logIndex: 6 });
    const events = [liquidatedAt(5), fee(5, 40n), again, liquidatedAt(8), fee(8, 30n)];
    expect(penalties(events)).toEqual([40n, 30n]);
  });

  it('leaves the fee of a reopening to it, though it is nearer to the close before', () => {
    const again = positionEvent('PositionOpened', 2, { ...KEY, logIndex: 10 });
    expect(penalties([fee(5, 40n), liquidatedAt(7), fee(8, 2n), again])).toEqual([40n]);
  });

  it('takes no fee of another key or of another venue', () => {
    const other = fee(7, 2n, { orderKey: '0xother' });
    const elsewhere = fee(7, 3n, { venue: 'gmx-v1' });
    expect(penalties([fee(3, 40n), other, liquidatedAt(7), elsewhere])).toEqual([40n]);
    expect(penalties([other, liquidatedAt(7), elsewhere])).toEqual([0n]);
  });

  it('takes no charge that names neither order nor position for its own', () => {
    expect(penalties([fee(6, 2n, { orderKey: '' }), liquidatedAt(7)])).toEqual([0n]);
  });

  it('finds a funding shortfall, which names no order, by its market', () => {
    const shortfall = fee(6, 0n, {
      type: 'FundingShortfall',
      orderKey: '',
      positionKey: '',
      details: { missing: '5' },
    });
    const [row] = rowsOf([shortfall, liquidatedAt(7)]);
    expect(JSON.parse(String(row?.['details']))).toMatchObject({
      fundingShortfall: { missing: '5' },
    });
    const [without] = rowsOf([{ ...shortfall, market: '0xother' }, liquidatedAt(7)]);
    expect(JSON.parse(String(without?.['details']))).not.toHaveProperty('fundingShortfall');
  });

  it('takes no bad debt of another liquidation of its key', () => {
    const debt = fee(5, 0n, { type: 'InsolventClosed', remainingCostUsd: 7n, step: 'pnl' });
    const again = positionEvent('PositionOpened', 2, { ...KEY, logIndex: 6 });
    const rows = rowsOf([liquidatedAt(5), debt, again, liquidatedAt(8), fee(8, 30n)]);
    expect(rows.map((row) => [row['is_insolvent'], row['penalty_raw']])).toEqual([
      [true, 0n],
      [false, 30n],
    ]);
  });

  it('takes bad debt from the close that left it', () => {
    const debt = (logIndex: number, remainingCostUsd: bigint) =>
      fee(logIndex, 0n, { type: 'InsolventClosed', remainingCostUsd, step: 'pnl' });
    const again = positionEvent('PositionOpened', 2, { ...KEY, logIndex: 6 });
    const events = [liquidatedAt(5), debt(5, 7n), again, liquidatedAt(8), debt(8, 9n)];
    expect(rowsOf(events).map((row) => row['bad_debt_usd'])).toEqual([7n, 9n]);
  });
});
