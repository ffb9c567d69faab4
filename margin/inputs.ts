/** Min and max price of a token, USD 1e30 per base unit. */
export interface PriceRange {
  readonly min: bigint;
  readonly max: bigint;
}

/** Lower-case token address → price in force. */
export type Prices = ReadonlyMap<string, PriceRange>;

/** `parameterKey(market, name)` → value in force. Absent means unknown, never zero. */
export type Parameters = ReadonlyMap<string, bigint>;

/** @example parameterKey('0x28b7…', 'minCollateralFactor') // '0x28b7…:minCollateralFactor' */
export function parameterKey(market: string, name: string): string {
  return `${market}:${name}`;
}
