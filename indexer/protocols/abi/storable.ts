import { DecodeError } from './decode-error.ts';

/** The store's integers are signed and 256 bits wide; those of contracts are often unsigned. */
const LIMIT = 1n << 255n;

/** Sizes and prices: never negative, whatever bytes a log holds. */
const NATURAL: ReadonlySet<string> = new Set([
  'sizeUsd',
  'sizeBase',
  'executionPrice',
  'indexPriceMin',
  'indexPriceMax',
  'collateralPriceMin',
  'collateralPriceMax',
]);

/**
 * The event, if each of its integers fits the store and no size or price is below zero: the one check
 * for every venue. @throws DecodeError naming the field that no contract can have meant.
 */
export function storable<Event extends object>(event: Event): Event {
  for (const [field, value] of Object.entries(event)) {
    if (typeof value !== 'bigint') continue;
    if (value >= LIMIT || value < -LIMIT) {
      throw new DecodeError(`${field} does not fit 256 bits with a sign: ${value}`);
    }
    if (value < 0n && NATURAL.has(field)) throw new DecodeError(`${field} is negative: ${value}`);
  }
  return event;
}
