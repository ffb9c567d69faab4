import { createHash } from 'node:crypto';

/** A chain of its own: no public chain has this id. */
export const CHAIN_ID = 900_001;
export const CHAIN = 'generated';
export const VENUE = 'gmx-v2';
/** 2025-01-01, as in shape.sql. */
export const FIRST_SECOND = 1_735_689_600;
export const YEAR_SECONDS = 31_536_000;

/** Every table that the generator fills, but for the history of the chain itself. */
export const FILLED_TABLES = [
  'blocks',
  'oracle_updates',
  'oracle_hours',
  'position_events',
  'position_states',
  'liquidations',
  'open_interest',
  'market_states',
  'liquidation_levels',
  'margin_spreads',
  'market_events',
  'parameter_changes',
] as const;

/** Of a store of scale 1. */
const BLOCKS = 10_000_000;
const POSITIONS = 200_000;
/** Of scale 1, as far as chance decides. */
const UPDATES_A_BLOCK = 10;

export interface Size {
  readonly blocks: number;
  readonly positions: number;
  readonly updates: number;
  /** Seconds between two points of a price's path. */
  readonly stepSeconds: number;
}

export function sizeOf(scale: number): Size {
  return {
    blocks: Math.round(BLOCKS * scale),
    positions: Math.round(POSITIONS * scale),
    updates: Math.round(BLOCKS * scale * UPDATES_A_BLOCK),
    stepSeconds: scale >= 0.01 ? 60 : 900,
  };
}

/** 64 bits from a seed and a name, as text for a UInt64. */
export function seedWord(seed: number, name: string): string {
  return createHash('sha256').update(`${seed}/${name}`).digest().readBigUInt64LE().toString();
}

/** An address that is the same for every seed. */
function address(name: string): string {
  return `0x${createHash('sha256').update(`generated ${name}`).digest('hex').slice(0, 40)}`;
}

export interface GeneratedMarket {
  readonly index: number;
  readonly symbol: string;
  readonly market: string;
  readonly token: string;
  readonly decimals: number;
  readonly priceDecimals: number;
  readonly firstPrice: number;
  readonly annualVolatility: number;
  /** Smallest part of a token that sizes have: 1/fine. */
  readonly fine: number;
  /** Share of all positions. */
  readonly weight: number;
  /** Share of a position's size a year, by side. */
  readonly borrowLong: number;
  readonly borrowShort: number;
}

const LISTED: readonly (readonly [symbol: string, price: number, volatility: number])[] = [
  ['BTC', 95_000, 0.5],
  ['ETH', 3_300, 0.65],
  ['SOL', 190, 0.85],
  ['XRP', 2.3, 0.85],
  ['BNB', 700, 0.55],
  ['DOGE', 0.32, 0.95],
  ['AVAX', 36, 0.9],
  ['LINK', 20, 0.85],
  ['ARB', 0.72, 1],
  ['OP', 1.8, 1],
  ['NEAR', 5.2, 0.95],
  ['AAVE', 310, 0.85],
  ['UNI', 13, 0.9],
  ['LTC', 104, 0.7],
  ['ATOM', 6.3, 0.85],
  ['SUI', 4.1, 1.1],
  ['TIA', 4.6, 1.15],
  ['PEPE', 0.00002, 1.3],
  ['WIF', 1.9, 1.3],
  ['GMX', 27, 0.9],
];

const TOTAL_WEIGHT = LISTED.reduce((sum, _, index) => sum + zipf(index), 0);

function zipf(index: number): number {
  return (index + 1) ** -1.1;
}

function fineOf(price: number): number {
  if (price >= 1) return 1e8;
  return price >= 0.01 ? 1e6 : 1e4;
}

/** Largest first. */
export const MARKETS: readonly GeneratedMarket[] = LISTED.map(
  ([symbol, firstPrice, annualVolatility], index) => {
    const decimals = symbol === 'BTC' ? 8 : 18;
    return {
      index,
      symbol,
      market: address(`market ${symbol}`),
      token: address(`token ${symbol}`),
      decimals,
      priceDecimals: 30 - decimals,
      firstPrice,
      annualVolatility,
      fine: fineOf(firstPrice),
      weight: zipf(index) / TOTAL_WEIGHT,
      borrowLong: 0.12 + 0.01 * (index % 5),
      borrowShort: 0.05 + 0.01 * (index % 3),
    };
  },
);

