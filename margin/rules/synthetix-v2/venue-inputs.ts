import { CorruptDataError } from '../../../schema/errors.ts';
import {
  type Feed,
  feedKey,
  type Parameters,
  type PriceRange,
  type Prices,
  parameterKey,
} from '../../inputs.ts';
import type { RecordedFunding, SynthetixV2Market } from './market-state.ts';

/** @throws CorruptDataError naming the parameter when no value is known. */
export function parameter(parameters: Parameters, market: string, name: string): bigint {
  const value = parameters.get(parameterKey(market, name));
  if (value !== undefined) return value;
  throw new CorruptDataError('A risk parameter is not known.', {
    facts: { parameter: name, market: market || 'global' },
    remedy:
      'Index from the first block of the settings contracts; before the upgrade of April 2023 this venue had other rules, which are not judged.',
  });
}

/** A positive divisor. @throws CorruptDataError naming the parameter when it is unknown or 0. */
export function divisorParameter(parameters: Parameters, market: string, name: string): bigint {
  const value = parameter(parameters, market, name);
  if (value > 0n) return value;
  throw new CorruptDataError('A risk parameter that divides is 0.', {
    facts: { parameter: name, market },
    remedy: 'Ask for a block after the market was configured.',
  });
}

/** The on-chain price of a market's asset. */
export interface IndexPrice {
  /** The feed's own integers. */
  readonly range: PriceRange;
  /** One unit of the feed as an 18-digit price: the contract multiplies an answer by it. */
  readonly unit: bigint;
}

export function feedOf({ indexVenue, indexToken }: SynthetixV2Market): Feed | null {
  return indexVenue === null || indexToken === null
    ? null
    : { venue: indexVenue, token: indexToken };
}

/**
 * ExchangeRates brings the aggregator's answer to 18 decimals (contracts/ExchangeRates.sol,
 * _formatAggregatorAnswer).
 * @throws CorruptDataError when the feed, its decimals or its price is not known.
 */
export function indexPriceOf(market: SynthetixV2Market, prices: Prices): IndexPrice {
  const feed = feedOf(market);
  const decimals = market.indexPriceDecimals;
  if (feed === null || decimals === null || decimals > 18) {
    throw new CorruptDataError('The price feed of a market is not known.', {
      facts: { market: market.market },
      remedy: 'Name its aggregator and decimals in the manifest.',
    });
  }
  const range = prices.get(feedKey(feed.venue, feed.token));
  if (range === undefined || range.min <= 0n) {
    throw new CorruptDataError('A price is not known.', {
      facts: { market: market.market, feed: feedKey(feed.venue, feed.token) },
      remedy: 'Ask for a block after the first oracle update of this feed.',
    });
  }
  return { range, unit: 10n ** BigInt(18 - decimals) };
}

/** @throws CorruptDataError when no event of the market has told its skew. */
export function skewOf({ market, skew }: SynthetixV2Market): bigint {
  if (skew !== null) return skew;
  throw new CorruptDataError('The skew of a market is not known.', {
    facts: { market },
    remedy: 'Events before the upgrade of April 2023 do not tell it: ask for a later block.',
  });
}

/** @throws CorruptDataError when no event of the market has told its funding. */
export function recordedFunding({ market, funding }: SynthetixV2Market): RecordedFunding {
  if (funding !== null) return funding;
  throw new CorruptDataError('The funding of a market is not known.', {
    facts: { market },
    remedy: 'Index from the first block of the market.',
  });
}
