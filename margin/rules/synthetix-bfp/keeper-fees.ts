import { CorruptDataError } from '../../../schema/errors.ts';
import { larger, smaller } from '../../fixed-point.ts';
import { type Parameters, parameterKey } from '../../inputs.ts';
import { multiplyDecimal, UNIT } from '../synthetix-v2/decimal.ts';
import { VENUE } from './market-state.ts';

/** A setting of the venue ('') or of a market. @throws CorruptDataError naming the one that is not known. */
export function setting(parameters: Parameters, market: string, name: string): bigint {
  const value = parameters.get(parameterKey(market, name));
  if (value === undefined) throw unknown(`the setting ${name}`, market || 'the venue');
  return value;
}

export function unknown(what: string, where: string): CorruptDataError {
  return new CorruptDataError('Something that the margin needs is not known.', {
    facts: { venue: VENUE, unknown: what, of: where },
    remedy: 'Name it in the manifest: no log of this venue holds it.',
  });
}

export interface KeeperFees {
  /** getLiquidationFlagReward of a value (notional or collateral, whichever is more), USD 1e18. */
  flagReward(value: bigint): bigint;
  /** getLiquidationKeeperFee of a size in index units, USD 1e18. */
  liquidationFee(size: bigint): bigint;
}

/**
 * What flagging and liquidating pay, as Position.sol computes it. Both are bound to the same range;
 * where its ends are one, nothing else needs to be known. `blockBaseFee` (wei) is the block's own in the
 * contract; here it is the manifest's.
 */
export function keeperFees(
  parameters: Parameters,
  market: string,
  ethPrice: () => bigint,
): KeeperFees {
  const global = (name: string) => setting(parameters, '', name);
  const min = global('minKeeperFeeUsd');
  const max = global('maxKeeperFeeUsd');
  if (min === max) return { flagReward: () => max, liquidationFee: () => max };
  const bound = (fee: bigint) => smaller(larger(min, fee), max);
  const gasFee = (gasUnits: string) => {
    const gas = global('blockBaseFee') * global(gasUnits);
    const cost = multiplyDecimal(ethPrice(), gas);
    const withMargin = multiplyDecimal(cost, UNIT + global('keeperProfitMarginPercent'));
    return larger(withMargin, cost + global('keeperProfitMarginUsd'));
  };
  return {
    flagReward: (value) => {
      const percent = setting(parameters, market, 'liquidationRewardPercent');
      return bound(gasFee('keeperFlagGasUnits') + multiplyDecimal(value, percent));
    },
    liquidationFee: (size) => {
      if (size === 0n) return 0n;
      const parts = iterations(size, maxCapacity(parameters, market));
      return bound(gasFee('keeperLiquidationGasUnits') * parts);
    },
  };
}

/** PerpMarket.getMaxLiquidatableCapacity, index units. */
function maxCapacity(parameters: Parameters, market: string): bigint {
  const of = (name: string) => setting(parameters, market, name);
  const fees = of('makerFee') + of('takerFee');
  return multiplyDecimal(multiplyDecimal(fees, of('skewScale')), of('liquidationLimitScalar'));
}

/** Position.getLiquidationIterations: ⌈size ÷ capacity⌉. */
function iterations(size: bigint, capacity: bigint): bigint {
  return capacity === 0n ? 0n : (size + capacity - 1n) / capacity;
}
