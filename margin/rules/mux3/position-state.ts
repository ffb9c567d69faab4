import { CorruptDataError } from '../../../schema/errors.ts';
import type { PositionEvent } from '../../../schema/events/position.ts';
import type { Mux3Market } from './market-state.ts';

/** The part of a position that one pool backs. Index units and prices 1e18. */
export interface PoolShare {
  readonly size: bigint;
  readonly entryPrice: bigint;
  /**
   * The pool's cumulative borrowing (1e18) when the position last paid: no event carries it, it is the
   * market's at that moment. null: no event had named it then.
   */
  readonly entryBorrowing: bigint | null;
}

/** One market's position in one position account, with the account's collateral. */
export interface Mux3Position {
  readonly positionKey: string;
  readonly positionId: string;
  readonly account: string;
  readonly market: string;
  readonly isLong: boolean;
  readonly shares: Readonly<Record<string, PoolShare>>;
  /** The account's tokens, 1e18 each; null where a log changed them and does not say how. */
  readonly collaterals: Readonly<Record<string, bigint>> | null;
  /** The token that the position's columns speak of; '' while the account has none. */
  readonly mainToken: string;
  /** Open markets of the account beside this one: not empty = the margin is not this position's alone. */
  readonly sharedWith: readonly string[];
}

/** The empty state before `event`, the first one seen of a life. */
export function initialPosition(event: PositionEvent): Mux3Position {
  return {
    positionKey: event.positionKey,
    positionId: event.positionKey.slice(0, 66),
    account: event.account,
    market: event.market,
    isLong: event.isLong,
    shares: {},
    collaterals: null,
    mainToken: event.collateralToken,
    sharedWith: [],
  };
}

/** @throws CorruptDataError when the event's lists do not fit one another. */
export function evolvePosition(
  state: Mux3Position,
  event: PositionEvent,
  market?: Mux3Market,
): Mux3Position {
  const settled = event.details['settlesBorrowing'] === true;
  const shares = sharesAfter(state.shares, event);
  return {
    ...state,
    shares: settled ? settledShares(shares, market) : shares,
    collaterals: collateralsAfter(state, event),
    mainToken: event.collateralToken,
    sharedWith: textList(event, 'sharedWith') ?? [],
  };
}

type Shares = Mux3Position['shares'];

/** Events of the account's other markets leave sizes and entry prices as they are: they name no pools. */
function sharesAfter(before: Shares, event: PositionEvent): Shares {
  const pools = textList(event, 'backedPools');
  if (pools === null) return before;
  const sizes = integerList(event, 'newSizes', pools.length);
  const prices = integerList(event, 'newEntryPrices', pools.length);
  const shares: Record<string, PoolShare> = {};
  pools.forEach((pool, index) => {
    const size = sizes[index] ?? 0n;
    if (size === 0n) return;
    const entryBorrowing = before[pool]?.entryBorrowing ?? null;
    shares[pool] = { size, entryPrice: prices[index] ?? 0n, entryBorrowing };
  });
  return shares;
}

/** PositionAccount._updateAccountBorrowingFee and _openAccountPosition: entry = the pool's cumulative. */
function settledShares(shares: Shares, market: Mux3Market | undefined): Shares {
  const entries = Object.entries(shares).map(([pool, share]) => {
    return [pool, { ...share, entryBorrowing: market?.borrowing[pool] ?? null }] as const;
  });
  return Object.fromEntries(entries);
}

function collateralsAfter(state: Mux3Position, event: PositionEvent): Mux3Position['collaterals'] {
  const tokens = textList(event, 'newCollateralTokens');
  if (tokens !== null) {
    const amounts = integerList(event, 'newCollateralAmounts', tokens.length);
    return Object.fromEntries(tokens.map((token, index) => [token, amounts[index] ?? 0n]));
  }
  return afterBorrowingFee(state.collaterals, event);
}

/**
 * A borrowing fee alone: the log does not say which token paid it. With one token there is no question;
 * with more the contract's order is not in the log, and the amounts are unknown until the next state.
 */
function afterBorrowingFee(
  collaterals: Mux3Position['collaterals'],
  { details }: PositionEvent,
): Mux3Position['collaterals'] {
  const { borrowingFeeUsd, feePaidInTokens } = details;
  if (borrowingFeeUsd === '0' || collaterals === null) return collaterals;
  const [only, ...more] = Object.entries(collaterals);
  const isKnown = typeof feePaidInTokens === 'string' && /^\d+$/.test(feePaidInTokens);
  if (only === undefined || more.length > 0 || !isKnown) return null;
  const [token, amount] = only;
  return { [token]: amount - BigInt(feePaidInTokens) };
}

function textList(event: PositionEvent, name: string): readonly string[] | null {
  const list = event.details[name];
  return Array.isArray(list) ? list.map(String) : null;
}

function integerList(event: PositionEvent, name: string, length: number): readonly bigint[] {
  const list = textList(event, name);
  if (list?.length === length && list.every((text) => /^\d+$/.test(text))) return list.map(BigInt);
  throw new CorruptDataError('An event lacks a list that the margin rules need.', {
    facts: { event: event.type, missing: name, block: event.blockNumber, logIndex: event.logIndex },
    remedy: 'Check that the adapter knows this release of the contracts, then rebuild.',
  });
}
