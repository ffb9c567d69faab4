import type { MarketEvent } from '../../../schema/events/market.ts';
import { feedKey, type Prices } from '../../inputs.ts';
import type { FoldContext } from '../../venue-rules.ts';
import { divideDecimal, multiplyDecimal, UNIT } from '../synthetix-v2/decimal.ts';

export const VENUE = 'synthetix-bfp';
export const SECONDS_PER_DAY = 86_400n;
/** PerpMarket.AVG_SECONDS_PER_YEAR */
export const SECONDS_PER_YEAR = 31_556_952n;

/** A price feed of another adapter, with the decimals of its prices. */
export interface PriceFeed {
  readonly token: string;
  readonly decimals: number;
}

/** One account's margin in a market; all 1e18. */
export interface AccountMargin {
  /** USD collateral less debt: what equity counts. */
  readonly netUsd: bigint;
  readonly debt: bigint;
  /** Other collateral by token. */
  readonly tokens: Readonly<Record<string, bigint>>;
  /** A log contradicted what had been added up: something before it was not seen. */
  readonly isContradicted: boolean;
}

/** One BFP market: accumulators, and the margin of its accounts (they have it without a position too). */
export interface BfpMarket {
  readonly market: string;
  readonly isFromCreation: boolean;
  readonly indexFeed: PriceFeed | null;
  readonly ethFeed: PriceFeed | null;
  readonly usdToken: string | null;
  readonly collateralFeeds: Readonly<Record<string, PriceFeed>>;
  readonly margins: Readonly<Record<string, AccountMargin>>;
  /** Deposits and withdrawals of which nobody knows the account: from then on no margin is known. */
  readonly unattributed: number;
  /** Accounts whose margin was taken and whose position awaits liquidation. */
  readonly flagged: Readonly<Record<string, true>>;
  readonly skew: bigint;
  /** Per day, 1e18, as last stored; and when (0 = never). */
  readonly fundingRate: bigint;
  readonly fundingAt: number;
  /** USD per index unit, 1e18, from the first log on: only differences have a meaning. */
  readonly fundingAccrued: bigint;
  /** Counts the steps of the accumulator that no known price allows to compute: differences over one are unknown. */
  readonly fundingGaps: number;
  /** Per year, 1e18. */
  readonly utilizationRate: bigint;
  readonly utilizationAt: number;
  readonly utilizationAccrued: bigint;
}

export function initialMarket(market: string): BfpMarket {
  return {
    market,
    isFromCreation: false,
    indexFeed: null,
    ethFeed: null,
    usdToken: null,
    collateralFeeds: {},
    margins: {},
    unattributed: 0,
    flagged: {},
    skew: 0n,
    fundingRate: 0n,
    fundingAt: 0,
    fundingAccrued: 0n,
    fundingGaps: 0,
    utilizationRate: 0n,
    utilizationAt: 0,
    utilizationAccrued: 0n,
  };
}

export function evolveMarket(
  state: BfpMarket,
  event: MarketEvent,
  { prices }: FoldContext,
): BfpMarket {
  switch (event.type) {
    case 'MarketListed':
      return listed(state, event);
    case 'FundingRateChanged':
      return fundingRecomputed(state, event, prices);
    case 'BorrowingRateChanged':
      return utilizationRecomputed(state, event);
    case 'SkewChanged':
      return { ...state, skew: event.value ?? state.skew };
    case 'CollateralSumChanged':
      return marginChanged(state, event);
    default:
      return state;
  }
}

function listed(state: BfpMarket, { details }: MarketEvent): BfpMarket {
  const text = (name: string) => (typeof details[name] === 'string' ? String(details[name]) : null);
  const list = (name: string) => {
    const value = details[name];
    return Array.isArray(value) ? value.map(String) : [];
  };
  const decimals = list('collateralFeedDecimals');
  const feeds = list('collateralFeeds');
  return {
    ...state,
    isFromCreation: state.isFromCreation || details['isFromCreation'] === true,
    indexFeed: feedOf(text('indexToken'), text('indexPriceDecimals')) ?? state.indexFeed,
    ethFeed: feedOf(text('ethFeed'), text('ethFeedDecimals')) ?? state.ethFeed,
    usdToken: text('usdToken') ?? state.usdToken,
    collateralFeeds: Object.fromEntries(
      list('collateralTokens').map((token, index) => {
        return [token, { token: feeds[index] ?? '', decimals: Number(decimals[index]) }];
      }),
    ),
  };
}

