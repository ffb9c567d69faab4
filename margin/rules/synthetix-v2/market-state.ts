import { CorruptDataError } from '../../../schema/errors.ts';
import type { MarketEvent } from '../../../schema/events/market.ts';

/** What a market's contract holds, 18-digit fixed point; null: not seen yet. */
export interface SynthetixV2Market {
  readonly market: string;
  /** The feed of the on-chain price: adapter, key and decimals of its answers. */
  readonly indexVenue: string | null;
  readonly indexToken: string | null;
  readonly indexPriceDecimals: number | null;
  /** Long minus short size. */
  readonly skew: bigint | null;
  readonly funding: RecordedFunding | null;
}

/** The last entry of the funding sequence. */
export interface RecordedFunding {
  readonly index: bigint;
  /** Cumulative sUSD per unit of size; falls while longs pay. */
  readonly entry: bigint;
  /** Per day; positive while longs pay. */
  readonly rate: bigint;
  /** Unix seconds. */
  readonly recomputedAt: number;
}

export function initialMarket(market: string): SynthetixV2Market {
  return {
    market,
    indexVenue: null,
    indexToken: null,
    indexPriceDecimals: null,
    skew: null,
    funding: null,
  };
}

/** @throws CorruptDataError when a funding event lacks what its log must have. */
export function evolveMarket(state: SynthetixV2Market, event: MarketEvent): SynthetixV2Market {
  switch (event.type) {
    case 'MarketListed':
      return listed(state, event);
    case 'SkewChanged':
      return { ...state, skew: event.value };
    case 'FundingPerSizeAccrued':
      return {
        ...state,
        funding: {
          index: required(event, 'index'),
          entry: required(event, 'funding'),
          rate: required(event, 'fundingRate'),
          recomputedAt: Number(required(event, 'timestamp')),
        },
      };
    default:
      return state; // FundingRateChanged repeats the entry; the venue has no other
  }
}

/** A listing that does not know the feed leaves what is known of it. */
function listed(state: SynthetixV2Market, { details }: MarketEvent): SynthetixV2Market {
  const { indexVenue, indexToken, indexPriceDecimals } = details;
  if (typeof indexToken !== 'string' || typeof indexPriceDecimals !== 'string') return state;
  return {
    ...state,
    indexVenue: typeof indexVenue === 'string' ? indexVenue : null,
    indexToken,
    indexPriceDecimals: Number(indexPriceDecimals),
  };
}

function required(event: MarketEvent, name: string): bigint {
  const value = event.details[name];
  if (typeof value === 'string') return BigInt(value);
  throw new CorruptDataError('A funding event lacks a value that its log must have.', {
    facts: { market: event.market, value: name, block: event.blockNumber },
    remedy: 'Rebuild the domain events from the stored logs.',
  });
}
