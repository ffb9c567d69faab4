import { CorruptDataError } from '../../../schema/errors.ts';
import type { MarketEvent } from '../../../schema/events/market.ts';
import type { FoldContext } from '../../venue-rules.ts';
import { integerDetail, requiredSide, requiredText, requiredValue } from './event-details.ts';
import { hasFunding, nextFundingRate } from './funding.ts';
import { type BySideAndToken, type GmxV2Market, tokensOfMarket } from './market-state.ts';
import { midPrice, parameter, priceOf, secondsSince } from './venue-inputs.ts';

/**
 * The market after one of its events. Values are taken as the contract reports them; only the saved
 * funding factor is computed, because no event carries it.
 * @throws CorruptDataError when the event lacks what its type must have.
 */
export function evolveMarket(
  state: GmxV2Market,
  event: MarketEvent,
  context: FoldContext,
): GmxV2Market {
  switch (event.type) {
    case 'MarketListed':
      return {
        ...state,
        indexToken: requiredText(event, 'indexToken'),
        longToken: requiredText(event, 'longToken'),
        shortToken: requiredText(event, 'shortToken'),
        savedFundingFactor: savedAtListing(state, event),
      };
    case 'PoolAmountChanged':
      return { ...state, poolAmount: { ...state.poolAmount, [event.token]: requiredValue(event) } };
    case 'SwapImpactPoolChanged':
      return {
        ...state,
        swapImpactPool: { ...state.swapImpactPool, [event.token]: requiredValue(event) },
      };
    case 'ImpactPoolChanged':
      return { ...state, impactPool: requiredValue(event) };
    case 'LentImpactPoolChanged':
      return { ...state, lentImpactPool: requiredValue(event) };
    case 'PendingImpactChanged':
      return { ...state, totalPendingImpact: requiredValue(event) };
    case 'OpenInterestUsdChanged':
      return { ...state, openInterestUsd: withValue(state.openInterestUsd, event) };
    case 'OpenInterestBaseChanged':
      return { ...state, openInterestBase: withValue(state.openInterestBase, event) };
    case 'CollateralSumChanged':
      return { ...state, collateralSum: withValue(state.collateralSum, event) };
    case 'BorrowingFactorAccrued':
      return withBorrowing(state, event);
    case 'FundingRateChanged':
      return withFunding(state, event, context);
    case 'FundingPerSizeAccrued':
      return {
        ...state,
        fundingPerSize: withValue(state.fundingPerSize, event),
        lastFundingPayer: requiredSide(event),
      };
    case 'ClaimableFundingPerSizeAccrued':
      return { ...state, claimablePerSize: withValue(state.claimablePerSize, event) };
    case 'VirtualInventoryChanged':
      return withVirtualInventory(state, event);
    case 'ReservedAmountChanged': // not of this venue
    case 'SkewChanged': // not of this venue
    case 'BorrowingRateChanged': // the rate at the update; it is computed anew when asked for
    case 'ClaimableFundingChanged': // owed to accounts, outside the margin
    case 'PoolValueUpdated':
    case 'AdlStateChanged':
      return state;
  }
}

/** A market saves nothing before its creation; a listing of ours (with a source) is no creation. */
function savedAtListing(state: GmxV2Market, event: MarketEvent): bigint | null {
  return event.details['source'] === undefined ? 0n : state.savedFundingFactor;
}

function withValue(values: BySideAndToken, event: MarketEvent): BySideAndToken {
  const side = requiredSide(event);
  return { ...values, [side]: { ...values[side], [event.token]: requiredValue(event) } };
}

function withBorrowing(state: GmxV2Market, event: MarketEvent): GmxV2Market {
  const side = requiredSide(event);
  return {
    ...state,
    borrowingFactor: { ...state.borrowingFactor, [side]: requiredValue(event) },
    borrowingUpdatedAt: { ...state.borrowingUpdatedAt, [side]: event.blockTimestamp },
  };
}

/** Swap inventories (by market) bear the same event type; only the one of positions has a token id. */
function withVirtualInventory(state: GmxV2Market, event: MarketEvent): GmxV2Market {
  if (event.details['virtualTokenId'] === undefined) return state;
  if (state.indexToken !== null && event.token !== '' && event.token !== state.indexToken) {
    return state;
  }
  return { ...state, virtualInventory: event.value ?? integerDetail(event, 'nextValue') };
}

/**
 * The event's rate is the saved one raised to a minimum, without a sign. We compute the saved rate
 * from the state before and keep it when its bounded form is the event's rate; failing that, a rate
 * above the minimum is the saved one, signed by the side that paid; else it is unknown.
 */
function withFunding(state: GmxV2Market, event: MarketEvent, context: FoldContext): GmxV2Market {
  return {
    ...state,
    savedFundingFactor: savedAfter(state, event, context),
    fundingUpdatedAt: event.blockTimestamp,
  };
}

function savedAfter(state: GmxV2Market, event: MarketEvent, context: FoldContext): bigint | null {
  const observed = requiredValue(event);
  try {
    const tokens = tokensOfMarket(state);
    if (!hasFunding(state, tokens)) return 0n;
    const seconds = secondsSince(state.fundingUpdatedAt, event.blockTimestamp, 'funding');
    const price = () => midPrice(priceOf(context.prices, tokens.index));
    const rate = nextFundingRate(state, tokens, context.parameters, price, seconds);
    if (rate.factorPerSecond === observed) return rate.saved;
  } catch (error) {
    if (!(error instanceof CorruptDataError)) throw error; // something is unknown: recover below
  }
  return recoveredSaved(state, observed, context);
}

function recoveredSaved(state: GmxV2Market, observed: bigint, context: FoldContext): bigint | null {
  if (state.lastFundingPayer === null) return null;
  try {
    const read = (name: string) => parameter(context.parameters, state.market, name);
    if (read('fundingIncreaseFactorPerSecond') === 0n) return 0n;
    if (observed <= read('minFundingFactorPerSecond')) return null;
  } catch (error) {
    if (!(error instanceof CorruptDataError)) throw error;
    return null;
  }
  return state.lastFundingPayer === 'long' ? observed : -observed;
}
