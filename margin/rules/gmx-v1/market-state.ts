import { CorruptDataError } from '../../../schema/errors.ts';
import type { MarketEvent } from '../../../schema/events/market.ts';
import type { FoldContext } from '../../venue-rules.ts';
import { type CollateralPool, UNUSED_POOL } from './collateral-pool.ts';
import { nextFundingRate } from './funding.ts';

/** One GMX V1 market: an index token, with the collateral tokens its positions may have. */
export interface GmxV1Market {
  /** The index token. */
  readonly market: string;
  /** Tokens of the listing; null until it is seen. */
  readonly collateralTokens: readonly string[] | null;
  readonly pools: Readonly<Record<string, CollateralPool>>;
}

export function initialMarket(market: string): GmxV1Market {
  return { market: market.toLowerCase(), collateralTokens: null, pools: {} };
}

/** The pool of a collateral token; one that no event has named is as the Vault starts. */
export function poolOf(market: GmxV1Market, collateralToken: string): CollateralPool {
  return market.pools[collateralToken] ?? UNUSED_POOL;
}

/**
 * Pools belong to a token, not to a market: each market follows those its listing names. The state
 * itself comes back where the event is of another token.
 * @throws CorruptDataError when the event lacks its amount.
 */
export function evolveMarket(
  state: GmxV1Market,
  event: MarketEvent,
  { parameters }: FoldContext,
): GmxV1Market {
  if (event.type === 'MarketListed') return listed(state, event);
  const { token } = event;
  if (state.collateralTokens !== null && !state.collateralTokens.includes(token)) return state;
  const pool = poolOf(state, token);
  const after = poolAfter(pool, event, (seconds) =>
    nextFundingRate(pool, token, parameters, seconds),
  );
  return after === pool ? state : { ...state, pools: { ...state.pools, [token]: after } };
}

function listed(state: GmxV1Market, event: MarketEvent): GmxV1Market {
  const tokens = event.details['collateralTokens'];
  if (!Array.isArray(tokens)) throw missing(event, 'collateralTokens');
  return { ...state, collateralTokens: tokens.map(String) };
}

function poolAfter(
  pool: CollateralPool,
  event: MarketEvent,
  projectedRate: (seconds: number) => bigint | null,
): CollateralPool {
  const delta = event.delta ?? 0n;
  switch (event.type) {
    case 'PoolAmountChanged':
      return { ...firstUse(pool, event), poolAmount: pool.poolAmount + delta };
    case 'ReservedAmountChanged':
      return { ...firstUse(pool, event), reservedAmount: pool.reservedAmount + delta };
    case 'BorrowingFactorAccrued': {
      if (event.value === null) throw missing(event, 'value');
      const projected = projectedRate(event.blockTimestamp);
      const isAsProjected =
        projected === null || pool.cumulativeFundingRate + projected === event.value;
      return {
        ...pool,
        cumulativeFundingRate: event.value,
        accruedAt: event.blockTimestamp,
        isComplete: pool.isComplete && pool.accruedAt !== null && isAsProjected,
      };
    }
    default: // of other venues
      return pool;
  }
}

/**
 * The first use of a pool starts its clock without a log (Vault.sol updateCumulativeFundingRate); a
 * direct deposit does not.
 */
function firstUse(pool: CollateralPool, event: MarketEvent): CollateralPool {
  const starts = pool.accruedAt === null && event.details['accruesFunding'] === true;
  return starts ? { ...pool, accruedAt: event.blockTimestamp } : pool;
}

function missing(event: MarketEvent, name: string): CorruptDataError {
  return new CorruptDataError('A market event lacks a value that the margin rules need.', {
    facts: { event: event.type, missing: name, block: event.blockNumber, logIndex: event.logIndex },
    remedy: 'Check that the adapter knows this version of the Vault, then rebuild.',
  });
}
