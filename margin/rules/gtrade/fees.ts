import { larger } from '../../fixed-point.ts';
import { type Parameters, parameterKey } from '../../inputs.ts';
import type { GtradePosition } from './position-state.ts';
import { parameter } from './venue-inputs.ts';

const PERCENT_ONE = 10n ** 12n;

/**
 * The closing fee that the liquidation test counts, in collateral base units: without a fee tier, of
 * the position size or of the pair's least one. TradingCommonUtils.getTotalTradeFeesCollateral,
 * CollateralUtils.getCollateralFromUsdNormalizedValue: every division rounds down.
 */
export function closingFee(request: {
  readonly position: GtradePosition;
  readonly parameters: Parameters;
  /** Position size, collateral base units. */
  readonly size: bigint;
  /** 1e8. */
  readonly collateralPriceUsd: bigint;
  readonly precisionDelta: bigint;
}): bigint {
  const { position, parameters, size, collateralPriceUsd, precisionDelta } = request;
  const group = `feeGroup.${parameter(parameters, position.market, 'feeIndex')}`;
  const feeP = parameter(parameters, '', `${group}.totalPositionSizeFeeP`);
  const leastUsd = parameter(parameters, '', `${group}.minPositionSizeUsd`); // 1e3
  const least = (leastUsd * 10n ** 15n * 10n ** 8n) / collateralPriceUsd / precisionDelta;
  return (larger(counted(position, parameters, size), least) * feeP) / PERCENT_ONE;
}

/** A counter trade pays on a share of its size (1e3 = 1). */
function counted({ isCounterTrade, market }: GtradePosition, parameters: Parameters, size: bigint) {
  if (!isCounterTrade) return size;
  return (size * parameter(parameters, market, 'counterTradeFeeRateMultiplier')) / 1_000n;
}

/**
 * A trader's own spread, 1e10 percent (the event says 1e3). Every one is an event since the feature's
 * first release (2025-03): where none was logged the contract holds 0.
 */
export function fixedSpreadOf({ account, market }: GtradePosition, parameters: Parameters): bigint {
  return (parameters.get(parameterKey(market, `fixedSpreadP.${account}`)) ?? 0n) * 10n ** 7n;
}
