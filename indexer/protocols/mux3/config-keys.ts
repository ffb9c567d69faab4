import type { Hex } from 'viem';
import { concat, keccak256, stringToHex } from 'viem/utils';

const hash = (name: string) => keccak256(stringToHex(name));

/**
 * Names behind the hashed keys of SetConfig and SetMarketConfig whose values are numbers (1e18 rates,
 * seconds, USD), as contracts/interfaces/IKeys.sol lists them, in our camelCase.
 */
const NUMBERS: readonly (readonly [key: string, name: string])[] = [
  ['MC_BORROWING_BASE_APY', 'borrowingBaseApy'],
  ['MC_BORROWING_INTERVAL', 'borrowingInterval'],
  ['MC_STRICT_STABLE_DEVIATION', 'strictStableDeviation'],
  ['MM_POSITION_FEE_RATE', 'positionFeeRate'],
  ['MM_LIQUIDATION_FEE_RATE', 'liquidationFeeRate'],
  ['MM_INITIAL_MARGIN_RATE', 'initialMarginRate'],
  ['MM_MAINTENANCE_MARGIN_RATE', 'maintenanceMarginRate'],
  ['MM_LOT_SIZE', 'lotSize'],
  ['MM_DISABLE_TRADE', 'disableTrade'],
  ['MM_DISABLE_OPEN', 'disableOpen'],
  ['MM_OPEN_INTEREST_CAP_USD', 'openInterestCapUsd'],
];

const BY_HASH: ReadonlyMap<string, string> = new Map(
  NUMBERS.map(([key, name]) => [hash(key), name]),
);

/** A market's price feed: its value is an oracle id, not a number. */
export const ORACLE_ID_KEY: string = hash('MM_ORACLE_ID');

/** Our name of a numeric setting; null for a key that is none of them. */
export function settingName(key: string): string | null {
  return BY_HASH.get(key) ?? null;
}

/** Key under which a pool keeps the cap of profits in a market (CollateralPoolComputed._adlMaxPnlRate). */
export function maxPnlRateKey(marketId: string): string {
  return keccak256(concat([hash('MCP_ADL_MAX_PNL_RATE'), marketId as Hex]));
}
