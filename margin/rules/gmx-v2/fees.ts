import { CorruptDataError } from '../../../schema/errors.ts';
import { applyFactor, mulDiv } from '../../fixed-point.ts';
import type { Parameters } from '../../inputs.ts';
import { PER_SIZE_SCALE } from './funding.ts';
import type { GmxV2Position } from './position-state.ts';
import { parameter } from './venue-inputs.ts';

/** A market's accumulators brought up to one instant, for one side and collateral. */
export interface Accumulators {
  readonly borrowingFactor: bigint;
  readonly fundingFeePerSize: bigint;
  readonly claimableLongPerSize: bigint;
  readonly claimableShortPerSize: bigint;
}

/** What closing the whole position costs. `…Raw` in collateral base units, rounded as the contract does. */
export interface CloseFees {
  readonly positionFeeFactor: bigint;
  readonly positionFeeRaw: bigint;
  /** Before it is turned into tokens. */
  readonly borrowFeeUsd: bigint;
  readonly borrowFeeRaw: bigint;
  readonly fundingFeeRaw: bigint;
  readonly totalCostRaw: bigint;
}

/**
 * Fees of a full close (PositionPricingUtils.getPositionFees) without liquidation and UI fee, as the
 * liquidation test counts them. Referral and pro-tier discounts depend on accounts' settings that
 * the events do not hold before a trade: none is assumed, so the fee is an upper bound for accounts
 * that have one.
 */
export function closeFees(
  position: GmxV2Position,
  accumulators: Accumulators,
  balanceWasImproved: boolean,
  parameters: Parameters,
  collateralPrice: bigint,
): CloseFees {
  const positionFeeFactor = parameter(
    parameters,
    position.market,
    balanceWasImproved ? 'positionFeeFactorBalanceImproved' : 'positionFeeFactorBalanceNotImproved',
  );
  const borrowed = increase(position, position.borrowingFactor, accumulators.borrowingFactor);
  const funded = increase(
    position,
    position.fundingFeeAmountPerSize,
    accumulators.fundingFeePerSize,
  );
  const positionFeeRaw = applyFactor(position.sizeInUsd, positionFeeFactor) / collateralPrice;
  const borrowFeeUsd = applyFactor(position.sizeInUsd, borrowed);
  const borrowFeeRaw = borrowFeeUsd / collateralPrice;
  const fundingFeeRaw = mulDiv(position.sizeInUsd, funded, PER_SIZE_SCALE, 'up');
  return {
    positionFeeFactor,
    positionFeeRaw,
    borrowFeeUsd,
    borrowFeeRaw,
    fundingFeeRaw,
    totalCostRaw: positionFeeRaw + borrowFeeRaw + fundingFeeRaw,
  };
}

/** Funding owed to the position in both pool tokens, base units; it never counts as collateral. */
export function claimableFunding(
  position: GmxV2Position,
  accumulators: Accumulators,
): { readonly longTokenRaw: bigint; readonly shortTokenRaw: bigint } {
  const amount = (taken: bigint, latest: bigint) =>
    mulDiv(position.sizeInUsd, increase(position, taken, latest), PER_SIZE_SCALE);
  return {
    longTokenRaw: amount(
      position.longTokenClaimableFundingAmountPerSize,
      accumulators.claimableLongPerSize,
    ),
    shortTokenRaw: amount(
      position.shortTokenClaimableFundingAmountPerSize,
      accumulators.claimableShortPerSize,
    ),
  };
}

/** Accumulators only grow: a position ahead of its market means that the two states do not fit. */
function increase(position: GmxV2Position, taken: bigint, latest: bigint): bigint {
  if (latest < taken) {
    throw new CorruptDataError('A position is ahead of its market.', {
      facts: { position: position.positionKey, position_value: taken, market_value: latest },
      remedy: 'Use position and market state of the same block; if they are, run verify.',
    });
  }
  return latest - taken;
}
