import { CorruptDataError } from '../../../schema/errors.ts';
import {
  feedKey,
  type Parameters,
  type PriceRange,
  type Prices,
  parameterKey,
} from '../../inputs.ts';

export const VENUE = 'gmx-v1';
export const BASIS_POINTS = 10_000n;
/** Funding rates: 1e6 = 100 %. */
export const FUNDING_RATE_PRECISION = 1_000_000n;

/** `token` '' = of the whole Vault. @throws CorruptDataError naming the parameter when it is unknown. */
export function parameter(parameters: Parameters, token: string, name: string): bigint {
  const value = parameters.get(parameterKey(token, name));
  if (value === undefined) {
    throw new CorruptDataError('A risk parameter is not known.', {
      facts: { parameter: name, token: token || 'the whole Vault' },
      remedy: 'Name it in the manifest (protocols.gmx-v1): the Vault has no event for it.',
    });
  }
  return value;
}

/** A value that the Vault divides by. @throws CorruptDataError naming it when it is not above 0. */
export function divisor(value: bigint, name: string, of: string): bigint {
  if (value > 0n) return value;
  throw new CorruptDataError('A value that the margin rules divide by is not known.', {
    facts: { value: name, of },
    remedy: 'Index from before the position was opened, and check the manifest.',
  });
}

/**
 * The keeper's price, 30 decimals per whole token, before the Vault's spread.
 * @throws CorruptDataError when it is unknown or not positive.
 */
export function feedPrice(prices: Prices, token: string): PriceRange {
  const price = prices.get(feedKey(VENUE, token));
  if (price === undefined || price.min <= 0n || price.max <= 0n) {
    throw new CorruptDataError('A price is not known.', {
      facts: { venue: VENUE, token },
      remedy: 'Ask for a block after the first price of this token.',
    });
  }
  return price;
}

/**
 * The price the Vault uses: the spread taken off the minimum and put on the maximum, each rounded down
 * (VaultPriceFeed.sol getPriceV1/V2, tokens that are not strictly stable). Of the contract's other
 * corrections none is in force where our parameters are known: no AMM, no adjustment, and the feed that
 * is logged is the price.
 */
export function vaultPrice({ min, max }: PriceRange, spreadBasisPoints: bigint): PriceRange {
  return {
    min: (min * (BASIS_POINTS - spreadBasisPoints)) / BASIS_POINTS,
    max: (max * (BASIS_POINTS + spreadBasisPoints)) / BASIS_POINTS,
  };
}
