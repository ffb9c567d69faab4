import { CorruptDataError } from '../../../schema/errors.ts';
import { larger, smaller } from '../../fixed-point.ts';
import { feedKey, type Parameters, type Prices, parameterKey } from '../../inputs.ts';
import { type Mux3Market, oracleIdOfToken } from './market-state.ts';
import type { Mux3Position, PoolShare } from './position-state.ts';

export const VENUE = 'mux3';
export const WAD = 10n ** 18n;

/** The account's liquidation test at one index price. USD 1e18, as the contracts count. */
export interface AccountTest {
  readonly collateralUsd: bigint;
  readonly pnlUsd: bigint;
  /** As the pools would pay it: profits are capped. */
  readonly cappedPnlUsd: bigint;
  readonly borrowingUsd: bigint;
  readonly maintenanceUsd: bigint;
  readonly notionalUsd: bigint;
  /** Maintenance margin and pending borrowing: the balance must not be below it. */
  readonly requirementUsd: bigint;
  readonly balanceUsd: bigint;
  readonly isLiquidatable: boolean;
}

export interface AccountInputs {
  readonly position: Mux3Position;
  readonly market: Mux3Market;
  readonly parameters: Parameters;
  readonly prices: Prices;
  readonly oracleId: string;
}

/**
 * PositionAccount._isMaintenanceMarginSafe of an account with this one market: collateral and capped
 * profit against size × price × maintenance rate and the pending borrowing fee; liquidatable below, and
 * never without a requirement. Every division rounds down (the magnitude, for a pnl), as in
 * PositionAccount.sol and CollateralPool.positionPnl.
 */
export function testAccount(inputs: AccountInputs, indexPrice: bigint): AccountTest {
  const { position, market, parameters } = inputs;
  const collateralUsd = collateralValue(inputs, indexPrice);
  const shares = Object.entries(position.shares);
  let size = 0n;
  let pnlUsd = 0n;
  let cappedPnlUsd = 0n;
  let borrowingUsd = 0n;
  for (const [pool, share] of shares) {
    const pnl = pnlOf(position.isLong, share, indexPrice);
    size += share.size;
    pnlUsd += pnl;
    cappedPnlUsd += pnl > 0n ? smaller(pnl, profitCap(inputs, pool, share, indexPrice)) : pnl;
    const accrued = accruedSince(market, pool, share);
    borrowingUsd += (((share.size * indexPrice) / WAD) * accrued) / WAD;
  }
  const notionalUsd = (size * indexPrice) / WAD;
  const rate = parameterOf(parameters, market.market, 'maintenanceMarginRate');
  const maintenanceUsd = (notionalUsd * rate) / WAD;
  const requirementUsd = maintenanceUsd + borrowingUsd;
  const balanceUsd = collateralUsd + cappedPnlUsd;
  return {
    collateralUsd,
    pnlUsd,
    cappedPnlUsd,
    borrowingUsd,
    maintenanceUsd,
    notionalUsd,
    requirementUsd,
    balanceUsd,
    isLiquidatable: requirementUsd > 0n && balanceUsd < requirementUsd,
  };
}

/** CollateralPool.positionPnl: Δprice × size ÷ 1e18, the magnitude rounded down. */
function pnlOf(isLong: boolean, { size, entryPrice }: PoolShare, price: bigint): bigint {
  const move = isLong ? price - entryPrice : entryPrice - price;
  return (move * size) / WAD;
}

/**
 * CollateralPoolComputed._assetValueForAdl: a pool of stable coins caps profits by the value at entry,
 * any other by the value at the market price.
 */
function profitCap(
  { market, parameters }: AccountInputs,
  pool: string,
  { size, entryPrice }: PoolShare,
  price: bigint,
): bigint {
  const key = market.maxPnlRateKey;
  if (key === null) throw unknown('a market listing with the key of its profit cap', market.market);
  const rate = parameterOf(parameters, '', `poolConfig:${pool}:${key}`);
  const token = parameterOf(parameters, '', `poolCollateral:${pool}`);
  const address = `0x${token.toString(16).padStart(40, '0')}`;
  const isStable = parameterOf(parameters, '', `collateralIsStable:${address}`) !== 0n;
  return (((size * (isStable ? entryPrice : price)) / WAD) * rate) / WAD;
}

/** Borrowing per USD since the position last paid, to the pool's last update on chain. */
function accruedSince(market: Mux3Market, pool: string, { entryBorrowing }: PoolShare): bigint {
  const now = market.borrowing[pool];
  if (now === undefined) return 0n; // no update since the position paid
  if (entryBorrowing !== null) return larger(now - entryBorrowing, 0n);
  if (market.isFromCreation) return now;
  throw unknown('the borrowing that a position started at', `${market.market} in pool ${pool}`);
}

/** PositionAccount._collateralValue. @throws CorruptDataError where an amount or price is unknown. */
function collateralValue({ position, prices, oracleId }: AccountInputs, index: bigint): bigint {
  if (position.collaterals === null) {
    throw unknown('the collateral of a position account', position.positionId);
  }
  let value = 0n;
  for (const [token, amount] of Object.entries(position.collaterals)) {
    const feed = oracleIdOfToken(token);
    value += (amount * (feed === oracleId ? index : priceOf(prices, feed))) / WAD;
  }
  return value;
}

/** @throws CorruptDataError naming the oracle id when it has no price. */
export function priceOf(prices: Prices, oracleId: string): bigint {
  const price = prices.get(feedKey(VENUE, oracleId));
  if (price === undefined || price.min <= 0n) throw unknown('a price', oracleId);
  return price.min; // minimum and maximum are one
}

function parameterOf(parameters: Parameters, market: string, name: string): bigint {
  const value = parameters.get(parameterKey(market, name));
  if (value === undefined) throw unknown(`the parameter ${name}`, market || 'the venue');
  return value;
}

export function unknown(what: string, where: string): CorruptDataError {
  return new CorruptDataError('Something that the margin needs is not known.', {
    facts: { venue: VENUE, unknown: what, of: where },
    remedy: 'Index from the deployment of the venue: then every one of these facts has an event.',
  });
}
