import { ONE_E30 } from '../../schema/units.ts';
import type { Side } from './answers.ts';

/** Digits after the point of a leverage. */
export const LEVERAGE_DECIMALS = 6;
const LEVERAGE_UNIT = 10n ** BigInt(LEVERAGE_DECIMALS);

/** Only positions that pass every given test count; bounds are inclusive. */
export interface MassFilter {
  readonly side?: Side | null | undefined;
  readonly account?: string | null | undefined;
  readonly collateralToken?: string | null | undefined;
  /** Entry notional, USD 1e30. */
  readonly minSizeUsd?: bigint | null | undefined;
  readonly maxSizeUsd?: bigint | null | undefined;
  /** Notional ÷ collateral, in millionths: when judged, or when the level was made. */
  readonly minLeverage?: bigint | null | undefined;
  readonly maxLeverage?: bigint | null | undefined;
  /** When the position was opened, unix seconds. */
  readonly openedFrom?: number | null | undefined;
  readonly openedTo?: number | null | undefined;
}

/** The same with ages, counted at the block that an answer is as of. */
export interface AgedFilter extends Omit<MassFilter, 'openedFrom' | 'openedTo'> {
  readonly minAgeSeconds?: number | null | undefined;
  readonly maxAgeSeconds?: number | null | undefined;
}

export function datedFilter(filter: AgedFilter, asOfTime: number): MassFilter {
  const { minAgeSeconds, maxAgeSeconds, ...rest } = filter;
  const at = (age: number | null | undefined) =>
    age === null || age === undefined ? null : Math.max(0, asOfTime - age);
  return { ...rest, openedFrom: at(maxAgeSeconds), openedTo: at(minAgeSeconds) };
}

/** Stands for no bound: a million times what a market is worth. */
const NO_BOUND_USD = 10n ** 18n * ONE_E30;
const LAST_SECOND = 2 ** 53 - 1;

/** What the SQL of maps and heatmaps filters by; −1 for no bound of leverage. */
export function filterParameters(filter: MassFilter) {
  return {
    side: filter.side ?? '',
    account: filter.account?.toLowerCase() ?? '',
    collateralToken: filter.collateralToken?.toLowerCase() ?? '',
    minSizeUsd: (filter.minSizeUsd ?? -NO_BOUND_USD).toString(),
    maxSizeUsd: (filter.maxSizeUsd ?? NO_BOUND_USD).toString(),
    isSized: isGiven(filter.minSizeUsd) || isGiven(filter.maxSizeUsd),
    minLeverage: (filter.minLeverage ?? -1n).toString(),
    maxLeverage: (filter.maxLeverage ?? -1n).toString(),
    openedFrom: filter.openedFrom ?? 0,
    openedTo: filter.openedTo ?? LAST_SECOND,
    isDated: isGiven(filter.openedFrom) || isGiven(filter.openedTo),
  };
}

function isGiven(value: unknown): boolean {
  return value !== null && value !== undefined;
}

/** What a position is, whatever the prices are. */
export interface FilteredPosition {
  readonly account: string;
  readonly collateral_token: string;
  readonly is_long: boolean;
  readonly size_usd: bigint;
  readonly opened_at: number;
}

/** Whether a position passes all tests but leverage. */
export function passesFilter(position: FilteredPosition, filter: MassFilter): boolean {
  const { side, account, collateralToken } = filter;
  return (
    (!side || (side === 'LONG') === position.is_long) &&
    (!account || position.account === account.toLowerCase()) &&
    (!collateralToken || position.collateral_token === collateralToken.toLowerCase()) &&
    isBetween(position.size_usd, filter.minSizeUsd, filter.maxSizeUsd) &&
    isBetween(position.opened_at, filter.openedFrom, filter.openedTo)
  );
}

function isBetween<Value extends bigint | number>(
  value: Value,
  least: Value | null | undefined,
  most: Value | null | undefined,
): boolean {
  return (
    (least === null || least === undefined || value >= least) &&
    (most === null || most === undefined || value <= most)
  );
}

/** By multiplication, so exact; without collateral the leverage is above any bound. */
export function passesLeverage(
  notionalUsd: bigint,
  collateralUsd: bigint,
  { minLeverage, maxLeverage }: MassFilter,
): boolean {
  const scaled = notionalUsd * LEVERAGE_UNIT;
  return (
    (minLeverage === null || minLeverage === undefined || scaled >= collateralUsd * minLeverage) &&
    (maxLeverage === null || maxLeverage === undefined || scaled <= collateralUsd * maxLeverage)
  );
}
