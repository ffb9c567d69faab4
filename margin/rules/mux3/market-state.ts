import type { MarketEvent } from '../../../schema/events/market.ts';
import { parameterKey } from '../../inputs.ts';
import type { FoldContext } from '../../venue-rules.ts';

/** One side of one index at MUX3: a market is long or short, and has the pools that back it. */
export interface Mux3Market {
  readonly market: string;
  /** Oracle id of the index; null until a listing or setting names it. */
  readonly oracleId: string | null;
  /**
   * The market's creation was seen: a pool whose borrowing no event has named stands at 0. Else it is
   * unknown where it stood when the first log was read.
   */
  readonly isFromCreation: boolean;
  /** Key of the cap of profits in each pool's settings; null until listed. */
  readonly maxPnlRateKey: string | null;
  /** Cumulative borrowing fee per USD of position (1e18) by pool, as last updated on chain. */
  readonly borrowing: Readonly<Record<string, bigint>>;
  /** Tokens that accounts may hold as margin, each with a price feed of its own. */
  readonly collateralTokens: readonly string[];
}

export function initialMarket(market: string): Mux3Market {
  return {
    market,
    oracleId: null,
    isFromCreation: false,
    maxPnlRateKey: null,
    borrowing: {},
    collateralTokens: [],
  };
}

/** A token's own oracle id: its address, left-aligned in 32 bytes (Mux3Computed._priceOf). */
export function oracleIdOfToken(token: string): string {
  return `${token}${'0'.repeat(24)}`;
}

export function evolveMarket(
  state: Mux3Market,
  event: MarketEvent,
  { parameters }: FoldContext,
): Mux3Market {
  if (event.type === 'MarketListed') return listed(state, event, knownTokens(parameters.keys()));
  if (event.type === 'BorrowingFactorAccrued' && event.value !== null) {
    return { ...state, borrowing: { ...state.borrowing, [event.token]: event.value } };
  }
  const isNewToken = event.type === 'CollateralSumChanged' && event.market === '';
  return isNewToken ? withTokens(state, [event.token]) : state;
}

function listed(state: Mux3Market, event: MarketEvent, tokens: readonly string[]): Mux3Market {
  const { indexToken, maxPnlRateKey, isFromCreation } = event.details;
  return withTokens(
    {
      ...state,
      oracleId: typeof indexToken === 'string' ? indexToken : state.oracleId,
      maxPnlRateKey: typeof maxPnlRateKey === 'string' ? maxPnlRateKey : state.maxPnlRateKey,
      isFromCreation: state.isFromCreation || isFromCreation === true,
    },
    tokens,
  );
}

const DECIMALS_PREFIX = parameterKey('', 'collateralDecimals:');

/** Tokens whose decimals the venue has stated: those it accepts as margin. */
function knownTokens(keys: Iterable<string>): readonly string[] {
  return [...keys]
    .filter((key) => key.startsWith(DECIMALS_PREFIX))
    .map((key) => key.slice(DECIMALS_PREFIX.length));
}

/** The very state where all of them are in it already. */
function withTokens(state: Mux3Market, tokens: readonly string[]): Mux3Market {
  const all = new Set([...state.collateralTokens, ...tokens]);
  if (all.size === state.collateralTokens.length) return state;
  return { ...state, collateralTokens: [...all].sort() };
}
