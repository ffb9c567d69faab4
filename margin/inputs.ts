/**
 * Min and max price a feed stands at: integers with the feed's own number of decimals per whole
 * unit (`priceDecimals` of its oracle updates; GMX V2: 30 − the token's decimals).
 */
export interface PriceRange {
  readonly min: bigint;
  readonly max: bigint;
}

/** What is priced, and by whose adapter: a venue's own oracle, or one that several venues read. */
export interface Feed {
  /** Adapter that normalized the prices. @example 'gmx-v2', 'chainlink' */
  readonly venue: string;
  /** Key of what is priced: token or aggregator address, feed id, pair index. Lower case. */
  readonly token: string;
}

/** @example feedKey('chainlink', '0x639f…') // 'chainlink:0x639f…' */
export function feedKey(venue: string, token: string): string {
  return `${venue}:${token}`;
}

/** `feedKey` → price in force. */
export type Prices = ReadonlyMap<string, PriceRange>;

/** `parameterKey(market, name)` → value in force at one venue. Absent means unknown, never zero. */
export type Parameters = ReadonlyMap<string, bigint>;

/** @example parameterKey('0x28b7…', 'minCollateralFactor') // '0x28b7…:minCollateralFactor' */
export function parameterKey(market: string, name: string): string {
  return `${market}:${name}`;
}
