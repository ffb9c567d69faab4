import type { MarketEvent } from '../../../schema/events/market.ts';
import type { PositionEvent } from '../../../schema/events/position.ts';
import { integerDetail } from '../leveraged-trade.ts';

/** An Ostium trade. USDC 1e6, prices 1e18, leverage 1e2; accumulators 1e18, null = log not seen. */
export interface OstiumTrade {
  readonly positionKey: string;
  readonly market: string;
  readonly isLong: boolean;
  readonly collateral: bigint;
  readonly leverage: bigint;
  /** TradeInfo.initialLeverage: it bounds the gain. */
  readonly initialLeverage: bigint;
  readonly openPrice: bigint;
  readonly initialAccRollover: bigint | null;
  readonly initialAccFunding: bigint | null;
}

/** One pair: accumulators as last stored, and the block of each; null until then. */
export interface OstiumPair {
  readonly market: string;
  readonly accRollover: bigint | null;
  readonly rolloverBlock: number;
  readonly accFundingLong: bigint | null;
  readonly accFundingShort: bigint | null;
  readonly fundingBlock: number;
}

const NOTHING = {
  collateral: 0n,
  leverage: 0n,
  initialLeverage: 0n,
  openPrice: 0n,
  initialAccRollover: null,
  initialAccFunding: null,
};

export function initialTrade({ positionKey, market, isLong }: PositionEvent): OstiumTrade {
  return { positionKey, market, isLong, ...NOTHING };
}

/**
 * Changes of margin and partial closes leave the accumulators as they were: both fees are charged on
 * the part that is closed, when it is closed (OstiumTradingCallbacks.closeTradeMarketCallback).
 */
export function evolveTrade(state: OstiumTrade, event: PositionEvent): OstiumTrade {
  if (event.sizeUsd === 0n) return { ...state, ...NOTHING };
  const leverage = integerDetail(event, 'leverage') ?? state.leverage;
  const next = { ...state, collateral: event.collateralRaw, leverage };
  if (event.type !== 'PositionOpened') return next;
  return {
    ...next,
    initialLeverage: leverage,
    openPrice: integerDetail(event, 'openPrice') ?? 0n,
    initialAccRollover: integerDetail(event, 'initialAccRollover'),
    initialAccFunding: integerDetail(event, 'initialAccFunding'),
  };
}

export function initialPair(market: string): OstiumPair {
  return {
    market,
    accRollover: null,
    rolloverBlock: 0,
    accFundingLong: null,
    accFundingShort: null,
    fundingBlock: 0,
  };
}

export function evolvePair(pair: OstiumPair, event: MarketEvent): OstiumPair {
  const { value, blockNumber } = event;
  if (value === null) return pair;
  if (event.type === 'BorrowingFactorAccrued') {
    return { ...pair, accRollover: value, rolloverBlock: blockNumber };
  }
  if (event.type !== 'FundingPerSizeAccrued') return pair;
  const side = event.isLong ? { accFundingLong: value } : { accFundingShort: value };
  return { ...pair, ...side, fundingBlock: blockNumber };
}
