import { CorruptDataError } from '../../../schema/errors.ts';
import {
  feedKey,
  type Parameters,
  type PriceRange,
  type Prices,
  parameterKey,
} from '../../inputs.ts';

export const VENUE = 'gtrade';

/** @throws CorruptDataError naming what is not known. */
export function known<Value>(value: Value | null | undefined, name: string, of: string): Value {
  if (value === null || value === undefined) {
    throw new CorruptDataError('A value that the margin needs is not known.', {
      facts: { value: name, of },
      remedy:
        'Values that no event states go into initialParameters of the manifest; others need the blocks since the trade was opened.',
    });
  }
  return value;
}

/** @throws CorruptDataError naming the parameter when no value is known. */
export function parameter(parameters: Parameters, market: string, name: string): bigint {
  return known(parameters.get(parameterKey(market, name)), name, market || 'the venue');
}

/**
 * A value that v10 introduced and every change of which is an event: where none was logged, the
 * contract's storage still holds its 0.
 */
export function parameterSinceV10(parameters: Parameters, market: string, name: string): bigint {
  return parameters.get(parameterKey(market, name)) ?? 0n;
}

/** @throws CorruptDataError naming the feed when it has no price, or a price of 0. */
export function priceOf(prices: Prices, token: string): PriceRange {
  const price = prices.get(feedKey(VENUE, token));
  if (price === undefined || price.min <= 0n || price.max <= 0n) {
    throw new CorruptDataError('A price is not known.', {
      facts: { token },
      remedy: 'Ask for a block after the first price of this pair or collateral.',
    });
  }
  return price;
}
