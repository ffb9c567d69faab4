import type { PositionEvent } from '../../../schema/events/position.ts';

/** Frozen per trade: percentages 1e10, leverage 1e3. All 0 in a trade opened before v9.2. */
export interface LiquidationParams {
  readonly maxLiqSpreadP: bigint;
  readonly startLiqThresholdP: bigint;
  readonly endLiqThresholdP: bigint;
  readonly startLeverage: bigint;
  readonly endLeverage: bigint;
}

/** contractsVersion of a trade. */
export const V9_2 = 1;
export const V10 = 2;

/**
 * One gTrade trade under the names of its contracts. Amounts in collateral base units; null = no log
 * seen of this life states it.
 */
export interface GtradePosition {
  readonly positionKey: string;
  readonly account: string;
  readonly market: string;
  readonly collateralToken: string;
  readonly isLong: boolean;
  readonly collateralIndex: bigint | null;
  readonly collateralDecimals: bigint | null;
  readonly collateralAmount: bigint;
  /** 1e3. */
  readonly leverage: bigint | null;
  /** 1e10. */
  readonly openPrice: bigint | null;
  /** 0 before v9.2, 1 v9.2, 2 v10. */
  readonly contractsVersion: bigint | null;
  /**
   * Null also after a partial increase, which takes over those of the pair's group: no log of it says
   * them, so the group's values in force stand in.
   */
  readonly liquidationParams: LiquidationParams | null;
  readonly isCounterTrade: boolean;
  /** v1 borrowing at the last settlement: 1e10 percent, and the block of it. */
  readonly initialPairAccFee: bigint | null;
  readonly initialGroupAccFee: bigint | null;
  readonly initialAccBlock: bigint | null;
  /** v10, 1e20 percent per unit of price. */
  readonly initialAccFundingFeeP: bigint | null;
  readonly initialAccBorrowingFeeP: bigint | null;
  /** v10: realized while the trade stays open. */
  readonly realizedPnlCollateral: bigint | null;
  readonly realizedTradingFeesCollateral: bigint | null;
}

export function initialPosition(event: PositionEvent): GtradePosition {
  // A trade begins with nothing realized; of one that is first seen later nobody knows.
  const realized = event.type === 'PositionOpened' ? 0n : null;
  return {
    positionKey: event.positionKey,
    account: event.account,
    market: event.market,
    collateralToken: event.collateralToken,
    isLong: event.isLong,
    collateralIndex: null,
    collateralDecimals: null,
    collateralAmount: 0n,
    leverage: null,
    openPrice: null,
    contractsVersion: null,
    liquidationParams: null,
    isCounterTrade: false,
    initialPairAccFee: null,
    initialGroupAccFee: null,
    initialAccBlock: null,
    initialAccFundingFeeP: null,
    initialAccBorrowingFeeP: null,
    realizedPnlCollateral: realized,
    realizedTradingFeesCollateral: realized,
  };
}

/** Every value is absolute, so the last one holds. */
export function evolvePosition(state: GtradePosition, event: PositionEvent): GtradePosition {
  const value = (name: string, before: bigint | null) => integerOf(event, name) ?? before;
  const isCounterTrade = event.details['isCounterTrade'];
  return {
    ...state,
    collateralIndex: value('collateralIndex', state.collateralIndex),
    collateralDecimals: value('collateralDecimals', state.collateralDecimals),
    collateralAmount: event.collateralRaw,
    leverage: value('leverage', state.leverage),
    openPrice: value('openPrice', state.openPrice),
    contractsVersion: value('contractsVersion', state.contractsVersion),
    liquidationParams: liquidationParamsAfter(state, event),
    isCounterTrade: typeof isCounterTrade === 'boolean' ? isCounterTrade : state.isCounterTrade,
    initialPairAccFee: value('initialPairAccFee', state.initialPairAccFee),
    initialGroupAccFee: value('initialGroupAccFee', state.initialGroupAccFee),
    initialAccBlock: value('initialAccBlock', state.initialAccBlock),
    initialAccFundingFeeP: value('initialAccFundingFeeP', state.initialAccFundingFeeP),
    initialAccBorrowingFeeP: value('initialAccBorrowingFeeP', state.initialAccBorrowingFeeP),
    realizedPnlCollateral: value('realizedPnlCollateral', state.realizedPnlCollateral),
    realizedTradingFeesCollateral: value(
      'realizedTradingFeesCollateral',
      state.realizedTradingFeesCollateral,
    ),
  };
}

function integerOf({ details }: PositionEvent, name: string): bigint | null {
  const text = details[name];
  return typeof text === 'string' && /^-?\d+$/.test(text) ? BigInt(text) : null;
}

function liquidationParamsAfter(
  { liquidationParams }: GtradePosition,
  event: PositionEvent,
): LiquidationParams | null {
  const maxLiqSpreadP = integerOf(event, 'maxLiqSpreadP');
  if (maxLiqSpreadP !== null) {
    const value = (name: string) => integerOf(event, name) ?? 0n;
    return {
      maxLiqSpreadP,
      startLiqThresholdP: value('startLiqThresholdP'),
      endLiqThresholdP: value('endLiqThresholdP'),
      startLeverage: value('startLeverage'),
      endLeverage: value('endLeverage'),
    };
  }
  // TradingStorageUtils.updateTradePosition: an increase takes over the group's of the moment; the
  // first form of v9.2 says it in a field of its own. Before v9.2 there were none.
  const refreshes = event.details['refreshLiquidationParams'] ?? event.details['isPartialIncrease'];
  const isIncrease = event.type === 'PositionIncreased' && event.details['pendingOrderType'];
  return refreshes === true || (isIncrease && refreshes === undefined) ? null : liquidationParams;
}
