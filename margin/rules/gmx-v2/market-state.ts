import { CorruptDataError } from '../../../schema/errors.ts';

export type Side = 'long' | 'short';

/** Values per collateral token (lower-case address). A token no event has named reads as 0. */
export type ByToken = Readonly<Record<string, bigint>>;
export interface BySideAndToken {
  readonly long: ByToken;
  readonly short: ByToken;
}

/**
 * One GMX V2 market as its events tell it. Amounts in token base units, USD and factors 1e30,
 * times unix seconds. What no event has named is 0, as an unset key of the contract's store is.
 */
export interface GmxV2Market {
  readonly market: string;
  /** null until the listing is seen. */
  readonly indexToken: string | null;
  readonly longToken: string | null;
  readonly shortToken: string | null;
  readonly poolAmount: ByToken;
  readonly swapImpactPool: ByToken;
  readonly impactPool: bigint;
  readonly lentImpactPool: bigint;
  readonly totalPendingImpact: bigint;
  readonly openInterestUsd: BySideAndToken;
  readonly openInterestBase: BySideAndToken;
  readonly collateralSum: BySideAndToken;
  /** Cumulative factor as stored, and when it was brought up to date (0 = never). */
  readonly borrowingFactor: { readonly long: bigint; readonly short: bigint };
  readonly borrowingUpdatedAt: { readonly long: number; readonly short: number };
  /**
   * Saved funding factor per second, + = longs pay. No event carries it: the fold computes it and
   * checks it against the rate that is in the event. null = unknown.
   */
  readonly savedFundingFactor: bigint | null;
  readonly fundingUpdatedAt: number;
  /** Side whose funding fee accumulator moved last; null = none yet. */
  readonly lastFundingPayer: Side | null;
  readonly fundingPerSize: BySideAndToken;
  readonly claimablePerSize: BySideAndToken;
  /** Virtual inventory for positions in the index token; null while no event shows that there is one. */
  readonly virtualInventory: bigint | null;
}

export interface MarketTokens {
  readonly index: string;
  readonly long: string;
  readonly short: string;
  /** 2 where long and short token are the same, else 1 (MarketUtils.getPoolDivisor). */
  readonly divisor: bigint;
}

const NOTHING: BySideAndToken = { long: {}, short: {} };

/** A market before its first event. */
export function initialMarket(market: string): GmxV2Market {
  return {
    market: market.toLowerCase(),
    indexToken: null,
    longToken: null,
    shortToken: null,
    poolAmount: {},
    swapImpactPool: {},
    impactPool: 0n,
    lentImpactPool: 0n,
    totalPendingImpact: 0n,
    openInterestUsd: NOTHING,
    openInterestBase: NOTHING,
    collateralSum: NOTHING,
    borrowingFactor: { long: 0n, short: 0n },
    borrowingUpdatedAt: { long: 0, short: 0 },
    savedFundingFactor: null,
    fundingUpdatedAt: 0,
    lastFundingPayer: null,
    fundingPerSize: NOTHING,
    claimablePerSize: NOTHING,
    virtualInventory: null,
  };
}

export function sideOf(isLong: boolean): Side {
  return isLong ? 'long' : 'short';
}

/** @throws CorruptDataError when the market's listing has not been seen. */
export function tokensOfMarket(market: GmxV2Market): MarketTokens {
  const { indexToken: index, longToken: long, shortToken: short } = market;
  if (index === null || long === null || short === null) {
    throw new CorruptDataError('The tokens of a market are not known.', {
      facts: { market: market.market },
      remedy: 'Index from the block that created the market, or list it in the manifest.',
    });
  }
  return { index, long, short, divisor: long === short ? 2n : 1n };
}

/** Open interest of a side by one collateral token, halved in single-token markets. USD or base. */
export function openInterestBy(
  values: BySideAndToken,
  side: Side,
  token: string,
  tokens: MarketTokens,
): bigint {
  return (values[side][token] ?? 0n) / tokens.divisor;
}

/** Open interest of a side over both collateral tokens (MarketUtils.getOpenInterest…). */
export function openInterest(values: BySideAndToken, side: Side, tokens: MarketTokens): bigint {
  return (
    openInterestBy(values, side, tokens.long, tokens) +
    openInterestBy(values, side, tokens.short, tokens)
  );
}

/** Pool tokens that back a side, halved in single-token markets (MarketUtils.getPoolAmount). */
export function poolAmountBacking(market: GmxV2Market, side: Side, tokens: MarketTokens): bigint {
  const token = side === 'long' ? tokens.long : tokens.short;
  return (market.poolAmount[token] ?? 0n) / tokens.divisor;
}
