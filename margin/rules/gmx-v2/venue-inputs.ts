import { CorruptDataError } from '../../../schema/errors.ts';
import {
  feedKey,
  type Parameters,
  type PriceRange,
  type Prices,
  parameterKey,
} from '../../inputs.ts';
import type { MarketTokens } from './market-state.ts';

export const VENUE = 'gmx-v2';

/** The three prices a market's arithmetic uses, USD 1e30 per base unit. */
export interface MarketPrices {
  readonly index: PriceRange;
  readonly long: PriceRange;
  readonly short: PriceRange;
}

/** @throws CorruptDataError naming the parameter when no value is known. */
export function parameter(parameters: Parameters, market: string, name: string): bigint {
  const value = parameters.get(parameterKey(market, name));
  if (value === undefined) {
    throw new CorruptDataError('A risk parameter is not known.', {
      facts: { parameter: name, market: market || 'global' },
      remedy:
        'Add it to initialParameters of the manifest: values written at deployment have no event.',
    });
  }
  return value;
}

/**
 * A global switch that later releases of the contracts introduced. A store that never set it reads
 * false, and so do manifests written before it existed: absent is off here, by the contract's rule.
 */
export function globalSwitch(parameters: Parameters, name: string): boolean {
  return (parameters.get(parameterKey('', name)) ?? 0n) !== 0n;
}

/** @throws CorruptDataError naming the token when it has no price, or a price of 0. */
export function priceOf(prices: Prices, token: string): PriceRange {
  const price = prices.get(feedKey(VENUE, token));
  if (price === undefined || price.min <= 0n || price.max <= 0n) {
    throw new CorruptDataError('A price is not known.', {
      facts: { token },
      remedy: 'Ask for a block after the first oracle update of this token.',
    });
  }
  return price;
}

/** @throws CorruptDataError when one of the market's tokens has no price. */
export function marketPrices(prices: Prices, tokens: MarketTokens): MarketPrices {
  return {
    index: priceOf(prices, tokens.index),
    long: priceOf(prices, tokens.long),
    short: priceOf(prices, tokens.short),
  };
}

/** Price.midPrice: the mean, rounded down. */
export function midPrice(price: PriceRange): bigint {
  return (price.min + price.max) / 2n;
}

/** Seconds from `since` to `until`; 0 when the accumulator was never touched, as in the contract. */
export function secondsSince(since: number, until: number, what: string): bigint {
  if (since === 0) return 0n;
  if (until < since) {
    throw new CorruptDataError('A moment before the market state was asked for.', {
      facts: { accumulator: what, updatedAt: since, asked: until },
      remedy: 'Use the market state of the block that is asked about.',
    });
  }
  return BigInt(until - since);
}
