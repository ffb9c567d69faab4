/** A trade as the diamond's events hold it, whatever their version. Units: protocol raw integers. */
export interface Trade {
  readonly user: string;
  /** Counter per user; (user, index) is the position's identity on a chain. */
  readonly index: number;
  readonly pairIndex: number;
  /** 1e3 = 1x. */
  readonly leverage: number;
  readonly long: boolean;
  readonly isOpen: boolean;
  readonly collateralIndex: number;
  /** 0 trade, 1 limit order, 2 stop order. */
  readonly tradeType: number;
  /** Base units of the collateral. */
  readonly collateralAmount: bigint;
  /** 1e10, as are `tp` and `sl`; 0 = not set. */
  readonly openPrice: bigint;
  readonly tp: bigint;
  readonly sl: bigint;
  /** v10. */
  readonly isCounterTrade?: boolean;
  /** v10; 1e18 index units, each worth `price` collateral tokens. */
  readonly positionSizeToken?: bigint;
}

/** tradeType of a position; 1 and 2 are resting orders. */
export const TRADE_TYPE_POSITION = 0;

/** PendingOrderType. */
export const ORDER = {
  marketOpen: 0,
  marketClose: 1,
  limitOpen: 2,
  stopOpen: 3,
  liquidation: 6,
  updateLeverage: 7,
  partialOpen: 8,
  partialClose: 9,
} as const;

export const LEVERAGE_ONE = 1_000n;

/** Key of a position, or of an order: 20 bytes of the user, 4 of the index. */
export function keyOf(user: string, index: number): string {
  return `${user.toLowerCase()}${index.toString(16).padStart(8, '0')}`;
}

/** Position size in collateral base units, rounded down as TradingCommonUtils.getPositionSizeCollateral. */
export function sizeRaw(collateralAmount: bigint, leverage: number | bigint): bigint {
  return (collateralAmount * BigInt(leverage)) / LEVERAGE_ONE;
}

/** USD 1e30 of one collateral base unit, from a price with 8 decimals. Exact for up to 22 decimals. */
export function usdPerUnit(collateralPriceUsd: bigint, decimals: number): bigint {
  return collateralPriceUsd * 10n ** BigInt(22 - decimals);
}

/** Index units (1e18) of a size in USD at a price with 10 decimals, rounded down. */
export function sizeBaseOf(sizeUsd: bigint, openPrice: bigint): bigint {
  return openPrice === 0n ? 0n : sizeUsd / (openPrice * 100n);
}
