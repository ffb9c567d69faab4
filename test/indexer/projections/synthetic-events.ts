import type { EventPlace } from '../../../schema/events/place.ts';
import type { OrderEvent, PositionEvent } from '../../../schema/events/position.ts';

/** Made-up events of one position, enough for the projections to tell causes and lives apart. */
export function place(blockNumber: number, logIndex = 0): EventPlace {
  return {
    chainId: 1,
    blockNumber,
    blockTimestamp: 1_000 + blockNumber,
    transactionHash: `0x${blockNumber}`,
    transactionIndex: 0,
    logIndex,
    subIndex: 0,
    venue: 'gmx-v2',
  };
}

export function positionEvent(
  type: PositionEvent['type'],
  blockNumber: number,
  change: Partial<PositionEvent> = {},
): PositionEvent {
  const isIncrease = ['PositionOpened', 'PositionIncreased', 'MarginAdded'].includes(type);
  return {
    ...place(blockNumber),
    kind: 'position',
    type,
    positionKey: '0xkey',
    account: '0xaccount',
    market: '0xmarket',
    collateralToken: '0xusdc',
    isLong: true,
    orderKey: `0xorder${blockNumber}`,
    orderType: 2,
    sizeUsd: 100n,
    sizeBase: 10n,
    collateralRaw: 50n,
    sizeDeltaUsd: 100n,
    sizeDeltaBase: 10n,
    collateralDeltaRaw: 50n,
    executionPrice: 10n,
    indexPriceMin: 10n,
    indexPriceMax: 10n,
    collateralPriceMin: 1n,
    collateralPriceMax: 1n,
    realizedPnlUsd: 0n,
    priceImpactUsd: 0n,
    details: {
      borrowingFactor: '0',
      fundingFeeAmountPerSize: '0',
      longTokenClaimableFundingAmountPerSize: '0',
      shortTokenClaimableFundingAmountPerSize: '0',
      ...(isIncrease ? { increasedAtTime: '1' } : { decreasedAtTime: '1' }),
    },
    ...change,
  };
}

export function orderExecuted(blockNumber: number, secondaryOrderType: number): OrderEvent {
  return {
    ...place(blockNumber, 9),
    kind: 'order',
    type: 'OrderExecuted',
    orderKey: `0xorder${blockNumber}`,
    account: '0xaccount',
    market: '',
    orderType: null,
    secondaryOrderType,
    sizeDeltaUsd: 0n,
    requestedAt: null,
    reason: '',
    details: {},
  };
}
