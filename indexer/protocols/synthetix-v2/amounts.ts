/**
 * Amounts of the contracts (18-digit fixed point) in the units of our events. Quotients truncate
 * toward zero, as SafeDecimalMath and SignedSafeDecimalMath do.
 */
const UNIT = 10n ** 18n;
const WEI_TO_USD = 10n ** 12n;
const PRODUCT_TO_USD = 10n ** 6n;

/** (x × y) ÷ 1e18: contracts/SignedSafeDecimalMath.sol, multiplyDecimal. */
export function multiplyDecimal(x: bigint, y: bigint): bigint {
  return (x * y) / UNIT;
}

/** sUSD as USD 1e30, exact. */
export function usdOf(amount: bigint): bigint {
  return amount * WEI_TO_USD;
}

/** USD 1e30 back to the contracts' sUSD. */
export function amountOf(usd: bigint): bigint {
  return usd / WEI_TO_USD;
}

/** size × price in USD 1e30. */
export function valueUsd(size: bigint, price: bigint): bigint {
  return (size * price) / PRODUCT_TO_USD;
}

/** A price of 18 decimals with fewer: exact for prices of the oracle, cut for fill prices. */
export function priceWith(decimals: number, price: bigint): bigint {
  return decimals < 18 ? price / 10n ** BigInt(18 - decimals) : price;
}

export function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value;
}
