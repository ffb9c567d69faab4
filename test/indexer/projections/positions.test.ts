import { describe, expect, it } from 'vitest';
import { groupByBlock } from '../../../indexer/projections/block-events.ts';
import { PositionProjection } from '../../../indexer/projections/positions.ts';
import type { DomainEvent } from '../../../schema/events/domain-event.ts';
import { orderExecuted, positionEvent } from './synthetic-events.ts';

const CLOSED = { sizeUsd: 0n, sizeBase: 0n, collateralRaw: 0n };

function project(events: readonly DomainEvent[]) {
  const projection = new PositionProjection();
  for (const block of groupByBlock(events, new Map())) {
    for (const transaction of block.transactions) projection.applyTransaction(transaction);
  }
  return { rows: projection.drain(), open: projection.openPositions() };
}

describe('PositionProjection', () => {
  it('counts a new life each time a closed key is opened again', () => {
    const { rows, open } = project([
      positionEvent('PositionOpened', 1),
      positionEvent('PositionClosed', 2, CLOSED),
      positionEvent('PositionOpened', 3),
      positionEvent('PositionIncreased', 4, { sizeUsd: 200n }),
    ]);
    expect(rows.map((row) => [row['life'], row['status'], row['cause']])).toEqual([
      [1, 'OPEN', 'OPEN'],
      [1, 'CLOSED', 'CLOSE'],
      [2, 'OPEN', 'OPEN'],
      [2, 'OPEN', 'INCREASE'],
    ]);
    expect(open.map(({ life, sizeUsd, openedBlock }) => [life, sizeUsd, openedBlock])).toEqual([
      [2, 200n, 3],
    ]);
  });

  it('tells auto-deleveraging from a close of the owner by the order that was executed', () => {
    const { rows } = project([
      positionEvent('PositionOpened', 1),
      positionEvent('PositionDecreased', 2, { sizeUsd: 60n }),
      orderExecuted(2, 1),
      positionEvent('PositionClosed', 3, CLOSED),
      orderExecuted(3, 0),
    ]);
    expect(rows.map((row) => row['cause'])).toEqual(['OPEN', 'ADL', 'CLOSE']);
  });

  it('marks a liquidated position as liquidated, not closed', () => {
    const { rows, open } = project([
      positionEvent('PositionOpened', 1),
      positionEvent('PositionLiquidated', 2, { ...CLOSED, orderType: 7 }),
    ]);
    expect(rows.at(-1)).toMatchObject({ status: 'LIQUIDATED', cause: 'LIQUIDATION' });
    expect(open).toEqual([]);
  });

  it('keeps a position whose opening was never seen, from its first event on', () => {
    const { rows } = project([positionEvent('PositionDecreased', 5, { sizeUsd: 40n })]);
    expect(rows).toMatchObject([{ life: 1, status: 'OPEN', cause: 'DECREASE', size_usd: 40n }]);
  });
});