function feedOf(token: string | null, decimals: string | null): PriceFeed | null {
  return token === null || decimals === null ? null : { token, decimals: Number(decimals) };
}

/** The feed's price with 18 decimals; null: none in force. */
export function priceOf(prices: Prices, feed: PriceFeed | null): bigint | null {
  const price = feed === null ? undefined : prices.get(feedKey('pyth', feed.token));
  if (feed === null || price === undefined || price.min <= 0n) return null;
  const difference = BigInt(18 - feed.decimals);
  return difference >= 0n ? price.min * 10n ** difference : price.min / 10n ** -difference;
}

/**
 * PerpMarket.recomputeFunding. The new rate is in the log, what it adds to the accumulator is not: it
 * needs the oracle's price, for which the feed's price in force is taken.
 */
function fundingRecomputed(state: BfpMarket, event: MarketEvent, prices: Prices): BfpMarket {
  const rate = event.value ?? 0n;
  const after = { ...state, fundingRate: rate, fundingAt: event.blockTimestamp };
  if (state.fundingAt === 0) return after;
  const perPrice = fundingPerPrice(state, rate, event.blockTimestamp);
  if (perPrice === 0n) return after;
  const price = priceOf(prices, state.indexFeed);
  if (price === null) return { ...after, fundingGaps: state.fundingGaps + 1 };
  return { ...after, fundingAccrued: state.fundingAccrued + multiplyDecimal(perPrice, price) };
}

/** getUnrecordedFundingWithRate before the price: − mean rate × days since the last recomputation. */
export function fundingPerPrice(state: BfpMarket, rate: bigint, until: number): bigint {
  const mean = -divideDecimal(state.fundingRate + rate, 2n * UNIT);
  return multiplyDecimal(mean, daysSince(state.fundingAt, until));
}

export function daysSince(since: number, until: number): bigint {
  return (BigInt(until - since) * UNIT) / SECONDS_PER_DAY;
}

/** PerpMarket.getUnrecordedUtilization at the rate stored last. */
export function unrecordedUtilization(state: BfpMarket, until: number): bigint {
  if (state.utilizationAt === 0) return 0n;
  const years = (BigInt(until - state.utilizationAt) * UNIT) / SECONDS_PER_YEAR;
  return multiplyDecimal(state.utilizationRate, years);
}

function utilizationRecomputed(state: BfpMarket, event: MarketEvent): BfpMarket {
  const until = event.blockTimestamp;
  return {
    ...state,
    utilizationAccrued: state.utilizationAccrued + unrecordedUtilization(state, until),
    utilizationRate: event.value ?? 0n,
    utilizationAt: until,
  };
}

const NO_MARGIN: AccountMargin = { netUsd: 0n, debt: 0n, tokens: {}, isContradicted: false };

export function marginOf(state: BfpMarket, accountId: string): AccountMargin {
  return state.margins[accountId] ?? NO_MARGIN;
}

function marginChanged(state: BfpMarket, event: MarketEvent): BfpMarket {
  const { accountId, cause } = event.details;
  if (typeof accountId !== 'string' || accountId === '') {
    return { ...state, unattributed: state.unattributed + 1 };
  }
  const { [accountId]: _margin, ...margins } = state.margins;
  const { [accountId]: _flag, ...flagged } = state.flagged;
  switch (cause) {
    case 'flagged':
      return { ...state, margins, flagged: { ...flagged, [accountId]: true } };
    case 'liquidated':
      return { ...state, flagged };
    case 'taken':
      return { ...state, margins };
    default:
      return {
        ...state,
        margins: { ...margins, [accountId]: added(marginOf(state, accountId), state, event) },
      };
  }
}

function added(margin: AccountMargin, state: BfpMarket, event: MarketEvent): AccountMargin {
  const delta = event.delta ?? 0n;
  const isUsd = event.token === '' || event.token === state.usdToken;
  const { debt: debtText, hadPosition } = event.details;
  const debt = typeof debtText === 'string' ? BigInt(debtText) : margin.debt;
  if (!isUsd) {
    const amount = (margin.tokens[event.token] ?? 0n) + delta;
    const tokens = { ...margin.tokens, [event.token]: amount };
    return { ...margin, tokens, isContradicted: margin.isContradicted || amount < 0n };
  }
  const netUsd = margin.netUsd + delta;
  // USD collateral is never negative; and a settlement that leaves a debt has used all of it up.
  const usd = netUsd + debt;
  const isWrong = usd < 0n || (hadPosition === true && debt > 0n && usd !== 0n);
  return { ...margin, netUsd, debt, isContradicted: margin.isContradicted || isWrong };
}
