/** Fixed-point conventions of GMX-style venues: USD, factors and rates carry 30 decimals. */
export const USD_DECIMALS = 30;
export const ONE_E30 = 10n ** 30n;

/** 10^n as bigint. @throws RangeError when n is negative or above 77 (beyond 256 bits). */
export function powerOfTen(n: number): bigint {
  if (!Number.isInteger(n) || n < 0 || n > 77) throw new RangeError(`no power of ten: ${n}`);
  return 10n ** BigInt(n);
}

/**
 * Exact decimal text of a fixed-point integer, without trailing zeros.
 * @example formatFixed(1_500_000n, 6) // '1.5'
 */
export function formatFixed(value: bigint, decimals: number): string {
  const negative = value < 0n;
  const digits = (negative ? -value : value).toString().padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = decimals === 0 ? '' : digits.slice(-decimals).replace(/0+$/, '');
  return `${negative ? '-' : ''}${whole}${fraction ? `.${fraction}` : ''}`;
}

/**
 * Fixed-point integer of a decimal text. @throws RangeError on anything but digits, sign and one
 * point, or on more fraction digits than `decimals` (nothing is rounded away in silence).
 * @example parseFixed('1.5', 6) // 1_500_000n
 */
export function parseFixed(text: string, decimals: number): bigint {
  const match = /^(-?)(\d{1,78})(?:\.(\d{1,78}))?$/.exec(text);
  if (!match) throw new RangeError(`not a decimal number: ${text.slice(0, 80)}`);
  const [, sign, whole = '0', fraction = ''] = match;
  if (fraction.length > decimals) {
    throw new RangeError(`more than ${decimals} decimals: ${text.slice(0, 80)}`);
  }
  const value = BigInt(whole + fraction.padEnd(decimals, '0'));
  return sign === '-' ? -value : value;
}

/** Nearest double of a fixed-point integer: for ratios and pictures only, never for money. */
export function toNumber(value: bigint, decimals: number): number {
  return Number(formatFixed(value, decimals));
}

/** A price with `priceDecimals` decimals per whole unit → USD 1e30 per whole unit; exact up to 30. */
export function pricePerWhole(price: bigint, priceDecimals: number): bigint {
  return rescale(price, priceDecimals, USD_DECIMALS);
}

/**
 * USD 1e30 of a size in base units at a price, each with its own decimals; exact where the two together
 * have at most 30 (GMX V2: exactly 30), else truncated toward zero.
 */
export function notionalUsd(
  sizeBase: bigint,
  baseDecimals: number,
  price: bigint,
  priceDecimals: number,
): bigint {
  return rescale(sizeBase * price, baseDecimals + priceDecimals, USD_DECIMALS);
}

/** The value with `to` decimals instead of `from`; truncated toward zero where it loses some. */
export function rescale(value: bigint, from: number, to: number): bigint {
  return to >= from ? value * powerOfTen(to - from) : value / powerOfTen(from - to);
}