export const DOLLAR = {
  symbol: 'USDC',
  token: address('token USDC'),
  decimals: 6,
  priceDecimals: 24,
  /** Of its path: behind those of the markets. */
  index: LISTED.length,
} as const;

export interface GeneratedFeed {
  readonly index: number;
  readonly venue: string;
  readonly token: string;
  readonly symbol: string;
  readonly provider: string;
  readonly delivery: 'PULL' | 'PUSH';
  readonly priceDecimals: number;
  /** Multiplies a price in USD to the feed's integer; as text, being beyond a double's whole numbers. */
  readonly scale: string;
  /** Which path it follows. */
  readonly path: number;
  /** Share of blocks in which it is posted, before hours weigh in. */
  readonly share: number;
  /** Half of max − min over the price. */
  readonly spread: number;
  /** Of the logarithm of the delay in seconds, which is then cut to whole ones. */
  readonly lagLocation: number;
  readonly lagSpread: number;
}

/** One oracle's way of posting. */
interface Poster {
  readonly venue: string;
  readonly delivery: 'PULL' | 'PUSH';
  readonly tokenBytes: number;
  readonly share: (rank: number) => number;
  readonly lagLocation: number;
  readonly lagSpread: number;
}

const OTHER_ORACLES: readonly (Poster & { readonly feeds: number })[] = [
  {
    venue: 'pyth',
    delivery: 'PULL',
    tokenBytes: 32,
    feeds: 14,
    share: (rank) => 0.6 * (rank + 1) ** -0.6,
    lagLocation: 0.9,
    lagSpread: 0.7,
  },
  {
    venue: 'chainlink',
    delivery: 'PUSH',
    tokenBytes: 20,
    feeds: 16,
    share: (rank) => 0.12 * (rank + 1) ** -0.4,
    lagLocation: 2.1,
    lagSpread: 0.5,
  },
  {
    venue: 'chronicle',
    delivery: 'PUSH',
    tokenBytes: 20,
    feeds: 4,
    share: () => 0.02,
    lagLocation: 3,
    lagSpread: 0.6,
  },
];

function tokenText(venue: string, symbol: string, bytes: number): string {
  const digest = createHash('sha256').update(`generated feed ${venue} ${symbol}`).digest('hex');
  return `0x${digest.slice(0, bytes * 2)}`;
}

function venueFeeds(): Omit<GeneratedFeed, 'index'>[] {
  const common = {
    venue: VENUE,
    provider: address('provider of the venue'),
    delivery: 'PULL',
    lagLocation: 0.5,
    lagSpread: 0.7,
  } as const;
  return [
    ...MARKETS.map((market) => ({
      ...common,
      token: market.token,
      symbol: `${market.symbol} / USD`,
      priceDecimals: market.priceDecimals,
      scale: `1e${market.priceDecimals}`,
      path: market.index,
      share: 0.85 * (market.index + 1) ** -0.55,
      spread: 0.0001,
    })),
    {
      ...common,
      token: DOLLAR.token,
      symbol: `${DOLLAR.symbol} / USD`,
      priceDecimals: DOLLAR.priceDecimals,
      scale: `1e${DOLLAR.priceDecimals}`,
      path: DOLLAR.index,
      share: 0.9,
      spread: 0.00002,
    },
  ];
}

function otherFeeds(): Omit<GeneratedFeed, 'index'>[] {
  return OTHER_ORACLES.flatMap(({ feeds, tokenBytes, share, ...common }) =>
    MARKETS.slice(0, feeds).map((market, rank) => ({
      ...common,
      token: tokenText(common.venue, market.symbol, tokenBytes),
      symbol: `${market.symbol} / USD`,
      provider: address(`provider ${common.venue}`),
      priceDecimals: 18,
      scale: '1e18',
      path: market.index,
      share: share(rank),
      spread: common.delivery === 'PULL' ? 0.0002 : 0,
    })),
  );
}

/** Pull and push feeds of four oracles. */
export const FEEDS: readonly GeneratedFeed[] = [...venueFeeds(), ...otherFeeds()].map(
  (feed, index) => ({ index, ...feed }),
);
