import type { MarketEvent } from '../../../schema/events/market.ts';

/** One index token of Level: what its longs and shorts need beside prices and parameters. */
export interface LevelMarket {
  readonly market: string;
  /** Cumulative borrow index (1e10) by collateral token, as last accrued on chain. */
  readonly borrowIndex: Readonly<Record<string, bigint>>;
}

export function initialMarket(market: string): LevelMarket {
  return { market, borrowIndex: {} };
}

/** Indexes are per collateral token and name no market: every market keeps them all. */
export function evolveMarket(state: LevelMarket, event: MarketEvent): LevelMarket {
  if (event.type !== 'BorrowingFactorAccrued' || event.value === null) return state;
  if (state.borrowIndex[event.token] === event.value) return state;
  return { ...state, borrowIndex: { ...state.borrowIndex, [event.token]: event.value } };
}
